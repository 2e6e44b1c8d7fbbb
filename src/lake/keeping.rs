//! What `gc` keeps and what goes: a pure rule over what the lake holds and what
//! the ledger says of it. Looking and removing are left to `gc`.
//!
//! Kept runs: the newest ones, those that started lately, and the newest that
//! ended well. Kept are
//! - `current`, with its slices;
//! - snapshots that a kept run made current, or that were current lately: who
//!   resolved `current` then may still be reading;
//! - candidates of kept runs;
//! - slices that a kept snapshot, a kept candidate or a kept run names, and
//!   those put lately;
//! - rejects of a kept slice, or that a kept run or the last days left;
//! - results of checks that a kept run asked, audits of protection that one made or
//!   found, and both of the last days.
//!
//! All else goes. The ledger and the releases always stay.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::names::{Key, OwnKey, RunId};
use crate::pipeline::names::SliceId;

/// A version of a slice.
pub type Version = (SliceId, Key);

/// How much is kept beside what is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct KeepRule {
    /// Days that count as lately.
    #[serde(rename = "keep_days")]
    pub days: u32,
    /// The newest runs, so many.
    #[serde(rename = "keep_runs")]
    pub runs: usize,
}

/// A run as the rule sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTraces {
    /// The run.
    pub run: RunId,
    /// When it ended; when it started, where it did not come to its end.
    pub ended: Timestamp,
    /// It ended with exit code 0.
    pub is_done: bool,
    /// It was a `gc`, which leaves nothing of its own.
    pub is_gc: bool,
    /// Slices that it made, found or failed to make.
    pub slices: BTreeSet<Version>,
    /// Snapshots that it made current.
    pub snapshots: BTreeSet<String>,
    /// Checks that it asked, by name and key.
    pub checks: BTreeSet<(String, Key)>,
    /// Audits of protection that it made or found.
    pub audits: BTreeSet<Key>,
}

/// One thing that can go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// What was current.
    Snapshot(String),
    /// What a run kept apart.
    Candidate(RunId),
    /// A version of a slice.
    Slice(SliceId, OwnKey, Key),
    /// Rejected records of a version of a raw slice.
    Rejects(SliceId, Key),
    /// What a check found, with its rows.
    Check(String, Key),
    /// The audit of a protection.
    Audit(Key),
}

/// All that the lake holds and that can go, with when it was written, and all
/// that the ledger says of it.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    /// The snapshot that is current, and since when.
    pub current: Option<(String, Timestamp)>,
    /// Things, and when each was written.
    pub items: BTreeMap<Item, Timestamp>,
    /// Slices of each snapshot and candidate.
    pub contents: BTreeMap<Item, BTreeSet<Version>>,
    /// The runs of the ledger.
    pub runs: Vec<RunTraces>,
}

/// What goes, and the runs that it is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What goes, in the order of removal: nothing goes before what names it.
    pub items: Vec<Item>,
    /// Runs that are kept.
    pub kept_runs: BTreeSet<RunId>,
    /// Runs that something goes of.
    pub collected_runs: BTreeSet<RunId>,
}

