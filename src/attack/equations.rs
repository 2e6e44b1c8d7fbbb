//! What an attacker writes down: an unknown for each count that is not shown, and
//! an equation for each sum that the declarations let expect.

use std::collections::{BTreeMap, BTreeSet};

use super::observed::{Coordinates, Count, Observed};
use super::{Leak, Rules, Spot};

/// A number that is not shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Unknown {
    /// Where it stands; nowhere if it only follows from others.
    pub(super) spots: Vec<Spot>,
    pub(super) low: i64,
    pub(super) high: Option<i64>,
    /// Zero says nothing of anybody.
    pub(super) is_harmless_zero: bool,
}

/// Unknowns by their coefficients, and what these come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Equation {
    pub(super) terms: BTreeMap<usize, i64>,
    pub(super) constant: i64,
}

impl Equation {
    /// Whether it says that two unknowns are the same.
    fn is_equality(&self) -> bool {
        self.constant == 0 && self.terms.len() == 2 && self.terms.values().sum::<i64>() == 0
    }

    /// The unknown that all others are parts of, if there is one.
    fn whole(&self) -> Option<usize> {
        let mut above = self.terms.iter().filter(|(_, sign)| **sign > 0);
        let whole = above.next().filter(|(_, sign)| **sign == 1);
        whole.filter(|_| above.next().is_none()).map(|(it, _)| *it)
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Unknowns {
    pub(super) unknowns: Vec<Unknown>,
    pub(super) equations: BTreeSet<Equation>,
    /// Unknowns of which contributors of cells need not be kept from knowing.
    pub(super) exempt: BTreeSet<usize>,
}

impl Unknowns {
    /// The unknowns that each contributor knows, with their values.
    pub(super) fn contributors(&self, rules: &Rules<'_>) -> Vec<Vec<(usize, i64)>> {
        let unknowns = self.unknowns.iter().enumerate();
        let spots =
            unknowns.flat_map(|(number, it)| it.spots.iter().map(move |spot| (spot, number)));
        let numbers: BTreeMap<&Spot, usize> = spots.collect();
        let known_to = |known: &BTreeMap<Spot, i64>| {
            let values =
                known.iter().filter_map(|(spot, value)| Some((*numbers.get(spot)?, *value)));
            values.collect::<BTreeMap<usize, i64>>().into_iter().collect()
        };
        rules.contributors.values().map(known_to).collect()
    }

    /// What is left to find for contributors of cells, who put together what they know.
    pub(super) fn known_to(&self, contributors: &[(usize, i64)]) -> Unknowns {
        let mut insider = self.clone();
        for (number, value) in contributors {
            insider.unknowns[*number].low = *value;
            insider.unknowns[*number].high = Some(*value);
            insider.exempt.insert(*number);
        }
        // What equals a contributor's cell, or is a part of it, is the contributor's own.
        loop {
            let before = insider.exempt.len();
            for equation in &self.equations {
                let is_own = |it: &usize| insider.exempt.contains(it);
                let is_parts = equation.whole().is_some_and(|whole| is_own(&whole));
                if is_parts || (equation.is_equality() && equation.terms.keys().any(is_own)) {
                    insider.exempt.extend(equation.terms.keys());
                }
            }
            if insider.exempt.len() == before {
                return insider;
            }
        }
    }
}

struct Writer<'a> {
    counts: &'a [Count],
    /// The unknown of each count that is not shown.
    numbers: BTreeMap<usize, usize>,
    system: Unknowns,
    /// What each number is the sum of, by each of its sums.
    sums: BTreeMap<Term, BTreeSet<BTreeSet<Term>>>,
    /// Parts, their bases, what is left, and whether zero is harmless there.
    rests: Vec<(usize, Term, usize, bool)>,
}

/// A number of an equation: a count of the files, or an unknown that none has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Term {
    Count(usize),
    Unnamed(usize),
}

