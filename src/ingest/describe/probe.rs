//! Reads a file with a codebook in which every column is text, so that the
//! readers of ingest do the work, and profiles its columns side by side.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicU8;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use arrow::array::{Array, AsArray, RecordBatch};

use super::head::{Delimiting, Lines, Shape};
use super::profile::Profile;
use crate::error::{Error, Result};
use crate::ingest::{Outcome, RawFile, Request, read};
use crate::pipeline::codebook::{
    Codebook, Column, ColumnType, Delimited, Fixed, Format, Position, Spss, SurplusDecimals,
    TextEncoding, UserMissing,
};
use crate::pipeline::years::YearRange;

/// Batches that wait for a thread.
const WAITING_BATCHES: usize = 2;

/// Where a column stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Header(String),
    Position(Position),
    /// Counted from one.
    Field(u32),
}

/// What reading a file came to.
pub(super) struct Probe {
    pub(super) columns: Vec<(Place, Profile)>,
    pub(super) outcome: Outcome,
    /// Why ingest would refuse the file as a whole.
    pub(super) refusal: Option<String>,
    /// Only the first records were read.
    pub(super) is_sample: bool,
}

/// How a file is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) path: &'a Path,
    pub(super) threads: usize,
    /// At most so many records.
    pub(super) records: Option<u64>,
    pub(super) stop: &'a AtomicU8,
}

/// Reads a file of this shape; `places` are its columns.
pub(super) fn probe(reading: Reading<'_>, format: Format, places: Vec<Place>) -> Result<Probe> {
    let name = reading.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = reading.path.to_path_buf();
    let file = RawFile { path, name, year: None, part: None, version: Vec::new() };
    let codebook = Codebook {
        title: String::new(),
        format,
        columns: places.iter().enumerate().map(column).collect(),
        is_strict: false,
        reject_limit_ppm: 1_000_000,
        provisional_versions: None,
    };
    let threads = reading.threads;
    let request = Request { file: &file, codebook: &codebook, threads, stop: reading.stop };
    let mut sampler = Sampler { left: reading.records, rows: 0, is_cut: false };
    let count = places.len();
    let (outcome, profiles) = thread::scope(|scope| {
        let (senders, workers): (Vec<_>, Vec<_>) = (0..threads.max(1))
            .map(|_| {
                let (sender, batches) = sync_channel(WAITING_BATCHES);
                (sender, scope.spawn(move || profile(&batches, count)))
            })
            .unzip();
        let outcome = deal(&request, &mut sampler, &senders);
        drop(senders);
        let mut profiles: Vec<Profile> = vec![Profile::new(count); count];
        for worker in workers {
            let own = worker.join().map_err(|_| Error::internal("a thread broke off"))?;
            profiles.iter_mut().zip(own).for_each(|(all, own)| all.merge(own));
        }
        Ok::<_, Error>((outcome, profiles))
    })?;
    let columns = places.into_iter().zip(profiles).collect();
    match outcome {
        Ok(outcome) => Ok(Probe { columns, outcome, refusal: None, is_sample: false }),
        Err(_) if sampler.is_cut => {
            let mut outcome = Outcome::default();
            outcome.counts.kept = sampler.rows;
            Ok(Probe { columns, outcome, refusal: None, is_sample: true })
        }
        // The whole file has been read where its end is what it is refused for.
        Err(Error::RawInput { message, .. }) if sampler.rows > 0 => {
            let mut outcome = Outcome::default();
            outcome.counts.kept = sampler.rows;
            Ok(Probe { columns, outcome, refusal: Some(message), is_sample: false })
        }
        Err(error) => Err(error),
    }
}

/// Counts rows, and knows when there are enough of them.
struct Sampler {
    left: Option<u64>,
    rows: u64,
    is_cut: bool,
}

