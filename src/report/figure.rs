//! A figure on the page: what is drawn of a table, the numbers behind it, and
//! where they come from.

use askama::Template;

use super::bars::Rows;
use super::cells::Status;
use super::flows;
use super::grid::Grid;
use super::lines::{Axes, MOST_LINES};
use super::release::{Release, ReleaseTable};
use super::selection::{self, differing, groups, rows, year_of};
use super::statements::Statements;
use super::words::{Both, both};
use crate::error::Result;
use crate::pipeline::report::{Chart, Figure};

/// How often a figure without a part of its own is drawn.
const MOST_PANELS: usize = 12;
/// Ranges of rows that are named one by one.
const MOST_RANGES: usize = 8;

/// A figure as the page has it.
#[derive(Template)]
#[template(path = "figure.html")]
pub(super) struct FigureView {
    /// Its place on the page.
    pub(super) id: String,
    pub(super) title: Both,
    words: Option<Both>,
    /// The data are about nobody.
    is_invented: bool,
    /// Its drawing may be wider than a window.
    is_wide: bool,
    legend: Vec<Both>,
    panels: Vec<Panel>,
    statements: Option<Statements>,
    /// Rows that may lie on the other side of a line.
    has_uncertain: bool,
    statuses: Vec<Status>,
    breaks: Vec<(i32, Both)>,
    source: Source,
}

/// One drawing with its numbers.
struct Panel {
    title: Option<Both>,
    drawing: Option<String>,
    grid: Grid,
}

/// Where the numbers of a figure come from.
struct Source {
    table: String,
    /// Rows of the table's files, counted from one, without the header.
    rows: String,
    /// Columns that were held, and at which values.
    selection: Vec<(Both, Vec<Both>)>,
    denominators: Vec<Both>,
    family: Option<Both>,
    has_query: bool,
}

/// What is shown of a table without a part of its own, by its declaration: lines
/// where a dimension is a year and the others leave few of them.
pub(super) fn declared(table: &ReleaseTable, shares: &[String]) -> Figure {
    let all: Vec<usize> = (0..table.row_count).collect();
    let dimensions = differing(table, &all);
    let year = dimensions.iter().copied().find(|column| is_year(table, &all, column));
    let is_share = |column: &&str| shares.iter().any(|share| share == column);
    let share = table.of_role("measure").find(is_share);
    let value = table.of_role("rate").next().or(share).or_else(|| table.of_role("measure").next());
    let mut figure = Figure { table: table.name.clone(), ..Figure::default() };
    let (Some(year), Some(value)) = (year, value) else { return figure };
    let mut others: Vec<(usize, &str)> = dimensions
        .iter()
        .filter(|column| **column != year)
        .map(|column| (table.distinct(&all, column).len(), *column))
        .collect();
    others.sort();
    let (series, panels) = match others.as_slice() {
        [] => (None, None),
        [(count, series)] if *count <= MOST_LINES => (Some(*series), None),
        [(count, series), (panels, by)] if *count <= MOST_LINES && *panels <= MOST_PANELS => {
            (Some(*series), Some(*by))
        }
        _ => return figure,
    };
    figure.chart = Chart::Lines;
    figure.across = Some(year.to_owned());
    figure.values = vec![value.to_owned()];
    figure.series = series.map(str::to_owned);
    figure.panels = panels.map(str::to_owned);
    figure
}

/// A whole number of four digits in each row, with more than one value.
fn is_year(table: &ReleaseTable, rows: &[usize], column: &str) -> bool {
    let is_integer = table.column(column).is_some_and(|column| column.kind == "integer");
    let is_one = |value: &Option<String>| value.as_deref().and_then(year_of).is_some();
    is_integer && table.distinct(rows, column).iter().all(is_one)
}

