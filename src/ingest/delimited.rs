//! Delimited text: its first line says where the columns stand, each further
//! record becomes a row or a reject.

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use memchr::memchr;

use super::chunks::{Chunk, Cutter, Limits, RecordEnd, record_end};
use super::columns::{ColumnBuffer, ColumnPlan, absent_column, raw_schema};
use super::fields::{Fields, without_line_end};
use super::flow::Parsed;
use super::header::read_header;
use super::rejects::{Rejects, Rule};
use super::{Request, source::Source};
use crate::error::{Error, Result};
use crate::pipeline::codebook::{Delimited, TextEncoding};

/// Parses the chunks of one delimited file.
pub(crate) struct Parser<'a> {
    format: &'a Delimited,
    ends: RecordEnd,
    record_bytes: usize,
    field_count: usize,
    columns: Vec<ColumnPlan>,
    schema: SchemaRef,
}

/// A batch under construction.
struct Rows<'p> {
    columns: Vec<Option<ColumnBuffer<'p>>>,
    count: usize,
    fields: Fields,
    rejects: Rejects,
}

/// What needs no look at every record of a chunk, since the whole is known.
struct Findings {
    has_nul: bool,
    has_quote: bool,
    is_valid_text: bool,
}

/// Opens a delimited file and reads its header line.
pub(crate) fn open<'a>(
    request: &Request<'a>,
    format: &'a Delimited,
    limits: Limits,
) -> Result<(Cutter<'a>, Parser<'a>)> {
    let ends = match (format.has_multiline_fields, format.quote) {
        (true, Some(quote)) => RecordEnd::LineOutsideQuotes { delimiter: format.delimiter, quote },
        _ => RecordEnd::Line,
    };
    let source = Source::open(&request.file.path)?;
    let mut cutter = Cutter::new(source, ends, limits, request.stop);
    let header = read_header(&cutter.first_line()?, request.file, request.codebook, format)?;
    let plan =
        |(column, field)| ColumnPlan::new(column, field, format.encoding, format.decimal_mark);
    let parser = Parser {
        format,
        ends,
        record_bytes: limits.record_bytes,
        field_count: header.field_count,
        columns: request.codebook.columns.iter().zip(header.fields).map(plan).collect(),
        schema: raw_schema(request.codebook),
    };
    Ok((cutter, parser))
}

impl Parser<'_> {
    /// Turns the records of a chunk into rows and rejects.
    pub(crate) fn parse(&self, chunk: &Chunk) -> Result<Parsed> {
        let mut rejects = Rejects::new(self.format.encoding);
        if let Some(rule) = chunk.lost {
            rejects.push(chunk.first_line, None, rule, without_line_end(&chunk.bytes));
            return Ok(Parsed { read: 1, batch: None, rejects });
        }
        let findings = self.look_over(&chunk.bytes);
        let row_guess = chunk.lines as usize;
        let mut rows = Rows {
            columns: self
                .columns
                .iter()
                .map(|plan| plan.field.map(|_| ColumnBuffer::new(plan, row_guess)))
                .collect(),
            count: 0,
            fields: Fields::default(),
            rejects,
        };
        let (mut start, mut line, mut read) = (0, chunk.first_line, 0);
        while start < chunk.bytes.len() {
            let end = record_end(&chunk.bytes, start, self.ends);
            let whole = &chunk.bytes[start..end];
            let record = without_line_end(whole);
            match self.add(record, &findings, &mut rows) {
                Ok(()) => rows.count += 1,
                Err((rule, column)) => rows.rejects.push(line, column, rule, record),
            }
            line += match self.ends {
                RecordEnd::Line => 1,
                RecordEnd::LineOutsideQuotes { .. } => {
                    memchr::memchr_iter(b'\n', whole).count() as u64
                }
            };
            read += 1;
            start = end;
        }
        if matches!(self.ends, RecordEnd::Line) && read != chunk.lines {
            return Err(Error::internal("a chunk has more or fewer records than lines"));
        }
        let batch = (rows.count > 0).then(|| self.batch(rows.columns, rows.count)).transpose()?;
        Ok(Parsed { read, batch, rejects: rows.rejects })
    }

    fn look_over(&self, bytes: &[u8]) -> Findings {
        Findings {
            has_nul: memchr(0, bytes).is_some(),
            has_quote: self.format.quote.is_some_and(|quote| memchr(quote, bytes).is_some()),
            is_valid_text: self.format.encoding != TextEncoding::Utf8
                || std::str::from_utf8(bytes).is_ok(),
        }
    }

    /// Adds one record, or says which rule and column of the codebook refuse it.
    fn add(
        &self,
        record: &[u8],
        findings: &Findings,
        rows: &mut Rows<'_>,
    ) -> Result<(), (Rule, Option<usize>)> {
        self.split(record, findings, &mut rows.fields).map_err(|rule| (rule, None))?;
        for (index, plan) in self.columns.iter().enumerate() {
            let (Some(field), Some(Some(column))) = (plan.field, rows.columns.get_mut(index))
            else {
                continue;
            };
            if let Err(rule) = column.push(rows.fields.get(record, field)) {
                // Nothing of a rejected record stays behind.
                for column in rows.columns.iter_mut().take(index + 1).flatten() {
                    column.cut(rows.count);
                }
                return Err((rule, Some(index)));
            }
        }
        Ok(())
    }

    fn split(&self, record: &[u8], findings: &Findings, fields: &mut Fields) -> Result<(), Rule> {
        if record.is_empty() {
            return Err(Rule::EmptyLine);
        }
        if record.len() > self.record_bytes {
            return Err(Rule::RecordTooLong);
        }
        if findings.has_nul && memchr(0, record).is_some() {
            return Err(Rule::NulByte);
        }
        if !findings.is_valid_text && std::str::from_utf8(record).is_err() {
            return Err(Rule::NotUtf8);
        }
        let quote = self.format.quote.filter(|_| findings.has_quote);
        fields.split(record, self.format.delimiter, quote)?;
        match fields.len().cmp(&self.field_count) {
            std::cmp::Ordering::Less => Err(Rule::TooFewFields),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(Rule::TooManyFields),
        }
    }

    fn batch(&self, columns: Vec<Option<ColumnBuffer<'_>>>, rows: usize) -> Result<RecordBatch> {
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (plan, column) in self.columns.iter().zip(columns) {
            match column {
                Some(column) => arrays.extend(column.finish()?),
                None => arrays.extend(absent_column(plan, rows)),
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map_err(|_| Error::internal("parsed columns do not fit the raw schema"))
    }
}
