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

/// Codes by coordinate, of one quantity; several where a count is over all of these.
pub(super) type Coordinates = BTreeMap<String, BTreeSet<String>>;

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Observed {
    pub(super) counts: Vec<Count>,
    pub(super) by_quantity: BTreeMap<String, BTreeMap<Coordinates, usize>>,
    /// Coordinates that say how others are coded, by quantity.
    pub(super) readings: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// Coordinates of which some counts have not all codes, by quantity and by the
    /// coordinates that these have.
    pub(super) incomplete: BTreeMap<(String, BTreeSet<String>), BTreeSet<String>>,
    /// Totals with their parts, of one row each.
    pub(super) sums: BTreeSet<(usize, Vec<usize>)>,
    /// Parts of a base.
    pub(super) within: BTreeSet<(usize, usize)>,
    /// Parts of a count that may stand anywhere, or nowhere.
    pub(super) parts: BTreeSet<(usize, String, Coordinates)>,
    /// Rows whose figures are shown, and a count that they are computed from.
    from: Vec<(Spot, String, Coordinates)>,
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
    observed.look_at_origins();
    Ok(observed)
}

impl Observed {
    /// A figure tells what it was computed from, wherever that stands.
    fn look_at_origins(&mut self) {
        for (spot, of, coordinates) in std::mem::take(&mut self.from) {
            let number = self.by_quantity.get(&of).and_then(|cells| cells.get(&coordinates));
            if number.is_none_or(|number| self.counts[*number].known.is_none()) {
                let why = "it is shown, and a count that it comes from is not";
                self.leaks.push(Leak { spot: Some(spot), why });
            }
        }
    }
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
        let shown = self.look_at_figures(record, &counts, &mut leak)?;
        self.note_origins(row, record, &shown, observed)?;
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

    /// A figure tells what it was computed from; gives the figures that are shown.
    fn look_at_figures(
        &self,
        record: &csv::StringRecord,
        counts: &BTreeMap<&String, (Option<i64>, bool)>,
        leak: &mut impl FnMut(&str, &'static str),
    ) -> Result<Vec<String>> {
        let mut all = Vec::new();
        let rates = self.published.rates.iter();
        let rates = rates.map(|it| (&it.name, vec![&it.numerator, &it.denominator]));
        let has_status = |it: &&String| self.published.measures.contains(*it);
        let figures = self.protection.figures.iter().filter(|(it, _)| has_status(it));
        let figures = figures.map(|(it, of)| (it, of.iter().collect()));
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
            if is_there {
                all.push(figure.clone());
            }
        }
        for attribute in &self.published.attributes {
            let of = self.protection.attribute_of(attribute).unwrap_or_default();
            let is_hidden = |count: &&String| counts.get(*count).is_some_and(|(_, shown)| !shown);
            if of.iter().any(is_hidden) && !self.field(record, attribute)?.is_empty() {
                leak(attribute, "it is shown, and a count that it tells of is not");
            }
        }
        Ok(all)
    }

    fn note_origins(
        &self,
        row: usize,
        record: &csv::StringRecord,
        shown: &[String],
        observed: &mut Observed,
    ) -> Result<()> {
        let code = |dimension: &str| self.field(record, dimension).ok();
        for origin in self.protection.from.iter().filter(|it| it.fits(code)) {
            for count in &origin.counts {
                let coordinates = self.coordinates(record, count, observed)?;
                for measure in shown {
                    let (table, measure) = (self.table.to_owned(), measure.clone());
                    let spot = Spot { table, row, measure };
                    observed.from.push((spot, count.of.clone(), coordinates.clone()));
                }
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
            let whole = case.part_of.as_ref();
            let whole =
                whole.map(|it| Ok((it.of.clone(), self.coordinates(record, it, observed)?)));
            let whole = whole.transpose()?;
            let of = (case.of.clone(), coordinates.keys().cloned().collect());
            let incomplete = observed.incomplete.entry(of).or_insert(case.incomplete.clone());
            incomplete.retain(|name| case.incomplete.contains(name));
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
            observed.parts.extend(whole.map(|(of, whole)| (number, of, whole)));
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
            let is_written = self.protection.is_total_code(dimension, code);
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
            coordinates.insert(name, BTreeSet::from([code]));
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
