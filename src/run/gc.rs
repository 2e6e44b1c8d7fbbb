//! `gc`: removes from the lake what no kept run names and what is old enough,
//! under the writer's lock, told in the ledger before anything goes.

use std::time::{Duration, Instant};

use super::Setup;
use crate::error::{Error, Result};
use crate::lake::gc::Sizes;
use crate::lake::keeping::{Item, KeepRule, Verdict, judge};
use crate::lake::{Event, Lake};
use crate::stop::Stop;

/// How a `gc` is asked for.
#[derive(Debug, Clone)]
pub struct GcRequest {
    /// What is kept.
    pub rule: KeepRule,
    /// Say what would go, and remove nothing.
    pub is_dry: bool,
    /// How long to wait for a run to end.
    pub wait: Option<Duration>,
    /// The command line, for the ledger.
    pub command: String,
}

/// What went, or would go.
#[derive(Debug, Clone)]
pub struct Collection {
    /// The things, in the order of removal.
    pub verdict: Verdict,
    /// What they weigh.
    pub sizes: Sizes,
}

impl Collection {
    fn judge(lake: &Lake, rule: KeepRule) -> Result<Self> {
        let verdict = judge(&lake.holdings()?, rule, jiff::Timestamp::now());
        let sizes = lake.sizes(&verdict.items)?;
        Ok(Collection { verdict, sizes })
    }

    /// How many things of a kind.
    pub fn count(&self, is_wanted: impl Fn(&Item) -> bool) -> usize {
        self.verdict.items.iter().filter(|item| is_wanted(item)).count()
    }

    fn event(&self) -> Event {
        Event::Collected {
            runs: self.verdict.collected_runs.iter().cloned().collect(),
            slices: self.count(|item| matches!(item, Item::Slice(..))),
            snapshots: self.count(|item| matches!(item, Item::Snapshot(_))),
            candidates: self.count(|item| matches!(item, Item::Candidate(_))),
            rejects: self.count(|item| matches!(item, Item::Rejects(..))),
            checks: self.count(|item| matches!(item, Item::Check(..))),
            audits: self.count(|item| matches!(item, Item::Audit(_))),
            bytes: self.sizes.freed,
        }
    }
}

/// Removes what the rule does not keep.
///
/// # Errors
/// [`Error::Usage`] where there is no lake; [`Error::Held`];
/// [`Error::Interrupted`], after which the next `gc` goes on; of the lake.
pub fn gc(setup: &Setup, request: &GcRequest, stop: &Stop) -> Result<Collection> {
    let Some(lake) = Lake::open_existing(&setup.lake, &setup.study.name)? else {
        let error = Error::usage(format!("there is no lake at {}", setup.lake.display()));
        return Err(error.with_hint("`honkvast run` makes it"));
    };
    if request.is_dry {
        return Collection::judge(&lake, request.rule);
    }
    let start = Instant::now();
    let lock = lake.lock(&request.command, request.wait, stop.flag())?;
    lake.drop_cut_line()?;
    let run = lake.next_run()?;
    let _span = super::spans::of_run(&run).entered();
    let scratch = lake.begin(lock, &run)?;
    let collection = Collection::judge(&lake, request.rule)?;
    let ledger = lake.ledger(&run)?;
    ledger.append(&super::telling::started(setup, &request.command, &run))?;
    ledger.append(&collection.event())?;
    let removed = scratch.remove(&collection.verdict.items, stop.flag());
    super::telling::tell_end(&ledger, removed, start)?;
    Ok(collection)
}
