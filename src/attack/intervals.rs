//! The least and the greatest value that each unknown can have: bounds from each
//! equation by itself, then linear programs over what hangs together.

use std::collections::{BTreeMap, BTreeSet};

use super::equations::{Equation, Unknowns};
use super::programs::{Part, Way};
use super::{Asked, Findings, Leak, Rules};
use crate::error::{Error, Result};

/// Passes over all equations, at most; further ones narrow bounds by little.
const MOST_PASSES: usize = 60;
/// Linear programs with an objective over all unsettled unknowns of a part.
const MOST_ROUNDS: u64 = 40;
/// Linear programs of one attack; what is left unsettled then counts as found.
const MOST_PROGRAMS: usize = 20_000;
/// Parts up to this size are solved in whole numbers.
const SMALL: usize = 40;

/// Finds out what can be found of all unknowns or of some, notes what must not be,
/// and says which these are.
///
/// # Errors
/// [`Error::Protection`] where nothing fits what is published.
pub(super) fn search(
    system: &Unknowns,
    rules: &Rules<'_>,
    only: Option<&BTreeSet<usize>>,
    findings: &mut Findings,
) -> Result<BTreeSet<usize>> {
    let mut found = BTreeSet::new();
    let mut bounds = Bounds::of(system);
    bounds.narrow(&system.equations.iter().collect::<Vec<_>>())?;
    for part in bounds.parts(system) {
        let (seen, programs) = (BTreeMap::new(), 0);
        let mut search = Search { system, rules, only, part, seen, programs, is_exhausted: false };
        search.settle(MOST_PROGRAMS.saturating_sub(findings.programs))?;
        found.extend(search.unsettled());
        search.report(findings);
    }
    Ok(found)
}

struct Bounds {
    low: Vec<i64>,
    high: Vec<Option<i64>>,
}

impl Bounds {
    fn of(system: &Unknowns) -> Self {
        Bounds {
            low: system.unknowns.iter().map(|it| it.low).collect(),
            high: system.unknowns.iter().map(|it| it.high).collect(),
        }
    }

    /// Narrows bounds by one equation after the other, until nothing changes.
    fn narrow(&mut self, equations: &[&Equation]) -> Result<()> {
        for _ in 0..MOST_PASSES {
            let mut is_changed = false;
            for equation in equations {
                is_changed |= self.narrow_by(equation)?;
            }
            if !is_changed {
                break;
            }
        }
        Ok(())
    }

    fn narrow_by(&mut self, equation: &Equation) -> Result<bool> {
        let mut is_changed = false;
        // The least that all terms come to, and how many have no least; so the most.
        let (mut least, mut unbounded_below) = (0, 0);
        let (mut most, mut unbounded_above) = (0, 0);
        for (unknown, sign) in &equation.terms {
            let [low, high] = self.of_term(*unknown, *sign);
            low.map_or_else(|| unbounded_below += 1, |low| least += low);
            high.map_or_else(|| unbounded_above += 1, |high| most += high);
        }
        let constant = i128::from(equation.constant);
        if (unbounded_below == 0 && least > constant) || (unbounded_above == 0 && most < constant) {
            return Err(contradiction());
        }
        for (unknown, sign) in &equation.terms {
            let [low, high] = self.of_term(*unknown, *sign);
            // The term is at most what is left when all others are at their least.
            let is_only = |unbounded: i32, own: Option<i128>| {
                unbounded == 0 || (unbounded == 1 && own.is_none())
            };
            let at_most =
                is_only(unbounded_below, low).then(|| constant - (least - low.unwrap_or(0)));
            let at_least =
                is_only(unbounded_above, high).then(|| constant - (most - high.unwrap_or(0)));
            is_changed |= self.bound(*unknown, *sign, at_least, at_most)?;
        }
        Ok(is_changed)
    }

    fn of_term(&self, unknown: usize, sign: i64) -> [Option<i128>; 2] {
        let sign = i128::from(sign);
        let low = Some(i128::from(self.low[unknown]) * sign);
        let high = self.high[unknown].map(|high| i128::from(high) * sign);
        if sign > 0 { [low, high] } else { [high, low] }
    }

