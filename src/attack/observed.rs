//! What the files show: each count by what it counts and where, known or not.

use std::collections::{BTreeMap, BTreeSet};

use super::{Leak, Rules, Spot};
use crate::error::{Error, Result};
use crate::pipeline::protection::{Counted, Protection};
use crate::pipeline::published::{Family, Published};

/// The status of a value that stands in the file.
const PUBLISHED: &str = "published";
/// The status of one that stands there on too few observations.
const UNRELIABLE: &str = "unreliable";
/// The status of one that does not for somebody's sake.
const SUPPRESSED: &str = "suppressed";

/// One count, in all the places where it stands.
#[derive(Debug, Clone)]
pub(super) struct Count {
    pub(super) spots: Vec<Spot>,
    pub(super) known: Option<i64>,
    pub(super) floor: i64,
}

/// Codes by coordinate, of one quantity.
pub(super) type Coordinates = BTreeMap<String, String>;

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Observed {
    pub(super) counts: Vec<Count>,
    pub(super) by_quantity: BTreeMap<String, BTreeMap<Coordinates, usize>>,
    /// Coordinates that say how others are coded, by quantity.
    pub(super) readings: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// Totals with their parts, of one row each.
    pub(super) sums: BTreeSet<(usize, Vec<usize>)>,
    /// Parts of a base.
    pub(super) within: BTreeSet<(usize, usize)>,
    pub(super) leaks: Vec<Leak>,
}

pub(super) fn read(files: &BTreeMap<String, Vec<u8>>, rules: &Rules<'_>) -> Result<Observed> {
    let mut observed = Observed { readings: readings(rules), ..Observed::default() };
    for (table, published) in &rules.tables {
        let missing = || unreadable(table, "there is no file");
        let file = files.get(table).ok_or_else(missing)?;
        let Some(protection) = &published.protection else { continue };
        let mut reader = csv::Reader::from_reader(file.as_slice());
        let header = reader.headers().map_err(|_| unreadable(table, "it has no header"))?.clone();
        let reader = reader.into_records();
        let file = File { table, published, protection, header: &header, rules };
        for (row, record) in reader.enumerate() {
            let record = record.map_err(|_| unreadable(table, "a line is no record"))?;
            file.read_row(row, &record, &mut observed)?;
        }
    }
    Ok(observed)
}

fn unreadable(table: &str, why: &str) -> Error {
    let message = format!("the attack cannot read the table {table}: {why}");
    Error::Protection { message, hint: None }
}

fn readings(rules: &Rules<'_>) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut all: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for protection in rules.tables.values().filter_map(|it| it.protection.as_ref()) {
        for case in protection.counts.values().flatten() {
            let named = |dimension: &String| {
                case.coordinates.get(dimension).map_or(dimension, |it| &it.name).clone()
            };
            for (reading, coded) in &protection.readings {
                let of = all.entry(case.of.clone()).or_default().entry(named(reading)).or_default();
                of.extend(coded.iter().map(named));
            }
        }
    }
    all
}

struct File<'a> {
    table: &'a str,
    published: &'a Published,
    protection: &'a Protection,
    header: &'a csv::StringRecord,
    rules: &'a Rules<'a>,
}

