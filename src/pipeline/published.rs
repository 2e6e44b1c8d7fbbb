//! The declarations of published tables: what publication and protection need
//! to know of an `out` table. Whether its columns have the types that a
//! declaration asks for is left to `transform::published`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::codebook_reader::optional;
use super::names::{Layer, TableName, is_identifier};
use super::parameters::Parameter;
use super::protection::Protection;
use super::protection_reader::read_protection;
use super::study::{Disclosure, Study};
use super::toml_reader::{At, DefinitionText, Table, Value};
use crate::error::{Error, Place, Result};

/// The code of a row that adds up a dimension, where a study names none.
pub const TOTAL: &str = "total";

/// The table of delivered records, which each release has by itself.
pub const RECORDS_TABLE: &str = "source_records";

/// Digits behind the point of a rate, where a study says nothing.
pub const RATE_DECIMALS: u8 = 6;
/// With more of them, hardly a digit before the point would be left.
const MOST_RATE_DECIMALS: i64 = 18;

/// What publication and protection need to know of an `out` table.
#[derive(Debug, Clone)]
pub struct Published {
    /// Titles by language.
    pub titles: BTreeMap<String, String>,
    /// Whom the table counts.
    pub family: Family,
    /// Columns that make the cells.
    pub dimensions: Vec<String>,
    /// Columns with the figures: integers or decimals.
    pub measures: Vec<String>,
    /// What goes along with a row.
    pub attributes: Vec<String>,
    /// Columns for protection that never leave.
    pub inside: Vec<String>,
    /// Rates of two measures.
    pub rates: Vec<Rate>,
    /// Text dimensions that get rows with the code of totals.
    pub totals: Vec<String>,
    /// The code of a row that adds up a dimension.
    pub total_code: String,
    /// What its measures are to disclosure control, where the study says so.
    pub protection: Option<Protection>,
    /// Where each column stands in the study.
    places: BTreeMap<String, Place>,
    /// Where each dimension stands under `totals`.
    total_places: BTreeMap<String, Place>,
    /// Where the table is declared.
    place: Place,
}

/// Whom a table counts, which says by what rules it is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Family {
    /// All rows are of this family.
    Whole(String),
    /// A column says it of each row.
    ByRow(String),
}

impl Family {
    /// The families that there are.
    pub const ALL: [&'static str; 3] = ["register", "survey", "public"];
}

/// A rate: the exact quotient of two measures as published, rounded half away
/// from zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Its column.
    pub name: String,
    /// The measure above the line.
    pub numerator: String,
    /// The measure below the line.
    pub denominator: String,
    /// Digits behind the point.
    pub decimals: u8,
}

impl Published {
    /// All declared columns of the table, those that stay inside too.
    pub fn columns(&self) -> impl Iterator<Item = &String> {
        [&self.dimensions, &self.measures, &self.attributes, &self.inside].into_iter().flatten()
    }

    /// The columns that are published, rates too.
    pub fn published_columns(&self) -> impl Iterator<Item = &String> {
        let parts = [&self.dimensions, &self.attributes, &self.measures].into_iter().flatten();
        parts.chain(self.rates.iter().map(|rate| &rate.name))
    }

    /// The inside columns that protection needs in each row, totals too: numbers of
    /// employers, and contributions that add up to what is at most theirs.
    pub fn protection_columns(&self) -> impl Iterator<Item = &String> {
        let protection = self.protection.iter();
        let employers = protection.clone().filter_map(|it| it.employers.as_ref());
        let contributions = protection.flat_map(|it| it.contributions.values().flatten());
        let columns: BTreeSet<&String> = employers.chain(contributions).collect();
        columns.into_iter()
    }

    /// Measures and rates that are no counts to disclosure control.
    pub fn figures(&self) -> impl Iterator<Item = &String> {
        let is_count = |name: &&String| {
            self.protection.as_ref().is_some_and(|it| it.counts.contains_key(*name))
        };
        let rates = self.rates.iter().map(|rate| &rate.name);
        self.measures.iter().filter(move |it| !is_count(it)).chain(rates)
    }

