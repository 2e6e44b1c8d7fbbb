//! Which names of a file may be told. A file without a line of names, or one
//! whose line ends nobody knows, has values there: they are told as names only
//! where the codebook knows them, and of all others only their length.

use std::collections::{BTreeMap, BTreeSet};

use super::codebook::{Codebook, Column};

/// Names of a codebook among those of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownNames {
    /// Columns that files of the year must have (any, where none must).
    pub wanted: usize,
    /// Those of them that the file has.
    pub found: usize,
}

impl KnownNames {
    /// They are so many that the others are names too, and no values.
    pub fn are_enough(self) -> bool {
        self.found > 0 && self.found * 2 >= self.wanted
    }
}

impl Codebook {
    /// How many of the codebook's names of a year stand among those of a file.
    pub fn known_names(&self, names: &[String], year: Option<i32>) -> KnownNames {
        let names: BTreeSet<String> = names.iter().map(|name| folded(name)).collect();
        let must = |column: &&Column| column.is_required || column.is_mandatory;
        let headers = |columns: &mut dyn Iterator<Item = &Column>| -> Vec<String> {
            columns.filter_map(|column| column.header(year)).collect()
        };
        let mut wanted = headers(&mut self.columns.iter().filter(must));
        if wanted.is_empty() {
            wanted = headers(&mut self.columns.iter());
            wanted.retain(|name| names.contains(&folded(name)));
        }
        let found = wanted.iter().filter(|name| names.contains(&folded(name))).count();
        KnownNames { wanted: wanted.len(), found }
    }

    /// The names of a first line as they may be told: those of the codebook (of
    /// any vintage), of others only the length, since they may be values.
    pub fn told_names(&self, names: &[String], year: Option<i32>) -> Vec<String> {
        let headers = self.columns.iter().flat_map(|column| &column.headers);
        let own: BTreeMap<String, String> = headers
            .map(|(_, name)| in_year(name, year))
            .map(|name| (folded(&name), name.trim().to_owned()))
            .collect();
        let told = |name: &String| own.get(&folded(name)).cloned();
        names.iter().map(|name| told(name).unwrap_or_else(|| unknown_name(name))).collect()
    }
}

const UNKNOWN: (&str, &str) = ("[name of ", " characters]");

/// How a name is told that is not of the codebook.
pub(super) fn unknown_name(name: &str) -> String {
    if is_unknown_name(name) {
        return name.to_owned();
    }
    format!("{}{}{}", UNKNOWN.0, name.trim().chars().count(), UNKNOWN.1)
}

/// Says whether a name is told by its length alone.
pub(crate) fn is_unknown_name(name: &str) -> bool {
    let length = name.strip_prefix(UNKNOWN.0).and_then(|name| name.strip_suffix(UNKNOWN.1));
    length.is_some_and(|length| length.parse::<usize>().is_ok())
}

/// A name without regard to case and blanks around it.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A name of the codebook as the files of a year write it.
pub(super) fn in_year(name: &str, year: Option<i32>) -> String {
    match year {
        Some(year) => name.replace("{year}", &year.to_string()),
        None => name.to_owned(),
    }
}
