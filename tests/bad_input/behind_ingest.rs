//! What raw data can break behind ingest, and that a good file makes it well.

use super::*;

#[test]
fn a_duplicated_key_stops_the_run() {
    let text = with_bad_records(100, &["KANARIE77;A;1", "KANARIE77;B;2", "KANARIE77;B;3"]);
    insta::assert_snapshot!(Scene::with_raw(&text).refusal(3), @"
    error: staging.jobs 2021: 2 rows have the same key (person_id) as another row
      hint: look for records that stand twice among the raw files; `honkvast sql --run last` over the upstream table finds them
    ");
    insta::assert_snapshot!(Scene::with_packed(&packed(&text)).refusal(3), @"
    error: staging.jobs 2021: 2 rows have the same key (person_id) as another row
      hint: look for records that stand twice among the raw files; `honkvast sql --run last` over the upstream table finds them
    ");
}

#[test]
fn a_value_that_the_sql_cannot_cast_is_not_shown() {
    let scene = Scene::with_raw(with_bad_records(100, &["P999;KANARIE77;1"]));
    scene.study.replace(
        "sql/tiny/staging/jobs.sql",
        "    sector_code,",
        "    cast(nullif(nullif(sector_code, 'A'), 'B') as bigint) as sector_code,",
    );
    insta::assert_snapshot!(scene.refusal(1), @"error: staging.jobs 2021 (sql/tiny/staging/jobs.sql): a value that cannot be cast to the type asked for");
}

#[test]
fn a_check_that_stops_counts_its_rows_and_shows_none() {
    let scene = Scene::with_raw(with_bad_records(100, &["KANARIE77;A;169", "KANARIE78;A;170"]));
    let said = scene.refusal(3);
    let run = said.split_once("--run ").unwrap().1.split_once(' ').unwrap().0.to_owned();
    insta::assert_snapshot!(said.replace(&run, "<run>"), @r#"
    error: 1 of 1 checks stopped the run: nobody_works_too_long (2 rows)
      hint: the rows are in <folder>/lake/checks; `honkvast sql --run <run> "…"` reads the tables
    "#);
    // The candidate of that run answers, beside the tables that are current.
    let found = "select count(*) as n from staging.jobs where hour_count > 168";
    assert_eq!(scene.study.succeed(&["sql", "--run", &run, found, "--format", "csv"]), "n\n2\n");
    assert_eq!(scene.study.succeed(&["sql", found, "--format", "csv"]), "n\n0\n");
}

#[test]
fn a_good_file_after_a_bad_one_makes_all_well() {
    let scene = Scene::with_raw(jobs(100).replace(';', ","));
    scene.refusal(5);
    scene.study.write("raw/jobs2021V2.csv", jobs(98));
    scene.study.succeed(&["run"]);
    let after = state(&scene.study);
    assert_ne!(after, scene.good);
    assert!(after.answer.starts_with("rows,hours\n4,"), "{}", after.answer);
}
