//! `gc`: what goes and what stays on a lake that has seen many runs, what the
//! commands say of runs whose traces are gone, and kills on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use serde_json::Value;

use crate::chain::resolved;
use crate::tiny_study::{CODEBOOK_FILE, TinyStudy, files_below, jobs};
use crate::workplace::{copy_folder_with_links, stderr};

const QUESTION: &str = "select count(*) as persons from staging.jobs";

/// A lake with a past: four states one after the other, a run whose candidate a
/// check kept back, rejects of each, and the last state current.
fn study_with_a_past() -> TinyStudy {
    let study = TinyStudy::new();
    study.replace(
        CODEBOOK_FILE,
        "[[columns]]\nname = \"person_id\"",
        "reject_limit = 0.5\n[[columns]]\nname = \"person_id\"",
    );
    study.write("raw/jobs2020V1.csv", jobs(50));
    for persons in [10, 20, 30] {
        study.write("raw/jobs2021V1.csv", jobs(persons) + "P999;A;many\n");
        study.succeed(&["run"]);
    }
    study.write("raw/jobs2021V1.csv", jobs(35) + "P999;A;169\nP998;A;many\n");
    study.fail(3, &["run"]);
    study.write("raw/jobs2021V1.csv", jobs(40) + "P999;A;many\n");
    study.succeed(&["run"]);
    study
}

fn json(study: &TinyStudy, command: &[&str]) -> Value {
    serde_json::from_str(&study.succeed(command)).unwrap()
}

/// The runs, the newest first.
fn runs(study: &TinyStudy) -> Vec<String> {
    let history = json(study, &["history", "--json"]);
    history.as_array().unwrap().iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
}

/// Names of files and folders below a folder of the lake.
fn tree(study: &TinyStudy, folder: &str) -> BTreeSet<String> {
    fn walk(folder: &Path, below: &str, found: &mut BTreeSet<String>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = format!("{below}/{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() && !path.is_symlink() {
                walk(&path, &name, found);
            }
            found.insert(name);
        }
    }
    let mut found = BTreeSet::new();
    walk(&study.place.path(folder), "", &mut found);
    found
}

/// All that gc may touch.
pub(crate) fn holdings(study: &TinyStudy) -> BTreeSet<String> {
    let parts = ["slices", "snapshots", "candidates", "rejects", "checks", "scratch"];
    let names = |part| {
        let inner = tree(study, &format!("lake/{part}"));
        inner.into_iter().map(move |name| format!("{part}{name}"))
    };
    parts.into_iter().flat_map(names).collect()
}

/// Bytes of the data, each file once however many links it has.
fn bytes(study: &TinyStudy) -> u64 {
    let is_data = |name: &&String| !name.starts_with("scratch");
    let holdings = holdings(study);
    let files = holdings.iter().filter(is_data).map(|name| study.place.path("lake").join(name));
    let files = files.map(|path| path.symlink_metadata().unwrap()).filter(|file| file.is_file());
    files.map(|file| (file.ino(), file.len())).collect::<BTreeMap<_, _>>().values().sum()
}

fn goes(collection: &Value, kind: &str) -> usize {
    let things = collection["goes"].as_array().unwrap();
    things.iter().filter(|thing| thing["kind"] == kind).count()
}

/// What readers see, and that the next run finds nothing to do.
fn stands(study: &TinyStudy) {
    let answer = study.succeed(&["sql", QUESTION, "--format", "csv"]);
    assert_eq!(answer, "persons\n90\n");
    assert_eq!(study.succeed(&["plan", "--exit-code"]), "6 slices are up to date\n");
    assert!(study.succeed(&["run"]).starts_with("nothing to do in "));
}

