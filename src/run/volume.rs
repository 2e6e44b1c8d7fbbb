//! Half a delivery is no delivery: holds the size of the files to ingest
//! against that of the vintages before them, in bytes before any stage and in
//! records once a file was read. What is smaller than the source allows stops
//! the run. Older versions in place of newer ones are left to `steps_back`.

use std::collections::BTreeSet;

use super::context::RunContext;
use super::drift::Arrival;
use crate::error::{Error, Result, printable};
use crate::ingest::RawFile;
use crate::lake::{Decision, Event, Volume};
use crate::pipeline::SliceId;
use crate::pipeline::packed_names::packed_ending;

/// A file held against the vintage before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shrinkage {
    /// The size of the file.
    pub now: Volume,
    /// The size of the vintage before it; nothing where there is none.
    pub before: Volume,
    /// The file may be smaller by so much, in millionths.
    pub guard_ppm: u32,
    /// Somebody took it as it is.
    pub is_accepted: bool,
}

impl Shrinkage {
    /// What follows from the sizes.
    pub fn decision(&self) -> Decision {
        let is_small = self.lacks(self.before.bytes, self.now.bytes)
            || self.lacks(self.before.records, self.now.records);
        match (is_small, self.is_accepted) {
            (false, _) => Decision::Same,
            (true, true) => Decision::Accepted,
            (true, false) => Decision::Refused,
        }
    }

    fn lacks(&self, before: Option<u64>, now: Option<u64>) -> bool {
        let (Some(before), Some(now)) = (before, now) else { return false };
        let lost = u128::from(before.saturating_sub(now));
        let may_be_lost = u128::from(before) * u128::from(self.guard_ppm);
        (now == 0 && before > 0) || lost * 1_000_000 > may_be_lost
    }

    /// The sizes in words.
    fn text(&self, before: &str) -> String {
        let mut parts = Vec::new();
        for (what, now, then) in [
            ("records", self.now.records, self.before.records),
            ("bytes", self.now.bytes, self.before.bytes),
        ] {
            if self.lacks(then, now)
                && let (Some(now), Some(then)) = (now, then)
            {
                parts.push(format!("{now} {what}, and {before} had {then}"));
            }
        }
        format!("it has {}", parts.join("; "))
    }
}

/// The size of a file as it lies there; only sizes of one packing are compared.
pub(super) fn comparable_bytes(bytes: Option<u64>, name: &str, other: &str) -> Option<u64> {
    bytes.filter(|_| packed_ending(name) == packed_ending(other))
}

impl Arrival {
    /// Says in words how much smaller it is.
    pub fn volume_text(&self) -> String {
        let before = self.compared_with.as_ref().map_or("", |file| file.name.as_str());
        self.volume.text(before)
    }
}

/// Reports files that are smaller than their source allows, and stops where
/// nobody accepted that.
///
/// # Errors
/// [`Error::RawInput`] that lists every such file.
pub(super) fn report_or_refuse(context: &RunContext) -> Result<()> {
    let mut refused = Vec::new();
    for arrival in &context.arrivals {
        let decision = arrival.volume.decision();
        if decision == Decision::Same {
            continue;
        }
        report(context, arrival, arrival.volume)?;
        match decision {
            Decision::Refused => refused.push(arrival),
            _ => tracing::warn!("{}: {} (accepted)", arrival.file.name, arrival.volume_text()),
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = refused
        .iter()
        .map(|arrival| format!("{}: {}", printable(&arrival.path), arrival.volume_text()))
        .collect();
    let sources = refused.iter().map(|arrival| arrival.slice.table.name.as_str());
    Err(refusal(&lines.join("\n"), sources))
}

fn report(context: &RunContext, arrival: &Arrival, volume: Shrinkage) -> Result<()> {
    context.record(&Event::Shrunk {
        slice: arrival.slice.to_string(),
        file: arrival.file.name.clone(),
        compared_with: arrival.compared_with.as_ref().map(|file| file.name.clone()),
        now: volume.now,
        before: volume.before,
        decision: volume.decision(),
    })
}

/// Refuses a file that was read and has fewer records than its source allows.
///
/// # Errors
/// [`Error::RawInput`].
pub(super) fn refuse_few_records(
    context: &RunContext,
    slice: &SliceId,
    file: &RawFile,
    records: u64,
) -> Result<()> {
    let Some(arrival) = context.arrival(slice, file) else { return Ok(()) };
    let now = Volume { records: Some(records), ..arrival.volume.now };
    let volume = Shrinkage { now, ..arrival.volume };
    if volume.decision() != Decision::Refused {
        return Ok(());
    }
    report(context, arrival, volume)?;
    let before = arrival.compared_with.as_ref().map_or("", |file| file.name.as_str());
    let line = format!("{}: {}", printable(&arrival.path), volume.text(before));
    Err(refusal(&line, [slice.table.name.as_str()]))
}

pub(super) fn refusal<'a>(message: &str, sources: impl IntoIterator<Item = &'a str>) -> Error {
    let sources: BTreeSet<&str> = sources.into_iter().collect();
    let accept: Vec<String> =
        sources.into_iter().map(|source| format!("--accept-volume {source}")).collect();
    Error::RawInput {
        file: None,
        line: None,
        column: None,
        message: message.to_owned(),
        hint: Some(format!(
            "is the delivery complete? To take the files as they are: `honkvast run {}`",
            accept.join(" ")
        )),
    }
}