impl File<'_> {
    fn field<'r>(&self, record: &'r csv::StringRecord, column: &str) -> Result<&'r str> {
        let position = self.header.iter().position(|name| name == column);
        let field = position.and_then(|position| record.get(position));
        field.ok_or_else(|| unreadable(self.table, "a declared column is missing"))
    }

    fn status<'r>(&self, record: &'r csv::StringRecord, column: &str) -> Result<&'r str> {
        self.field(record, &format!("{column}_status"))
    }

    fn read_row(
        &self,
        row: usize,
        record: &csv::StringRecord,
        observed: &mut Observed,
    ) -> Result<()> {
        if self.is_public(record)? {
            return Ok(());
        }
        let mut leak = |measure: &str, why: &'static str| {
            let (table, measure) = (self.table.to_owned(), measure.to_owned());
            observed.leaks.push(Leak { spot: Some(Spot { table, row, measure }), why });
        };
        let mut counts: BTreeMap<&String, (Option<i64>, bool)> = BTreeMap::new();
        for measure in self.protection.counts.keys() {
            let text = self.field(record, measure)?;
            let status = self.status(record, measure)?;
            if status != PUBLISHED && !text.is_empty() {
                leak(measure, "a value stands beside a status that says it does not");
            }
            match status {
                PUBLISHED => {
                    let known = text.parse::<i64>();
                    let known =
                        known.map_err(|_| unreadable(self.table, "a count is no number"))?;
                    let is_harmless = known == 0 && self.protection.shown_zeros.contains(measure);
                    if known < self.rules.thresholds.least_count && !is_harmless {
                        leak(measure, "it is shown, and is below the least count");
                    }
                    counts.insert(measure, (Some(known), true));
                }
                SUPPRESSED => {
                    counts.insert(measure, (None, false));
                }
                _ => {}
            }
        }
        self.look_at_figures(record, &counts, &mut leak)?;
        let mut cells = BTreeMap::new();
        for (measure, (known, _)) in counts {
            let spot = Spot { table: self.table.to_owned(), row, measure: measure.clone() };
            cells.insert(measure, self.put(observed, record, spot, known)?);
        }
        self.note_sums(&cells, observed);
        Ok(())
    }

    fn is_public(&self, record: &csv::StringRecord) -> Result<bool> {
        Ok(match &self.published.family {
            Family::Whole(family) => family == "public",
            Family::ByRow(column) => self.field(record, column)? == "public",
        })
    }

    /// A figure tells what it was computed from.
    fn look_at_figures(
        &self,
        record: &csv::StringRecord,
        counts: &BTreeMap<&String, (Option<i64>, bool)>,
        leak: &mut impl FnMut(&str, &'static str),
    ) -> Result<()> {
        let rates = self.published.rates.iter();
        let rates = rates.map(|it| (&it.name, vec![&it.numerator, &it.denominator]));
        let figures = self.protection.figures.iter().map(|(it, of)| (it, of.iter().collect()));
        let sums = self.protection.sums.iter().map(|(it, of)| (it, vec![of]));
        for (figure, of) in rates.chain(figures).chain(sums) {
            let is_shown = |count: &&String| counts.get(*count).is_none_or(|(_, shown)| *shown);
            let is_there = [PUBLISHED, UNRELIABLE].contains(&self.status(record, figure)?);
            if !is_there && !self.field(record, figure)?.is_empty() {
                leak(figure, "a value stands beside a status that says it does not");
            }
            if is_there && !of.iter().all(is_shown) {
                leak(figure, "it is shown, and a count that it tells is not");
            }
        }
        Ok(())
    }

    fn put(
        &self,
        observed: &mut Observed,
        record: &csv::StringRecord,
        spot: Spot,
        known: Option<i64>,
    ) -> Result<usize> {
        let code = |dimension: &str| self.field(record, dimension).ok();
        let cases = self.protection.counts[&spot.measure].iter().filter(|case| case.fits(code));
        let named = (spot.table.clone(), spot.measure.clone());
        let has_shown_zeros = self.protection.shown_zeros.contains(&spot.measure);
        let floor = i64::from(has_shown_zeros || self.rules.never_zero.contains(&named));
        let mut numbers = Vec::new();
        for case in cases {
            let coordinates = self.coordinates(record, case, observed)?;
            let cells = observed.by_quantity.entry(case.of.clone()).or_default();
            let new = numbers.first().copied().unwrap_or(observed.counts.len());
            let number = *cells.entry(coordinates).or_insert(new);
            if number == observed.counts.len() {
                observed.counts.push(Count { spots: Vec::new(), known, floor });
            }
            let count = &mut observed.counts[number];
            count.floor = count.floor.max(floor);
            match (count.known, known) {
                (Some(one), Some(other)) if one != other => {
                    return Err(unreadable(self.table, "one count has two values"));
                }
                (one, other) => count.known = one.or(other),
            }
            numbers.push(number);
        }
        let Some((first, others)) = numbers.split_first() else {
            return Err(unreadable(self.table, "a row counts nothing declared"));
        };
        observed.counts[*first].spots.push(spot);
        // A count of several quantities is the same in each.
        observed.sums.extend(others.iter().filter(|it| *it != first).map(|it| (*first, vec![*it])));
        Ok(*first)
    }

    fn coordinates(
        &self,
        record: &csv::StringRecord,
        case: &Counted,
        observed: &Observed,
    ) -> Result<Coordinates> {
        let mut coordinates = case.fixed.clone();
        for dimension in &self.published.dimensions {
            let code = self.field(record, dimension)?;
            let is_added =
                self.published.totals.contains(dimension) && code == self.published.total_code;
            let is_written =
                self.protection.total_codes.get(dimension).is_some_and(|total| total == code);
            if is_added || is_written || !case.is_coordinate(dimension) {
                continue;
            }
            let (name, code) = match case.coordinates.get(dimension) {
                None => (dimension.clone(), code.to_owned()),
                Some(it) if it.shift == 0 => (it.name.clone(), code.to_owned()),
                Some(it) => {
                    let year: i64 =
                        code.parse().map_err(|_| unreadable(self.table, "a year is none"))?;
                    (it.name.clone(), (year + it.shift).to_string())
                }
            };
            coordinates.insert(name, code);
        }
        for (reading, coded) in observed.readings.get(&case.of).into_iter().flatten() {
            if coded.iter().all(|name| !coordinates.contains_key(name)) {
                coordinates.remove(reading);
            }
        }
        Ok(coordinates)
    }

    fn note_sums(&self, cells: &BTreeMap<&String, usize>, observed: &mut Observed) {
        for (total, parts) in &self.protection.parts {
            let parts: Option<Vec<usize>> = parts.iter().map(|it| cells.get(it).copied()).collect();
            if let (Some(total), Some(parts)) = (cells.get(total), parts) {
                observed.sums.insert((*total, parts));
            }
        }
        let rates = self.published.rates.iter().map(|it| (&it.numerator, &it.denominator));
        let declared = self.protection.within.iter().map(|(part, base)| (part, base));
        for (part, base) in declared.chain(rates) {
            if let (Some(part), Some(base)) = (cells.get(part), cells.get(base)) {
                observed.within.insert((*part, *base));
            }
        }
    }
}
