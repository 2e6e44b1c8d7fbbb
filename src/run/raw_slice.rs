//! Makes a raw slice of its files, one behind the other: each is read, counted
//! and judged by itself.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use arrow::array::RecordBatch;

use super::context::RunContext;
use super::drift::keep_vintage;
use super::slice::SliceJob;
use super::volume::refuse_few_records;
use crate::durable::crash;
use crate::error::{Error, Result};
use crate::ingest::{self, Outcome, RawFile, Request};
use crate::lake::slices::REJECTS;
use crate::lake::{FinishedSlice, RowsWriter, SliceRecord, SliceWriter};
use crate::pipeline::codebook::Codebook;
use crate::plan::ingredients;

/// Reads the files of a raw slice; fills in what the record says of them.
///
/// # Errors
/// Of ingest; [`Error::Rejects`] where more records of a file are rejected than
/// its codebook allows. The rejects that led to an error are kept.
pub(super) fn ingest_files(
    context: &RunContext,
    job: &SliceJob,
    record: &mut SliceRecord,
) -> Result<FinishedSlice> {
    let id = &job.wanted.id;
    let source = context.setup.study.sources.get(&id.table.name);
    let files = context.inventory.files.get(id);
    let (Some(source), Some(files)) = (source, files) else {
        return Err(Error::internal(format!("{id} has no file")));
    };
    let codebook = &source.codebook;
    let mut intake = Intake {
        context,
        job,
        codebook,
        kept: context.scratch.slice_writer(&ingest::raw_schema(codebook), &[])?,
        rejected: context.scratch.rows_writer(&ingest::rejects_schema())?,
    };
    let read = intake.read_all(files, record);
    let has_rejects = record.rows_rejected > 0 || matches!(read, Err(Error::RejectSpace { .. }));
    if has_rejects && !job.is_proof {
        let sum = context.scratch.put_rejects(intake.rejected.finish()?, id, &record.key)?;
        record.sums.insert(REJECTS.to_owned(), sum);
    }
    let outcomes = read?;
    let mut finished = intake.kept.finish()?;
    if !job.is_proof {
        // Before the slice has its place: the history knows all that the lake has.
        for (file, outcome) in files.iter().zip(&outcomes) {
            keep_vintage(context, id, file, outcome.counts.read)?;
        }
    }
    finished.dictionaries = outcomes.into_iter().map(|outcome| outcome.dictionary).collect();
    Ok(finished)
}

/// Where the records of a slice's files go.
struct Intake<'a> {
    context: &'a RunContext,
    job: &'a SliceJob,
    codebook: &'a Codebook,
    kept: SliceWriter,
    rejected: RowsWriter,
}

impl Intake<'_> {
    /// Reads the files in their order, up to the first that is refused.
    fn read_all(&mut self, files: &[RawFile], record: &mut SliceRecord) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(files.len());
        for file in files {
            let outcome = self.read(file)?;
            check_unchanged(self.context, file, record)?;
            take_note(record, file, &outcome);
            self.judge(file, &outcome)?;
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    fn read(&mut self, file: &RawFile) -> Result<Outcome> {
        let Intake { context, job, codebook, kept, rejected } = self;
        let threads = job.threads;
        let request = Request { file, codebook, threads, stop: context.stop.flag() };
        let mut keep = |batch| {
            crash::point("ingest-batch");
            kept.write(&batch)
        };
        let limit_bytes = context.setup.reject_space;
        let mut reject = |batch: RecordBatch| {
            rejected.write(&batch)?;
            let bytes = batch.get_array_memory_size() as u64;
            match context.reject_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > limit_bytes {
                true => Err(Error::RejectSpace { slice: self.job.named(file), limit_bytes }),
                false => Ok(()),
            }
        };
        ingest::read(&request, &mut keep, &mut reject)
    }

    /// Refuses a file with more rejects or fewer records than may be.
    fn judge(&self, file: &RawFile, outcome: &Outcome) -> Result<()> {
        let (counts, limit_ppm) = (outcome.counts, self.codebook.reject_limit_ppm);
        let allowed = u128::from(counts.read) * u128::from(limit_ppm);
        if u128::from(counts.rejected) * 1_000_000 > allowed {
            return Err(Error::Rejects {
                slice: self.job.named(file),
                rejected: counts.rejected,
                read: counts.read,
                is_cut: outcome.is_cut,
                limit_percent: format!("{}", f64::from(limit_ppm) / 10_000.0),
                hint: outcome.reject_cause.clone(),
            });
        }
        refuse_few_records(self.context, &self.job.wanted.id, file, counts.read)
    }
}

impl SliceJob {
    /// The slice with one of its files, in words.
    fn named(&self, file: &RawFile) -> String {
        format!("{} ({})", self.wanted.id, file.name)
    }
}

/// Adds a file to the record of its slice.
fn take_note(record: &mut SliceRecord, file: &RawFile, outcome: &Outcome) {
    for warning in &outcome.warnings {
        tracing::warn!("{}: {warning}", file.name);
    }
    *record.rows_read.get_or_insert(0) += outcome.counts.read;
    record.rows_rejected += outcome.counts.rejected;
    record.files.push(file.name.clone());
    for (rule, count) in reject_rules(&outcome.rules) {
        *record.reject_rules.entry(rule).or_insert(0) += count;
    }
}

/// The file is still the one that the slice's key speaks of: it may have been
/// replaced between its fingerprint and its reading.
fn check_unchanged(context: &RunContext, file: &RawFile, record: &SliceRecord) -> Result<()> {
    let planned = record.ingredients.get(&ingredients::file_name(&file.name));
    if planned == Some(&context.lake.fingerprint(&file.path)?) {
        return Ok(());
    }
    Err(Error::raw_input(&file.path, "the file changed since the run began")
        .with_hint("run again when the delivery is complete"))
}

fn reject_rules(rules: &BTreeMap<(String, Option<String>), u64>) -> BTreeMap<String, u64> {
    let name = |(rule, column): &(String, Option<String>)| match column {
        Some(column) => format!("{column}: {rule}"),
        None => rule.clone(),
    };
    rules.iter().map(|(rule, count)| (name(rule), *count)).collect()
}
