//! What each respondent says to each share of the survey.

use std::collections::BTreeMap;

use super::education::{VARIANTS, is_technical};
use super::estimates::{BASE_PERIOD, Survey};
use super::redirectable::candidate;
use super::survey::{Fifth, Later, Respondent};

/// What one respondent says to one share.
pub(super) struct Score {
    pub(super) year: i32,
    pub(super) household: String,
    /// In millionths, of the first interview.
    pub(super) first_weight: i128,
    pub(super) weight: i128,
    /// None where it is not known.
    pub(super) outcome: Option<bool>,
    /// Place of the respondent, where pair weights stand behind it.
    pub(super) pair: Option<usize>,
}

/// By estimate and cell.
pub(super) type Scores = BTreeMap<(String, String), Vec<Score>>;

const DESTINATIONS: [&str; 14] = [
    "technical_function_technical_sector",
    "technical_function_other_sector",
    "other_function_technical_sector",
    "other_function_other_sector",
    "other_function",
    "self_employed",
    "out_unemployment",
    "out_assistance",
    "out_other_benefit",
    "out_disability",
    "out_pension",
    "out_student",
    "out_no_income",
    "out_unknown",
];

impl Survey {
    /// Scores of all shares of all tables.
    pub(super) fn scores(&self) -> Scores {
        let mut scores = Scores::new();
        for (place, (_, respondent)) in self.respondents.iter().enumerate() {
            self.score_sectors(&mut scores, respondent);
            self.score_workforce(&mut scores, respondent);
            score_match(&mut scores, respondent);
            self.score_redirectable(&mut scores, respondent);
            if let Some(later) = self.later.get(&place).filter(|later| later.scope == "in_scope") {
                self.score_switches(&mut scores, respondent, later);
                self.score_pairs(&mut scores, place, respondent, later);
            }
        }
        scores
    }

