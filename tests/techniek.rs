//! The study `techniek` on invented files, against the truth that was planted
//! in them: all counts and sums exactly, compared by plain code of our own
//! with exact integers.

use std::collections::{BTreeMap, BTreeSet};

use crate::chain::Chain;
use crate::rows::{Row, file_rows, rows, sums};

const PERSONS: u32 = 6000;

#[test]
fn what_was_planted_comes_out_with_the_first_seed() {
    everything_planted_comes_out(1);
}

#[test]
fn what_was_planted_comes_out_with_the_second_seed() {
    everything_planted_comes_out(2);
}

#[test]
fn what_was_planted_comes_out_with_the_third_seed() {
    everything_planted_comes_out(3);
}

fn everything_planted_comes_out(seed: u32) {
    let chain = Chain::techniek(PERSONS, seed);
    chain.succeed("one", &["run"]);
    let results = Results { chain };
    every_quirk_was_planted(&results);
    person_years_are_the_truth(&results);
    activities_are_the_truth(&results);
    transitions_are_the_truth(&results);
    switches_by_sector_are_the_truth(&results);
    let technical = technical_sectors(&results);
    the_list_of_sectors_is_the_truth(&results, &technical);
    groups_of_transitions_follow_the_list(&results, &technical);
    switches_by_group_are_the_truth(&results, &technical);
    retention_is_the_truth(&results, &technical);
    findings_are_the_truth(&results, &technical);
}

struct Results {
    chain: Chain,
}

impl Results {
    fn truth(&self, table: &str) -> Vec<Row> {
        let rows = file_rows(&self.chain.path(&format!("raw/truth/{table}.csv")));
        assert!(!rows.is_empty(), "no truth in {table}");
        rows
    }

    fn published(&self, table: &str) -> Vec<Row> {
        file_rows(&self.chain.path(&format!("one/release/current/{table}.csv")))
    }

    fn asked(&self, sql: &str) -> Vec<Row> {
        rows(&self.chain.succeed("one", &["sql", sql, "--format", "csv"]))
    }
}

/// Counts rows by what a function makes of them.
fn counts<const N: usize>(
    rows: &[Row],
    key: impl Fn(&Row) -> [String; N],
) -> BTreeMap<Vec<String>, i64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(key(row).to_vec()).or_default() += 1;
    }
    counts
}

/// The sector as the truth writes it.
fn sector(is_employed: &str, code: &str) -> String {
    match (is_employed, code) {
        ("false", _) => "none".to_owned(),
        (_, "") => "unknown".to_owned(),
        (_, code) => code.to_owned(),
    }
}

/// A decimal with its digits behind the point, as so many units of the last.
fn units(decimal: &str, digits: usize) -> i64 {
    let (whole, part) = decimal.split_once('.').unwrap();
    assert_eq!(part.len(), digits, "{decimal}");
    format!("{whole}{part}").parse().unwrap()
}

/// A weight in hundredths, of which there are no smaller parts.
fn hundredths(weight: &str) -> i64 {
    let millionths = units(weight, 6);
    assert_eq!(millionths % 10_000, 0, "{weight}");
    millionths / 10_000
}

/// Asserts that a share with six decimals is the nearest to a quotient.
fn assert_share(share: &str, numerator: i64, denominator: i64) {
    let off = units(share, 6) * denominator - numerator * 1_000_000;
    assert!(2 * off.abs() <= denominator, "{share} is not {numerator} / {denominator}");
}

fn integer(row: &Row, column: &str) -> i64 {
    row[column].parse().unwrap()
}

fn every_quirk_was_planted(results: &Results) {
    let quirks = results.truth("quirks");
    assert!(quirks.len() >= 40, "{} quirks", quirks.len());
    for row in quirks {
        assert!(integer(&row, "count") > 0, "no {}", row["quirk"]);
    }
}

