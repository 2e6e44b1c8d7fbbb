//! Mistakes in the SQL of a study: one error that names file and line.

use crate::tiny_study::{
    CHECK_FILE, OUT_FILE, STAGING_FILE, STUDY_FILE, TinyStudy, refusal, refusal_of,
};

/// The same with one more model.
fn refusal_with(table: &str, sql: &str) -> String {
    refusal(|study| {
        let (layer, name) = table.split_once('.').unwrap();
        study.write(&format!("sql/tiny/{layer}/{name}.sql"), sql);
        let model =
            format!("[models.\"{table}\"]\nkey = [\"person_id\"]\n\n[models.\"out.hours\"]");
        study.replace(STUDY_FILE, "[models.\"out.hours\"]", &model);
    })
}

#[test]
fn a_file_that_is_not_one_query_is_refused() {
    let whole = |sql: &str| refusal(|study| study.write(STAGING_FILE, sql));
    insta::assert_snapshot!(whole("-- Nothing yet.\n"), @"
    error: sql/tiny/staging/jobs.sql:1:1: holds no query
      hint: an SQL file holds one bare query: `with … select …`, nothing else
    ");
    insta::assert_snapshot!(whole("create table jobs as select * from raw.jobs\n"), @"
    error: sql/tiny/staging/jobs.sql:1:1: is not a query
      hint: an SQL file holds one bare query: `with … select …`, nothing else
    ");
    insta::assert_snapshot!(whole("insert into staging.jobs select * from raw.jobs\n"), @"
    error: sql/tiny/staging/jobs.sql:1:1: is not a query
      hint: an SQL file holds one bare query: `with … select …`, nothing else
    ");
    insta::assert_snapshot!(whole("copy raw.jobs to 'jobs.csv'\n"), @"
    error: sql/tiny/staging/jobs.sql:1:1: is not a query
      hint: an SQL file holds one bare query: `with … select …`, nothing else
    ");
    insta::assert_snapshot!(whole("select * from raw.jobs;\n\nselect 1\n"), @"
    error: sql/tiny/staging/jobs.sql:1:1: holds more than one statement
      hint: an SQL file holds one bare query: `with … select …`, nothing else
    ");
}

#[test]
fn a_mistake_of_syntax_has_its_line() {
    insta::assert_snapshot!(refusal_of(OUT_FILE, "from staging.jobs\nwhere", "form staging.jobs\nwhere"), @"error: sql/tiny/out/hours.sql:7:1: not valid SQL: Expected: end of statement, found: form");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "group by sector_code", "group sector_code"), @"error: sql/tiny/out/hours.sql:9:1: not valid SQL: Expected: end of statement, found: group");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "count(*)", "count(*"), @"error: sql/tiny/out/hours.sql:5:13: not valid SQL: Expected: ), found: as");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "order by sector_code\n", "order by 'sector_code\n"), @"error: sql/tiny/out/hours.sql:10:10: not valid SQL: Unterminated string literal");
    insta::assert_snapshot!(refusal_of(CHECK_FILE, "where", "where where"), @"error: sql/tiny/checks/nobody_works_too_long.sql:4:13: not valid SQL: Expected: end of statement, found: hour_count");
}

#[test]
fn an_unknown_table_is_refused_with_the_nearest_one() {
    insta::assert_snapshot!(refusal_of(OUT_FILE, "staging.jobs", "staging.job"), @"
    error: sql/tiny/out/hours.sql:7:14: there is no table `staging.job`
      hint: did you mean `staging.jobs`?
    ");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "staging.jobs", "staging.wages"), @"
    error: sql/tiny/out/hours.sql:7:14: there is no table `staging.wages`
      hint: did you mean `staging.jobs`?
    ");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "staging.jobs", "jobs"), @"
    error: sql/tiny/out/hours.sql:7:6: `jobs` is no table: a table is named `layer.name`
      hint: layers: raw, staging, core, out
    ");
    insta::assert_snapshot!(refusal_of(CHECK_FILE, "staging.jobs", "core.jobs"), @"
    error: sql/tiny/checks/nobody_works_too_long.sql:3:11: there is no table `core.jobs`
      hint: a table is a source, a code list, or an SQL file
    ");
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "models.\"staging.jobs\"", "models.\"staging.job\""), @"error: pipelines/tiny.toml:13:9: no SQL file makes the table `staging.job`; did you mean `staging.jobs`?");
}

