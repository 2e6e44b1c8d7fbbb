//! Several files of one year, as surveys deliver their quarters: the newest
//! version of each part, in the order of their names, makes one slice.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use serde_json::Value;

use crate::drift::{events, freeze};
use crate::former::read;
use crate::raw_form::Packing;
use crate::tiny_study::{CODEBOOK_FILE, STUDY_FILE, TinyStudy, files_below, refusal};

const WHOLE: &str = "jobs{year}V{version}.*";
const QUARTERS: &str = "PNADC_{part}{year}_{version}.*";
pub(crate) const HEADER: &str = "PERSON;SECTOR;HOURS\n";

/// The tiny study with years in parts.
pub(crate) fn by_parts() -> TinyStudy {
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, WHOLE, QUARTERS);
    study
}

fn file(quarter: u32, year: u32, version: u32) -> String {
    format!("raw/PNADC_{quarter:02}{year}_{version}.txt")
}

/// The records of a quarter, without header line: persons whom no other one has.
fn records(quarter: u32, persons: u32) -> String {
    let sector = |person: u32| if person.is_multiple_of(3) { "B" } else { "A" };
    let row = |person| format!("Q{quarter}P{person:03};{};{}\n", sector(person), 10 * quarter);
    (1..=persons).map(row).collect()
}

fn text(quarter: u32, persons: u32) -> String {
    HEADER.to_owned() + &records(quarter, persons)
}

/// Both years, each in four files of unequal versions, older ones beside them.
fn write_quarters(study: &TinyStudy) {
    for year in [2020, 2021] {
        for (quarter, version) in [(1, 20_170_224), (2, 2), (3, 11), (4, 1)] {
            study.write(&file(quarter, year, version), text(quarter, 100 + quarter));
        }
        study.write(&file(3, year, 9), text(9, 500));
    }
}

/// The rows of a raw slice in their order, each as a line.
pub(crate) fn rows_of(study: &TinyStudy, year: i32) -> String {
    let folder = study.place.path(&format!("lake/current/raw/jobs/year={year}"));
    let files: Vec<_> = files_below(&folder).into_keys().collect();
    let parquet: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|end| end == "parquet")).collect();
    assert_eq!(parquet.len(), 1, "{files:?}");
    let batch = read(parquet[0]);
    let (persons, sectors) =
        (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
    let hours = batch.column(2).as_primitive::<Int64Type>();
    let row = |row| format!("{};{};{}\n", persons.value(row), sectors.value(row), hours.value(row));
    (0..batch.num_rows()).map(row).collect()
}

fn release(study: &TinyStudy) -> Vec<(String, Vec<u8>)> {
    let folder = study.place.path("release/current");
    let name = |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let files = files_below(&folder).into_iter().map(|(path, bytes)| (name(&path), bytes));
    files.filter(|(name, _)| name.ends_with(".csv") || name.ends_with(".parquet")).collect()
}

/// Raw slices that the last run made.
fn made(study: &TinyStudy) -> Vec<String> {
    let slices = events(study, "slice_made").into_iter();
    let slices = slices.map(|event| event["slice"].as_str().unwrap().to_owned());
    slices.filter(|slice| slice.starts_with("raw.")).collect()
}

#[test]
fn four_quarters_of_unequal_versions_are_one_slice() {
    let study = by_parts();
    write_quarters(&study);
    study.succeed(&["run"]);
    let wanted: String = (1..=4).map(|quarter| records(quarter, 100 + quarter)).collect();
    assert_eq!(rows_of(&study, 2020), wanted);
    assert_eq!(rows_of(&study, 2021), wanted);
    // The same people in one file a year.
    let whole = TinyStudy::new();
    for year in [2020, 2021] {
        whole.write(&format!("raw/jobs{year}V1.csv"), HEADER.to_owned() + &wanted);
    }
    whole.succeed(&["run"]);
    assert!(!release(&whole).is_empty());
    assert_eq!(release(&study), release(&whole));
    // Each file is a vintage with its own count.
    let vintages: Value = serde_json::from_str(&study.succeed(&["vintages", "--json"])).unwrap();
    let counts = |year: u32| -> Vec<(String, u64)> {
        let vintages = vintages.as_array().unwrap().iter();
        let vintages = vintages.filter(|vintage| vintage["year"] == year);
        let count = |vintage: &Value| {
            (vintage["part"].as_str().unwrap().to_owned(), vintage["records"].as_u64().unwrap())
        };
        vintages.map(count).collect()
    };
    let wanted = [("01", 101), ("02", 102), ("03", 103), ("04", 104)];
    let wanted: Vec<_> = wanted.map(|(part, count)| (part.to_owned(), count)).to_vec();
    assert_eq!((counts(2020), counts(2021)), (wanted.clone(), wanted));
    assert!(study.succeed(&["run"]).starts_with("nothing to do"));
    let labels = study.succeed(&["labels", "jobs", "--years", "2021"]);
    assert_eq!(labels.matches("raw.jobs 2021  PNADC_0").count(), 4, "{labels}");
}