    /// The measure or rate whose status a column of this name is.
    pub fn status_of(&self, column: &str) -> Option<&String> {
        let measure = column.strip_suffix("_status")?;
        let rates = self.rates.iter().map(|rate| &rate.name);
        self.measures.iter().chain(rates).find(|it| *it == measure)
    }

    /// Says whether an inside column counts what is distinct, which does not add
    /// up.
    pub fn is_distinct(&self, column: &str) -> bool {
        let employers = self.protection.as_ref().and_then(|it| it.employers.as_deref());
        employers == Some(column)
    }

    /// A mistake at a column's first place in the declaration.
    pub fn mistake_at(&self, column: &str, message: impl Into<String>) -> Error {
        mistake(self.places.get(column).unwrap_or(&self.place), message)
    }

    /// A mistake at a dimension's place under `totals`.
    pub fn mistake_at_total(&self, column: &str, message: impl Into<String>) -> Error {
        mistake(self.total_places.get(column).unwrap_or(&self.place), message)
    }

    /// A mistake of the declaration as a whole.
    pub fn mistake(&self, message: impl Into<String>) -> Error {
        mistake(&self.place, message)
    }
}

fn mistake(place: &Place, message: impl Into<String>) -> Error {
    Error::Definition { place: place.clone(), message: message.into(), hint: None }
}

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
        if name.value == RECORDS_TABLE {
            let message = format!("each release has a table `{RECORDS_TABLE}` of its own");
            let mistake = value.source().mistake(name.offset, message);
            return Err(mistake.with_hint("give the model another name"));
        }
        if !study.models.contains_key(&TableName::new(Layer::Out, name.value.clone())) {
            let message = format!("no SQL file makes the table `out.{}`", name.value);
            return Err(value.source().mistake(name.offset, message));
        }
        let place = value.source().place(name.offset);
        let read = |table: &Table<'_>| read_declaration(table, place, &study.parameters);
        let declaration = declaration.table(read)?;
        published.insert(name.value, declaration);
    }
    Ok(published)
}

/// How the table of delivered records is declared: of a study of public data as
/// public, of any other by the rules of registers, the strictest.
///
/// # Errors
/// [`crate::Error::Definition`] never, as long as the text below is right.
pub fn records_declaration(disclosure: Disclosure) -> Result<Published> {
    let family = match disclosure {
        Disclosure::Public => "public",
        Disclosure::Synthetic | Disclosure::Protected => "register",
    };
    let text = RECORDS.replace("FAMILY", family);
    declaration(&DefinitionText { file: PathBuf::from(RECORDS_TABLE), text })
}

/// Reads the declaration of one table by itself.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake, with file and line.
pub fn declaration(text: &DefinitionText) -> Result<Published> {
    text.read_toml(|table| {
        let place = text.place(0);
        read_declaration(table, place, &BTreeMap::new())
    })
}

const RECORDS: &str = r#"
title      = { nl = "Geleverde en geweigerde records", en = "Records delivered and rejected" }
family     = "FAMILY"
dimensions = ["source_name", "year"]
measures   = ["record_count", "kept_count", "rejected_count"]
rates      = { rejected_share = ["rejected_count", "record_count"] }

[protect]
counts = { record_count = "records", kept_count = "kept_records", rejected_count = "rejected_records" }
parts  = { record_count = ["kept_count", "rejected_count"] }
shown_zeros = ["rejected_count"]
"#;

fn read_declaration(
    table: &Table<'_>,
    place: Place,
    parameters: &BTreeMap<String, Parameter>,
) -> Result<Published> {
    let columns = |key: &'static str| optional(table, key, |value| value.texts());
    let dimensions = table.need("dimensions")?.texts()?;
    let measures = table.need("measures")?.texts()?;
    let attributes = columns("attributes")?.unwrap_or_default();
    let inside = columns("inside")?.unwrap_or_default();
    let totals = columns("totals")?.unwrap_or_default();
    let mut places = BTreeMap::new();
    let all = || dimensions.iter().chain(&measures).chain(&attributes).chain(&inside);
    refuse_twice(table, all(), &mut places)?;
    let mut total_places = BTreeMap::new();
    refuse_twice(table, totals.iter(), &mut total_places)?;
    for total in &totals {
        refuse_unknown(table, total, &dimensions, "dimensions")?;
    }
    let of_rows: Vec<&At<String>> = dimensions.iter().chain(&attributes).collect();
    let mut published = Published {
        titles: optional(table, "title", read_titles)?.unwrap_or_default(),
        family: read_family(&table.need("family")?, &of_rows)?,
        rates: read_rates(table, &measures, &mut places)?,
        total_code: optional(table, "total_code", read_total_code)?
            .unwrap_or_else(|| TOTAL.to_owned()),
        dimensions: values(dimensions),
        measures: values(measures),
        attributes: values(attributes),
        inside: values(inside),
        totals: values(totals),
        protection: None,
        places,
        total_places,
        place,
    };
    let protection = |value: &Value<'_>| read_protection(value, &published, parameters);
    published.protection = optional(table, "protect", protection)?;
    Ok(published)
}

