//! What disclosure control needs to know: the thresholds of a study, and of each
//! published table what its measures count.
//!
//! A count is named by *what* it counts and by the coordinates of its cell. Two
//! counts of one name are the same quantity, whatever table they stand in, and
//! coordinates of one name are the same classification. So the sums that tie
//! cells and tables together follow from declarations, and nobody lists them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::codebook_reader::optional;
use super::names::is_identifier;
use super::published::{Family, Published};
use super::toml_reader::{Table, Value};
use crate::error::Result;

/// From which cells on a release is safe. The sources of the defaults are in
/// docs/DISCLOSURE.md.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thresholds {
    /// Units that a count has at least.
    pub least_count: i64,
    /// Employers behind a cell, at least.
    pub least_employers: i64,
    /// So many largest contributions …
    pub dominance_count: usize,
    /// … are at most so many percent of a sum.
    pub dominance_percent: i64,
    /// All but the two largest contributions are at least so many percent of the
    /// largest.
    pub p_percent: i64,
    /// A cell of a sensitive dimension has at most so many percent of all.
    pub group_percent: i64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            least_count: 10,
            least_employers: 3,
            dominance_count: 1,
            dominance_percent: 50,
            p_percent: 10,
            group_percent: 90,
        }
    }
}

/// Rises when the same tables and rules make another pattern of suppression.
pub const PROTECTION_VERSION: u32 = 1;

/// What the measures of one table are to disclosure control.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Protection {
    /// Measures that count units, and what they count in which rows. Where a row
    /// fits several, its count is each of these.
    pub counts: BTreeMap<String, Vec<Counted>>,
    /// Other sums over the units that a count counts: they stand and fall with it.
    pub sums: BTreeMap<String, String>,
    /// Figures computed from counts: they are published where all of these are.
    pub figures: BTreeMap<String, Vec<String>>,
    /// Counts that others of the row add up to.
    pub parts: BTreeMap<String, Vec<String>>,
    /// Counts that are part of another of the row: what is left of that is a
    /// count as well. A numerator within its base.
    pub within: Vec<(String, String)>,
    /// Dimensions that say how others are coded; without those they say nothing.
    pub readings: BTreeMap<String, BTreeSet<String>>,
    /// Codes that the SQL gives to rows over all of a dimension.
    pub total_codes: BTreeMap<String, String>,
    /// Counts of which a zero says nothing of anybody, and is always shown.
    pub shown_zeros: BTreeSet<String>,
    /// Rows with these codes must be shown, whatever else is not.
    pub shown: Vec<BTreeMap<String, String>>,
    /// Dimensions of which no code may have nearly all.
    pub sensitive: BTreeSet<String>,
    /// The inside column with the number of distinct employers.
    pub employers: Option<String>,
    /// Inside columns with the largest and the second contribution to a measure.
    pub contributions: BTreeMap<String, [String; 2]>,
    /// The attribute that says whether figures of a row are reliable.
    pub quality: Option<String>,
}

/// What a measure counts in some of a table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Counted {
    /// The name of the quantity.
    pub of: String,
    /// The rows: those with one of these codes. A dimension with a single code is no
    /// coordinate.
    pub only: BTreeMap<String, BTreeSet<String>>,
    /// Coordinates that have another name than their dimension.
    pub coordinates: BTreeMap<String, Coordinate>,
    /// Coordinates that all rows have, and no dimension says.
    pub fixed: BTreeMap<String, String>,
}

/// The coordinate that a dimension gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coordinate {
    /// Its name.
    pub name: String,
    /// What is added to the code, a year.
    pub shift: i64,
}

/// Reads `[protection]`.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake, with file and line.
pub(crate) fn read_thresholds(value: &Value<'_>) -> Result<Thresholds> {
    let within = |value: &Value<'_>, least: i64, most: i64| {
        let number = value.integer()?;
        match (least..=most).contains(&number) {
            true => Ok(number),
            false => Err(value.mistake(format!("must be a whole number from {least} to {most}"))),
        }
    };
    value.table(|table| {
        let read = |key: &'static str, least: i64, most: i64, default: i64| {
            let read = optional(table, key, |value| within(value, least, most))?;
            Ok::<_, crate::Error>(read.unwrap_or(default))
        };
        let safe = Thresholds::default();
        let contributions = read("dominance_count", 1, 2, 1)?;
        Ok(Thresholds {
            least_count: read("least_count", 2, 1_000_000, safe.least_count)?,
            least_employers: read("least_employers", 1, 1_000_000, safe.least_employers)?,
            dominance_count: usize::try_from(contributions).unwrap_or(safe.dominance_count),
            dominance_percent: read("dominance_percent", 1, 100, safe.dominance_percent)?,
            p_percent: read("p_percent", 1, 100, safe.p_percent)?,
            group_percent: read("group_percent", 1, 100, safe.group_percent)?,
        })
    })
}

