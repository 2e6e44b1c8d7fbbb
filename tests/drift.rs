//! Raw files whose columns are not those of the vintage before them: a frozen
//! source stops the run before any stage, a followed one reports it, and the
//! history tells what each vintage had.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::raw_form::Packing;
use crate::tiny_study::{CODEBOOK_FILE, STUDY_FILE, TinyStudy, files_below, jobs};
use crate::workplace::stderr;

/// A file of 2021 in which a column is new, one is lost and one is retyped.
fn drifted() -> String {
    let row = |person: usize| {
        format!("P{person:03};{};{}h;1\n", ["A", "B"][person % 2], 10 + person % 30)
    };
    "PERSON;SECTOR;HOURS;WAGE\n".to_owned() + &(1..=100).map(row).collect::<String>()
}

/// The same without letters in the hours, and with a column that the codebook
/// does not know: ingest takes it.
fn with_a_wage() -> String {
    let row = |line: &str| format!("{line};1,50\n");
    let text = jobs(100);
    let mut lines = text.lines();
    let header = format!("{};WAGE\n", lines.next().unwrap());
    header + &lines.map(row).collect::<String>()
}

/// The study with a source that is frozen, and both years ingested.
fn frozen() -> TinyStudy {
    let study = TinyStudy::new();
    freeze(&study);
    study.write_raw();
    study.succeed(&["run"]);
    study
}

/// Makes the source a frozen one.
pub(crate) fn freeze(study: &TinyStudy) {
    let files = "files    = \"jobs{year}V{version}.*\"";
    study.replace(STUDY_FILE, files, &format!("{files}\ndrift = \"freeze\""));
}

/// Everything in lake and release but for the ledger, which tells of the run
/// that stopped, and the fingerprints of raw files.
fn state(study: &TinyStudy) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files_below(&study.place.path("lake"));
    files.extend(files_below(&study.place.path("release")));
    let is_kept = |path: &PathBuf| {
        let path = path.display().to_string();
        !path.contains("lake/ledger/")
            && !path.ends_with("lake/files.json")
            && !path.ends_with("lake/lock")
    };
    files.retain(|path, _| is_kept(path));
    files
}

/// Events of the last run by their name.
pub(crate) fn events(study: &TinyStudy, name: &str) -> Vec<Value> {
    let events: Value = serde_json::from_str(&study.succeed(&["show", "last", "--json"])).unwrap();
    let events = events.as_array().unwrap().iter();
    events.filter(|event| event["event"] == name).cloned().collect()
}

/// File, new, lost and retyped columns, and what became of it, for each
/// vintage of the history.
fn history(study: &TinyStudy) -> Vec<String> {
    let vintages: Value = serde_json::from_str(&study.succeed(&["vintages", "--json"])).unwrap();
    let line = |vintage: &Value| {
        let drift = &vintage["drift"];
        let (new, lost, retyped) = (&drift["new"], &drift["lost"], &drift["retyped"]);
        let file = vintage["name"].as_str().unwrap();
        let decision = vintage["decision"].as_str().unwrap();
        format!("{file} +{new} -{lost} ~{retyped} {decision}")
    };
    vintages.as_array().unwrap().iter().map(line).collect()
}

#[test]
fn a_frozen_source_stops_the_run_before_any_stage() {
    let study = frozen();
    let good = state(&study);
    let text = drifted().replace("SECTOR", "BRANCH");
    study.write("raw/jobs2021V2.csv", &text);
    study.write("raw/jobs2020V2.csv.gz", Packing::Gzip.pack(with_a_wage().as_bytes()));
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/jobs2020V2.csv.gz: the source jobs is frozen, and its columns are not those of jobs2020V1.csv: new [name of 4 characters]
    raw/jobs2021V2.csv: the source jobs is frozen, and its columns are not those of jobs2021V1.csv: new [name of 6 characters], [name of 4 characters]; lost SECTOR; retyped HOURS (integer, now text)
      hint: a column of another name or place goes into the codebook, under `header` or `position`; to take the files as they are: `honkvast run --accept-drift jobs`
    ");
    assert_eq!(state(&study), good, "nothing was made and nothing moved");
    assert!(events(&study, "slice_made").is_empty());
    let told = events(&study, "drifted");
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|event| event["decision"] == "refused"), "{told:?}");
    assert_eq!(study.output("error", &["plan"]).status.code(), Some(0), "plan only tells");
    insta::assert_snapshot!(study.succeed(&["plan"]), @"
    raw.jobs 2020      will be made: new file jobs2020V2.csv.gz
    raw.jobs 2021      will be made: new file jobs2021V2.csv
    staging.jobs 2020  made if raw.jobs 2020 changes
    staging.jobs 2021  made if raw.jobs 2021 changes
    out.hours 2020     made if staging.jobs 2020 changes
    out.hours 2021     made if staging.jobs 2021 changes
    release            published if what it is made from changes
    0 slices are up to date
    jobs2020V2.csv.gz: its columns are not those of jobs2020V1.csv: new [name of 4 characters] (jobs is frozen: the run stops, unless `--accept-drift jobs` is given)
    jobs2021V2.csv: its columns are not those of jobs2021V1.csv: new [name of 6 characters], [name of 4 characters]; lost SECTOR; retyped HOURS (integer, now text) (jobs is frozen: the run stops, unless `--accept-drift jobs` is given)
    ");
}

