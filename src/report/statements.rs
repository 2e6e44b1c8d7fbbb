//! Statements beside the figures of a release: for each the chosen reading with
//! its interval, what was said, and the other readings.

use super::cells::{Cell, Status};
use super::grid::{Grid, GridRow};
use super::release::{Release, ReleaseTable};
use super::words::{Both, both};
use crate::pipeline::report::{Figure, Statement};

/// All statements of a figure.
pub(super) struct Statements {
    pub(super) all: Vec<StatementView>,
    /// Those that the release has no row for.
    pub(super) absent: Vec<(String, Both)>,
}

/// One statement.
pub(super) struct StatementView {
    pub(super) code: String,
    pub(super) said: Both,
    /// Its chosen reading in the last year that has it.
    pub(super) chosen: Reading,
    /// All other readings and years.
    pub(super) others: Grid,
}

/// One reading of a statement in one year.
pub(super) struct Reading {
    pub(super) label: Both,
    pub(super) year: Both,
    pub(super) value: Cell,
    /// Lower and upper bound, where there are any.
    pub(super) interval: Option<(Cell, Cell)>,
    pub(super) numerator: Option<Cell>,
    pub(super) denominator: Option<Cell>,
    pub(super) denominator_label: Both,
    pub(super) observations: Cell,
    pub(super) said_value: Option<Both>,
    pub(super) detail: Option<Both>,
    pub(super) note: Option<Both>,
    pub(super) is_register: bool,
}

impl Statements {
    /// The statements in their order; those without a row apart.
    pub(super) fn of(
        release: &Release,
        table: &ReleaseTable,
        figure: &Figure,
        rows: &[usize],
    ) -> Self {
        let teller = Teller { release, table };
        let (mut all, mut absent) = (Vec::new(), Vec::new());
        for statement in &figure.statements {
            let said = Both::of(&statement.said).unwrap_or_default();
            match teller.chosen(statement, rows) {
                Some(chosen) => all.push(teller.statement(statement, said, rows, chosen)),
                None => absent.push((statement.finding.clone(), said)),
            }
        }
        Statements { all, absent }
    }

    pub(super) fn statuses(&self) -> Vec<Status> {
        let others = self.all.iter().flat_map(|it| it.others.statuses());
        let chosen = self.all.iter().map(|it| it.chosen.value.status);
        others.chain(chosen).filter(|it| *it != Status::Published).collect()
    }
}

struct Teller<'a> {
    release: &'a Release,
    table: &'a ReleaseTable,
}

impl Teller<'_> {
    /// The row of the chosen reading in the last year that has it.
    fn chosen(&self, statement: &Statement, rows: &[usize]) -> Option<usize> {
        let chosen = [
            ("finding", &statement.finding),
            ("reading", &statement.reading),
            ("sector_group", &statement.sector_group),
        ];
        let is_chosen = |row: &usize| {
            chosen.iter().all(|(column, it)| self.table.value(*row, column) == Some(it.as_str()))
        };
        rows.iter().copied().filter(is_chosen).max_by_key(|row| self.table.value(*row, "year"))
    }

    fn statement(
        &self,
        statement: &Statement,
        said: Both,
        rows: &[usize],
        chosen: usize,
    ) -> StatementView {
        let finding = Some(statement.finding.as_str());
        let own = rows.iter().filter(|row| self.table.value(**row, "finding") == finding);
        let own: Vec<usize> = own.copied().collect();
        StatementView {
            code: statement.finding.clone(),
            said,
            chosen: self.reading(chosen),
            others: self.others(&own, chosen),
        }
    }

    fn cell(&self, row: usize, column: &str) -> Cell {
        Cell::of(self.release, self.table, row, column)
    }

    fn code(&self, row: usize, column: &str) -> Option<Both> {
        let code = self.table.value(row, column)?;
        Some(self.release.code_label(column, Some(code)))
    }

    fn label(&self, row: usize) -> Both {
        let text = |column: &str| self.table.value(row, column).unwrap_or_default();
        both(text("label_nl"), text("label_en"))
    }

    fn reading(&self, row: usize) -> Reading {
        let some = |column: &str| self.table.value(row, column).map(|_| self.cell(row, column));
        Reading {
            label: self.label(row),
            year: self.code(row, "year").unwrap_or_default(),
            value: self.cell(row, "value"),
            interval: some("value_low").zip(some("value_high")),
            numerator: some("numerator"),
            denominator: some("denominator"),
            denominator_label: self.code(row, "denominator_label").unwrap_or_default(),
            observations: self.cell(row, "unweighted_count"),
            said_value: self.code(row, "letter_value"),
            detail: self.code(row, "detail"),
            note: self.code(row, "note"),
            is_register: self.table.value(row, "family") == Some("register"),
        }
    }

    /// The other readings, and the chosen one in other years, by reading.
    fn others(&self, rows: &[usize], chosen: usize) -> Grid {
        let columns = ["value", "value_low", "value_high", "numerator", "denominator"];
        let of = |row: usize, column: &str| self.table.value(row, column);
        let mut rows: Vec<usize> = rows.iter().copied().filter(|row| *row != chosen).collect();
        rows.sort_by_key(|row| {
            let is_other = of(*row, "reading") != of(chosen, "reading");
            (is_other, of(*row, "reading"), of(*row, "sector_group"))
        });
        let line = |row: usize| GridRow {
            heads: vec![
                self.label(row),
                self.code(row, "year").unwrap_or_default(),
                self.code(row, "letter_value").unwrap_or_else(|| Both::same("\u{2013}")),
            ],
            chart: None,
            cells: columns.iter().map(|column| Some(self.cell(row, column))).collect(),
            note: None,
        };
        Grid {
            row_heads: vec![
                both("Lezing", "Reading"),
                self.release.column_label("year"),
                self.release.column_label("letter_value"),
            ],
            heads: columns.iter().map(|column| self.release.column_label(column)).collect(),
            axis: None,
            rows: rows.into_iter().map(line).collect(),
            more: 0,
            file: format!("{}.csv", self.table.name),
        }
    }
}
