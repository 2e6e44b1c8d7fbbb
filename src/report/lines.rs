//! Lines over years or classes: a mark for each figure, its interval, and the
//! breaks between years that do not compare.

use std::collections::BTreeSet;

use askama::Template;

use super::bars::unwritten;
use super::cells::{Status, status, unit};
use super::numbers;
use super::release::{Release, ReleaseTable};
use super::scale::{Scale, percent};
use super::selection::{drawn, groups, values, year_of};
use super::words::{Both, Drawn};
use crate::error::Result;
use crate::pipeline::report::Figure;

const HEIGHT: f64 = 200.0;
/// Room above the highest and below the lowest mark.
const ABOVE: f64 = 18.0;
const BELOW: f64 = 26.0;
/// Shares of the width beside the first and behind the last place.
const BEFORE: f64 = 0.12;
const BEHIND: f64 = 0.06;
/// As near as the words of two places may come, as a share of the width.
const BETWEEN_WORDS: f64 = 0.12;
const STEPS: u32 = 4;
/// Marks and dashes that tell lines apart; a figure with more lines has a table.
pub(super) const MOST_LINES: usize = 6;

#[derive(Template)]
#[template(path = "lines.svg")]
struct Lines {
    ticks: Vec<(String, Drawn)>,
    places: Vec<(String, Drawn)>,
    breaks: Vec<String>,
    /// Years without figures, which a later year will bring.
    not_yet: Vec<String>,
    lines: Vec<Line>,
}

struct Line {
    /// Which mark and dash.
    index: usize,
    segments: Vec<[String; 4]>,
    marks: Vec<Mark>,
}

struct Mark {
    /// The cell that is drawn.
    cell: String,
    x: String,
    y: String,
    /// Upper and lower end of the interval.
    whisker: Option<(String, String)>,
    is_unreliable: bool,
}

/// The axes on which all panels of a figure are drawn.
pub(super) struct Axes<'a> {
    release: &'a Release,
    table: &'a ReleaseTable,
    figure: &'a Figure,
    value: &'a str,
    across: &'a str,
    places: Vec<Option<String>>,
    pub(super) series: Vec<Option<String>>,
    scale: Scale,
}

