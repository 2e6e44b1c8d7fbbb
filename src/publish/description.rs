//! `release.json`: what a release says of itself. Only what equal input makes
//! equal stands in it; run, times and raw files stand in the ledger, inside.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use serde_json::{Value, json};

use crate::pipeline::Study;
use crate::pipeline::study::{Disclosure, Published};
use crate::plan::UpstreamContent;
use crate::plan::ingredients::{OUTPUT_VERSION, digest};

/// What a release is made from, known before any table is computed.
#[derive(Debug, Clone)]
pub struct ReleaseInput<'a> {
    /// The study.
    pub study: &'a Study,
    /// The `staging` slices, which hold what the SQL reads of the raw files.
    pub inputs: Vec<UpstreamContent>,
    /// The `out` slices of the published tables.
    pub cells: Vec<UpstreamContent>,
}

impl ReleaseInput<'_> {
    /// What equal input makes equal, without the tables.
    fn origin(&self) -> Value {
        let study = self.study;
        let parameters: BTreeMap<&String, &String> =
            study.parameters.iter().map(|(name, value)| (name, &value.text)).collect();
        let models = study.models.values().map(|model| &model.query);
        let checks = study.checks.values().map(|check| &check.query);
        let sql: BTreeMap<String, String> =
            models.chain(checks).map(|query| (query.file(), digest(&query.tokens))).collect();
        json!({
            "study": study.name,
            "title": study.title,
            "disclosure": study.disclosure.as_str(),
            "note": note(study.disclosure),
            "engine": {
                "honkvast_output_version": OUTPUT_VERSION,
                "datafusion": datafusion::DATAFUSION_VERSION,
            },
            "parameters": parameters,
            "sql": sql,
            "inputs": contents(&self.inputs),
        })
    }

    /// The release's key: everything that its files follow from.
    pub fn key(&self) -> String {
        let mut declarations = String::new();
        for (name, published) in &self.study.published {
            declarations.push_str(&format!("{name} {}\n", declaration(published)));
        }
        digest(&format!("{}\n{declarations}{}", self.origin(), contents(&self.cells)))
    }

    /// The whole of `release.json`.
    pub fn describe(&self, tables: &[(String, RecordBatch)]) -> Value {
        let mut description = self.origin();
        let tables: serde_json::Map<String, Value> = tables
            .iter()
            .filter_map(|(name, batch)| {
                let published = self.study.published.get(name)?;
                Some((name.clone(), describe_table(name, published, batch)))
            })
            .collect();
        if let Value::Object(description) = &mut description {
            description.insert("tables".to_owned(), Value::Object(tables));
        }
        description
    }
}

fn note(disclosure: Disclosure) -> &'static str {
    match disclosure {
        Disclosure::Public => "Public data: nothing was suppressed.",
        Disclosure::Synthetic => "Synthetic data about nobody: nothing was suppressed.",
        Disclosure::Protected => "Microdata behind disclosure control.",
    }
}

fn contents(slices: &[UpstreamContent]) -> Value {
    let entry = |slice: &UpstreamContent| (slice.slice.to_string(), json!(slice.content));
    let entries: BTreeMap<String, Value> = slices.iter().map(entry).collect();
    json!(entries)
}

fn declaration(published: &Published) -> String {
    json!([
        published.titles,
        published.family,
        published.dimensions,
        published.measures,
        published.attributes,
        published.rates,
        published.totals,
    ])
    .to_string()
}

fn describe_table(name: &str, published: &Published, batch: &RecordBatch) -> Value {
    let rate = |column: &str| published.rates.iter().find(|(rate, _)| rate == column);
    let role = |column: &String| match column {
        column if published.dimensions.contains(column) => "dimension",
        column if published.attributes.contains(column) => "attribute",
        column if published.measures.contains(column) => "measure",
        _ => "rate",
    };
    let columns: Vec<Value> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let mut column = json!({
                "name": field.name(),
                "type": type_name(field.data_type()),
                "role": role(field.name()),
            });
            if let Some((_, (numerator, denominator))) = rate(field.name()) {
                column["numerator"] = json!(numerator);
                column["denominator"] = json!(denominator);
            }
            column
        })
        .collect();
    json!({
        "title": published.titles,
        "family": published.family,
        "files": [format!("{name}.csv"), format!("{name}.parquet")],
        "row_count": batch.num_rows(),
        "totals": published.totals,
        "columns": columns,
    })
}

fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 => "text".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        kind if kind.is_integer() => "integer".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}
