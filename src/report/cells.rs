//! One figure of a table on the page: its value as written, or why there is
//! none, with the cell that it comes from.

use askama::Template;
use askama::filters::HtmlSafe;

use super::numbers::{Unit, shown};
use super::release::{Release, ReleaseTable};
use super::words::{Both, Drawn, both};

/// Columns that say of each row how its figures stand.
const IS_RELIABLE: &str = "is_reliable";
const UNIT: &str = "unit";

/// How a figure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    /// As it is.
    Published,
    /// There, and with too few observations behind it.
    Unreliable,
    /// Kept back to protect those whom it counts.
    Suppressed,
    /// There is nothing that it could be.
    NotApplicable,
    /// It needs a year that is not there yet.
    NotYetComputable,
    /// The data do not say it.
    NotKnown,
}

impl Status {
    const NAMES: [(&'static str, Status); 5] = [
        ("published", Status::Published),
        ("unreliable", Status::Unreliable),
        ("suppressed", Status::Suppressed),
        ("not_applicable", Status::NotApplicable),
        ("not_yet_computable", Status::NotYetComputable),
    ];

    /// The mark in a table, where the status has one.
    pub(super) fn mark(self) -> Both {
        match self {
            Status::Published => Both::default(),
            Status::Unreliable => Both::same("\u{b0}"),
            Status::Suppressed => Both::same("\u{d7}"),
            Status::NotApplicable => both("n.v.t.", "n/a"),
            Status::NotYetComputable => both("nog niet", "not yet"),
            Status::NotKnown => Both::same("?"),
        }
    }

    /// The mark in a drawing.
    pub(super) fn drawn(self) -> Drawn {
        Drawn(self.mark())
    }

    /// What it is, in words.
    pub(super) fn words(self) -> Both {
        match self {
            Status::Published => both("gepubliceerd", "published"),
            Status::Unreliable => {
                both("onbetrouwbaar: te weinig waarnemingen", "unreliable: too few observations")
            }
            Status::Suppressed => {
                both("geheim: weggelaten ter bescherming", "suppressed: left out for protection")
            }
            Status::NotApplicable => {
                both("niet van toepassing: bestaat hier niet", "not applicable: there is none here")
            }
            Status::NotYetComputable => both(
                "nog niet te berekenen: een later jaar ontbreekt",
                "not yet computable: a later year is not there",
            ),
            Status::NotKnown => {
                both("onbekend: de gegevens zeggen het niet", "not known: the data do not say it")
            }
        }
    }

    /// Says whether there is a figure to show.
    pub(super) fn has_figure(self) -> bool {
        matches!(self, Status::Published | Status::Unreliable)
    }
}

/// A figure with where it comes from.
#[derive(Debug, Clone, Template)]
#[template(path = "cell.html")]
pub(super) struct Cell {
    pub(super) status: Status,
    shown: Both,
    value: String,
    /// The row in the table's files, counted from one, without the header.
    row: usize,
    column: String,
}

impl HtmlSafe for Cell {}

impl Cell {
    /// The figure of a row and column.
    pub(super) fn of(release: &Release, table: &ReleaseTable, row: usize, column: &str) -> Self {
        let value = table.value(row, column).unwrap_or_default();
        Cell {
            status: status(table, row, column),
            shown: shown(value, unit(release, table, row, column)),
            value: value.to_owned(),
            row: row + 1,
            column: column.to_owned(),
        }
    }
}

/// What the figure of a row and column is.
pub(super) fn unit(release: &Release, table: &ReleaseTable, row: usize, column: &str) -> Unit {
    let is_rate = table.column(column).is_some_and(|column| column.role == "rate");
    let report = &release.about.report;
    let is_one_of = |columns: &[String]| columns.iter().any(|it| it == column);
    if is_one_of(&report.differences) {
        return Unit::Difference;
    }
    match (is_rate || is_one_of(&report.shares), table.value(row, UNIT)) {
        (false, _) => Unit::Number,
        (true, None | Some("share")) => Unit::Share,
        (true, Some("difference")) => Unit::Difference,
        (true, Some(_)) => Unit::Number,
    }
}

/// How the figure of a row and column stands: as a column `<column>_status`
/// says, or else by what is there.
pub(super) fn status(table: &ReleaseTable, row: usize, column: &str) -> Status {
    let said = table.value(row, &format!("{column}_status"));
    let said = said.and_then(|said| Status::NAMES.iter().find(|(name, _)| *name == said));
    if let Some((_, status)) = said {
        return *status;
    }
    let Some(described) = table.column(column) else { return Status::NotKnown };
    match table.value(row, column) {
        Some(_) => {
            let is_estimate = described.kind.starts_with("decimal");
            let is_reliable = table.value(row, IS_RELIABLE) != Some("false");
            if is_reliable || !is_estimate { Status::Published } else { Status::Unreliable }
        }
        None if is_out_of_nothing(table, row, column) => Status::NotApplicable,
        None => Status::NotKnown,
    }
}

/// A rate out of nothing, or a bound of a figure that has none because it is a
/// count of everybody.
fn is_out_of_nothing(table: &ReleaseTable, row: usize, column: &str) -> bool {
    let denominator = table.column(column).and_then(|column| column.denominator.as_deref());
    if let Some(denominator) = denominator {
        return table.drawn(row, denominator) == Some(0.0);
    }
    let value = column.strip_suffix("_low").or_else(|| column.strip_suffix("_high"));
    let of_register = table.family.as_deref().or_else(|| table.value(row, "family"));
    value.is_some_and(|value| table.value(row, value).is_some()) && of_register == Some("register")
}