    /// Group of a sector.
    pub(super) fn group(&self, sector: Option<&String>) -> Option<&'static str> {
        sector.map(|sector| if self.technical.contains(sector) { "technical" } else { "other" })
    }

    fn score_sectors(&self, scores: &mut Scores, respondent: &Respondent) {
        let first = &respondent.first;
        if first.work != "employee" || !BASE_PERIOD.contains(&respondent.year) {
            return;
        }
        let sectors = [&respondent.register_sector, &first.answered_sector];
        for (reading, sector) in ["register", "answer"].into_iter().zip(sectors) {
            if let Some(sector) = sector {
                let cell = format!("{reading} {sector}");
                add(scores, "sectors", cell, score(respondent, first.is_technical));
            }
        }
    }

    fn score_workforce(&self, scores: &mut Scores, respondent: &Respondent) {
        let first = &respondent.first;
        let group = self.group(respondent.sector());
        for reading in readings(first.work) {
            for other in ["technical", "other"] {
                let cell = format!("{reading} {other} all");
                let outcome = group.map(|group| group == other);
                add(scores, "workforce", cell, score(respondent, outcome));
                if let Some(group) = group {
                    let outcome = first.is_technical.map(|is| is == (other == "technical"));
                    let cell = format!("{reading} {group} {other}");
                    add(scores, "workforce", cell, score(respondent, outcome));
                }
            }
        }
    }

    fn score_redirectable(&self, scores: &mut Scores, respondent: &Respondent) {
        let Some(found) = candidate(respondent, self.group(respondent.sector())) else { return };
        let outcome = found.is_redirectable();
        add(scores, "redirectable", "redirectable".to_owned(), score(respondent, outcome));
        if outcome == Some(true) {
            let is_in_work = Some(found.is_in_work);
            add(scores, "redirectable", "in_work".to_owned(), score(respondent, is_in_work));
        }
    }

    fn score_switches(&self, scores: &mut Scores, respondent: &Respondent, later: &Later) {
        let Some(is_technical) = respondent.first.is_technical.filter(|_| later.has_job) else {
            return;
        };
        let mut functions = vec![if is_technical { "technical" } else { "other" }];
        if respondent.first.occupation.starts_with("04") {
            functions.push("economic_administrative");
        }
        let group = self.group(respondent.sector()).unwrap_or("unknown");
        for function in functions {
            for age in ["15-74", &respondent.age_group] {
                for (rule, is_same) in [
                    ("raw", later.is_same.map(|same| same.0)),
                    ("corrected", later.is_same.map(|same| same.1)),
                ] {
                    let cell = format!("{rule} {group} {function} {age}");
                    let outcome = is_same.map(|same| !same);
                    add(scores, "switches_by_function", cell, score(respondent, outcome));
                }
            }
        }
    }

    fn score_pairs(
        &self,
        scores: &mut Scores,
        place: usize,
        respondent: &Respondent,
        later: &Later,
    ) {
        let is_technician = respondent.first.is_technical == Some(true)
            && self.group(respondent.sector()) == Some("technical");
        let Some(fifth) = later.fifth.as_ref().filter(|_| is_technician) else { return };
        let weight = self.pair_weight(place).unwrap();
        let mut add = |estimate: &str, cell: String, outcome| {
            let score = Score { weight, pair: Some(place), ..score(respondent, outcome) };
            add(scores, estimate, cell, score);
        };
        let codes = [("as_coded", fifth.as_coded), ("with_job_change", fifth.with_job_change)];
        for (function, is_technical) in codes {
            for working in readings(respondent.first.work) {
                let is_stay = self.is_stay(fifth, is_technical, working);
                for age in ["15-74", &respondent.age_group] {
                    add("retention", format!("{working} {function} {age}"), is_stay);
                }
                if *working == "workers" {
                    continue;
                }
                let where_to = self.destination(fifth, is_technical);
                let bases = [
                    ("left_the_cell", is_stay.map(|stays| !stays)),
                    ("changed_job", has_changed_job(respondent, fifth, is_technical)),
                ];
                for (base, is_in) in bases {
                    if is_in == Some(false) {
                        continue;
                    }
                    for destination in DESTINATIONS {
                        let is_own = "technical_function_technical_sector" == destination;
                        if is_own && base == "left_the_cell" {
                            continue;
                        }
                        let is_other = |to: &str| {
                            destination == "other_function" && to.starts_with("other_function_")
                        };
                        let outcome = where_to.as_deref().filter(|_| is_in == Some(true));
                        let outcome = outcome.map(|to| to == destination || is_other(to));
                        let cell = format!("{base} {function} {destination}");
                        add("leaver_destinations", cell, outcome);
                    }
                }
            }
        }
    }

    /// Still a technician in a technical sector, as far as it is known.
    fn is_stay(&self, fifth: &Fifth, is_technical: Option<bool>, working: &str) -> Option<bool> {
        let works = match fifth.work {
            "unknown" => return None,
            "employee" => true,
            "self_employed" => working == "workers",
            _ => false,
        };
        let group = self.group(fifth.sector.as_ref()).map(|group| group == "technical");
        match (works, is_technical, group) {
            (false, ..) | (_, Some(false), _) | (.., Some(false)) => Some(false),
            (true, Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }

    fn destination(&self, fifth: &Fifth, is_technical: Option<bool>) -> Option<String> {
        match fifth.work {
            "unknown" => None,
            "self_employed" => Some("self_employed".to_owned()),
            "not_working" => Some(match fifth.activity {
                "director" | "self_employed" | "unclear_work" => "out_unknown".to_owned(),
                state => format!("out_{state}"),
            }),
            _ => {
                let function = if is_technical? { "technical" } else { "other" };
                let group = self.group(fifth.sector.as_ref())?;
                Some(format!("{function}_function_{group}_sector"))
            }
        }
    }
}

/// The technically educated, and those whose field is not known: without a
/// technical function, out of everybody, of the labour force, of who works.
fn score_match(scores: &mut Scores, respondent: &Respondent) {
    let first = &respondent.first;
    let (level, field) = respondent.education.clone().unwrap_or(("unknown", None));
    let (denominators, without) = match first.labour_position.as_deref() {
        Some("1") => (3, first.is_technical.map(|is| !is)),
        Some("2") => (2, Some(true)),
        Some("3") => (1, Some(true)),
        _ => (3, None),
    };
    for (variant, broad) in VARIANTS {
        let is_educated = field.as_ref().map(|field| is_technical(field, broad));
        if is_educated == Some(false) {
            continue;
        }
        for denominator in &["everybody", "labour_force", "in_work"][..denominators] {
            for level in ["all", level] {
                let cell = format!("{variant} {level} {denominator}");
                let outcome = is_educated.and(without);
                add(scores, "education_match", cell, score(respondent, outcome));
            }
        }
    }
}

/// Readings of working in which someone works.
fn readings(work: &str) -> &'static [&'static str] {
    match work {
        "employee" => &["employees", "workers"],
        "self_employed" => &["workers"],
        _ => &[],
    }
}

fn score(respondent: &Respondent, outcome: Option<bool>) -> Score {
    Score {
        year: respondent.year,
        household: respondent.first.household.clone(),
        first_weight: respondent.weight,
        weight: respondent.weight,
        outcome,
        pair: None,
    }
}

fn add(scores: &mut Scores, estimate: &str, cell: String, score: Score) {
    scores.entry((estimate.to_owned(), cell)).or_default().push(score);
}

/// Works, for another employer, for oneself after a job or with another function.
fn has_changed_job(
    respondent: &Respondent,
    fifth: &Fifth,
    is_technical: Option<bool>,
) -> Option<bool> {
    match fifth.work {
        "unknown" => None,
        "not_working" => Some(false),
        work if work != respondent.first.work => Some(true),
        _ => match (fifth.is_same_employer, is_technical) {
            (Some(false), _) | (_, Some(false)) => Some(true),
            (Some(true), Some(true)) => Some(false),
            _ => None,
        },
    }
}
