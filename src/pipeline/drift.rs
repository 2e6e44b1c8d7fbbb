//! Drift: what the layout of a vintage has that the one before it had not. A
//! pure comparison; which files are held against each other, and what follows,
//! is left to `run`.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::codebook::{Codebook, Format};
use super::layout::{Kind, Layout, LayoutColumn};
use super::told_names::{folded, is_unknown_name, unknown_name};

/// What a study wants where the files of a source change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DriftPolicy {
    /// The run stops before any stage.
    Freeze,
    /// The run goes on and reports.
    #[default]
    Follow,
}

/// What changed from one vintage to the next. Names are the file's, of a first
/// line only those of the codebook: of others the length stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Columns that the vintage before had not.
    #[serde(rename = "new")]
    pub added: Vec<String>,
    /// Columns that only the vintage before had.
    pub lost: Vec<String>,
    /// Columns whose values are of another kind.
    pub retyped: Vec<Retyped>,
    /// Characters of a record, before and now, where they differ and the codebook
    /// does not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_width: Option<(u64, u64)>,
    /// Columns whose declared width grew or shrank: told, but no reason to stop.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resized: Vec<Resized>,
}

/// A column whose values are of another kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retyped {
    /// Its name now.
    pub name: String,
    /// The kind in the vintage before.
    pub before: Kind,
    /// The kind now.
    pub now: Kind,
}

/// A column whose declared width is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resized {
    /// Its name now.
    pub name: String,
    /// Bytes in the vintage before.
    pub before: u64,
    /// Bytes now.
    pub now: u64,
}

/// A layout with the year that its names and the codebook's depend on.
#[derive(Debug, Clone, Copy)]
pub struct Dated<'a> {
    /// The file's year.
    pub year: Option<i32>,
    /// Its columns.
    pub layout: &'a Layout,
}

/// Compares a vintage with the one before it.
///
/// A column of the codebook is the same under all the names that the codebook
/// gives it, and one that the codebook has in one of the two years only is
/// neither new nor lost. Other columns go by their names, without regard to
/// case and with the file's own year read as `{year}`. Order does not count.
///
/// Of a first line only the names of the codebook are told: all others go by
/// their length, and are counted.
pub fn compare(before: Dated<'_>, now: Dated<'_>, codebook: &Codebook) -> Drift {
    let told = [before, now].map(|vintage| vintage.layout.as_told(codebook, vintage.year));
    let before = Dated { layout: &told[0], ..before };
    let now = Dated { layout: &told[1], ..now };
    let mut drift = Drift::default();
    let mut matches = Matches::new(before, now);
    let expected = matches.match_codebook(codebook);
    matches.match_names();
    matches.match_learned_names();
    for (old, new) in &matches.pairs {
        drift.compare_column(old, new);
    }
    let surprises = |columns: &[&LayoutColumn], expected: &BTreeSet<String>| -> Vec<String> {
        let names = columns.iter().map(|column| column.name.clone());
        names.filter(|name| !expected.contains(&folded(name))).collect()
    };
    drift.added = surprises(&matches.new, &expected.begins);
    drift.lost = surprises(&matches.old, &expected.ends);
    let declared = match &codebook.format {
        Format::Fixed(fixed) => fixed.width(now.year).map(u64::from),
        _ => None,
    };
    drift.record_width = match (before.layout.record_width, now.layout.record_width) {
        (_, width) if width == declared => None,
        (Some(before), Some(now)) if before != now => Some((before, now)),
        _ => None,
    };
    drift
}

impl Drift {
    /// Nothing changed that could stop a run.
    pub fn is_none(&self) -> bool {
        self.added.is_empty()
            && self.lost.is_empty()
            && self.retyped.is_empty()
            && self.record_width.is_none()
    }

    fn compare_column(&mut self, before: &LayoutColumn, now: &LayoutColumn) {
        let name = now.name.clone();
        // Columns that are known by their length may be others.
        if is_unknown_name(&before.name) {
            return;
        }
        if before.kind.is_another(now.kind) {
            self.retyped.push(Retyped { name, before: before.kind, now: now.kind });
        } else if let (Some(before), Some(now)) = (before.width, now.width)
            && before != now
        {
            self.resized.push(Resized { name, before, now });
        }
    }
}

/// More names than this are counted, not listed.
const SHOWN_NAMES: usize = 20;

impl fmt::Display for Drift {
    /// `new WAGE; lost SECTOR; retyped HOURS (integer, now text)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds =
            |column: &Retyped| format!("{} ({}, now {})", column.name, column.before, column.now);
        let sizes = |column: &Resized| {
            format!("{} ({} bytes, now {})", column.name, column.before, column.now)
        };
        let lists = [
            ("new", self.added.clone()),
            ("lost", self.lost.clone()),
            ("retyped", self.retyped.iter().map(kinds).collect()),
            ("resized", self.resized.iter().map(sizes).collect()),
        ];
        let said = lists.into_iter().filter(|(_, names)| !names.is_empty());
        let mut parts: Vec<String> = said.map(|(what, names)| listed(what, &names)).collect();
        if let Some((before, now)) = self.record_width {
            parts.push(format!("records of {now} characters, before {before}"));
        }
        f.write_str(&parts.join("; "))
    }
}