impl<'a> Axes<'a> {
    /// The axes for these rows; none where lines cannot be told apart, or there
    /// is one place only.
    pub(super) fn of(
        release: &'a Release,
        table: &'a ReleaseTable,
        figure: &'a Figure,
        rows: &[usize],
    ) -> Option<Self> {
        let (value, across) = (figure.values.first()?, figure.across.as_ref()?);
        let mut places = values(table, figure, rows, across);
        if !figure.r#where.contains_key(across) {
            places.sort();
        }
        if places.iter().flatten().all(|place| year_of(place).is_some()) {
            places.extend(table.later_years.iter().map(|year| Some(year.to_string())));
        }
        let series = match &figure.series {
            Some(series) => values(table, figure, rows, series),
            None => vec![None],
        };
        if series.len() > MOST_LINES || places.len() < 2 {
            return None;
        }
        let scale = Scale::with_zero(drawn(table, figure, rows).into_iter(), STEPS);
        Some(Axes { release, table, figure, value, across, places, series, scale })
    }

    /// The label of each line, in the order of their marks.
    pub(super) fn legend(&self) -> Vec<Both> {
        let Some(series) = &self.figure.series else { return Vec::new() };
        self.series.iter().map(|it| self.release.code_label(series, it.as_deref())).collect()
    }

    /// Places of years that cannot be computed yet.
    fn not_yet(&self) -> impl Iterator<Item = usize> {
        let is_later = |place: &Option<String>| {
            let year = place.as_ref().and_then(|place| place.parse().ok());
            year.is_some_and(|year| self.table.later_years.contains(&year))
        };
        let places = self.places.iter().enumerate();
        places.filter(move |(_, place)| is_later(place)).map(|(index, _)| index)
    }

    /// Says whether there are years that cannot be computed yet.
    pub(super) fn has_later_years(&self) -> bool {
        self.not_yet().next().is_some()
    }

    /// Draws the rows of a panel.
    ///
    /// # Errors
    /// [`crate::Error::Internal`] where a template fails.
    pub(super) fn draw(&self, rows: &[usize]) -> Result<String> {
        let first = rows.first().copied().unwrap_or_default();
        let unit = unit(self.release, self.table, first, self.value);
        let tick = |tick: &String| {
            let y = tick.parse().map(|it| self.y(it)).unwrap_or_default();
            (format!("{y:.1}"), Drawn(numbers::tick(tick, unit)))
        };
        let place = |index: usize| {
            let code = self.places.get(index).and_then(Option::as_deref);
            (percent(self.x(index)), Drawn(self.release.code_label(self.across, code)))
        };
        let lines = groups(self.table, self.figure, rows, self.figure.series.as_deref());
        let breaks = self.breaks();
        let is_broken = |index: &usize| breaks.contains(index);
        let between = |index: &usize| percent((self.x(*index - 1) + self.x(*index)) / 2.0);
        Lines {
            ticks: self.scale.ticks.iter().map(tick).collect(),
            places: self.named().into_iter().map(place).collect(),
            breaks: breaks.iter().map(between).collect(),
            not_yet: self.not_yet().map(|index| percent(self.x(index))).collect(),
            lines: lines
                .iter()
                .map(|(of, rows)| self.line(of.as_ref(), rows, &is_broken))
                .collect(),
        }
        .render()
        .map_err(unwritten)
    }

    /// Places from which on figures do not compare with those before.
    fn breaks(&self) -> BTreeSet<usize> {
        let about = self.release.about.report.breaks.iter();
        let about = about.filter(|it| it.tables.is_empty() || it.tables.contains(&self.table.name));
        let place = |year: i32| {
            let is_later = |place: &Option<String>| {
                place.as_ref().and_then(|it| it.parse::<i32>().ok()).is_some_and(|it| it >= year)
            };
            self.places.iter().position(is_later).filter(|index| *index > 0)
        };
        about.filter_map(|it| place(it.year)).collect()
    }

    fn line(
        &self,
        of: Option<&String>,
        rows: &[usize],
        is_broken: &impl Fn(&usize) -> bool,
    ) -> Line {
        let at = |index: usize| {
            let place = self.places.get(index)?.as_deref();
            let row = *rows.iter().find(|row| self.table.value(**row, self.across) == place)?;
            let status = status(self.table, row, self.value);
            let figure = self.table.drawn(row, self.value).filter(|_| status.has_figure())?;
            Some((row, figure, status))
        };
        let mut segments = Vec::new();
        let mut marks = Vec::new();
        for index in 0..self.places.len() {
            let Some((row, figure, status)) = at(index) else { continue };
            let (x, y) = (percent(self.x(index)), format!("{:.1}", self.y(figure)));
            let before = index.checked_sub(1).filter(|_| !is_broken(&index));
            if let Some((_, former, _)) = before.and_then(at) {
                let former = format!("{:.1}", self.y(former));
                segments.push([percent(self.x(index - 1)), former, x.clone(), y.clone()]);
            }
            let bound = |column: &str| self.table.drawn(row, column).map(|it| self.y(it));
            let bounds = self.figure.interval.as_ref();
            let whisker = bounds.and_then(|(low, high)| Some((bound(high)?, bound(low)?)));
            marks.push(Mark {
                cell: format!("{}.{}", row + 1, self.value),
                x,
                y,
                whisker: whisker.map(|(high, low)| (format!("{high:.1}"), format!("{low:.1}"))),
                is_unreliable: status == Status::Unreliable,
            });
        }
        let index = self.series.iter().position(|it| it.as_ref() == of).unwrap_or_default();
        Line { index, segments, marks }
    }

    /// Years stand as far apart as they are, classes side by side.
    fn x(&self, index: usize) -> f64 {
        let last = self.places.len() - 1;
        let step = match (self.year(index), self.year(0), self.year(last)) {
            (Some(year), Some(first), Some(last)) => {
                f64::from(year - first) / f64::from(last - first)
            }
            _ => index as f64 / last as f64,
        };
        BEFORE + (1.0 - BEFORE - BEHIND) * step
    }

    fn year(&self, index: usize) -> Option<i32> {
        year_of(self.places.get(index)?.as_ref()?)
    }

    /// Places whose words do not run into those before them.
    fn named(&self) -> Vec<usize> {
        let mut named: Vec<usize> = Vec::new();
        for index in 0..self.places.len() {
            let is_free =
                |last: &usize| self.x(index) - self.x(*last) >= BETWEEN_WORDS - f64::EPSILON;
            if named.last().is_none_or(is_free) {
                named.push(index);
            }
        }
        named
    }

    fn y(&self, figure: f64) -> f64 {
        ABOVE + (HEIGHT - ABOVE - BELOW) * (1.0 - self.scale.place(figure))
    }
}
