//! Education as its files have it, and the register by it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::raw::{Attained, Key, Raw};

/// Level of education, and field where one is known.
pub(super) type Education = (&'static str, Option<String>);

/// Variants of the list of technical fields, with the broad fields in each.
pub(super) const VARIANTS: [(&str, &[&str]); 3] =
    [("isced07", &["07"]), ("isced0607", &["06", "07"]), ("isced050607", &["05", "06", "07"])];

pub(super) fn is_technical(field: &str, broad: &[&str]) -> bool {
    broad.contains(&&field[..2])
}

/// Year, level, kind of education, sector group and state: weight in millionths,
/// persons, and of these without a record.
pub(crate) type EducationSectors = BTreeMap<[String; 5], [i128; 3]>;

impl Raw {
    /// The record of 1 October of a year: of several that of the highest known
    /// level, and of the same the smallest field.
    fn attained(&self, key: &Key, year: i32) -> Option<&Attained> {
        let records = self.education.get(&(year, key.clone()))?;
        let rank = |it: &&Attained| {
            let (level, field) = (it.level.clone(), it.field.clone());
            (level != "----", level, field != "----", Reverse(field), it.weight)
        };
        let is_known = |it: &&Attained| level(it) != "unknown";
        records.iter().filter(is_known).max_by_key(rank).or_else(|| records.iter().max_by_key(rank))
    }

    /// Education on a day (YYYYMMDD).
    pub(super) fn education_on(&self, key: &Key, day: &str) -> Option<Education> {
        self.weighted_education(key, day).map(|(level, field, _)| (level, field))
    }

    /// The same with its weight in millionths.
    pub(super) fn weighted_education(
        &self,
        key: &Key,
        day: &str,
    ) -> Option<(&'static str, Option<String>, i128)> {
        let year = day[..4].parse::<i32>().unwrap() - i32::from(&day[4..] < "1001");
        let attained = self.attained(key, year)?;
        Some((level(attained), field(attained), i128::from(attained.weight) * 10_000))
    }

    /// Technical, other or unknown, by the list of the study.
    pub(super) fn education_kind(&self, key: &Key, day: &str) -> &'static str {
        match self.education_on(key, day) {
            Some((_, Some(field))) if is_technical(&field, VARIANTS[0].1) => "technical",
            Some((_, Some(_))) => "other",
            _ => "unknown",
        }
    }

    /// Everybody of the population on 1 October, by education, sector and state.
    pub(super) fn education_sectors(
        &self,
        technical: &BTreeSet<String>,
        (first_year, last_year): (i32, i32),
    ) -> EducationSectors {
        let mut sectors = EducationSectors::new();
        for key in self.births.keys() {
            for year in first_year..=last_year {
                let Some(state) = self.state(key, year) else { continue };
                let group = match self.sector(state.employer.as_ref(), &[year]).as_str() {
                    _ if !state.is_employed() => "none",
                    "unknown" => "unknown",
                    sector if technical.contains(sector) => "technical",
                    _ => "other",
                };
                let attained = self.weighted_education(key, &format!("{year}1001"));
                let level = attained.as_ref().map_or("unknown", |(level, ..)| *level);
                let kind = self.education_kind(key, &format!("{year}1001"));
                let cell = [&year.to_string(), level, kind, group, state.code].map(str::to_owned);
                let weight = attained.as_ref().map_or(0, |(.., weight)| *weight);
                let more = [weight, 1, i128::from(attained.is_none())];
                let sums = sectors.entry(cell).or_default();
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
        }
        sectors
    }
}

/// By the first digit, of the codes that there are.
fn level(attained: &Attained) -> &'static str {
    const LEVELS: &str = "1111 1112 1211 1212 1213 1221 1222 2111 2112 2121 2131 2132 \
                          3111 3112 3113 3211 3212 3213";
    if !LEVELS.split(' ').any(|known| known == attained.level) {
        return "unknown";
    }
    match attained.level.as_bytes()[0] {
        b'1' => "low",
        b'2' => "middle",
        _ => "high",
    }
}

/// Of the fields that the files name there is one that no list knows.
fn field(attained: &Attained) -> Option<String> {
    (!["----", "0777"].contains(&attained.field.as_str())).then(|| attained.field.clone())
}
