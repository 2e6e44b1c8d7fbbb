//! Raw files that are not as their codebook says: one clear error or counted
//! rejects, the right exit code, never a value of the data in a message, and
//! the last good state still stands.

mod spss;

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tiny_study::{CODEBOOK_FILE, TinyStudy, files_below, jobs};

/// Stands in the bad records; no message may show it.
const CANARY: &str = "KANARIE77";

const QUESTION: &str = "select count(*) as rows, sum(hour_count) as hours from out.hours";

/// What readers see: the current tables and the release, file by file, and the
/// answer to a question.
#[derive(Debug, PartialEq)]
struct State {
    files: BTreeMap<PathBuf, Vec<u8>>,
    answer: String,
}

/// The study with a good state that a run has made, and a bad one to come.
struct Scene {
    study: TinyStudy,
    good: State,
}

impl Scene {
    fn new() -> Self {
        let study = TinyStudy::new();
        study.write_raw();
        study.succeed(&["run"]);
        let good = state(&study);
        assert_eq!(good.answer, "rows,hours\n4,4720\n", "the good state is as it was written");
        Scene { study, good }
    }

    /// Runs again, which must fail with this code; gives its stderr.
    fn refusal(&self, code: i32) -> String {
        let said = self.study.fail(code, &["run"]);
        assert!(!said.contains(CANARY), "{said}");
        let traced = self.study.output("trace", &["run"]);
        assert_eq!(traced.status.code(), Some(code), "a second run fails alike");
        assert!(!contains(&traced.stderr, CANARY), "however much is logged");
        self.stands();
        self.keeps_secrets();
        said
    }

    /// The last good state is as it was, byte for byte.
    fn stands(&self) {
        assert_eq!(state(&self.study), self.good, "the last good state");
    }

    /// No value of the bad records is in the lake outside of data, or in what a
    /// command tells; and the lake is closed to others.
    fn keeps_secrets(&self) {
        crate::canary::keeps_secrets(&self.study);
        private(&self.study.place.path("lake"));
    }

    /// Spoils the raw file of 2021, plain.
    fn with_raw(content: impl AsRef<[u8]>) -> Self {
        let scene = Scene::new();
        scene.study.write("raw/jobs2021V1.csv", content);
        scene
    }

    /// A newer raw file of 2021, packed.
    fn with_packed(packed: &[u8]) -> Self {
        let scene = Scene::new();
        scene.study.write("raw/jobs2021V2.csv.gz", packed);
        scene
    }
}

fn state(study: &TinyStudy) -> State {
    let mut files = files_below(&study.place.path("release/current"));
    files.extend(files_below(&study.place.path("lake/current")));
    for link in ["release/current", "lake/current"] {
        let target = std::fs::read_link(study.place.path(link)).unwrap();
        files.insert(study.place.path(link), target.into_os_string().into_encoded_bytes());
    }
    State { files, answer: study.succeed(&["sql", QUESTION, "--format", "csv"]) }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Folders of the lake are 0700, files 0600.
fn private(path: &Path) {
    let metadata = std::fs::symlink_metadata(path).unwrap();
    if metadata.is_symlink() {
        return;
    }
    let wanted = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(metadata.permissions().mode() & 0o7777, wanted, "{}", path.display());
    if metadata.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| private(&entry.unwrap().path()));
    }
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Rejects by file, rule, column, count and first line.
fn rejects(study: &TinyStudy, more: &[&str]) -> Vec<String> {
    let text = study.succeed(&[&["rejects", "--json"], more].concat());
    let shown = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let column = row["column"].as_str().unwrap_or("-").to_owned();
        let (file, rule) = (row["file"].as_str().unwrap(), row["rule"].as_str().unwrap());
        format!("{file}, {column}, {rule}: {} from line {}", row["record_count"], row["first_line"])
    };
    text.lines().map(shown).collect()
}

/// A file with bad records behind good ones.
fn with_bad_records(good: usize, bad: &[&str]) -> String {
    jobs(good) + &bad.join("\n") + "\n"
}

