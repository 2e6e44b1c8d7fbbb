//! What a command that makes slices holds from its first entry in the ledger on.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::columns::Columns;
use super::context::RunContext;
use super::facts::Known;
use super::prospect::{Ask, Hashing, Prospect};
use super::setup::Setup;
use super::telling;
use crate::error::{Error, Result};
use crate::lake::trust::A_DAY;
use crate::lake::{Lake, Ledger, RunId, Scratch};
use crate::plan::select::{Selection, selects_raw};
use crate::session::Engine;
use crate::stop::Stop;

/// The lake under its lock, with a run begun in it.
pub(super) struct Desk {
    pub(super) run: RunId,
    pub(super) ledger: Arc<Ledger>,
    lake: Lake,
    scratch: Scratch,
    columns: Columns,
}

impl Desk {
    /// Takes hold of a lake, that may be a new one, to make what is out of date.
    pub(super) async fn open(
        setup: &Setup,
        command: &str,
        wait: Option<Duration>,
        stop: &Stop,
    ) -> Result<Self> {
        // A lake is not born for a definition that does not hold.
        let born = Lake::open_existing(&setup.lake, &setup.study.name)?;
        let columns = Columns::of(setup, born.as_ref()).await?;
        let lake = Lake::open(&setup.lake, &setup.study.name)?.heeding(stop);
        Self::begin(setup, command, wait, stop, columns, lake, true)
    }

    /// Takes hold of a lake in which something is current, to look at its slices
    /// again; the ledger keeps it only where `is_told`.
    pub(super) async fn over_current(
        setup: &Setup,
        command: &str,
        wait: Option<Duration>,
        stop: &Stop,
        is_told: bool,
    ) -> Result<Self> {
        let nothing = || {
            let error = Error::usage("nothing is current yet");
            error.with_hint("`honkvast run` makes it")
        };
        let lake = Lake::open_existing(&setup.lake, &setup.study.name)?.ok_or_else(nothing)?;
        let columns = Columns::of(setup, Some(&lake)).await?;
        let lake = lake.heeding(stop);
        lake.current()?.ok_or_else(nothing)?;
        Self::begin(setup, command, wait, stop, columns, lake, is_told)
    }

    fn begin(
        setup: &Setup,
        command: &str,
        wait: Option<Duration>,
        stop: &Stop,
        columns: Columns,
        lake: Lake,
        is_told: bool,
    ) -> Result<Self> {
        let lock = lake.lock(command, wait, stop.flag())?;
        lake.drop_cut_line()?;
        let run = lake.next_run()?;
        let scratch = lake.begin(lock, &run)?.with_encoders(setup.threads);
        let ledger = if is_told { lake.ledger(&run) } else { scratch.draft_ledger() };
        let ledger = Arc::new(ledger?);
        ledger.append(&telling::started(setup, command, &run))?;
        Ok(Desk { run, ledger, lake, scratch, columns })
    }

    /// Looks at what there is, and puts together what all slices share.
    pub(super) fn prepare(self, setup: &Setup, ask: &Ask, stop: &Stop) -> Result<Prepared> {
        let Desk { run, ledger, lake, scratch, columns } = self;
        if ask.selection.is_forced {
            lake.forget(selects_raw(&setup.study, &ask.selection)?)?;
        }
        let hashing = Hashing::Everything;
        let prospect = Prospect::take(setup, columns, ask, Some(&lake), hashing, Some(stop));
        // What was hashed need not be hashed again, whatever was refused; and what
        // was refused counts before a disk without room.
        let saved = lake.save_fingerprints();
        let Prospect { columns, inventory, known, selection, arrivals, .. } = prospect?;
        saved?;
        let engine = Engine::new(setup.threads, setup.memory, Some(&scratch.spill()))?;
        let (setup, stop) = (setup.clone(), stop.clone());
        let context = RunContext {
            setup,
            inventory,
            arrivals,
            columns,
            engine,
            lake,
            scratch,
            run,
            ledger,
            stop,
            reject_bytes: AtomicU64::new(0),
            trusts_for: A_DAY,
        };
        Ok(Prepared { context, known, selection })
    }
}

/// What a run makes slices with.
pub(super) struct Prepared {
    pub(super) context: RunContext,
    pub(super) known: Known,
    pub(super) selection: Selection,
}