#[test]
fn what_is_accepted_is_taken_and_stays_accepted() {
    let study = frozen();
    study.write("raw/jobs2021V2.csv", with_a_wage());
    let good = state(&study);
    study.fail(5, &["run"]);
    assert_eq!(state(&study), good);
    insta::assert_snapshot!(study.fail(2, &["run", "--accept-drift", "job"]), @"
    error: the study has no source `job`
      hint: did you mean `jobs`?
    ");
    study.succeed(&["run", "--accept-drift", "jobs"]);
    let told = events(&study, "drifted");
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["decision"], &told[0]["drift"]["new"], &told[0]["compared_with"]),
        (&json!("accepted"), &json!(["[name of 4 characters]"]), &json!("jobs2021V1.csv"))
    );
    assert!(study.succeed(&["run"]).starts_with("nothing to do"));
    // The lake may be emptied of it: the file is known.
    study.succeed(&["run", "raw.jobs", "--force"]);
    assert!(!stderr(&study.output("error", &["run"])).contains("frozen"));
    // The next vintage is held against the accepted one.
    study.replace(STUDY_FILE, "2020..2021", "2020..2022");
    study.write("raw/jobs2022V1.csv", with_a_wage());
    study.succeed(&["run"]);
    study.write("raw/jobs2022V2.csv", jobs(100));
    let said = study.fail(5, &["run"]);
    assert!(said.contains("not those of jobs2022V1.csv: lost [name of 4 characters]"), "{said}");
}

#[test]
fn an_acceptance_outlives_a_run_that_fails_later() {
    let study = frozen();
    study.write("raw/jobs2021V2.csv", with_a_wage() + "short\n");
    study.fail(4, &["run", "--accept-drift", "jobs"]);
    let said = study.fail(4, &["run"]);
    assert!(said.contains("records rejected"), "{said}");
    assert_eq!(
        history(&study).last().unwrap(),
        r#"jobs2021V2.csv +["[name of 4 characters]"] -[] ~[] accepted"#
    );
    // Another file of the same kind is not the one that was accepted.
    study.write("raw/jobs2021V2.csv", with_a_wage() + "other\n");
    study.fail(5, &["run"]);
}

#[test]
fn a_followed_source_goes_on_and_reports() {
    let study = TinyStudy::new();
    study.write_raw();
    study.write(
        "raw/jobs2021V1.csv",
        with_a_wage().replace("HOURS", "HOURS;NOTE").replace(";1,50", ";x;1,50"),
    );
    let text = study.succeed(&["plan"]);
    let line = text.lines().last().unwrap();
    assert_eq!(
        line,
        "jobs2021V1.csv: its columns are not those of jobs2020V1.csv: new [name of 4 characters] (2 times) (followed)"
    );
    let output = study.output("warn", &["run"]);
    assert!(output.status.success());
    let said = stderr(&output);
    assert!(
        said.contains(
            "jobs2021V1.csv: its columns are not those of jobs2020V1.csv: new [name of 4 characters] (2 times)"
        ),
        "{said}"
    );
    assert_eq!(events(&study, "drifted")[0]["decision"], "followed");
    let status = study.succeed(&["status"]);
    assert!(
        status.contains(
            "drift    jobs: jobs2021V1.csv: new [name of 4 characters] (2 times) (followed)\n"
        ),
        "{status}"
    );
    let status: Value = serde_json::from_str(&study.succeed(&["status", "--json"])).unwrap();
    assert_eq!(
        status["drift"][0]["drift"]["new"],
        json!(["[name of 4 characters]", "[name of 4 characters]"])
    );
    assert_eq!(status["pending_drift"], json!([]));
}

