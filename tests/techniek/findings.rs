//! The statements of the letter against the truth.

use std::collections::{BTreeMap, BTreeSet};

use super::survey::{is_technical_occupation, planted_retention};
use super::tables::{SWITCHES, planted_destinations, planted_mobility, planted_transitions, young};
use super::{Results, assert_share, hundredths, integer};
use crate::rows::Row;

/// Numerator and denominator in hundredths, by statement, reading, sector group
/// and year.
type Planted = BTreeMap<[String; 4], [i64; 2]>;

fn add(planted: &mut Planted, key: [&str; 4], counts: [i64; 2]) {
    let sums = planted.entry(key.map(str::to_owned)).or_default();
    sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
}

pub(super) fn findings_are_the_truth(results: &Results, technical: &BTreeSet<String>) {
    let mut planted = Planted::new();
    add_survey(&mut planted, results, technical);
    let transitions = planted_transitions(results, technical);
    add_register(&mut planted, &transitions);
    add_gradients(&mut planted, &transitions);
    planted.retain(|key, _| ["technical", "other", "all"].contains(&key[2].as_str()));
    let mut found = BTreeMap::new();
    for row in results.published("findings") {
        let counts = [hundredths(&row["numerator"]), hundredths(&row["denominator"])];
        assert_share(&row["value"], counts[0], counts[1]);
        let key = ["finding", "reading", "sector_group", "year"].map(|column| row[column].clone());
        assert_eq!(found.insert(key, counts), None);
        let is_survey = ["T2", "T5"].contains(&row["finding"].as_str());
        assert_eq!(row["family"], if is_survey { "survey" } else { "register" });
        for column in ["denominator_label", "label_nl", "label_en"] {
            assert!(!row[column].is_empty(), "{column}: {row:?}");
        }
    }
    assert_eq!(found, planted);
    assert!(found.keys().all(|key| key[3].as_str() < "2019"), "the last year has no pairs");
    let statements: BTreeSet<&str> = found.keys().map(|key| key[0].as_str()).collect();
    assert_eq!(statements, BTreeSet::from(["T2", "T3", "T5", "T7", "T8", "T9"]));
}

fn add_survey(planted: &mut Planted, results: &Results, technical: &BTreeSet<String>) {
    for row in results.truth("survey_workers") {
        let is_known = row["sector_code"] != "unknown";
        if row["interview_year"].as_str() > "2017" || !is_known {
            continue;
        }
        let weight = integer(&row, "weighted_hundredths");
        let is_technical = i64::from(technical.contains(&row["sector_code"]));
        let does_technique = i64::from(is_technical_occupation(&row["brc_code"]));
        add(planted, ["T2", "workers", "all", "2017"], [weight * is_technical, weight]);
        let functions = [weight * is_technical * does_technique, weight * is_technical];
        add(planted, ["T2", "technicians", "technical", "2017"], functions);
    }
    for (key, counts) in planted_retention(results, technical) {
        if key[1] == "total" {
            add(planted, ["T5", "as_coded", "technical", &key[0]], [counts[0], counts[1]]);
        }
    }
}

fn add_register(planted: &mut Planted, transitions: &[Row]) {
    for row in transitions {
        let is_switch = SWITCHES.contains(&row["transition_code"].as_str());
        let is_of_age = !["other", "unknown"].contains(&row["age_group"].as_str());
        if is_of_age && (is_switch || row["transition_code"] == "stay") {
            let count = integer(row, "person_count") * 100;
            let key = ["T3", "raw", &row["sector_group"], &row["from_year"]];
            add(planted, key, [i64::from(is_switch) * count, count]);
        }
    }
    for (key, [leavers, base]) in
        planted_mobility(&young(transitions), &["from_year", "sector_group"])
    {
        add(planted, ["T7", &key[2], &key[1], &key[0]], [leavers * 100, base * 100]);
    }
    let destinations = planted_destinations(transitions);
    let mut leavers: BTreeMap<[&str; 2], i64> = BTreeMap::new();
    for (key, count) in &destinations {
        *leavers.entry([&key[0], &key[1]]).or_default() += count;
    }
    let mut seen = BTreeSet::new();
    for (key, count) in &destinations {
        let reading = match key[2].as_str() {
            destination @ ("technical" | "other" | "unknown") => format!("to_{destination}"),
            _ => "rest".to_owned(),
        };
        // The base counts once for each reading.
        let is_first = seen.insert((&key[0], &key[1], reading.clone()));
        let base = if is_first { leavers[&[key[0].as_str(), key[1].as_str()]] } else { 0 };
        add(planted, ["T8", &reading, &key[1], &key[0]], [count * 100, base * 100]);
    }
}

/// Sectors with enough persons in each of four age groups, and those in which
/// mobility falls from each to the next.
fn add_gradients(planted: &mut Planted, transitions: &[Row]) {
    let mobility = planted_mobility(transitions, &["from_year", "sector_code", "age_group"]);
    let mut sectors: BTreeSet<[&str; 3]> = BTreeSet::new();
    for key in mobility.keys().filter(|key| key[1] != "unknown") {
        sectors.insert([&key[0], &key[1], &key[3]]);
    }
    for [year, sector, reading] in sectors {
        let counts = |age: &str| {
            let key = [year, sector, age, reading].map(str::to_owned).to_vec();
            mobility.get(&key).copied().unwrap_or_default()
        };
        let ages = ["15-24", "25-34", "35-44", "45-54"].map(counts);
        if ages.iter().any(|[_, base]| *base < super::LEAST_BASE_COUNT) {
            continue;
        }
        let falls = |pair: &[[i64; 2]]| pair[0][0] * pair[1][1] > pair[1][0] * pair[0][1];
        let is_falling = i64::from(ages.windows(2).all(falls));
        add(planted, ["T9", reading, "all", year], [is_falling * 100, 100]);
    }
}
