//! Random tables: whatever is in them, nothing below the threshold follows from
//! what is published.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::brute_force::{Knowledge, Row};
use super::tables::{Counts, Shown, at_least, protected, shown};

/// A least count that numbers can be tried out up to.
pub(super) const LEAST: i64 = 4;
/// So far numbers are tried out: above all counts of cells, with room.
pub(super) const MOST: i64 = 14;

/// One table over dimensions of some sizes; counts small and large, and cells
/// without anybody.
fn table(sizes: Vec<usize>) -> impl Strategy<Value = Counts> {
    let count = sizes.iter().product::<usize>();
    let value = prop_oneof![2 => Just(0_i64), 4 => 1..LEAST, 5 => LEAST..9_i64];
    prop::collection::vec(value, count).prop_map(move |values| {
        let mut cells = BTreeMap::new();
        for (number, value) in values.into_iter().enumerate() {
            let mut rest = number;
            let code = |size: &usize| {
                let code = format!("c{}", rest % size);
                rest /= size;
                code
            };
            let codes: Vec<String> = sizes.iter().map(code).collect();
            if value > 0 {
                cells.insert(codes, value);
            }
        }
        let dimensions = (0..sizes.len()).map(|it| format!("d{it}")).collect();
        Counts { name: "t".to_owned(), dimensions, cells, more: String::new() }
    })
}

fn shapes() -> impl Strategy<Value = Counts> {
    let shapes = prop_oneof![
        Just(vec![2, 2]),
        Just(vec![3, 2]),
        Just(vec![3, 3]),
        Just(vec![2, 2, 2]),
        Just(vec![2, 2, 2, 2]),
    ];
    shapes.prop_flat_map(table).prop_filter("a table of nobody", |it| !it.cells.is_empty())
}

/// A table, and one over some of its dimensions: margins of the first.
pub(super) fn linked() -> impl Strategy<Value = Vec<Counts>> {
    (shapes(), 1_usize..3).prop_map(|(table, kept)| {
        let mut cells: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        for (codes, count) in &table.cells {
            *cells.entry(codes[..kept].to_vec()).or_default() += count;
        }
        let dimensions = table.dimensions[..kept].to_vec();
        let other = Counts { name: "u".to_owned(), dimensions, cells, more: String::new() };
        vec![table, other]
    })
}

/// Every suppressed count could be numbers as far apart as the least count, to
/// everybody and to each who is alone in a cell.
fn holds(tables: &[Counts]) -> Result<(), TestCaseError> {
    let protected = protected(tables, &at_least(LEAST));
    let protected = protected.map_err(|it| TestCaseError::fail(it.to_string()))?;
    let shown: Vec<_> = tables.iter().map(|table| (table, shown(table, &protected))).collect();
    for (table, rows) in &shown {
        for (codes, count) in rows {
            prop_assert!(count.is_none_or(|count| count >= LEAST), "{} {codes:?}", table.name);
        }
    }
    is_open(&shown, &BTreeSet::new())?;
    for (number, (table, rows)) in shown.iter().enumerate() {
        let counts = table.rows();
        for codes in rows.keys().filter(|codes| counts[*codes] == 1) {
            let mut known = shown.clone();
            known[number].1.insert(codes.clone(), Some(1));
            let own = Knowledge::of(&shown, MOST).equals(&(table.name.clone(), codes.clone()));
            is_open(&known, &own)?;
        }
    }
    Ok(())
}

/// Every count that is not shown is open, but those that are a contributor's own.
fn is_open(shown: &[(&Counts, Shown)], own: &BTreeSet<Row>) -> Result<(), TestCaseError> {
    for (row, [low, high]) in Knowledge::of(shown, MOST).intervals() {
        let is_open = high - low >= LEAST || low >= LEAST || own.contains(&row);
        prop_assert!(is_open, "{row:?} is from {low} to {high}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 40, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_below_the_threshold_follows_from_one_table(table in shapes()) {
        holds(&[table])?;
    }

    #[test]
    fn nothing_below_the_threshold_follows_from_linked_tables(tables in linked()) {
        holds(&tables)?;
    }
}