#[test]
fn a_new_version_is_held_against_the_former_one_of_its_year() {
    let study = frozen();
    study.write("raw/jobs2021V2.csv", with_a_wage());
    study.succeed(&["run", "--accept-drift", "jobs"]);
    // 2020 has no wage, but the former version of 2021 has.
    study.write("raw/jobs2021V3.csv", with_a_wage().replace("P001", "P101"));
    study.succeed(&["run"]);
    assert!(events(&study, "drifted").is_empty());
    assert_eq!(
        history(&study),
        [
            "jobs2020V1.csv +[] -[] ~[] first",
            "jobs2021V1.csv +[] -[] ~[] same",
            "jobs2021V2.csv +[\"[name of 4 characters]\"] -[] ~[] accepted",
            "jobs2021V3.csv +[] -[] ~[] same",
        ]
    );
    // A file that was ingested once is known; but an older one is asked about.
    study.remove("raw/jobs2021V3.csv");
    study.remove("raw/jobs2021V2.csv");
    study.fail(5, &["run"]);
    study.succeed(&["run", "--accept-volume", "jobs"]);
}

#[test]
fn names_of_the_codebook_and_years_in_names_are_no_drift() {
    let study = TinyStudy::new();
    freeze(&study);
    study.replace(
        CODEBOOK_FILE,
        "header = \"SECTOR\"",
        "header = { \"..2020\" = \"BRANCH\", \"2021..\" = \"SECTOR\" }",
    );
    study.replace(CODEBOOK_FILE, "header = \"HOURS\"", "header = \"HOURS{year}\"");
    let file = |year: &str, sector: &str, other: &str| {
        let row = |line: &str| format!("{line};1\n");
        let text = jobs(100).replace("SECTOR", sector).replace("HOURS", &format!("HOURS{year}"));
        let mut lines = text.lines();
        let header = format!("{};{other}\n", lines.next().unwrap());
        header + &lines.map(row).collect::<String>()
    };
    // A classification of 2008, the file's year, and a name in other letters.
    study.write("raw/jobs2020V1.csv", file("2020", "BRANCH", "SBI2008V2020"));
    study.write("raw/jobs2021V1.csv", file("2021", "Sector", "Sbi2008v2021"));
    study.succeed(&["run"]);
    assert!(events(&study, "drifted").is_empty(), "{:?}", events(&study, "drifted"));
    study.write("raw/jobs2021V2.csv", file("2021", "Sector", "SBI2008V20"));
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/jobs2021V2.csv: the source jobs is frozen, and its columns are not those of jobs2021V1.csv: new [name of 10 characters]; lost [name of 12 characters]
      hint: a column of another name or place goes into the codebook, under `header` or `position`; to take the files as they are: `honkvast run --accept-drift jobs`
    ");
}

#[test]
fn a_column_that_the_codebook_ends_is_not_lost() {
    let study = TinyStudy::new();
    freeze(&study);
    let text = "name = \"old_code\"\nheader = { \"..2020\" = \"OLD\" }\ntype = \"text\"\nrequired = false\n";
    let codebook = std::fs::read_to_string(study.place.path(CODEBOOK_FILE)).unwrap();
    study.write(CODEBOOK_FILE, format!("{codebook}\n[[columns]]\n{text}"));
    study.write("raw/jobs2020V1.csv", with_a_wage().replace("WAGE", "OLD"));
    study.write("raw/jobs2021V1.csv", jobs(100));
    study.succeed(&["run"]);
    assert!(events(&study, "drifted").is_empty());
}

