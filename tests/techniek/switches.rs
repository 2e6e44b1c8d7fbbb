//! The published tables of switches and links of employers against the truth.

use std::collections::{BTreeMap, BTreeSet};

use super::links::{Accounts, RULES, outcomes};
use super::{Results, assert_share, group, integer};
use crate::rows::{Row, sums};

/// Every count of `employer_switches`, by what is counted in it.
const COUNTS: [(&str, &[&str]); 12] = [
    ("raw_switch_count", &["event", "link", "relabel", "takeover", "spin_off", "swap", "switch"]),
    ("event_count", &["event"]),
    ("link_count", &["link"]),
    ("relabel_count", &["relabel"]),
    ("takeover_count", &["takeover"]),
    ("spin_off_count", &["spin_off"]),
    ("corrected_switch_count", &["swap", "switch"]),
    ("swap_count", &["swap"]),
    ("corrected_less_swap_count", &["switch"]),
    ("recall_count", &["recall"]),
    ("employer_unknown_count", &["employer_unknown"]),
    (
        "base_count",
        &["event", "link", "relabel", "takeover", "spin_off", "swap", "switch", "recall", "stay"],
    ),
];

const RATES: [(&str, &str); 3] = [
    ("raw_switch_share", "raw_switch_count"),
    ("corrected_switch_share", "corrected_switch_count"),
    ("corrected_less_swap_share", "corrected_less_swap_count"),
];

pub(super) fn switches_are_the_truth(
    results: &Results,
    technical: &BTreeSet<String>,
    accounts: &Accounts,
) {
    let outcomes = outcomes(results, accounts);
    let mut expected: BTreeMap<Vec<String>, [i64; 12]> = BTreeMap::new();
    for row in &outcomes {
        let (count, outcome) = (integer(row, "person_count"), row["outcome"].as_str());
        let group = group(&row["sector_code"], technical);
        for group in [group.as_str(), "total"] {
            for age in [row["age_group"].as_str(), "total"] {
                for kind in [row["employer_kind"].as_str(), "total"] {
                    let key = [row["from_year"].as_str(), group, age, kind].map(str::to_owned);
                    let counts = expected.entry(key.to_vec()).or_default();
                    for (sum, (_, of)) in counts.iter_mut().zip(COUNTS) {
                        *sum += i64::from(of.contains(&outcome)) * count;
                    }
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    for row in results.published("employer_switches") {
        let counts = COUNTS.map(|(column, _)| integer(&row, column));
        let base = integer(&row, "base_count");
        for (rate, numerator) in RATES.iter().filter(|_| base > 0) {
            assert_share(&row[*rate], integer(&row, numerator), base);
        }
        let key = ["from_year", "sector_group", "age_group", "employer_kind"];
        let key = key.map(|column| row[column].clone());
        assert_eq!(found.insert(key.to_vec(), counts), None, "{key:?} stands there twice");
    }
    assert_eq!(found, expected);
    let total = &found[["2017", "total", "total", "total"].map(str::to_owned).as_slice()];
    for ((column, _), count) in COUNTS.iter().zip(total) {
        assert!(*count > 0, "no {column} in 2017");
    }
    links_account_for_all(results, &outcomes);
    statements_are_counted(results);
}

/// Persons by year and rule: of links exactly, of all together the raw switches.
fn links_account_for_all(results: &Results, outcomes: &[Row]) {
    let is_switch = |row: &&Row| COUNTS[0].1.contains(&row["outcome"].as_str());
    let switches: Vec<Row> = outcomes.iter().filter(is_switch).cloned().collect();
    let summary = results.published("employer_link_summary");
    let by_year = |rows: &[Row]| sums(rows, &["from_year"], "person_count");
    assert_eq!(by_year(&summary), by_year(&switches));
    let of_rules = |rows: &[Row], column: &str| {
        let rows: Vec<Row> =
            rows.iter().filter(|row| RULES.contains(&row[column].as_str())).cloned().collect();
        sums(&rows, &["from_year", column], "person_count")
    };
    assert_eq!(of_rules(&summary, "rule_code"), of_rules(&switches, "outcome"));
    let codes: BTreeSet<&str> = summary.iter().map(|row| row["rule_code"].as_str()).collect();
    for code in ["agency", "below_headcount", "clustered", "chunky", "scattered"] {
        assert!(codes.contains(code), "no {code}");
    }
}

/// Each year has all that was delivered, with what is wrong with it.
fn statements_are_counted(results: &Results) {
    // By year and source: of the pair's days, and of others.
    let mut delivered: BTreeMap<[String; 2], [i64; 2]> = BTreeMap::new();
    let mut distinct = BTreeSet::new();
    for row in results.truth("employer_events") {
        let cells = ["day", "kind", "donor_id", "receiver_id"].map(|column| row[column].clone());
        let source = if row["kind"] == "link" { "link" } else { "event" };
        // Pairs of numbers are known by what they say, events by their own id.
        if source == "link" && !distinct.insert(cells) {
            continue;
        }
        for year in 2016..2019 {
            let (from, to) = (format!("{year}-10-01"), format!("{}-10-01", year + 1));
            let is_outside = row["day"] <= from || row["day"] > to;
            let counts = delivered.entry([year.to_string(), source.to_owned()]).or_default();
            counts[usize::from(is_outside)] += 1;
        }
    }
    let found = results.published("employer_statements");
    let mut counted: BTreeMap<[String; 2], [i64; 2]> = BTreeMap::new();
    for row in &found {
        let is_outside = row["quality_code"] == "outside_the_pair";
        let key = ["from_year", "source_code"].map(|column| row[column].clone());
        let count = integer(row, "statement_count");
        counted.entry(key).or_default()[usize::from(is_outside)] += count;
    }
    assert_eq!(counted, delivered);
    let counts = sums(&found, &["from_year", "source_code", "quality_code"], "statement_count");
    let count = |source: &str, quality: &str| {
        counts[["2017", source, quality].map(str::to_owned).as_slice()]
    };
    // As the scenes of the second set have it.
    let link = ["names_nobody", "names_itself", "cycle"].map(|quality| count("link", quality));
    assert_eq!(link, [2, 1, 2]);
    assert_eq!(["names_nobody", "names_itself"].map(|it| count("event", it)), [2, 1]);
    assert!(count("event", "no_evidence") >= 3);
    assert!(count("event", "usable") > 0 && count("link", "outside_the_pair") > 0);
}
