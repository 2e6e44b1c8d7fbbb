//! What disclosure control needs to know: the thresholds of a study, and of each
//! published table what its measures count.
//!
//! A count is named by *what* it counts and by the coordinates of its cell. Two
//! counts of one name are the same quantity, whatever table they stand in, and
//! coordinates of one name are the same classification. So the sums that tie
//! cells and tables together follow from declarations, and nobody lists them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::published::{Family, Published};
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
pub const PROTECTION_VERSION: u32 = 2;

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
    /// Coordinates that say how others are coded; without those they say nothing.
    pub readings: BTreeMap<String, BTreeSet<String>>,
    /// Codes that the SQL gives to rows over all of a dimension; `*` in one stands
    /// for whatever is there.
    pub total_codes: BTreeMap<String, String>,
    /// What the figures of some rows are computed from, beside the counts of the row.
    pub from: Vec<Origin>,
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
    /// Coordinates that no dimension says. With several codes a count is the sum over
    /// these.
    pub fixed: BTreeMap<String, BTreeSet<String>>,
    /// Dimensions whose rows repeat the count, and which are no coordinates.
    pub without: BTreeSet<String>,
    /// Coordinates of which the rows have not all codes: they do not add up over these.
    pub incomplete: BTreeSet<String>,
    /// The count that this one is a part of: what is left of it is a count too, of
    /// which zero says nothing of anybody.
    pub part_of: Option<Box<Counted>>,
}

/// Counts that the figures of some rows are computed from: they stand only where
/// all of these do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Origin {
    /// The rows: those with one of these codes.
    pub only: BTreeMap<String, BTreeSet<String>>,
    /// The counts, in whatever table.
    pub counts: Vec<Counted>,
}

/// The coordinate that a dimension gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coordinate {
    /// Its name.
    pub name: String,
    /// What is added to the code, a year.
    pub shift: i64,
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
        has_codes(&self.only, code)
    }

    /// Says whether a dimension is a coordinate.
    pub fn is_coordinate(&self, dimension: &str) -> bool {
        !self.without.contains(dimension)
            && self.only.get(dimension).is_none_or(|codes| codes.len() > 1)
    }
}

impl Origin {
    /// Says whether it is of a row, by the codes of its dimensions.
    pub fn fits<'a>(&self, code: impl Fn(&str) -> Option<&'a str>) -> bool {
        has_codes(&self.only, code)
    }
}

/// Says whether a code is what a pattern says, where `*` is whatever is there.
fn is_like(code: &str, pattern: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('*') else { return code == pattern };
    let Some(code) = code.strip_prefix(before) else { return false };
    (0..=code.len()).any(|from| code.get(from..).is_some_and(|code| is_like(code, rest)))
}

fn has_codes<'a>(
    only: &BTreeMap<String, BTreeSet<String>>,
    code: impl Fn(&str) -> Option<&'a str>,
) -> bool {
    only.iter().all(|(dimension, codes)| code(dimension).is_some_and(|code| codes.contains(code)))
}

impl Protection {
    /// Says whether a code is one that the SQL gives to rows over all of a dimension.
    pub fn is_total_code(&self, dimension: &str, code: &str) -> bool {
        self.total_codes.get(dimension).is_some_and(|total| is_like(code, total))
    }

    /// The counts of a row that an attribute tells something of: whether figures are
    /// reliable tells of all, others what is declared.
    pub fn attribute_of(&self, attribute: &str) -> Option<Vec<&String>> {
        match self.quality.as_deref() == Some(attribute) {
            true => Some(self.counts.keys().collect()),
            false => self.figures.get(attribute).map(|of| of.iter().collect()),
        }
    }

    /// Says whether a measure is declared.
    fn names(&self, measure: &String) -> bool {
        self.counts.contains_key(measure)
            || self.sums.contains_key(measure)
            || self.figures.contains_key(measure)
    }

    /// A measure that is declared as more than one thing.
    pub(super) fn named_twice(&self) -> Option<&String> {
        let is_other =
            |name: &&String| self.figures.contains_key(*name) || self.sums.contains_key(*name);
        let both = self.sums.keys().find(|name| self.figures.contains_key(*name));
        self.counts.keys().find(is_other).or(both)
    }

    /// A coordinate that is spoken of and that no count has, by dimensions or by name.
    pub(super) fn unknown_coordinate(&self, dimensions: &[String]) -> Option<&String> {
        let cases = || self.counts.values().flatten();
        let named = cases().flat_map(|case| case.coordinates.values().map(|it| &it.name));
        let fixed = cases().flat_map(|case| case.fixed.keys());
        let there: BTreeSet<&String> = dimensions.iter().chain(named).chain(fixed).collect();
        let incomplete = cases().flat_map(|case| &case.incomplete);
        let spoken_of = self.readings.values().flatten().chain(incomplete);
        spoken_of.into_iter().find(|name| !there.contains(name))
    }

    /// A measure that is taken as a count and is none.
    pub(super) fn unknown_count(&self) -> Option<&String> {
        let figures = self.figures.values().flatten();
        let parts =
            self.parts.iter().flat_map(|(total, parts)| std::iter::once(total).chain(parts));
        let within = self.within.iter().flat_map(|(part, base)| [part, base]);
        let named = self.sums.values().chain(figures).chain(parts).chain(within);
        let named = named.chain(&self.shown_zeros);
        named.chain(self.contributions.keys()).find(|name| !self.counts.contains_key(*name))
    }
}