fn person_years_are_the_truth(results: &Results) {
    let found =
        results.asked("select year, is_employed, sector_code, age_group from core.person_years");
    let found = counts(&found, |row| {
        let sector = sector(&row["is_employed"], &row["sector_code"]);
        [row["year"].clone(), sector, row["age_group"].clone()]
    });
    let planted = results.truth("person_years");
    assert_eq!(found, sums(&planted, &["year", "sector_code", "age_group"], "person_count"));
}

fn activities_are_the_truth(results: &Results) {
    let found = results.asked("select year, secm_code, is_employed from core.person_years");
    let found = counts(&found, |row| {
        let code = Some(&row["secm_code"]).filter(|code| !code.is_empty());
        let is_employed = if row["is_employed"] == "true" { "1" } else { "0" };
        let code = code.map_or("unknown", |code| code);
        [row["year"].clone(), code.to_owned(), is_employed.to_owned()]
    });
    let planted = results.truth("secm_states");
    assert_eq!(found, sums(&planted, &["year", "secm_code", "is_employed"], "person_count"));
}

fn transitions_are_the_truth(results: &Results) {
    let by = ["from_year", "sector_code", "age_group", "transition_code"];
    let found = sums(&results.published("register_transitions"), &by, "person_count");
    let by = ["from_year", "from_sector_code", "age_group", "transition"];
    assert_eq!(found, sums(&results.truth("register_transitions"), &by, "person_count"));
}

fn switches_by_sector_are_the_truth(results: &Results) {
    let found = results.asked(
        "select from_year, from_is_employed, from_sector_code, from_age_group, \
         from_employer_id, to_is_employed, to_employer_id from core.transitions",
    );
    let both = |row: &&Row| row["from_is_employed"] == "true" && row["to_is_employed"] == "true";
    let both: Vec<Row> = found.iter().filter(both).cloned().collect();
    let is_switch = |row: &&Row| row["from_employer_id"] != row["to_employer_id"];
    let switches: Vec<Row> = both.iter().filter(is_switch).cloned().collect();
    let key = |row: &Row| {
        let sector = sector("true", &row["from_sector_code"]);
        [row["from_year"].clone(), sector, row["from_age_group"].clone()]
    };
    let planted = results.truth("employer_switches");
    let by = ["from_year", "from_sector_code", "age_group"];
    assert_eq!(counts(&both, key), sums(&planted, &by, "base_count"));
    let mut planted = sums(&planted, &by, "switch_count");
    planted.retain(|_, count| *count > 0);
    assert_eq!(counts(&switches, key), planted);
}

/// The run's own list of technical sectors.
fn technical_sectors(results: &Results) -> BTreeSet<String> {
    let sectors = results.published("sectors");
    let technical = sectors.iter().filter(|row| row["sector_group"] == "technical");
    technical.map(|row| row["sector_code"].clone()).collect()
}

fn is_technical_occupation(brc: &str) -> bool {
    ("0711"..="0781").contains(&brc)
}

