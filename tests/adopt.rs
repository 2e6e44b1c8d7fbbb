//! `adopt`: slices of a former version keep their data where the present one
//! makes the same, and nothing else is taken over.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;

use serde_json::Value;

use crate::chain::{Chain, Files, assert_same_files, resolved, texts};
use crate::former::leave_by_a_former_version;
use crate::gc::holdings;
use crate::tiny_study::{CODEBOOK_FILE, OUT_FILE, TinyStudy, jobs};
use crate::workplace::{copy_folder_with_links, stderr};

/// A study whose lake a former version left; that of 2021 is the smaller one.
/// These slices came out otherwise then.
fn study_of_a_former_version(other: &[&str]) -> TinyStudy {
    let study = TinyStudy::new();
    let limited = "reject_limit = 0.5\n[[columns]]\nname = \"person_id\"";
    study.replace(CODEBOOK_FILE, "[[columns]]\nname = \"person_id\"", limited);
    study.write("raw/jobs2020V1.csv", jobs(100) + "P999;A;many\n");
    study.write("raw/jobs2021V1.csv", jobs(20));
    study.succeed(&["run"]);
    leave_by_a_former_version(&study.place.path("lake"), "tiny", other);
    study
}

fn json(study: &TinyStudy, command: &[&str]) -> Value {
    serde_json::from_str(&study.succeed(command)).unwrap()
}

fn release(study: &TinyStudy) -> Files {
    resolved(&study.place.path("release/current"))
}

/// Slices that the plan will or may make.
fn pending(study: &TinyStudy) -> Vec<String> {
    let plan = json(study, &["plan", "--json"]);
    let lines = plan["slices"].as_array().unwrap().iter();
    let lines = lines.filter(|line| line["state"] != "up_to_date");
    lines.map(|line| line["slice"].as_str().unwrap().to_owned()).collect()
}

/// Inodes of the data of all slices, by table and part.
fn inodes(study: &TinyStudy) -> Vec<(String, u64)> {
    let is_data = |name: &String| name.starts_with("slices/") && name.ends_with("/data.parquet");
    let files = holdings(study).into_iter().filter(is_data);
    let inode = |name: String| {
        let inode = study.place.path("lake").join(&name).metadata().unwrap().ino();
        (name.split('/').skip(1).take(2).collect::<Vec<_>>().join(" "), inode)
    };
    files.map(inode).collect()
}

#[test]
fn without_adoption_a_new_version_makes_everything_again() {
    let study = study_of_a_former_version(&[]);
    let plan = study.succeed(&["plan"]);
    assert!(plan.contains("raw.jobs 2020      will be made: honkvast makes other output now"));
    assert_eq!(pending(&study).len(), 6);
}

