//! Tests of whole files: what is read, what is rejected, what is refused.

mod bad_input;
mod cells;
mod codes;
mod fixed;
mod fixed_property;
mod good_input;
mod layout;
mod line_ends;
mod no_header;
mod oracle;
mod packings;
mod property;
mod values;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU8;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type};

use super::chunks::Limits;
use super::{Outcome, RawFile, Request, raw_schema, read_within, rejects_schema};
use crate::error::Result;
use crate::pipeline::codebook::{Codebook, Delimited, Format};
use crate::pipeline::toml_reader::DefinitionText;

/// A row of the raw table, each value as text.
type Row = Vec<Option<String>>;

/// Line, column, rule and raw text of a reject.
type RejectRow = (i64, Option<String>, String, String);

/// What reading a file gave.
#[derive(Debug, PartialEq)]
struct Reading {
    rows: Vec<Row>,
    rejects: Vec<RejectRow>,
}

/// A codebook, by which a last line needs no line end.
fn codebook(text: &str) -> Codebook {
    let text = DefinitionText { file: "x.toml".into(), text: text.to_owned() };
    let mut codebook = Codebook::read(&text).unwrap();
    needs_last_line_end(&mut codebook, false);
    codebook
}

fn needs_last_line_end(codebook: &mut Codebook, needs: bool) {
    match &mut codebook.format {
        Format::Delimited(format) => format.needs_last_line_end = needs,
        Format::Fixed(format) => format.needs_last_line_end = needs,
        Format::Spss(_) => {}
    }
}

/// A codebook of one person and one number, delimited by semicolons.
fn two_columns() -> Codebook {
    codebook(
        r#"
        title = "x"
        format = { kind = "delimited", delimiter = ";" }
        columns = [
            { name = "person_id", type = "text", header = "RINPERSOON" },
            { name = "hour_count", type = "integer", header = "UREN" },
        ]"#,
    )
}

fn delimited(codebook: &mut Codebook) -> &mut Delimited {
    match &mut codebook.format {
        Format::Delimited(format) => format,
        other => panic!("{} is not delimited", other.kind()),
    }
}

fn raw_file(path: PathBuf) -> RawFile {
    RawFile {
        path,
        name: "folder/file.csv".to_owned(),
        year: Some(2016),
        part: None,
        version: vec![1],
    }
}

fn read_path(
    path: &Path,
    codebook: &Codebook,
    threads: usize,
    limits: Limits,
) -> Result<(Reading, Outcome)> {
    let file = raw_file(path.to_path_buf());
    let stop = AtomicU8::new(0);
    let request = Request { file: &file, codebook, threads, stop: &stop };
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let outcome = read_within(
        &request,
        limits,
        &mut |batch| {
            assert_eq!(batch.schema(), raw_schema(codebook));
            rows.extend(shown_rows(&batch));
            Ok(())
        },
        &mut |batch| {
            assert_eq!(batch.schema(), rejects_schema());
            rejects.extend(shown_rejects(&batch));
            Ok(())
        },
    )?;
    assert_eq!(outcome.counts.kept, rows.len() as u64);
    assert_eq!(outcome.counts.rejected, rejects.len() as u64);
    assert_eq!(outcome.counts.read, outcome.counts.kept + outcome.counts.rejected);
    assert_eq!(outcome.rules.values().sum::<u64>(), outcome.counts.rejected);
    Ok((Reading { rows, rejects }, outcome))
}

/// Writes the bytes as `name` and reads them with the default limits.
fn read_as(name: &str, bytes: &[u8], codebook: &Codebook) -> Result<(Reading, Outcome)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_path(&path, codebook, 2, Limits::DEFAULT)
}

fn read_text(text: impl AsRef<[u8]>, codebook: &Codebook) -> Result<(Reading, Outcome)> {
    read_as("file.csv", text.as_ref(), codebook)
}

fn shown_rows(batch: &RecordBatch) -> Vec<Row> {
    let row = |row| batch.columns().iter().map(|column| shown(column, row)).collect();
    (0..batch.num_rows()).map(row).collect()
}

fn shown(column: &ArrayRef, row: usize) -> Option<String> {
    column.is_valid(row).then(|| match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Date32 => column.as_primitive::<Date32Type>().value(row).to_string(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        other => panic!("unexpected type {other}"),
    })
}

fn shown_rejects(batch: &RecordBatch) -> Vec<RejectRow> {
    shown_rows(batch)
        .into_iter()
        .map(|row| {
            let [file, line, column, rule, raw_text] = row.try_into().unwrap();
            assert_eq!(file.unwrap(), "folder/file.csv");
            (line.unwrap().parse().unwrap(), column, rule.unwrap(), raw_text.unwrap())
        })
        .collect()
}

/// Line, column and rule of each reject.
fn rules(reading: &Reading) -> Vec<(i64, Option<&str>, &str)> {
    reading
        .rejects
        .iter()
        .map(|(line, column, rule, _)| (*line, column.as_deref(), rule.as_str()))
        .collect()
}

fn some(values: &[&str]) -> Row {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

pub(in crate::ingest) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// With a checksum at its end, as the command writes it.
pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
