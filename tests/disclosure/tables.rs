//! Tables for tests: counts by codes, with all their totals.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use honkvast::pipeline::protection::Thresholds;
use honkvast::pipeline::published::{Published, declaration};
use honkvast::pipeline::toml_reader::DefinitionText;
use honkvast::publish::csv::to_csv;
use honkvast::run::protect::{Protected, protect};

/// A table of counts over some dimensions, in whole and in total.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    pub(super) name: String,
    pub(super) dimensions: Vec<String>,
    /// Counts of the inner cells, by their codes.
    pub(super) cells: BTreeMap<Vec<String>, i64>,
    /// What is declared beside dimensions and the one measure.
    pub(super) more: String,
}

/// What a table shows: the count of each row, or nothing.
pub(super) type Shown = BTreeMap<Vec<String>, Option<i64>>;

/// The code of totals.
pub(super) const TOTAL: &str = "total";

impl Counts {
    /// All rows: the cells, and the sums over each combination of dimensions.
    pub(super) fn rows(&self) -> BTreeMap<Vec<String>, i64> {
        let mut rows = BTreeMap::new();
        for (codes, count) in &self.cells {
            for subset in 0..1_u32 << self.dimensions.len() {
                let code = |(position, code): (usize, &String)| match subset >> position & 1 {
                    1 => TOTAL.to_owned(),
                    _ => code.clone(),
                };
                let row: Vec<String> = codes.iter().enumerate().map(code).collect();
                *rows.entry(row).or_default() += count;
            }
        }
        rows
    }

    pub(super) fn declaration(&self) -> Published {
        let quoted = |names: &[String]| {
            let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            names.join(", ")
        };
        let dimensions = quoted(&self.dimensions);
        let more = match self.more.contains("[protect]") {
            true => self.more.clone(),
            false => format!("{}\n[protect]\ncounts = {{ person_count = \"persons\" }}", self.more),
        };
        let text = format!(
            "family = \"register\"\ndimensions = [{dimensions}]\nmeasures = [\"person_count\"]\n\
             totals = [{dimensions}]\n{more}\n"
        );
        declaration(&DefinitionText { file: PathBuf::from(&self.name), text }).unwrap()
    }

    pub(super) fn batch(&self) -> RecordBatch {
        let rows = self.rows();
        let column = |position: usize| -> ArrayRef {
            let codes = rows.keys().map(|codes| Some(codes[position].clone()));
            Arc::new(codes.collect::<StringArray>())
        };
        let mut columns: Vec<(String, ArrayRef)> = Vec::new();
        for (position, name) in self.dimensions.iter().enumerate() {
            columns.push((name.clone(), column(position)));
        }
        let counts: Int64Array = rows.values().copied().collect();
        columns.push(("person_count".to_owned(), Arc::new(counts)));
        RecordBatch::try_from_iter(columns).unwrap()
    }
}

/// Thresholds with a least count, and nothing else that asks for anything.
pub(super) fn at_least(least_count: i64) -> Thresholds {
    Thresholds { least_count, ..Thresholds::default() }
}

pub(super) fn protected(tables: &[Counts], thresholds: &Thresholds) -> honkvast::Result<Protected> {
    let declarations: Vec<Published> = tables.iter().map(Counts::declaration).collect();
    let tables: Vec<(String, &Published, RecordBatch)> = tables
        .iter()
        .zip(&declarations)
        .map(|(table, published)| (table.name.clone(), published, table.batch()))
        .collect();
    protect(&tables, thresholds)
}

/// What a protected table shows.
pub(super) fn shown(table: &Counts, protected: &Protected) -> Shown {
    let (_, batch) = protected.tables.iter().find(|(name, _)| *name == table.name).unwrap();
    let text = |name: &str, row: usize| {
        batch.column_by_name(name).unwrap().as_string::<i32>().value(row).to_owned()
    };
    let counts = batch.column_by_name("person_count").unwrap().as_primitive::<Int64Type>();
    let row = |row: usize| {
        let codes = table.dimensions.iter().map(|name| text(name, row)).collect();
        let is_shown = text("person_count_status", row) == "published";
        assert_eq!(counts.is_valid(row), is_shown, "a value and its status");
        (codes, is_shown.then(|| counts.value(row)))
    };
    (0..batch.num_rows()).map(row).collect()
}

/// A table as text: its declaration without the family, and its rows.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) name: &'a str,
    pub(super) declaration: &'a str,
    pub(super) rows: &'a str,
}

impl Text<'_> {
    pub(super) fn declaration(&self) -> Published {
        let text = format!("family = \"register\"\n{}\n", self.declaration);
        declaration(&DefinitionText { file: PathBuf::from(self.name), text }).unwrap()
    }

    /// The rows: dimensions are text, attributes say yes or no, all else is numbers.
    fn batch(&self, published: &Published) -> RecordBatch {
        let mut lines = self.rows.lines().map(|line| line.trim().split(',').collect::<Vec<_>>());
        let names = lines.next().unwrap();
        let lines: Vec<Vec<&str>> = lines.collect();
        let column = |position: usize| -> ArrayRef {
            let values = lines.iter().map(|line| line[position]);
            match published.dimensions.iter().any(|it| it == names[position]) {
                true => Arc::new(values.map(Some).collect::<StringArray>()),
                false if published.attributes.iter().any(|it| it == names[position]) => {
                    Arc::new(values.map(|it| it.parse().ok()).collect::<BooleanArray>())
                }
                false => Arc::new(values.map(|it| it.parse::<i64>().ok()).collect::<Int64Array>()),
            }
        };
        let columns = names.iter().enumerate().map(|(it, name)| (*name, column(it)));
        RecordBatch::try_from_iter(columns).unwrap()
    }
}

/// Protects tables and gives the file of each.
pub(super) fn files(tables: &[Text<'_>], thresholds: &Thresholds) -> honkvast::Result<Vec<String>> {
    let declarations: Vec<Published> = tables.iter().map(Text::declaration).collect();
    let batches = tables.iter().zip(&declarations);
    let batches: Vec<(String, &Published, RecordBatch)> =
        batches.map(|(it, of)| (it.name.to_owned(), of, it.batch(of))).collect();
    let protected = protect(&batches, thresholds)?;
    assert_eq!(protected.repairs, 0, "the pattern holds before it is attacked");
    let csv = protected.tables.iter().map(|(_, batch)| to_csv(batch).unwrap());
    Ok(csv.map(|csv| String::from_utf8(csv).unwrap().replace("published", "shown")).collect())
}
