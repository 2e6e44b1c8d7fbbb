//! The published tables of the register against the truth: sectors as planted,
//! groups by the run's own list of technical sectors.

use std::collections::{BTreeMap, BTreeSet};

use super::links::{self, Accounts};
use super::{Results, assert_share, group, integer, switches};
use crate::rows::{Row, sums};

pub(super) fn tables_are_the_truth(
    results: &Results,
    technical: &BTreeSet<String>,
    accounts: &Accounts,
) {
    let planted = planted_transitions(results, technical, accounts);
    transitions_are_the_truth(results, technical, &planted);
    switches::switches_are_the_truth(results, technical, accounts);
    mobility_is_the_truth(results, &planted);
    destinations_are_the_truth(results, &planted);
    accounts_are_the_truth(results, technical);
    counts_are_the_truth(results);
}

/// Transitions as planted, by both rules of employers, with groups in place of
/// sectors.
pub(super) fn planted_transitions(
    results: &Results,
    technical: &BTreeSet<String>,
    accounts: &Accounts,
) -> Vec<Row> {
    let mut planted = by_both_rules(results, accounts);
    for row in &mut planted {
        let group_of = |column: &str| group(&row[column], technical);
        let (from, to) = (group_of("sector_code"), group_of("to_cell"));
        row.insert("sector_group".to_owned(), from);
        row.insert("to_sector_group".to_owned(), to);
    }
    planted
}

/// What is planted by the numbers of employers, and that again where who moved
/// over a link stays where it was.
fn by_both_rules(results: &Results, accounts: &Accounts) -> Vec<Row> {
    let raw = results.truth("register_transitions");
    let linked = links::outcomes(results, accounts);
    let linked = linked.into_iter().filter(|row| links::RULES.contains(&row["outcome"].as_str()));
    let mut changes = Vec::new();
    for row in linked {
        let mut taken = row.clone();
        taken.insert("person_count".to_owned(), format!("-{}", row["person_count"]));
        let mut given = row;
        given.insert("transition_code".to_owned(), "stay".to_owned());
        given.insert("to_cell".to_owned(), given["sector_code"].clone());
        changes.extend([taken, given]);
    }
    let with_rule = |rows: Vec<Row>, rule: &str| {
        rows.into_iter()
            .map(|mut row| {
                row.insert("employer_rule".to_owned(), rule.to_owned());
                row
            })
            .collect::<Vec<Row>>()
    };
    let corrected = [raw.clone(), changes].concat();
    [with_rule(raw, "raw"), with_rule(corrected, "corrected")].concat()
}

fn transitions_are_the_truth(results: &Results, technical: &BTreeSet<String>, planted: &[Row]) {
    let mut found = results.published("register_transitions");
    for row in &mut found {
        if row["sector_code"] == "none" {
            let cell = std::mem::replace(row.get_mut("sector_group").unwrap(), "none".to_owned());
            let cells = ["self_employed", "unclear_work", "not_working"];
            assert!(cells.contains(&cell.as_str()), "{row:?}");
        } else {
            assert_eq!(row["sector_group"], group(&row["sector_code"], technical), "{row:?}");
        }
    }
    let columns = [
        "employer_rule",
        "from_year",
        "sector_code",
        "sector_group",
        "age_group",
        "transition_code",
        "to_sector_group",
    ];
    let sums = |rows: &[Row]| {
        let mut sums = sums(rows, &columns, "person_count");
        // All who were there may have moved over a link.
        sums.retain(|_, count| *count != 0);
        sums
    };
    assert_eq!(sums(&found), sums(planted));
}

pub(super) const SWITCHES: [&str; 3] =
    ["other_employer_same_sector", "other_employer_other_sector", "other_employer_sector_unknown"];

/// What a transition is for mobility: none where it is in no base, else whether
/// the person left the employer, and whether for another one.
pub(super) fn mobility(code: &str) -> Option<(bool, bool)> {
    match code {
        "stay" => Some((false, false)),
        _ if SWITCHES.contains(&code) => Some((true, true)),
        "to_self_employment" | "to_unclear_work" => Some((true, false)),
        _ if code.starts_with("out_") => Some((true, false)),
        _ => None,
    }
}

/// Leavers and base by some columns and the reading.
pub(super) fn planted_mobility(
    planted: &[Row],
    columns: &[&str],
) -> BTreeMap<Vec<String>, [i64; 2]> {
    let mut counts: BTreeMap<Vec<String>, [i64; 2]> = BTreeMap::new();
    for row in planted {
        let Some((is_gone, is_switch)) = mobility(&row["transition_code"]) else { continue };
        for (reading, is_leaver) in [("left_employer", is_gone), ("other_employer", is_switch)] {
            let mut key: Vec<String> = columns.iter().map(|column| row[*column].clone()).collect();
            key.push(reading.to_owned());
            let sums = counts.entry(key).or_default();
            let count = integer(row, "person_count");
            sums[0] += i64::from(is_leaver) * count;
            sums[1] += count;
        }
    }
    counts
}