/// Judges what the lake holds.
pub fn judge(holdings: &Holdings, rule: KeepRule, now: Timestamp) -> Verdict {
    let days = SignedDuration::from_hours(24 * i64::from(rule.days));
    let is_late = |time: &Timestamp| now.duration_since(*time) < days;
    let kept_runs = kept_runs(&holdings.runs, rule, &is_late);
    let kept: Vec<&RunTraces> =
        holdings.runs.iter().filter(|run| kept_runs.contains(&run.run)).collect();
    let is_kept_whole = |item: &Item, written: &Timestamp| match item {
        Item::Snapshot(id) => {
            holdings.current.as_ref().is_some_and(|(current, _)| current == id)
                || kept.iter().any(|run| run.snapshots.contains(id))
                || left_current(holdings, id, *written).is_none_or(|left| is_late(&left))
        }
        Item::Candidate(run) => kept_runs.contains(run) || is_late(&run.started()),
        _ => false,
    };
    let mut versions: BTreeSet<&Version> = kept.iter().flat_map(|run| &run.slices).collect();
    for (item, slices) in &holdings.contents {
        if holdings.items.get(item).is_some_and(|written| is_kept_whole(item, written)) {
            versions.extend(slices);
        }
    }
    let names = |slice: &SliceId, key: &Key| versions.contains(&(slice.clone(), key.clone()));
    let is_kept = |item: &Item, written: &Timestamp| match item {
        Item::Snapshot(_) | Item::Candidate(_) => is_kept_whole(item, written),
        Item::Slice(slice, _, key) | Item::Rejects(slice, key) => {
            names(slice, key) || is_late(written)
        }
        Item::Check(name, key) => {
            let asked = (name.clone(), key.clone());
            kept.iter().any(|run| run.checks.contains(&asked)) || is_late(written)
        }
        Item::Audit(key) => kept.iter().any(|run| run.audits.contains(key)) || is_late(written),
    };
    let goes = holdings.items.iter().filter(|(item, written)| !is_kept(item, written));
    let items: Vec<Item> = goes.map(|(item, _)| item.clone()).collect();
    let collected_runs = collected_runs(&holdings.runs, &kept_runs, &items);
    Verdict { items, kept_runs, collected_runs }
}

fn kept_runs(
    runs: &[RunTraces],
    rule: KeepRule,
    is_late: &dyn Fn(&Timestamp) -> bool,
) -> BTreeSet<RunId> {
    let mut newest: Vec<&RunTraces> = runs.iter().filter(|run| !run.is_gc).collect();
    newest.sort_by(|one, other| other.run.cmp(&one.run));
    let late = newest.iter().filter(|run| is_late(&run.run.started()));
    let done = newest.iter().filter(|run| run.is_done).take(1);
    let kept = newest.iter().take(rule.runs).chain(late).chain(done);
    kept.map(|run| run.run.clone()).collect()
}

/// When a snapshot stopped being current: when the next other one was built or
/// made current. A snapshot may be current again, and a killed run may not have
/// told the ledger; both show in the times of the others. None where nothing
/// came after it.
fn left_current(holdings: &Holdings, id: &str, built: Timestamp) -> Option<Timestamp> {
    let told = holdings
        .runs
        .iter()
        .flat_map(|run| run.snapshots.iter().map(move |snapshot| (run.ended, snapshot.as_str())));
    let found = holdings.items.iter().filter_map(|(item, built)| match item {
        Item::Snapshot(snapshot) => Some((*built, snapshot.as_str())),
        _ => None,
    });
    let now = holdings.current.iter().map(|(snapshot, since)| (*since, snapshot.as_str()));
    let moves: Vec<(Timestamp, &str)> = told.chain(found).chain(now).collect();
    let own = moves.iter().filter(|(_, snapshot)| *snapshot == id).map(|(time, _)| *time);
    let last = own.max().unwrap_or(built);
    let others = moves.iter().filter(|(time, snapshot)| *snapshot != id && *time >= last);
    others.map(|(time, _)| *time).min()
}