    fn bound(
        &mut self,
        unknown: usize,
        sign: i64,
        at_least: Option<i128>,
        at_most: Option<i128>,
    ) -> Result<bool> {
        let sign = i128::from(sign);
        let (least, most) = if sign > 0 { (at_least, at_most) } else { (at_most, at_least) };
        let least = least.map(|it| div_up(it, sign)).and_then(|it| i64::try_from(it).ok());
        let most = most.map(|it| div_down(it, sign)).and_then(|it| i64::try_from(it).ok());
        let low = least.map_or(self.low[unknown], |it| it.max(self.low[unknown]));
        let high = match (self.high[unknown], most) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        if high.is_some_and(|high| high < low) {
            return Err(contradiction());
        }
        let is_changed = low != self.low[unknown] || high != self.high[unknown];
        (self.low[unknown], self.high[unknown]) = (low, high);
        Ok(is_changed)
    }

    fn is_fixed(&self, unknown: usize) -> bool {
        self.high[unknown] == Some(self.low[unknown])
    }

    /// Unknowns that hang together by equations, those that are fixed each by
    /// itself.
    fn parts(&self, system: &Unknowns) -> Vec<Part> {
        let mut groups: Vec<usize> = (0..system.unknowns.len()).collect();
        let mut root = |mut it: usize, to: Option<usize>| {
            while groups[it] != it {
                groups[it] = groups[groups[it]];
                it = groups[it];
            }
            if let Some(to) = to {
                groups[it] = to;
            }
            it
        };
        for equation in &system.equations {
            let mut open = equation.terms.keys().filter(|it| !self.is_fixed(**it));
            let Some(first) = open.next() else { continue };
            for other in open {
                let to = root(*first, None);
                root(*other, Some(to));
            }
        }
        let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
        for unknown in 0..system.unknowns.len() {
            let part = parts.entry(root(unknown, None)).or_default();
            part.bounds.insert(unknown, (self.low[unknown], self.high[unknown]));
        }
        for equation in &system.equations {
            let open = equation.terms.iter().filter(|(it, _)| !self.is_fixed(**it));
            let terms: BTreeMap<usize, i64> = open.map(|(it, sign)| (*it, *sign)).collect();
            let Some(first) = terms.keys().next() else { continue };
            let fixed = equation.terms.iter().filter(|(it, _)| self.is_fixed(**it));
            let fixed: i64 = fixed.map(|(it, sign)| self.low[*it] * sign).sum();
            let constant = equation.constant - fixed;
            if let Some(part) = parts.get_mut(&root(*first, None)) {
                part.equations.insert(Equation { terms, constant });
            }
        }
        parts.into_values().collect()
    }
}

fn div_up(value: i128, by: i128) -> i128 {
    -(-value * by.signum()).div_euclid(by.abs())
}

fn div_down(value: i128, by: i128) -> i128 {
    (value * by.signum()).div_euclid(by.abs())
}

fn contradiction() -> Error {
    Error::Protection {
        message: "the published tables contradict each other: no counts fit all of their sums"
            .to_owned(),
        hint: Some("a declaration says that two counts are the same which are not".to_owned()),
    }
}

struct Search<'a> {
    system: &'a Unknowns,
    rules: &'a Rules<'a>,
    /// The unknowns that are looked for, where these are not all.
    only: Option<&'a BTreeSet<usize>>,
    part: Part,
    /// Values that were seen to be possible: the least and the greatest.
    seen: BTreeMap<usize, [i64; 2]>,
    programs: usize,
    is_exhausted: bool,
}

