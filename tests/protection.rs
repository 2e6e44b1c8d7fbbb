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
    protect(&study);
    study
}

/// Has a study say that its data are protected, and what its measures are.
pub(crate) fn protect(study: &TinyStudy) {
    study.replace(STUDY_FILE, "\"synthetic\"", "\"protected\"");
    study.replace(STUDY_FILE, "measures   = [\"person_count\", \"hour_count\"]\n", DECLARED);
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
fn a_measure_is_one_thing_to_disclosure_control() {
    let study = study();
    study.replace(
        STUDY_FILE,
        "counts = { person_count",
        "counts = { hour_count = \"hours\", person_count",
    );
    insta::assert_snapshot!(study.fail(2, &["validate"]), @"error: pipelines/tiny.toml:26:1: `publish.hours.protect`: `hour_count` is more than one of a count, a sum and a figure");
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
    study.replace(
        STUDY_FILE,
        "[publish.hours.protect]\n",
        "[publish.hours.protect]\nshown = [{ sector_code = \"C\" }]\n",
    );
    insta::assert_snapshot!(study.fail(6, &["run"]), @"
    error: the rule of count cannot be met: `person_count` of out.hours in year 2020, sector_code C must be shown, and must not be known
      hint: take it out of `shown`
    ");
    assert_eq!(files_below(&study.place.path("release")), before);
}

#[test]
fn what_is_not_shown_is_explained_inside() {
    let study = study();
    study.succeed(&["run", "protect"]);
    assert!(!study.place.path("release").exists(), "protection alone publishes nothing");
    insta::assert_snapshot!(study.succeed(&["protect"]), @"11 counts are shown, 2 are not; narrowest interval 51");
    insta::assert_snapshot!(study.succeed(&["protect", "--explain", "hours"]), @"
    year  sector_code  measure       rule          interval  with
    2020  A            person_count  hides others  1..52     hours: person_count of year 2020, sector_code C
    2020  C            person_count  count         1..52     hours: person_count of year 2020, sector_code A
    ");
    let cells: serde_json::Value =
        serde_json::from_str(&study.succeed(&["protect", "--explain", "hours", "--json"])).unwrap();
    assert_eq!(cells.as_array().unwrap().len(), 2);
    insta::assert_snapshot!(study.fail(2, &["protect", "--explain", "days"]), @"
    error: the study publishes no table `days`
      hint: `honkvast protect --explain TABLE`, of a table under [publish]
    ");
    let audits = files_below(&study.place.path("lake/audits"));
    for file in audits.keys() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "an audit is inside information");
    }
    // The release is made from the same audit.
    study.succeed(&["run"]);
    assert_eq!(files_below(&study.place.path("lake/audits")), audits);
}

#[test]
fn protection_is_planned_with_its_reason_and_done_again_only_for_what_it_is_of() {
    let study = study();
    insta::assert_snapshot!(study.succeed(&["plan"]), @"
    raw.jobs 2020      will be made: missing
    raw.jobs 2021      will be made: missing
    staging.jobs 2020  will be made: missing
    staging.jobs 2021  will be made: missing
    out.hours 2020     will be made: missing
    out.hours 2021     will be made: missing
    protect            done if what is published changes
    release            published if what it is made from changes
    0 slices are up to date
    ");
    study.succeed(&["run"]);
    let audits = files_below(&study.place.path("lake/audits"));
    // Words change nothing of it.
    study.replace(STUDY_FILE, "en = \"Hours\"", "en = \"Hours by sector\"");
    insta::assert_snapshot!(study.succeed(&["plan"]), @"
    release            published if what it is made from changes
    6 slices are up to date
    ");
    study.succeed(&["run"]);
    assert_eq!(files_below(&study.place.path("lake/audits")), audits);
    study.replace(STUDY_FILE, "[parameters]", "[protection]\nleast_count = 5\n[parameters]");
    insta::assert_snapshot!(study.succeed(&["plan", "protect"]), @"
    protect            will be done: rules or declarations changed
    6 slices are up to date
    ");
    study.succeed(&["run"]);
    assert_eq!(files_below(&study.place.path("lake/audits")).len(), 2);
    // A damaged audit is found, set aside and made again.
    let audit = files_below(&study.place.path("lake/audits")).into_keys().next_back().unwrap();
    let text = std::fs::read_to_string(&audit).unwrap();
    std::fs::write(&audit, text.replace("suppressed", "shown")).unwrap();
    assert_eq!(study.output("error", &["verify"]).status.code(), Some(1));
    study.succeed(&["verify", "--repair"]);
    study.succeed(&["run", "protect"]);
}

#[test]
fn a_protected_release_has_the_same_bytes_at_any_number_of_threads() {
    let release = |threads: &str| {
        let study = study();
        study.succeed(&["run", "--threads", threads]);
        let files = files_below(&study.place.path("release/current")).into_iter();
        let named = files.map(|(path, bytes)| (path.file_name().unwrap().to_owned(), bytes));
        named.collect::<std::collections::BTreeMap<_, _>>()
    };
    let one = release("1");
    assert!(one.contains_key(std::ffi::OsStr::new("hours.csv")), "{:?}", one.keys());
    assert!(one == release("2") && one == release("4"));
}

#[test]
fn public_data_need_no_protection() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run", "protect"]);
    insta::assert_snapshot!(study.fail(2, &["protect"]), @"error: the data of tiny are synthetic: nothing needs protection");
}