fn collected_runs(runs: &[RunTraces], kept: &BTreeSet<RunId>, items: &[Item]) -> BTreeSet<RunId> {
    let left = |run: &RunTraces, item: &Item| match item {
        Item::Snapshot(id) => run.snapshots.contains(id),
        Item::Candidate(of) => run.run == *of,
        Item::Slice(slice, _, key) | Item::Rejects(slice, key) => {
            run.slices.contains(&(slice.clone(), key.clone()))
        }
        Item::Check(name, key) => run.checks.contains(&(name.clone(), key.clone())),
        Item::Audit(key) => run.audits.contains(key),
    };
    let gone = runs.iter().filter(|run| !kept.contains(&run.run));
    let gone = gone.filter(|run| items.iter().any(|item| left(run, item)));
    gone.map(|run| run.run.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::names::parse_slice;

    const NOW: &str = "2026-06-30T12:00:00Z";

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A day of June, at noon.
    fn june(day: u32) -> Timestamp {
        time(&format!("2026-06-{day:02}T12:00:00Z"))
    }

    fn run_of(day: u32) -> RunId {
        format!("202606{day:02}T110000Z-000000").parse().unwrap()
    }

    fn key(text: &str) -> Key {
        Key::of(&blake3::hash(text.as_bytes()))
    }

    fn version(made_of: &str) -> Version {
        (parse_slice("core.jobs 2016").unwrap(), key(made_of))
    }

    fn slice(made_of: &str) -> Item {
        let (slice, key) = version(made_of);
        Item::Slice(slice, OwnKey::of(&blake3::hash(b"own")), key)
    }

    fn snapshot(made_of: &str) -> Item {
        Item::Snapshot(made_of.to_owned())
    }

    fn audit(made_of: &str) -> Item {
        Item::Audit(key(made_of))
    }

    fn check(made_of: &str) -> Item {
        Item::Check("ages_are_known".to_owned(), key(made_of))
    }

    fn rejects(made_of: &str) -> Item {
        let (slice, key) = version(made_of);
        Item::Rejects(slice, key)
    }

    /// On each of these days a run made another version of one slice, rejected
    /// and checked, and made it current.
    fn daily(days: &[u32]) -> Holdings {
        let mut holdings = Holdings::default();
        for day in days {
            let name = day.to_string();
            holdings.runs.push(RunTraces {
                run: run_of(*day),
                ended: june(*day),
                is_done: true,
                is_gc: false,
                slices: BTreeSet::from([version(&name)]),
                snapshots: BTreeSet::from([name.clone()]),
                checks: BTreeSet::from([("ages_are_known".to_owned(), key(&name))]),
                audits: BTreeSet::from([key(&name)]),
            });
            for item in [slice(&name), snapshot(&name), check(&name), audit(&name), rejects(&name)]
            {
                holdings.items.insert(item, june(*day));
            }
            holdings.contents.insert(snapshot(&name), BTreeSet::from([version(&name)]));
            holdings.current = Some((name, june(*day)));
        }
        holdings
    }

    /// Days of which a kind of thing stays.
    fn stays(holdings: &Holdings, verdict: &Verdict, of: &dyn Fn(&str) -> Item) -> Vec<u32> {
        let is_kept = |day: &u32| {
            let item = of(&day.to_string());
            holdings.items.contains_key(&item) && !verdict.items.contains(&item)
        };
        (1..=30).filter(is_kept).collect()
    }

    fn judged(holdings: &Holdings, days: u32, runs: usize) -> Verdict {
        judge(holdings, KeepRule { days, runs }, time(NOW))
    }

    #[test]
    fn the_newest_runs_keep_all_they_left_and_older_ones_nothing() {
        let holdings = daily(&[1, 2, 3, 4]);
        let verdict = judged(&holdings, 5, 2);
        for of in [&slice as &dyn Fn(&str) -> Item, &snapshot, &check, &audit, &rejects] {
            assert_eq!(stays(&holdings, &verdict, of), [3, 4]);
        }
        assert_eq!(verdict.kept_runs, [3, 4].map(run_of).into());
        assert_eq!(verdict.collected_runs, [1, 2].map(run_of).into());
        // Nothing goes before what names it.
        let first_slice = verdict.items.iter().position(|item| matches!(item, Item::Slice(..)));
        assert_eq!(first_slice, Some(2), "behind both snapshots: {:?}", verdict.items);
    }

    #[test]
    fn with_nothing_to_keep_the_current_tables_and_the_last_good_run_stay() {
        let mut holdings = daily(&[1, 2, 3]);
        holdings.runs[2].is_done = false;
        holdings.current = Some(("1".to_owned(), june(4)));
        let verdict = judged(&holdings, 0, 0);
        assert_eq!(verdict.kept_runs, BTreeSet::from([run_of(2)]));
        assert_eq!(stays(&holdings, &verdict, &snapshot), [1, 2]);
        assert_eq!(stays(&holdings, &verdict, &slice), [1, 2]);
        assert_eq!(stays(&holdings, &verdict, &check), [2], "current is of a run that is not kept");
    }

    #[test]
    fn what_was_current_until_yesterday_stays_however_old_it_is() {
        // Made on the first, current until the 29th, when another came.
        let holdings = daily(&[1, 29]);
        let verdict = judged(&holdings, 2, 1);
        assert_eq!(stays(&holdings, &verdict, &snapshot), [1, 29]);
        assert_eq!(stays(&holdings, &verdict, &slice), [1, 29]);
        assert_eq!(stays(&holdings, &verdict, &check), [29]);
        let verdict = judged(&holdings, 1, 1);
        assert_eq!(stays(&holdings, &verdict, &snapshot), [29], "a day and more has gone by");
    }

    #[test]
    fn a_move_that_a_killed_run_did_not_tell_shows_in_the_snapshot_it_built() {
        let mut holdings = daily(&[1, 29]);
        holdings.runs[1].snapshots.clear();
        let verdict = judged(&holdings, 2, 0);
        assert_eq!(stays(&holdings, &verdict, &snapshot), [1, 29]);
        let verdict = judged(&holdings, 1, 0);
        assert_eq!(stays(&holdings, &verdict, &snapshot), [29]);
    }

    #[test]
    fn a_state_that_came_back_counts_from_the_last_time() {
        // The state of the first came back on the 20th, until the 28th.
        let mut holdings = daily(&[1, 10, 20, 28]);
        holdings.runs[2].snapshots = BTreeSet::from(["1".to_owned()]);
        holdings.items.remove(&snapshot("20"));
        assert_eq!(stays(&holdings, &judged(&holdings, 3, 1), &snapshot), [1, 28]);
        assert_eq!(stays(&holdings, &judged(&holdings, 2, 1), &snapshot), [28]);
    }

    #[test]
    fn a_candidate_stands_and_falls_with_its_run() {
        let mut holdings = daily(&[1, 2, 3]);
        let candidate = Item::Candidate(run_of(2));
        holdings.items.insert(candidate.clone(), june(2));
        // It holds a slice of a run that is not kept.
        holdings.contents.insert(candidate.clone(), BTreeSet::from([version("1")]));
        let verdict = judged(&holdings, 5, 2);
        assert!(!verdict.items.contains(&candidate));
        assert_eq!(stays(&holdings, &verdict, &slice), [1, 2, 3]);
        let verdict = judged(&holdings, 5, 1);
        assert!(verdict.items.contains(&candidate));
        assert_eq!(stays(&holdings, &verdict, &slice), [3]);
        assert_eq!(verdict.collected_runs, [1, 2].map(run_of).into());
    }

    #[test]
    fn slices_of_no_run_go_by_their_age_and_a_gc_is_no_run() {
        let mut holdings = daily(&[1, 27]);
        for (name, day) in [("orphan", 2), ("fresh orphan", 29)] {
            holdings.items.insert(slice(name), june(day));
        }
        let gc = RunTraces {
            run: run_of(28),
            ended: june(28),
            is_done: true,
            is_gc: true,
            slices: BTreeSet::new(),
            snapshots: BTreeSet::new(),
            checks: BTreeSet::new(),
            audits: BTreeSet::new(),
        };
        holdings.runs.push(gc);
        let verdict = judged(&holdings, 2, 1);
        assert_eq!(verdict.kept_runs, BTreeSet::from([run_of(27)]));
        assert!(verdict.items.contains(&slice("orphan")));
        assert!(!verdict.items.contains(&slice("fresh orphan")));
    }
}