fn deal(
    request: &Request<'_>,
    sampler: &mut Sampler,
    workers: &[SyncSender<RecordBatch>],
) -> Result<Outcome> {
    let mut turns = workers.iter().cycle();
    let broken = || Error::internal("a thread broke off");
    let mut keep = |batch: RecordBatch| {
        let rows = batch.num_rows() as u64;
        let taken = sampler.left.map_or(rows, |left| left.min(rows));
        sampler.rows += taken;
        let worker = turns.next().ok_or_else(broken)?;
        worker.send(batch.slice(0, taken as usize)).map_err(|_| broken())?;
        if let Some(left) = &mut sampler.left {
            *left -= taken;
            if *left == 0 {
                sampler.is_cut = true;
                return Err(Error::internal("enough records have been read"));
            }
        }
        Ok(())
    };
    read(request, &mut keep, &mut |_| Ok(()))
}

fn profile(batches: &Receiver<RecordBatch>, columns: usize) -> Vec<Profile> {
    let mut profiles = vec![Profile::new(columns); columns];
    for batch in batches {
        for (profile, column) in profiles.iter_mut().zip(batch.columns()) {
            let texts = column.as_string::<i32>();
            profile.add_blank(texts.null_count() as u64);
            texts.iter().flatten().for_each(|value| profile.add(value));
        }
    }
    profiles
}

fn column((number, place): (usize, &Place)) -> Column {
    let (mut headers, mut positions, mut fields) = (Vec::new(), Vec::new(), Vec::new());
    match place {
        Place::Header(name) => headers.push((YearRange::ALL, name.clone())),
        Place::Position(position) => positions.push((YearRange::ALL, *position)),
        Place::Field(number) => fields.push((YearRange::ALL, *number)),
    }
    Column {
        name: format!("column_{number}"),
        label: String::new(),
        headers,
        positions,
        fields,
        kind: ColumnType::Text,
        is_required: true,
        is_mandatory: false,
        missing: Vec::new(),
        special: Vec::new(),
        keeps_reason: false,
        surplus_decimals: SurplusDecimals::Reject,
        date_format: None,
        is_trimmed: false,
        implied_decimals: 0,
    }
}

/// The format of a file and its columns; a name that stands twice, or none, is
/// left out.
pub(super) fn format_of(
    shape: &Shape,
    encoding: TextEncoding,
    names: &[String],
) -> (Format, Vec<Place>) {
    let decimal_mark = b'.';
    match shape {
        Shape::Spss => (Format::Spss(Spss { user_missing: UserMissing::Null }), headers(names)),
        Shape::Delimited(Delimiting {
            delimiter,
            quote,
            is_multiline,
            names: header,
            field_count,
            ..
        }) => {
            let format = Delimited {
                has_header: header.is_some(),
                delimiter: *delimiter,
                quote: *quote,
                has_multiline_fields: *is_multiline,
                needs_last_line_end: false,
                encoding,
                decimal_mark,
            };
            let count = u32::try_from(*field_count).unwrap_or(u32::MAX);
            let places = match header {
                Some(_) => headers(names),
                None => (1..=count).map(Place::Field).collect(),
            };
            (Format::Delimited(format), places)
        }
        Shape::Fixed(Lines { width, is_ragged, skip_lines, positions }) => {
            let format = Fixed {
                widths: vec![(YearRange::ALL, u32::try_from(*width).unwrap_or(u32::MAX))],
                is_ragged: *is_ragged,
                skip_lines: *skip_lines,
                needs_last_line_end: false,
                encoding,
                decimal_mark,
            };
            (Format::Fixed(format), positions.iter().copied().map(Place::Position).collect())
        }
    }
}

fn headers(names: &[String]) -> Vec<Place> {
    let mut met = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for name in names {
        let folded = name.to_lowercase();
        if !met.insert(folded.clone()) {
            twice.insert(folded);
        }
    }
    let is_one = |name: &&String| !name.is_empty() && !twice.contains(&name.to_lowercase());
    names.iter().filter(is_one).cloned().map(Place::Header).collect()
}
