//! The program: what a run does, on one screen. Stages never call each other;
//! they meet here and through tables.

pub mod adopt;
pub mod context;
mod drift;
mod execute;
mod facts;
mod finish;
pub mod gc;
pub mod inventory;
pub mod prove;
mod raw_slice;
mod release;
mod setup;
mod slice;
mod spans;
mod steps_back;
mod telling;
pub mod verify;
mod volume;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use arrow::datatypes::SchemaRef;

pub use context::study_schemas;
pub use drift::{Accepted, Arrival, look, refuse_unknown_sources, standing};
pub use facts::{Known, gather, size_of};
pub use inventory::Inventory;
pub use release::{ReleaseState, release_state};
pub use setup::Setup;
pub use steps_back::refuse_steps_back;

use crate::error::{Error, Result};
use crate::lake::trust::A_DAY;
use crate::lake::{Lake, Ledger, Manifest, RunId, Scratch};
use crate::pipeline::{Layer, SliceId, TableName};
use crate::plan::select::{Request, Selection, select};
use crate::plan::{State, plan};
use crate::session::Engine;
use crate::stop::Stop;
use context::RunContext;
use finish::Current;
use release::Publication;
use tracing::Instrument;

/// How a run is asked for.
#[derive(Debug, Clone, Default)]
pub struct RunRequest {
    /// Which slices.
    pub selection: Request,
    /// How long to wait for another run to end.
    pub wait: Option<Duration>,
    /// Years of an open study that may go, though the lake has them.
    pub forgets_years: BTreeSet<i32>,
    /// Sources whose files are taken as they are.
    pub accepts: Accepted,
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
    for accepted in [&request.accepts.drift, &request.accepts.volume] {
        drift::refuse_unknown_sources(&setup.study, accepted)?;
    }
    let planning = Engine::new(1, setup.memory, None)?;
    let schemas = study_schemas(&setup.study, &planning).await?;
    let lake = Lake::open(&setup.lake, &setup.study.name)?.heeding(stop);
    let lock = lake.lock(&request.command, request.wait, stop.flag())?;
    let run = lake.next_run()?;
    let scratch = lake.begin(lock, &run)?.with_encoders(setup.threads);
    let ledger = Arc::new(lake.ledger(&run)?);
    ledger.append(&telling::started(setup, &request.command, &run))?;
    let desk = Desk { run: run.clone(), lake, scratch, ledger: Arc::clone(&ledger), schemas };
    let told = async {
        let outcome = prepare_and_carry_out(setup, request, stop, desk, on_progress).await;
        telling::tell_end(&ledger, outcome, start)
    };
    let Done { made, is_current, has_moved, release } =
        told.instrument(spans::of_run(&run)).await?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(Outcome { run, made, is_current, has_moved, release, seconds })
}

/// What a run holds from its first entry in the ledger on.
struct Desk {
    run: RunId,
    lake: Lake,
    scratch: Scratch,
    ledger: Arc<Ledger>,
    schemas: BTreeMap<TableName, SchemaRef>,
}

impl Desk {
    /// Takes hold of a lake in which something is current, to look at its slices
    /// again; the ledger keeps it only where `is_told`.
    async fn over_current(
        setup: &Setup,
        command: &str,
        wait: Option<Duration>,
        stop: &Stop,
        is_told: bool,
    ) -> Result<Self> {
        let planning = Engine::new(1, setup.memory, None)?;
        let schemas = study_schemas(&setup.study, &planning).await?;
        let nothing = || {
            let error = Error::usage("nothing is current yet");
            error.with_hint("`honkvast run` makes it")
        };
        let lake = Lake::open_existing(&setup.lake, &setup.study.name)?.ok_or_else(nothing)?;
        let lake = lake.heeding(stop);
        lake.current()?.ok_or_else(nothing)?;
        let lock = lake.lock(command, wait, stop.flag())?;
        let run = lake.next_run()?;
        let scratch = lake.begin(lock, &run)?.with_encoders(setup.threads);
        let ledger = if is_told { lake.ledger(&run) } else { scratch.draft_ledger() };
        let ledger = Arc::new(ledger?);
        ledger.append(&telling::started(setup, command, &run))?;
        Ok(Desk { run, lake, scratch, ledger, schemas })
    }

