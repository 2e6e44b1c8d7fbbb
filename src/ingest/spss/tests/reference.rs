//! Real files, held against what an independent reader saw in them. They lie
//! beside the repository where it is worked on, and may not go with it.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::*;
use crate::lake::{FileColumn, FileDictionary, UserMissing};

/// The folder of the files with what was seen, where it is there.
fn reference() -> Option<(PathBuf, Map<String, Value>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/sav");
    let Ok(text) = std::fs::read_to_string(folder.join("reference.json")) else {
        let message = format!("not compared: {} is not there\n", folder.display());
        std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes()).unwrap();
        return None;
    };
    let Value::Object(files) = serde_json::from_str(&text).unwrap() else { panic!("no object") };
    Some((folder, files))
}

fn is_date(column: &FileColumn) -> bool {
    let format = column.format.as_deref().unwrap();
    ["DATE", "EDATE", "SDATE", "ADATE", "JDATE", "MOYR", "QYR", "WKYR"]
        .iter()
        .any(|kind| format.trim_end_matches(|c: char| c.is_ascii_digit()) == *kind)
        || format.starts_with("DATETIME")
}

/// A codebook of all columns: text, but seconds where the file has days.
fn codebook_of(dictionary: &FileDictionary, user_missing: &str) -> Codebook {
    let entry = |(place, column): (usize, &FileColumn)| {
        let kind = if is_date(column) { "decimal(20,3)" } else { "text" };
        format!(
            "{{ name = \"c{place}\", header = {:?}, type = \"{kind}\", keep_reason = true }},\n",
            column.name
        )
    };
    codebook(user_missing, &dictionary.columns.iter().enumerate().map(entry).collect::<String>())
}

/// Reads a file twice: first for its columns, then all of them.
fn read_all(path: &Path, user_missing: &str) -> Reading {
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let stop = AtomicU8::new(0);
    let mut stream =
        super::super::stream::Stream::new(super::super::Source::open(path).unwrap(), &stop);
    let records = super::super::Records::read(&mut stream).unwrap();
    let dictionary = super::super::assemble::assemble(records, stream.order, path).unwrap();
    let dictionary = super::super::description::describe(&dictionary);
    read_as(name, &bytes, &codebook_of(&dictionary, user_missing), 2, 10_000).unwrap()
}

fn user_missing(column: &FileColumn) -> Value {
    let is_number = column.kind.as_deref() == Some("number");
    let value = |code: &str| {
        if is_number { json!(code.parse::<f64>().unwrap()) } else { json!(code) }
    };
    let range = |missing: &UserMissing| match missing {
        UserMissing::Code { code } => json!([value(code), value(code)]),
        UserMissing::Range { from, to } => json!([
            from.as_deref().map_or(json!("-inf"), value),
            to.as_deref().map_or(json!("inf"), value),
        ]),
    };
    column.user_missing.iter().map(range).collect()
}

/// Numbers of a column, by its place.
fn numbers(reading: &Reading, place: usize) -> Vec<f64> {
    let values = reading.rows.iter().filter_map(|row| row[place * 2].as_deref());
    values.map(|value| value.parse().unwrap()).collect()
}

fn near(one: f64, other: &Value) -> bool {
    (one - other.as_f64().unwrap()).abs() < 1e-5
}

