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
}

#[derive(Debug, Clone, Default)]
pub(super) struct Unknowns {
    pub(super) unknowns: Vec<Unknown>,
    pub(super) equations: BTreeSet<Equation>,
    /// Unknowns of which contributors of cells need not be kept from knowing.
    pub(super) exempt: BTreeSet<usize>,
}

impl Unknowns {
    /// The unknowns that their contributors know, with their values.
    pub(super) fn contributors(&self, rules: &Rules<'_>) -> Vec<(usize, i64)> {
        let value =
            |it: &Unknown| it.spots.iter().find_map(|spot| rules.contributors.get(spot).copied());
        let unknowns = self.unknowns.iter().enumerate();
        unknowns.filter_map(|(number, it)| Some((number, value(it)?))).collect()
    }

    /// What is left to find for contributors of cells, who put together what they know.
    pub(super) fn known_to(&self, contributors: &[(usize, i64)]) -> Unknowns {
        let mut insider = self.clone();
        for (number, value) in contributors {
            insider.unknowns[*number].low = *value;
            insider.unknowns[*number].high = Some(*value);
            insider.exempt.insert(*number);
        }
        // What equals a contributor's cell is the contributor's own.
        loop {
            let before = insider.exempt.len();
            for equation in self.equations.iter().filter(|it| it.is_equality()) {
                if equation.terms.keys().any(|it| insider.exempt.contains(it)) {
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
}

/// Writes down all that the files let somebody write down.
pub(super) fn system_of(observed: &Observed, rules: &Rules<'_>, leaks: &mut Vec<Leak>) -> Unknowns {
    let mut writer =
        Writer { counts: &observed.counts, numbers: BTreeMap::new(), system: Unknowns::default() };
    for (number, count) in observed.counts.iter().enumerate() {
        if count.known.is_none() {
            let unknown = Unknown { spots: count.spots.clone(), low: count.floor, high: None };
            writer.numbers.insert(number, writer.system.unknowns.len());
            writer.system.unknowns.push(unknown);
        }
    }
    for (total, parts) in &observed.sums {
        writer.equate(&[(*total, 1)], parts, None);
    }
    for (part, base) in &observed.within {
        let rest = writer.unnamed();
        writer.equate(&[(*base, 1)], &[*part], Some(rest));
        let shown = writer.counts[*base].known.zip(writer.counts[*part].known);
        let spot = writer.counts[*part].spots.first().cloned();
        if shown.is_some_and(|(base, part)| base - part < rules.thresholds.least_count) {
            leaks.push(Leak { spot, why: "what is left of its base is below the least count" });
        }
    }
    for (quantity, cells) in &observed.by_quantity {
        let readings = observed.readings.get(quantity).cloned().unwrap_or_default();
        writer.write_margins(cells, &readings);
    }
    writer.system
}

/// Cells by the coordinates that they have.
type Grids<'a> = BTreeMap<BTreeSet<&'a str>, Vec<(&'a Coordinates, usize)>>;

impl Writer<'_> {
    fn unnamed(&mut self) -> usize {
        self.system.unknowns.push(Unknown::default());
        self.system.unknowns.len() - 1
    }

    /// Counts with coefficients equal to the sum of others, and of an unknown that
    /// no file has.
    fn equate(&mut self, left: &[(usize, i64)], right: &[usize], unnamed: Option<usize>) {
        let mut equation = Equation::default();
        let right = right.iter().map(|count| (*count, -1));
        for (count, sign) in left.iter().copied().chain(right) {
            match self.counts[count].known {
                Some(known) => equation.constant -= sign * known,
                None => *equation.terms.entry(self.numbers[&count]).or_default() += sign,
            }
        }
        if let Some(unnamed) = unnamed {
            equation.terms.insert(unnamed, -1);
        }
        equation.terms.retain(|_, sign| *sign != 0);
        self.system.equations.insert(equation);
    }

    /// For each two grids of one quantity: both add up to the same over what they
    /// have in common.
    fn write_margins(
        &mut self,
        cells: &BTreeMap<Coordinates, usize>,
        readings: &BTreeMap<String, BTreeSet<String>>,
    ) {
        let mut grids: Grids<'_> = BTreeMap::new();
        for (coordinates, count) in cells {
            let names: BTreeSet<&str> = coordinates.keys().map(String::as_str).collect();
            grids.entry(names).or_default().push((coordinates, *count));
        }
        let mut commons: BTreeMap<BTreeSet<&str>, BTreeMap<Vec<&str>, usize>> = BTreeMap::new();
        let names: Vec<BTreeSet<&str>> = grids.keys().cloned().collect();
        for (position, one) in names.iter().enumerate() {
            for other in &names[position + 1..] {
                let mut common: BTreeSet<&str> = one.intersection(other).copied().collect();
                common.retain(|name| match readings.get(*name) {
                    None => true,
                    Some(coded) => coded
                        .iter()
                        .any(|it| one.contains(it.as_str()) && other.contains(it.as_str())),
                });
                if common == *one || common == *other {
                    let (coarse, fine) = if common == *one { (one, other) } else { (other, one) };
                    self.write_sums(&grids[coarse], &grids[fine], &common, readings);
                    continue;
                }
                // What is in the files already needs no unknown of its own.
                let there = grids.get(&common).into_iter().flatten();
                let there = there.map(|(coordinates, _)| key(coordinates, &common)).collect();
                let totals = commons.entry(common.clone()).or_default();
                for grid in [one, other] {
                    self.write_common(&grids[grid], (&common, &there), readings, totals);
                }
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
                    self.equate(&[(*total, 1)], parts, None);
                }
            }
        }
    }

    fn write_common<'a>(
        &mut self,
        grid: &[(&'a Coordinates, usize)],
        (common, there): (&BTreeSet<&str>, &BTreeSet<Vec<&str>>),
        readings: &BTreeMap<String, BTreeSet<String>>,
        totals: &mut BTreeMap<Vec<&'a str>, usize>,
    ) {
        for sums in sums(grid, common, readings) {
            for (key, parts) in sums.into_iter().filter(|(key, _)| !there.contains(key)) {
                let total = *totals.entry(key).or_insert_with(|| self.unnamed());
                let parts: Vec<(usize, i64)> = parts.into_iter().map(|part| (part, 1)).collect();
                self.equate(&parts, &[], Some(total));
            }
        }
    }
}

fn key<'a>(coordinates: &'a Coordinates, names: &BTreeSet<&str>) -> Vec<&'a str> {
    let kept = coordinates.iter().filter(|(name, _)| names.contains(name.as_str()));
    kept.map(|(_, code)| code.as_str()).collect()
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
        let reading = apart.map(|(_, code)| code.as_str()).collect();
        let sums = by_reading.entry(reading).or_default();
        sums.entry(key(coordinates, common)).or_default().push(*count);
    }
    by_reading.into_values().collect()
}