fn the_list_of_sectors_is_the_truth(results: &Results, technical: &BTreeSet<String>) {
    // Workers, technical ones, and the weights of both in hundredths.
    let mut planted: BTreeMap<String, [i64; 4]> = BTreeMap::new();
    for row in results.truth("survey_workers") {
        let in_base_period = ["2016", "2017"].contains(&row["interview_year"].as_str());
        if !in_base_period || row["sector_code"] == "unknown" {
            continue;
        }
        let (count, weight) =
            (integer(&row, "unweighted_count"), integer(&row, "weighted_hundredths"));
        let times = i64::from(is_technical_occupation(&row["brc_code"]));
        let sums = planted.entry(row["sector_code"].clone()).or_default();
        let more = [count, count * times, weight, weight * times];
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
    let mut found = BTreeMap::new();
    for row in results.published("sectors") {
        let sums = [
            integer(&row, "worker_count"),
            integer(&row, "technical_count"),
            hundredths(&row["worker_weight"]),
            hundredths(&row["technical_weight"]),
        ];
        assert_share(&row["technical_share"], sums[3], sums[2]);
        found.insert(row["sector_code"].clone(), sums);
    }
    assert_eq!(found, planted);
    // More than 40 percent, strictly.
    let is_above = |sums: &[i64; 4]| sums[3] * 100 > sums[2] * 40;
    let above = planted.iter().filter(|(_, sums)| is_above(sums)).map(|(code, _)| code.clone());
    assert_eq!(technical, &above.collect());
    assert!(!technical.is_empty() && technical.len() < planted.len());
}

/// The group of a sector as the truth writes it; a sector that the survey of
/// the base period never met is not technical.
fn group(sector: &str, technical: &BTreeSet<String>) -> String {
    let group = match sector {
        "none" => "not_employed",
        "unknown" => "unknown",
        sector if technical.contains(sector) => "technical",
        _ => "other",
    };
    group.to_owned()
}

fn groups_of_transitions_follow_the_list(results: &Results, technical: &BTreeSet<String>) {
    let found = results.published("register_transitions");
    for row in &found {
        assert_eq!(row["sector_group"], group(&row["sector_code"], technical), "{row:?}");
    }
    let by = ["from_year", "sector_group", "age_group", "transition_code"];
    let mut planted = results.truth("register_transitions");
    for row in &mut planted {
        let group = group(&row["from_sector_code"], technical);
        row.insert("sector_group".to_owned(), group);
    }
    let planted_by = ["from_year", "sector_group", "age_group", "transition"];
    assert_eq!(sums(&found, &by, "person_count"), sums(&planted, &planted_by, "person_count"));
}

fn switches_by_group_are_the_truth(results: &Results, technical: &BTreeSet<String>) {
    let mut planted: BTreeMap<Vec<String>, [i64; 2]> = BTreeMap::new();
    for row in results.truth("employer_switches") {
        let group = group(&row["from_sector_code"], technical);
        let counts = [integer(&row, "switch_count"), integer(&row, "base_count")];
        for group in [group.as_str(), "total"] {
            for age in [row["age_group"].as_str(), "total"] {
                let key = [row["from_year"].as_str(), group, age].map(str::to_owned).to_vec();
                let sums = planted.entry(key).or_default();
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
        }
    }
    let mut found = BTreeMap::new();
    for row in results.published("employer_switches") {
        let counts = [integer(&row, "switch_count"), integer(&row, "base_count")];
        assert_share(&row["switch_share"], counts[0], counts[1]);
        let key = ["from_year", "sector_group", "age_group"].map(|column| row[column].clone());
        let before = found.insert(key.to_vec(), counts);
        assert_eq!(before, None, "{key:?} stands there twice");
    }
    assert_eq!(found, planted);
    assert!(found.contains_key(["2016", "total", "total"].map(str::to_owned).as_slice()));
}

/// Counts of a retention row: weight that stays, weight of the base, and the
/// unweighted stays, base and unknown.
type Stays = [i64; 5];

/// Retention by first year and age group, from the truth. Who was coded at the
/// first interview is coded at the fifth, so a blank there is one without work.
fn planted_retention(
    results: &Results,
    technical: &BTreeSet<String>,
) -> BTreeMap<Vec<String>, Stays> {
    let mut planted: BTreeMap<Vec<String>, Stays> = BTreeMap::new();
    for row in results.truth("survey_pairs") {
        let is_technician =
            row["from_is_technical07"] == "1" && technical.contains(&row["from_sector_code"]);
        if !is_technician {
            continue;
        }
        let is_still = row["to_is_technical07"] == "1";
        let to_sector = row["to_sector_code"].as_str();
        let is_stay = i64::from(is_still && technical.contains(to_sector));
        let is_known = i64::from(!(is_still && to_sector == "unknown"));
        let (count, weight) =
            (integer(&row, "unweighted_count"), integer(&row, "weighted_hundredths"));
        let counts = [
            is_stay * weight,
            is_known * weight,
            is_stay * count,
            is_known * count,
            (1 - is_known) * count,
        ];
        for age in [row["age_group"].as_str(), "total"] {
            let key = vec![row["interview_year"].clone(), age.to_owned()];
            let sums = planted.entry(key).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    planted
}

fn retention_is_the_truth(results: &Results, technical: &BTreeSet<String>) {
    let mut found = BTreeMap::new();
    for row in results.published("retention") {
        let counts = [
            hundredths(&row["stay_weight"]),
            hundredths(&row["base_weight"]),
            integer(&row, "stay_count"),
            integer(&row, "base_count"),
            integer(&row, "unknown_count"),
        ];
        if counts[1] > 0 {
            assert_share(&row["retention_share"], counts[0], counts[1]);
        } else {
            assert_eq!(row["retention_share"], "");
        }
        found.insert(vec![row["from_year"].clone(), row["age_group"].clone()], counts);
    }
    let planted = planted_retention(results, technical);
    assert_eq!(found, planted);
    let stays: i64 = planted.values().map(|counts| counts[2]).sum();
    let leaves: i64 = planted.values().map(|counts| counts[3] - counts[2]).sum();
    assert!(stays > 0 && leaves > 0, "{stays} stay and {leaves} leave: nothing is shown");
}

fn findings_are_the_truth(results: &Results, technical: &BTreeSet<String>) {
    let mut planted: BTreeMap<[String; 2], [i64; 2]> = BTreeMap::new();
    let mut add = |finding: String, year: &str, counts: [i64; 2]| {
        let sums = planted.entry([finding, year.to_owned()]).or_default();
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    };
    for row in results.truth("survey_workers") {
        let is_known = row["sector_code"] != "unknown";
        if row["interview_year"].as_str() > "2017" || !is_known {
            continue;
        }
        let weight = integer(&row, "weighted_hundredths");
        let is_technical = i64::from(technical.contains(&row["sector_code"]));
        let does_technique = i64::from(is_technical_occupation(&row["brc_code"]));
        let workers = [weight * is_technical, weight];
        add("t2_workers_in_technical_sectors".to_owned(), "2017", workers);
        let functions = [weight * is_technical * does_technique, weight * is_technical];
        add("t2_technical_functions_in_technical_sectors".to_owned(), "2017", functions);
    }
    for row in results.truth("employer_switches") {
        let group = group(&row["from_sector_code"], technical);
        if group != "unknown" {
            let counts = [integer(&row, "switch_count"), integer(&row, "base_count")];
            let counts = counts.map(|count| count * 100);
            add(format!("t3_employer_switches_{group}"), &row["from_year"], counts);
        }
    }
    for (key, counts) in planted_retention(results, technical) {
        if key[1] == "total" {
            add("t5_retention".to_owned(), &key[0], [counts[0], counts[1]]);
        }
    }
    for row in results.truth("register_transitions") {
        let group = group(&row["from_sector_code"], technical);
        let is_gone = ["died", "emigrated"].contains(&row["transition"].as_str());
        let is_grouped = group == "technical" || group == "other";
        if row["age_group"] == "25-34" && is_grouped && !is_gone {
            let count = integer(&row, "person_count") * 100;
            let leavers = if row["transition"] == "same_employer" { 0 } else { count };
            add(format!("t7_youth_mobility_{group}"), &row["from_year"], [leavers, count]);
        }
    }
    let mut found = BTreeMap::new();
    for row in results.published("findings") {
        let counts = [hundredths(&row["numerator"]), hundredths(&row["denominator"])];
        assert_share(&row["value"], counts[0], counts[1]);
        found.insert([row["finding"].clone(), row["year"].clone()], counts);
    }
    assert_eq!(found, planted);
}