/// Writes down all that the files let somebody write down.
pub(super) fn system_of(observed: &Observed, rules: &Rules<'_>, leaks: &mut Vec<Leak>) -> Unknowns {
    let mut writer = Writer {
        counts: &observed.counts,
        numbers: BTreeMap::new(),
        system: Unknowns::default(),
        sums: BTreeMap::new(),
        rests: Vec::new(),
    };
    for (number, count) in observed.counts.iter().enumerate() {
        if count.known.is_none() {
            let spots = count.spots.clone();
            let unknown = Unknown { spots, low: count.floor, ..Unknown::default() };
            writer.numbers.insert(number, writer.system.unknowns.len());
            writer.system.unknowns.push(unknown);
        }
    }
    for (total, parts) in &observed.sums {
        writer.equate(Term::Count(*total), parts.iter().copied().map(Term::Count));
    }
    for (part, base) in &observed.within {
        writer.write_rest(*part, Term::Count(*base), false);
    }
    for (quantity, cells) in &observed.by_quantity {
        let readings = observed.readings.get(quantity).cloned().unwrap_or_default();
        let parts = observed.parts.iter().filter(|(_, of, _)| of == quantity);
        let parts = parts.map(|(part, _, whole)| (*part, whole)).collect();
        let incomplete = |grid: &BTreeSet<&str>, kept: &BTreeSet<&str>| {
            let names = grid.iter().map(|name| (*name).to_owned()).collect();
            let of = observed.incomplete.get(&(quantity.clone(), names));
            of.into_iter().flatten().any(|name| !kept.contains(name.as_str()))
        };
        writer.write_margins(cells, &parts, &readings, &incomplete);
    }
    writer.look_at_rests(rules.thresholds.least_count, leaks);
    writer.system
}

/// Cells by the coordinates that they have.
type Grids<'a> = BTreeMap<BTreeSet<&'a str>, Vec<(&'a Coordinates, usize)>>;
/// Numbers by their codes.
type Totals<'a> = BTreeMap<Vec<&'a str>, Term>;
/// Parts, and where the count is that each is a part of.
type Parts<'a> = Vec<(usize, &'a Coordinates)>;

