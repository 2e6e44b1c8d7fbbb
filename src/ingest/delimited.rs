//! Delimited text: its first line says where the columns stand, or the codebook
//! does; in each record a delimiter stands between the fields.

use memchr::memchr;

use super::Request;
use super::chunks::{Chunk, Cutter, Limits};
use super::columns::ColumnPlan;
use super::fields::Fields;
use super::grid::Grid;
use super::header::Header;
use super::line_ends::Quotes;
use super::source::{self, Source};
use super::text::{Findings, Parser, Splitter, each_record};
use crate::error::Result;
use crate::lake::FileDictionary;
use crate::pipeline::codebook::Delimited;

/// Splits the records of one file at its delimiters.
pub(crate) struct DelimitedSplitter<'a> {
    format: &'a Delimited,
    /// Fields that each record must have.
    field_count: usize,
    /// Fields behind these are counted and not looked at.
    wanted_fields: usize,
}

/// Quotes inside which line ends are text.
fn multiline_quotes(format: &Delimited) -> Option<Quotes> {
    let quote = format.quote.filter(|_| format.has_multiline_fields)?;
    Some(Quotes { delimiter: format.delimiter, quote })
}

/// Opens a delimited file and finds what its columns are called.
pub(crate) fn begin<'a>(
    request: &Request<'a>,
    format: &Delimited,
    limits: Limits,
) -> Result<(Cutter<'a>, Header)> {
    let Request { file, codebook, stop, .. } = *request;
    let source = Source::open(&file.path)?;
    let mut cutter = Cutter::begin(source, multiline_quotes(format), limits, stop)?;
    if format.has_header {
        let line = cutter.next_line()?.ok_or_else(|| source::is_empty(&file.path))?;
        return Ok((cutter, Header::of_line(&line, file, codebook, format)?));
    }
    cutter.pass_over_mark(format.encoding)?;
    let header = Header::of_record(cutter.first_record()?, file, codebook, format)?;
    Ok((cutter, header))
}

/// Opens a delimited file at its first record.
pub(crate) fn open<'a>(
    request: &Request<'a>,
    format: &'a Delimited,
    limits: Limits,
) -> Result<(Cutter<'a>, Parser<DelimitedSplitter<'a>>, FileDictionary)> {
    let (cutter, header) = begin(request, format, limits)?;
    let fields = header.find_columns(request.codebook, request.file)?;
    let splitter = DelimitedSplitter {
        format,
        field_count: header.field_count(),
        wanted_fields: fields.iter().flatten().max().map_or(0, |last| last + 1),
    };
    let plan =
        |(column, field)| ColumnPlan::new(column, field, format.encoding, format.decimal_mark);
    let columns = request.codebook.columns.iter().zip(fields).map(plan).collect();
    let parser = Parser::new(splitter, format.encoding, columns, request.codebook, limits);
    let dictionary = header.dictionary(request.codebook, request.file, format.encoding);
    Ok((cutter, parser, dictionary))
}

impl Splitter for DelimitedSplitter<'_> {
    type Records<'c>
        = Grid<'c>
    where
        Self: 'c;

    fn least_record_bytes(&self) -> usize {
        // The delimiters; a line without any byte is no record.
        self.field_count.saturating_sub(1).max(1)
    }

    fn split<'c>(&'c self, chunk: &'c Chunk, findings: &Findings) -> Grid<'c> {
        let quote = self.format.quote.filter(|quote| memchr(*quote, &chunk.bytes).is_some());
        if quote.is_none() && findings.are_none() {
            let delimiter = self.format.delimiter;
            let counts = (self.field_count, self.wanted_fields);
            return Grid::split(chunk, delimiter, counts, findings.record_bytes);
        }
        self.split_carefully(chunk, findings, quote)
    }
}

impl DelimitedSplitter<'_> {
    /// Splits a chunk record by record, each looked at for what the chunk has.
    fn split_carefully(
        &self,
        chunk: &Chunk,
        findings: &Findings,
        quote: Option<u8>,
    ) -> Grid<'static> {
        let (delimiter, wanted) = (self.format.delimiter, self.wanted_fields);
        let mut grid = Grid::new(self.field_count, wanted);
        let mut fields = Fields::default();
        for (place, record) in each_record(chunk) {
            let count = findings
                .check(record)
                .and_then(|()| fields.split(record, delimiter, quote, wanted));
            let wanted = (0..wanted).map(|index| fields.get(record, index));
            grid.add(place, count, wanted);
        }
        grid
    }
}
