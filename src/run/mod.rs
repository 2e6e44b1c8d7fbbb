//! The program: what a run does, on one screen. Stages never call each other;
//! they meet here and through tables.

pub mod adopt;
mod columns;
pub mod context;
mod desk;
mod disk;
mod drift;
mod execute;
mod facts;
mod finish;
pub mod gc;
pub mod inventory;
pub mod prospect;
pub mod protect;
pub mod prove;
mod raw_slice;
mod release;
pub mod report;
mod setup;
mod slice;
mod spans;
mod steps_back;
mod telling;
pub mod verify;
mod volume;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::Instrument;

pub use columns::{Columns, check_study};
pub use drift::{Accepted, Arrival, refuse_unknown_sources, standing};
pub use inventory::Inventory;
pub use prospect::{Ask, Hashing, Moves, Prospect};
pub use release::{ProtectionState, ReleaseState, protection_state, release_state};
pub use setup::Setup;

use crate::error::{Error, Result};
use crate::lake::{Manifest, RunId};
use crate::pipeline::SliceId;
use crate::plan::select::Selection;
use crate::plan::{State, plan};
use crate::stop::Stop;
use context::RunContext;
use desk::{Desk, Prepared};
use facts::Known;
use finish::Current;
use release::Publication;

/// How a run is asked for.
#[derive(Debug, Clone, Default)]
pub struct RunRequest {
    /// What is asked for.
    pub ask: Ask,
    /// How long to wait for another run to end.
    pub wait: Option<Duration>,
    /// Holds each slice that is read against its hash, not once a day.
    pub verifies: bool,
    /// The command line, for the ledger.
    pub command: String,
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The run.
    pub run: RunId,
    /// Slices made.
    pub made: Vec<SliceId>,
    /// Whether the tables are current.
    pub is_current: bool,
    /// Whether `current` or the release is another one than before.
    pub has_moved: bool,
    /// Where the release stands, if one was asked for.
    pub release: Option<PathBuf>,
    /// Seconds in all.
    pub seconds: f64,
}

