//! Turns cases of an SPSS file into rows and rejects, by the codebook. Values go
//! into columns as the text that they would be in a file of text.

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use encoding_rs::{Encoding, UTF_8};

use super::super::columns::{ColumnBuffer, ColumnPlan, absent_column, raw_schema};
use super::super::encoding::Evidence;
use super::super::flow::Parsed;
use super::super::rejects::{RAW_TEXT_BYTES, Rejects, Rule};
use super::cases::CaseChunk;
use super::dictionary::{Dictionary, Kind, Variable, without_padding};
use super::numbers::{push_day, push_number, push_padded};
use crate::error::{Error, Result};
use crate::pipeline::codebook::{Codebook, ColumnType, TextEncoding, UserMissing};

/// Begins the reason of a value that the file declares to be missing; its code
/// follows.
const REASON_USER_MISSING: &str = "user-missing ";

/// Parses the cases of one file.
pub(crate) struct Parser {
    dictionary: Dictionary,
    user_missing: UserMissing,
    columns: Vec<Reading>,
    schema: SchemaRef,
}

/// How one column of the codebook is read.
struct Reading {
    plan: ColumnPlan,
    /// The variable, by its place in the file; none where the file has none.
    variable: Option<usize>,
    form: Form,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Day,
    LeadingZeros,
}

/// Memory that is used again for each value.
#[derive(Default)]
struct Scratch {
    bytes: Vec<u8>,
    text: Vec<u8>,
    reason: String,
}

impl Parser {
    pub(super) fn new(
        dictionary: Dictionary,
        fields: &[Option<usize>],
        codebook: &Codebook,
        user_missing: UserMissing,
    ) -> Self {
        let reading = |(column, field): (&crate::pipeline::codebook::Column, &Option<usize>)| {
            let variable = field.and_then(|place| dictionary.variables.get(place));
            let form = match column.kind {
                ColumnType::Text | ColumnType::Date => variable.map_or(Form::Plain, form_of),
                _ => Form::Plain,
            };
            let plan = ColumnPlan::new(column, *field, TextEncoding::Utf8, b'.');
            Reading { plan, variable: *field, form }
        };
        let columns = codebook.columns.iter().zip(fields).map(reading).collect();
        Parser { dictionary, user_missing, columns, schema: raw_schema(codebook) }
    }

    /// Turns the cases of a chunk into rows and rejects.
    pub(crate) fn parse(&self, chunk: &CaseChunk) -> Result<Parsed> {
        let cases = chunk.bytes.chunks_exact(self.dictionary.case_bytes);
        let read = cases.len() as u64;
        let mut rejects = Rejects::new(TextEncoding::Utf8);
        let buffer = |reading: &'_ Reading| reading.variable.is_some();
        let mut columns: Vec<Option<ColumnBuffer<'_>>> = self
            .columns
            .iter()
            .map(|reading| buffer(reading).then(|| ColumnBuffer::new(&reading.plan, cases.len())))
            .collect();
        let mut scratch = Scratch::default();
        let mut rows = 0;
        for (number, case) in (chunk.first_case..).zip(cases) {
            match self.add(case, rows, &mut columns, &mut scratch) {
                Ok(()) => rows += 1,
                Err((rule, column)) => {
                    rejects.push(number, Some(column), rule, &self.shown(case));
                }
            }
        }
        let batch = (rows > 0).then(|| self.batch(columns, rows)).transpose()?;
        Ok(Parsed { read, batch, rejects, evidence: Evidence::default() })
    }

