//! Chosen tables whose figures were wrong without a word.

use super::exact::expected;
use super::{Cells, Table, published};

/// A table of one dimension, with totals over it.
fn table(types: [(usize, usize); 2], decimals: usize, rows: &[(&str, i128, i128)]) -> Table {
    let row = |(code, above, below): &(&str, i128, i128)| Cells {
        codes: vec![Some((*code).to_owned())],
        measures: [Some(*above), Some(*below)],
    };
    let rows = rows.iter().map(row).collect();
    Table { dimensions: 1, totals: vec![0], types, decimals, rows }
}

/// The rate that is published of a code.
fn rate(table: &Table, code: &str) -> String {
    let study = table.study();
    study.succeed(&["run"]);
    let rows = published(&study, &table.names());
    assert_eq!(rows, expected(table).unwrap());
    rows[&vec![code.to_owned()]]["rate"].clone()
}

#[test]
fn a_mean_wage_has_all_its_digits_in_every_format() {
    let wages = table([(12, 2), (9, 0)], 6, &[("A", 5_200_025, 1), ("B", 36_250_400, 10)]);
    assert_eq!(rate(&wages, "A"), "52000.250000");
    assert_eq!(rate(&wages, "B"), "36250.400000");
    assert_eq!(rate(&wages, "total"), "37682.204545");
}

#[test]
fn quotients_of_weights_with_many_decimals_are_there() {
    let weight = 1_234_567_890_123_456_789_i128;
    let weights =
        table([(20, 17), (20, 17)], 6, &[("A", weight, 3 * weight), ("B", weight, weight)]);
    assert_eq!(rate(&weights, "total"), "0.500000");
    let rows: Vec<(String, i128, i128)> = (0..300)
        .map(|row| (format!("c{row}"), 9_876_543_210_123_456, 9_999_999_999_999_999))
        .collect();
    let rows: Vec<(&str, i128, i128)> =
        rows.iter().map(|(code, above, below)| (code.as_str(), *above, *below)).collect();
    assert_eq!(rate(&table([(16, 13), (16, 13)], 6, &rows), "total"), "0.987654");
}

#[test]
fn the_places_of_a_rate_are_the_studys_and_halves_go_away_from_zero() {
    let halves = [("A", 25, 1000), ("B", -25, 1000), ("C", 15, 1000), ("D", 14, 1000)];
    let halves = table([(9, 0), (9, 0)], 2, &halves);
    let rates = ["A", "B", "C", "D"].map(|code| rate(&halves, code));
    assert_eq!(rates, ["0.03", "-0.03", "0.02", "0.01"]);
    let none = table([(9, 0), (9, 0)], 0, &[("A", 5, 2), ("B", 1, 0)]);
    assert_eq!((rate(&none, "A"), rate(&none, "B")), ("3".to_owned(), String::new()));
}

#[test]
fn a_table_without_rows_has_no_totals() {
    let none = table([(9, 0), (9, 0)], 6, &[]);
    let study = none.study();
    study.succeed(&["run"]);
    assert_eq!(published(&study, &none.names()), expected(&none).unwrap());
    assert_eq!(expected(&none).unwrap().len(), 0);
}

#[test]
fn a_sum_beyond_its_type_is_wider_or_refused_with_its_row() {
    let nines = 9_000_000_000_000_000_000;
    let wide = table([(19, 0), (9, 0)], 0, &[("A", nines, 1), ("B", nines, 1)]);
    let study = wide.study();
    study.succeed(&["run"]);
    let total = &published(&study, &wide.names())[&vec!["total".to_owned()]];
    assert_eq!(total["m0"], "18000000000000000000");

    // The same as integers of 64 bits, which have no wider type.
    let study = wide.study();
    study.replace(
        crate::tiny_study::OUT_FILE,
        "m0, m1",
        "cast(m0 as bigint) as m0, cast(m1 as bigint) as m1",
    );
    insta::assert_snapshot!(study.fail(3, &["run"]), @"
    error: out.hours: the column `m0` is too large for an integer of 64 bits in: d0 total
      hint: publish it in a larger unit, or with fewer decimals
    ");
}

#[test]
fn a_rate_that_no_type_holds_is_refused_with_its_row() {
    let most = 10_i128.pow(38) - 1;
    let study = table([(38, 0), (38, 38)], 6, &[("A", most, 1)]).study();
    study.replace(crate::tiny_study::STUDY_FILE, "totals     = [\"d0\"]\n", "");
    insta::assert_snapshot!(study.fail(3, &["run"]), @"
    error: out.hours: the column `rate` is too large for decimal(38, 6) in: d0 A
      hint: publish it in a larger unit, or with fewer decimals
    ");
}