impl Writer<'_> {
    fn unnamed(&mut self) -> usize {
        self.system.unknowns.push(Unknown::default());
        self.system.unknowns.len() - 1
    }

    /// A number equal to the sum of others.
    fn equate(&mut self, total: Term, parts: impl Iterator<Item = Term>) {
        let mut equation = Equation::default();
        let parts: Vec<Term> = parts.collect();
        self.sums.entry(total).or_default().insert(parts.iter().copied().collect());
        let parts = parts.into_iter().map(|part| (part, -1));
        for (term, sign) in std::iter::once((total, 1)).chain(parts) {
            let unknown = match term {
                Term::Unnamed(unknown) => unknown,
                Term::Count(count) => match self.counts[count].known {
                    None => self.numbers[&count],
                    Some(known) => {
                        equation.constant -= sign * known;
                        continue;
                    }
                },
            };
            *equation.terms.entry(unknown).or_default() += sign;
        }
        equation.terms.retain(|_, sign| *sign != 0);
        self.system.equations.insert(equation);
    }

    /// What is left of a number without one of its parts.
    fn write_rest(&mut self, part: usize, base: Term, is_harmless_zero: bool) {
        let rest = self.unnamed();
        self.system.unknowns[rest].is_harmless_zero = is_harmless_zero;
        self.rests.push((part, base, rest, is_harmless_zero));
        self.equate(base, [Term::Count(part), Term::Unnamed(rest)].into_iter());
    }

    /// What is left is found where base and part are shown. Where both are sums of the
    /// same numbers there is nothing left that could be hidden: no row has it.
    fn look_at_rests(&mut self, least_count: i64, leaks: &mut Vec<Leak>) {
        for (part, base, rest, is_harmless_zero) in std::mem::take(&mut self.rests) {
            let none = BTreeSet::new();
            let [of_base, of_part] = [base, Term::Count(part)].map(|it| self.sums.get(&it));
            let of_base = of_base.unwrap_or(&none);
            let is_part = of_base.contains(&BTreeSet::from([Term::Count(part)]));
            if is_part || !of_base.is_disjoint(of_part.unwrap_or(&none)) {
                self.system.exempt.insert(rest);
                continue;
            }
            let Term::Count(base) = base else { continue };
            let shown = self.counts[base].known.zip(self.counts[part].known);
            let left = shown.map(|(base, part)| base - part);
            if left.is_some_and(|it| it < least_count && !(is_harmless_zero && it == 0)) {
                let spot = self.counts[part].spots.first().cloned();
                leaks.push(Leak { spot, why: "what is left of its base is below the least count" });
            }
        }
    }

    /// For each two grids of one quantity: both add up to the same over what they
    /// have in common.
    fn write_margins(
        &mut self,
        cells: &BTreeMap<Coordinates, usize>,
        parts: &Parts<'_>,
        readings: &BTreeMap<String, BTreeSet<String>>,
        is_incomplete: &dyn Fn(&BTreeSet<&str>, &BTreeSet<&str>) -> bool,
    ) {
        let mut grids: Grids<'_> = BTreeMap::new();
        let is_single = |it: &Coordinates| it.values().all(|codes| codes.len() == 1);
        for (coordinates, count) in cells.iter().filter(|(it, _)| is_single(it)) {
            grids.entry(names(coordinates)).or_default().push((coordinates, *count));
        }
        let mut commons: BTreeMap<BTreeSet<&str>, Totals<'_>> = BTreeMap::new();
        let all: Vec<BTreeSet<&str>> = grids.keys().cloned().collect();
        for (position, one) in all.iter().enumerate() {
            for other in &all[position + 1..] {
                let mut common: BTreeSet<&str> = one.intersection(other).copied().collect();
                common.retain(|name| match readings.get(*name) {
                    None => true,
                    Some(coded) => coded
                        .iter()
                        .any(|it| one.contains(it.as_str()) && other.contains(it.as_str())),
                });
                if is_incomplete(one, &common) || is_incomplete(other, &common) {
                    continue;
                }
                if common == *one || common == *other {
                    let (coarse, fine) = if common == *one { (one, other) } else { (other, one) };
                    self.write_sums(&grids[coarse], &grids[fine], &common, readings);
                    continue;
                }
                let totals = commons.entry(common.clone()).or_default();
                for grid in [one, other] {
                    self.write_common(&grids, grid, &common, readings, totals);
                }
            }
        }
        let unions = cells.iter().filter(|(it, _)| !is_single(it));
        let wanted = unions.clone().map(|(it, _)| it).chain(parts.iter().map(|(_, whole)| *whole));
        for names in wanted.map(names).collect::<BTreeSet<_>>() {
            let totals = commons.entry(names.clone()).or_default();
            let finer = all.iter().filter(|it| it.len() > names.len() && it.is_superset(&names));
            for grid in finer.filter(|grid| !is_incomplete(grid, &names)) {
                self.write_common(&grids, grid, &names, readings, totals);
            }
            for (coordinates, count) in grids.get(&names).into_iter().flatten() {
                totals.insert(key(coordinates, &names), Term::Count(*count));
            }
        }
        for (choices, union) in unions {
            self.write_union(choices, *union, &commons[&names(choices)]);
        }
        for (part, whole) in parts {
            let names = names(whole);
            if let Some(whole) = commons[&names].get(&key(whole, &names)) {
                self.write_rest(*part, *whole, true);
            }
        }
    }

    /// A count over several codes, and what there is of others.
    fn write_union(&mut self, choices: &Coordinates, union: usize, totals: &Totals<'_>) {
        let is_of =
            |codes: &[&str], but: Option<usize>| {
                choices.values().zip(codes).enumerate().all(|(position, (choice, code))| {
                    choice.contains(*code) != (but == Some(position))
                })
            };
        let with = |but: Option<usize>| -> Vec<Term> {
            let fits = totals.iter().filter(|(codes, _)| is_of(codes, but));
            fits.map(|(_, term)| *term).collect()
        };
        let is_here = |codes: &Vec<&str>| {
            let single = choices.values().zip(codes).filter(|(choice, _)| choice.len() == 1);
            single.into_iter().all(|(choice, code)| choice.contains(*code))
        };
        // Where rows are, and none has one of the codes, it is nothing.
        if totals.keys().any(is_here) {
            self.equate(Term::Count(union), with(None).into_iter());
        }
        for (position, choice) in choices.values().enumerate() {
            let others = with(Some(position));
            if choice.len() > 1 && others.len() > 1 {
                let rest = self.unnamed();
                self.equate(Term::Unnamed(rest), others.into_iter());
            }
        }
    }

    fn write_sums(
        &mut self,
        coarse: &[(&Coordinates, usize)],
        fine: &[(&Coordinates, usize)],
        common: &BTreeSet<&str>,
        readings: &BTreeMap<String, BTreeSet<String>>,
    ) {
        for sums in sums(fine, common, readings) {
            for (coordinates, total) in coarse {
                // A grid may lack a whole year: then it says nothing of it.
                if let Some(parts) = sums.get(&key(coordinates, common)) {
                    let parts = parts.iter().copied().map(Term::Count);
                    self.equate(Term::Count(*total), parts);
                }
            }
        }
    }

    /// What the cells of a grid add up to over what it has in common with others,
    /// where no file has that: what is in the files needs no unknown of its own.
    fn write_common<'a>(
        &mut self,
        grids: &Grids<'a>,
        grid: &BTreeSet<&str>,
        common: &BTreeSet<&str>,
        readings: &BTreeMap<String, BTreeSet<String>>,
        totals: &mut Totals<'a>,
    ) {
        let there = grids.get(common).into_iter().flatten();
        let there: BTreeSet<Vec<&str>> =
            there.map(|(coordinates, _)| key(coordinates, common)).collect();
        for sums in sums(&grids[grid], common, readings) {
            for (key, parts) in sums.into_iter().filter(|(key, _)| !there.contains(key)) {
                let total = *totals.entry(key).or_insert_with(|| Term::Unnamed(self.unnamed()));
                self.equate(total, parts.into_iter().map(Term::Count));
            }
        }
    }
}

