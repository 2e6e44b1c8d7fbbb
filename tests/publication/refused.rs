//! What cannot be published right, found where the data are: codes of totals,
//! cells that come twice, rows of no family; and attributes of totals.

use crate::rows::{Row, rows};
use crate::tiny_study::{OUT_FILE, STUDY_FILE, TinyStudy};

const WITH_TOTALS: &str =
    "measures   = [\"person_count\", \"hour_count\"]\ntotals = [\"sector_code\"]";

/// The tiny study with totals over sectors.
fn study() -> TinyStudy {
    let study = TinyStudy::new();
    study.write_raw();
    study.replace(STUDY_FILE, "measures   = [\"person_count\", \"hour_count\"]", WITH_TOTALS);
    study
}

fn release(study: &TinyStudy) -> Vec<Row> {
    rows(&std::fs::read_to_string(study.place.path("release/current/hours.csv")).unwrap())
}

#[test]
fn the_code_of_totals_is_refused_in_the_data_and_may_be_another() {
    let study = study();
    study.replace(OUT_FILE, "    sector_code,\n    count", "    case sector_code when 'A' then 'total' else sector_code end as sector_code,\n    count");
    insta::assert_snapshot!(study.fail(3, &["run"]), @r#"
    error: out.hours: the code `total` of totals stands in the data of `sector_code` (2 rows): a total and a cell could not be told apart
      hint: give `total_code = "…"` under [publish.hours], or write another code in the SQL
    "#);
    assert!(!study.place.path("release/current").exists());
    study.replace(STUDY_FILE, WITH_TOTALS, &format!("{WITH_TOTALS}\ntotal_code = \"*\""));
    study.succeed(&["run"]);
    let codes: Vec<String> = release(&study).iter().map(|row| row["sector_code"].clone()).collect();
    assert_eq!(codes, ["*", "B", "total", "*", "B", "total"]);
}

#[test]
fn two_rows_of_one_cell_are_refused() {
    let study = study();
    // Without the year, the slices of both years have the same cells.
    study.replace(OUT_FILE, "    $year as year,\n", "");
    study.replace(STUDY_FILE, "key = [\"year\", \"sector_code\"]", "key = [\"sector_code\"]");
    study.replace(
        STUDY_FILE,
        "dimensions = [\"year\", \"sector_code\"]",
        "dimensions = [\"sector_code\"]",
    );
    insta::assert_snapshot!(study.fail(3, &["run"]), @"
    error: out.hours: two rows are one cell: sector_code A
      hint: a slice's year, too, must be a dimension where slices are published
    ");
}

#[test]
fn an_attribute_stands_in_a_total_only_where_all_its_rows_have_it() {
    let study = study();
    study.replace(
        OUT_FILE,
        "    count(*) as person_count,",
        "    count(*) as person_count,\n    'all' as everywhere,\n    case sector_code when 'A' then 'x' end as somewhere,\n    sector_code as differs,",
    );
    study.replace(
        STUDY_FILE,
        WITH_TOTALS,
        &format!("{WITH_TOTALS}\nattributes = [\"everywhere\", \"somewhere\", \"differs\"]"),
    );
    study.succeed(&["run"]);
    for row in release(&study) {
        let attributes = ["everywhere", "somewhere", "differs"].map(|name| row[name].as_str());
        let expected = match row["sector_code"].as_str() {
            "A" => ["all", "x", "A"],
            "B" => ["all", "", "B"],
            _ => ["all", "", ""],
        };
        assert_eq!(attributes, expected, "{row:?}");
    }
}

#[test]
fn a_family_by_row_is_told_and_each_row_must_have_one() {
    let study = study();
    study.replace(
        OUT_FILE,
        "    count(*) as person_count,",
        "    count(*) as person_count,\n    case $year when 2020 then 'register' else 'survey' end as family,",
    );
    let declared = format!("{WITH_TOTALS}\nattributes = [\"family\"]");
    study.replace(STUDY_FILE, WITH_TOTALS, &declared);
    study.replace(STUDY_FILE, "family     = \"register\"", "family     = { column = \"family\" }");
    study.succeed(&["run"]);
    for row in release(&study) {
        let family = if row["year"] == "2020" { "register" } else { "survey" };
        assert_eq!(row["family"], family);
    }
    let json = std::fs::read(study.place.path("release/current/release.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["tables"]["hours"]["family"], serde_json::json!({ "column": "family" }));

    study.replace(OUT_FILE, "else 'survey' end", "when 2021 then 'census' end");
    insta::assert_snapshot!(study.fail(3, &["run"]), @"
    error: out.hours: the column `family` names no family in: year 2021, sector_code A
      hint: each row is `register`, `survey` or `public`, and a total adds rows of one
    ");
    // A total over rows of two families is of none.
    study.replace(
        OUT_FILE,
        "case $year when 2020 then 'register' when 2021 then 'census' end",
        "case sector_code when 'A' then 'register' else 'survey' end",
    );
    insta::assert_snapshot!(study.fail(3, &["run"]), @"
    error: out.hours: the column `family` names no family in: year 2020, sector_code total
      hint: each row is `register`, `survey` or `public`, and a total adds rows of one
    ");
}

#[test]
fn the_schema_says_what_null_means() {
    let study = study();
    study.succeed(&["run"]);
    let json = std::fs::read(study.place.path("release/current/release.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let table = &json["tables"]["hours"];
    assert_eq!(table["total_code"], "total");
    let measure = &table["columns"][3];
    assert_eq!(measure["name"], "hour_count");
    assert_eq!(
        measure["null"],
        "not known; a total adds the cells that are known, and is null where none is"
    );
}