#[test]
fn every_real_file_is_read_as_an_independent_reader_saw_it() {
    let Some((folder, files)) = reference() else { return };
    assert_eq!(files.len(), 11);
    for (name, seen) in &files {
        let reading = read_all(&folder.join(name), "value");
        let dictionary = &reading.outcome.dictionary;
        let columns = &dictionary.columns;
        assert_eq!(json!(reading.rows.len()), seen["rows"], "{name}");
        assert_eq!(reading.rejects, [], "{name}");
        assert_eq!(json!(columns.len()), seen["columns"], "{name}");
        assert_eq!(dictionary.encoding, seen["encoding"].as_str().unwrap().to_lowercase());
        let of_kind = columns.iter().filter(|column| !column.user_missing.is_empty());
        let missing: Map<String, Value> =
            of_kind.map(|column| (column.name.clone(), user_missing(column))).collect();
        assert_eq!(Value::Object(missing), seen["user_missing"], "{name}");
        let place = |name: &str| columns.iter().position(|column| column.name == name).unwrap();
        for (column, format) in seen["formats"].as_object().unwrap() {
            let found = columns[place(column)].format.as_deref();
            assert_eq!(found, format.as_str(), "{name}: {column}");
        }
        let sums = seen["numeric_sums(first 20, user-missing kept)"].as_object().unwrap();
        for (column, sum) in sums {
            let numbers = numbers(&reading, place(column));
            assert_eq!(json!(numbers.len()), sum["n"], "{name}: {column}");
            assert!(near(numbers.iter().sum(), &sum["sum"]), "{name}: {column}");
        }
        let labelled = columns.iter().filter(|column| !column.codes.is_empty()).count();
        assert_eq!(json!(labelled), seen["n_value_label_sets"], "{name}");
        let is_misnamed = !reading.outcome.warnings.is_empty();
        assert_eq!(is_misnamed, name == "misnamed_not_zlib.zsav", "{name}");
    }
}

#[test]
fn the_labels_and_weights_of_a_survey_are_as_they_were_published() {
    let Some((folder, files)) = reference() else { return };
    let seen = &files["pew_2004_july.sav"];
    let reading = read_all(&folder.join("pew_2004_july.sav"), "value");
    let dictionary = &reading.outcome.dictionary;
    assert_eq!(dictionary.weight.as_deref(), Some("weight"));
    let place = |name| dictionary.columns.iter().position(|column| column.name == name).unwrap();
    let (weight, empl) = (place("weight"), place("empl"));
    assert!(near(numbers(&reading, weight).iter().sum(), &seen["sum_weight"]));
    let groups = seen["empl_weighted"].as_object().unwrap();
    let labelled = &dictionary.columns[empl].codes;
    let mut counted = 0;
    for (label, group) in groups {
        let code = labelled.iter().find(|code| code.label == *label).unwrap();
        let rows = reading.rows.iter().filter(|row| row[empl * 2].as_ref() == Some(&code.code));
        let weights: Vec<f64> =
            rows.map(|row| row[weight * 2].as_deref().unwrap().parse().unwrap()).collect();
        assert_eq!(json!(weights.len()), group["n"], "{label}");
        assert!(near(weights.iter().sum(), &group["w"]), "{label}");
        counted += weights.len();
    }
    assert_eq!(counted, reading.rows.len());
    let labelled = dictionary.columns.iter().filter(|column| !column.codes.is_empty()).count();
    assert_eq!(json!(labelled), seen["n_value_label_sets"]);
}

#[test]
fn user_missing_of_real_files_is_taken_out_and_its_code_kept() {
    let Some((folder, files)) = reference() else { return };
    let mut taken_out = 0;
    for (name, seen) in &files {
        let (all, without) =
            (read_all(&folder.join(name), "value"), read_all(&folder.join(name), "null"));
        for (place, column) in all.outcome.dictionary.columns.iter().enumerate() {
            let declared = seen["user_missing"].get(&column.name);
            for (row, other) in all.rows.iter().zip(&without.rows) {
                let value = row[place * 2].as_deref();
                let is_missing = value.zip(declared).is_some_and(|(value, ranges)| {
                    ranges.as_array().unwrap().iter().any(|range| is_within(value, range))
                });
                let wanted = match value {
                    Some(value) if is_missing => [None, Some(format!("user-missing {value}"))],
                    _ => [row[place * 2].clone(), row[place * 2 + 1].clone()],
                };
                taken_out += u32::from(is_missing);
                assert_eq!(other[place * 2..place * 2 + 2], wanted, "{name}: {}", column.name);
            }
        }
    }
    assert!(taken_out > 100, "{taken_out}");
}

fn is_within(value: &str, range: &Value) -> bool {
    match (&range[0], &range[1]) {
        (Value::String(from), Value::Number(to)) if from == "-inf" => {
            value.parse::<f64>().unwrap() <= to.as_f64().unwrap()
        }
        (Value::Number(from), Value::Number(to)) => {
            let value = value.parse::<f64>().unwrap();
            from.as_f64().unwrap() <= value && value <= to.as_f64().unwrap()
        }
        (from, _) => from.as_str() == Some(value),
    }
}
