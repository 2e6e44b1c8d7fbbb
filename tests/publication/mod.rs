//! What is published is the exact answer, the same in every format, or it is
//! refused: random tables and chosen ones against sums and quotients of whole
//! numbers of any size, computed one row at a time.

mod exact;
mod figures;
mod random;
mod refused;

use std::collections::BTreeMap;

use crate::rows::{Row, rows};
use crate::tiny_study::{CHECK_FILE, CODEBOOK_FILE, OUT_FILE, STAGING_FILE, STUDY_FILE, TinyStudy};

/// A table to publish: dimensions `d0`, `d1` …, measures `m0` and `m1`.
#[derive(Debug, Clone)]
struct Table {
    /// Number of dimensions.
    dimensions: usize,
    /// Which of them have totals.
    totals: Vec<usize>,
    /// Types of the measures, as a codebook writes them: digits and decimals.
    types: [(usize, usize); 2],
    /// Decimals of the rate `m0 / m1`.
    decimals: usize,
    rows: Vec<Cells>,
}

/// A row: codes, and measures as units of their last decimal.
#[derive(Debug, Clone)]
struct Cells {
    codes: Vec<Option<String>>,
    measures: [Option<i128>; 2],
}

impl Table {
    fn names(&self) -> Vec<String> {
        (0..self.dimensions).map(|number| format!("d{number}")).collect()
    }

    /// The study that publishes the table as it comes, with its raw file.
    fn study(&self) -> TinyStudy {
        let study = TinyStudy::new();
        study.remove(CHECK_FILE);
        let quoted = |names: Vec<String>| {
            names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
        };
        let dimensions = quoted(self.names());
        let totals = quoted(self.totals.iter().map(|number| format!("d{number}")).collect());
        let decimals = self.decimals;
        study.write(
            STUDY_FILE,
            format!(
                r#"name       = "tiny"
title      = "Cells"
years      = "2020"
disclosure = "public"

[sources.jobs]
codebook = "codebooks/jobs.toml"
files    = "jobs{{year}}V{{version}}.*"

[models."staging.jobs"]
key = [{dimensions}]
may_be_empty = true

[models."out.hours"]
key = [{dimensions}]
may_be_empty = true

[publish.hours]
family     = "public"
dimensions = [{dimensions}]
measures   = ["m0", "m1"]
rates      = {{ rate = {{ of = ["m0", "m1"], decimals = {decimals} }} }}
totals     = [{totals}]
"#
            ),
        );
        let text = |name: &String| format!("[[columns]]\nname = \"{name}\"\ntype = \"text\"\n");
        let number = |(name, (digits, decimals)): (&str, (usize, usize))| {
            format!("[[columns]]\nname = \"{name}\"\ntype = \"decimal({digits},{decimals})\"\n")
        };
        let columns: String = self.names().iter().map(text).collect();
        let measures: String = ["m0", "m1"].into_iter().zip(self.types).map(number).collect();
        let format = "title = \"Cells\"\nformat = { kind = \"delimited\", delimiter = \";\" }\n";
        study.write(CODEBOOK_FILE, format!("{format}{columns}{measures}"));
        let columns = self.names().join(", ");
        study.write(STAGING_FILE, format!("select {columns}, m0, m1 from raw.jobs\n"));
        study.write(OUT_FILE, format!("select {columns}, m0, m1 from staging.jobs\n"));
        study.write("raw/jobs2020V1.csv", self.raw());
        study
    }

    fn raw(&self) -> String {
        let mut text = format!("{};m0;m1\n", self.names().join(";"));
        for row in &self.rows {
            let codes = row.codes.iter().map(|code| code.clone().unwrap_or_default());
            let measures = row.measures.iter().zip(self.types);
            let measures = measures.map(|(value, (_, scale))| exact::written(*value, scale));
            let fields: Vec<String> = codes.chain(measures).collect();
            text.push_str(&format!("{}\n", fields.join(";")));
        }
        text
    }
}

/// The rows of the release by their dimensions, from CSV and from Parquet,
/// which must say the same.
fn published(study: &TinyStudy, dimensions: &[String]) -> BTreeMap<Vec<String>, Row> {
    let folder = study.place.path("release/current");
    let csv = rows(&std::fs::read_to_string(folder.join("hours.csv")).unwrap());
    let parquet = exact::parquet_rows(&folder.join("hours.parquet"));
    assert_eq!(csv, parquet, "CSV and Parquet differ");
    let key = |row: &Row| dimensions.iter().map(|name| row[name].clone()).collect::<Vec<_>>();
    let count = csv.len();
    let by_key: BTreeMap<Vec<String>, Row> = csv.into_iter().map(|row| (key(&row), row)).collect();
    assert_eq!(by_key.len(), count, "a cell stands there twice");
    by_key
}
