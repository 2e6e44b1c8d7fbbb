//! Makes the slices of a plan, independent ones side by side, and asks for the
//! plan again as each one finishes. A failed slice costs its descendants, not
//! its siblings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;
use tracing::Instrument;

use super::context::RunContext;
use super::facts::Known;
use super::slice::{SliceJob, make};
use super::spans;
use crate::error::{Error, Result};
use crate::lake::{Event, SliceRecord};
use crate::pipeline::SliceId;
use crate::plan::{Plan, State, plan};

/// What became of the slices of a plan.
#[derive(Debug, Default)]
pub(super) struct Execution {
    /// Slices that were made.
    pub(super) made: Vec<SliceId>,
    /// Failures, by the place of their slice in the order of the data.
    pub(super) failures: BTreeMap<usize, Error>,
    /// Slices that found too little memory beside others.
    alone: BTreeSet<SliceId>,
}

impl Execution {
    fn is_alone(&self, slice: &SliceId) -> bool {
        self.alone.contains(slice)
    }

    /// The failure that counts: the first in the order of the stages.
    pub(super) fn first_failure(&mut self) -> Option<Error> {
        self.failures.pop_first().map(|(_, error)| error)
    }
}

/// A slice that can be made now.
struct Ready {
    slice: SliceId,
    key: String,
    /// Why it is made, in a person's words.
    reason: String,
}

struct Finished {
    slice: SliceId,
    key: String,
    reason: String,
    seconds: f64,
    outcome: Result<SliceRecord>,
}

