//! Delimited text: its first line says where the columns stand, each further
//! record becomes a row or a reject.

use arrow::array::{BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter;
use arrow::datatypes::SchemaRef;
use memchr::{memchr, memchr_iter};

use super::chunks::{Chunk, Cutter, Limits, RecordEnd, record_end};
use super::columns::{ColumnBuffer, ColumnPlan, absent_column, raw_schema};
use super::fields::{Fields, without_line_end};
use super::flow::Parsed;
use super::grid::{Grid, Place};
use super::header::read_header;
use super::rejects::{Rejects, Rule};
use super::{Request, source::Source};
use crate::error::{Error, Result};
use crate::lake::FileDictionary;
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

/// What needs no look at every record of a chunk, since the whole is known.
struct Findings {
    has_nul: bool,
    has_quote: bool,
    is_valid_text: bool,
}

impl Findings {
    fn are_none(&self) -> bool {
        !self.has_nul && !self.has_quote && self.is_valid_text
    }
}

/// Where the records of a file end.
pub(crate) fn record_ends(format: &Delimited) -> RecordEnd {
    match (format.has_multiline_fields, format.quote) {
        (true, Some(quote)) => RecordEnd::LineOutsideQuotes { delimiter: format.delimiter, quote },
        _ => RecordEnd::Line,
    }
}

/// Opens a delimited file and reads its header line.
pub(crate) fn open<'a>(
    request: &Request<'a>,
    format: &'a Delimited,
    limits: Limits,
) -> Result<(Cutter<'a>, Parser<'a>, FileDictionary)> {
    let ends = record_ends(format);
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
    let encoding = format.encoding.name();
    let dictionary = FileDictionary::of_names("delimited", encoding, header.names);
    Ok((cutter, parser, dictionary))
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
        let mut grid = if findings.are_none() {
            Grid::split(chunk, self.format.delimiter, self.field_count, self.record_bytes)
        } else {
            self.split_carefully(chunk, &findings)
        };
        let read = (grid.records.len() + grid.refused.len()) as u64;
        if matches!(self.ends, RecordEnd::Line) && read != chunk.lines {
            return Err(Error::internal("a chunk has more or fewer records than lines"));
        }
        let refused = std::mem::take(&mut grid.refused).into_iter();
        let mut refused: Vec<_> = refused.map(|(place, rule)| (place, rule, None)).collect();
        let batch = self.batch(&grid, chunk.bytes.is_ascii(), &mut refused)?;
        refused.sort_unstable_by_key(|(place, ..)| *place);
        for (place, rule, column) in refused {
            rejects.push(place.line, column, rule, place.bytes(chunk));
        }
        Ok(Parsed { read, batch, rejects })
    }

    fn look_over(&self, bytes: &[u8]) -> Findings {
        Findings {
            has_nul: memchr(0, bytes).is_some(),
            has_quote: self.format.quote.is_some_and(|quote| memchr(quote, bytes).is_some()),
            is_valid_text: self.format.encoding != TextEncoding::Utf8
                || std::str::from_utf8(bytes).is_ok(),
        }
    }

    /// Splits a chunk record by record, each looked at for what the chunk has.
    fn split_carefully(&self, chunk: &Chunk, findings: &Findings) -> Grid<'static> {
        let mut grid = Grid::new(self.field_count);
        let mut fields = Fields::default();
        let (mut start, mut line) = (0, chunk.first_line);
        while start < chunk.bytes.len() {
            let end = record_end(&chunk.bytes, start, self.ends);
            let whole = &chunk.bytes[start..end];
            let record = without_line_end(whole);
            let place = Place::new(line, start, start + record.len());
            let outcome = self.split_record(record, findings, &mut fields).and_then(|()| {
                grid.add(place, (0..fields.len()).map(|index| fields.get(record, index)))
            });
            if let Err(rule) = outcome {
                grid.refused.push((place, rule));
            }
            line += match self.ends {
                RecordEnd::Line => 1,
                RecordEnd::LineOutsideQuotes { .. } => memchr_iter(b'\n', whole).count() as u64,
            };
            start = end;
        }
        grid
    }

    fn split_record(
        &self,
        record: &[u8],
        findings: &Findings,
        fields: &mut Fields,
    ) -> Result<(), Rule> {
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
        fields.split(record, self.format.delimiter, quote)
    }

    /// Reads the grid column by column; records that a column refuses are left
    /// out, each with the first column that does.
    fn batch(
        &self,
        grid: &Grid<'_>,
        is_ascii: bool,
        refused: &mut Vec<(Place, Rule, Option<usize>)>,
    ) -> Result<Option<RecordBatch>> {
        let rows = grid.records.len();
        let mut is_kept = vec![true; rows];
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (index, plan) in self.columns.iter().enumerate() {
            let Some(field) = plan.field else {
                arrays.extend(absent_column(plan, rows));
                continue;
            };
            let mut column = ColumnBuffer::new(plan, rows);
            column.extend(grid.text(), is_ascii, grid.column(field), |row, rule| {
                if std::mem::take(&mut is_kept[row]) {
                    refused.push((grid.records[row], rule, Some(index)));
                }
            });
            arrays.extend(column.finish()?);
        }
        let kept = is_kept.iter().filter(|is_kept| **is_kept).count();
        if kept < rows {
            let is_kept = BooleanArray::from(is_kept);
            let filtered = arrays.iter().map(|array| filter(array, &is_kept));
            arrays = filtered
                .collect::<Result<_, _>>()
                .map_err(|_| Error::internal("rejected records cannot be left out"))?;
        }
        let options = RecordBatchOptions::new().with_row_count(Some(kept));
        let batch = (kept > 0)
            .then(|| RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options));
        batch.transpose().map_err(|_| Error::internal("parsed columns do not fit the raw schema"))
    }
}
