//! Turns raw files into typed batches and rejected records, by the codebook.
//! Finding files is here too; storing what was read is left to `lake`, the limit
//! of rejects to the caller. Plain threads only: no tokio, no engine.
//!
//! A file is a source of bytes (`source`: plain, gzip or zstd), cut into chunks
//! of whole records (text in `chunks`), which a parser turns into batches and
//! rejects side by side; `flow` brings them back in order. Text formats
//! (`delimited`, `fixed`) share a parser (`text`) and say how a record is taken
//! apart; another format, as `spss`, has its own chunks and parser.

mod chunks;
pub mod codelist;
mod codes;
mod column_names;
mod columns;
mod delimited;
pub mod describe;
pub mod discover;
mod encoding;
mod fields;
mod fixed;
mod flow;
mod forms;
mod grid;
mod header;
mod layout;
mod line_ends;
mod rejects;
mod source;
mod spss;
mod text;
mod texts;
mod values;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicU8;

use arrow::array::RecordBatch;

pub use self::codes::REASON_MISSING;
pub use self::columns::{REASON_ABSENT, REASON_EMPTY, raw_schema};
pub use self::discover::{Found, PassedOver, RawFile, Search, discover};
pub use self::layout::read_layout;
pub use self::rejects::rejects_schema;
pub use self::walk::{Entry, EntryKind, list_entries};

use self::chunks::{Cutter, Limits};
use self::encoding::{Evidence, Verdict};
use self::flow::{Chunks, Parsed};
use self::rejects::Rule;
use crate::error::{Error, Result};
use crate::lake::FileDictionary;
use crate::pipeline::codebook::{Codebook, Format, TextEncoding};
use crate::stop;

/// About how many bytes of records a file holds, packed or not. None of a file
/// that cannot be read, which ingest says.
pub fn likely_bytes(path: &Path, format: &Format) -> u64 {
    let bytes = source::likely_bytes(path);
    match format {
        Format::Spss(_) => spss::likely_bytes(path, bytes),
        Format::Delimited(_) | Format::Fixed(_) => bytes,
    }
}

/// Records of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Physical records behind the header.
    pub read: u64,
    /// Records that became rows.
    pub kept: u64,
    /// Records that did not fit.
    pub rejected: u64,
}

/// What reading a file came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Records read, kept and rejected.
    pub counts: Counts,
    /// Rejected records by rule and by the column (as the codebook names it) that
    /// offends; none where the record as a whole does.
    pub rules: BTreeMap<(String, Option<String>), u64>,
    /// What the user should know, without values of the data.
    pub warnings: Vec<String>,
    /// What the file says of itself.
    pub dictionary: FileDictionary,
    /// The cause that most rejects seem to have, where there is one.
    pub reject_cause: Option<String>,
    /// The last line of a text has no line end.
    pub lacks_last_line_end: bool,
    /// Reading stopped before the end: whatever stands behind, more records are
    /// rejected than the codebook allows.
    pub is_cut: bool,
}

/// What to read, and how.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The file.
    pub file: &'a RawFile,
    /// How it is written.
    pub codebook: &'a Codebook,
    /// Threads that parse; one more reads.
    pub threads: usize,
    /// The number of the signal that asks to stop; 0 for none.
    pub stop: &'a AtomicU8,
}

/// Reads a raw file. Batches of [`raw_schema`] go to `kept`, batches of
/// [`rejects_schema`] to `rejected`, both in the order of the file and on the
/// calling thread. How rows spread over batches is not fixed; their content and
/// order depend on the file and its codebook alone.
///
/// Memory is bounded whatever the file's size.
///
/// # Errors
/// [`Error::RawInput`] for a file that is not as its codebook says as a whole,
/// [`Error::Io`] for one that cannot be read, [`Error::Interrupted`] once `stop`
/// is set, and what `kept` and `rejected` return. Batches that were handed out
/// before do not count then.
pub fn read(
    request: &Request<'_>,
    kept: &mut dyn FnMut(RecordBatch) -> Result<()>,
    rejected: &mut dyn FnMut(RecordBatch) -> Result<()>,
) -> Result<Outcome> {
    read_within(request, Limits::DEFAULT, kept, rejected)
}

