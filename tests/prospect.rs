//! What a run would do, as those say who look ahead: they agree with each other
//! and with the run, however lake and release were left.

use serde_json::Value;

use crate::tiny_study::{OUT_FILE, STAGING_FILE, STUDY_FILE, TinyStudy, files_below, jobs};

/// A study with something current, in a lake and a release.
fn study() -> TinyStudy {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    study
}

fn json(study: &TinyStudy, command: &[&str]) -> Value {
    serde_json::from_str(&study.succeed(&[command, &["--json"]].concat())).unwrap()
}

type Change = (&'static str, fn(&TinyStudy), bool);

/// What may have happened since the last run, and whether there is work then.
const CHANGES: [Change; 12] = [
    ("nothing", |_| (), false),
    ("the release is gone", |study| remove_folder(study, "release"), true),
    ("its link is gone", |study| study.remove("release/current"), true),
    ("a table of it is gone", |study| study.remove("release/current/hours.csv"), true),
    ("a table of it was edited", |study| study.write("release/current/hours.csv", "1\n"), true),
    ("nothing is current", |study| study.remove("lake/current"), true),
    ("no slice is there", |study| remove_folder(study, "lake"), true),
    ("a new delivery", |study| study.write("raw/jobs2021V2.csv", jobs(101)), true),
    ("the same delivery again", |study| study.write("raw/jobs2021V1.csv", jobs(100)), false),
    ("other SQL", |study| study.replace(OUT_FILE, "count(*)", "count(hour_count)"), true),
    (
        "a table has another title",
        |study| study.replace(STUDY_FILE, "en = \"Hours\"", "en = \"Hours a year\""),
        true,
    ),
    ("disclosure control is asked for", crate::protection::protect, true),
];

fn remove_folder(study: &TinyStudy, folder: &str) {
    std::fs::remove_dir_all(study.place.path(folder)).unwrap();
}

#[test]
fn whoever_looks_ahead_says_what_the_run_then_does() {
    for (what, change, is_work) in CHANGES {
        let study = study();
        change(&study);
        let code = study.output("error", &["plan", "--exit-code"]).status.code();
        assert_eq!(code, Some(if is_work { 10 } else { 0 }), "{what}");
        let (plan, status) = (json(&study, &["plan"]), json(&study, &["status"]));
        for field in ["is_pending", "publishes", "moves_current"] {
            assert_eq!(plan[field], status[field], "{what}: {field}");
        }
        assert_eq!(plan["is_pending"], is_work, "{what}");
        let slices = plan["slices"].as_array().unwrap();
        let work = slices.iter().filter(|slice| slice["state"] != "up_to_date").count();
        assert_eq!(status["pending_slices"], work, "{what}");
        let text = study.succeed(&["status"]);
        assert_eq!(text.contains("pending  nothing\n"), !is_work, "{what}: {text}");
        let output = study.output("error", &["run", "--json"]);
        let done: Value = serde_json::from_slice(&output.stdout).unwrap();
        let made = done["made"].as_array().unwrap();
        let has_done = !made.is_empty() || done["has_moved"] == true;
        assert_eq!(has_done, is_work, "{what}: {done}");
        assert!(made.len() <= work, "{what}: no more than was told");
        assert_eq!(study.output("error", &["plan", "--exit-code"]).status.code(), Some(0));
        assert!(study.succeed(&["status"]).contains("pending  nothing\n"), "{what}");
    }
}

type Fault = (&'static str, fn(&TinyStudy));

/// What no run can begin with.
const FAULTS: [Fault; 5] = [
    ("SQL that does not fit", |study| {
        study.replace(STAGING_FILE, "    hour_count\n", "    hour\n")
    }),
    ("no raw file", |study| study.remove("raw/jobs2021V1.csv")),
    ("no raw folder", |study| remove_folder(study, "raw")),
    ("an older version", |study| {
        study.write("raw/jobs2021V3.csv", jobs(100) + "P999;A;1\n");
        study.succeed(&["run"]);
        study.remove("raw/jobs2021V3.csv");
    }),
    ("a damaged record", |study| {
        let files = files_below(&study.place.path("lake/slices/staging.jobs"));
        let mut records = files.keys().filter(|path| path.ends_with("slice.json"));
        std::fs::write(records.next().unwrap(), "{").unwrap();
    }),
];

#[test]
fn what_ends_a_run_before_it_begins_ends_all_who_look_ahead_with_the_same_words() {
    for (what, spoil) in FAULTS {
        let study = study();
        spoil(&study);
        let said = |command: &[&str]| {
            let output = study.output("error", command);
            let text = crate::workplace::stderr(&output);
            let first = text.lines().next().unwrap_or_default();
            (output.status.code(), first.strip_prefix("error: ").unwrap_or(first).to_owned())
        };
        let (code, words) = said(&["run"]);
        assert!(code != Some(0) && !words.is_empty(), "{what}");
        for command in [&["plan"] as &[&str], &["plan", "--exit-code"], &["adopt"], &["prove"]] {
            assert_eq!(said(command), (code, words.clone()), "{what}: {command:?}");
        }
        let status = study.succeed(&["status"]);
        assert!(status.contains(&format!("pending  not known: {words}")), "{what}: {status}");
        let status = json(&study, &["status"]);
        let because = status["pending_unknown_because"].as_str().unwrap();
        assert_eq!(because.lines().next(), Some(words.as_str()), "{what}");
        assert_eq!(status["is_pending"], Value::Null, "{what}");
    }
}

#[test]
fn a_preparation_that_is_refused_keeps_what_it_hashed() {
    let study = study();
    study.write("raw/jobs2021V2.csv", jobs(100));
    study.succeed(&["run"]);
    study.remove("raw/jobs2021V2.csv");
    study.write("raw/jobs2021V1.csv", jobs(101));
    let raw_file =
        std::fs::File::options().write(true).open(study.place.path("raw/jobs2021V1.csv"));
    let raw_file = raw_file.unwrap();
    // Old enough that its time can be believed.
    raw_file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let output = study.output("error", &["run"]);
    assert_eq!(output.status.code(), Some(5), "an older version");
    let kept = std::fs::read_to_string(study.place.path("lake/files.json")).unwrap();
    let size = raw_file.metadata().unwrap().len();
    assert!(kept.contains(&format!("\"size\": {size}")), "{kept}");
}

/// What may lie between two runs, and whether the second one knows then that the
/// definition holds.
const BETWEEN: [Change; 8] = [
    ("nothing", |_| (), true),
    ("other commands", |study| other_commands(study), true),
    ("the release is gone", |study| remove_folder(study, "release"), true),
    ("a new delivery", |study| study.write("raw/jobs2021V2.csv", jobs(101)), true),
    ("a remark in SQL", |study| study.replace(OUT_FILE, "count(*)", "/* all */ count(*)"), false),
    (
        "a table has another title",
        |study| study.replace(STUDY_FILE, "en = \"Hours\"", "en = \"Hours a year\""),
        false,
    ),
    ("a ledger that was edited", |study| in_ledger(study, "\"build\":\"", "\"build\":\"0"), false),
    ("no ledger", |study| remove_folder(study, "lake/ledger"), false),
];

fn other_commands(study: &TinyStudy) {
    for command in [&["gc"] as &[&str], &["verify", "--repair"], &["prove"], &["adopt"]] {
        study.succeed(command);
    }
}

fn in_ledger(study: &TinyStudy, from: &str, to: &str) {
    for path in files_below(&study.place.path("lake/ledger")).into_keys() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }
}

#[test]
fn what_a_run_planned_is_planned_again_only_where_somebody_needs_it() {
    let release = |study: &TinyStudy| {
        std::fs::read_to_string(study.place.path("release/current/hours.csv")).unwrap()
    };
    for (what, change, is_known) in BETWEEN {
        let study = study();
        let before = release(&study);
        change(&study);
        for command in [&["plan"] as &[&str], &["status"], &["run"]] {
            let said = crate::workplace::stderr(&study.output("debug", command));
            let word = "the definition is as the run before planned it";
            assert_eq!(said.contains(word), is_known, "{what}: {command:?}: {said}");
        }
        if what != "a new delivery" {
            assert_eq!(release(&study), before, "{what}");
        }
        assert!(study.succeed(&["status"]).contains("pending  nothing\n"), "{what}");
    }
}
