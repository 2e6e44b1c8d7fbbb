//! A year that is not there is never read as one that everybody left.

use crate::tiny_study::{OUT_FILE, STAGING_FILE, STUDY_FILE, TinyStudy, jobs};

const PAIR: &str = "-- One row per person of from_year.
with this_year as (
    select person_id from staging.jobs where year = $year
),

next_year as (
    select person_id from staging.jobs where year = $year + 1
),

stays as (
    select
        cast($year as integer) as from_year,
        this_year.person_id,
        next_year.person_id is not null as is_there
    from this_year
    left join next_year on this_year.person_id = next_year.person_id
)

select * from stays
";

/// The tiny study with a model of year pairs.
fn with_pairs(reads: &str) -> TinyStudy {
    let study = TinyStudy::new();
    study.write_raw();
    study.replace(STAGING_FILE, "    person_id,", "    $year as year,\n    person_id,");
    study.write("sql/tiny/core/stays.sql", PAIR);
    let model = format!("[models.\"core.stays\"]\nkey = [\"person_id\"]\n{reads}\n[models.\"out");
    study.replace(STUDY_FILE, "[models.\"out", &model);
    study
}

const BOTH: &str = "reads = { \"staging.jobs\" = [\"year\", \"year+1\"] }\n";

fn years(study: &TinyStudy, table: &str) -> String {
    let query = format!("select count(*) as n from {table}");
    study.succeed(&["sql", "--format", "csv", &query])
}

