//! The statements of the letter against the truth.

use std::collections::{BTreeMap, BTreeSet};

use super::links::{Accounts, outcomes};
use super::tables::{planted_destinations, planted_mobility, planted_transitions, young};
use super::{Results, assert_share, group, integer, units};
use crate::rows::Row;

/// Numerator and denominator, by statement, reading, sector group
/// and year.
type Planted = BTreeMap<[String; 4], [i64; 2]>;

/// A count that is written with six decimals.
fn whole(millionths: i64) -> i64 {
    assert_eq!(millionths % 1_000_000, 0);
    millionths / 1_000_000
}

fn add(planted: &mut Planted, key: [&str; 4], counts: [i64; 2]) {
    let sums = planted.entry(key.map(str::to_owned)).or_default();
    sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
}

pub(super) fn findings_are_the_truth(
    results: &Results,
    technical: &BTreeSet<String>,
    accounts: &Accounts,
) {
    let mut planted = Planted::new();
    add_sectors(&mut planted, results);
    add_switches(&mut planted, &outcomes(results, accounts), technical);
    let transitions = planted_transitions(results, technical, accounts);
    add_register(&mut planted, &transitions);
    add_gradients(&mut planted, &transitions);
    planted.retain(|key, _| ["technical", "other", "all"].contains(&key[2].as_str()));
    let (mut found, mut differences) = (BTreeMap::new(), BTreeSet::new());
    let is_survey =
        |row: &Row| ["C1", "C2", "T2", "T4", "T5", "T6", "T10"].contains(&row["finding"].as_str());
    for row in results.published("findings").into_iter().filter(|row| !is_survey(row)) {
        if row["sector_group"] == "difference" {
            assert_difference(&row, &planted);
            differences.insert((row["reading"].clone(), row["year"].clone()));
            continue;
        }
        let counts = ["numerator", "denominator"].map(|column| units(&row[column], 6));
        let is_weight = row["reading"] == "workers_in_uncertain_sectors";
        let counts = counts.map(|count| if is_weight { count } else { whole(count) });
        assert_share(&row["value"], counts[0], counts[1]);
        let key = ["finding", "reading", "sector_group", "year"].map(|column| row[column].clone());
        assert_eq!(found.insert(key, counts), None);
        let family = if row["finding"] == "T1" { "survey" } else { "register" };
        assert_eq!(row["family"], family);
        for column in ["denominator_label", "label_nl", "label_en"] {
            assert!(!row[column].is_empty(), "{column}: {row:?}");
        }
    }
    assert_eq!(found, planted);
    assert_eq!(differences.len(), 3 * 3, "a difference for each reading and pair of years");
    assert!(found.keys().all(|key| key[3].as_str() < "2019"), "the last year has no pairs");
    let statements: BTreeSet<&str> = found.keys().map(|key| key[0].as_str()).collect();
    assert_eq!(statements, BTreeSet::from(["T1", "T3", "T7", "T8", "T9"]));
}

/// T1, from the published sectors.
fn add_sectors(planted: &mut Planted, results: &Results) {
    for row in results.published("sectors") {
        let weight = units(&row["worker_weight"], 6);
        if row["survey_sector"] != "register" || weight == 0 {
            continue;
        }
        let is_technical = i64::from(row["sector_group"] == "technical");
        let is_uncertain = i64::from(row["is_certain"] == "false");
        add(planted, ["T1", "technical_sectors", "all", "2017"], [is_technical, 1]);
        add(planted, ["T1", "uncertain_sectors", "all", "2017"], [is_uncertain, 1]);
        let workers = ["T1", "workers_in_uncertain_sectors", "all", "2017"];
        add(planted, workers, [is_uncertain * weight, weight]);
    }
}