impl Search<'_> {
    /// What must stay open of an unknown; nothing where that is asked of none.
    fn asked(&self, unknown: usize) -> Option<Asked> {
        let own = &self.system.unknowns[unknown];
        let is_other = self.only.is_some_and(|only| !only.contains(&unknown));
        if is_other || self.system.exempt.contains(&unknown) {
            return None;
        }
        let least = self.rules.thresholds.least_count;
        let (low, _) = self.part.bounds[&unknown];
        // A count that is the least count or more for certain is no secret.
        let mut asked = Asked { width: least, low: i64::MAX, high: i64::MIN };
        if low >= least {
            asked.width = 0;
        }
        for wanted in own.spots.iter().filter_map(|spot| self.rules.asked.get(spot)) {
            asked.width = asked.width.max(wanted.width);
            asked.low = asked.low.min(wanted.low);
            asked.high = asked.high.max(wanted.high);
        }
        Some(asked)
    }

    fn is_settled(&self, unknown: usize) -> bool {
        let Some(asked) = self.asked(unknown) else { return true };
        match self.seen.get(&unknown) {
            None => asked.width == 0 && asked.low == i64::MAX && asked.high == i64::MIN,
            Some([low, high]) => {
                // Known to be the least count or more, whatever else it may be.
                high - low >= asked.width && *low <= asked.low && *high >= asked.high
            }
        }
    }

    fn unsettled(&self) -> Vec<usize> {
        self.part.bounds.keys().copied().filter(|it| !self.is_settled(*it)).collect()
    }

    fn see(&mut self, values: &BTreeMap<usize, [i64; 2]>) {
        for (unknown, [low, high]) in values {
            let seen = self.seen.entry(*unknown).or_insert([*low, *high]);
            *seen = [seen[0].min(*low), seen[1].max(*high)];
        }
    }

    fn settle(&mut self, budget: usize) -> Result<()> {
        if self.part.equations.is_empty() {
            self.see(&self.part.alone());
            return Ok(());
        }
        if self.part.bounds.len() <= SMALL {
            return self.settle_exactly(budget);
        }
        let mut before = usize::MAX;
        for round in 0..MOST_ROUNDS {
            let open = self.unsettled();
            if open.is_empty()
                || (open.len() == before && round % 4 == 0)
                || self.programs >= budget
            {
                break;
            }
            if round % 4 == 0 {
                before = open.len();
            }
            let way = if round % 2 == 0 { Way::Up } else { Way::Down };
            let weights = open.iter().map(|it| (*it, uneven(*it, round))).collect();
            self.programs += 1;
            if let Some(values) = self.part.extreme(&weights, way, false)? {
                self.see(&values);
            }
        }
        self.settle_exactly(budget)
    }

    /// Asks for each unsettled unknown by itself.
    fn settle_exactly(&mut self, budget: usize) -> Result<()> {
        let in_whole = self.part.bounds.len() <= SMALL;
        let open: Vec<usize> = self.part.bounds.keys().copied().collect();
        for unknown in open {
            for way in [Way::Up, Way::Down] {
                self.is_exhausted |= self.programs >= budget;
                if self.is_settled(unknown) || self.is_exhausted {
                    break;
                }
                self.programs += 1;
                let own = BTreeMap::from([(unknown, 1.0)]);
                if let Some(values) = self.part.extreme(&own, way, in_whole)? {
                    self.see(&values);
                }
            }
        }
        Ok(())
    }

    fn report(&self, findings: &mut Findings) {
        findings.programs += self.programs;
        for unknown in self.part.bounds.keys() {
            let own = &self.system.unknowns[*unknown];
            if let Some(seen) = self.seen.get(unknown) {
                findings.intervals.extend(own.spots.iter().map(|spot| (spot.clone(), *seen)));
            }
            // Nothing else was found to be possible, where all was tried.
            let is_zero = self.seen.get(unknown) == Some(&[0, 0]) && !self.is_exhausted;
            if self.is_settled(*unknown) || (own.is_harmless_zero && is_zero) {
                continue;
            }
            let why = "it can be found from what is published";
            findings.leaks.push(Leak { spot: own.spots.first().cloned(), why });
        }
    }
}

/// A weight from 1 to 2 that differs from unknown to unknown.
fn uneven(unknown: usize, round: u64) -> f64 {
    let mixed = (unknown as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17)
        ^ (round + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    let part = u32::try_from(mixed.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40).unwrap_or(0);
    1.0 + f64::from(part) / f64::from(1 << 24)
}
