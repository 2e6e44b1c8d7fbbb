//! Half a delivery is not a delivery: files that are much smaller than the
//! vintage before them stop the run, and so does an older version.

use serde_json::{Value, json};

use crate::drift::events;
use crate::raw_form::Packing;
use crate::tiny_study::{STUDY_FILE, TinyStudy, jobs};
use crate::workplace::stderr;

/// The study with the guard that every source has, and both years ingested.
fn guarded() -> TinyStudy {
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, "volume_guard = 1\n", "");
    study.write("raw/jobs2020V1.csv", jobs(1000));
    study.write("raw/jobs2021V1.csv", jobs(1000));
    study.succeed(&["run"]);
    study
}

fn release(study: &TinyStudy) -> Vec<u8> {
    std::fs::read(study.place.path("release/current/hours.csv")).unwrap()
}

#[test]
fn half_a_delivery_stops_the_run_before_any_stage() {
    let study = guarded();
    let good = release(&study);
    // Cut at the end of a record, so that nothing else tells.
    study.write("raw/jobs2021V2.csv", jobs(500));
    let said = study.fail(5, &["run"]);
    let (now, before) = (jobs(500).len(), jobs(1000).len());
    let told = format!("it has {now} bytes, and jobs2021V1.csv had {before}");
    assert_eq!(
        said,
        format!(
            "error: raw/jobs2021V2.csv: {told}\n  hint: is the delivery complete? To take the \
             files as they are: `honkvast run --accept-volume jobs`\n"
        )
    );
    assert!(events(&study, "slice_made").is_empty());
    let shrunk = events(&study, "shrunk");
    assert_eq!((shrunk.len(), &shrunk[0]["decision"]), (1, &json!("refused")));
    assert_eq!(release(&study), good);
    let stops =
        format!("jobs2021V2.csv: {told} (the run stops, unless `--accept-volume jobs` is given)\n");
    assert!(study.succeed(&["plan"]).contains(&stops));
    assert!(study.succeed(&["status"]).contains(&stops));
    let plan: Value = serde_json::from_str(&study.succeed(&["plan", "--json"])).unwrap();
    assert_eq!(plan["drift"][0]["volume"]["decision"], "refused");
    // Somebody takes it, and is not asked again.
    study.fail(2, &["run", "--accept-volume", "job"]);
    study.succeed(&["run", "--accept-volume", "jobs"]);
    assert_eq!(events(&study, "shrunk")[0]["decision"], "accepted");
    study.succeed(&["run", "raw.jobs", "--force"]);
    assert!(study.succeed(&["run"]).starts_with("nothing to do"));
    // The next one is held against it.
    study.write("raw/jobs2021V3.csv", jobs(440));
    study.fail(5, &["run"]);
    study.write("raw/jobs2021V3.csv", jobs(460));
    study.succeed(&["run"]);
}

#[test]
fn the_guard_is_the_sources_own() {
    let study = guarded();
    let line = |person: usize| format!("P{person:04};A;10\n");
    let file = |persons: usize| {
        "PERSON;SECTOR;HOURS\n".to_owned() + &(0..persons).map(line).collect::<String>()
    };
    study.write("raw/jobs2020V2.csv", file(2000));
    study.write("raw/jobs2021V2.csv", file(2000));
    study.succeed(&["run"]);
    study.replace(
        STUDY_FILE,
        "codebook = \"codebooks",
        "volume_guard = 0.5\ncodebook = \"codebooks",
    );
    study.write("raw/jobs2021V3.csv", file(1001));
    study.succeed(&["run"]);
    study.replace(STUDY_FILE, "volume_guard = 0.5", "volume_guard = 0.05");
    study.write("raw/jobs2021V4.csv", file(940));
    study.fail(5, &["run"]);
    study.write("raw/jobs2021V4.csv", file(960));
    study.succeed(&["run"]);
    study.replace(STUDY_FILE, "volume_guard = 0.05", "volume_guard = 2");
    study.fail(2, &["validate"]);
}

