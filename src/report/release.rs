//! A release as the page reads it: `release.json` and its tables.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::words::Both;
use crate::error::{Error, Result};
use crate::pipeline::labels::Words;
use crate::pipeline::published::TOTAL;
use crate::pipeline::report::Report;

/// A row that no code of a dimension is of, as a source without years.
const NO_CODE: &str = "\u{2013}";

/// A record of a table: its values as in the CSV, none for a null.
pub type Record = Vec<Option<String>>;

/// A release by what it says of itself, with its tables.
#[derive(Debug)]
pub struct Release {
    pub(super) key: String,
    /// Nobody published it, and its key is that of a run.
    pub(super) is_candidate: bool,
    pub(super) about: Description,
    pub(super) tables: BTreeMap<String, ReleaseTable>,
}

/// `release.json`, as far as the page tells it. What an earlier version did not
/// write is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Description {
    pub(super) study: String,
    pub(super) title: String,
    pub(super) disclosure: String,
    pub(super) engine: BTreeMap<String, serde_json::Value>,
    pub(super) parameters: BTreeMap<String, Setting>,
    pub(super) sql: BTreeMap<String, String>,
    pub(super) inputs: BTreeMap<String, String>,
    pub(super) queries: BTreeMap<String, Query>,
    pub(super) report: Report,
    tables: BTreeMap<String, TableDescription>,
}

/// A parameter as it was set.
#[derive(Debug, Deserialize)]
pub(super) struct Setting {
    pub(super) value: String,
}

/// The SQL of a table.
#[derive(Debug, Deserialize)]
pub(super) struct Query {
    pub(super) file: String,
    pub(super) text: String,
    /// Tables that it reads.
    pub(super) reads: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct TableDescription {
    title: Words,
    family: serde_json::Value,
    #[serde(default)]
    later_years: Vec<i32>,
    columns: Vec<ColumnDescription>,
}

/// A column as declared.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ColumnDescription {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) role: String,
    pub(super) numerator: Option<String>,
    pub(super) denominator: Option<String>,
}

impl ColumnDescription {
    /// A column with figures.
    pub(super) fn is_figure(&self) -> bool {
        matches!(self.role.as_str(), "measure" | "rate")
    }
}

/// A published table: its columns and rows as in its CSV.
#[derive(Debug)]
pub(super) struct ReleaseTable {
    pub(super) name: String,
    pub(super) title: Words,
    /// Whom all rows count, where it does not differ by row.
    pub(super) family: Option<String>,
    pub(super) columns: Vec<ColumnDescription>,
    pub(super) row_count: usize,
    /// Years that it cannot have yet.
    pub(super) later_years: Vec<i32>,
    values: BTreeMap<String, Vec<Option<String>>>,
}

impl ReleaseTable {
    /// A value as in the CSV; none for a null.
    pub(super) fn value(&self, row: usize, column: &str) -> Option<&str> {
        self.values.get(column)?.get(row)?.as_deref()
    }

    /// A figure as it is drawn.
    pub(super) fn drawn(&self, row: usize, column: &str) -> Option<f64> {
        self.value(row, column)?.parse().ok()
    }

    pub(super) fn column(&self, name: &str) -> Option<&ColumnDescription> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// Names of the columns of a role.
    pub(super) fn of_role<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a str> {
        self.columns.iter().filter(move |it| it.role == role).map(|it| it.name.as_str())
    }

    /// Values of a column in these rows, each once, in the order of the rows.
    pub(super) fn distinct(&self, rows: &[usize], column: &str) -> Vec<Option<String>> {
        let mut seen = BTreeSet::new();
        let values = rows.iter().map(|row| self.value(*row, column).map(str::to_owned));
        values.filter(|value| seen.insert(value.clone())).collect()
    }
}

impl Release {
    /// A release by its key, `release.json` and the records of its tables as their
    /// CSV has them, behind their header.
    ///
    /// # Errors
    /// [`Error::Internal`] for a description that is none, or of other tables.
    pub fn new(
        key: &str,
        release_json: &serde_json::Value,
        tables: Vec<(String, Vec<Record>)>,
    ) -> Result<Self> {
        let mut about = Description::deserialize(release_json)
            .map_err(|error| Error::internal(format!("release.json: {error}")))?;
        let mut described = std::mem::take(&mut about.tables);
        let mut read = BTreeMap::new();
        for (name, records) in tables {
            let table = described.remove(&name);
            let table = table.ok_or_else(|| Error::internal(format!("{name} is not described")))?;
            read.insert(name.clone(), release_table(name, table, records));
        }
        Ok(Release { key: key.to_owned(), is_candidate: false, about, tables: read })
    }

    /// The same as what a run left and nobody published.
    pub fn of_a_candidate(self) -> Self {
        Release { is_candidate: true, ..self }
    }

    /// The label of a column; its name where it has none.
    pub(super) fn column_label(&self, column: &str) -> Both {
        let words = self.about.report.labels.columns.get(column);
        words.and_then(Both::of).unwrap_or_else(|| Both::same(column))
    }

    /// The label of a code; the code where it has none.
    pub(super) fn code_label(&self, column: &str, code: Option<&str>) -> Both {
        let Some(code) = code else { return Both::same(NO_CODE) };
        let words = self.about.report.labels.of_code(column, code);
        words.and_then(Both::of).unwrap_or_else(|| match code {
            TOTAL => super::words::both("totaal", "total"),
            code => Both::same(code),
        })
    }
}

fn release_table(name: String, described: TableDescription, records: Vec<Record>) -> ReleaseTable {
    let mut records = records.into_iter();
    let header = records.next().unwrap_or_default();
    let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); header.len()];
    for record in records {
        for (column, value) in columns.iter_mut().zip(record) {
            column.push(value);
        }
    }
    ReleaseTable {
        name,
        title: described.title,
        family: described.family.as_str().map(str::to_owned),
        columns: described.columns,
        later_years: described.later_years,
        row_count: columns.first().map_or(0, Vec::len),
        values: header.into_iter().flatten().zip(columns).collect(),
    }
}
