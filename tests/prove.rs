//! What no reader of SQL can see is found by making slices again.

use crate::chain::Chain;
use crate::tiny_study::{OUT_FILE, STUDY_FILE, TinyStudy, jobs};

#[test]
fn a_window_whose_order_has_ties_is_named() {
    let study = TinyStudy::new();
    for year in [2020, 2021] {
        study.write(&format!("raw/jobs{year}V1.csv"), jobs(999));
    }
    // Many persons work the same hours: which of them is the first is chance.
    let ranked = "with ranked as (
    select
        person_id,
        sector_code,
        row_number() over (order by hour_count) as rank_number
    from (select person_id, sector_code, hour_count from staging.jobs)
)

select
    $year as year,
    sector_code,
    count(*) as person_count,
    sum(cast(substr(person_id, 2) as bigint) * rank_number) as hour_count
from ranked
where rank_number >= $least_hours
group by sector_code
";
    study.write(OUT_FILE, ranked);
    study.succeed(&["run", "--threads", "1"]);
    let proof = study.output("error", &["prove", "out", "--years", "2020"]);
    assert_eq!(proof.status.code(), Some(3));
    let said = String::from_utf8(proof.stdout).unwrap();
    assert!(said.contains("out.hours 2020"), "{said}");
    assert!(said.contains("0 slices came out the same every time, 1 did not"), "{said}");
    // An order without ties proves itself.
    study.replace(OUT_FILE, "order by hour_count", "order by hour_count, person_id");
    study.succeed(&["run"]);
    insta::assert_snapshot!(study.succeed(&["prove"]), @"6 slices came out the same every time, 0 did not");
}

#[test]
fn a_proof_changes_nothing_and_is_of_what_is_current() {
    let study = TinyStudy::new();
    study.write_raw();
    insta::assert_snapshot!(study.fail(2, &["prove"]), @"
    error: nothing is current yet
      hint: `honkvast run` makes it
    ");
    study.succeed(&["run"]);
    let before = crate::tiny_study::files_below(&study.place.path("lake/slices"));
    let history = study.succeed(&["history"]);
    study.succeed(&["prove", "staging"]);
    assert_eq!(crate::tiny_study::files_below(&study.place.path("lake/slices")), before);
    assert_eq!(study.succeed(&["history"]), history);
    study.replace(STUDY_FILE, "least_hours = 1", "least_hours = 2");
    insta::assert_snapshot!(study.fail(2, &["prove", "out"]), @"
    error: out.hours 2020 is out of date
      hint: `honkvast run` brings it up to date
    ");
}

#[test]
fn no_slice_of_the_shipped_studies_depends_on_chance() {
    for chain in [Chain::techniek(2000, 3), Chain::nlswork()] {
        chain.succeed("state", &["run"]);
        let proof = chain.json("state", &["prove", "--json"]);
        assert_eq!(proof["differing"], serde_json::json!([]));
        assert!(proof["proven"].as_array().unwrap().len() > 50);
    }
}
