//! Which slices are to be made, and why: a pure function of the definition and
//! of what is known of files and lake, asked again as slices finish.

pub mod adopt;
pub mod ingredients;
mod reason;
pub mod select;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::pipeline::SliceId;
use crate::pipeline::digest::digest;
use ingredients::{Ingredients, own_fingerprint};
pub use reason::reason;

/// An upstream slice and the content with which it was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpstreamContent {
    /// The slice.
    pub slice: SliceId,
    /// Its content hash.
    pub content: String,
}

/// A slice that is in the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSlice {
    /// Fingerprint of its ingredients.
    pub own: String,
    /// Its key.
    pub key: String,
    /// Its content hash.
    pub content: String,
    /// What it was made from.
    pub ingredients: Ingredients,
    /// The upstream slices that it saw.
    pub upstreams: Vec<UpstreamContent>,
}

/// What is known of one slice that the definition asks for.
#[derive(Debug, Clone)]
pub struct WantedSlice {
    /// The slice.
    pub id: SliceId,
    /// What it is to be made from.
    pub ingredients: Ingredients,
    /// The upstream slices that it sees.
    pub upstreams: Vec<SliceId>,
}

/// Everything a plan depends on.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The slices of the study, each behind its upstreams.
    pub wanted: Vec<WantedSlice>,
    /// What the lake holds.
    pub stored: BTreeMap<SliceId, Vec<StoredSlice>>,
    /// Keys of the current slices.
    pub current: BTreeMap<SliceId, String>,
    /// What readers see as current is not what the lake has of these slices.
    pub is_unlinked: bool,
    /// Slices asked for; what they need is made too unless `is_exact`.
    pub selected: BTreeSet<SliceId>,
    /// Exactly the selected slices: upstreams are taken as they are.
    pub is_exact: bool,
    /// Slices to make though they are up to date.
    pub forced: BTreeSet<SliceId>,
    /// Slices that failed in this run.
    pub failed: BTreeSet<SliceId>,
}

/// What a plan says of one slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nobody asked for it.
    Unselected,
    /// The lake has it.
    UpToDate {
        /// Its key.
        key: String,
        /// Its content hash.
        content: String,
    },
    /// It is taken as it is, though it may be out of date (`--only`).
    TakenAsIs {
        /// Its key.
        key: String,
        /// Its content hash.
        content: String,
    },
    /// It will be made.
    WillBeMade {
        /// Why, in a person's words.
        reason: String,
        /// Its key, once all its upstreams are known.
        key: Option<String>,
    },
    /// It is made if one of these upstreams changes.
    MadeIfChanged {
        /// Upstreams whose content is not known yet.
        upstreams: Vec<SliceId>,
    },
    /// It cannot be made: an upstream failed or, with `--only`, is missing.
    Blocked {
        /// The upstream.
        upstream: SliceId,
    },
    /// It failed in this run.
    Failed,
}

/// The states of all slices, in the order of the data.
#[derive(Debug, Clone)]
pub struct Plan {
    /// One line a slice.
    pub lines: Vec<(SliceId, State)>,
}

impl Plan {
    /// Slices that can be made at once, with their keys and reasons.
    pub fn ready<'a>(&'a self) -> Vec<(&'a SliceId, &'a str, &'a str)> {
        let ready = |(slice, state): &'a (SliceId, State)| match state {
            State::WillBeMade { reason, key: Some(key) } => {
                Some((slice, key.as_str(), reason.as_str()))
            }
            _ => None,
        };
        self.lines.iter().filter_map(ready).collect()
    }

    /// Slices that are work: they will or may be made.
    pub fn work(&self) -> impl Iterator<Item = &SliceId> {
        let is_work =
            |state: &State| matches!(state, State::WillBeMade { .. } | State::MadeIfChanged { .. });
        self.lines.iter().filter(move |(_, state)| is_work(state)).map(|(slice, _)| slice)
    }

    /// Says whether anything will or may be made.
    pub fn has_work(&self) -> bool {
        self.work().next().is_some()
    }

    /// Says whether a plan of everything, without work, still leaves other slices
    /// current than now: the lake has them from an earlier run, as after a
    /// correction that was taken back; or brings their links back.
    pub fn moves_current(&self, facts: &Facts) -> bool {
        let up_to_date = |(slice, state): &(SliceId, State)| match state {
            State::UpToDate { key, .. } => Some((slice.clone(), key.clone())),
            _ => None,
        };
        let wanted: BTreeMap<SliceId, String> = self.lines.iter().filter_map(up_to_date).collect();
        !self.has_work() && (wanted != facts.current || facts.is_unlinked)
    }

    /// The state of a slice.
    pub fn state(&self, slice: &SliceId) -> Option<&State> {
        self.lines.iter().find(|(id, _)| id == slice).map(|(_, state)| state)
    }
}

