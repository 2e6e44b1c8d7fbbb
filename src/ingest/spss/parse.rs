//! Turns cases of an SPSS file into rows and rejects, by the codebook. Values go
//! into columns as the text that they would be in a file of text.

use std::slice::ChunksExact;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter;
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

/// The cases of a chunk on their way into a batch, column by column.
struct Rows<'c> {
    cases: ChunksExact<'c, u8>,
    /// Cases that no column has refused so far.
    is_kept: Vec<bool>,
    /// Refused cases by their place, each with the first column that did.
    refused: Vec<(usize, Rule, usize)>,
    fields: Fields,
}

/// Fields of one column that wait to be taken. The memory is used again.
#[derive(Default)]
struct Fields {
    text: Vec<u8>,
    /// Start and end of each in the text.
    places: Vec<(usize, usize)>,
    /// Text of a value that stands in pieces.
    joined: Vec<u8>,
    /// A code that the file declares to be missing, and the reason made of it.
    code: Vec<u8>,
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
        let read = cases.len();
        let mut rows = Rows {
            is_kept: vec![true; read],
            refused: Vec::new(),
            fields: Fields::default(),
            cases,
        };
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (index, reading) in self.columns.iter().enumerate() {
            let variable = reading.variable.and_then(|at| self.dictionary.variables.get(at));
            let Some(variable) = variable else {
                arrays.extend(absent_column(&reading.plan, read));
                continue;
            };
            let mut column = ColumnBuffer::new(&reading.plan, read);
            self.read_column(index, variable, reading.form, &mut rows, &mut column);
            arrays.extend(column.finish()?);
        }
        let batch = self.batch(arrays, &rows.is_kept)?;
        let mut rejects = Rejects::new(TextEncoding::Utf8);
        rows.refused.sort_unstable_by_key(|(row, ..)| *row);
        for (row, rule, column) in rows.refused {
            let case = chunk.bytes.chunks_exact(self.dictionary.case_bytes).nth(row);
            let shown = self.shown(case.unwrap_or_default());
            rejects.push(chunk.first_case + row as u64, Some(column), rule, &shown);
        }
        Ok(Parsed { read: read as u64, batch, rejects, evidence: Evidence::default() })
    }

    /// Reads one variable of all cases.
    fn read_column(
        &self,
        index: usize,
        variable: &Variable,
        form: Form,
        rows: &mut Rows<'_>,
        column: &mut ColumnBuffer<'_>,
    ) {
        let missing = &variable.missing;
        let has_missing = !missing.is_empty() && self.user_missing == UserMissing::Null;
        for (row, case) in rows.cases.clone().enumerate() {
            let fields = &mut rows.fields;
            let start = fields.text.len();
            let outcome = match &variable.kind {
                Kind::Number { at } => Ok(self.number(case, *at).is_some_and(|number| {
                    push_form(number, form, variable, &mut fields.text);
                    has_missing && missing.has_number(number)
                })),
                Kind::Text { pieces, .. } => {
                    let text = without_padding(joined(case, pieces, &mut fields.joined));
                    push_text(text, self.dictionary.encoding, &mut fields.text)
                        .map(|()| has_missing && missing.has_text(text))
                }
            };
            let place = (start, fields.text.len());
            match outcome {
                Ok(false) => fields.places.push(place),
                Ok(true) => rows.take_missing(row, index, place, column),
                Err(rule) => {
                    rows.refuse(row, rule, index);
                    rows.fields.places.push((start, start));
                }
            }
        }
        rows.take_fields(rows.is_kept.len(), index, column);
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
        let mut pieced = Vec::new();
        for variable in &self.dictionary.variables {
            match &variable.kind {
                Kind::Number { at } => {
                    if let Some(number) = self.number(case, *at) {
                        push_form(number, form_of(variable), variable, &mut shown);
                    }
                }
                Kind::Text { pieces, .. } => {
                    let text = without_padding(joined(case, pieces, &mut pieced));
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

    /// The batch of the cases that are kept, none where there are none.
    fn batch(&self, arrays: Vec<ArrayRef>, is_kept: &[bool]) -> Result<Option<RecordBatch>> {
        let kept = is_kept.iter().filter(|is_kept| **is_kept).count();
        if kept == 0 {
            return Ok(None);
        }
        let mut arrays = arrays;
        if kept < is_kept.len() {
            let is_kept = BooleanArray::from(is_kept.to_vec());
            let filtered = arrays.iter().map(|array| filter(array, &is_kept));
            arrays = filtered
                .collect::<Result<_, _>>()
                .map_err(|_| Error::internal("rejected cases cannot be left out"))?;
        }
        let options = RecordBatchOptions::new().with_row_count(Some(kept));
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map(Some)
            .map_err(|_| Error::internal("parsed columns do not fit the raw schema"))
    }
}

impl Rows<'_> {
    fn refuse(&mut self, row: usize, rule: Rule, column: usize) {
        if let Some(is_kept) = self.is_kept.get_mut(row)
            && std::mem::take(is_kept)
        {
            self.refused.push((row, rule, column));
        }
    }

    /// Puts the fields that wait into a column; they end before this row.
    fn take_fields(&mut self, end: usize, index: usize, column: &mut ColumnBuffer<'_>) {
        let fields = std::mem::take(&mut self.fields);
        let start = end - fields.places.len();
        column.extend(&fields.text, false, fields.places.iter().copied(), |row, rule| {
            self.refuse(start + row, rule, index);
        });
        self.fields = fields;
        self.fields.text.clear();
        self.fields.places.clear();
    }

    /// Puts a field that the file declares to be missing into a column.
    fn take_missing(
        &mut self,
        row: usize,
        index: usize,
        (start, end): (usize, usize),
        column: &mut ColumnBuffer<'_>,
    ) {
        let fields = &mut self.fields;
        fields.code.clear();
        fields.code.extend_from_slice(fields.text.get(start..end).unwrap_or_default());
        fields.reason.clear();
        fields.reason.push_str(REASON_USER_MISSING);
        fields.reason.push_str(&String::from_utf8_lossy(&fields.code));
        self.take_fields(row, index, column);
        if let Err(rule) = column.push_missing(&self.fields.code, &self.fields.reason) {
            self.refuse(row, rule, index);
        }
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

/// Adds a text as UTF-8.
fn push_text(text: &[u8], encoding: &'static Encoding, into: &mut Vec<u8>) -> Result<(), Rule> {
    if memchr::memchr(0, text).is_some() {
        return Err(Rule::NulByte);
    }
    if text.is_ascii() || (encoding == UTF_8 && std::str::from_utf8(text).is_ok()) {
        into.extend_from_slice(text);
        return Ok(());
    }
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(text);
    into.extend_from_slice(decoded.ok_or(Rule::NotValidText)?.as_bytes());
    Ok(())
}
