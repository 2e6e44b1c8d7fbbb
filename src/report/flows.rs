//! Streams from origins to destinations, as wide as their figures.

use askama::Template;

use super::bars::unwritten;
use super::cells::{status, unit};
use super::numbers::shown;
use super::release::{Release, ReleaseTable};
use super::words::{Both, Drawn};
use crate::error::Result;
use crate::pipeline::report::Figure;

/// Height of all streams together, and between two ends, which have a line of
/// words each.
const STREAMS: f64 = 260.0;
const BETWEEN: f64 = 6.0;
const WORDS: f64 = 18.0;

#[derive(Template)]
#[template(path = "flows.svg")]
struct Flows {
    height: String,
    origins: Vec<End>,
    destinations: Vec<End>,
    streams: Vec<Stream>,
}

/// An origin or destination.
struct End {
    words: Drawn,
    y: String,
    height: String,
    middle: String,
    /// Its figure and the cell of it, where it is of one.
    figure: Option<(Drawn, String)>,
}

/// A stream, by the upper and lower edge of its ends.
struct Stream {
    /// The cell that is drawn.
    cell: String,
    index: usize,
    from: (String, String),
    to: (String, String),
}

/// A side of the figure while it is laid out.
struct Side {
    codes: Vec<Option<String>>,
    sums: Vec<f64>,
    /// Upper edges, and how much of each end is taken.
    tops: Vec<f64>,
    taken: Vec<f64>,
}

impl Side {
    fn of(table: &ReleaseTable, rows: &[usize], column: &str, value: &str) -> Self {
        let codes = table.distinct(rows, column);
        let sum = |code: &Option<String>| {
            let own = rows.iter().filter(|row| table.value(**row, column) == code.as_deref());
            own.filter_map(|row| table.drawn(*row, value)).sum()
        };
        let mut ends: Vec<(Option<String>, f64)> = codes
            .into_iter()
            .map(|code| {
                let sum = sum(&code);
                (code, sum)
            })
            .collect();
        ends.sort_by(|one, other| other.1.total_cmp(&one.1));
        let (codes, sums): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
        Side { tops: Vec::new(), taken: vec![0.0; sums.len()], codes, sums }
    }

    /// Lays the ends below each other; gives the height of all.
    fn lay_out(&mut self, scale: f64) -> f64 {
        let mut top = 0.0;
        for sum in &self.sums {
            let room = (sum * scale).max(WORDS);
            self.tops.push(top + (room - sum * scale) / 2.0);
            top += room + BETWEEN;
        }
        top
    }

    fn end(&self, code: Option<&str>) -> Option<usize> {
        self.codes.iter().position(|known| known.as_deref() == code)
    }

    /// The next part of an end.
    fn take(&mut self, index: usize, size: f64) -> (String, String) {
        let top = self.tops.get(index).zip(self.taken.get(index)).map_or(0.0, |(top, it)| top + it);
        if let Some(taken) = self.taken.get_mut(index) {
            *taken += size;
        }
        (format!("{top:.1}"), format!("{:.1}", top + size))
    }
}

/// Draws the rows of a panel; none where nothing flows.
///
/// # Errors
/// [`crate::Error::Internal`] where a template fails.
pub(super) fn draw(
    release: &Release,
    table: &ReleaseTable,
    figure: &Figure,
    rows: &[usize],
) -> Result<Option<String>> {
    let (Some(value), Some(from), Some(to)) =
        (figure.values.first(), figure.from.as_ref(), figure.to.as_ref())
    else {
        return Ok(None);
    };
    let has_figure = |row: &&usize| {
        status(table, **row, value).has_figure()
            && table.drawn(**row, value).is_some_and(|figure| figure > 0.0)
    };
    let mut rows: Vec<usize> = rows.iter().filter(has_figure).copied().collect();
    let mut origins = Side::of(table, &rows, from, value);
    let mut destinations = Side::of(table, &rows, to, value);
    let all: f64 = origins.sums.iter().sum();
    if all <= 0.0 {
        return Ok(None);
    }
    let scale = STREAMS / all;
    let height = origins.lay_out(scale).max(destinations.lay_out(scale));
    let size = |row: usize| table.drawn(row, value).unwrap_or_default() * scale;
    let ends = |row: usize, origins: &Side, destinations: &Side| {
        (origins.end(table.value(row, from)), destinations.end(table.value(row, to)))
    };
    rows.sort_by_key(|row| ends(*row, &origins, &destinations));
    let mut streams = Vec::new();
    for row in rows.iter().copied() {
        if let (Some(origin), Some(destination)) = ends(row, &origins, &destinations) {
            let from = origins.take(origin, size(row));
            let to = destinations.take(destination, size(row));
            let cell = format!("{}.{value}", row + 1);
            streams.push(Stream { cell, index: origin % 6, from, to });
        }
    }
    let words = |column: &str, side: &Side| {
        let end = |(index, code): (usize, &Option<String>)| {
            let only = only_row(table, &rows, column, code.as_deref());
            let figure = only.and_then(|row| {
                let figure = table.value(row, value)?;
                let cell = format!("{}.{value}", row + 1);
                Some((Drawn(shown(figure, unit(release, table, row, value))), cell))
            });
            let label = release.code_label(column, code.as_deref());
            end_at(side, index, scale, label, figure)
        };
        side.codes.iter().enumerate().map(end).collect::<Vec<End>>()
    };
    let flows = Flows {
        height: format!("{height:.1}"),
        origins: words(from, &origins),
        destinations: words(to, &destinations),
        streams,
    };
    flows.render().map(Some).map_err(unwritten)
}

/// The row of an end that has one only: its figure is the end's.
fn only_row(
    table: &ReleaseTable,
    rows: &[usize],
    column: &str,
    code: Option<&str>,
) -> Option<usize> {
    let mut own = rows.iter().filter(|row| table.value(**row, column) == code);
    let first = own.next().copied();
    first.filter(|_| own.next().is_none())
}

fn end_at(
    side: &Side,
    index: usize,
    scale: f64,
    label: Both,
    figure: Option<(Drawn, String)>,
) -> End {
    let top = side.tops.get(index).copied().unwrap_or_default();
    let height = side.sums.get(index).copied().unwrap_or_default() * scale;
    End {
        words: Drawn(label),
        y: format!("{top:.1}"),
        height: format!("{height:.1}"),
        middle: format!("{:.1}", top + height / 2.0),
        figure,
    }
}