fn read_within(
    request: &Request<'_>,
    limits: Limits,
    kept: &mut dyn FnMut(RecordBatch) -> Result<()>,
    rejected: &mut dyn FnMut(RecordBatch) -> Result<()>,
) -> Result<Outcome> {
    let evidence = Evidence::default();
    let outcome = Outcome::default();
    let most_records = None;
    let mut sink = Sink { request, limits, most_records, outcome, evidence, kept, rejected };
    match &request.codebook.format {
        Format::Delimited(format) => {
            let (mut cutter, parser, dictionary) = delimited::open(request, format, limits)?;
            sink.outcome.dictionary = dictionary;
            sink.most_records = cutter.most_records(parser.least_record_bytes());
            sink.take_all(&mut cutter, |chunk| parser.parse(chunk))?;
            sink.judge_text(&cutter, format.encoding, format.needs_last_line_end)?;
            sink.judge_field_count(format.has_header);
        }
        Format::Fixed(format) => {
            let (mut cutter, parser, dictionary) = fixed::open(request, format, limits)?;
            sink.outcome.dictionary = dictionary;
            sink.most_records = cutter.most_records(parser.least_record_bytes());
            sink.take_all(&mut cutter, |chunk| parser.parse(chunk))?;
            sink.judge_text(&cutter, format.encoding, format.needs_last_line_end)?;
            sink.judge_width();
        }
        Format::Spss(format) => {
            let opened = spss::open(request, format, limits)?;
            let (mut cases, parser) = (opened.cases, opened.parser);
            sink.outcome.dictionary = opened.dictionary;
            sink.outcome.warnings = opened.warnings;
            sink.take_all(&mut cases, |chunk| parser.parse(chunk))?;
            sink.warn_of_cases(&cases);
        }
    }
    Ok(sink.outcome)
}

/// Where the records of a file go.
struct Sink<'a> {
    request: &'a Request<'a>,
    limits: Limits,
    /// At most so many records of the file may be kept, where that is known.
    most_records: Option<u64>,
    outcome: Outcome,
    evidence: Evidence,
    kept: &'a mut dyn FnMut(RecordBatch) -> Result<()>,
    rejected: &'a mut dyn FnMut(RecordBatch) -> Result<()>,
}

