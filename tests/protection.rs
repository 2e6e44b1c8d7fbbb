//! A protected study: what its declarations must say, what is published of it,
//! and what is not.

use crate::tiny_study::{STUDY_FILE, TinyStudy, files_below};

const DECLARED: &str = r#"measures   = ["person_count", "hour_count"]
totals     = ["sector_code"]
rates      = { mean_hours = { of = ["hour_count", "person_count"], decimals = 1 } }
[publish.hours.protect]
counts = { person_count = "persons" }
sums   = { hour_count = "person_count" }
"#;

/// A study of protected data that says what its measures are, with raw files of
/// two large sectors and one of three persons.
fn study() -> TinyStudy {
    let study = TinyStudy::new();
    let small = "Q1;C;20\nQ2;C;20\nQ3;C;21\n";
    study.write("raw/jobs2020V1.csv", crate::tiny_study::jobs(100) + small);
    study.write("raw/jobs2021V1.csv", crate::tiny_study::jobs(100));
    study.replace(STUDY_FILE, "\"synthetic\"", "\"protected\"");
    study.replace(STUDY_FILE, "measures   = [\"person_count\", \"hour_count\"]\n", DECLARED);
    study
}

fn read(study: &TinyStudy, file: &str) -> String {
    std::fs::read_to_string(study.place.path(&format!("release/current/{file}"))).unwrap()
}

#[test]
fn a_protected_study_must_say_what_each_measure_is() {
    let study = study();
    study.replace(STUDY_FILE, "sums   = { hour_count = \"person_count\" }\n", "");
    insta::assert_snapshot!(study.fail(2, &["validate"]), @"
    error: pipelines/tiny.toml:23:31: `hour_count` is published of protected data, and nothing says what it is to disclosure control
      hint: name it under `counts`, `sums` or `figures` of [publish.hours.protect]
    ");
}

#[test]
fn a_small_cell_is_suppressed_and_one_more_with_it() {
    let study = study();
    study.succeed(&["run"]);
    insta::assert_snapshot!(read(&study, "hours.csv"), @"
    year,sector_code,person_count,person_count_status,hour_count,hour_count_status,mean_hours,mean_hours_status
    2020,A,,suppressed,,suppressed,,suppressed
    2020,B,50,published,1200,published,24.0,published
    2020,C,,suppressed,,suppressed,,suppressed
    2020,total,103,published,2421,published,23.5,published
    2021,A,50,published,1160,published,23.2,published
    2021,B,50,published,1200,published,24.0,published
    2021,total,100,published,2360,published,23.6,published
    ");
    let description: serde_json::Value =
        serde_json::from_str(&read(&study, "release.json")).unwrap();
    assert_eq!(description["disclosure"], "protected");
    assert_eq!(description["thresholds"]["least_count"], 10);
    let columns = description["tables"]["hours"]["columns"].as_array().unwrap();
    let status = columns.iter().find(|it| it["name"] == "mean_hours_status").unwrap();
    assert_eq!((&status["role"], &status["measure"]), (&"status".into(), &"mean_hours".into()));
    insta::assert_snapshot!(read(&study, "source_records.csv"), @"
    source_name,year,record_count,record_count_status,kept_count,kept_count_status,rejected_count,rejected_count_status,rejected_share,rejected_share_status
    jobs,2020,103,published,103,published,0,published,0.000000,published
    jobs,2021,100,published,100,published,0,published,0.000000,published
    ");
    // What stands needs no second protection.
    let before = files_below(&study.place.path("release"));
    study.succeed(&["run"]);
    assert_eq!(files_below(&study.place.path("release")), before);
    insta::assert_snapshot!(study.succeed(&["plan", "--exit-code"]), @"6 slices are up to date
");
}

#[test]
fn what_cannot_be_protected_stops_with_exit_code_6_and_the_release_before_stays() {
    let study = study();
    study.succeed(&["run"]);
    let before = files_below(&study.place.path("release"));
    // Whoever has one table could subtract the other.
    study.replace(
        STUDY_FILE,
        "[publish.hours.protect]\n",
        "[publish.hours.protect]\nwithin = { person_count = \"person_count\" }\n",
    );
    insta::assert_snapshot!(study.fail(6, &["run"]), @"
    error: the rule of count cannot be met: what follows from `person_count` of out.hours in year 2020, sector_code A would be known to everybody
      hint: publish it with fewer dimensions, or not at all
    ");
    assert_eq!(files_below(&study.place.path("release")), before);
}