    /// Adds one case, or says which rule and column of the codebook refuse it.
    fn add(
        &self,
        case: &[u8],
        rows: usize,
        columns: &mut [Option<ColumnBuffer<'_>>],
        scratch: &mut Scratch,
    ) -> Result<(), (Rule, usize)> {
        for (index, reading) in self.columns.iter().enumerate() {
            let variable = reading.variable.and_then(|at| self.dictionary.variables.get(at));
            let (Some(variable), Some(Some(column))) = (variable, columns.get_mut(index)) else {
                continue;
            };
            if let Err(rule) = self.add_value(case, variable, reading.form, column, scratch) {
                // Nothing of a rejected case stays behind.
                for column in columns.iter_mut().take(index + 1).flatten() {
                    column.cut(rows);
                }
                return Err((rule, index));
            }
        }
        Ok(())
    }

    fn add_value(
        &self,
        case: &[u8],
        variable: &Variable,
        form: Form,
        column: &mut ColumnBuffer<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), Rule> {
        let missing = &variable.missing;
        let is_missing = match &variable.kind {
            Kind::Number { at } => {
                let Some(number) = self.number(case, *at) else { return column.push(b"") };
                scratch.text.clear();
                push_form(number, form, variable, &mut scratch.text);
                !missing.is_empty() && missing.has_number(number)
            }
            Kind::Text { pieces, .. } => {
                let text = joined(case, pieces, &mut scratch.bytes);
                let text = without_padding(text);
                let is_missing = !missing.is_empty() && missing.has_text(text);
                if memchr::memchr(0, text).is_some() {
                    return Err(Rule::NulByte);
                }
                let encoding = self.dictionary.encoding;
                if !is_missing && is_utf8(text, encoding) {
                    return column.push(text);
                }
                scratch.text.clear();
                decode(text, encoding, &mut scratch.text)?;
                is_missing
            }
        };
        if !is_missing || self.user_missing == UserMissing::Value {
            return column.push(&scratch.text);
        }
        scratch.reason.clear();
        scratch.reason.push_str(REASON_USER_MISSING);
        scratch.reason.push_str(&String::from_utf8_lossy(&scratch.text));
        column.push_missing(&scratch.text, &scratch.reason)
    }

    /// A number of a case, none where it is system-missing.
    fn number(&self, case: &[u8], at: usize) -> Option<f64> {
        let bytes = case.get(at..at + 8)?.try_into().ok()?;
        let number = self.dictionary.order.f64(bytes);
        (number != -f64::MAX && !number.is_nan()).then_some(number)
    }

    /// The values of a case as text, for people who look at a reject.
    fn shown(&self, case: &[u8]) -> Vec<u8> {
        let mut shown = Vec::new();
        let mut scratch = Scratch::default();
        for variable in &self.dictionary.variables {
            match &variable.kind {
                Kind::Number { at } => {
                    if let Some(number) = self.number(case, *at) {
                        push_form(number, form_of(variable), variable, &mut shown);
                    }
                }
                Kind::Text { pieces, .. } => {
                    let text = without_padding(joined(case, pieces, &mut scratch.bytes));
                    let text = self.dictionary.encoding.decode_without_bom_handling(text).0;
                    shown.extend_from_slice(text.as_bytes());
                }
            }
            if shown.len() > RAW_TEXT_BYTES {
                break;
            }
            shown.push(b';');
        }
        shown.pop();
        shown
    }

    fn batch(&self, columns: Vec<Option<ColumnBuffer<'_>>>, rows: usize) -> Result<RecordBatch> {
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (reading, column) in self.columns.iter().zip(columns) {
            match column {
                Some(column) => arrays.extend(column.finish()?),
                None => arrays.extend(absent_column(&reading.plan, rows)),
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map_err(|_| Error::internal("parsed columns do not fit the raw schema"))
    }
}

/// How a variable's numbers are written where they are codes or days.
pub(super) fn form_of(variable: &Variable) -> Form {
    if variable.format.is_date() {
        Form::Day
    } else if variable.format.has_leading_zeros() {
        Form::LeadingZeros
    } else {
        Form::Plain
    }
}

/// Adds a number in a form; one that is no day is written as it is.
pub(super) fn push_form(number: f64, form: Form, variable: &Variable, text: &mut Vec<u8>) {
    match form {
        Form::Day if push_day(number, text) => {}
        Form::Plain | Form::Day => push_number(number, text),
        Form::LeadingZeros => push_padded(number, variable.format.width, text),
    }
}

/// The text of a case, put together where it stands in pieces.
fn joined<'a>(case: &'a [u8], pieces: &[(usize, usize)], joined: &'a mut Vec<u8>) -> &'a [u8] {
    let piece = |(at, length): &(usize, usize)| case.get(*at..*at + *length).unwrap_or_default();
    if let [only] = pieces {
        return piece(only);
    }
    joined.clear();
    pieces.iter().for_each(|at| joined.extend_from_slice(piece(at)));
    joined
}

/// Says whether text in an encoding is UTF-8 as it stands.
fn is_utf8(text: &[u8], encoding: &'static Encoding) -> bool {
    text.is_ascii() || (encoding == UTF_8 && std::str::from_utf8(text).is_ok())
}

fn decode(text: &[u8], encoding: &'static Encoding, into: &mut Vec<u8>) -> Result<(), Rule> {
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(text);
    into.extend_from_slice(decoded.ok_or(Rule::NotValidText)?.as_bytes());
    Ok(())
}
