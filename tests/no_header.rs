//! Delimited files without a header line in whole runs: columns by the numbers
//! of their fields.

use crate::drift::freeze;
use crate::raw_form::Packing;
use crate::tiny_study::{CODEBOOK_FILE, TinyStudy, files_below, jobs, refusal};

const DELIMITER: &str = "delimiter = \";\"";

/// Has the study's files come without a header line, these columns in the order
/// of their fields.
pub(crate) fn take_header_off(study: &TinyStudy, headers: &[&str]) {
    study.replace(CODEBOOK_FILE, DELIMITER, &format!("{DELIMITER}, header = false"));
    for (number, header) in (1..).zip(headers) {
        let named = format!("header = \"{header}\"");
        study.replace(CODEBOOK_FILE, &named, &format!("position = {number}"));
    }
}

fn without_header() -> TinyStudy {
    let study = TinyStudy::new();
    take_header_off(&study, &["PERSON", "SECTOR", "HOURS"]);
    study
}

fn records(text: &str) -> &str {
    text.split_once('\n').unwrap().1
}

#[test]
fn a_study_gives_the_same_release_with_and_without_header_lines() {
    let named = TinyStudy::new();
    named.write_raw();
    named.succeed(&["run"]);
    let tables = |study: &TinyStudy| {
        let folder = study.place.path("release/current");
        let files = files_below(&folder).into_iter();
        let own =
            files.map(|(path, bytes)| (path.strip_prefix(&folder).unwrap().to_owned(), bytes));
        own.filter(|(path, _)| path.extension().is_some_and(|ending| ending == "csv"))
            .collect::<Vec<_>>()
    };
    assert!(!tables(&named).is_empty());
    for (packing, line_end) in Packing::ALL.into_iter().zip(["\n", "\r\n", "\r"]) {
        let study = without_header();
        for year in [2020, 2021] {
            let text = records(&jobs(100)).replace('\n', line_end);
            let file = format!("raw/jobs{year}V1.txt{}", packing.ending());
            study.write(&file, packing.pack(text.as_bytes()));
        }
        study.succeed(&["run"]);
        assert_eq!(tables(&study), tables(&named), "{packing:?}");
    }
}

#[test]
fn drift_tells_of_fields_by_their_numbers() {
    let drift = |text: String| {
        let study = without_header();
        freeze(&study);
        study.write("raw/jobs2020V1.csv", records(&jobs(100)));
        study.write("raw/jobs2021V1.csv", text);
        let said = study.fail(5, &["run"]);
        said.lines().next().unwrap().split_once("0V1.csv: ").unwrap().1.to_owned()
    };
    let behind = |more: &str| records(&jobs(100)).replace('\n', &format!("{more}\n"));
    insta::assert_snapshot!(drift(behind(";x")), @"new field 4");
    // A field that comes in between moves those behind it.
    let moved = records(&jobs(100)).replace(";A;", ";1;A;").replace(";B;", ";1;B;");
    insta::assert_snapshot!(drift(moved), @"new field 4; retyped field 2 (text, now integer), field 3 (integer, now text)");
}

#[test]
fn a_file_of_fewer_fields_and_a_header_line_after_all_are_told() {
    let study = without_header();
    study.write("raw/jobs2020V1.csv", records(&jobs(100)));
    study.write("raw/jobs2021V1.csv", "P001;A\nP002;B\n");
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/jobs2021V1.csv: column hour_count: is field 3, and the first record has 2
      hint: correct its `position` or `delimiter` in the codebook
    ");
    study.write("raw/jobs2021V1.csv", jobs(100));
    insta::assert_snapshot!(study.fail(4, &["run"]), @"
    error: raw.jobs 2021 (jobs2021V1.csv): 1 of 101 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
}

#[test]
fn mistakes_of_such_a_codebook_are_found_without_data() {
    let of = |old: &str, new: &str| {
        refusal(|study| {
            take_header_off(study, &["PERSON", "SECTOR", "HOURS"]);
            study.replace(CODEBOOK_FILE, old, new);
        })
    };
    insta::assert_snapshot!(of("position = 1\n", ""), @"error: pipelines/codebooks/jobs.toml:4:1: `position` is missing in columns");
    insta::assert_snapshot!(of("position = 1\n", "position = 1\nheader = \"PERSON\"\n"), @"error: pipelines/codebooks/jobs.toml:7:10: `columns.header`: the files have no column names; give a `position`");
    insta::assert_snapshot!(of("position = 1\n", "position = \"1\"\n"), @"error: pipelines/codebooks/jobs.toml:6:12: `columns.position`: must be an integer, is string");
    insta::assert_snapshot!(of("position = 1\n", "position = 0\n"), @"error: pipelines/codebooks/jobs.toml:6:12: `columns.position`: must be a whole number of at least 1");
    insta::assert_snapshot!(of("position = 1\n", "position = { \"..2019\" = 1, \"2020..\" = -1 }\n"), @"error: pipelines/codebooks/jobs.toml:6:39: `columns.position.2020..`: must be a whole number of at least 1");
    insta::assert_snapshot!(of("header = false }", "header = false }\nstrict = true"), @"error: pipelines/codebooks/jobs.toml:3:10: `strict`: the files have no column names to be strict about");
    insta::assert_snapshot!(of("header = false", "header = 0"), @"error: pipelines/codebooks/jobs.toml:2:58: `format.header`: must be true or false, is integer");
}

#[test]
fn each_setting_that_changes_what_is_read_makes_the_slice_anew() {
    let study = TinyStudy::new();
    study.write("raw/jobs2020V1.csv", jobs(100));
    study.write("raw/jobs2021V1.csv", jobs(100).replace(";A;", "; A;"));
    study.succeed(&["run"]);
    let sectors = "select count(distinct sector_code) as sectors from staging.jobs";
    let sectors = || study.succeed(&["sql", sectors, "--format", "csv"]);
    assert_eq!(sectors(), "sectors\n2\n");
    let text = "header = \"SECTOR\"\ntype = \"text\"";
    study.replace(CODEBOOK_FILE, text, &format!("{text}\ntrim = false"));
    study.succeed(&["run"]);
    assert_eq!(sectors(), "sectors\n3\n", "a blank is part of the code now");
    study.replace(CODEBOOK_FILE, DELIMITER, &format!("{DELIMITER}, last_line_end = false"));
    let plan = study.succeed(&["plan"]);
    assert!(plan.contains("raw.jobs 2020") && plan.contains("codebook"), "{plan}");
}
