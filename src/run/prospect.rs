//! What a run would start from, computed in one place: `run` carries it out,
//! `plan` and `status` tell it, `adopt` and `prove` take the facts of it.

use std::collections::BTreeSet;

use super::columns::Columns;
use super::drift::{Accepted, Arrival, look, refuse_unknown_sources};
use super::facts::{Known, gather};
use super::inventory::Inventory;
use super::release::{ProtectionState, ReleaseState};
use super::setup::Setup;
use super::steps_back::refuse_steps_back;
use crate::error::Result;
use crate::lake::Lake;
use crate::pipeline::{SliceId, Study};
use crate::plan::select::{Request, Selection, select};
use crate::plan::{Plan, State, plan};
use crate::stop::Stop;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Which slices.
    pub selection: Request,
    /// Years of an open study that may go, though the lake has them.
    pub forgets_years: BTreeSet<i32>,
    /// Sources whose files are taken as they are.
    pub accepts: Accepted,
}

/// What of the raw files is read for their fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hashing {
    /// All of them, as where slices are to be made.
    Everything,
    /// Only those that the lake has something of to compare with.
    WhatIsCompared,
}

/// What a run would start from.
pub struct Prospect {
    /// Columns of every table; there are none of a definition that does not hold.
    pub columns: Columns,
    /// The raw files.
    pub inventory: Inventory,
    /// Ingredients, what the lake holds and what is current, with the selection
    /// in them.
    pub known: Known,
    /// What is selected.
    pub selection: Selection,
    /// The raw files to ingest, held against the vintages before them.
    pub arrivals: Vec<Arrival>,
    /// What would be made.
    pub plan: Plan,
}

/// What a run would leave other than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moves {
    /// `current` moves without a slice being made: the lake has them all.
    pub current: bool,
    /// Disclosure control is done, if what it is of changes or has no audit.
    pub protection: bool,
    /// A release is written, if what it is made from changes or it is not there
    /// as it was written.
    pub release: bool,
    /// A run has anything to do.
    pub anything: bool,
}

impl Prospect {
    /// Looks at raw files and lake as a run does, before it makes a slice.
    ///
    /// # Errors
    /// [`Error::Usage`](crate::Error::Usage) for a selection that names nothing;
    /// [`Error::RawInput`](crate::Error::RawInput) for raw files that are missing,
    /// cannot be read, or are a step back;
    /// [`Error::Damaged`](crate::Error::Damaged).
    pub fn take(
        setup: &Setup,
        columns: Columns,
        ask: &Ask,
        lake: Option<&Lake>,
        hashing: Hashing,
        stop: Option<&Stop>,
    ) -> Result<Self> {
        let Ask { selection, forgets_years, accepts } = ask;
        let inventory = Inventory::take(&setup.study, &setup.raw)?;
        let mut known = gather(setup, &inventory, lake, hashing)?;
        refuse_steps_back(setup, &inventory, &known, forgets_years, &accepts.volume)?;
        let selection = take_selection(setup, &mut known, selection)?;
        let plan = plan(&known.facts);
        refuse_missing(setup, &inventory, &plan)?;
        let arrivals = look(setup, &inventory, &known, lake, accepts, stop)?;
        Ok(Prospect { columns, inventory, known, selection, arrivals, plan })
    }

    /// What would move, where the release of what is current stands so.
    pub fn moves(&self, protection: &ProtectionState, release: &ReleaseState) -> Moves {
        let current = self.selection.is_everything && self.plan.moves_current(&self.known.facts);
        let has_news = self.plan.has_work() || current || release.is_pending();
        let release = self.selection.publishes && has_news;
        let asks = self.selection.publishes || self.selection.protects;
        let is_due = matches!(protection, ProtectionState::Due(_));
        let is_of_protected = *protection != ProtectionState::NotAsked;
        let protection = asks && is_of_protected && (is_due || self.plan.has_work());
        let anything = self.plan.has_work() || current || protection || release;
        Moves { current, protection, release, anything }
    }

    /// The arrivals that there is something to say of.
    pub fn told_arrivals(&self) -> impl Iterator<Item = &Arrival> {
        self.arrivals.iter().filter(|arrival| arrival.is_told())
    }
}

impl Ask {
    /// Refuses accepted sources that the study has not.
    ///
    /// # Errors
    /// [`Error::Usage`](crate::Error::Usage) with the nearest name.
    pub fn refuse_unknown_sources(&self, study: &Study) -> Result<()> {
        let Accepted { drift, volume } = &self.accepts;
        [drift, volume].into_iter().try_for_each(|list| refuse_unknown_sources(study, list))
    }
}

/// Takes a selection into the facts.
fn take_selection(setup: &Setup, known: &mut Known, request: &Request) -> Result<Selection> {
    let all: Vec<SliceId> = known.facts.wanted.iter().map(|wanted| wanted.id.clone()).collect();
    let selection = select(&setup.study, &all, request)?;
    known.select(&selection, request.is_exact, request.is_forced);
    known.refuse_damage()?;
    Ok(selection)
}

/// Refuses a plan that needs raw slices without a file.
fn refuse_missing(setup: &Setup, inventory: &Inventory, plan: &Plan) -> Result<()> {
    let is_needed = |(slice, state): &(SliceId, State)| match state {
        State::Unselected | State::TakenAsIs { .. } => None,
        _ => Some(slice.clone()),
    };
    let needed: BTreeSet<SliceId> = plan.lines.iter().filter_map(is_needed).collect();
    match inventory.missing(&setup.study, &setup.raw, &needed) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