    /// What all slices share, once the raw files are known.
    fn context(self, setup: &Setup, inventory: Inventory, stop: &Stop) -> Result<RunContext> {
        let Desk { run, lake, scratch, ledger, schemas } = self;
        let engine = Engine::new(setup.threads, setup.memory, Some(&scratch.spill()))?;
        let (setup, stop) = (setup.clone(), stop.clone());
        Ok(RunContext {
            setup,
            inventory,
            arrivals: Vec::new(),
            schemas,
            engine,
            lake,
            scratch,
            run,
            ledger,
            stop,
            reject_bytes: AtomicU64::new(0),
            trusts_for: A_DAY,
        })
    }
}

async fn prepare_and_carry_out(
    setup: &Setup,
    request: &RunRequest,
    stop: &Stop,
    desk: Desk,
    on_progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<Done> {
    if request.selection.is_forced {
        desk.lake.forget()?;
    }
    let inventory = Inventory::take(&setup.study, &setup.raw)?;
    let mut known = gather(setup, &inventory, Some(&desk.lake), true)?;
    refuse_steps_back(setup, &inventory, &known, &request.forgets_years, &request.accepts.volume)?;
    desk.lake.save_fingerprints()?;
    let selection = take_selection(setup, &inventory, &mut known, &request.selection)?;
    let accepted = &request.accepts;
    let arrivals = look(setup, &inventory, &known, Some(&desk.lake), accepted, Some(stop))?;
    let mut context = desk.context(setup, inventory, stop)?;
    context.arrivals = arrivals;
    if request.verifies {
        context.trusts_for = Duration::ZERO;
    }
    context.record(&telling::planned(&plan(&known.facts)))?;
    drift::report_or_refuse(&context)?;
    volume::report_or_refuse(&context)?;
    drift::keep_accepted(&context)?;
    carry_out(&Arc::new(context), &mut known, &selection, on_progress).await
}

/// Takes a selection into the facts, and refuses raw files that are missing.
///
/// # Errors
/// [`Error::Usage`] for a selection that names nothing; [`Error::RawInput`]
/// for needed slices without a file.
pub fn take_selection(
    setup: &Setup,
    inventory: &Inventory,
    known: &mut Known,
    request: &Request,
) -> Result<Selection> {
    let all: Vec<SliceId> = known.facts.wanted.iter().map(|wanted| wanted.id.clone()).collect();
    let selection = select(&setup.study, &all, request)?;
    known.select(&selection, request.is_exact, request.is_forced);
    known.refuse_damage()?;
    let is_needed = |(slice, state): (SliceId, State)| match state {
        State::Unselected | State::TakenAsIs { .. } => None,
        _ => Some(slice),
    };
    let needed: BTreeSet<SliceId> =
        plan(&known.facts).lines.into_iter().filter_map(is_needed).collect();
    match inventory.missing(&setup.study, &setup.raw, &needed) {
        Some(error) => Err(error),
        None => Ok(selection),
    }
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
    refuse_full_disk(context, known)?;
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
    let current = finish::move_current(context, known, &manifest)?;
    let mut has_moved = current == Current::Moved;
    let mut release = None;
    if let Some(publication) = publication {
        has_moved |= release::publish(context, publication)?;
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

/// Parquet of a raw file and of what is made from it takes about so much of the
/// file's size, by measurement a generous figure.
const DISK_PERCENT_OF_RAW: u64 = 60;

fn refuse_full_disk(context: &RunContext, known: &Known) -> Result<()> {
    let will_be_made = |slice: &SliceId, state: &State| {
        slice.table.layer == Layer::Raw && matches!(state, State::WillBeMade { .. })
    };
    let raw_bytes: u64 = plan(&known.facts)
        .lines
        .iter()
        .filter(|(slice, state)| will_be_made(slice, state))
        .filter_map(|(slice, _)| context.inventory.files.get(slice))
        .flatten()
        .map(|file| size_of(&file.path))
        .sum();
    let needed = raw_bytes / 100 * DISK_PERCENT_OF_RAW;
    let free = context.lake.free_bytes()?;
    if needed <= free {
        return Ok(());
    }
    let text = format!(
        "the plan will write about {} MB and the disk has {} MB free",
        needed.div_ceil(1_000_000),
        free / 1_000_000
    );
    let source = std::io::Error::new(std::io::ErrorKind::StorageFull, text);
    Err(Error::Io { action: "write to", path: context.lake.root().to_path_buf(), source })
}
