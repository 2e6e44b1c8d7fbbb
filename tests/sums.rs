//! A sum of integers is right or an error: it never wraps around.

use crate::tiny_study::{CHECK_FILE, OUT_FILE, TinyStudy};

/// The tiny study with hours so large that two of them pass 64 bits.
fn study(hours: [&str; 3], sum: &str) -> TinyStudy {
    let study = TinyStudy::new();
    study.remove(CHECK_FILE);
    study.replace(OUT_FILE, "sum(hour_count)", sum);
    let rows = hours.iter().enumerate();
    let rows: String = rows.map(|(id, hours)| format!("P{id};A;{hours}\n")).collect();
    for year in [2020, 2021] {
        study.write(&format!("raw/jobs{year}V1.csv"), format!("PERSON;SECTOR;HOURS\n{rows}"));
    }
    study
}

const SUMS: [&str; 4] = [
    "sum(hour_count)",
    "sum(distinct hour_count) + 0 * sum(hour_count)",
    "max(hour_count) + sum(sum(hour_count)) over () - max(hour_count)",
    "sum(hour_count) filter (where hour_count > 0)",
];

#[test]
fn a_sum_beyond_64_bits_is_an_error() {
    for sum in SUMS {
        let nines = ["9000000000000000000", "9000000000000000001", "2"];
        let study = study(nines, sum);
        let said = study.fail(1, &["run"]);
        assert!(said.contains("out.hours 2020 (sql/tiny/out/hours.sql): "), "{said}");
        assert!(said.contains("a value that cannot be cast to the type asked for"), "{said}");
    }
}

#[test]
fn a_sum_within_64_bits_is_exact() {
    for sum in SUMS {
        let study = study(["9000000000000000000", "223372036854775806", "1"], sum);
        study.succeed(&["run"]);
        let csv = std::fs::read_to_string(study.place.path("release/current/hours.csv")).unwrap();
        assert!(csv.contains("2020,A,3,9223372036854775807\n"), "{sum}: {csv}");
    }
}
