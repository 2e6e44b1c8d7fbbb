//! What a run tells the ledger of itself: how it began, what it was going to do
//! and how it ended.

use std::time::Instant;

use super::context::RunContext;
use super::facts::Known;
use super::{Setup, context};
use crate::error::{Error, Result};
use crate::lake::ledger::{AwaitedSlice, PlannedSlice};
use crate::lake::{Event, Ledger, RunId, now_text};
use crate::pipeline::SliceId;
use crate::plan::{Plan, State, plan};
use crate::session::peak_bytes;

/// Tells the log and the ledger how a run ended; a failure of the run counts
/// before one of the ledger.
pub(super) fn tell_end<T>(ledger: &Ledger, outcome: Result<T>, start: Instant) -> Result<T> {
    let seconds = start.elapsed().as_secs_f64();
    let exit_code = outcome.as_ref().map_or_else(Error::exit_code, |_| 0);
    let reason = outcome.as_ref().err().map(ToString::to_string);
    tracing::info!(exit_code, seconds, reason, "ended with {exit_code} after {seconds:.1} s");
    let told = ledger.append(&ended(exit_code, reason, seconds));
    match (outcome, told) {
        (Ok(done), told) => told.map(|()| done),
        (Err(error), told) => {
            if let Err(untold) = told {
                tracing::warn!("the ledger does not have the end of this run: {untold}");
            }
            Err(error)
        }
    }
}

/// What the program is built from: its sources and the libraries that it takes.
pub(super) const BUILD: &str = env!("HONKVAST_BUILD");

pub(super) fn planned(plan: &Plan) -> Event {
    let mut will_make = Vec::new();
    let mut if_changed = Vec::new();
    let mut up_to_date = 0;
    for (slice, state) in &plan.lines {
        match state {
            State::WillBeMade { reason, .. } => {
                let (slice, reason) = (slice.to_string(), reason.clone());
                will_make.push(PlannedSlice { slice, reason });
            }
            State::MadeIfChanged { upstreams } => {
                let (slice, upstream) = (slice.to_string(), context::slice_names(upstreams));
                if_changed.push(AwaitedSlice { slice, upstream });
            }
            State::UpToDate { .. } => up_to_date += 1,
            _ => {}
        }
    }
    Event::Planned { will_make, if_changed, up_to_date }
}

pub(super) fn started(setup: &Setup, command: &str, run: &RunId) -> Event {
    Event::RunStarted {
        run: run.clone(),
        at: now_text(),
        command: command.to_owned(),
        study: setup.study.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: Some(BUILD.to_owned()),
        pid: std::process::id(),
        definition: Some(setup.definition.clone()),
        threads: Some(setup.threads),
        memory_limit: Some(setup.memory),
    }
}

fn ended(exit_code: u8, message: Option<String>, seconds: f64) -> Event {
    Event::RunEnded { at: now_text(), exit_code, message, seconds, peak_rss: peak_bytes() }
}

/// Tells the log and the ledger which slices were not made, since what they need
/// failed.
pub(super) fn tell_skipped(context: &RunContext, known: &Known) {
    let is_skipped = |(slice, state): (SliceId, State)| match state {
        State::Blocked { .. } => Some(slice.to_string()),
        _ => None,
    };
    let slices: Vec<String> = plan(&known.facts).lines.into_iter().filter_map(is_skipped).collect();
    if slices.is_empty() {
        return;
    }
    let names = slices.join(", ");
    tracing::warn!(skipped = slices.len(), "not made, since what they need failed: {names}");
    // The failure itself counts, whatever the ledger takes.
    if let Err(untold) = context.record(&Event::Skipped { slices }) {
        tracing::warn!("the ledger does not have what was not made: {untold}");
    }
}