fn mobility_is_the_truth(results: &Results, planted: &[Row]) {
    let found = |table: &str, columns: &[&str]| {
        let published = results.published(table);
        let published: Vec<Row> = published
            .into_iter()
            .filter(|row| columns.iter().all(|column| row[*column] != "total"))
            .collect();
        let mut counts = BTreeMap::new();
        for row in published {
            let pair = [integer(&row, "leaver_count"), integer(&row, "base_count")];
            assert_share(&row["mobility_share"], pair[0], pair[1]);
            let mut key: Vec<String> = columns.iter().map(|column| row[*column].clone()).collect();
            key.push(row["reading"].clone());
            assert_eq!(counts.insert(key, pair), None);
        }
        counts
    };
    let columns = ["employer_rule", "from_year", "sector_code", "sector_group", "age_group"];
    assert_eq!(found("mobility_by_age", &columns), planted_mobility(planted, &columns));
    let young: Vec<Row> = young(planted);
    let columns = ["employer_rule", "from_year", "sector_group"];
    assert_eq!(found("youth_mobility", &columns), planted_mobility(&young, &columns));
}

/// Those of 25 to 34.
pub(super) fn young(planted: &[Row]) -> Vec<Row> {
    planted.iter().filter(|row| row["age_group"] == "25-34").cloned().collect()
}

/// Where those of 25 to 34 who left went: by rule of employers, year and group
/// of the start.
pub(super) fn planted_destinations(planted: &[Row]) -> BTreeMap<Vec<String>, i64> {
    let mut counts = BTreeMap::new();
    for row in young(planted) {
        let code = row["transition_code"].as_str();
        if mobility(code).is_none_or(|(is_gone, _)| !is_gone) {
            continue;
        }
        let destination = match code {
            "to_self_employment" => "self_employed",
            "to_unclear_work" => "unclear_work",
            _ if SWITCHES.contains(&code) => &row["to_sector_group"],
            _ => code.trim_start_matches("out_"),
        };
        let start =
            ["employer_rule", "from_year", "sector_group"].map(|column| row[column].clone());
        let key = [&start[..], &[destination.to_owned()]].concat();
        *counts.entry(key).or_default() += integer(&row, "person_count");
    }
    counts.retain(|_, count| *count != 0);
    counts
}

fn destinations_are_the_truth(results: &Results, planted: &[Row]) {
    let found = results.published("youth_destinations");
    let columns = ["employer_rule", "from_year", "sector_group", "destination"];
    let counts = sums(&found, &columns, "person_count");
    assert_eq!(counts, planted_destinations(planted));
    let mut leavers: BTreeMap<&[String], i64> = BTreeMap::new();
    for (key, count) in &counts {
        *leavers.entry(&key[..3]).or_default() += count;
    }
    for row in &found {
        let key = ["employer_rule", "from_year", "sector_group"].map(|column| row[column].clone());
        assert_eq!(integer(row, "leaver_count"), leavers[&key[..]], "{row:?}");
    }
}

const ARRIVALS: [&str; 4] = ["born", "immigrated", "returned", "entered_otherwise"];
const ENDS: [&str; 2] = ["died", "emigrated"];
const EMPLOYED: [&str; 3] = ["technical", "other", "unknown"];

/// The accounts by the flows that were planted.
fn accounts_are_the_truth(results: &Results, technical: &BTreeSet<String>) {
    let mut planted: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    for row in results.truth("flows") {
        let cell = |column: &str| {
            let cell = &row[column];
            if ENDS.contains(&cell.as_str()) { cell.clone() } else { group(cell, technical) }
        };
        let [from, to, next] = ["from_cell", "to_cell", "next_cell"].map(cell);
        let within = match row["is_same_employer"].as_str() {
            _ if to != next => "recoded",
            _ if !EMPLOYED.contains(&from.as_str()) => "same_state",
            "" => "employer_unknown",
            "true" => "same_employer",
            _ => "other_employer",
        };
        let arrives = ARRIVALS.contains(&from.as_str());
        let ends = ENDS.contains(&next.as_str());
        let is_within = to != next || from == next;
        let goes = if is_within && !ends { within } else { &next };
        let comes = if is_within && !arrives { within } else { &from };
        let mut add = |cell: &str, side: &str, other: &str| {
            let key = [&row["year"], cell, side, other].map(str::to_owned).to_vec();
            *planted.entry(key).or_default() += integer(&row, "person_count");
        };
        if !arrives {
            add(&from, "stock", "all");
            add(&from, "out", goes);
        }
        if !ends {
            add(&next, "next_stock", "all");
            add(&next, "in", comes);
        }
    }
    let columns = ["year", "cell", "side", "other_code"];
    let found = sums(&results.published("flow_accounts"), &columns, "person_count");
    assert_eq!(found, planted);
    assert!(found.keys().any(|key| key[3] == "recoded"), "nothing was recoded");
}

fn counts_are_the_truth(results: &Results) {
    let columns = ["year", "state_code", "secm_code", "has_job"];
    let name = "state_contradictions";
    let found = sums(&results.published(name), &columns, "person_count");
    assert_eq!(found, sums(&results.truth(name), &columns, "person_count"));
    let (name, columns) = ("job_inclusion", ["year", "reason"]);
    for measure in ["job_count", "person_count"] {
        let found = sums(&results.published(name), &columns, measure);
        assert_eq!(found, sums(&results.truth(name), &columns, measure), "{measure}");
    }
}
