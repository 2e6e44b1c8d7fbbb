//! Rows drawn on one axis: a bar from zero, or a dot with its interval, and
//! the line that they are held against.

use askama::Template;

use super::cells::{Status, status, unit};
use super::grid::Grid;
use super::numbers;
use super::release::{Release, ReleaseTable};
use super::scale::{Scale, percent};
use super::selection::drawn;
use super::words::{Drawn, both};
use crate::error::{Error, Result};
use crate::pipeline::report::{Chart, Figure};

const STEPS: u32 = 4;

#[derive(Template)]
#[template(path = "bar.svg")]
struct Bar {
    /// The cell that is drawn.
    cell: String,
    /// From where to where the bar goes, and where the dot stands.
    from: String,
    width: String,
    dot: Option<String>,
    whisker: Option<(String, String)>,
    line: Option<String>,
    is_uncertain: bool,
    is_unreliable: bool,
    is_missing: bool,
}

#[derive(Template)]
#[template(path = "axis.svg")]
struct Axis {
    ticks: Vec<(String, Drawn)>,
    line: Option<String>,
}

/// The axis on which the rows of a figure are drawn, in all its panels.
pub(super) struct Rows<'a> {
    release: &'a Release,
    table: &'a ReleaseTable,
    figure: &'a Figure,
    value: &'a str,
    scale: Scale,
    line: Option<f64>,
}

impl<'a> Rows<'a> {
    /// The axis for these rows; none for a figure without values.
    pub(super) fn of(
        release: &'a Release,
        table: &'a ReleaseTable,
        figure: &'a Figure,
        rows: &[usize],
    ) -> Option<Self> {
        let value = figure.values.first()?;
        let line = figure.line.as_ref().and_then(|name| release.about.parameters.get(name));
        let line: Option<f64> = line.and_then(|setting| setting.value.parse().ok());
        let scale = Scale::with_zero(drawn(table, figure, rows).into_iter().chain(line), STEPS);
        Some(Rows { release, table, figure, value, scale, line })
    }

    /// Draws the rows of a panel, and its axis.
    ///
    /// # Errors
    /// [`Error::Internal`] where a template fails.
    pub(super) fn draw(&self, rows: &[usize], grid: &mut Grid) -> Result<()> {
        let first = rows.first().copied().unwrap_or_default();
        let unit = unit(self.release, self.table, first, self.value);
        let tick = |tick: &String| {
            let place = tick.parse().map(|it| percent(self.scale.place(it))).unwrap_or_default();
            (place, Drawn(numbers::tick(tick, unit)))
        };
        let axis = Axis { ticks: self.scale.ticks.iter().map(tick).collect(), line: self.line() };
        grid.axis = Some(axis.render().map_err(unwritten)?);
        for (row, drawn) in rows.iter().zip(&mut grid.rows) {
            drawn.chart = Some(self.bar(*row).render().map_err(unwritten)?);
            let certain = self.figure.certain.as_ref().and_then(|it| self.table.value(*row, it));
            drawn.note = (certain == Some("false")).then(|| both("onzeker", "uncertain"));
        }
        Ok(())
    }

    fn line(&self) -> Option<String> {
        self.line.map(|line| percent(self.scale.place(line)))
    }

    fn bar(&self, row: usize) -> Bar {
        let table = self.table;
        let status = status(table, row, self.value);
        let place = |column: &str| table.drawn(row, column).map(|it| self.scale.place(it));
        let zero = self.scale.place(0.0);
        let value = place(self.value).filter(|_| status.has_figure());
        let end = value.unwrap_or(zero);
        let interval = self.figure.interval.as_ref().filter(|_| value.is_some());
        let whisker = interval.and_then(|(low, high)| Some((place(low)?, place(high)?)));
        let is_bar = self.figure.chart == Chart::Bars;
        Bar {
            cell: format!("{}.{}", row + 1, self.value),
            from: percent(zero.min(end)),
            width: percent(if is_bar { (end - zero).abs() } else { 0.0 }),
            dot: value.filter(|_| !is_bar).map(percent),
            whisker: whisker.map(|(low, high)| (percent(low), percent(high))),
            line: self.line(),
            is_uncertain: self.figure.certain.as_ref().and_then(|it| table.value(row, it))
                == Some("false"),
            is_unreliable: status == Status::Unreliable,
            is_missing: value.is_none(),
        }
    }
}

pub(super) fn unwritten(error: askama::Error) -> Error {
    Error::internal(format!("the report cannot be written: {error}"))
}