#[test]
fn a_wrong_delimiter_is_named() {
    let commas = jobs(100).replace(';', ",") + CANARY + ",A,1\n";
    insta::assert_snapshot!(Scene::with_raw(&commas).refusal(5), @"
    error: raw/jobs2021V1.csv:1: the fields are delimited by `,`, but the codebook says `;`
      hint: correct `delimiter` in the codebook
    ");
    insta::assert_snapshot!(Scene::with_packed(&packed(&commas)).refusal(5), @"
    error: raw/jobs2021V2.csv.gz:1: the fields are delimited by `,`, but the codebook says `;`
      hint: correct `delimiter` in the codebook
    ");
}

#[test]
fn a_missing_required_column_is_named() {
    let text = jobs(100).replace("SECTOR", "BRANCH") + CANARY + ";A;1\n";
    insta::assert_snapshot!(Scene::with_raw(&text).refusal(5), @"error: raw/jobs2021V1.csv:1: column SECTOR: is missing in the header line");
    insta::assert_snapshot!(Scene::with_packed(&packed(&text)).refusal(5), @"error: raw/jobs2021V2.csv.gz:1: column SECTOR: is missing in the header line");
}

#[test]
fn a_header_with_a_column_twice_is_refused() {
    let text = jobs(100).replace("HOURS", "HOURS;Sector") + CANARY + ";A;1;0\n";
    insta::assert_snapshot!(Scene::with_raw(text).refusal(5), @"error: raw/jobs2021V1.csv:1: column SECTOR: stands twice in the header line");
}

#[test]
fn a_file_without_a_header_shows_no_value_of_its_first_line() {
    let text = format!("{CANARY};A;1\n{}", jobs(100));
    insta::assert_snapshot!(Scene::with_raw(text).refusal(5), @"
    error: raw/jobs2021V1.csv:1: no name of the codebook stands in the first line
      hint: is it a header line, and the file one of this source?
    ");
}

#[test]
fn a_duplicated_key_stops_the_run() {
    let text = with_bad_records(100, &["KANARIE77;A;1", "KANARIE77;B;2", "KANARIE77;B;3"]);
    insta::assert_snapshot!(Scene::with_raw(&text).refusal(3), @"
    error: staging.jobs 2021: 2 rows have the same key (person_id) as another row
      hint: look for records that stand twice among the raw files; `honkvast sql --run last` over the upstream table finds them
    ");
    insta::assert_snapshot!(Scene::with_packed(&packed(&text)).refusal(3), @"
    error: staging.jobs 2021: 2 rows have the same key (person_id) as another row
      hint: look for records that stand twice among the raw files; `honkvast sql --run last` over the upstream table finds them
    ");
}

#[test]
fn a_truncated_last_line_is_one_reject_within_a_generous_limit() {
    let study = TinyStudy::new();
    study.write_raw();
    study.replace(
        CODEBOOK_FILE,
        "[[columns]]\nname = \"person_id\"",
        "reject_limit = 0.01\n[[columns]]\nname = \"person_id\"",
    );
    study.write("raw/jobs2021V1.csv", jobs(100) + "KANARIE77;A");
    study.succeed(&["run"]);
    assert_eq!(rejects(&study, &[]), ["jobs2021V1.csv, -, too few fields: 1 from line 102"]);
    let answer = study.succeed(&["sql", "select count(*) as n from raw.jobs", "--format", "csv"]);
    assert_eq!(answer, "n\n200\n", "a rejected record is no row");
    let (scene, bad) = (Scene { good: state(&study), study }, jobs(90) + "KANARIE77;A");
    scene.study.write("raw/jobs2021V2.csv", bad);
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V2.csv): 1 of 91 records rejected, over the limit of 1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
}

#[test]
fn a_truncated_last_line_over_the_limit_stops_the_run() {
    let scene = Scene::with_raw(jobs(100) + "KANARIE77;A");
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V1.csv): 1 of 101 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
    let found = rejects(&scene.study, &["--run", "last"]);
    assert_eq!(found, ["jobs2021V1.csv, -, too few fields: 1 from line 102"]);
    let none: Vec<String> = Vec::new();
    assert_eq!(rejects(&scene.study, &[]), none, "what is current has no rejects");
}

#[test]
fn rejects_over_the_limit_are_counted_by_rule_and_column_and_shown_on_demand() {
    let bad = ["KANARIE77;A;many", "KANARIE77;A;1;2", ";A;1", "KANARIE77", "", "KANARIE78;A;few"];
    let scene = Scene::with_packed(&packed(&with_bad_records(100, &bad)));
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V2.csv.gz): 6 of 106 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
    insta::assert_snapshot!(rejects(&scene.study, &["--run", "last"]).join("\n"), @"
    jobs2021V2.csv.gz, -, empty line: 1 from line 106
    jobs2021V2.csv.gz, person_id, mandatory value missing: 1 from line 104
    jobs2021V2.csv.gz, hour_count, not an integer: 2 from line 102
    jobs2021V2.csv.gz, -, too few fields: 1 from line 105
    jobs2021V2.csv.gz, -, too many fields: 1 from line 103
    ");
    let rows =
        scene.study.succeed(&["rejects", "jobs", "--run", "last", "--rows", "--format", "csv"]);
    insta::assert_snapshot!(rows, @r#"
    file,line,column,rule,raw_text
    jobs2021V2.csv.gz,102,hour_count,not an integer,KANARIE77;A;many
    jobs2021V2.csv.gz,103,,too many fields,KANARIE77;A;1;2
    jobs2021V2.csv.gz,104,person_id,mandatory value missing,;A;1
    jobs2021V2.csv.gz,105,,too few fields,KANARIE77
    jobs2021V2.csv.gz,106,,empty line,""
    jobs2021V2.csv.gz,107,hour_count,not an integer,KANARIE78;A;few
    "#);
}

#[test]
fn the_limit_of_rejects_is_exact() {
    let records = |good: usize| jobs(good).replace('P', "Q") + "KANARIE77;A;x\n";
    // One in a thousand is allowed by default.
    let study = TinyStudy::new();
    study.write_raw();
    study.write("raw/jobs2021V1.csv", records(999).replace("QERSON", "PERSON"));
    study.succeed(&["run"]);
    let scene = Scene::with_raw(records(998).replace("QERSON", "PERSON"));
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V1.csv): 1 of 999 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
}

#[test]
fn a_truncated_or_damaged_gzip_is_refused() {
    let whole = packed(&(jobs(900) + CANARY + ";A;1\n"));
    let cut = Scene::with_packed(&whole[..whole.len() - 5]);
    insta::assert_snapshot!(cut.refusal(5), @"
    error: raw/jobs2021V2.csv.gz: the gzip stream ends early after 9034 bytes of text; the copy is probably incomplete
      hint: copy the file again
    ");
    let mut damaged = whole.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    insta::assert_snapshot!(Scene::with_packed(&damaged).refusal(5), @"
    error: raw/jobs2021V2.csv.gz: the gzip stream is damaged after 9034 bytes of text
      hint: copy the file again
    ");
    insta::assert_snapshot!(Scene::with_packed(jobs(100).as_bytes()).refusal(5), @"
    error: raw/jobs2021V2.csv.gz: is named .gz but holds no gzip stream
      hint: take the .gz off its name, or deliver it again
    ");
}

#[test]
fn nul_bytes_are_rejected_in_records_and_refused_in_the_header() {
    let in_record = jobs(100) + "KANARIE77\0;A;1\n";
    let scene = Scene::with_raw(&in_record);
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V1.csv): 1 of 101 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
    let found = rejects(&scene.study, &["--run", "last"]);
    assert_eq!(found, ["jobs2021V1.csv, -, NUL byte: 1 from line 102"]);
    let in_header = jobs(100).replace("SECTOR", "SEC\0TOR");
    insta::assert_snapshot!(Scene::with_raw(in_header).refusal(5), @"error: raw/jobs2021V1.csv:1: the header line has NUL bytes; it is no text file");
}

#[test]
fn an_empty_file_is_refused() {
    insta::assert_snapshot!(Scene::with_raw("").refusal(5), @"
    error: raw/jobs2021V1.csv: is empty
      hint: deliver the file again, or take it away
    ");
    insta::assert_snapshot!(Scene::with_packed(&packed("")).refusal(5), @"
    error: raw/jobs2021V2.csv.gz: is empty
      hint: deliver the file again, or take it away
    ");
}

#[test]
fn a_year_without_a_file_is_named_with_what_was_looked_for() {
    let scene = Scene::new();
    scene.study.remove("raw/jobs2021V1.csv");
    insta::assert_snapshot!(scene.refusal(5), @"
    error: no raw file for raw.jobs 2021
      hint: looked in raw for jobs{year}V{version}.*
    ");
}

#[test]
fn two_files_that_claim_one_version_are_named() {
    let scene = Scene::new();
    scene.study.write("raw/jobs2021V1.csv.gz", packed(&jobs(50)));
    insta::assert_snapshot!(scene.refusal(5), @"
    error: raw/jobs2021V1.csv: jobs2021V1.csv.gz claims to be the same version
      hint: leave one of the two in the raw folder, or make the study's `files` narrower
    ");
    scene.study.remove("raw/jobs2021V1.csv.gz");
    scene.study.write("raw/jobs2021V01.csv", jobs(50));
    insta::assert_snapshot!(scene.refusal(5), @"
    error: raw/jobs2021V01.csv: jobs2021V1.csv claims to be the same version
      hint: leave one of the two in the raw folder, or make the study's `files` narrower
    ");
}

#[test]
fn a_missing_raw_folder_is_named() {
    let scene = Scene::new();
    std::fs::rename(scene.study.place.path("raw"), scene.study.place.path("elsewhere")).unwrap();
    insta::assert_snapshot!(scene.refusal(5), @"
    error: raw: there is no such folder of raw files
      hint: give the folder of raw files with `--raw DIR`
    ");
}

#[test]
fn a_value_that_the_sql_cannot_cast_is_not_shown() {
    let scene = Scene::with_raw(with_bad_records(100, &["P999;KANARIE77;1"]));
    scene.study.replace(
        "sql/tiny/staging/jobs.sql",
        "    sector_code,",
        "    cast(nullif(nullif(sector_code, 'A'), 'B') as bigint) as sector_code,",
    );
    insta::assert_snapshot!(scene.refusal(1), @"error: staging.jobs 2021 (sql/tiny/staging/jobs.sql): a value that cannot be cast to the type asked for");
}

#[test]
fn a_check_that_stops_counts_its_rows_and_shows_none() {
    let scene = Scene::with_raw(with_bad_records(100, &["KANARIE77;A;169", "KANARIE78;A;170"]));
    let said = scene.refusal(3);
    let run = said.split_once("--run ").unwrap().1.split_once(' ').unwrap().0.to_owned();
    insta::assert_snapshot!(said.replace(&run, "<run>"), @r#"
    error: 1 of 1 checks stopped the run: nobody_works_too_long (2 rows)
      hint: the rows are in <folder>/lake/checks; `honkvast sql --run <run> "…"` reads the tables
    "#);
    // The candidate of that run answers, beside the tables that are current.
    let found = "select count(*) as n from staging.jobs where hour_count > 168";
    assert_eq!(scene.study.succeed(&["sql", "--run", &run, found, "--format", "csv"]), "n\n2\n");
    assert_eq!(scene.study.succeed(&["sql", found, "--format", "csv"]), "n\n0\n");
}

#[test]
fn a_good_file_after_a_bad_one_makes_all_well() {
    let scene = Scene::with_raw(jobs(100).replace(';', ","));
    scene.refusal(5);
    scene.study.write("raw/jobs2021V2.csv", jobs(98));
    scene.study.succeed(&["run"]);
    let after = state(&scene.study);
    assert_ne!(after, scene.good);
    assert!(after.answer.starts_with("rows,hours\n4,"), "{}", after.answer);
}
