//! The study `techniek` on invented files, against the truth that was planted
//! in them: all counts and sums exactly, compared by plain code of our own
//! with exact integers.

mod education;
mod findings;
mod links;
mod register;
mod survey;
mod switches;
mod tables;

use std::collections::BTreeSet;

use crate::chain::Chain;
use crate::rows::{Row, file_rows, rows};

pub(crate) use education::{education_sectors, reasons};
pub(crate) use links::{Accounts, found_links, in_words};
pub(crate) use register::{PERSON_YEARS, RESIDENCE, Register, TRANSITIONS};
pub(crate) use survey::survey_of;

const PERSONS: u32 = 6000;
/// Persons of each age group that a sector needs.
const LEAST_BASE_COUNT: i64 = 10;

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

#[test]
fn without_hazards_there_are_none_and_the_truth_comes_out_too() {
    let options = ["--persons", "1500", "--seed", "4", "--hazards", "none"];
    let chain = Chain::techniek_with(&options);
    chain.succeed("one", &["run"]);
    let results = Results { chain };
    register::the_lake_is_the_truth(&results);
    assert!(results.asked("select * from core.employer_links").is_empty());
    let quirks = results.truth("quirks");
    let planted = |name: &str| {
        let quirk = quirks.iter().find(|row| row["quirk"] == name);
        integer(quirk.unwrap(), "count")
    };
    for name in [
        "immigrants",
        "returners",
        "administrative_movements",
        "lost_zeros",
        "recoded_employers",
        "unpaid_rows",
        "corrected_rows",
        "rows_taken_back",
        "rows_with_nines",
        "rows_without_employer",
        "unknown_job_kinds",
        "excluded_jobs",
        "bridged_jobs",
        "employer_changes_within_jobs",
        "self_employed_with_jobs",
    ] {
        assert_eq!(planted(name), 0, "{name}");
    }
    assert!(planted("deaths") > 0 && planted("emigrants") > 0);
}

fn everything_planted_comes_out(seed: u32) {
    let chain = Chain::techniek(PERSONS, seed).with_own_definition();
    // So few that some sectors of so small a population have them.
    let study = chain.path("pipelines/techniek.toml");
    let text = std::fs::read_to_string(&study).unwrap();
    let least = format!("least_base_count = {LEAST_BASE_COUNT}");
    std::fs::write(&study, text.replace("least_base_count = 100", &least)).unwrap();
    chain.succeed("one", &["run"]);
    let results = Results { chain };
    every_quirk_was_planted(&results);
    register::the_lake_is_the_truth(&results);
    let technical = technical_sectors(&results);
    let accounts = links::Accounts::of(&results.chain);
    let survey = survey_of(&results.chain, (2016, 2019));
    assert_eq!(technical, survey.technical);
    survey::the_survey_is_what_the_raw_files_say(&results, &survey);
    links::links_are_the_truth(&results, &accounts);
    tables::tables_are_the_truth(&results, &technical, &accounts);
    findings::findings_are_the_truth(&results, &technical, &accounts);
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

/// A decimal with its digits behind the point, as so many units of the last.
fn units(decimal: &str, digits: usize) -> i64 {
    let (whole, part) = decimal.split_once('.').unwrap();
    assert_eq!(part.len(), digits, "{decimal}");
    format!("{whole}{part}").parse().unwrap()
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
    assert!(quirks.len() >= 62, "{} quirks", quirks.len());
    for row in quirks {
        assert!(integer(&row, "count") > 0, "no {}", row["quirk"]);
    }
}

/// The run's own list of technical sectors.
fn technical_sectors(results: &Results) -> BTreeSet<String> {
    let sectors = results.published("sectors");
    let technical = sectors.iter().filter(|row| row["sector_group"] == "technical");
    technical.map(|row| row["sector_code"].clone()).collect()
}

/// The group of a sector as the truth writes it; a sector that the survey of
/// the base period never met is not technical.
fn group(sector: &str, technical: &BTreeSet<String>) -> String {
    let is_division = sector.len() == 2 && sector.bytes().all(|byte| byte.is_ascii_digit());
    let group = match sector {
        "died" | "emigrated" => "gone",
        sector if technical.contains(sector) => "technical",
        _ if is_division => "other",
        cell => cell,
    };
    group.to_owned()
}
