//! Rejects: counted by rule and column, shown on demand, limited.

use super::*;
use crate::tiny_study::CODEBOOK_FILE;

#[test]
fn a_truncated_last_line_is_one_reject_within_a_generous_limit() {
    let study = TinyStudy::new();
    study.write_raw();
    study.replace(
        CODEBOOK_FILE,
        "[[columns]]\nname = \"person_id\"",
        "reject_limit = 0.01\n[[columns]]\nname = \"person_id\"",
    );
    study.write("raw/jobs2021V1.csv", jobs(100) + "KANARIE77;A\n");
    study.succeed(&["run"]);
    assert_eq!(rejects(&study, &[]), ["jobs2021V1.csv, -, too few fields: 1 from line 102"]);
    let answer = study.succeed(&["sql", "select count(*) as n from raw.jobs", "--format", "csv"]);
    assert_eq!(answer, "n\n200\n", "a rejected record is no row");
    let (scene, bad) = (Scene { good: state(&study), study }, jobs(90) + "KANARIE77;A\n");
    scene.study.write("raw/jobs2021V2.csv", bad);
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V2.csv): 1 of 91 records rejected, over the limit of 1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
}

#[test]
fn a_truncated_last_line_over_the_limit_stops_the_run() {
    let scene = Scene::with_raw(jobs(100) + "KANARIE77;A\n");
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V1.csv): 1 of 101 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
    let found = rejects(&scene.study, &["--run", "last"]);
    assert_eq!(found, ["jobs2021V1.csv, -, too few fields: 1 from line 102"]);
    let none: Vec<String> = Vec::new();
    assert_eq!(rejects(&scene.study, &[]), none, "what is current has no rejects");
}

#[test]
fn rejects_over_the_limit_are_counted_by_rule_and_column_and_shown_on_demand() {
    let bad = ["KANARIE77;A;many", "KANARIE77;A;1;2", ";A;1", "KANARIE77", "", "KANARIE78;A;few"];
    let scene = Scene::with_packed(&packed(&with_bad_records(100, &bad)));
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V2.csv.gz): 6 of 106 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
    insta::assert_snapshot!(rejects(&scene.study, &["--run", "last"]).join("\n"), @"
    jobs2021V2.csv.gz, -, empty line: 1 from line 106
    jobs2021V2.csv.gz, person_id, mandatory value missing: 1 from line 104
    jobs2021V2.csv.gz, hour_count, not an integer: 2 from line 102
    jobs2021V2.csv.gz, -, too few fields: 1 from line 105
    jobs2021V2.csv.gz, -, too many fields: 1 from line 103
    ");
    let rows =
        scene.study.succeed(&["rejects", "jobs", "--run", "last", "--rows", "--format", "csv"]);
    insta::assert_snapshot!(rows, @r#"
    file,line,column,rule,raw_text
    jobs2021V2.csv.gz,102,hour_count,not an integer,KANARIE77;A;many
    jobs2021V2.csv.gz,103,,too many fields,KANARIE77;A;1;2
    jobs2021V2.csv.gz,104,person_id,mandatory value missing,;A;1
    jobs2021V2.csv.gz,105,,too few fields,KANARIE77
    jobs2021V2.csv.gz,106,,empty line,""
    jobs2021V2.csv.gz,107,hour_count,not an integer,KANARIE78;A;few
    "#);
}

#[test]
fn the_limit_of_rejects_is_exact() {
    let records = |good: usize| jobs(good).replace('P', "Q") + "KANARIE77;A;x\n";
    // One in a thousand is allowed by default.
    let study = TinyStudy::new();
    study.write_raw();
    study.write("raw/jobs2021V1.csv", records(999).replace("QERSON", "PERSON"));
    study.succeed(&["run"]);
    let scene = Scene::with_raw(records(998).replace("QERSON", "PERSON"));
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V1.csv): 1 of 999 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
}

#[test]
fn reading_stops_where_no_rest_could_bring_the_rejects_under_the_limit() {
    let scene = Scene::new();
    let study = &scene.study;
    let text = jobs(90) + &"\n".repeat(16 << 20);
    study.write("raw/jobs2021V2.csv.gz", Packing::Gzip.pack(text.as_bytes()));
    let said = study.fail(4, &["run"]);
    assert!(said.contains("of the first 104"), "{said}");
    assert!(said.contains("records rejected, over the limit of 0.1 %"), "{said}");
    scene.stands();
    let rejects = files_below(&study.place.path("lake/rejects"));
    let bytes: usize = rejects.values().map(Vec::len).sum();
    assert!(bytes < 4 << 20, "{bytes} bytes of rejects");
    let shown = study.succeed(&["rejects", "--run", "last", "--format", "csv"]);
    assert!(shown.contains("empty line"), "{shown}");
}

#[test]
fn the_rejects_of_a_run_have_a_size_that_they_may_not_pass() {
    let scene = Scene::new();
    let study = &scene.study;
    study.replace(CODEBOOK_FILE, "title  = \"Jobs\"", "title  = \"Jobs\"\nreject_limit = 1");
    let text = jobs(90) + &"short\n".repeat(3000);
    study.write("raw/jobs2021V2.csv", &text);
    insta::assert_snapshot!(study.fail(4, &["--reject-space", "16KiB", "run"]), @"
    error: raw.jobs 2021 (jobs2021V2.csv): with its rejects those of the run take more than 16384 bytes
      hint: `honkvast rejects --run last` shows those that were kept; is the file one of its codebook? Otherwise give more with --reject-space
    ");
    scene.stands();
    let shown = study.succeed(&["rejects", "--run", "last", "--format", "csv"]);
    assert!(shown.contains("too few fields"), "{shown}");
    study.succeed(&["--reject-space", "16MiB", "run"]);
}