#[test]
fn a_file_without_a_header_tells_none_of_its_values() {
    let study = frozen();
    study.write("raw/jobs2021V2.csv", "KANARIE77;A;1\n".to_owned() + &jobs(100));
    let output = study.output("trace", &["run"]);
    assert_eq!(output.status.code(), Some(5));
    study.succeed(&["status"]);
    let told = [stderr(&output), study.succeed(&["plan"]), study.succeed(&["vintages"])].concat();
    let lake = files_below(&study.place.path("lake"));
    let kept = lake.into_iter().filter(|(path, _)| !path.display().to_string().contains("parquet"));
    let kept: String =
        kept.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()).collect();
    assert!(!told.contains("KANARIE77") && !kept.contains("KANARIE77"));
}

#[test]
fn the_history_shows_what_each_vintage_had() {
    let study = TinyStudy::new();
    study.write_raw();
    study.write("raw/jobs2021V3.csv", with_a_wage());
    assert_eq!(study.succeed(&["run"]).lines().count(), 1);
    let run = study.succeed(&["history", "--json"]);
    let run: Value = serde_json::from_str(&run).unwrap();
    let run = run[0]["run"].as_str().unwrap();
    let text = study.succeed(&["vintages", "jobs"]).replace(run, "<run>");
    let ats: Vec<&str> =
        text.split("ingested ").skip(1).map(|rest| rest.split(' ').next().unwrap()).collect();
    assert!(ats.iter().all(|at| at.ends_with('Z')), "{ats:?}");
    let text = ats.iter().fold(text.clone(), |text, at| text.replace(at, "<time>"));
    insta::assert_snapshot!(text, @"
    jobs 2020  jobs2020V1.csv (version 1)
      ingested <time> by run <run>
      3 columns: PERSON text, SECTOR text, HOURS integer
      the first one
    jobs 2021  jobs2021V3.csv (version 3)
      ingested <time> by run <run>
      4 columns: PERSON text, SECTOR text, HOURS integer, [name of 4 characters] text
      after jobs2020V1.csv (version 1): new [name of 4 characters] (followed)
    ");
    let json: Value = serde_json::from_str(&study.succeed(&["vintages", "--json"])).unwrap();
    assert_eq!(json[1]["source"], "jobs");
    assert_eq!(json[1]["run"], run);
    assert_eq!(json[1]["version"], json!([3]));
    assert_eq!(json[1]["hash"], blake3::hash(with_a_wage().as_bytes()).to_hex().as_str());
    assert_eq!(
        json[1]["layout"]["columns"],
        json!([
            {"name": "PERSON", "kind": "text"},
            {"name": "SECTOR", "kind": "text"},
            {"name": "HOURS", "kind": "integer"},
            {"name": "[name of 4 characters]", "kind": "text"},
        ])
    );
    // A second run and `gc` leave it as it is.
    let before = study.succeed(&["vintages", "--json"]);
    study.succeed(&["run", "--force"]);
    study.succeed(&["gc"]);
    assert_eq!(study.succeed(&["vintages", "--json"]), before);
    insta::assert_snapshot!(study.fail(2, &["vintages", "jabs"]), @"
    error: the study has no source `jabs`
      hint: did you mean `jobs`?
    ");
}

#[test]
fn a_run_without_work_reads_no_file() {
    let study = frozen();
    let file = study.place.path("raw/jobs2021V1.csv");
    let modified = file.metadata().unwrap().modified().unwrap();
    let then = modified - std::time::Duration::from_secs(60);
    std::fs::File::options().write(true).open(&file).unwrap().set_modified(then).unwrap();
    study.succeed(&["run"]);
    // The history cannot be read, and nobody looks at it.
    study.write("lake/vintages/jobs.jsonl", "{ half\n");
    assert!(study.succeed(&["run"]).starts_with("nothing to do"));
    study.write("raw/jobs2021V2.csv", jobs(99));
    insta::assert_snapshot!(study.fail(1, &["run"]), @"
    error: <folder>/lake/vintages/jobs.jsonl: damaged: line 1 is not a vintage
      hint: `honkvast verify` reads all and names what is damaged, `honkvast verify --repair` sets it aside, and the next run makes it again
    ");
}

#[test]
fn a_source_says_freeze_or_follow_and_nothing_else() {
    let study = TinyStudy::new();
    freeze(&study);
    study.succeed(&["validate"]);
    study.replace(STUDY_FILE, "drift = \"freeze\"", "drift = \"ignore\"");
    insta::assert_snapshot!(study.fail(2, &["validate"]), @r#"error: pipelines/tiny.toml:12:9: `sources.jobs.drift`: must be "freeze" or "follow""#);
}
