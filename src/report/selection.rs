//! Which rows of a table a figure shows, and what tells them apart.

use super::release::ReleaseTable;
use crate::pipeline::report::{Figure, SINGLE};

/// Between the first and last year of a period.
const PERIOD: &str = "..";

/// A year of four digits.
pub(super) fn year_of(code: &str) -> Option<i32> {
    (code.len() == 4).then(|| code.parse().ok())?
}

/// The rows that a figure selects: in the order in which it asks for them, else of
/// the table.
pub(super) fn rows(table: &ReleaseTable, figure: &Figure) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..table.row_count).collect();
    for (column, wanted) in ordered(figure) {
        let wanted: Vec<String> =
            wanted.iter().flat_map(|it| meant(table, &rows, column, it)).collect();
        rows.retain(|row| {
            table.value(*row, column).is_some_and(|value| wanted.iter().any(|it| it == value))
        });
    }
    for column in figure.rows.iter().rev() {
        let Some(wanted) = figure.r#where.get(column) else { continue };
        let place = |row: &usize| {
            let value = table.value(*row, column);
            wanted.iter().position(|it| Some(it.as_str()) == value)
        };
        rows.sort_by_key(place);
    }
    if figure.by_value
        && let Some(value) = figure.values.first()
    {
        let place = |row: &usize| table.drawn(*row, value).unwrap_or(f64::NEG_INFINITY);
        rows.sort_by(|one, other| place(other).total_cmp(&place(one)));
    }
    rows
}

/// Values that stand for others, which depend on the rows.
const RELATIVE: [&str; 4] = ["last", "first", SINGLE, "pooled"];

/// Plain values first: the last year is that of the rows that these leave.
fn ordered(figure: &Figure) -> Vec<(&String, &Vec<String>)> {
    let mut conditions: Vec<_> = figure.r#where.iter().collect();
    conditions.sort_by_key(|(_, wanted)| wanted.iter().any(|it| RELATIVE.contains(&it.as_str())));
    conditions
}

/// What a wanted value stands for among these rows.
fn meant(table: &ReleaseTable, rows: &[usize], column: &str, wanted: &str) -> Vec<String> {
    let values = rows.iter().filter_map(|row| table.value(*row, column));
    let (periods, single): (Vec<&str>, Vec<&str>) = values.partition(|it| it.contains(PERIOD));
    let one = |found: Option<&str>| found.map(str::to_owned).into_iter().collect();
    match wanted {
        "last" => one(single.into_iter().max()),
        "first" => one(single.into_iter().min()),
        SINGLE => single.into_iter().map(str::to_owned).collect(),
        "pooled" => one(periods.into_iter().max_by_key(|it| span(it))),
        _ => vec![wanted.to_owned()],
    }
}

fn span(period: &str) -> i64 {
    let years = period.split_once(PERIOD);
    let years = years.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    years.map_or(0, |(first, last): (i64, i64)| last - first)
}

/// All that is drawn of these rows: the first value and its bounds.
pub(super) fn drawn(table: &ReleaseTable, figure: &Figure, rows: &[usize]) -> Vec<f64> {
    let bounds = figure.interval.iter().flat_map(|(low, high)| [low, high]);
    let columns: Vec<&String> = figure.values.first().into_iter().chain(bounds).collect();
    let figures = rows.iter().flat_map(|row| columns.iter().map(move |it| (row, it)));
    figures.filter_map(|(row, column)| table.drawn(*row, column)).collect()
}

/// The dimensions in which these rows differ.
pub(super) fn differing<'a>(table: &'a ReleaseTable, rows: &[usize]) -> Vec<&'a str> {
    let differs = |column: &&str| table.distinct(rows, column).len() > 1;
    table.of_role("dimension").filter(differs).collect()
}

/// Values of a column in these rows, each once: in the order in which the figure
/// asks for them, or else of the rows.
pub(super) fn values(
    table: &ReleaseTable,
    figure: &Figure,
    rows: &[usize],
    column: &str,
) -> Vec<Option<String>> {
    let mut values = table.distinct(rows, column);
    if let Some(wanted) = figure.r#where.get(column) {
        let place = |value: &Option<String>| {
            let place = |value: &String| wanted.iter().position(|it| it == value);
            value.as_ref().and_then(place)
        };
        values.sort_by_key(place);
    }
    values
}

/// Rows by the values of a column; all together where there is no column.
pub(super) fn groups(
    table: &ReleaseTable,
    figure: &Figure,
    rows: &[usize],
    column: Option<&str>,
) -> Vec<(Option<String>, Vec<usize>)> {
    let Some(column) = column else { return vec![(None, rows.to_vec())] };
    let of = |value: Option<String>| {
        let has = |row: &&usize| table.value(**row, column) == value.as_deref();
        let group: Vec<usize> = rows.iter().filter(has).copied().collect();
        (value, group)
    };
    values(table, figure, rows, column).into_iter().map(of).collect()
}