#[test]
fn another_year_that_is_not_read_is_refused_in_the_definition() {
    insta::assert_snapshot!(with_pairs("").fail(2, &["validate"]), @r#"
    error: sql/tiny/core/stays.sql:7:46: asks for `$year+1`, and `core.stays` reads no such year: it would be empty, and everybody in it gone
      hint: give [models."core.stays"] `reads = { "staging.jobs" = ["year", "year+1"] }`; or, where no slice of another year is meant, `year_offsets = [1]`
    "#);
    with_pairs(BOTH).succeed(&["validate"]);
    with_pairs("reads = { \"staging.jobs\" = \"all\" }\n").succeed(&["validate"]);
    with_pairs("year_offsets = [1]\n").succeed(&["validate"]);
    let backwards = with_pairs(BOTH);
    backwards.replace("sql/tiny/core/stays.sql", "$year + 1", "$year - 1");
    insta::assert_snapshot!(backwards.fail(2, &["validate"]), @r#"
    error: sql/tiny/core/stays.sql:7:46: asks for `$year-1`, and `core.stays` reads no such year: it would be empty, and everybody in it gone
      hint: give [models."core.stays"] `reads = { "staging.jobs" = ["year", "year-1"] }`; or, where no slice of another year is meant, `year_offsets = [-1]`
    "#);
    let by_parameter = with_pairs(BOTH);
    by_parameter.replace("sql/tiny/core/stays.sql", "$year + 1", "$year + 2 * 1 + $least_hours");
    by_parameter.succeed(&["validate"]);
    let by_parameter = with_pairs("");
    by_parameter.replace("sql/tiny/core/stays.sql", "$year + 1", "$year + $least_hours");
    assert!(by_parameter.fail(2, &["validate"]).contains("asks for `$year+1`"));
}

#[test]
fn the_table_beside_an_offset_is_the_one_that_must_show_the_year() {
    let study = with_pairs(BOTH);
    study.write("sql/tiny/core/others.sql", "select person_id, year from staging.jobs\n");
    let model = "[models.\"core.others\"]\nkey = [\"person_id\"]\n\n[models.\"core.stays";
    study.replace(STUDY_FILE, "[models.\"core.stays", model);
    let (old, new) = ("staging.jobs where year = $year + 1", "core.others where year = $year + 1");
    study.replace("sql/tiny/core/stays.sql", old, new);
    insta::assert_snapshot!(study.fail(2, &["validate"]), @r#"
    error: sql/tiny/core/stays.sql:7:45: asks for `$year+1`, and `core.stays` reads no such year: it would be empty, and everybody in it gone
      hint: give [models."core.stays"] `reads = { "core.others" = ["year", "year+1"] }`; or, where no slice of another year is meant, `year_offsets = [1]`
    "#);
}

#[test]
fn years_read_beside_others_and_never_told_apart_are_a_warning() {
    let study = with_pairs(BOTH);
    study.replace("sql/tiny/core/stays.sql", " where year = $year + 1", "");
    let said = study.output("warn", &["validate"]);
    assert!(said.status.success());
    let warning = "WARN sql/tiny/core/stays.sql: reads `year+1` of staging.jobs beside other years, \
                   and compares nothing with `$year + 1`";
    let said = crate::workplace::stderr(&said);
    assert!(said.contains(warning), "{said}");
}

#[test]
fn a_whole_table_says_by_reads_for_which_years_there_is_a_pair() {
    let study = with_pairs(BOTH);
    study.replace(
        STUDY_FILE,
        "[models.\"staging.jobs\"]",
        "[models.\"staging.jobs\"]\nslices = \"whole\"\n# ",
    );
    study.replace(STUDY_FILE, "# \nkey = [\"person_id\"]", "key = [\"year\", \"person_id\"]");
    study.replace(
        STUDY_FILE,
        "files    = \"jobs{year}V{version}.*\"",
        "files    = \"jobsV{version}.*\"",
    );
    study.replace(STAGING_FILE, "    $year as year,\n", "    2020 + hour_count % 2 as year,\n");
    study.replace(OUT_FILE, "$year as year,\n    sector_code", "$year as year,\n    sector_code");
    study.write("raw/jobsV1.csv", jobs(100));
    study.succeed(&["run"]);
    // The last year has no pair: nobody in it is gone.
    let pairs =
        study.succeed(&["sql", "--format", "csv", "select distinct from_year from core.stays"]);
    assert_eq!(pairs, "from_year\n2020\n");
    let refused = with_pairs("");
    refused.replace(
        STUDY_FILE,
        "[models.\"staging.jobs\"]",
        "[models.\"staging.jobs\"]\nslices = \"whole\"\n",
    );
    refused.replace(
        STUDY_FILE,
        "files    = \"jobs{year}V{version}.*\"",
        "files    = \"jobsV{version}.*\"",
    );
    refused.replace(STAGING_FILE, "    $year as year,\n", "    2020 + hour_count % 2 as year,\n");
    assert!(refused.fail(2, &["validate"]).contains("asks for `$year+1`"));
}

#[test]
fn a_declared_year_without_a_row_stops_the_run_unless_it_may_be_empty() {
    let study = with_pairs(BOTH);
    study.write("raw/jobs2021V1.csv", "PERSON;SECTOR;HOURS\n");
    insta::assert_snapshot!(study.fail(3, &["run"]), @"
    error: staging.jobs 2021 has no row, nor has 1 other slice of a year
      hint: a declared year without rows is read as a year that everybody left: take it off `years`, or, where it may be, give the model `may_be_empty = true`
    ");
    assert!(!study.place.path("release/current").exists());
    assert!(!study.place.path("lake/current").exists());
    study.replace(
        STUDY_FILE,
        "[models.\"staging.jobs\"]",
        "[models.\"staging.jobs\"]\nmay_be_empty = true",
    );
    let said = study.fail(3, &["run"]);
    assert!(said.contains("out.hours 2021 has no row"), "{said}");
    study.replace(
        STUDY_FILE,
        "[models.\"out.hours\"]",
        "[models.\"out.hours\"]\nmay_be_empty = true",
    );
    study.succeed(&["run"]);
    // The setting taken back, the slices that are there are no better.
    study.replace(
        STUDY_FILE,
        "[models.\"out.hours\"]\nmay_be_empty = true",
        "[models.\"out.hours\"]",
    );
    assert_eq!(study.fail(3, &["run"]), said);
}

#[test]
fn a_panel_that_ends_before_the_declared_years_stops_the_run() {
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, "\"2020..2021\"", "\"2020..2022\"");
    study.replace(
        STUDY_FILE,
        "files    = \"jobs{year}V{version}.*\"",
        "files    = \"jobsV{version}.*\"",
    );
    let of_year = "from raw.jobs\nwhere 2020 + hour_count % 2 = $year";
    study.replace(STAGING_FILE, "from raw.jobs", of_year);
    study.write("raw/jobsV1.csv", jobs(100));
    let said = study.fail(3, &["run"]);
    assert!(said.starts_with("error: staging.jobs 2022 has no row"), "{said}");
    study.replace(STUDY_FILE, "\"2020..2022\"", "\"2020..2021\"");
    study.succeed(&["run"]);
    assert_eq!(years(&study, "staging.jobs"), "n\n100\n");
}

#[test]
fn open_years_need_a_source_by_year_and_offsets_need_years_apart() {
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, "\"2020..2021\"", "\"2020..\"");
    study.replace(
        STUDY_FILE,
        "files    = \"jobs{year}V{version}.*\"",
        "files    = \"jobsV{version}.*\"",
    );
    insta::assert_snapshot!(study.fail(2, &["validate"]), @r#"
    error: pipelines/tiny.toml:3:14: `years`: is open, and no source has a file a year
      hint: name the last year, or a source whose `files` have `{year}`; as years = "2020..2021"
    "#);
    let apart = with_pairs("reads = { \"staging.jobs\" = [\"year\", \"year+2\"] }\n");
    apart.replace("sql/tiny/core/stays.sql", "$year + 1", "$year + 2");
    insta::assert_snapshot!(apart.fail(2, &["validate"]), @"
    error: pipelines/tiny.toml:18:9: no year of the study has every year that `core.stays` reads beside it
      hint: widen `years`, or read offsets that two of them are apart
    ");
}

#[test]
fn an_open_study_keeps_its_years_or_says_which_file_is_missing() {
    let study = TinyStudy::new();
    study.write_raw();
    study.replace(STUDY_FILE, "\"2020..2021\"", "\"2020..\"");
    study.succeed(&["run"]);
    let before = crate::tiny_study::files_below(&study.place.path("release/current"));
    study.remove("raw/jobs2021V1.csv");
    let said = study.fail(5, &["run"]);
    insta::assert_snapshot!(said, @"
    error: the lake has years up to 2021, and there is no raw file any more for 2021: jobs2021V{version}.* (raw.jobs)
      hint: looked in raw; deliver it again, or let go of what is there with `run --forget-year 2021`
    ");
    assert_eq!(study.fail(5, &["plan"]), said);
    assert!(study.succeed(&["status"]).contains("there is no raw file any more for 2021"));
    assert_eq!(crate::tiny_study::files_below(&study.place.path("release/current")), before);
    assert_eq!(study.fail(5, &["run", "--forget-year", "2022"]), said);
    study.succeed(&["run", "--forget-year", "2021"]);
    assert_eq!(years(&study, "staging.jobs"), "n\n100\n");
    study.succeed(&["run"]);
    study.write("raw/jobs2021V1.csv", jobs(100));
    study.succeed(&["run"]);
    assert_eq!(years(&study, "staging.jobs"), "n\n200\n");
}