/// Makes what the plan asks for. `on_progress` gets the slices done and those
/// that may still come.
///
/// # Errors
/// Of the ledger only; failed slices are in the outcome.
pub(super) async fn execute(
    context: &Arc<RunContext>,
    known: &mut Known,
    on_progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<Execution> {
    let mut execution = Execution::default();
    let mut running: JoinSet<Finished> = JoinSet::new();
    let mut started: BTreeMap<SliceId, u64> = BTreeMap::new();
    loop {
        let plan = plan(&known.facts);
        on_progress(execution.made.len(), plan.work().count());
        let stopped = context.stop.check();
        let room = if stopped.is_ok() { context.setup.threads } else { 0 };
        let chosen = next(&plan, &execution, &started, running.len(), room);
        let jobs = chosen.iter().map(|ready| job(known, &plan, ready));
        let jobs = jobs.collect::<Result<Vec<_>>>()?;
        started.extend(jobs.iter().map(|job| (job.wanted.id.clone(), rows_to_read(job))));
        for (job, Ready { reason, .. }) in jobs.into_iter().zip(chosen) {
            let threads = threads_of(&job, context.setup.threads, &execution, &started);
            let made = timed(Arc::clone(context), SliceJob { threads, ..job }, reason);
            running.spawn(made.in_current_span());
        }
        let finished = tokio::select! {
            finished = running.join_next() => finished,
            _ = context.stop.come(), if stopped.is_ok() => {
                running.abort_all();
                continue;
            }
        };
        match finished {
            Some(Ok(finished)) => {
                started.remove(&finished.slice);
                take_in(context, known, &mut execution, finished)?;
            }
            Some(Err(ended)) if ended.is_cancelled() => {}
            Some(Err(_)) => return Err(Error::internal("a slice's task ended by a fault")),
            None => {
                if let Err(interrupted) = context.stop.check() {
                    execution.failures.insert(0, interrupted);
                }
                return Ok(execution);
            }
        }
    }
}

/// The slices to start now: as many as there is room for, side by side; one
/// that did not find memory enough beside others waits until it is alone.
fn next(
    plan: &Plan,
    execution: &Execution,
    started: &BTreeMap<SliceId, u64>,
    running: usize,
    room: usize,
) -> Vec<Ready> {
    let ready = plan.ready().into_iter().filter(|(slice, ..)| !started.contains_key(*slice));
    let ready = ready.map(|(slice, key, reason)| Ready {
        slice: slice.clone(),
        key: key.to_owned(),
        reason: reason.to_owned(),
    });
    let (alone, together): (Vec<_>, Vec<_>) =
        ready.partition(|ready| execution.is_alone(&ready.slice));
    if started.keys().any(|slice| execution.is_alone(slice)) {
        return Vec::new();
    }
    if running == 0 && together.is_empty() {
        return alone.into_iter().take(room.min(1)).collect();
    }
    together.into_iter().take(room.saturating_sub(running)).collect()
}

/// Threads for one slice among those that run beside it, whose rows to read are
/// in `started`. A model is planned in so many partitions, and each of them costs
/// exchanges and a second round of grouping: so models side by side share the
/// threads by what they read. The files of a raw slice are read in pieces that
/// cost nothing.
fn threads_of(
    job: &SliceJob,
    threads: usize,
    execution: &Execution,
    started: &BTreeMap<SliceId, u64>,
) -> usize {
    if execution.is_alone(&job.wanted.id) {
        return 1;
    }
    match rows_to_read(job) {
        0 => threads,
        rows => share(threads, rows, started.values().sum()),
    }
}

/// Rows of all that a model sees; none of a raw slice.
fn rows_to_read(job: &SliceJob) -> u64 {
    job.upstreams.iter().map(|upstream| upstream.rows).sum()
}

/// The part of the threads that `rows` have among `all_rows`, rounded, at least
/// one.
fn share(threads: usize, rows: u64, all_rows: u64) -> usize {
    let (rows, all_rows) = (u128::from(rows), u128::from(all_rows.max(1)));
    let part = (rows * threads as u128 + all_rows / 2) / all_rows;
    usize::try_from(part).unwrap_or(threads).clamp(1, threads.max(1))
}

async fn timed(context: Arc<RunContext>, job: SliceJob, reason: String) -> Finished {
    let slice = job.wanted.id.clone();
    let start = Instant::now();
    let key = job.key.clone();
    let outcome = make(context, job).await;
    Finished { slice, key, reason, seconds: start.elapsed().as_secs_f64(), outcome }
}

/// Puts together what a slice is made from.
fn job(known: &Known, plan: &Plan, ready: &Ready) -> Result<SliceJob> {
    let Ready { slice, key, .. } = ready;
    let wanted = known.facts.wanted.iter().find(|wanted| wanted.id == *slice);
    let wanted = wanted.ok_or_else(|| Error::internal(format!("{slice} is not of the study")))?;
    let upstream = |upstream: &SliceId| {
        let key = match plan.state(upstream) {
            Some(State::UpToDate { key, .. } | State::TakenAsIs { key, .. }) => key,
            _ => return Err(Error::internal(format!("{upstream} is not known yet"))),
        };
        let record = known.record(upstream, key).cloned();
        record.ok_or_else(|| Error::internal(format!("{upstream} has no record")))
    };
    let upstreams = wanted.upstreams.iter().map(upstream).collect::<Result<_>>()?;
    Ok(SliceJob {
        wanted: wanted.clone(),
        key: key.clone(),
        upstreams,
        threads: 1,
        batch_rows: None,
        is_proof: false,
    })
}

fn take_in(
    context: &RunContext,
    known: &mut Known,
    execution: &mut Execution,
    finished: Finished,
) -> Result<()> {
    let Finished { slice, key, reason, seconds, outcome } = finished;
    let _span = spans::of_slice(&slice).entered();
    match outcome {
        Ok(record) => {
            let current = known.facts.current.get(&slice);
            let before = current.and_then(|key| known.record(&slice, key));
            let is_changed = before.is_none_or(|before| before.content != record.content);
            log_made(&record, &reason, seconds, is_changed);
            context.record(&made_event(&record, seconds, is_changed))?;
            known.add(record);
            known.facts.forced.remove(&slice);
            execution.made.push(slice);
        }
        Err(Error::Memory { .. }) if execution.alone.insert(slice.clone()) => {
            tracing::info!("{slice}: too little memory beside others; it is made again alone");
        }
        Err(error) => {
            let place = known.facts.wanted.iter().position(|wanted| wanted.id == slice);
            let message = error.to_string();
            tracing::warn!(reason = message, "{slice} failed");
            let told = Event::SliceFailed { slice: slice.to_string(), key, message };
            // On a full disk both fail, and the slice's error is the one that helps.
            if let Err(untold) = context.record(&told) {
                tracing::warn!("the ledger does not have that {slice} failed: {untold}");
            }
            known.facts.failed.insert(slice);
            execution.failures.insert(place.map_or(usize::MAX, |place| place + 1), error);
        }
    }
    Ok(())
}

fn made_event(record: &SliceRecord, seconds: f64, is_changed: bool) -> Event {
    Event::SliceMade {
        slice: record.slice.to_string(),
        key: record.key.to_string(),
        content: record.content.clone(),
        rows: record.rows,
        rows_read: record.rows_read,
        rows_rejected: record.rows_rejected,
        bytes: record.bytes,
        seconds,
        changed: is_changed,
    }
}

fn log_made(record: &SliceRecord, reason: &str, seconds: f64, is_changed: bool) {
    let rejects = match (record.rows_read, record.rows_rejected) {
        (Some(_), 0) | (None, _) => String::new(),
        (Some(read), rejected) => format!(", {rejected} of {read} records rejected"),
    };
    let same = if is_changed { "" } else { ", content as before" };
    tracing::info!(
        rows = record.rows,
        bytes = record.bytes,
        seconds,
        rows_read = record.rows_read,
        rows_rejected = record.rows_rejected,
        is_changed,
        reason,
        "{}: {} rows, {} bytes, {seconds:.2} s{rejects}{same}",
        record.slice,
        record.rows,
        record.bytes
    );
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn slices_side_by_side_share_the_threads_by_their_rows() {
        assert_eq!([share(2, 500, 1000), share(8, 250, 1000), share(8, 990, 1000)], [1, 2, 8]);
        assert_eq!(share(8, 1000, 1000), 8, "alone");
        assert_eq!([share(8, 10, 1000), share(1, 10, 1000)], [1, 1], "none goes without");
        assert_eq!(share(4, u64::MAX, u64::MAX), 4);
    }
}