fn listed(what: &str, names: &[String]) -> String {
    let names: Vec<String> = names.chunk_by(|one, next| one == next).map(counted).collect();
    let shown = names.get(..SHOWN_NAMES.min(names.len())).unwrap_or_default().join(", ");
    match names.len().saturating_sub(SHOWN_NAMES) {
        0 => format!("{what} {shown}"),
        more => format!("{what} {shown} and {more} more"),
    }
}

fn counted(equal: &[String]) -> String {
    let name = equal.first().cloned().unwrap_or_default();
    if equal.len() == 1 { name } else { format!("{name} ({} times)", equal.len()) }
}

/// Names that the codebook lets begin or end between two years.
struct Expected {
    begins: BTreeSet<String>,
    ends: BTreeSet<String>,
}

/// Columns of two layouts, those of one kind found so far in `pairs`.
struct Matches<'a> {
    years: (Option<i32>, Option<i32>),
    old: Vec<&'a LayoutColumn>,
    new: Vec<&'a LayoutColumn>,
    pairs: Vec<(&'a LayoutColumn, &'a LayoutColumn)>,
}

impl<'a> Matches<'a> {
    fn new(before: Dated<'a>, now: Dated<'a>) -> Self {
        Matches {
            years: (before.year, now.year),
            old: before.layout.columns.iter().collect(),
            new: now.layout.columns.iter().collect(),
            pairs: Vec::new(),
        }
    }

    fn match_codebook(&mut self, codebook: &Codebook) -> Expected {
        let mut expected = Expected { begins: BTreeSet::new(), ends: BTreeSet::new() };
        for column in &codebook.columns {
            let name = |year| column.name_in_layout(year).map(|name| folded(&name));
            match (name(self.years.0), name(self.years.1)) {
                (Some(old), Some(new)) => self.pair(
                    |column| folded(&column.name) == old,
                    |column| folded(&column.name) == new,
                ),
                (None, Some(new)) => drop(expected.begins.insert(new)),
                (Some(old), None) => drop(expected.ends.insert(old)),
                // Columns of fixed width text are the codebook's own.
                (None, None) if column.headers.is_empty() => {
                    expected.begins.insert(folded(&column.name));
                    expected.ends.insert(folded(&column.name));
                }
                (None, None) => {}
            }
        }
        expected
    }

    fn match_names(&mut self) {
        let names_of = |columns: &[&LayoutColumn], year| -> Vec<BTreeSet<String>> {
            columns.iter().map(|column| names_without_year(&column.name, year)).collect()
        };
        let (old, new) = (names_of(&self.old, self.years.0), names_of(&self.new, self.years.1));
        let mut of_name = std::collections::BTreeMap::new();
        for (place, names) in new.iter().enumerate() {
            for name in names {
                of_name.entry(name.as_str()).or_insert_with(Vec::new).push(place);
            }
        }
        let mut taken = BTreeSet::new();
        let mut left = Vec::new();
        for (column, names) in self.old.iter().zip(&old) {
            // A name without its year goes before one as it stands.
            let places = names.iter().rev().filter_map(|name| of_name.get(name.as_str())).flatten();
            let place = places.copied().find(|place| !taken.contains(place));
            match place.and_then(|place| Some((place, self.new.get(place)?))) {
                Some((place, now)) => {
                    taken.insert(place);
                    self.pairs.push((column, now));
                }
                None => left.push(*column),
            }
        }
        self.old = left;
        let places = self.new.iter().enumerate().filter(|(place, _)| !taken.contains(place));
        self.new = places.map(|(_, column)| *column).collect();
    }

    /// A name that the codebook learned stood before among the unknown ones.
    fn match_learned_names(&mut self) {
        for name in self.new.iter().map(|column| column.name.clone()).collect::<Vec<_>>() {
            let unknown = unknown_name(&name);
            if name != unknown {
                self.pair(|column| column.name == unknown, |column| column.name == name);
            }
        }
    }

    fn pair(
        &mut self,
        is_old: impl Fn(&&LayoutColumn) -> bool,
        is_new: impl Fn(&&LayoutColumn) -> bool,
    ) {
        let places = (self.old.iter().position(is_old), self.new.iter().position(is_new));
        if let (Some(old), Some(new)) = places {
            self.pairs.push((self.old.remove(old), self.new.remove(new)));
        }
    }
}

/// The name as it stands, and with each of the years in it read as `{year}`: a
/// classification's own year (`SBI2008V2008`) stays in one of them.
fn names_without_year(name: &str, year: Option<i32>) -> BTreeSet<String> {
    let name = folded(name);
    let mut names = BTreeSet::from([name.clone()]);
    if let Some(year) = year.map(|year| year.to_string()) {
        for (place, _) in name.match_indices(&year) {
            let (front, behind) = (&name[..place], &name[place + year.len()..]);
            names.insert(format!("{front}{{year}}{behind}"));
        }
        names.insert(name.replace(&year, "{year}"));
    }
    names
}

#[cfg(test)]
mod tests;
