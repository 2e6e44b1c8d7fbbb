//! What the survey's tables hold, from respondents one by one: weights and
//! counts in whole numbers, intervals by the formulas as they are written.

use std::collections::{BTreeMap, BTreeSet};

use super::education::EducationSectors;
use super::raw::Raw;
use super::reasons::Reasons;
use super::redirectable::OutsideSectors;
use super::scores::Score;
use super::survey::{
    AttritionCell, Cells, Later, Links, Respondent, attrition_cell, later, merged_cells,
    respondents,
};

/// Estimate, cell and period.
pub(crate) type Name = (String, String, String);

/// One share, with weights in millionths.
pub(crate) struct Estimate {
    /// Base, outcome, unknown.
    pub(crate) counts: [i128; 3],
    /// Base, outcome, unknown.
    pub(crate) weights: [i128; 3],
    pub(crate) share: Option<f64>,
    pub(crate) first_share: Option<f64>,
    /// Effective count and the interval.
    pub(crate) interval: Option<[f64; 3]>,
}

/// Respondents by scope, and of those in scope by the cell of attrition.
pub(crate) struct Attrition {
    /// Persons and weight by year and why they are out of scope.
    pub(crate) out_of_scope: BTreeMap<(i32, &'static str), [i128; 2]>,
    pub(crate) cells: BTreeMap<(i32, AttritionCell), [i128; 4]>,
    /// In parts of 10^10, cut; none where nobody answered.
    pub(crate) factors: BTreeMap<(i32, AttritionCell), (String, Option<i128>)>,
}

/// The survey as the raw files have it.
pub(crate) struct Survey {
    pub(crate) technical: BTreeSet<String>,
    pub(super) respondents: Vec<(String, Respondent)>,
    /// Of those of all years but the last.
    pub(super) later: BTreeMap<usize, Later>,
    pub(crate) attrition: Attrition,
    pub(crate) education_sectors: EducationSectors,
    pub(crate) outside_sectors: OutsideSectors,
    pub(crate) reasons: Reasons,
    first_year: i32,
    last_year: i32,
}

pub(super) const BASE_PERIOD: std::ops::RangeInclusive<i32> = 2016..=2017;

impl Survey {
    pub(crate) fn of(raw: &Raw, links: &Links, years: (i32, i32)) -> Self {
        let respondents = respondents(raw);
        let technical = technical_sectors(&respondents);
        let mut found = BTreeMap::new();
        for (place, respondent) in respondents.iter().enumerate() {
            if respondent.1.year < years.1 {
                found.insert(place, later(raw, &technical, links, years.1, respondent));
            }
        }
        let attrition = attrition(&respondents, &technical, &found);
        let (first_year, last_year) = years;
        let education_sectors = raw.education_sectors(&technical, years);
        let reasons = raw.reasons(&technical, links, years);
        let outside_sectors = raw.outside_sectors(&technical, years);
        Survey {
            education_sectors,
            outside_sectors,
            reasons,
            technical,
            respondents,
            later: found,
            attrition,
            first_year,
            last_year,
        }
    }

    /// All shares of all survey tables.
    pub(crate) fn estimates(&self) -> BTreeMap<Name, Estimate> {
        let scores = self.scores();
        let mut estimates = BTreeMap::new();
        for ((estimate, cell), scores) in &scores {
            let (first, last) = match estimate.as_str() {
                "sectors" => BASE_PERIOD.into_inner(),
                "workforce" | "education_match" | "redirectable" => {
                    (self.first_year, self.last_year)
                }
                _ => (self.first_year, self.last_year - 1),
            };
            let years: BTreeSet<i32> = scores.iter().map(|score| score.year).collect();
            for year in years {
                let own: Vec<&Score> = scores.iter().filter(|score| score.year == year).collect();
                let name = (estimate.clone(), cell.clone(), year.to_string());
                estimates.insert(name, self.estimate(&own));
            }
            if first < last {
                let all: Vec<&Score> = scores.iter().collect();
                let name = (estimate.clone(), cell.clone(), format!("{first}..{last}"));
                estimates.insert(name, self.estimate(&all));
            }
        }
        estimates
    }

    /// In millionths, rounded half away from zero.
    pub(super) fn pair_weight(&self, place: usize) -> Option<i128> {
        let (_, respondent) = &self.respondents[place];
        let later = &self.later[&place];
        later.fifth.as_ref()?;
        let cell = attrition_cell(&self.technical, respondent, later);
        let (_, factor) = &self.attrition.factors[&(respondent.year, cell)];
        Some((respondent.weight * factor.as_ref()? * 2 + 10_000_000_000) / 20_000_000_000)
    }

    fn estimate(&self, scores: &[&Score]) -> Estimate {
        let (mut counts, mut weights, mut first) = ([0; 3], [0; 3], [0; 2]);
        for score in scores {
            let places = match score.outcome {
                Some(true) => &[0, 1][..],
                Some(false) => &[0][..],
                None => &[2][..],
            };
            for &place in places {
                counts[place] += 1;
                weights[place] += score.weight;
                if place < 2 {
                    first[place] += score.first_weight;
                }
            }
        }
        let share = |base: i128, outcome: i128| (base > 0).then(|| float(outcome) / float(base));
        Estimate {
            counts,
            weights,
            share: share(weights[0], weights[1]),
            first_share: share(first[0], first[1]),
            interval: share(weights[0], weights[1]).and_then(|p| self.interval(scores, p)),
        }
    }

