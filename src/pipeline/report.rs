//! How a study shapes the report of its releases: sections, figures and words,
//! by the declarations of its published tables. It stands in `release.json`, so
//! that a release can be shown by itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::labels::{Labels, Words};

/// The shape of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What the page is about, in place of the study's title.
    #[serde(default)]
    pub title: Words,
    /// What a reader should know first.
    #[serde(default)]
    pub words: Words,
    /// Sections in their order.
    #[serde(default)]
    pub sections: Vec<Section>,
    /// Columns, beside the rates, that are shares: shown in per cent.
    #[serde(default)]
    pub shares: Vec<String>,
    /// Columns that are differences of shares: shown in points of a share.
    #[serde(default)]
    pub differences: Vec<String>,
    /// Years before which and from which on figures do not compare.
    #[serde(default)]
    pub breaks: Vec<Break>,
    /// Words for columns and codes.
    #[serde(default)]
    pub labels: Labels,
}

/// One section of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: Words,
    /// What stands above its figures.
    #[serde(default)]
    pub words: Words,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// A year from which on figures do not compare with earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// The first year of the new kind.
    pub year: i32,
    /// Tables that it is about; all where none is named.
    #[serde(default)]
    pub tables: Vec<String>,
    /// What changed.
    pub words: Words,
}

/// One figure: rows of a published table, as a chart with its table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The published table.
    pub table: String,
    /// Its title, in place of the table's.
    #[serde(default)]
    pub title: Words,
    /// What a reader should know of it.
    #[serde(default)]
    pub words: Words,
    /// What is drawn.
    pub chart: Chart,
    /// Which rows: values that a column must have. `last` and `first` are the
    /// greatest and smallest single ones that there are, `single` all that are no
    /// period of several years, `pooled` the longest such period.
    #[serde(default)]
    pub r#where: BTreeMap<String, Vec<String>>,
    /// Columns that say what a row is; all dimensions that differ where none is
    /// named.
    #[serde(default)]
    pub rows: Vec<String>,
    /// The column whose values lie side by side: the axis of lines, the columns of
    /// a table.
    #[serde(default)]
    pub across: Option<String>,
    /// Columns with the figures that are shown; all where none is named.
    #[serde(default)]
    pub values: Vec<String>,
    /// Bounds of the first value.
    #[serde(default)]
    pub interval: Option<(String, String)>,
    /// The column that tells lines apart.
    #[serde(default)]
    pub series: Option<String>,
    /// The column by which the figure is drawn several times.
    #[serde(default)]
    pub panels: Option<String>,
    /// Where a flow begins.
    #[serde(default)]
    pub from: Option<String>,
    /// Where a flow ends.
    #[serde(default)]
    pub to: Option<String>,
    /// A parameter of the study at which a line is drawn across.
    #[serde(default)]
    pub line: Option<String>,
    /// A column that says whether a row is surely on its side of that line.
    #[serde(default)]
    pub certain: Option<String>,
    /// Rows stand in the order of the first value, not of the table.
    #[serde(default)]
    pub by_value: bool,
    /// Of statements: which are told, and by which reading.
    #[serde(default)]
    pub statements: Vec<Statement>,
}

/// A statement that figures are held against, and the reading chosen for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its code in the column `finding`.
    pub finding: String,
    /// The chosen code in the column `reading`.
    pub reading: String,
    /// The chosen code in the column `sector_group`.
    pub sector_group: String,
    /// What was said.
    pub said: Words,
}

/// What a figure draws.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chart {
    /// Numbers in rows and columns.
    #[default]
    Table,
    /// A bar a row.
    Bars,
    /// A dot with its interval a row.
    Intervals,
    /// Lines over an axis of years or classes.
    Lines,
    /// Streams from origins to destinations.
    Flows,
    /// Statements beside the figures of this release.
    Statements,
}

/// In `where`: all values that are no period of several years.
pub const SINGLE: &str = "single";

/// Columns that the statements of a report are told by.
pub const STATEMENT_COLUMNS: [&str; 15] = [
    "finding",
    "reading",
    "sector_group",
    "year",
    "value",
    "value_low",
    "value_high",
    "numerator",
    "denominator",
    "denominator_label",
    "unweighted_count",
    "letter_value",
    "is_reliable",
    "label_nl",
    "label_en",
];

impl Chart {
    const NAMES: [(&'static str, Chart); 6] = [
        ("table", Chart::Table),
        ("bars", Chart::Bars),
        ("intervals", Chart::Intervals),
        ("lines", Chart::Lines),
        ("flows", Chart::Flows),
        ("statements", Chart::Statements),
    ];

    /// A kind by its name.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let known = Chart::NAMES.iter().find(|(name, _)| *name == text);
        known.map(|(_, chart)| *chart).ok_or_else(|| {
            let names: Vec<&str> = Chart::NAMES.iter().map(|(name, _)| *name).collect();
            format!("must be one of {}", names.join(", "))
        })
    }
}
