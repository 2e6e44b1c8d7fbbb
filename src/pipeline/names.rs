//! Names of layers, tables and slices: the vocabulary in which plan, lake and
//! ledger speak of data.

use std::fmt;
use std::str::FromStr;

/// One of the four layers; data flows from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Raw files as typed Parquet, and code lists.
    Raw,
    /// One table a source: renamed and recoded.
    Staging,
    /// Person-years, year pairs and what they rest on.
    Core,
    /// Aggregates: inner cells of the tables to publish.
    Out,
}

impl Layer {
    /// All layers in the direction of the data.
    pub const ALL: [Layer; 4] = [Layer::Raw, Layer::Staging, Layer::Core, Layer::Out];

    /// The name as it stands in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Raw => "raw",
            Layer::Staging => "staging",
            Layer::Core => "core",
            Layer::Out => "out",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Layer {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Layer::ALL.into_iter().find(|layer| layer.as_str() == text).ok_or(())
    }
}

/// A table's full name, `layer.name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The layer.
    pub layer: Layer,
    /// The name within the layer: lower case, digits and underscores.
    pub name: String,
}

impl TableName {
    /// Puts a layer and a name together.
    pub fn new(layer: Layer, name: impl Into<String>) -> Self {
        TableName { layer, name: name.into() }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.layer, self.name)
    }
}

impl FromStr for TableName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (layer, name) = text.split_once('.').ok_or(())?;
        let layer = layer.parse()?;
        if is_identifier(name) { Ok(TableName::new(layer, name)) } else { Err(()) }
    }
}

/// One table for one year, or the whole of a table that has no year: the unit
/// of work, storage and rerunning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SliceId {
    /// The table.
    pub table: TableName,
    /// The year (for year pairs the first one); none for a whole table.
    pub year: Option<i32>,
}

impl SliceId {
    /// Puts a table and a year together.
    pub fn new(table: TableName, year: Option<i32>) -> Self {
        SliceId { table, year }
    }
}

impl fmt::Display for SliceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(f, "{} {year}", self.table),
            None => write!(f, "{}", self.table),
        }
    }
}

/// Says whether a name can stand unquoted in SQL: a lower-case letter, then
/// lower-case letters, digits and underscores.
pub fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The known word nearest to a mistyped one, if one is near enough to suggest.
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// Says whether a word is another one with a slip of the pen.
pub(crate) fn is_nearly(word: &str, other: &str) -> bool {
    strsim::damerau_levenshtein(word, other) <= 2 && strsim::jaro_winkler(word, other) > 0.85
}