#[test]
fn an_unknown_column_is_refused_with_its_line() {
    insta::assert_snapshot!(refusal_of(STAGING_FILE, "hour_count\n", "hours\n"), @"error: sql/tiny/staging/jobs.sql:5:5: No field named hours.");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "sum(hour_count)", "sum(hours_count)"), @"error: sql/tiny/out/hours.sql:6:9: No field named hours_count. Did you mean 'staging.jobs.hour_count'?");
    insta::assert_snapshot!(refusal_of(CHECK_FILE, "hour_count >", "hours >"), @"error: sql/tiny/checks/nobody_works_too_long.sql:4:7: No field named hours.");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "group by sector_code", "group by sector"), @"error: sql/tiny/out/hours.sql:9:10: No field named sector. Did you mean 'staging.jobs.sector_code'?");
}

#[test]
fn a_query_whose_types_do_not_fit_is_refused() {
    insta::assert_snapshot!(refusal_of(OUT_FILE, "sum(hour_count)", "sum(sector_code)"), @"error: sql/tiny/out/hours.sql:1:1: Function 'sum' failed to match any signature");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "sum(hour_count)", "summe(hour_count)"), @"error: sql/tiny/out/hours.sql:6:5: Invalid function 'summe'.");
    insta::assert_snapshot!(refusal_of(OUT_FILE, "sum(hour_count)", "null"), @"
    error: sql/tiny/out/hours.sql:1:1: column `hour_count` has no type
      hint: cast the null to a type
    ");
}

#[test]
fn data_never_flow_back_and_only_staging_reads_raw() {
    insta::assert_snapshot!(refusal_with("core.jobs", "select\n    person_id\nfrom raw.jobs\n"), @"
    error: sql/tiny/core/jobs.sql:3:10: only staging reads raw tables, and `raw.jobs` is one
      hint: add a staging model for it
    ");
    insta::assert_snapshot!(refusal_with("staging.old", "select year as person_id\nfrom out.hours\n"), @"error: sql/tiny/staging/old.sql:2:10: a staging model must not read `out.hours`: data never flows back");
    insta::assert_snapshot!(refusal_of(CHECK_FILE, "staging.jobs", "raw.jobs"), @"
    error: sql/tiny/checks/nobody_works_too_long.sql:3:10: only staging reads raw tables, and `raw.jobs` is one
      hint: add a staging model for it
    ");
}

#[test]
fn a_cycle_is_named() {
    let cycle = refusal(|study| {
        study.write("sql/tiny/core/a.sql", "select person_id\nfrom core.b\n");
        study.write("sql/tiny/core/b.sql", "select person_id\nfrom core.c\n");
        study.write("sql/tiny/core/c.sql", "select person_id\nfrom staging.jobs, core.a\n");
        let models = ["a", "b", "c"]
            .map(|name| format!("[models.\"core.{name}\"]\nkey = [\"person_id\"]\n"));
        let models = models.concat() + "[models.\"out.hours\"]";
        study.replace(STUDY_FILE, "[models.\"out.hours\"]", &models);
    });
    insta::assert_snapshot!(cycle, @"error: sql/tiny/core/a.sql:2:11: a cycle: core.a reads core.b reads core.c reads core.a");
    let own = refusal_with("core.own", "select person_id\nfrom core.own\n");
    insta::assert_snapshot!(own, @"error: sql/tiny/core/own.sql:2:11: a cycle: core.own reads core.own");
}

#[test]
fn a_model_has_a_key_that_its_sql_makes() {
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "[models.\"staging.jobs\"]\nkey = [\"person_id\"]\n", ""), @r#"
    error: pipelines/tiny.toml:1:1: the model `staging.jobs` declares no key
      hint: add [models."staging.jobs"] with key = [columns that make a row unique]
    "#);
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "key = [\"person_id\"]\n", "slices = \"year\"\n"), @r#"
    error: pipelines/tiny.toml:13:1: the model `staging.jobs` declares no key
      hint: add [models."staging.jobs"] with key = [columns that make a row unique]
    "#);
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "key = [\"person_id\"]\n", "key = [\"person\"]\n"), @"error: sql/tiny/staging/jobs.sql:1:1: does not make the column `person` that its key names");
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "key = [\"person_id\"]\n", "key = []\n"), @"error: pipelines/tiny.toml:14:7: `models.staging.jobs.key`: names no column");
}