/// Runs what is out of date: makes, checks, moves `current`, publishes.
///
/// # Errors
/// The first failure in the order of the stages; what was made before stays in
/// the lake, and the last good state stands.
pub async fn run(
    setup: &Setup,
    request: &RunRequest,
    stop: &Stop,
    on_progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<Outcome> {
    let start = Instant::now();
    request.ask.refuse_unknown_sources(&setup.study)?;
    let desk = Desk::open(setup, &request.command, request.wait, stop).await?;
    let (run, ledger) = (desk.run.clone(), Arc::clone(&desk.ledger));
    let told = async {
        let outcome = prepare_and_carry_out(setup, request, stop, desk, on_progress).await;
        telling::tell_end(&ledger, outcome, start)
    };
    let Done { made, is_current, has_moved, release } =
        told.instrument(spans::of_run(&run)).await?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(Outcome { run, made, is_current, has_moved, release, seconds })
}

async fn prepare_and_carry_out(
    setup: &Setup,
    request: &RunRequest,
    stop: &Stop,
    desk: Desk,
    on_progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<Done> {
    let Prepared { mut context, mut known, selection } = desk.prepare(setup, &request.ask, stop)?;
    if request.verifies {
        context.trusts_for = Duration::ZERO;
    }
    context.record(&telling::planned(&plan(&known.facts)))?;
    drift::report_or_refuse(&context)?;
    volume::report_or_refuse(&context)?;
    drift::keep_accepted(&context)?;
    carry_out(&Arc::new(context), &mut known, &selection, on_progress).await
}

/// What a run that came to its end has done.
struct Done {
    made: Vec<SliceId>,
    is_current: bool,
    has_moved: bool,
    release: Option<PathBuf>,
}

async fn carry_out(
    context: &Arc<RunContext>,
    known: &mut Known,
    selection: &Selection,
    on_progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<Done> {
    disk::refuse_full_disk(context, known)?;
    let done = make_and_publish(context, known, selection, on_progress);
    let done = crate::stop::unwound(done).await;
    let done = done.map_err(|error| damage_behind(context, known, error));
    // A cache: a run is not worse for losing it.
    if let Err(error) = context.scratch.save_trust() {
        tracing::debug!("which slices were found whole is not kept: {error}");
    }
    done
}

/// A failure of the engine may have a damaged file behind it, which counts then.
fn damage_behind(context: &RunContext, known: &Known, error: Error) -> Error {
    if !matches!(error, Error::Model { .. } | Error::Internal { .. }) {
        return error;
    }
    let record = |(slice, state): (SliceId, State)| match state {
        State::UpToDate { key, .. } | State::TakenAsIs { key, .. } => known.record(&slice, &key),
        _ => None,
    };
    let read = plan(&known.facts).lines.into_iter().filter_map(record);
    context.lake.damage_behind(read).unwrap_or(error)
}

async fn make_and_publish(
    context: &Arc<RunContext>,
    known: &mut Known,
    selection: &Selection,
    on_progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<Done> {
    let mut execution = execute::execute(context, known, on_progress).await?;
    let manifest = finish::candidate(context, known, selection.is_everything);
    if let Some(error) = execution.first_failure() {
        telling::tell_skipped(context, known);
        for other in execution.failures.values() {
            // One full disk is one error, however many slices it stopped.
            if !(error.is_disk_full() && other.is_disk_full()) {
                tracing::error!("{other}");
            }
        }
        keep_candidate(context, &manifest, "slices failed");
        return Err(error);
    }
    refuse_blocked(known)?;
    if let Err(error) = finish::refuse_empty(&context.setup.study, &manifest) {
        keep_candidate(context, &manifest, "a slice of a declared year has no row");
        return Err(error);
    }
    if let Err(error) = context.stop.or(finish::run_checks(context, &manifest)).await {
        keep_candidate(context, &manifest, "checks did not pass");
        return Err(error);
    }
    let publication = match selection.publishes && manifest.open_ends().is_empty() {
        true => Some(prepare_release(context, known, &manifest).await?),
        false => None,
    };
    if selection.protects && publication.is_none() {
        let protected = context.stop.or(release::protect_only(context, &manifest)).await;
        protected.inspect_err(|_| keep_candidate(context, &manifest, "protection stopped it"))?;
    }
    let current = finish::move_current(context, known, &manifest)?;
    let mut has_moved = current == Current::Moved;
    let mut release = None;
    if let Some(publication) = publication {
        let stay = || match current {
            Current::Moved => finish::move_back(context, known, &manifest),
            Current::AsBefore | Current::KeptApart => {}
        };
        has_moved |= release::publish(context, publication, stay)?;
        release = Some(context.setup.release.join("current"));
    }
    let is_current = current != Current::KeptApart;
    Ok(Done { made: execution.made, is_current, has_moved, release })
}

/// Writes the release before `current` moves: where that fails, both stay as
/// they were.
async fn prepare_release(
    context: &Arc<RunContext>,
    known: &Known,
    manifest: &Manifest,
) -> Result<Publication> {
    let prepared = context.stop.or(release::prepare(context, manifest)).await;
    if prepared.is_err() && known.current.as_ref() != Some(manifest) {
        keep_candidate(context, manifest, "the release could not be written");
    }
    prepared
}

/// Keeps what a failed run made; the failure counts, whatever comes of this.
fn keep_candidate(context: &RunContext, manifest: &Manifest, why: &str) {
    if let Err(error) = finish::keep_candidate(context, manifest, why) {
        tracing::warn!("what was made is not kept as a candidate: {error}");
    }
}

/// With `--only`, a selected slice may rest on one that is not there.
fn refuse_blocked(known: &Known) -> Result<()> {
    for (slice, state) in plan(&known.facts).lines {
        if let State::Blocked { upstream } = state {
            let error = Error::usage(format!("{slice} needs {upstream}, which is not in the lake"));
            return Err(error.with_hint("run it without --only"));
        }
    }
    Ok(())
}
