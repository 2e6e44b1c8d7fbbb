//! Tables of education against the slow way from the raw files.

use std::collections::{BTreeMap, BTreeSet};

use super::survey::is_near;
use super::{LEAST_BASE_COUNT, Results, group, integer, units};
use crate::oracle::{EducationSectors, OutsideSectors, Reasons, Survey, rates};
use crate::rows::Row;

/// Rows of the register by education, as the oracle has them.
pub(crate) fn education_sectors(rows: &[Row]) -> EducationSectors {
    let mut found = EducationSectors::new();
    for row in rows {
        let key = ["year", "education_level", "education_kind", "sector_group", "state_code"]
            .map(|column| row[column].clone());
        let counts = ["person_count", "unknown_count"].map(|column| integer(row, column));
        let sums = [units(&row["person_weight"], 6), counts[0], counts[1]].map(i128::from);
        assert!(found.insert(key, sums).is_none());
    }
    found
}

pub(super) fn education_is_the_same(results: &Results, survey: &Survey) {
    let found = education_sectors(&results.published("education_sector"));
    assert_eq!(found, survey.education_sectors);
    for shown in ["low", "middle", "high", "technical", "other", "unknown"] {
        assert!(found.keys().any(|key| key[1..3].contains(&shown.to_owned())), "{shown}");
    }
    assert!(found.values().any(|[weight, persons, _]| *weight > persons * 1_000_000));
    years_outside_are_the_same(results, survey);
    people_are_the_same(results, survey);
    reasons_are_the_same(results, survey);
    the_largest_and_smallest_ratios_are_told(results, survey);
}

/// Counts of what goes with leaving, as the oracle has them.
pub(crate) fn reasons(rows: &[Row]) -> Reasons {
    let mut found = Reasons::new();
    for row in rows {
        let key = ["from_year", "sector_group", "characteristic", "value_code", "event"];
        let [year, group, characteristic, value, event] = key.map(|column| row[column].clone());
        let key = [year, group, characteristic, value, event, row["age_group"].clone()];
        let sums = ["event_count", "base_count"].map(|column| integer(row, column));
        assert!(found.insert(key, sums).is_none());
    }
    found
}

fn reasons_are_the_same(results: &Results, survey: &Survey) {
    let found = reasons(&results.asked("select * from core.reason_counts"));
    assert_eq!(found, survey.reasons);
    what_goes_with_leaving_was_planted(results, &survey.technical, &found);
    let mut rates = rates(&survey.reasons);
    let mut merged = 0;
    for row in results.published("reasons") {
        let key = ["from_year", "sector_group", "characteristic", "value_code", "event"];
        let key = key.map(|column| row[column].clone());
        let (sums, standardised) = rates.remove(&key).unwrap();
        assert_eq!(["event_count", "base_count"].map(|column| integer(&row, column)), sums);
        is_near(&row, "standardised_rate", standardised, 2e-6);
        merged += usize::from(row["note"].contains("ages taken together"));
    }
    assert!(rates.is_empty(), "{rates:?}");
    assert!(merged > 9);
    for (characteristic, value) in [
        ("tenure", "unknown"),
        ("tenure", "10_or_more"),
        ("contract", "temporary"),
        ("wage_fifth", "unknown"),
        ("wage_fifth", "5"),
        ("firm_size", "unknown"),
        ("education_match", "technical_in_technical_sector"),
    ] {
        let is_it = |key: &&[String; 6]| key[2] == characteristic && key[3] == value;
        assert!(found.keys().any(|key| is_it(&key)), "{characteristic} {value}");
    }
}

/// By tenure and contract as they are planted: the files may not name them, and name
/// no others.
fn what_goes_with_leaving_was_planted(
    results: &Results,
    technical: &BTreeSet<String>,
    found: &Reasons,
) {
    let mut planted = Reasons::new();
    for row in results.truth("reasons").iter().filter(|row| !row["has_left"].is_empty()) {
        let group = group(&row["sector_code"], technical);
        for characteristic in ["tenure", "contract"] {
            let [year, value] = ["from_year", characteristic].map(|column| row[column].clone());
            let (event, age) = ("exit".to_owned(), row["age_group"].clone());
            let key = [year, group.clone(), characteristic.to_owned(), value, event, age];
            let (count, sums) = (integer(row, "person_count"), planted.entry(key).or_default());
            (sums[0], sums[1]) = (sums[0] + count * integer(row, "has_left"), sums[1] + count);
        }
    }
    planted.retain(|key, _| !["other", "unknown"].contains(&key[5].as_str()));
    let is_own =
        |key: &[String; 6]| ["tenure", "contract"].contains(&key[2].as_str()) && key[4] == "exit";
    let mut hidden = 0;
    for (key, sums) in found.iter().filter(|(key, _)| is_own(key) && key[3] != "unknown") {
        assert!(planted.contains_key(key), "nobody planted: {key:?}");
        let own = planted[key];
        assert!(sums[0] <= own[0] && sums[1] <= own[1], "{key:?}: {sums:?} of {own:?}");
        hidden += own[1] - sums[1];
    }
    let all = |of: &Reasons, characteristic: &str| -> i64 {
        let own = of.iter().filter(|(key, _)| is_own(key) && key[2] == characteristic);
        own.map(|(_, sums)| sums[1]).sum()
    };
    for characteristic in ["tenure", "contract"] {
        assert_eq!(all(found, characteristic), all(&planted, characteristic));
    }
    assert!(hidden > 9, "the files name every tenure and contract");
}

