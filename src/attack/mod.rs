//! An attacker: reads the files of a release as everybody will, and tries to find
//! what they do not show. It shares no code with `protect`, so that a mistake
//! there is no mistake here, and knows only the files and the rules.
//!
//! For each suppressed count, and each count that follows from others without
//! being published, it looks for the least and the greatest value that fit all
//! that is published. What it cannot settle counts as found.

mod equations;
mod intervals;
mod observed;
mod programs;

use std::collections::{BTreeMap, BTreeSet};

use self::equations::Unknowns;
use crate::error::Result;
use crate::pipeline::protection::Thresholds;
use crate::pipeline::published::Published;

/// A count as the files have it: table, row and measure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The table.
    pub table: String,
    /// The row, from 0 on.
    pub row: usize,
    /// The measure.
    pub measure: String,
}

/// What everybody may know beside the files, and what must not be found.
#[derive(Debug, Default)]
pub struct Rules<'a> {
    /// Declarations of the tables that need protection.
    pub tables: BTreeMap<String, &'a Published>,
    /// Least counts.
    pub thresholds: Thresholds,
    /// Cells that must stay open beyond what the thresholds ask.
    pub asked: BTreeMap<Spot, Asked>,
    /// Measures, by table, that are never zero where a row is.
    pub never_zero: BTreeSet<(String, String)>,
    /// Counts that each contributor knows, with their values.
    pub contributors: BTreeMap<usize, BTreeMap<Spot, i64>>,
}

/// How far a cell must stay open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// Least and greatest value are so far apart.
    pub width: i64,
    /// The least value is this at most …
    pub low: i64,
    /// … and the greatest this at least.
    pub high: i64,
}

/// What the files give away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// Of which count; none for one that follows from several.
    pub spot: Option<Spot>,
    /// What is wrong, without any value.
    pub why: &'static str,
}

/// What an attack found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What the files give away; nothing, or the release must not leave.
    pub leaks: Vec<Leak>,
    /// Values between which each suppressed count is known to be open: it may be
    /// open further.
    pub intervals: BTreeMap<Spot, [i64; 2]>,
    /// Linear programs that were solved.
    pub programs: usize,
}

impl Findings {
    /// The narrowest interval of a suppressed count that could be below the least
    /// count.
    pub fn narrowest(&self, thresholds: &Thresholds) -> Option<i64> {
        let open = self.intervals.values().filter(|[low, _]| *low < thresholds.least_count);
        open.map(|[low, high]| high - low).min()
    }
}

/// Attacks tables, given as the bytes of their CSV files.
///
/// # Errors
/// [`crate::Error::Protection`] for files that cannot be read as they are
/// declared, or that contradict themselves.
pub fn attack(files: &BTreeMap<String, Vec<u8>>, rules: &Rules<'_>) -> Result<Findings> {
    let observed = observed::read(files, rules)?;
    let mut findings = Findings { leaks: observed.leaks.clone(), ..Findings::default() };
    let system = equations::system_of(&observed, rules, &mut findings.leaks);
    intervals::search(&system, rules, None, &mut findings)?;
    attack_from_within(&system, rules, &mut findings)?;
    findings.leaks.sort();
    findings.leaks.dedup();
    Ok(findings)
}

/// What the contributor of cells finds, who knows these as well. All of them
/// together are tried first, who know more than each: what holds against them
/// holds.
fn attack_from_within(system: &Unknowns, rules: &Rules<'_>, findings: &mut Findings) -> Result<()> {
    let contributors = system.contributors(rules);
    let all: Vec<(usize, i64)> = contributors.iter().flatten().copied().collect();
    let mut found = Findings::default();
    let open = intervals::search(&system.known_to(&all), rules, None, &mut found)?;
    findings.programs += found.programs;
    if open.is_empty() {
        return Ok(());
    }
    for known in &contributors {
        let mut found = Findings { programs: findings.programs, ..Findings::default() };
        intervals::search(&system.known_to(known), rules, Some(&open), &mut found)?;
        findings.programs = found.programs;
        let of_contributor =
            |leak: Leak| Leak { why: "the contributor of another count can find it", ..leak };
        findings.leaks.extend(found.leaks.into_iter().map(of_contributor));
    }
    Ok(())
}