#[test]
fn a_dry_run_names_what_goes_and_the_run_removes_that_and_no_more() {
    let study = study_with_a_past();
    let before = (holdings(&study), bytes(&study));
    let (current, release) =
        (resolved(&study.place.path("lake/current")), files_below(&study.place.path("release")));
    let arguments = ["gc", "--keep-days", "0", "--keep-runs", "1", "--json"];
    let dry = json(&study, &[&arguments[..], &["--dry-run"]].concat());
    assert_eq!((holdings(&study), bytes(&study)), before, "a dry run removes nothing");
    assert_eq!(runs(&study).len(), 5, "and is no run");
    let mut done = json(&study, &arguments);
    assert_eq!((&dry["is_dry_run"], &done["is_dry_run"]), (&true.into(), &false.into()));
    done["is_dry_run"] = true.into();
    assert_eq!(dry, done);
    // Of 2021: three slices of each of three states, and those of the candidate.
    let counts =
        ["slice", "snapshot", "candidate", "rejects", "check"].map(|kind| goes(&dry, kind));
    assert_eq!(counts, [12, 3, 1, 4, 4]);
    let freed = dry["bytes_freed"].as_u64().unwrap();
    assert!(freed > 10_000 && before.1 - bytes(&study) == freed, "{freed}");
    assert_eq!(tree(&study, "lake/slices/raw.jobs/2021").len(), 4, "a folder with three files");
    assert_eq!(current, resolved(&study.place.path("lake/current")));
    assert_eq!(release, files_below(&study.place.path("release")), "releases stay");
    assert_eq!(tree(&study, "lake/ledger").len(), 6, "the ledger stays, with the gc in it");
    let rejects = study.succeed(&["rejects", "--json"]);
    assert!(rejects.contains("\"record_count\":1"), "{rejects}");
    stands(&study);
    assert_eq!(study.succeed(&arguments[..5]), "nothing to collect\n");
}

#[test]
fn what_is_young_or_of_a_kept_run_stays() {
    let study = study_with_a_past();
    assert_eq!(study.succeed(&["gc"]), "nothing to collect\n");
    let kept = json(&study, &["gc", "--keep-days", "0", "--keep-runs", "3", "--json"]);
    // The states of 10 and 20 persons, but for the slices of 2020 that all have.
    let counts =
        ["slice", "snapshot", "candidate", "rejects", "check"].map(|kind| goes(&kept, kind));
    assert_eq!(counts, [6, 2, 0, 2, 2]);
    stands(&study);
}

#[test]
fn the_table_shows_years_slices_and_bytes() {
    let study = study_with_a_past();
    let text = study.succeed(&["gc", "--keep-days", "0", "--keep-runs", "1", "--dry-run"]);
    let bytes = regex::Regex::new("[0-9]{3,}( bytes|\n)").unwrap();
    let text = bytes.replace_all(&text, |found: &regex::Captures<'_>| {
        format!("{:>n$}{}", "<n>", &found[1], n = found[0].len() - found[1].len())
    });
    insta::assert_snapshot!(text, @"
    table         years  slices  bytes
    out.hours      2021       4    <n>
    raw.jobs       2021       4    <n>
    staging.jobs   2021       4    <n>
    snapshots: 3, candidates: 1, files of rejects: 4, results of checks: 4, audits: 0
      <n> bytes would come free
    ");
}

#[test]
fn commands_say_of_a_collected_run_that_it_is() {
    let study = study_with_a_past();
    let old = runs(&study);
    let [last, kept_back, third, ..] = old.as_slice() else { panic!("{old:?}") };
    let ask = |run: &str| ["sql", "--run", run, QUESTION, "--format", "csv"].map(str::to_owned);
    let answer = |run: &str| {
        let words = ask(run);
        study.succeed(&words.each_ref().map(String::as_str))
    };
    assert_eq!(answer(third), "persons\n80\n", "what was current answers while it stands");
    assert_eq!(answer(kept_back), "persons\n86\n");
    study.succeed(&["gc", "--keep-days", "0", "--keep-runs", "1"]);
    let gc = &runs(&study)[0];
    for run in [kept_back, third] {
        let words = ask(run);
        let said = study.fail(2, &words.each_ref().map(String::as_str));
        let wanted = format!("error: what the run {run} left was collected by the gc {gc}\n");
        assert!(said.starts_with(&wanted), "{said}");
        assert_eq!(study.fail(2, &["rejects", "--run", run]), said);
        let shown = study.succeed(&["show", run]);
        assert!(shown.contains(&format!("\n  collected by {gc}: ")), "{shown}");
        let shown = json(&study, &["show", run, "--json"]);
        let event = shown.as_array().unwrap().last().unwrap();
        assert_eq!((&event["event"], &event["run"]), (&"collected_by".into(), &gc.as_str().into()));
    }
    // `last` is the last that made something.
    assert_eq!(answer("last"), "persons\n90\n");
    assert!(study.succeed(&["show", "last"]).starts_with(last));
    assert!(study.succeed(&["show", gc]).contains("  collects 12 slices, 3 snapshots, "));
    let history = json(&study, &["history", "--json"]);
    let by = |run: usize| history[run]["collected_by"].as_str();
    assert_eq!([by(0), by(1), by(2), by(3)], [None, None, Some(gc.as_str()), Some(gc.as_str())]);
    let text = study.succeed(&["history"]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[2].contains(" released ") && lines[3].contains(" candidate, collected "));
}