/// C1: rates of leaving technical sectors by the rate of all in them.
fn the_largest_and_smallest_ratios_are_told(results: &Results, survey: &Survey) {
    let rates = rates(&survey.reasons);
    let mut ratios: BTreeMap<&str, Vec<(f64, String)>> = BTreeMap::new();
    for ([year, group, characteristic, value, event], (sums, standardised)) in &rates {
        let is_in = [group.as_str(), event] == ["technical", "exit"];
        let is_known = characteristic != "all" && value != "unknown";
        if let Some(rate) = standardised.filter(|_| is_in && is_known) {
            let whole = [year, group, "all", "all", event].map(str::to_owned);
            if sums[1] >= LEAST_BASE_COUNT {
                let ratio = rate / rates[&whole].1.unwrap();
                ratios.entry(year).or_default().push((ratio, format!("{characteristic} {value}")));
            }
        }
    }
    let mut told = 0;
    for row in results.published("findings").iter().filter(|row| row["finding"] == "C1") {
        let own = ratios.get_mut(row["year"].as_str()).unwrap();
        own.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (kind, place) = row["reading"].split_once('_').unwrap();
        let place: usize = place.parse().unwrap();
        let place = if kind == "largest" { own.len() - place } else { place - 1 };
        is_near(row, "value", Some(own[place].0), 1e-3);
        let named = own.iter().find(|(_, name)| row["detail"] == *name).unwrap();
        is_near(row, "value", Some(named.0), 1e-3);
        assert_eq!(row["family"], "register");
        told += 1;
    }
    assert_eq!(told, 3 * 6, "six of each pair of years");
}

fn years_outside_are_the_same(results: &Results, survey: &Survey) {
    let mut found = OutsideSectors::new();
    for row in results.published("redirectable_register") {
        let key = ["year", "education_level", "age_group", "state_code"];
        let [year, level, age, state] = key.map(|column| row[column].clone());
        let key = [year, level, age, state, row["years_since_technical_sector"].clone()];
        let sums = [units(&row["person_weight"], 6), integer(&row, "person_count")];
        assert!(found.insert(key, sums.map(i128::from)).is_none());
    }
    assert_eq!(found, survey.outside_sectors);
    let since: BTreeSet<&str> = found.keys().map(|key| key[4].as_str()).collect();
    let expected = ["0", "1", "2", "3", "1_or_more", "2_or_more", "3_or_more", "4_or_more"];
    assert_eq!(since, BTreeSet::from(expected));
}

/// Totals of the table and of C2, with their bounds.
fn people_are_the_same(results: &Results, survey: &Survey) {
    let mut rows: BTreeMap<(i32, String), Row> = BTreeMap::new();
    for row in results.published("redirectable") {
        let parts = ["education_level", "age_group", "position_code", "criterion"];
        let cell = parts.map(|column| row[column].as_str()).join(" ");
        assert!(rows.insert((row["year"].parse().unwrap(), cell), row).is_none());
    }
    for mut row in results.published("findings") {
        let renamed = [
            ("person_weight", "numerator"),
            ("weight_low", "value_low"),
            ("weight_high", "value_high"),
            ("person_count", "unweighted_count"),
        ];
        if row["reading"].starts_with("people_") {
            assert_eq!((&row["value"], row["denominator"].as_str()), (&row["numerator"], ""));
            for (name, column) in renamed {
                let value = row[column].clone();
                row.insert(name.to_owned(), value);
            }
            rows.insert((row["year"].parse().unwrap(), row["reading"].clone()), row);
        }
    }
    let totals = survey.totals();
    assert_eq!(rows.keys().collect::<Vec<_>>(), totals.keys().collect::<Vec<_>>());
    for (name, total) in &totals {
        let row = &rows[name];
        let sums = [integer(row, "person_count"), units(&row["person_weight"], 6)];
        assert_eq!(sums.map(i128::from), [total.persons, total.weight], "{name:?}");
        let off = total.weight as f64 / 1e6 * 1e-9 + 1e-6;
        is_near(row, "weight_low", total.bounds.map(|bounds| bounds[0]), off);
        is_near(row, "weight_high", total.bounds.map(|bounds| bounds[1]), off);
    }
    let shown = |part: &str| totals.keys().any(|(_, cell)| cell.contains(part));
    for part in ["meets_all", "student", "older", "pension", "education_unknown", "self_employed"] {
        assert!(shown(part), "{part}");
    }
}