/// Reads `[publish.<table>.protect]` of a table whose columns are known.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake, with file and line.
pub(crate) fn read_protection(value: &Value<'_>, columns: &Published) -> Result<Protection> {
    let protection = value.table(|table| Reader { table, columns }.read())?;
    if let Some(name) = protection.named_twice() {
        let message = format!("`{name}` is more than one of a count, a sum and a figure");
        return Err(value.mistake(message));
    }
    match protection.unknown_count() {
        None => Ok(protection),
        Some(name) => {
            Err(value
                .mistake(format!("`{name}` is taken as a count, and is not among the `counts`")))
        }
    }
}

/// Refuses the tables of a protected study that leave a measure out.
///
/// # Errors
/// [`crate::Error::Definition`] at the first such measure.
pub(crate) fn refuse_undeclared(tables: &BTreeMap<String, Published>) -> Result<()> {
    for (name, published) in tables {
        let declared =
            |measure: &&String| published.protection.as_ref().is_some_and(|it| it.names(measure));
        let is_public = published.family == Family::Whole("public".to_owned());
        if is_public {
            continue;
        }
        if let Some(measure) = published.measures.iter().find(|it| !declared(it)) {
            let message = format!(
                "`{measure}` is published of protected data, and nothing says what it is to \
                 disclosure control"
            );
            let hint =
                format!("name it under `counts`, `sums` or `figures` of [publish.{name}.protect]");
            return Err(published.mistake_at(measure, message).with_hint(hint));
        }
    }
    Ok(())
}

impl Counted {
    /// Says whether a row belongs to it, by the codes of its dimensions.
    pub fn fits<'a>(&self, code: impl Fn(&str) -> Option<&'a str>) -> bool {
        let has = |(dimension, codes): (&String, &BTreeSet<String>)| {
            code(dimension).is_some_and(|code| codes.contains(code))
        };
        self.only.iter().all(has)
    }

    /// Says whether a dimension is a coordinate.
    pub fn is_coordinate(&self, dimension: &str) -> bool {
        self.only.get(dimension).is_none_or(|codes| codes.len() > 1)
    }
}

impl Protection {
    /// Says whether a measure is declared.
    fn names(&self, measure: &String) -> bool {
        self.counts.contains_key(measure)
            || self.sums.contains_key(measure)
            || self.figures.contains_key(measure)
    }

    /// A measure that is declared as more than one thing.
    fn named_twice(&self) -> Option<&String> {
        let is_other =
            |name: &&String| self.figures.contains_key(*name) || self.sums.contains_key(*name);
        let both = self.sums.keys().find(|name| self.figures.contains_key(*name));
        self.counts.keys().find(is_other).or(both)
    }

    /// A measure that is taken as a count and is none.
    fn unknown_count(&self) -> Option<&String> {
        let figures = self.figures.values().flatten();
        let parts =
            self.parts.iter().flat_map(|(total, parts)| std::iter::once(total).chain(parts));
        let within = self.within.iter().flat_map(|(part, base)| [part, base]);
        let named = self.sums.values().chain(figures).chain(parts).chain(within);
        let named = named.chain(&self.shown_zeros);
        named.chain(self.contributions.keys()).find(|name| !self.counts.contains_key(*name))
    }
}

struct Reader<'a, 'b> {
    table: &'a Table<'b>,
    columns: &'a Published,
}

impl Reader<'_, '_> {
    fn read(&self) -> Result<Protection> {
        let columns = self.columns;
        let measure = |value: &Value<'_>| known(value, &columns.measures, "measures");
        let measures = |value: &Value<'_>| each(value, &measure);
        let dimension = |value: &Value<'_>| known(value, &columns.dimensions, "dimensions");
        let inside = |value: &Value<'_>| known(value, &columns.inside, "inside columns");
        let attribute = |value: &Value<'_>| known(value, &columns.attributes, "attributes");
        Ok(Protection {
            counts: self.by_measure("counts", |value| self.cases(value))?,
            sums: self.by_measure("sums", measure)?,
            figures: self.by_measure("figures", measures)?,
            parts: self.by_measure("parts", measures)?,
            within: self.within()?,
            readings: self.by_dimension("readings", |value| {
                Ok(each(value, &dimension)?.into_iter().collect())
            })?,
            total_codes: self.by_dimension("total_codes", |value| Ok(value.text()?.to_owned()))?,
            shown_zeros: optional(self.table, "shown_zeros", |value| each(value, &measure))?
                .unwrap_or_default()
                .into_iter()
                .collect(),
            shown: optional(self.table, "shown", |value| {
                value.array()?.iter().map(|codes| self.codes(codes)).collect()
            })?
            .unwrap_or_default(),
            sensitive: optional(self.table, "sensitive", |value| each(value, &dimension))?
                .unwrap_or_default()
                .into_iter()
                .collect(),
            employers: optional(self.table, "employers", inside)?,
            contributions: self.by_measure("contributions", |value| {
                let columns = each(value, &inside)?;
                <[String; 2]>::try_from(columns)
                    .map_err(|_| value.mistake("must be [largest, second largest]"))
            })?,
            quality: optional(self.table, "quality", attribute)?,
        })
    }