impl Sink<'_> {
    /// Takes all records of a file, parsed side by side, as long as the rejects
    /// may stay within the limit.
    fn take_all<C: Chunks>(
        &mut self,
        chunks: &mut C,
        parse: impl Fn(&C::Chunk) -> Result<Parsed> + Sync,
    ) -> Result<()> {
        flow::run(chunks, self.request.threads, parse, &mut |parsed| {
            stop::check(self.request.stop)?;
            self.add(parsed)?;
            self.outcome.is_cut = self.is_beyond_doubt();
            Ok(if self.outcome.is_cut { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        let Counts { read, kept, rejected } = self.outcome.counts;
        if read != kept + rejected {
            let message = format!("{read} records read, but {kept} kept and {rejected} rejected");
            return Err(Error::internal(message));
        }
        Ok(())
    }

    /// Even if the rest of the file were kept, the rejects would be over the limit.
    fn is_beyond_doubt(&self) -> bool {
        let Some(most_records) = self.most_records else { return false };
        let Counts { read, rejected, .. } = self.outcome.counts;
        let read = u128::from(read) + u128::from(most_records);
        let allowed = read * u128::from(self.request.codebook.reject_limit_ppm);
        rejected > self.limits.rejects && u128::from(rejected) * 1_000_000 > allowed
    }

    /// What only the whole of a text shows.
    fn judge_text(
        &mut self,
        cutter: &Cutter<'_>,
        encoding: TextEncoding,
        needs_last_line_end: bool,
    ) -> Result<()> {
        let outcome = &mut self.outcome;
        if outcome.is_cut {
            if let Verdict::Rejected(cause) = self.evidence.verdict(encoding) {
                outcome.reject_cause = Some(cause);
            }
            return Ok(());
        }
        if outcome.counts.read == 0 {
            let warning = match self.request.codebook.format.has_header() {
                true => "it has a header line and no records",
                false => "it has no records",
            };
            outcome.warnings.push(warning.to_owned());
        }
        outcome.lacks_last_line_end = !cutter.has_last_line_end();
        if outcome.lacks_last_line_end && needs_last_line_end {
            let message = "the last line has no line end; the copy may be incomplete";
            return Err(Error::raw_input(&self.request.file.path, message).with_hint(
                "have the file delivered again, or say `last_line_end = false` in the `format` \
                 of its codebook",
            ));
        }
        match self.evidence.verdict(encoding) {
            Verdict::Agrees => {}
            Verdict::Refused(message, hint) => {
                return Err(Error::raw_input(&self.request.file.path, message).with_hint(hint));
            }
            Verdict::Doubted(warning) => outcome.warnings.push(warning),
            Verdict::Rejected(cause) => {
                outcome.warnings.push(cause.clone());
                outcome.reject_cause = Some(cause);
            }
        }
        Ok(())
    }

    /// Looks whether it is the first record that is unlike the others.
    fn judge_field_count(&mut self, has_header: bool) {
        let outcome = &mut self.outcome;
        let count = |rule: Rule| outcome.rules.get(&(rule.text().to_owned(), None));
        let wrong = [Rule::TooFewFields, Rule::TooManyFields].into_iter().filter_map(count);
        if !has_header && wrong.sum::<u64>() * 2 > outcome.counts.read {
            let cause = "most records have more or fewer fields than the first one";
            outcome.reject_cause.get_or_insert(cause.to_owned());
        }
    }

    /// Looks whether the codebook's width is that of another file.
    fn judge_width(&mut self) {
        let outcome = &mut self.outcome;
        let count = |rule: Rule| outcome.rules.get(&(rule.text().to_owned(), None));
        let wrong = [Rule::LineTooShort, Rule::LineTooLong].into_iter().filter_map(count);
        if outcome.counts.kept == 0 && wrong.sum::<u64>() == outcome.counts.rejected {
            let cause = "no line has as many characters as `width` in the codebook says";
            outcome.reject_cause.get_or_insert(cause.to_owned());
        }
    }

    fn warn_of_cases(&mut self, cases: &spss::Cases<'_>) {
        let outcome = &mut self.outcome;
        if outcome.counts.read == 0 {
            outcome.warnings.push("it has no cases".to_owned());
        }
        if cases.surplus_bytes() > 0 {
            let count = cases.surplus_bytes();
            outcome.warnings.push(format!("{count} bytes behind the end of its data are not read"));
        }
    }

    fn add(&mut self, parsed: Parsed) -> Result<()> {
        let outcome = &mut self.outcome;
        outcome.counts.read += parsed.read;
        self.evidence.add(parsed.evidence);
        if let Some(batch) = parsed.batch {
            outcome.counts.kept += batch.num_rows() as u64;
            (self.kept)(batch)?;
        }
        if parsed.rejects.rows.is_empty() {
            return Ok(());
        }
        let columns = &self.request.codebook.columns;
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        for batch in parsed.rejects.batches(&self.request.file.name, &names) {
            let batch = batch?;
            outcome.counts.rejected += batch.num_rows() as u64;
            (self.rejected)(batch)?;
        }
        let mut counts = BTreeMap::new();
        for reject in &parsed.rejects.rows {
            *counts.entry((reject.rule, reject.column)).or_insert(0) += 1;
        }
        for ((rule, column), count) in counts {
            let column = column.and_then(|column| names.get(column)).map(|name| (*name).to_owned());
            *outcome.rules.entry((rule.text().to_owned(), column)).or_insert(0) += count;
        }
        Ok(())
    }
}
