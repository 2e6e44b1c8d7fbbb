//! The models one by one: cases of a few rows, with the answer that the
//! definitions give. A case is a folder
//! `tests/models/<study>/<layer>.<table>/<sentence>/` of CSV files:
//!
//! - `<layer>.<table>.csv`, the rows that the model sees of a table, or
//!   `<layer>.<table>.<year>.csv`, a slice, seen only where the definition shows
//!   it to the model's slice. An empty field is null, as is a column left out; a
//!   table without a file is empty.
//! - `parameters.toml`: `year`, where the model has one, and parameters that
//!   differ from those of the study.
//! - `expected.csv`: the rows, and nothing but the rows, in their order.
//!
//! With `HONKVAST_REWRITE_EXPECTED=1` the expected files become what the SQL
//! gives; the difference is for a person to judge.

#![expect(clippy::panic, reason = "a case that cannot be read has failed, with its folder")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options, concat_batches};
use arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ident;
use honkvast::pipeline::files::{DefinitionFiles, shipped_studies};
use honkvast::pipeline::names::is_identifier;
use honkvast::pipeline::parameters::ParameterValue;
use honkvast::pipeline::study::{Model, StudyYears};
use honkvast::pipeline::study_reader::read_study;
use honkvast::pipeline::{Layer, SliceId, Study, TableName};
use honkvast::publish::csv::to_csv;
use honkvast::run::check_study;
use honkvast::session::{Engine, query, reading_schema};

use crate::rows::{Row, file_rows, rows};

