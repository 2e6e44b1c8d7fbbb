//! The numbers of a figure as a table: rows, what says what each is, and its
//! figures, or one figure for each value of a column that lies across.

use super::cells::{Cell, Status};
use super::release::{Release, ReleaseTable};
use super::words::{Both, both};

/// Rows that are shown of a table; of more a line says so.
const MOST_ROWS: usize = 100;

/// A table on the page.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// Over the columns that say what a row is.
    pub(super) row_heads: Vec<Both>,
    /// Over the figures.
    pub(super) heads: Vec<Both>,
    /// What is drawn over the charts of the rows.
    pub(super) axis: Option<String>,
    pub(super) rows: Vec<GridRow>,
    /// Rows that are not shown.
    pub(super) more: usize,
    /// Where all rows stand.
    pub(super) file: String,
}

/// A row of it.
#[derive(Debug)]
pub(super) struct GridRow {
    pub(super) heads: Vec<Both>,
    /// The row as drawn.
    pub(super) chart: Option<String>,
    /// Its figures; none where the table has no such row.
    pub(super) cells: Vec<Option<Cell>>,
    /// What is said behind it.
    pub(super) note: Option<Both>,
}

impl Grid {
    /// Rows with these figures; `heads` are the columns that say what a row is.
    pub(super) fn of(
        release: &Release,
        table: &ReleaseTable,
        rows: &[usize],
        heads: &[&str],
        values: &[&str],
    ) -> Self {
        let row = |row: &usize| GridRow {
            heads: heads.iter().map(|it| release.code_label(it, table.value(*row, it))).collect(),
            chart: None,
            cells: values.iter().map(|it| Some(Cell::of(release, table, *row, it))).collect(),
            note: None,
        };
        Grid {
            row_heads: heads.iter().map(|it| release.column_label(it)).collect(),
            heads: values.iter().map(|it| release.column_label(it)).collect(),
            axis: None,
            rows: rows.iter().take(MOST_ROWS).map(row).collect(),
            more: rows.len().saturating_sub(MOST_ROWS),
            file: format!("{}.csv", table.name),
        }
    }

    /// One figure for each value of the column `across`.
    pub(super) fn across(
        release: &Release,
        table: &ReleaseTable,
        rows: &[usize],
        heads: &[&str],
        (across, columns): (&str, &[Option<String>]),
        values: &[&str],
    ) -> Self {
        let mut lines: Vec<(Vec<Option<&str>>, Vec<usize>)> = Vec::new();
        for row in rows {
            let key: Vec<Option<&str>> = heads.iter().map(|it| table.value(*row, it)).collect();
            match lines.iter_mut().find(|(known, _)| *known == key) {
                Some((_, line)) => line.push(*row),
                None => lines.push((key, vec![*row])),
            }
        }
        let line = |(key, line): &(Vec<Option<&str>>, Vec<usize>)| {
            let cell = |column: &Option<String>, value: &str| {
                let has = |row: &&usize| table.value(**row, across) == column.as_deref();
                line.iter().find(has).map(|row| Cell::of(release, table, *row, value))
            };
            let all = columns.iter().flat_map(|it| values.iter().map(move |value| cell(it, value)));
            let labels = heads.iter().zip(key).map(|(it, code)| release.code_label(it, *code));
            GridRow { heads: labels.collect(), chart: None, cells: all.collect(), note: None }
        };
        let head = |column: &Option<String>, value: &str| {
            let code = release.code_label(across, column.as_deref());
            if values.len() == 1 {
                return code;
            }
            let label = release.column_label(value);
            both(&format!("{}: {}", code.nl, label.nl), &format!("{}: {}", code.en, label.en))
        };
        let heads_across =
            columns.iter().flat_map(|it| values.iter().map(move |value| head(it, value)));
        Grid {
            row_heads: heads.iter().map(|it| release.column_label(it)).collect(),
            heads: heads_across.collect(),
            axis: None,
            rows: lines.iter().take(MOST_ROWS).map(line).collect(),
            more: lines.len().saturating_sub(MOST_ROWS),
            file: format!("{}.csv", table.name),
        }
    }

    /// Says whether rows are drawn.
    pub(super) fn has_charts(&self) -> bool {
        self.rows.iter().any(|row| row.chart.is_some())
    }

    /// Says whether something is said behind a row.
    pub(super) fn has_notes(&self) -> bool {
        self.rows.iter().any(|row| row.note.is_some())
    }

    /// How its figures stand, each once, beside those that are as they are.
    pub(super) fn statuses(&self) -> Vec<Status> {
        let cells = self.rows.iter().flat_map(|row| row.cells.iter().flatten());
        let mut statuses: Vec<Status> = cells.map(|cell| cell.status).collect();
        statuses.sort_unstable();
        statuses.dedup();
        statuses.retain(|status| *status != Status::Published);
        statuses
    }
}
