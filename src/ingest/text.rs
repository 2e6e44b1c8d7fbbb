//! Parses chunks of text: every record becomes a row or a reject. Where the
//! fields of a record lie is left to the formats; types are read column by
//! column.

use arrow::array::{BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter;
use arrow::datatypes::SchemaRef;
use memchr::{memchr, memchr_iter};

use super::chunks::{Chunk, Limits};
use super::columns::{ColumnBuffer, ColumnPlan, absent_column, raw_schema};
use super::encoding::Evidence;
use super::flow::Parsed;
use super::rejects::{Rejects, Rule};
use crate::error::{Error, Result};
use crate::pipeline::codebook::{Codebook, TextEncoding};

/// Where a record lies in its chunk, without its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Physical line at which it begins, counted from one.
    pub(crate) line: u64,
    start: u32,
    end: u32,
}

impl Place {
    /// A record of a chunk; chunks are far smaller than what 32 bits count.
    pub(crate) fn new(line: u64, start: usize, end: usize) -> Self {
        Place { line, start: start as u32, end: end as u32 }
    }

    /// Its first byte, and the one behind its last.
    pub(crate) fn bounds(self) -> (usize, usize) {
        (self.start as usize, self.end as usize)
    }

    /// The record's bytes.
    pub(crate) fn bytes(self, chunk: &Chunk) -> &[u8] {
        chunk.bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The records of one chunk: where their fields lie, nothing of what they mean.
pub(crate) trait Records {
    /// The text in which the places of fields lie.
    fn text(&self) -> &[u8];

    /// The records that have all their fields, in order.
    fn whole(&self) -> &[Place];

    /// The records that have no fields to speak of.
    fn refused(&self) -> &[(Place, Rule)];

    /// Where a field lies in each whole record, in order: its first byte and
    /// the one behind its last.
    fn column(&self, field: usize) -> impl Iterator<Item = (usize, usize)>;
}

/// Takes the records of one format apart.
pub(crate) trait Splitter: Sync {
    /// What it makes of a chunk.
    type Records<'c>: Records
    where
        Self: 'c;

    /// A record that is kept has at least so many bytes, its line end aside.
    fn least_record_bytes(&self) -> usize;

    /// Finds the fields of each record of a chunk.
    fn split<'c>(&'c self, chunk: &'c Chunk, findings: &Findings) -> Self::Records<'c>;
}

/// Parses the chunks of one text file.
pub(crate) struct Parser<S> {
    splitter: S,
    encoding: TextEncoding,
    record_bytes: usize,
    columns: Vec<ColumnPlan>,
    schema: SchemaRef,
}

/// What needs no look at every record of a chunk, since the whole is known.
pub(crate) struct Findings {
    pub(crate) is_ascii: bool,
    has_nul: bool,
    is_valid_text: bool,
    pub(crate) record_bytes: usize,
}

impl Findings {
    /// The chunk has nothing that a record could be refused for but its length
    /// and its fields.
    pub(crate) fn are_none(&self) -> bool {
        !self.has_nul && self.is_valid_text
    }

    /// Refuses a record for what is wrong with it as a whole.
    pub(crate) fn check(&self, record: &[u8]) -> Result<(), Rule> {
        if record.is_empty() {
            return Err(Rule::EmptyLine);
        }
        if record.len() > self.record_bytes {
            return Err(Rule::RecordTooLong);
        }
        if self.has_nul && memchr(0, record).is_some() {
            return Err(Rule::NulByte);
        }
        if !self.is_valid_text && std::str::from_utf8(record).is_err() {
            return Err(Rule::NotUtf8);
        }
        Ok(())
    }
}

/// The records of a chunk, one by one.
pub(crate) fn each_record(chunk: &Chunk) -> impl Iterator<Item = (Place, &[u8])> {
    let (ends, line_end) = (chunk.ends, chunk.ends.line_end);
    let (mut start, mut line) = (0, chunk.first_line);
    std::iter::from_fn(move || {
        if start >= chunk.bytes.len() {
            return None;
        }
        let end = ends.find_or_all(&chunk.bytes, start);
        let whole = &chunk.bytes[start..end];
        let record = line_end.strip(whole);
        let place = Place::new(line, start, start + record.len());
        line += match ends.quotes {
            None => 1,
            Some(_) => memchr_iter(line_end.last_byte(), whole).count() as u64,
        };
        start = end;
        Some((place, record))
    })
}

impl<S: Splitter> Parser<S> {
    pub(crate) fn new(
        splitter: S,
        encoding: TextEncoding,
        columns: Vec<ColumnPlan>,
        codebook: &Codebook,
        limits: Limits,
    ) -> Self {
        let schema = raw_schema(codebook);
        Parser { splitter, encoding, record_bytes: limits.record_bytes, columns, schema }
    }

    /// A record that is kept has at least so many bytes, its line end aside.
    pub(crate) fn least_record_bytes(&self) -> usize {
        self.splitter.least_record_bytes()
    }

    /// Turns the records of a chunk into rows and rejects.
    pub(crate) fn parse(&self, chunk: &Chunk) -> Result<Parsed> {
        let mut rejects = Rejects::new(self.encoding);
        let findings = self.look_over(&chunk.bytes);
        let evidence = match findings.is_ascii {
            true => Evidence::default(),
            false => Evidence::of(&chunk.bytes),
        };
        if let Some(rule) = chunk.lost {
            rejects.push(chunk.first_line, None, rule, chunk.ends.line_end.strip(&chunk.bytes));
            return Ok(Parsed { read: 1, batch: None, rejects, evidence });
        }
        let records = self.splitter.split(chunk, &findings);
        let read = (records.whole().len() + records.refused().len()) as u64;
        if chunk.ends.quotes.is_none() && read != chunk.lines {
            return Err(Error::internal("a chunk has more or fewer records than lines"));
        }
        let refused = records.refused().iter();
        let mut refused: Vec<_> = refused.map(|(place, rule)| (*place, *rule, None)).collect();
        let batch = self.batch(&records, findings.is_ascii, &mut refused)?;
        refused.sort_unstable_by_key(|(place, ..)| *place);
        for (place, rule, column) in refused {
            rejects.push(place.line, column, rule, place.bytes(chunk));
        }
        Ok(Parsed { read, batch, rejects, evidence })
    }

    fn look_over(&self, bytes: &[u8]) -> Findings {
        let is_ascii = bytes.is_ascii();
        let is_any_text = is_ascii || self.encoding != TextEncoding::Utf8;
        Findings {
            is_ascii,
            has_nul: memchr(0, bytes).is_some(),
            is_valid_text: is_any_text || std::str::from_utf8(bytes).is_ok(),
            record_bytes: self.record_bytes,
        }
    }

    /// Reads the records column by column; those that a column refuses are left
    /// out, each with the first column that does.
    fn batch(
        &self,
        records: &S::Records<'_>,
        is_ascii: bool,
        refused: &mut Vec<(Place, Rule, Option<usize>)>,
    ) -> Result<Option<RecordBatch>> {
        let places = records.whole();
        let mut is_kept = vec![true; places.len()];
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (index, plan) in self.columns.iter().enumerate() {
            let Some(field) = plan.field else {
                arrays.extend(absent_column(plan, places.len()));
                continue;
            };
            let mut column = ColumnBuffer::new(plan, places.len());
            column.extend(records.text(), is_ascii, records.column(field), |row, rule| {
                if std::mem::take(&mut is_kept[row]) {
                    refused.push((places[row], rule, Some(index)));
                }
            });
            arrays.extend(column.finish()?);
        }
        let kept = is_kept.iter().filter(|is_kept| **is_kept).count();
        if kept < places.len() {
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