    fn interval(&self, scores: &[&Score], p: f64) -> Option<[f64; 3]> {
        let known: Vec<&&Score> = scores.iter().filter(|score| score.outcome.is_some()).collect();
        let mut households: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
        let mut in_pairs: BTreeMap<usize, f64> = BTreeMap::new();
        for score in &known {
            let residual = f64::from(u8::from(score.outcome == Some(true))) - p;
            let sums = households.entry(&score.household).or_default();
            sums[1] += float(score.weight);
            match score.pair {
                Some(place) => _ = in_pairs.insert(place, residual),
                None => sums[0] += float(score.weight) * residual,
            }
        }
        for (place, error) in self.errors_of_two_phases(&in_pairs) {
            households.entry(&self.respondents[place].1.first.household).or_default()[0] += error;
        }
        let count = households.len() as f64;
        let total: f64 = households.values().map(|sums| sums[1]).sum();
        let squares = |of: usize| households.values().map(|sums| sums[of] * sums[of]).sum::<f64>();
        let variance = count / (count - 1.0) * squares(0) / (total * total);
        if households.len() < 2 {
            return None;
        }
        let n = if p == 0.0 || p == 1.0 || variance == 0.0 {
            total * total / squares(1)
        } else {
            (p * (1.0 - p) / variance).min(known.len() as f64)
        };
        let square = 1.96 * 1.96;
        let middle = p + square / (2.0 * n);
        let half = 1.96 * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
        let scale = 1.0 + square / n;
        Some([n, (middle - half) / scale, (middle + half) / scale])
    }

    /// Of everybody in scope in the cells of attrition that some of these are in:
    /// w (mean + R a (u - mean)), u zero for who is not in the base.
    fn errors_of_two_phases(&self, residuals: &BTreeMap<usize, f64>) -> Vec<(usize, f64)> {
        let cell_of = |place: usize| {
            let (_, respondent) = &self.respondents[place];
            let cell = attrition_cell(&self.technical, respondent, &self.later[&place]);
            let name = self.attrition.factors[&(respondent.year, cell)].0.clone();
            (respondent.year, name)
        };
        let touched: BTreeSet<_> = residuals.keys().map(|place| cell_of(*place)).collect();
        let mut members: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (place, _) in self.later.iter().filter(|(_, later)| later.scope == "in_scope") {
            let cell = cell_of(*place);
            if touched.contains(&cell) {
                members.entry(cell).or_default().push(*place);
            }
        }
        let mut errors = Vec::new();
        for places in members.values() {
            let weight = |place: usize| float(self.respondents[place].1.weight);
            let answered = |place: &&usize| self.later[*place].fifth.is_some();
            let all: f64 = places.iter().map(|place| weight(*place)).sum();
            let of_answers: f64 = places.iter().filter(answered).map(|place| weight(*place)).sum();
            let residual = |place: usize| residuals.get(&place).copied().unwrap_or(0.0);
            let sum: f64 = places.iter().map(|place| weight(*place) * residual(*place)).sum();
            let (mean, factor) = (sum / of_answers, all / of_answers);
            for place in places {
                let has_answered = f64::from(u8::from(answered(&place)));
                let error = mean + has_answered * factor * (residual(*place) - mean);
                errors.push((*place, weight(*place) * error));
            }
        }
        errors
    }
}

fn float(number: i128) -> f64 {
    number as f64 / 1e6
}

/// More than 40 percent, strictly, of the employees whose function is known.
fn technical_sectors(respondents: &[(String, Respondent)]) -> BTreeSet<String> {
    let mut sums: BTreeMap<&String, [i128; 2]> = BTreeMap::new();
    for (_, respondent) in respondents {
        let first = &respondent.first;
        let (Some(sector), Some(is_technical)) = (&respondent.register_sector, first.is_technical)
        else {
            continue;
        };
        if first.work == "employee" && BASE_PERIOD.contains(&respondent.year) {
            let sums = sums.entry(sector).or_default();
            sums[0] += respondent.weight;
            sums[1] += respondent.weight * i128::from(is_technical);
        }
    }
    let above = sums.into_iter().filter(|(_, [all, technical])| technical * 100 > all * 40);
    above.map(|(sector, _)| sector.clone()).collect()
}

fn attrition(
    respondents: &[(String, Respondent)],
    technical: &BTreeSet<String>,
    later: &BTreeMap<usize, Later>,
) -> Attrition {
    let mut out_of_scope: BTreeMap<(i32, &'static str), [i128; 2]> = BTreeMap::new();
    let mut by_year: BTreeMap<i32, Cells> = BTreeMap::new();
    for (place, later) in later {
        let respondent = &respondents[*place].1;
        let weight = respondent.weight;
        if later.scope != "in_scope" {
            let sums = out_of_scope.entry((respondent.year, later.scope)).or_default();
            (sums[0], sums[1]) = (sums[0] + 1, sums[1] + weight);
            continue;
        }
        let has_answered = i128::from(later.fifth.is_some());
        let cell = attrition_cell(technical, respondent, later);
        let sums = by_year.entry(respondent.year).or_default().entry(cell).or_default();
        let more = [1, has_answered, weight, weight * has_answered];
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
    let (mut cells, mut factors) = (BTreeMap::new(), BTreeMap::new());
    for (year, own) in by_year {
        let merged = merged_cells(&own);
        for (cell, sums) in &own {
            let alike = own.iter().filter(|(other, _)| merged[*other] == merged[cell]);
            let (all, answered) = alike
                .fold((0, 0), |(all, answered), (_, sums)| (all + sums[2], answered + sums[3]));
            let factor = (answered > 0).then(|| all * 10_000_000_000 / answered);
            factors.insert((year, *cell), (merged[cell].clone(), factor));
            cells.insert((year, *cell), *sums);
        }
    }
    Attrition { out_of_scope, cells, factors }
}
