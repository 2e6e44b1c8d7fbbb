//! Parameters have types, and may say what they can be.

use crate::tiny_study::{CHECK_FILE, OUT_FILE, STUDY_FILE, TinyStudy};

#[test]
fn a_parameter_of_another_type_is_another_parameter() {
    let study = TinyStudy::new();
    study.write_raw();
    let label = "    count(*) as person_count,\n    cast($least_hours as varchar) as label,";
    study.replace(OUT_FILE, "    count(*) as person_count,", label);
    study.replace(OUT_FILE, "where hour_count >= $least_hours\n", "");
    let measures = "measures   = [\"person_count\", \"hour_count\"]";
    study.replace(STUDY_FILE, measures, &format!("{measures}\nattributes = [\"label\"]"));
    study.succeed(&["run"]);
    study.replace(STUDY_FILE, "least_hours = 1", "least_hours = \"1\"");
    let plan = study.succeed(&["plan"]);
    assert!(plan.contains("will be made: parameter least_hours is now '1'"), "{plan}");
    study.succeed(&["run"]);
    let release = std::fs::read(study.place.path("release/current/release.json")).unwrap();
    let release: serde_json::Value = serde_json::from_slice(&release).unwrap();
    let typed = serde_json::json!({ "type": "text", "value": "1" });
    assert_eq!(release["parameters"]["least_hours"], typed);
}

#[test]
fn a_word_that_is_not_allowed_is_refused_by_validate() {
    let refusal = |value: &str| {
        let study = TinyStudy::new();
        study.replace(STUDY_FILE, "least_hours = 1", &format!("least_hours = {value}"));
        study.fail(2, &["validate"])
    };
    insta::assert_snapshot!(refusal("{ value = 2, one_of = [1, 8, 12] }"), @"error: pipelines/tiny.toml:7:25: `parameters.least_hours.value`: 2 must be one of 1, 8, 12");
    insta::assert_snapshot!(refusal("{ value = 1, one_of = [1, \"8\"] }"), @"error: pipelines/tiny.toml:7:41: `parameters.least_hours.one_of`: must be integer as the value, is text");
    insta::assert_snapshot!(refusal("{ value = 1, oneof = [1] }"), @"
    error: pipelines/tiny.toml:7:28: unknown key `oneof` in parameters.least_hours
      hint: did you mean `one_of`?
    ");
    insta::assert_snapshot!(refusal("{ one_of = [1] }"), @"error: pipelines/tiny.toml:7:15: `value` is missing in parameters.least_hours");
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, "least_hours = 1", "least_hours = { value = 1, one_of = [1, 8] }");
    study.succeed(&["validate"]);
}

#[test]
fn a_text_is_not_compared_with_a_number() {
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, "least_hours = 1", "least_hours = \"1\"");
    insta::assert_snapshot!(study.fail(2, &["validate"]), @"
    error: sql/tiny/out/hours.sql:8:7: compares a number with text, which the engine does in its own way
      hint: cast one side to the type of the other
    ");
}

#[test]
fn a_day_of_each_year_is_that_day_of_the_slices_year() {
    let study = TinyStudy::new();
    study.write_raw();
    study.replace(
        STUDY_FILE,
        "least_hours = 1",
        "least_hours = 1\ncensus = { each_year = \"10-01\" }",
    );
    let label = "    count(*) as person_count,\n    cast($census as varchar) as label,";
    study.replace(OUT_FILE, "    count(*) as person_count,", label);
    let measures = "measures   = [\"person_count\", \"hour_count\"]";
    study.replace(STUDY_FILE, measures, &format!("{measures}\nattributes = [\"label\"]"));
    study.succeed(&["run"]);
    let sql = "select distinct year, label from out.hours order by year";
    insta::assert_snapshot!(study.succeed(&["sql", sql, "--format", "csv"]), @"
    year,label
    2020,2020-10-01
    2021,2021-10-01
    ");
    study.replace(STUDY_FILE, "each_year = \"10-01\"", "each_year = \"04-01\"");
    let plan = study.succeed(&["plan"]);
    let reason = "will be made: parameter census is now 04-01 of each year";
    assert!(plan.contains(reason), "{plan}");
    let release = std::fs::read(study.place.path("release/current/release.json")).unwrap();
    let release: serde_json::Value = serde_json::from_slice(&release).unwrap();
    let typed = serde_json::json!({ "type": "day of each year", "value": "10-01" });
    assert_eq!(release["parameters"]["census"], typed);
}

#[test]
fn a_day_that_not_each_year_has_and_one_without_a_year_are_refused() {
    let refusal = |value: &str| {
        let study = TinyStudy::new();
        let census = format!("least_hours = 1\ncensus = {value}");
        study.replace(STUDY_FILE, "least_hours = 1", &census);
        let label = "    count(*) as person_count,\n    cast($census as varchar) as label,";
        study.replace(OUT_FILE, "    count(*) as person_count,", label);
        study.fail(2, &["validate"])
    };
    insta::assert_snapshot!(refusal("{ each_year = \"02-29\" }"), @r#"error: pipelines/tiny.toml:8:24: `parameters.census.each_year`: must be month and day of a day that each year has, as "10-01""#);
    insta::assert_snapshot!(refusal("{ each_year = \"2016-10-01\" }"), @r#"error: pipelines/tiny.toml:8:24: `parameters.census.each_year`: must be month and day of a day that each year has, as "10-01""#);
    insta::assert_snapshot!(refusal("{ each_year = 10 }"), @"error: pipelines/tiny.toml:8:24: `parameters.census.each_year`: must be a string, is integer");
    insta::assert_snapshot!(refusal("{ each_year = \"10-01\", one_of = [\"10-01\"] }"), @"
    error: pipelines/tiny.toml:8:33: unknown key `one_of` in parameters.census
      hint: known keys: each_year
    ");
    let study = TinyStudy::new();
    let census = "least_hours = 1\ncensus = { each_year = \"10-01\" }";
    study.replace(STUDY_FILE, "least_hours = 1", census);
    study.replace(CHECK_FILE, "where ", "where $census > date '2016-01-01' and ");
    insta::assert_snapshot!(study.fail(2, &["validate"]), @"
    error: sql/tiny/checks/nobody_works_too_long.sql:4:7: the parameter `$census` has no value without a year
      hint: `$census` is bound in models with one slice a year
    ");
}
