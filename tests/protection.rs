//! A protected study is computed and checked, and nothing of it is published.

use crate::tiny_study::{STUDY_FILE, TinyStudy};

#[test]
fn nothing_of_a_protected_study_is_published_and_plan_and_status_say_so() {
    let study = TinyStudy::new();
    study.write_raw();
    study.replace(STUDY_FILE, "\"synthetic\"", "\"protected\"");
    let said = study.fail(6, &["run"]);
    insta::assert_snapshot!(said, @"
    error: the study tiny is protected, and disclosure control does not stand yet
      hint: the tables are current in the lake; nothing was published
    ");
    assert!(!study.place.path("release").exists(), "not even a folder");
    assert!(study.place.path("lake/current").exists(), "the tables are current");

    // A second run has nothing to do and still publishes nothing.
    assert_eq!(study.fail(6, &["run"]), said);
    insta::assert_snapshot!(study.succeed(&["plan", "--exit-code"]), @"
    release            not published: the study is protected
    6 slices are up to date
    ");
    let status = study.succeed(&["status"]);
    assert!(status.contains("pending  nothing\n"), "{status}");
    assert!(status.contains("not published: the study is protected\n"), "{status}");
    let status: serde_json::Value =
        serde_json::from_str(&study.succeed(&["status", "--json"])).unwrap();
    assert_eq!(status["release_is_refused"], true);
    assert_eq!(status["release_is_pending"], false);

    // Work that is pending is told by both.
    study.replace(STUDY_FILE, "least_hours = 1", "least_hours = 2");
    assert_eq!(study.output("error", &["plan", "--exit-code"]).status.code(), Some(10));
    assert!(study.succeed(&["status"]).contains("slices at most"));
}

#[test]
fn a_release_that_stood_before_protection_stays_as_it_was() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let before = crate::tiny_study::files_below(&study.place.path("release"));
    study.replace(STUDY_FILE, "\"synthetic\"", "\"protected\"");
    study.replace(STUDY_FILE, "least_hours = 1", "least_hours = 20");
    study.fail(6, &["run"]);
    assert_eq!(crate::tiny_study::files_below(&study.place.path("release")), before);
}
