//! Records that do not fit: the rules they break, and their raw text.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::encoding::decode_windows_1252;
use crate::error::{Error, Result};
use crate::pipeline::codebook::TextEncoding;

/// Raw text of a rejected record is kept up to this many bytes.
pub(crate) const RAW_TEXT_BYTES: usize = 4 * 1024;

const BATCH_ROWS: usize = 8192;

/// What a rejected record breaks. The texts are stable: they stand in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rule {
    EmptyLine,
    RecordTooLong,
    NulByte,
    NotUtf8,
    NotValidText,
    UnclosedQuote,
    TextAfterQuote,
    StrayQuote,
    TooFewFields,
    TooManyFields,
    LineTooShort,
    LineTooLong,
    NotAnInteger,
    IntegerTooLarge,
    NotADecimal,
    TooManyDecimals,
    DecimalTooLarge,
    NotADate,
    NotABooleanCode,
    MandatoryValueMissing,
}

impl Rule {
    /// The rule in words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Rule::EmptyLine => "empty line",
            Rule::RecordTooLong => "record too long",
            Rule::NulByte => "NUL byte",
            Rule::NotUtf8 => "not UTF-8",
            Rule::NotValidText => "not valid text",
            Rule::UnclosedQuote => "unclosed quote",
            Rule::TextAfterQuote => "text after quote",
            Rule::StrayQuote => "quote inside a field",
            Rule::TooFewFields => "too few fields",
            Rule::TooManyFields => "too many fields",
            Rule::LineTooShort => "line too short",
            Rule::LineTooLong => "line too long",
            Rule::NotAnInteger => "not an integer",
            Rule::IntegerTooLarge => "integer too large",
            Rule::NotADecimal => "not a decimal",
            Rule::TooManyDecimals => "too many decimals",
            Rule::DecimalTooLarge => "decimal too large",
            Rule::NotADate => "not a date",
            Rule::NotABooleanCode => "not a boolean code",
            Rule::MandatoryValueMissing => "mandatory value missing",
        }
    }
}

/// Schema of the table of rejects: file relative to the raw folder, physical line
/// at which the record begins, offending column as the codebook names it (null
/// where the record as a whole offends), rule, and the record's text, decoded,
/// up to 4 KiB.
pub fn rejects_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("file", DataType::Utf8, false),
        Field::new("line", DataType::Int64, false),
        Field::new("column", DataType::Utf8, true),
        Field::new("rule", DataType::Utf8, false),
        Field::new("raw_text", DataType::Utf8, false),
    ]))
}

/// One rejected record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reject {
    /// Physical line at which it begins, counted from one.
    pub(crate) line: u64,
    /// The offending column, by its place in the codebook.
    pub(crate) column: Option<usize>,
    pub(crate) rule: Rule,
    raw_end: usize,
}

/// The rejected records of one chunk, in order.
pub(crate) struct Rejects {
    pub(crate) rows: Vec<Reject>,
    raw: String,
    encoding: TextEncoding,
}

impl Rejects {
    pub(crate) fn new(encoding: TextEncoding) -> Self {
        Rejects { rows: Vec::new(), raw: String::new(), encoding }
    }

    pub(crate) fn push(&mut self, line: u64, column: Option<usize>, rule: Rule, record: &[u8]) {
        let kept = record.get(..RAW_TEXT_BYTES).unwrap_or(record);
        match self.encoding {
            TextEncoding::Windows1252 => decode_windows_1252(kept, &mut self.raw),
            TextEncoding::Utf8 => self.push_lossy(kept),
        }
        self.rows.push(Reject { line, column, rule, raw_end: self.raw.len() });
    }

    fn push_lossy(&mut self, bytes: &[u8]) {
        for part in bytes.utf8_chunks() {
            self.raw.push_str(part.valid());
            if !part.invalid().is_empty() {
                self.raw.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }

    /// The rows as batches of [`rejects_schema`]; `names` are the codebook's columns.
    pub(crate) fn batches<'a>(
        &'a self,
        file: &'a str,
        names: &'a [&str],
    ) -> impl Iterator<Item = Result<RecordBatch>> + 'a {
        let starts = (0..self.rows.len()).step_by(BATCH_ROWS);
        starts.map(move |start| self.batch(start, file, names))
    }

    fn batch(&self, start: usize, file: &str, names: &[&str]) -> Result<RecordBatch> {
        let rows = self.rows.get(start..).unwrap_or_default();
        let rows = rows.get(..BATCH_ROWS).unwrap_or(rows);
        let mut raw_start = match start.checked_sub(1).and_then(|last| self.rows.get(last)) {
            Some(before) => before.raw_end,
            None => 0,
        };
        let (mut files, mut columns) = (StringBuilder::new(), StringBuilder::new());
        let (mut rules, mut raw_texts) = (StringBuilder::new(), StringBuilder::new());
        for row in rows {
            files.append_value(file);
            columns.append_option(row.column.and_then(|column| names.get(column)));
            rules.append_value(row.rule.text());
            raw_texts.append_value(self.raw.get(raw_start..row.raw_end).unwrap_or_default());
            raw_start = row.raw_end;
        }
        let lines = rows.iter().map(|row| row.line as i64).collect::<Int64Array>();
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(files.finish()),
            Arc::new(lines),
            Arc::new(columns.finish()),
            Arc::new(rules.finish()),
            Arc::new(raw_texts.finish()),
        ];
        RecordBatch::try_new(rejects_schema(), arrays)
            .map_err(|_| Error::internal("rejects do not fit their schema"))
    }
}