/// Makes a figure; `is_whole` shows all columns of its table behind it.
///
/// # Errors
/// [`crate::Error::Internal`] where a template fails.
pub(super) fn view(
    release: &Release,
    table: &ReleaseTable,
    figure: &Figure,
    id: String,
    is_whole: bool,
) -> Result<FigureView> {
    let rows = rows(table, figure);
    let mut panels = Vec::new();
    let mut legend = Vec::new();
    let mut statements = None;
    let mut has_later = false;
    if figure.chart == Chart::Statements {
        statements = Some(Statements::of(release, table, figure, &rows));
    } else {
        (panels, legend, has_later) = drawn(release, table, figure, &rows, is_whole)?;
    }
    let mut statuses: Vec<Status> =
        has_later.then_some(Status::NotYetComputable).into_iter().collect();
    statuses.extend(panels.iter().flat_map(|panel| panel.grid.statuses()));
    statuses.extend(statements.iter().flat_map(Statements::statuses));
    statuses.sort_unstable();
    statuses.dedup();
    let title = Both::of(&figure.title).or_else(|| Both::of(&table.title));
    Ok(FigureView {
        id,
        title: title.unwrap_or_else(|| Both::same(&table.name)),
        words: Both::of(&figure.words),
        is_wide: figure.chart == Chart::Flows,
        is_invented: release.about.disclosure == "synthetic",
        breaks: breaks(release, table, figure, &rows),
        has_uncertain: panels.iter().any(|panel| panel.grid.has_notes()),
        source: source(release, table, figure, &rows),
        legend,
        panels,
        statements,
        statuses,
    })
}

fn drawn(
    release: &Release,
    table: &ReleaseTable,
    figure: &Figure,
    rows: &[usize],
    is_whole: bool,
) -> Result<(Vec<Panel>, Vec<Both>, bool)> {
    let axes = (figure.chart == Chart::Lines).then(|| Axes::of(release, table, figure, rows));
    let axes = axes.flatten();
    let is_rows = matches!(figure.chart, Chart::Bars | Chart::Intervals);
    let bars = is_rows.then(|| Rows::of(release, table, figure, rows)).flatten();
    let by = figure.panels.as_deref();
    let mut panels = Vec::new();
    for (of, rows) in groups(table, figure, rows, by) {
        let mut grid = numbers(release, table, figure, &rows, is_whole);
        let drawing = match figure.chart {
            Chart::Lines => axes.as_ref().map(|axes| axes.draw(&rows)).transpose()?,
            Chart::Flows => flows::draw(release, table, figure, &rows)?,
            _ => None,
        };
        if let Some(bars) = &bars {
            bars.draw(&rows, &mut grid)?;
        }
        let title = by.map(|column| {
            let (label, code) =
                (release.column_label(column), release.code_label(column, of.as_deref()));
            both(&format!("{}: {}", label.nl, code.nl), &format!("{}: {}", label.en, code.en))
        });
        panels.push(Panel { title, drawing, grid });
    }
    let has_later = axes.as_ref().is_some_and(Axes::has_later_years);
    Ok((panels, axes.map(|axes| axes.legend()).unwrap_or_default(), has_later))
}

/// The numbers behind a drawing.
fn numbers(
    release: &Release,
    table: &ReleaseTable,
    figure: &Figure,
    rows: &[usize],
    is_whole: bool,
) -> Grid {
    let named = |columns: &[String]| -> Vec<String> { columns.to_vec() };
    let heads = match (is_whole, figure.rows.is_empty()) {
        (true, _) => table.of_role("dimension").map(str::to_owned).collect(),
        (false, false) => named(&figure.rows),
        (false, true) => {
            let all: Vec<&str> = differing(table, rows);
            all.into_iter().map(str::to_owned).collect()
        }
    };
    let is_across = figure.chart == Chart::Table && figure.across.is_some();
    let apart = |head: &&String| {
        Some(*head) != figure.panels.as_ref()
            && !(is_across && Some(*head) == figure.across.as_ref())
    };
    let heads: Vec<&str> = heads.iter().filter(apart).map(String::as_str).collect();
    let values = if is_whole || figure.values.is_empty() {
        table.columns.iter().filter(|it| it.is_figure()).map(|it| it.name.as_str()).collect()
    } else {
        behind(table, figure, is_across)
    };
    match figure.across.as_deref().filter(|_| is_across) {
        Some(across) => {
            let columns = selection::values(table, figure, rows, across);
            Grid::across(release, table, rows, &heads, (across, &columns), &values)
        }
        None => Grid::of(release, table, rows, &heads, &values),
    }
}

