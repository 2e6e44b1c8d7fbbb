//! Random tables: wide decimals, negative, zero and huge values, nulls, totals
//! over up to four dimensions.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::exact::expected;
use super::{Cells, Table, published};

#[test]
fn releases_of_random_tables_are_the_exact_answer_or_refused() {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let (published, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&table(), |table| {
        let kind = if is_published_right(&table) { &published } else { &refused };
        kind.set(kind.get() + 1);
        Ok(())
    });
    outcome.unwrap();
    let counts = (published.get(), refused.get());
    assert!(counts.0 >= 20 && counts.1 >= 3, "of each kind some: {counts:?}");
}

/// Runs the study and compares; false where it was refused, and had to be.
fn is_published_right(table: &Table) -> bool {
    let study = table.study();
    match expected(table) {
        Ok(rows) => {
            study.succeed(&["run"]);
            assert_eq!(published(&study, &table.names()), rows);
            true
        }
        Err(columns) => {
            let said = study.fail(3, &["run"]);
            let is_named =
                |column: &&str| said.contains(&format!("out.hours: the column `{column}`"));
            assert!(columns.iter().any(is_named), "{columns:?}: {said}");
            assert!(said.contains(" in: d0 "), "names the row: {said}");
            assert!(!study.place.path("release/current").exists());
            false
        }
    }
}

fn table() -> impl Strategy<Value = Table> {
    let kind = (1_usize..=38).prop_flat_map(|digits| (Just(digits), 0..=digits));
    let shape = (2_usize..=4, [kind.clone(), kind], 0_usize..=18);
    shape.prop_flat_map(|(dimensions, types, decimals)| {
        let totals =
            proptest::sample::subsequence((0..dimensions).collect::<Vec<_>>(), 0..=dimensions);
        let rows = proptest::collection::vec(row(dimensions, types), 0..12);
        (totals, rows).prop_map(move |(totals, rows)| {
            let mut seen = BTreeSet::new();
            let rows = rows.into_iter().filter(|row: &Cells| seen.insert(row.codes.clone()));
            Table { dimensions, totals, types, decimals, rows: rows.collect() }
        })
    })
}

fn row(dimensions: usize, types: [(usize, usize); 2]) -> impl Strategy<Value = Cells> {
    let code = prop_oneof![
        6 => "[ab]".prop_map(Some),
        1 => Just(Some("é, \"x\"".replace('"', "'"))),
        1 => Just(None),
    ];
    let codes = proptest::collection::vec(code, dimensions);
    let [(first, _), (second, _)] = types;
    (codes, [units(first).boxed(), units(second).boxed()])
        .prop_map(|(codes, measures)| Cells { codes, measures })
}

/// Units of up to so many digits, small ones as often as huge ones.
fn units(digits: usize) -> impl Strategy<Value = Option<i128>> {
    let most = 10_i128.pow(u32::try_from(digits).unwrap()) - 1;
    prop_oneof![
        3 => (-most..=most).prop_map(Some),
        3 => (-most.min(999)..=most.min(999)).prop_map(Some),
        1 => Just(Some(most)),
        1 => Just(Some(0)),
        1 => Just(None),
    ]
}
