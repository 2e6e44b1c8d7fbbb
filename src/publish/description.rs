//! `release.json`: what a release says of itself. Only what equal input makes
//! equal stands in it; run, times and raw files stand in the ledger, inside.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field};
use serde_json::{Value, json};

use super::records::SourceRecords;
use super::statuses::LEGEND;
use crate::error::Result;
use crate::lake::Upstream;
use crate::pipeline::digest::{OUTPUT_VERSION, digest};
use crate::pipeline::parameters::Parameter;
use crate::pipeline::protection::PROTECTION_VERSION;
use crate::pipeline::published::{Family, Published, RECORDS_TABLE, Rate, records_declaration};
use crate::pipeline::study::{Disclosure, Model};
use crate::pipeline::{Study, TableName};
use crate::report::REPORT_VERSION;

/// What a release is made from, known before any table is computed.
#[derive(Debug, Clone)]
pub struct ReleaseInput<'a> {
    /// The study.
    pub study: &'a Study,
    /// The `staging` slices, which hold what the SQL reads of the raw files.
    pub inputs: Vec<Upstream>,
    /// The `out` slices of the published tables.
    pub cells: Vec<Upstream>,
    /// Records delivered, by source and year.
    pub records: Vec<SourceRecords>,
}

impl ReleaseInput<'_> {
    /// What equal input makes equal, without the tables.
    fn origin(&self) -> Value {
        let study = self.study;
        let parameter = |parameter: &Parameter| json!({ "type": parameter.type_name(), "value": parameter.text });
        let parameters: BTreeMap<&String, Value> =
            study.parameters.iter().map(|(name, value)| (name, parameter(value))).collect();
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
                "honkvast_report_version": REPORT_VERSION,
                "datafusion": datafusion::DATAFUSION_VERSION,
            },
            "parameters": parameters,
            "sql": sql,
            "inputs": contents(&self.inputs),
            "report": study.report,
        })
    }

    /// The release's key: everything that its files follow from.
    pub fn key(&self) -> String {
        let mut declarations = String::new();
        for (name, published) in &self.study.published {
            declarations.push_str(&format!("{name} {}\n", declaration(published)));
        }
        declarations.push_str(&json!(self.records).to_string());
        if self.study.disclosure == Disclosure::Protected {
            declarations.push_str(&self.protection_keys().0);
        }
        digest(&format!("{}\n{declarations}{}", self.origin(), contents(&self.cells)))
    }

    /// What decides which counts are shown: the key of rules and tables, and that of
    /// the rules alone. Words, SQL and what is not published are not in it.
    pub fn protection_keys(&self) -> (String, String) {
        let study = self.study;
        let tables = study.published.iter().map(|(name, published)| {
            json!([name, declaration_without_words(published), published.protection])
        });
        let rules = json!([study.thresholds, tables.collect::<Vec<_>>(), PROTECTION_VERSION]);
        let rules = digest(&rules.to_string());
        let key = digest(&format!("{rules}{}{}", json!(self.records), contents(&self.cells)));
        (key, rules)
    }

    /// Years of the inputs behind the last slice of a table: it reads years
    /// after its own, and they are not there yet.
    fn later_years(&self, name: &str) -> BTreeSet<i32> {
        let of = |slices: &[Upstream], is_wanted: &dyn Fn(&TableName) -> bool| -> BTreeSet<i32> {
            let wanted = slices.iter().filter(|it| is_wanted(&it.slice.table));
            wanted.filter_map(|it| it.slice.year).collect()
        };
        let own = of(&self.cells, &|table| table.name == name);
        let Some(last) = own.last() else { return BTreeSet::new() };
        of(&self.inputs, &|_| true).into_iter().filter(|year| year > last).collect()
    }

    /// The whole of `release.json`.
    ///
    /// # Errors
    /// Of the declaration of delivered records, which is right.
    pub fn describe(&self, tables: &[(String, RecordBatch)]) -> Result<Value> {
        let mut description = self.origin();
        let records = records_declaration(self.study.disclosure)?;
        let tables: serde_json::Map<String, Value> = tables
            .iter()
            .filter_map(|(name, batch)| {
                let own = (name == RECORDS_TABLE).then_some(&records);
                let published = self.study.published.get(name).or(own)?;
                let mut described = describe_table(name, published, batch);
                described["later_years"] = json!(self.later_years(name));
                Some((name.clone(), described))
            })
            .collect();
        if self.study.disclosure == Disclosure::Protected {
            description["thresholds"] = json!(self.study.thresholds);
            description["statuses"] = json!(BTreeMap::from(LEGEND));
        }
        if let Value::Object(description) = &mut description {
            description.insert("tables".to_owned(), Value::Object(tables));
            description.insert("queries".to_owned(), queries(self.study));
        }
        Ok(description)
    }
}