/// T3, in three readings.
fn add_switches(planted: &mut Planted, outcomes: &[Row], technical: &BTreeSet<String>) {
    let is_in = |row: &&Row| {
        row["outcome"] != "employer_unknown"
            && !["other", "unknown"].contains(&row["age_group"].as_str())
    };
    for row in outcomes.iter().filter(is_in) {
        let count = integer(row, "person_count");
        let outcome = row["outcome"].as_str();
        let is_raw = !["stay", "recall"].contains(&outcome);
        let is_corrected = ["swap", "switch"].contains(&outcome);
        let readings = [
            ("raw", is_raw),
            ("corrected", is_corrected),
            ("corrected_less_swaps", outcome == "switch"),
        ];
        for (reading, is_switch) in readings {
            let key = ["T3", reading, &group(&row["sector_code"], technical), &row["from_year"]];
            add(planted, key, [i64::from(is_switch) * count, count]);
        }
    }
}

/// The difference of two shares, of technical sectors less others.
fn assert_difference(row: &Row, planted: &Planted) {
    let counts =
        |group: &str| planted[&["T3", &row["reading"], group, &row["year"]].map(str::to_owned)];
    let ([one, of_one], [other, of_other]) = (counts("technical"), counts("other"));
    let exact = i128::from(one * of_other - other * of_one) * 1_000_000;
    let product = i128::from(of_one) * i128::from(of_other);
    let off = i128::from(units(&row["value"], 6)) * product - exact;
    assert!(off.abs() < product, "{row:?}");
    for column in ["numerator", "denominator"] {
        assert_eq!(row[column], "", "{row:?}");
    }
}

fn add_register(planted: &mut Planted, transitions: &[Row]) {
    for (key, [leavers, base]) in
        planted_mobility(&young(transitions), &["employer_rule", "from_year", "sector_group"])
    {
        let reading = format!("{}_{}", key[3], key[0]);
        add(planted, ["T7", &reading, &key[2], &key[1]], [leavers, base]);
    }
    let destinations = planted_destinations(transitions);
    let mut leavers: BTreeMap<&[String], i64> = BTreeMap::new();
    for (key, count) in &destinations {
        *leavers.entry(&key[..3]).or_default() += count;
    }
    let mut seen = BTreeSet::new();
    for (key, count) in &destinations {
        let destination = match key[3].as_str() {
            destination @ ("technical" | "other" | "unknown") => format!("to_{destination}"),
            _ => "rest".to_owned(),
        };
        let reading = format!("{destination}_{}", key[0]);
        // The base counts once for each reading.
        let is_first = seen.insert((&key[..3], destination));
        let base = if is_first { leavers[&key[..3]] } else { 0 };
        add(planted, ["T8", &reading, &key[2], &key[1]], [*count, base]);
    }
}

/// Sectors with enough persons in each of four age groups, and those in which
/// mobility falls from each to the next.
fn add_gradients(planted: &mut Planted, transitions: &[Row]) {
    let columns = ["employer_rule", "from_year", "sector_code", "age_group"];
    let mobility = planted_mobility(transitions, &columns);
    let mut sectors: BTreeSet<[&str; 4]> = BTreeSet::new();
    for key in mobility.keys().filter(|key| key[2] != "unknown") {
        sectors.insert([&key[0], &key[1], &key[2], &key[4]]);
    }
    for [rule, year, sector, reading] in sectors {
        let counts = |age: &str| {
            let key = [rule, year, sector, age, reading].map(str::to_owned).to_vec();
            mobility.get(&key).copied().unwrap_or_default()
        };
        let ages = ["15-24", "25-34", "35-44", "45-54"].map(counts);
        if ages.iter().any(|[_, base]| *base < super::LEAST_BASE_COUNT) {
            continue;
        }
        let falls = |pair: &[[i64; 2]]| pair[0][0] * pair[1][1] > pair[1][0] * pair[0][1];
        let is_falling = i64::from(ages.windows(2).all(falls));
        let reading = format!("{reading}_{rule}");
        add(planted, ["T9", &reading, "all", year], [is_falling, 1]);
    }
}