#[test]
fn records_are_counted_where_bytes_cannot_be_compared() {
    let study = guarded();
    let good = release(&study);
    for packing in [Packing::Gzip, Packing::Zstd] {
        let file = format!("raw/jobs2021V2.csv{}", packing.ending());
        study.write(&file, packing.pack(jobs(800).as_bytes()));
        let said = study.fail(5, &["run"]);
        let told = "it has 800 records, and jobs2021V1.csv had 1000";
        assert!(said.contains(told) && said.contains("--accept-volume jobs"), "{said}");
        assert_eq!(release(&study), good);
        study.remove(&file);
    }
    study.write("raw/jobs2021V2.csv.gz", Packing::Gzip.pack(jobs(950).as_bytes()));
    study.succeed(&["run"]);
    // Wider records hide the loss from a look at bytes.
    let wide = |persons: usize| {
        let lines = jobs(persons).lines().map(|line| format!("{line};x\n")).collect::<String>();
        lines.replacen(";x", ";NOTE", 1)
    };
    study.write("raw/jobs2021V3.csv.gz", Packing::Gzip.pack(wide(700).as_bytes()));
    study.fail(5, &["run"]);
    study.succeed(&["run", "--accept-volume", "jobs"]);
}

#[test]
fn a_file_of_a_header_alone_stops_whatever_the_guard_and_a_first_one_is_taken() {
    let study = guarded();
    study.replace(STUDY_FILE, "codebook = \"codebooks", "volume_guard = 1\ncodebook = \"codebooks");
    study.write("raw/jobs2021V2.csv", "PERSON;SECTOR;HOURS\n");
    let said = study.fail(5, &["run"]);
    assert!(said.contains("it has 0 records, and jobs2021V1.csv had 1000"), "{said}");
    // Half of a file that was never seen whole is no half.
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, "volume_guard = 1\n", "");
    study.write_raw();
    study.succeed(&["run"]);
}

#[test]
fn years_of_one_run_are_held_against_one_another() {
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, "volume_guard = 1\n", "");
    study.write("raw/jobs2020V1.csv", jobs(1000));
    study.write("raw/jobs2021V1.csv", jobs(500));
    let said = study.fail(5, &["run"]);
    assert!(
        said.contains("jobs2021V1.csv: it has") && said.contains("jobs2020V1.csv had"),
        "{said}"
    );
    study.succeed(&["run", "--accept-volume", "jobs"]);
}

#[test]
fn an_acceptance_outlives_a_run_that_fails_later() {
    let study = guarded();
    study.write("raw/jobs2021V2.csv", jobs(500) + "short\n");
    study.fail(4, &["run", "--accept-volume", "jobs"]);
    let said = study.fail(4, &["run"]);
    assert!(said.contains("records rejected"), "{said}");
    study.write("raw/jobs2021V2.csv", jobs(500) + "other\n");
    study.fail(5, &["run"]);
}

#[test]
fn an_older_version_does_not_take_the_place_of_a_newer_one() {
    let study = guarded();
    study.write("raw/jobs2021V2.csv", jobs(1010));
    study.succeed(&["run"]);
    let good = release(&study);
    study.remove("raw/jobs2021V2.csv");
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/jobs2021V1.csv: is older than jobs2021V2.csv, which is current and not taken any more
      hint: is the delivery complete? To take the files as they are: `honkvast run --accept-volume jobs`
    ");
    let plan = study.output("error", &["plan"]);
    assert!(stderr(&plan).contains("is older than jobs2021V2.csv"), "{}", stderr(&plan));
    assert_eq!(release(&study), good);
    study.succeed(&["run", "--accept-volume", "jobs"]);
    assert_ne!(release(&study), good);
    assert!(study.succeed(&["run"]).starts_with("nothing to do"));
}
