//! Finds the codebook's columns among the names that a file gives its columns,
//! in its header line or its dictionary.

use std::path::Path;

use super::discover::RawFile;
use crate::error::{Error, Result};
use crate::pipeline::codebook::{Codebook, Column};
use crate::pipeline::names::suggestion;
use crate::pipeline::told_names::{KnownNames, folded};

/// The names of a file's columns, and where they stand.
pub(crate) struct NamesOfFile {
    /// The names in lower case, in the order of the columns.
    pub(crate) names: Vec<String>,
    /// The line in which they stand, in a file of lines.
    pub(crate) line: Option<u64>,
    /// What they stand in, in words.
    pub(crate) place: &'static str,
}

/// The names by which a codebook asks for its columns, in lower case; none for a
/// column that files of this year do not have.
pub(crate) fn wanted_names(codebook: &Codebook, file: &RawFile) -> Vec<Option<String>> {
    let name = |column: &Column| column.header(file.year).map(|name| folded(&name));
    codebook.columns.iter().map(name).collect()
}

/// For each column of the codebook its place in the file; none where the file
/// has none.
///
/// # Errors
/// [`Error::RawInput`] where a column that must be there is not, or stands twice;
/// where the codebook is strict also for a column that it does not know.
pub(crate) fn find_columns(
    file_names: &NamesOfFile,
    codebook: &Codebook,
    file: &RawFile,
) -> Result<Vec<Option<usize>>> {
    let wanted = wanted_names(codebook, file);
    let names = &file_names.names;
    file_names.refuse_strangers(codebook, file)?;
    let mut places = Vec::with_capacity(wanted.len());
    for (column, name) in codebook.columns.iter().zip(&wanted) {
        let shown = column.header(file.year).unwrap_or_else(|| column.name.clone());
        let mut found = (0..names.len()).filter(|place| names.get(*place) == name.as_ref());
        let place = found.next();
        if found.next().is_some() {
            let message = format!("stands twice in the {}", file_names.place);
            return Err(file_names.mistake(&file.path, &shown, message));
        }
        let is_needed = column.is_mandatory || (column.is_required && name.is_some());
        if place.is_none() && is_needed {
            let message = format!("is missing in the {}", file_names.place);
            let error = file_names.mistake(&file.path, &shown, message);
            return Err(match file_names.similar(&shown) {
                Some(similar) => error.with_hint(similar),
                None => error,
            });
        }
        places.push(place);
    }
    if codebook.is_strict {
        file_names.check_unknown(&wanted, &file.path)?;
    }
    Ok(places)
}

/// A column that has no place in the files of the year by the codebook.
///
/// # Errors
/// [`Error::RawInput`] for a mandatory one.
pub(crate) fn place_missing<T>(column: &Column, file: &RawFile) -> Result<Option<T>> {
    if !column.is_mandatory {
        return Ok(None);
    }
    Err(Error::RawInput {
        file: Some(file.path.clone()),
        line: None,
        column: Some(column.name.clone()),
        message: "is mandatory, but has no position in the files of the year".to_owned(),
        hint: Some("add the year to its `position` in the codebook".to_owned()),
    })
}

impl NamesOfFile {
    fn mistake(&self, path: &Path, name: &str, message: impl Into<String>) -> Error {
        Error::RawInput {
            file: Some(path.to_path_buf()),
            line: self.line,
            column: Some(name.to_owned()),
            message: message.into(),
            hint: None,
        }
    }

    /// The column of the file whose name is nearly this one, in words.
    fn similar(&self, name: &str) -> Option<String> {
        let near = suggestion(&folded(name), self.names.iter().map(String::as_str))?;
        let place = self.names.iter().position(|name| name == near)?;
        Some(match self.line {
            Some(_) => format!("column {} of the file has a similar name", place + 1),
            None => format!("the file has `{near}`"),
        })
    }

    /// Refuses names of which the codebook knows none, or too few of a line. A
    /// file without a header line has data there: no name is shown.
    ///
    /// # Errors
    /// [`Error::RawInput`].
    pub(crate) fn refuse_strangers(&self, codebook: &Codebook, file: &RawFile) -> Result<()> {
        let known = codebook.known_names(&self.names, file.year);
        let is_known = match self.line {
            Some(_) => known.are_enough(),
            None => known.found > 0,
        };
        if is_known {
            return Ok(());
        }
        let (place, hint) = match self.line {
            Some(_) => ("first line", "is it a header line, and the file one of this source?"),
            None => (self.place, "is the file one of this source?"),
        };
        let message = match known {
            KnownNames { found: 0, .. } => format!("no name of the codebook stands in the {place}"),
            KnownNames { found, wanted } => {
                format!("only {found} of {wanted} names of the codebook stand in the {place}")
            }
        };
        Err(Error::RawInput {
            file: Some(file.path.clone()),
            line: self.line,
            column: None,
            message,
            hint: Some(hint.to_owned()),
        })
    }

    fn check_unknown(&self, wanted: &[Option<String>], path: &Path) -> Result<()> {
        let is_known = |name: &String| wanted.iter().flatten().any(|known| known == name);
        let Some(place) = self.names.iter().position(|name| !is_known(name)) else {
            return Ok(());
        };
        let name = self.names.get(place).filter(|name| self.line.is_none() && !name.is_empty());
        let name = name.cloned().unwrap_or_else(|| format!("number {}", place + 1));
        Err(self
            .mistake(path, &name, "is not in the codebook, which is strict")
            .with_hint("add it to the codebook, or take `strict` off"))
    }
}