fn names(coordinates: &Coordinates) -> BTreeSet<&str> {
    coordinates.keys().map(String::as_str).collect()
}

fn key<'a>(coordinates: &'a Coordinates, names: &BTreeSet<&str>) -> Vec<&'a str> {
    let kept = coordinates.iter().filter(|(name, _)| names.contains(name.as_str()));
    kept.flat_map(|(_, codes)| codes).map(String::as_str).collect()
}

/// The cells of a grid by what they have in common with another, for each
/// combination of readings that the other does not have.
fn sums<'a>(
    grid: &[(&'a Coordinates, usize)],
    common: &BTreeSet<&str>,
    readings: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<BTreeMap<Vec<&'a str>, Vec<usize>>> {
    let mut by_reading: BTreeMap<Vec<&str>, BTreeMap<Vec<&str>, Vec<usize>>> = BTreeMap::new();
    for (coordinates, count) in grid {
        let apart = |name: &String| readings.contains_key(name) && !common.contains(name.as_str());
        let apart = coordinates.iter().filter(|(name, _)| apart(name));
        let reading = apart.flat_map(|(_, codes)| codes).map(String::as_str).collect();
        let sums = by_reading.entry(reading).or_default();
        sums.entry(key(coordinates, common)).or_default().push(*count);
    }
    by_reading.into_values().collect()
}