#[test]
fn a_model_sees_years_that_there_are() {
    let reads = |years: &str| {
        let new = format!("key = [\"person_id\"]\nreads = {years}\n");
        refusal_of(STUDY_FILE, "key = [\"person_id\"]\n", &new)
    };
    insta::assert_snapshot!(reads("{ \"raw.jobs\" = \"yaer\" }"), @r#"error: pipelines/tiny.toml:15:24: `models.staging.jobs.reads.raw.jobs`: `yaer` must be "year", "year+1", "all", a range or a parameter with one"#);
    insta::assert_snapshot!(reads("{ \"raw.wages\" = \"year\" }"), @"error: pipelines/tiny.toml:15:11: the SQL of `staging.jobs` does not read `raw.wages`");
    insta::assert_snapshot!(reads("{ \"raw.jobs\" = \"least_hours\" }"), @"error: pipelines/tiny.toml:15:24: `models.staging.jobs.reads.raw.jobs`: parameter `least_hours` is no range of years: `1` is not a year of four digits");
}

#[test]
fn published_columns_are_declared_and_made() {
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "\"person_count\", ", ""), @"
    error: sql/tiny/out/hours.sql:1:1: the publication does not declare the column `person_count`
      hint: a dimension, measure, attribute, or `inside`
    ");
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "\"person_count\", ", "\"person_count\", \"wage\", "), @"error: sql/tiny/out/hours.sql:1:1: does not make the column `wage` that its publication names");
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "\"person_count\", ", "\"year\", "), @"error: pipelines/tiny.toml:23:15: column `year` stands here twice");
    let rate = "measures   = [\"person_count\", \"hour_count\"]\nrates = { mean = [\"hours\", \"person_count\"] }";
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "measures   = [\"person_count\", \"hour_count\"]", rate), @"error: pipelines/tiny.toml:24:19: `hours` is not among the measures");
    let totals = "family     = \"register\"\ntotals = [\"year\"]";
    insta::assert_snapshot!(refusal_of(STUDY_FILE, "family     = \"register\"", totals), @"
    error: pipelines/tiny.toml:22:11: out.hours: the dimension `year` is an integer, and only a text can have the code `total`
      hint: cast it in the SQL: `cast(year as varchar)`
    ");
}

#[test]
fn an_expression_that_no_stack_could_hold_is_refused_with_its_place() {
    for (sign, term) in [("+", "1"), ("||", "'a'"), ("or", "1 = 2"), ("and", "true")] {
        let long = vec![term; 10_000].join(&format!(" {sign} "));
        let said =
            refusal_of(OUT_FILE, "count(*) as person_count", &format!("({long}) as person_count"));
        assert!(said.starts_with("error: sql/tiny/out/hours.sql:"), "{said}");
        assert!(said.contains("has more than 2000 operators"), "{said}");
        let study = TinyStudy::new();
        study.write_raw();
        study.succeed(&["run"]);
        let said = study.fail(2, &["sql", &format!("select {long}")]);
        assert!(said.contains("the query has more than 2000 operators"), "{said}");
    }
}
