//! The technically educated without a technical function: who could be steered to
//! technical work, people by people, and the register's part of it.

use std::collections::{BTreeMap, BTreeSet};

use super::education::{VARIANTS, is_technical};
use super::estimates::Survey;
use super::raw::Raw;
use super::survey::Respondent;

/// Of someone who may be technically educated and has, as far as is known, no
/// technical function.
pub(super) struct Candidate {
    pub(super) position: &'static str,
    pub(super) criterion: &'static str,
    pub(super) is_in_work: bool,
}

impl Candidate {
    /// None where education or function is not known.
    pub(super) fn is_redirectable(&self) -> Option<bool> {
        (!self.criterion.ends_with("unknown")).then(|| self.criterion == "meets_all")
    }
}

/// A total of people: persons, weight in millionths, bounds.
#[derive(Default)]
pub(crate) struct Total {
    pub(crate) persons: i128,
    pub(crate) weight: i128,
    pub(crate) bounds: Option<[f64; 2]>,
}

/// By year and cell: of the table, or of a statement of the letter.
pub(super) type Totals = BTreeMap<(i32, String), Total>;

/// Year, level, age group, state and years since a technical sector: weight in
/// millionths, persons.
pub(crate) type OutsideSectors = BTreeMap<[String; 5], [i128; 2]>;

pub(super) fn candidate(respondent: &Respondent, group: Option<&str>) -> Option<Candidate> {
    let first = &respondent.first;
    let field = respondent.education.as_ref().and_then(|(_, field)| field.as_ref());
    let is_educated = field.is_none_or(|field| is_technical(field, VARIANTS[0].1));
    let works = first.labour_position.as_deref();
    if !is_educated || first.is_technical == Some(true) {
        return None;
    }
    let position = match (works, first.is_technical, first.work, group) {
        (Some("1"), None, ..) => "unknown",
        (Some("1"), _, "self_employed", _) => "self_employed",
        (Some("1"), .., Some("technical")) => "other_function_technical_sector",
        (Some("1"), .., Some(_)) => "other_function_elsewhere",
        (Some("1"), .., None) => "other_function_sector_unknown",
        (Some("2" | "3"), ..) => match respondent.activity {
            state @ ("unemployment" | "assistance" | "student") => state,
            _ if works == Some("2") => "unemployment",
            _ => "other",
        },
        _ => "unknown",
    };
    let criterion = match (position, field, respondent.activity) {
        ("unknown", ..) => "function_unknown",
        (_, None, _) => "education_unknown",
        (.., state @ ("student" | "pension" | "disability")) => state,
        _ if respondent.age > 60 => "older",
        _ => "meets_all",
    };
    Some(Candidate { position, criterion, is_in_work: works == Some("1") })
}

impl Survey {
    /// All totals of people, of every year.
    pub(crate) fn totals(&self) -> Totals {
        let mut asked: BTreeMap<i32, BTreeSet<&str>> = BTreeMap::new();
        let mut sums: BTreeMap<(i32, String), BTreeMap<&str, i128>> = BTreeMap::new();
        let mut totals = Totals::new();
        for (_, respondent) in &self.respondents {
            let household = respondent.first.household.as_str();
            asked.entry(respondent.year).or_default().insert(household);
            let Some(found) = candidate(respondent, self.group(respondent.sector())) else {
                continue;
            };
            let level = respondent.education.as_ref().map_or("unknown", |it| it.0);
            let parts = [level, &respondent.age_group, found.position, found.criterion];
            let mut cells = vec![parts.join(" ")];
            if found.is_redirectable() == Some(true) {
                cells.push("people_redirectable".to_owned());
                if found.is_in_work {
                    cells.push("people_redirectable_in_work".to_owned());
                }
            }
            for cell in cells {
                let name = (respondent.year, cell);
                *sums.entry(name.clone()).or_default().entry(household).or_default() +=
                    respondent.weight;
                let total = totals.entry(name).or_default();
                (total.persons, total.weight) =
                    (total.persons + 1, total.weight + respondent.weight);
            }
        }
        for (name, households) in sums {
            let bounds = bounds(&households, asked[&name.0].len());
            totals.entry(name).or_default().bounds = bounds;
        }
        totals
    }
}

/// On the scale of logarithms; households without anybody count as nought.
fn bounds(households: &BTreeMap<&str, i128>, count: usize) -> Option<[f64; 2]> {
    let weights: Vec<f64> = households.values().map(|weight| *weight as f64 / 1e6).collect();
    let (total, count) = (weights.iter().sum::<f64>(), count as f64);
    let mean = total / count;
    let others = (count - weights.len() as f64) * mean * mean;
    let squares = weights.iter().map(|weight| (weight - mean) * (weight - mean)).sum::<f64>();
    let variance = count / (count - 1.0) * (squares + others);
    let width = (1.96 * variance.sqrt() / total).exp();
    (count > 1.0).then(|| [total / width, total * width])
}

impl Raw {
    /// The technically educated by the years since 1 October when they last worked in
    /// a technical sector.
    pub(super) fn outside_sectors(
        &self,
        technical: &BTreeSet<String>,
        (first_year, last_year): (i32, i32),
    ) -> OutsideSectors {
        let mut found = OutsideSectors::new();
        for key in self.births.keys() {
            let mut last = None;
            for year in first_year..=last_year {
                let Some(state) = self.state(key, year) else { continue };
                let sector = self.sector(state.employer.as_ref(), &[year]);
                if state.is_employed() && technical.contains(&sector) {
                    last = Some(year);
                }
                let age_group = self.age_group(key, year);
                let day = format!("{year}1001");
                let Some((level, Some(field), weight)) = self.weighted_education(key, &day) else {
                    continue;
                };
                if !is_technical(&field, VARIANTS[0].1) {
                    continue;
                }
                let since = match last {
                    Some(last) => (year - last).to_string(),
                    None => format!("{}_or_more", year - first_year + 1),
                };
                let cell = [&year.to_string(), level, &age_group, state.code, &since];
                let sums = found.entry(cell.map(|part| part.to_owned())).or_default();
                (sums[0], sums[1]) = (sums[0] + weight, sums[1] + 1);
            }
        }
        found
    }
}