#[tokio::test]
async fn each_model_gives_the_expected_rows_of_its_cases() {
    let is_rewriting = std::env::var_os("HONKVAST_REWRITE_EXPECTED").is_some_and(|it| it == "1");
    let engine = Engine::new(2, 1 << 30, None).unwrap();
    let mut differences = String::new();
    for name in shipped_studies() {
        let planned = Planned::read(&name).await;
        for case in cases(&name) {
            let given = given(&planned, &engine, &case).await;
            let expected = case.folder.join("expected.csv");
            if is_rewriting {
                std::fs::write(&expected, &given).unwrap();
            }
            let expected = std::fs::read_to_string(&expected)
                .unwrap_or_else(|error| panic!("{}: expected.csv: {error}", case.folder.display()));
            if expected != given {
                let folder = case.folder.display();
                writeln!(differences, "\n{folder}\nexpected:\n{expected}given:\n{given}").unwrap();
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn every_core_and_out_table_of_the_shipped_studies_has_a_case() {
    let mut missing = Vec::new();
    for name in shipped_studies() {
        let study = study(&name);
        let tried: BTreeSet<TableName> = cases(&name).into_iter().map(|case| case.table).collect();
        let tables = [Layer::Core, Layer::Out].map(|layer| study.tables(layer)).concat();
        assert!(!tables.is_empty(), "{name} has no tables");
        let without = tables.into_iter().filter(|table| !tried.contains(table));
        missing.extend(without.map(|table| format!("tests/models/{name}/{table}/")));
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn years_behind_a_gap_make_no_pair() {
    let study = study("nlswork");
    let pairs = TableName::new(Layer::Core, "year_pairs");
    let slices = study.slices(&years(&study)).into_iter().filter(|slice| slice.table == pairs);
    let from_years: Vec<i32> = slices.filter_map(|slice| slice.year).collect();
    assert_eq!(from_years, [1968, 1969, 1970, 1971, 1972, 1977, 1982, 1987]);
}

/// One folder with rows and the answer.
struct Case {
    folder: PathBuf,
    table: TableName,
}

/// All cases of a study, in a fixed order.
fn cases(study: &str) -> Vec<Case> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(study);
    let mut cases = Vec::new();
    for (table, folder) in entries(&top) {
        let name: TableName = table.parse().unwrap_or_else(|()| panic!("{table} is no table"));
        for (case, folder) in entries(&folder) {
            assert!(is_identifier(&case), "{}: a case is named by a sentence", folder.display());
            cases.push(Case { folder, table: name.clone() });
        }
    }
    cases
}

fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let found = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path());
    let named = |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), path);
    let mut entries: Vec<_> = found.map(named).collect();
    entries.sort();
    entries
}

/// A study with the columns of its tables.
struct Planned {
    study: Study,
    schemas: BTreeMap<TableName, SchemaRef>,
    slices: BTreeSet<SliceId>,
}

impl Planned {
    async fn read(name: &str) -> Self {
        let study = study(name);
        let schemas = check_study(&study, 1 << 30).await.unwrap();
        let schemas =
            schemas.into_iter().map(|(table, schema)| (table, reading_schema(&schema))).collect();
        let slices = study.slices(&years(&study)).into_iter().collect();
        Planned { study, schemas, slices }
    }
}

fn study(name: &str) -> Study {
    let files = DefinitionFiles::find(name, Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    read_study(&files).unwrap()
}

fn years(study: &Study) -> BTreeSet<i32> {
    match &study.years {
        StudyYears::Listed(years) => years.clone(),
        StudyYears::From(_) => panic!("the shipped studies list their years"),
    }
}

/// What the model makes of a case, as CSV.
async fn given(planned: &Planned, engine: &Engine, case: &Case) -> String {
    let folder = case.folder.display();
    let model = planned.study.models.get(&case.table);
    let model = model.unwrap_or_else(|| panic!("{folder}: the study makes no such table"));
    let (study, year) = with_parameters(&planned.study, model, &case.folder);
    let slice = SliceId::new(case.table.clone(), year);
    assert!(planned.slices.contains(&slice), "{folder}: the study has no slice {slice}");

    let context = engine.memory_context(inputs(planned, model, &slice, &case.folder)).unwrap();
    let parameters = study.bound(&model.query, year);
    let frame = query(&context, &model.query.source.text, &parameters).await.unwrap();
    let order = model.key.iter().map(|column| ident(column).sort(true, true)).collect();
    let frame = frame.sort(order).unwrap();
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await.unwrap_or_else(|error| panic!("{folder}: {error}"));
    let given = to_csv(&concat_batches(&schema, &batches).unwrap()).unwrap();
    let given = String::from_utf8(given).unwrap();
    assert_unique(&rows(&given), &model.key, &case.folder);
    given
}

fn assert_unique(rows: &[Row], key: &[String], folder: &Path) {
    let mut seen = BTreeSet::new();
    for row in rows {
        let key: Vec<&String> = key.iter().map(|column| &row[column]).collect();
        assert!(seen.insert(key.clone()), "{}: twice the key {key:?}", folder.display());
    }
}

/// The study with a case's parameters, and the case's year.
fn with_parameters(study: &Study, model: &Model, folder: &Path) -> (Study, Option<i32>) {
    let (mut study, mut year) = (study.clone(), None);
    let file = folder.join("parameters.toml");
    let text = if file.exists() { std::fs::read_to_string(&file).unwrap() } else { String::new() };
    for (name, value) in text.parse::<toml::Table>().unwrap() {
        if name == "year" {
            year = Some(i32::try_from(value.as_integer().unwrap()).unwrap());
            continue;
        }
        let place = format!("{}: {name}", file.display());
        assert!(model.query.parameters.contains(&name), "{place} is not in the SQL");
        let parameter = study.parameters.get_mut(&name).unwrap();
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = match &parameter.value {
            ParameterValue::Fixed(fixed) => ParameterValue::Fixed(
                ScalarValue::try_from_string(value, &fixed.data_type()).unwrap(),
            ),
            ParameterValue::DayOfEachYear { .. } => {
                let (month, day) = value.split_once('-').unwrap();
                ParameterValue::DayOfEachYear {
                    month: month.parse().unwrap(),
                    day: day.parse().unwrap(),
                }
            }
        };
        assert_ne!(parameter.value, value, "{place} is as in the study");
        parameter.value = value;
    }
    assert_eq!(year.is_some(), model.is_yearly, "{}: the year", folder.display());
    (study, year)
}

/// The tables that the model's slice reads, with the rows that it sees.
fn inputs(
    planned: &Planned,
    model: &Model,
    slice: &SliceId,
    folder: &Path,
) -> Vec<(TableName, RecordBatch)> {
    let empty = |table: &TableName| {
        let schema = Arc::clone(&planned.schemas[table]);
        (table.clone(), vec![RecordBatch::new_empty(schema)])
    };
    let mut tables: BTreeMap<TableName, Vec<RecordBatch>> =
        model.query.tables.iter().map(empty).collect();
    let seen = planned.study.upstreams(slice, &planned.slices);
    for (file, path) in entries(folder) {
        if ["expected.csv", "parameters.toml"].contains(&file.as_str()) {
            continue;
        }
        let (table, year) = input_name(&file);
        let batches = tables.get_mut(&table);
        let batches = batches.unwrap_or_else(|| panic!("{}: is not read", path.display()));
        let batch = typed(&file_rows(&path), &planned.schemas[&table], &path);
        if year.is_none() || seen.contains(&SliceId::new(table, year)) {
            batches.push(batch);
        }
    }
    let whole = |(table, batches): (TableName, Vec<RecordBatch>)| {
        let batch = concat_batches(&planned.schemas[&table], &batches).unwrap();
        (table, batch)
    };
    tables.into_iter().map(whole).collect()
}

/// `core.person_years.2018.csv` as a table and a year.
fn input_name(file: &str) -> (TableName, Option<i32>) {
    let name = file.strip_suffix(".csv").unwrap_or_else(|| panic!("{file} is no CSV"));
    let (table, year) = match name.rsplit_once('.') {
        Some((table, year)) if table.contains('.') => (table, Some(year.parse().unwrap())),
        _ => (name, None),
    };
    (table.parse().unwrap_or_else(|()| panic!("{file} names no table")), year)
}

/// Rows as the table's columns; what does not fit its type is an error.
fn typed(rows: &[Row], schema: &SchemaRef, path: &Path) -> RecordBatch {
    assert!(!rows.is_empty(), "{}: no rows; an empty table has no file", path.display());
    for column in rows[0].keys() {
        assert!(schema.column_with_name(column).is_some(), "{}: {column}", path.display());
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let column = |name: &String| -> StringArray {
        let cell = |row: &Row| row.get(name).filter(|cell| !cell.is_empty()).cloned();
        rows.iter().map(cell).collect()
    };
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        cast_with_options(&column(field.name()), field.data_type(), &strict)
            .unwrap_or_else(|error| panic!("{}: {}: {error}", path.display(), field.name()))
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect()).unwrap()
}