/// The columns behind a drawing: its values, their bounds, of what rates are
/// made, and how many observations there are.
fn behind<'a>(table: &'a ReleaseTable, figure: &'a Figure, is_across: bool) -> Vec<&'a str> {
    let mut columns: Vec<&str> = figure.values.iter().map(String::as_str).collect();
    if is_across {
        return columns;
    }
    columns.extend(figure.interval.iter().flat_map(|(low, high)| [low.as_str(), high.as_str()]));
    for value in &figure.values {
        let described = table.column(value);
        columns.extend(described.and_then(|it| it.numerator.as_deref()));
        columns.extend(described.and_then(|it| it.denominator.as_deref()));
    }
    columns.extend(table.has(OBSERVATIONS).then_some(OBSERVATIONS));
    let mut seen = std::collections::BTreeSet::new();
    columns.retain(|column| seen.insert(*column));
    columns
}

const OBSERVATIONS: &str = "unweighted_count";

fn breaks(
    release: &Release,
    table: &ReleaseTable,
    figure: &Figure,
    rows: &[usize],
) -> Vec<(i32, Both)> {
    let Some(across) = figure.across.as_ref().filter(|_| figure.chart == Chart::Lines) else {
        return Vec::new();
    };
    let years: Vec<i32> =
        rows.iter().filter_map(|row| table.value(*row, across)?.parse().ok()).collect();
    let is_within =
        |year: i32| years.iter().any(|it| *it < year) && years.iter().any(|it| *it >= year);
    let about = release.about.report.breaks.iter();
    about
        .filter(|it| it.tables.is_empty() || it.tables.contains(&table.name))
        .filter(|it| is_within(it.year))
        .filter_map(|it| Some((it.year, Both::of(&it.words)?)))
        .collect()
}

fn source(release: &Release, table: &ReleaseTable, figure: &Figure, rows: &[usize]) -> Source {
    let selection = figure.r#where.keys().map(|column| {
        let codes = table.distinct(rows, column);
        let codes = codes.iter().map(|code| release.code_label(column, code.as_deref()));
        (release.column_label(column), codes.collect())
    });
    let denominators = table.distinct(rows, "denominator_label");
    let denominators = denominators.iter().flatten();
    Source {
        table: table.name.clone(),
        rows: ranges(rows),
        selection: selection.collect(),
        denominators: denominators
            .map(|code| release.code_label("denominator_label", Some(code)))
            .collect(),
        family: table.family.as_deref().map(family),
        has_query: release.about.queries.contains_key(&format!("out.{}", table.name)),
    }
}

/// A family in words.
fn family(family: &str) -> Both {
    match family {
        "register" => both("registers: iedereen geteld", "registers: everybody is counted"),
        "survey" => both("enquête: geschat uit een steekproef", "survey: estimated from a sample"),
        _ => both("openbare gegevens", "public data"),
    }
}

/// Rows as ranges, counted from one.
fn ranges(rows: &[usize]) -> String {
    let mut sorted: Vec<usize> = rows.iter().map(|row| row + 1).collect();
    sorted.sort_unstable();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for row in sorted {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == row => *last = row,
            _ => ranges.push((row, row)),
        }
    }
    let text = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}\u{2013}{last}"),
    };
    let shown: Vec<String> = ranges.iter().take(MOST_RANGES).map(text).collect();
    let more = if ranges.len() > MOST_RANGES { ", \u{2026}" } else { "" };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn rows_are_told_as_ranges() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[4, 2, 3, 9]), "3\u{2013}5, 10");
        let odd: Vec<usize> = (0..20).map(|row| row * 2).collect();
        assert_eq!(ranges(&odd), "1, 3, 5, 7, 9, 11, 13, 15, \u{2026}");
    }
}