/// The SQL of all models as it is written, and what it reads. Its tokens are in
/// the key, its comments are not.
fn queries(study: &Study) -> Value {
    let query = |(table, model): (&TableName, &Model)| {
        let query = &model.query;
        let reads: Vec<String> = query.tables.iter().map(TableName::to_string).collect();
        let told = json!({ "file": query.file(), "reads": reads, "text": query.source.text });
        (table.to_string(), told)
    };
    let queries: BTreeMap<String, Value> = study.models.iter().map(query).collect();
    json!(queries)
}

fn note(disclosure: Disclosure) -> &'static str {
    match disclosure {
        Disclosure::Public => "Public data: nothing was suppressed.",
        Disclosure::Synthetic => "Synthetic data about nobody: nothing was suppressed.",
        Disclosure::Protected => "Microdata behind disclosure control.",
    }
}

fn contents(slices: &[Upstream]) -> Value {
    let entry = |slice: &Upstream| (slice.slice.to_string(), json!(slice.content));
    let entries: BTreeMap<String, Value> = slices.iter().map(entry).collect();
    json!(entries)
}

fn declaration(published: &Published) -> String {
    let words = std::iter::once(json!(published.titles));
    json!(words.chain(declaration_without_words(published)).collect::<Vec<_>>()).to_string()
}

fn declaration_without_words(published: &Published) -> Vec<Value> {
    vec![
        family(published),
        json!(published.dimensions),
        json!(published.measures),
        json!(published.attributes),
        json!(published.rates.iter().map(rate_json).collect::<Vec<_>>()),
        json!(published.totals),
        json!(published.total_code),
    ]
}

/// The family of all rows, or the column that says it of each.
fn family(published: &Published) -> Value {
    match &published.family {
        Family::Whole(family) => json!(family),
        Family::ByRow(column) => json!({ "column": column }),
    }
}

fn rate_json(rate: &Rate) -> Value {
    json!({
        "name": rate.name,
        "numerator": rate.numerator,
        "denominator": rate.denominator,
        "decimals": rate.decimals,
    })
}

fn describe_table(name: &str, published: &Published, batch: &RecordBatch) -> Value {
    let schema = batch.schema();
    let columns: Vec<Value> = schema.fields().iter().map(|f| column_json(published, f)).collect();
    json!({
        "title": published.titles,
        "family": family(published),
        "files": [format!("{name}.csv"), format!("{name}.parquet")],
        "row_count": batch.num_rows(),
        "totals": published.totals,
        "total_code": (!published.totals.is_empty()).then_some(&published.total_code),
        "columns": columns,
    })
}

fn column_json(published: &Published, field: &Field) -> Value {
    let name = field.name();
    let mut column = json!({ "name": name, "type": type_name(field.data_type()) });
    let has_totals = !published.totals.is_empty();
    if let Some(measure) = published.status_of(name) {
        column["role"] = json!("status");
        column["measure"] = json!(measure);
    } else if let Some(rate) = published.rates.iter().find(|rate| rate.name == *name) {
        column["role"] = json!("rate");
        column["numerator"] = json!(rate.numerator);
        column["denominator"] = json!(rate.denominator);
        column["null"] = json!("a part is null, or the denominator is zero");
    } else if published.measures.contains(name) {
        column["role"] = json!("measure");
        column["null"] = json!(match has_totals {
            true => "not known; a total adds the cells that are known, and is null where none is",
            false => "not known",
        });
    } else if published.attributes.contains(name) {
        column["role"] = json!("attribute");
        if has_totals {
            column["null"] = json!("not known; in a total, not the same in all of its rows");
        }
    } else {
        column["role"] = json!("dimension");
    }
    column
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