/// Notes where columns stand, and refuses one that stands there twice.
fn refuse_twice<'a>(
    table: &Table<'_>,
    columns: impl Iterator<Item = &'a At<String>>,
    places: &mut BTreeMap<String, Place>,
) -> Result<()> {
    for column in columns {
        let place = table.source().place(column.offset);
        if places.insert(column.value.clone(), place).is_some() {
            let message = format!("column `{}` stands here twice", column.value);
            return Err(table.source().mistake(column.offset, message));
        }
    }
    Ok(())
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

/// `"register"`, or `{ column = "family" }` where it differs by row.
fn read_family(value: &Value<'_>, of_rows: &[&At<String>]) -> Result<Family> {
    if value.get().is_table() {
        return value.table(|table| {
            let column = table.need("column")?;
            let name = column.text()?;
            if of_rows.iter().any(|known| known.value == name) {
                return Ok(Family::ByRow(name.to_owned()));
            }
            Err(column.mistake(format!("`{name}` is neither a dimension nor an attribute")))
        });
    }
    value.parse(|text| match Family::ALL.contains(&text) {
        true => Ok(Family::Whole(text.to_owned())),
        false => Err(
            "must be \"register\", \"survey\" or \"public\", or { column = … } that says it by row"
                .to_owned(),
        ),
    })
}

fn read_total_code(value: &Value<'_>) -> Result<String> {
    match value.text()? {
        "" => Err(value.mistake("must have a character at least")),
        code => Ok(code.to_owned()),
    }
}

fn read_rates(
    table: &Table<'_>,
    measures: &[At<String>],
    places: &mut BTreeMap<String, Place>,
) -> Result<Vec<Rate>> {
    let mut rates = Vec::new();
    let entries = table.get("rates").map(|value| value.entries()).transpose()?;
    for (name, value) in entries.unwrap_or_default() {
        if !is_identifier(&name.value) {
            let message =
                format!("`{}` must be lower-case letters, digits and underscores", name.value);
            return Err(table.source().mistake(name.offset, message));
        }
        refuse_twice(table, std::iter::once(&name), places)?;
        let (parts, decimals) = read_rate(&value)?;
        let [numerator, denominator] = parts.as_slice() else {
            return Err(value.mistake("must be [numerator, denominator]"));
        };
        refuse_unknown(table, numerator, measures, "measures")?;
        refuse_unknown(table, denominator, measures, "measures")?;
        let (numerator, denominator) = (numerator.value.clone(), denominator.value.clone());
        rates.push(Rate { name: name.value, numerator, denominator, decimals });
    }
    Ok(rates)
}

/// `[numerator, denominator]`, or `{ of = [numerator, denominator], decimals = 2 }`.
fn read_rate(value: &Value<'_>) -> Result<(Vec<At<String>>, u8)> {
    if !value.get().is_table() {
        return Ok((value.texts()?, RATE_DECIMALS));
    }
    value.table(|rate| {
        let decimals = optional(rate, "decimals", |value| {
            let decimals = value.integer()?;
            let fits = (0..=MOST_RATE_DECIMALS).contains(&decimals);
            u8::try_from(decimals).ok().filter(|_| fits).ok_or_else(|| {
                value.mistake(format!("must be a whole number from 0 to {MOST_RATE_DECIMALS}"))
            })
        })?;
        Ok((rate.need("of")?.texts()?, decimals.unwrap_or(RATE_DECIMALS)))
    })
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
