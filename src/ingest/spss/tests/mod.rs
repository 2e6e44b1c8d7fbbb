//! Tests of SPSS files: what is read, what is rejected, what is refused.

mod damage;
mod fixtures;
mod forms;
mod property;
mod reference;
mod writer;

use std::sync::atomic::AtomicU8;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;

use self::writer::{Cell, Plan, Sav};
use crate::error::{Error, Result};
use crate::ingest::chunks::Limits;
use crate::ingest::{Outcome, RawFile, Request, likely_bytes, read_within};
use crate::pipeline::codebook::Codebook;
use crate::pipeline::toml_reader::DefinitionText;

/// A row of the raw table, each value as text.
type Row = Vec<Option<String>>;

/// What reading a file gave.
#[derive(Debug)]
struct Reading {
    rows: Vec<Row>,
    /// Case, column, rule and raw text of each reject.
    rejects: Vec<(u64, String, String, String)>,
    outcome: Outcome,
}

/// A codebook of an SPSS source with these columns.
fn codebook(user_missing: &str, columns: &str) -> Codebook {
    let text = format!(
        "title = \"x\"\nformat = {{ kind = \"spss\", user_missing = \"{user_missing}\" }}\n\
         columns = [\n{columns}\n]"
    );
    Codebook::read(&DefinitionText { file: "x.toml".into(), text }).unwrap()
}

fn shown(batch: &arrow::array::RecordBatch) -> Vec<Row> {
    let columns: Vec<_> = batch
        .columns()
        .iter()
        .map(|column| arrow::compute::cast(column, &DataType::Utf8).unwrap())
        .collect();
    let value = |column: &arrow::array::ArrayRef, row| {
        let texts = column.as_string::<i32>();
        texts.is_valid(row).then(|| texts.value(row).to_owned())
    };
    let row = |row| columns.iter().map(|column| value(column, row)).collect();
    (0..batch.num_rows()).map(row).collect()
}

/// Reads bytes as a file of this name.
fn read_as(
    name: &str,
    bytes: &[u8],
    codebook: &Codebook,
    threads: usize,
    chunk_bytes: usize,
) -> Result<Reading> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let file = RawFile {
        path,
        name: "folder/file.sav".to_owned(),
        year: None,
        part: None,
        version: vec![1],
    };
    let stop = AtomicU8::new(0);
    let request = Request { file: &file, codebook, threads, stop: &stop };
    let limits = Limits { chunk_bytes, ..Limits::DEFAULT };
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let outcome = read_within(
        &request,
        limits,
        &mut |batch| {
            rows.extend(shown(&batch));
            Ok(())
        },
        &mut |batch| {
            rejects.extend(shown(&batch).into_iter().map(|row| {
                let [file, line, column, rule, text] = row.try_into().unwrap();
                assert_eq!(file.as_deref(), Some("folder/file.sav"));
                let line = line.unwrap().parse().unwrap();
                (line, column.unwrap(), rule.unwrap(), text.unwrap())
            }));
            Ok(())
        },
    )?;
    assert_eq!(outcome.counts.kept, rows.len() as u64);
    assert_eq!(outcome.counts.rejected, rejects.len() as u64);
    Ok(Reading { rows, rejects, outcome })
}

fn read(bytes: &[u8], codebook: &Codebook) -> Result<Reading> {
    read_as("file.sav", bytes, codebook, 2, 1 << 20)
}

/// Message and hint of the error, without the folder.
fn refusal(name: &str, bytes: &[u8], codebook: &Codebook) -> String {
    let error = read_as(name, bytes, codebook, 2, 1 << 20).unwrap_err();
    assert_eq!(error.exit_code(), 5, "{error}");
    let text = error.to_string();
    let (_, behind) = text.split_once("/file.").unwrap();
    let hint = error.hint().map(|hint| format!(" | {hint}")).unwrap_or_default();
    format!("file.{behind}{hint}")
}

fn text(text: &str) -> Cell {
    Cell::Text(text.as_bytes().to_vec())
}

fn some(values: &[&str]) -> Row {
    values.iter().map(|value| (*value != "-").then(|| (*value).to_owned())).collect()
}