    /// Declared pairs, and the rates of two counts.
    fn within(&self) -> Result<Vec<(String, String)>> {
        let measure = |value: &Value<'_>| known(value, &self.columns.measures, "measures");
        let declared = self.by_measure("within", measure)?;
        Ok(declared.into_iter().collect())
    }

    /// Codes by dimension.
    fn codes(&self, value: &Value<'_>) -> Result<BTreeMap<String, String>> {
        let mut codes = BTreeMap::new();
        for (name, code) in value.entries()? {
            if !self.columns.dimensions.contains(&name.value) {
                let message = format!("`{}` is not among the dimensions", name.value);
                return Err(value.source().mistake(name.offset, message));
            }
            codes.insert(name.value, code.text()?.to_owned());
        }
        Ok(codes)
    }

    fn by_measure<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Value<'_>) -> Result<T>,
    ) -> Result<BTreeMap<String, T>> {
        self.by_column(key, &self.columns.measures, "measures", read)
    }

    fn by_dimension<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Value<'_>) -> Result<T>,
    ) -> Result<BTreeMap<String, T>> {
        self.by_column(key, &self.columns.dimensions, "dimensions", read)
    }

    fn by_column<T>(
        &self,
        key: &'static str,
        columns: &[String],
        kind: &str,
        read: impl Fn(&Value<'_>) -> Result<T>,
    ) -> Result<BTreeMap<String, T>> {
        let Some(value) = self.table.get(key) else { return Ok(BTreeMap::new()) };
        let mut entries = BTreeMap::new();
        for (name, value) in value.entries()? {
            if !columns.contains(&name.value) {
                let message = format!("`{}` is not among the {kind}", name.value);
                return Err(value.source().mistake(name.offset, message));
            }
            entries.insert(name.value, read(&value)?);
        }
        Ok(entries)
    }

    /// `"name"`, `{ of = "name", … }`, or a list of such.
    fn cases(&self, value: &Value<'_>) -> Result<Vec<Counted>> {
        match value.array() {
            Ok(cases) => cases.iter().map(|case| self.case(case)).collect(),
            Err(_) => Ok(vec![self.case(value)?]),
        }
    }

    fn case(&self, value: &Value<'_>) -> Result<Counted> {
        if !value.get().is_table() {
            return Ok(Counted { of: identifier(value)?, ..Counted::default() });
        }
        value.table(|table| {
            let text = |value: &Value<'_>| Ok(value.text()?.to_owned());
            let of = Reader { table, columns: self.columns };
            Ok(Counted {
                of: identifier(&table.need("of")?)?,
                only: of.by_dimension("only", read_codes)?,
                coordinates: of.by_dimension("as", read_coordinate)?,
                fixed: optional(table, "fixed", |value| {
                    let entries = value.entries()?.into_iter();
                    entries.map(|(name, code)| Ok((name.value, text(&code)?))).collect()
                })?
                .unwrap_or_default(),
            })
        })
    }
}

/// A code, or a list of codes.
fn read_codes(value: &Value<'_>) -> Result<BTreeSet<String>> {
    if value.get().as_str().is_some() {
        return Ok(BTreeSet::from([value.text()?.to_owned()]));
    }
    Ok(value.texts()?.into_iter().map(|code| code.value).collect())
}

/// `"name"`, or `"name+1"` of a year.
fn read_coordinate(value: &Value<'_>) -> Result<Coordinate> {
    value.parse(|text| {
        let (name, shift) = match text.find(['+', '-']) {
            None => (text, Ok(0)),
            Some(sign) => (&text[..sign], text[sign..].parse()),
        };
        match (is_identifier(name), shift) {
            (true, Ok(shift)) => Ok(Coordinate { name: name.to_owned(), shift }),
            _ => Err("must be a name, or one with a number of years, as \"year+1\"".to_owned()),
        }
    })
}

fn identifier(value: &Value<'_>) -> Result<String> {
    let name = value.text()?;
    match is_identifier(name) {
        true => Ok(name.to_owned()),
        false => Err(value.mistake("must be lower-case letters, digits and underscores")),
    }
}

fn each<T>(value: &Value<'_>, read: &dyn Fn(&Value<'_>) -> Result<T>) -> Result<Vec<T>> {
    value.array()?.iter().map(read).collect()
}

fn known(value: &Value<'_>, columns: &[String], kind: &str) -> Result<String> {
    let name = value.text()?;
    match columns.iter().any(|column| column == name) {
        true => Ok(name.to_owned()),
        false => Err(value.mistake(format!("`{name}` is not among the {kind}"))),
    }
}