/// The key of a slice: its ingredients and the contents it sees.
pub fn key(own: &str, upstreams: &[UpstreamContent]) -> String {
    let mut text = own.to_owned();
    for upstream in upstreams {
        text.push_str(&format!("\n{}={}", upstream.slice, upstream.content));
    }
    digest(&text)
}

/// Draws up the plan.
pub fn plan(facts: &Facts) -> Plan {
    let needed = needed(facts);
    let mut states: BTreeMap<&SliceId, State> = BTreeMap::new();
    let mut lines = Vec::new();
    for wanted in &facts.wanted {
        let state = if needed.contains(&wanted.id) {
            state(facts, wanted, &states)
        } else if facts.is_exact {
            as_is(facts, wanted, &states)
        } else {
            State::Unselected
        };
        lines.push((wanted.id.clone(), state.clone()));
        states.insert(&wanted.id, state);
    }
    Plan { lines }
}

/// The selected slices and, unless exactly they are meant, all they rest on.
fn needed(facts: &Facts) -> BTreeSet<SliceId> {
    let mut needed = facts.selected.clone();
    if !facts.is_exact {
        for wanted in facts.wanted.iter().rev() {
            if needed.contains(&wanted.id) {
                needed.extend(wanted.upstreams.iter().cloned());
            }
        }
    }
    needed
}

/// Upstream contents where all are known; otherwise those that are not.
fn upstream_contents(
    wanted: &WantedSlice,
    states: &BTreeMap<&SliceId, State>,
) -> Result<Vec<UpstreamContent>, Vec<SliceId>> {
    let mut contents = Vec::new();
    let mut unknown = Vec::new();
    for upstream in &wanted.upstreams {
        match states.get(upstream) {
            Some(State::UpToDate { content, .. } | State::TakenAsIs { content, .. }) => {
                let content = content.clone();
                contents.push(UpstreamContent { slice: upstream.clone(), content });
            }
            _ => unknown.push(upstream.clone()),
        }
    }
    if unknown.is_empty() { Ok(contents) } else { Err(unknown) }
}

fn stored<'a>(facts: &'a Facts, slice: &SliceId, key: &str) -> Option<&'a StoredSlice> {
    facts.stored.get(slice)?.iter().find(|stored| stored.key == key)
}

fn state(facts: &Facts, wanted: &WantedSlice, states: &BTreeMap<&SliceId, State>) -> State {
    if facts.failed.contains(&wanted.id) {
        return State::Failed;
    }
    let is_blocked = |upstream: &&SliceId| {
        let state = states.get(upstream);
        matches!(state, None | Some(State::Failed | State::Blocked { .. } | State::Unselected))
    };
    if let Some(upstream) = wanted.upstreams.iter().find(is_blocked) {
        return State::Blocked { upstream: upstream.clone() };
    }
    let own = own_fingerprint(&wanted.ingredients);
    let is_forced = facts.forced.contains(&wanted.id);
    match upstream_contents(wanted, states) {
        Ok(contents) => {
            let key = key(&own, &contents);
            match stored(facts, &wanted.id, &key) {
                Some(stored) if !is_forced => {
                    State::UpToDate { key, content: stored.content.clone() }
                }
                _ => {
                    let reason = reason(facts, wanted, Some(&contents), is_forced);
                    State::WillBeMade { reason, key: Some(key) }
                }
            }
        }
        Err(unknown) => {
            let made_before = facts.stored.get(&wanted.id);
            let has_own = made_before.is_some_and(|all| all.iter().any(|one| one.own == own));
            if is_forced || !has_own {
                let reason = reason(facts, wanted, None, is_forced);
                State::WillBeMade { reason, key: None }
            } else {
                State::MadeIfChanged { upstreams: unknown }
            }
        }
    }
}

/// With `--only`, an upstream is what it would be if it is in the lake, or else
/// what is current.
fn as_is(facts: &Facts, wanted: &WantedSlice, states: &BTreeMap<&SliceId, State>) -> State {
    let own = own_fingerprint(&wanted.ingredients);
    let fresh = upstream_contents(wanted, states).ok().map(|contents| key(&own, &contents));
    let fresh = fresh.as_ref().and_then(|key| stored(facts, &wanted.id, key));
    let current = facts.current.get(&wanted.id).and_then(|key| stored(facts, &wanted.id, key));
    match fresh.or(current) {
        Some(slice) => State::TakenAsIs { key: slice.key.clone(), content: slice.content.clone() },
        None => State::Unselected,
    }
}