#[test]
fn where_nothing_differs_all_is_adopted_and_nothing_is_made() {
    let study = study_of_a_former_version(&[]);
    let (before, published, files) = (release(&study), holdings(&study), inodes(&study));
    insta::assert_snapshot!(study.succeed(&["adopt", "--dry-run"]), @"
    table         adopted  proven by  else
    raw.jobs            2       2021
    staging.jobs        2       2021
    out.hours           2       2020
    6 slices would be adopted; `honkvast run` makes the rest, checks and publishes
    ");
    assert_eq!(holdings(&study), published, "a dry run changes nothing");
    assert_eq!(pending(&study).len(), 6);
    let current = resolved(&study.place.path("lake/current"));
    let adoption = json(&study, &["adopt", "--json"]);
    assert_eq!(adoption["adopted"].as_array().unwrap().len(), 6);
    assert_same_files(&resolved(&study.place.path("lake/current")), &current);
    // Twice the folders, and not one file more.
    let mut twice = inodes(&study);
    twice.dedup();
    assert_eq!(twice, files);
    assert_eq!(pending(&study), Vec::<String>::new());
    let rejects = study.succeed(&["rejects", "--json"]);
    assert_eq!(json(&study, &["run", "--json"])["made"], Value::Array(Vec::new()));
    assert_eq!(study.succeed(&["rejects", "--json"]), rejects, "they go along");
    assert!(rejects.contains("\"record_count\":1"), "{rejects}");
    assert_same_files(&release(&study), &before);
    assert!(study.succeed(&["run"]).starts_with("nothing to do in "));
    let again = study.succeed(&["adopt"]);
    assert!(again.contains("\n0 slices adopted; "), "{again}");
    let collected = json(&study, &["gc", "--keep-days", "0", "--keep-runs", "0", "--json"]);
    let things = collected["goes"].as_array().unwrap().iter();
    assert_eq!(things.filter(|thing| thing["kind"] == "slice").count(), 6, "the former ones go");
    assert_eq!(inodes(&study), files, "and the files stay");
    assert!(study.succeed(&["run"]).starts_with("nothing to do in "));
}

#[test]
fn a_table_that_comes_out_differently_is_named_and_made_again_with_what_rests_on_it() {
    let study = study_of_a_former_version(&["staging.jobs 2021"]);
    let before = release(&study);
    insta::assert_snapshot!(study.succeed(&["adopt"]), @"
    table         adopted  proven by  else
    raw.jobs            2       2021
    staging.jobs        0             staging.jobs 2021 comes out differently
    out.hours           0             rests on staging.jobs
    2 slices adopted; `honkvast run` makes the rest, checks and publishes
    ");
    let rest = ["out.hours 2020", "out.hours 2021", "staging.jobs 2020", "staging.jobs 2021"];
    let mut made = texts(&json(&study, &["run", "--json"])["made"]);
    made.sort();
    assert_eq!(made, rest);
    assert_same_files(&release(&study), &before);
    let shown = study.succeed(&["show", &adopting_run(&study)]);
    assert!(shown.contains("\n  adopted raw.jobs 2021, proven\n"), "{shown}");
    assert!(shown.contains("\n  adopted raw.jobs 2020, as proven for its table\n"), "{shown}");
    let refused = "\n  staging.jobs is not adopted: staging.jobs 2021 comes out differently\n";
    assert!(shown.contains(refused), "{shown}");
}

fn adopting_run(study: &TinyStudy) -> String {
    let history = json(study, &["history", "--json"]);
    let mut runs = history.as_array().unwrap().iter();
    let run = runs.find(|run| run["adopted"] == 2).unwrap();
    run["run"].as_str().unwrap().to_owned()
}

#[test]
fn by_default_the_smallest_slice_stands_for_its_table_and_on_demand_each_for_itself() {
    // The larger of both came out otherwise, which only a proof of all can show.
    let study = study_of_a_former_version(&["staging.jobs 2020"]);
    let dry = json(&study, &["adopt", "--dry-run", "--json"]);
    let is_proven = |adoption: &Value| -> Vec<(String, bool)> {
        let adopted = adoption["adopted"].as_array().unwrap().iter();
        let pair =
            |one: &Value| (one["slice"].as_str().unwrap().to_owned(), one["is_proven"] == true);
        adopted.map(pair).collect()
    };
    let pair = |slice: &str, is_proven| (slice.to_owned(), is_proven);
    let all = [
        pair("raw.jobs 2020", false),
        pair("raw.jobs 2021", true),
        pair("staging.jobs 2020", false),
        pair("staging.jobs 2021", true),
    ];
    assert_eq!(is_proven(&dry), all);
    // Made of other rows, that one comes out differently too.
    assert_eq!(dry["refused_tables"][0]["slice"], "out.hours 2020");
    let adoption = json(&study, &["adopt", "--all-slices", "--json"]);
    let proven = [pair("raw.jobs 2020", true), pair("raw.jobs 2021", true)];
    assert_eq!(is_proven(&adoption), proven);
    assert_eq!(adoption["refused_tables"].as_array().unwrap().len(), 1);
    assert_eq!(adoption["refused_tables"][0]["slice"], "staging.jobs 2020");
    assert_eq!(texts(&adoption["rests_on_refused"]), ["out.hours 2020", "out.hours 2021"]);
    assert_eq!(pending(&study).len(), 4);
}

#[test]
fn slices_of_which_more_changed_are_left_to_the_run() {
    let study = study_of_a_former_version(&[]);
    study.write("raw/jobs2021V1.csv", jobs(21));
    study.replace(OUT_FILE, "order by sector_code", "order by sector_code desc");
    let adoption = json(&study, &["adopt", "--json"]);
    let adopted = adoption["adopted"].as_array().unwrap().iter();
    let adopted: Vec<&str> = adopted.map(|one| one["slice"].as_str().unwrap()).collect();
    assert_eq!(adopted, ["raw.jobs 2020", "staging.jobs 2020"]);
    assert_eq!(texts(&adoption["rests_on_refused"]), ["staging.jobs 2021"]);
    let rest = ["raw.jobs 2021", "out.hours 2020", "out.hours 2021"];
    assert_eq!(texts(&adoption["changed_otherwise"]), rest);
    assert_eq!(pending(&study).len(), 4);
}

#[test]
fn an_adoption_that_is_killed_is_taken_up_again() {
    let study = study_of_a_former_version(&[]);
    let (lake, kept) = (study.place.path("lake"), study.place.path("kept"));
    copy_folder_with_links(&lake, &kept);
    study.succeed(&["adopt"]);
    let finished = holdings(&study);
    for point in ["slice-adopting:1", "slice-adopted:1", "slice-adopting:4", "slice-adopted:6"] {
        copy_folder_with_links(&kept, &lake);
        let folders = ["-p", "tiny", "--raw", "raw", "--lake", "lake", "--release", "release"];
        let mut command = study.place.honkvast(&[&folders[..], &["adopt"]].concat());
        let output = command.env("HONKVAST_KILL_AT", point).output().unwrap();
        assert_eq!(output.status.signal(), Some(9), "{point}: {}", stderr(&output));
        study.succeed(&["adopt"]);
        assert_eq!(holdings(&study), finished, "{point}");
    }
    assert_eq!(pending(&study), Vec::<String>::new());
}

#[test]
fn without_current_tables_there_is_nothing_to_adopt() {
    let study = TinyStudy::new();
    insta::assert_snapshot!(study.fail(2, &["adopt"]), @"
    error: nothing is current yet
      hint: `honkvast run` makes it
    ");
}

#[test]
fn a_chain_with_year_pairs_and_code_lists_is_adopted_in_its_order() {
    let chain = Chain::nlswork();
    let made = chain.run("one");
    let before = (chain.release("one"), chain.current("one"));
    leave_by_a_former_version(&chain.path("one/lake"), "nlswork", &[]);
    let adoption = chain.json("one", &["adopt", "--all-slices", "--json"]);
    assert_eq!(adoption["adopted"].as_array().unwrap().len(), made.len());
    assert_eq!(chain.run("one"), Vec::<String>::new());
    assert_same_files(&chain.release("one"), &before.0);
    assert_same_files(&chain.current("one"), &before.1);
}
