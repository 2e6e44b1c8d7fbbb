//! Reads the declarations of published tables.

use std::collections::{BTreeMap, BTreeSet};

use super::codebook_reader::optional;
use super::names::{Layer, TableName};
use super::study::{Published, Study};
use super::toml_reader::{At, Table, Value};
use crate::error::Result;

/// Reads `[publish.<table>]`.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake, with file and line.
pub(crate) fn read_published(
    value: &Value<'_>,
    study: &Study,
) -> Result<BTreeMap<String, Published>> {
    let mut published = BTreeMap::new();
    for (name, declaration) in value.entries()? {
        if !study.models.contains_key(&TableName::new(Layer::Out, name.value.clone())) {
            let message = format!("no SQL file makes the table `out.{}`", name.value);
            return Err(value.source().mistake(name.offset, message));
        }
        published.insert(name.value, declaration.table(read_declaration)?);
    }
    Ok(published)
}

fn read_declaration(table: &Table<'_>) -> Result<Published> {
    let columns = |key: &'static str| optional(table, key, |value| value.texts());
    let dimensions = table.need("dimensions")?.texts()?;
    let measures = table.need("measures")?.texts()?;
    let attributes = columns("attributes")?.unwrap_or_default();
    let inside = columns("inside")?.unwrap_or_default();
    let totals = columns("totals")?.unwrap_or_default();
    let mut seen = BTreeSet::new();
    for column in dimensions.iter().chain(&measures).chain(&attributes).chain(&inside) {
        if !seen.insert(column.value.clone()) {
            let message = format!("column `{}` stands here twice", column.value);
            return Err(table.source().mistake(column.offset, message));
        }
    }
    for total in &totals {
        refuse_unknown(table, total, &dimensions, "dimensions")?;
    }
    Ok(Published {
        titles: optional(table, "title", read_titles)?.unwrap_or_default(),
        family: table.need("family")?.parse(|text| match text {
            "register" | "survey" | "public" => Ok(text.to_owned()),
            _ => Err("must be \"register\", \"survey\" or \"public\"".to_owned()),
        })?,
        rates: read_rates(table, &measures)?,
        dimensions: values(dimensions),
        measures: values(measures),
        attributes: values(attributes),
        inside: values(inside),
        totals: values(totals),
    })
}

fn values(columns: Vec<At<String>>) -> Vec<String> {
    columns.into_iter().map(|column| column.value).collect()
}

fn read_titles(value: &Value<'_>) -> Result<BTreeMap<String, String>> {
    value.table(|titles| {
        let mut read = BTreeMap::new();
        for language in ["nl", "en"] {
            if let Some(title) = titles.get(language) {
                read.insert(language.to_owned(), title.text()?.to_owned());
            }
        }
        Ok(read)
    })
}

fn read_rates(
    table: &Table<'_>,
    measures: &[At<String>],
) -> Result<Vec<(String, (String, String))>> {
    let mut rates = Vec::new();
    let entries = table.get("rates").map(|value| value.entries()).transpose()?;
    for (name, value) in entries.unwrap_or_default() {
        let parts = value.texts()?;
        let [numerator, denominator] = parts.as_slice() else {
            return Err(value.mistake("must be [numerator, denominator]"));
        };
        refuse_unknown(table, numerator, measures, "measures")?;
        refuse_unknown(table, denominator, measures, "measures")?;
        rates.push((name.value, (numerator.value.clone(), denominator.value.clone())));
    }
    Ok(rates)
}

fn refuse_unknown(
    table: &Table<'_>,
    column: &At<String>,
    known: &[At<String>],
    kind: &str,
) -> Result<()> {
    if known.iter().any(|known| known.value == column.value) {
        return Ok(());
    }
    let message = format!("`{}` is not among the {kind}", column.value);
    Err(table.source().mistake(column.offset, message))
}