#[test]
fn a_state_that_was_collected_is_made_again_when_it_comes_back() {
    let study = study_with_a_past();
    study.succeed(&["gc", "--keep-days", "0", "--keep-runs", "1"]);
    study.write("raw/jobs2021V1.csv", jobs(20) + "P999;A;many\n");
    let made = json(&study, &["run", "--json"]);
    assert_eq!(made["made"].as_array().unwrap().len(), 3, "{made}");
    assert_eq!(study.succeed(&["sql", QUESTION, "--format", "csv"]), "persons\n70\n");
}

#[test]
fn a_reader_of_what_was_current_reads_on() {
    let study = study_with_a_past();
    let resolved = std::fs::canonicalize(study.place.path("lake/current")).unwrap();
    study.write("raw/jobs2021V1.csv", jobs(60));
    study.succeed(&["run"]);
    let before = files_below(&resolved);
    // However few runs are kept: it was current a moment ago.
    study.succeed(&["gc", "--keep-runs", "0"]);
    assert_eq!(files_below(&resolved), before);
    // A file that is open outlives the days too.
    let open = std::fs::File::open(resolved.join("staging/jobs/year=2021/data.parquet")).unwrap();
    let length = open.metadata().unwrap().len();
    study.succeed(&["gc", "--keep-runs", "0", "--keep-days", "0"]);
    assert!(!resolved.exists());
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut &open, &mut bytes).unwrap();
    assert_eq!(bytes, before[&resolved.join("staging/jobs/year=2021/data.parquet")]);
    assert_eq!(bytes.len() as u64, length);
}

#[test]
fn a_lake_that_is_held_or_missing_is_refused() {
    let study = TinyStudy::new();
    insta::assert_snapshot!(study.fail(2, &["gc"]), @"
    error: there is no lake at lake
      hint: `honkvast run` makes it
    ");
    study.write_raw();
    study.succeed(&["run"]);
    let lake = honkvast::lake::Lake::open(&study.place.path("lake"), "tiny").unwrap();
    let _lock = lake.lock("honkvast run", None, &std::sync::atomic::AtomicU8::new(0)).unwrap();
    let said = study.fail(9, &["gc"]);
    assert!(said.contains("(`honkvast run`)"), "{said}");
    study.succeed(&["gc", "--dry-run"]);
}

#[test]
fn a_gc_that_is_killed_leaves_a_whole_lake_and_the_next_one_finishes() {
    let study = study_with_a_past();
    let arguments = ["gc", "--keep-days", "0", "--keep-runs", "1"];
    let lake = study.place.path("lake");
    copy_folder_with_links(&lake, &study.place.path("kept"));
    study.succeed(&arguments);
    let finished = holdings(&study);
    let mut landed = 0;
    for point in ["gc-moving", "gc-moved", "gc-removed"] {
        // Snapshots first, then the candidate, slices, rejects, checks; 25 in all.
        for time in [1, 3, 4, 5, 9, 16, 17, 21, 25] {
            copy_folder_with_links(&study.place.path("kept"), &lake);
            let at = format!("{point}:{time}");
            let folders = ["-p", "tiny", "--raw", "raw", "--lake", "lake", "--release", "release"];
            let mut command = study.place.honkvast(&[&folders[..], &arguments].concat());
            let output = command.env("HONKVAST_KILL_AT", &at).output().unwrap();
            assert_eq!(output.status.signal(), Some(9), "{at}: {}", stderr(&output));
            assert_eq!(study.succeed(&["sql", QUESTION, "--format", "csv"]), "persons\n90\n");
            assert_eq!(study.succeed(&["plan", "--exit-code"]), "6 slices are up to date\n");
            let was_last = study.succeed(&arguments) == "nothing to collect\n";
            assert_eq!(holdings(&study), finished, "{at}");
            assert_eq!(was_last, time == 25 && point != "gc-moving", "{at}");
            landed += 1;
        }
    }
    eprintln!("{landed} kills of gc");
    stands(&study);
}