#[test]
fn a_part_corrected_makes_its_year_anew_and_no_other() {
    let study = by_parts();
    write_quarters(&study);
    study.succeed(&["run"]);
    study.write(&file(2, 2021, 3), text(2, 110));
    let plan = study.succeed(&["plan"]);
    assert!(plan.contains("new file PNADC_022021_3.txt") && !plan.contains("2020_"), "{plan}");
    study.succeed(&["run"]);
    assert_eq!(made(&study), ["raw.jobs 2021"]);
    let wanted: String =
        [(1, 101), (2, 110), (3, 103), (4, 104)].map(|(q, persons)| records(q, persons)).concat();
    assert_eq!(rows_of(&study, 2021), wanted);
}

#[test]
fn a_part_that_is_gone_or_older_stops_the_run() {
    let study = by_parts();
    write_quarters(&study);
    study.succeed(&["run"]);
    let good = release(&study);
    study.remove(&file(4, 2021, 1));
    let said = study.fail(5, &["run"]);
    insta::assert_snapshot!(said, @"
    error: raw.jobs 2021: no file in raw is the part that PNADC_042021_1.txt was
      hint: is the delivery complete? To take the files as they are: `honkvast run --accept-volume jobs`
    ");
    assert_eq!(study.fail(5, &["plan"]), said);
    let status = study.succeed(&["status"]);
    assert!(status.contains("is the part that PNADC_042021_1.txt was"), "{status}");
    assert_eq!(release(&study), good);
    study.succeed(&["run", "--accept-volume", "jobs"]);
    assert_eq!(rows_of(&study, 2021).lines().count(), 306);
    assert!(study.succeed(&["run"]).starts_with("nothing to do"), "it is not asked again");
    study.remove(&file(3, 2020, 11));
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/PNADC_032020_9.txt: is older than PNADC_032020_11.txt, which is current and not taken any more
      hint: is the delivery complete? To take the files as they are: `honkvast run --accept-volume jobs`
    ");
}

#[test]
fn a_new_year_with_fewer_parts_than_the_one_before_stops_the_run() {
    let study = by_parts();
    write_quarters(&study);
    study.replace(STUDY_FILE, "2020..2021", "2020..2020");
    study.succeed(&["run"]);
    study.replace(STUDY_FILE, "2020..2020", "2020..2021");
    study.remove(&file(2, 2021, 2));
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw.jobs 2021: no file in raw is the part that PNADC_022020_2.txt was
      hint: is the delivery complete? To take the files as they are: `honkvast run --accept-volume jobs`
    ");
    // A year that grows by quarters is asked about once.
    study.succeed(&["run", "--accept-volume", "jobs"]);
    study.write(&file(2, 2021, 2), text(2, 102));
    study.succeed(&["run"]);
    assert_eq!(rows_of(&study, 2021).lines().count(), 410);
}

#[test]
fn each_file_is_counted_apart() {
    let study = by_parts();
    study.replace(
        CODEBOOK_FILE,
        "[[columns]]\nname = \"person_id\"",
        "reject_limit = 0.02\n[[columns]]\nname = \"person_id\"",
    );
    write_quarters(&study);
    // Two of a hundred, and one of four hundred, are within the limit.
    study.write(&file(1, 2021, 20_170_225), text(1, 99) + "Q1X;A;x\n");
    study.write(&file(2, 2021, 3), text(2, 98) + ";A;1\nQ2X;A;1;1\n");
    study.succeed(&["run"]);
    assert_eq!(rows_of(&study, 2021).lines().count(), 99 + 98 + 103 + 104);
    let rejects = study.succeed(&["rejects"]);
    for name in ["PNADC_012021_20170225.txt", "PNADC_022021_3.txt"] {
        assert!(rejects.contains(name), "{rejects}");
    }
    // Three of a hundred are not, though the year as a whole is.
    study.write(&file(3, 2021, 12), text(3, 97) + &"Q3X;A;x\n".repeat(3));
    insta::assert_snapshot!(study.fail(4, &["run"]), @"
    error: raw.jobs 2021 (PNADC_032021_12.txt): 3 of 100 records rejected, over the limit of 2 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
    // The guard too knows each part: half of one is an eighth of the year.
    study.replace(STUDY_FILE, "volume_guard = 1\n", "volume_guard = 0.2\n");
    study.remove(&file(3, 2021, 12));
    study.write("raw/PNADC_032021_13.txt.gz", Packing::Gzip.pack(text(3, 50).as_bytes()));
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/PNADC_032021_13.txt.gz: it has 50 records, and PNADC_032021_11.txt had 103
      hint: is the delivery complete? To take the files as they are: `honkvast run --accept-volume jobs`
    ");
}

#[test]
fn columns_of_one_part_may_drift() {
    let study = by_parts();
    freeze_quarters(&study);
    write_quarters(&study);
    study.succeed(&["run"]);
    study.write(&file(3, 2021, 12), text(3, 103).replace('\n', ";1\n").replacen(";1", ";NEW", 1));
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/PNADC_032021_12.txt: the source jobs is frozen, and its columns are not those of PNADC_032021_11.txt: new [name of 3 characters]
      hint: a column of another name or place goes into the codebook, under `header` or `position`; to take the files as they are: `honkvast run --accept-drift jobs`
    ");
    study.succeed(&["run", "--accept-drift", "jobs"]);
    assert_eq!(made(&study), ["raw.jobs 2021"]);
}

fn freeze_quarters(study: &TinyStudy) {
    study.replace(STUDY_FILE, QUARTERS, WHOLE);
    freeze(study);
    study.replace(STUDY_FILE, WHOLE, QUARTERS);
}

#[test]
fn what_is_no_part_of_a_year_is_told() {
    let study = by_parts();
    write_quarters(&study);
    study.write("raw/PNADC_01 (copy)2021_1.txt", text(1, 100));
    study.succeed(&["run"]);
    let plan = study.succeed(&["plan"]);
    let told = "PNADC_01 (copy)2021_1.txt: passed over: what stands at `{part}` is not of letters";
    assert!(plan.contains(told), "{plan}");
    study.write("raw/PNADC_052021_1.txt.part", "half");
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/PNADC_052021_1.txt.part: does not end in .csv, .txt, .dat, .asc, nor so with .gz or .zst, and no other file is this part of its year
      hint: a year without one of its parts is none: deliver it, or take the file away
    ");
    study.remove("raw/PNADC_052021_1.txt.part");
    study.write("raw/PNADC_012021_20170224.csv", text(1, 100));
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/PNADC_012021_20170224.csv: PNADC_012021_20170224.txt claims to be the same version
      hint: leave one of the two in the raw folder, or make the study's `files` narrower
    ");
    let of = |pattern: &str| refusal(|study| study.replace(STUDY_FILE, WHOLE, pattern));
    insta::assert_snapshot!(of("jobs{year}q{part}*"), @"error: pipelines/tiny.toml:11:12: `sources.jobs.files`: `{part}` needs a text or `{year}` between it and `*`, `{version}` or another `{part}`");
    insta::assert_snapshot!(of("jobs{year}{quarter}.csv"), @"error: pipelines/tiny.toml:11:12: `sources.jobs.files`: only `{year}`, `{part}` and `{version}` may stand in braces");
}

#[test]
fn parts_without_a_header_line_and_packed_otherwise_are_read_alike() {
    let named = by_parts();
    write_quarters(&named);
    named.succeed(&["run"]);
    let study = by_parts();
    crate::no_header::take_header_off(&study, &["PERSON", "SECTOR", "HOURS"]);
    for year in [2020, 2021] {
        for (quarter, line_end) in [(1, "\n"), (2, "\r\n"), (3, "\r"), (4, "\n")] {
            let packing = Packing::ALL[quarter as usize % 3];
            let name = file(quarter, year, 1) + packing.ending();
            let text = records(quarter, 100 + quarter).replace('\n', line_end);
            study.write(&name, packing.pack(text.as_bytes()));
        }
    }
    study.succeed(&["run"]);
    assert_eq!(rows_of(&study, 2021), rows_of(&named, 2021));
    assert_eq!(release(&study), release(&named));
}
