//! What a raw file says of itself: names, labels, formats, codes for "no
//! value". It is kept beside the raw slice that was made from the file and
//! holds no value of its data.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::trust::sum;
use super::{Lake, SliceRecord};
use crate::durable::files::{self, PRIVATE_FILE};
use crate::error::Result;

/// Name of the dictionary in the folder of a raw slice.
pub(super) const DICTIONARY_FILE: &str = "dictionary.json";

/// The dictionary of one raw file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDictionary {
    /// How the file is written: `delimited`, `fixed` or `spss`.
    pub format: String,
    /// The encoding of its text.
    pub encoding: String,
    /// What the file calls itself; empty where it has no such label.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The column that weighs the records, where the file names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// All its columns in their order, also those that the codebook leaves out.
    pub columns: Vec<FileColumn>,
}

/// One column of a raw file. A delimited file says nothing but its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileColumn {
    /// Name, as the file writes it.
    pub name: String,
    /// Meaning, for people; empty where the file says none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// `number`, or `text(20)` with its width in bytes.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How the file shows its values: `F8.2`, `DATE11`, `N6`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What codes mean, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<CodeLabel>,
    /// Codes that the file declares to be no values (user-missing).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_missing: Vec<UserMissing>,
}

/// The meaning of one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeLabel {
    /// The code, as honkvast writes values of this column.
    pub code: String,
    /// Its meaning.
    pub label: String,
}

/// Codes that a file declares to be no values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum UserMissing {
    /// One code.
    Code {
        /// The code, as honkvast writes values of this column.
        code: String,
    },
    /// All numbers from one to another, both included.
    Range {
        /// The least of them; none for no bound.
        from: Option<String>,
        /// The greatest of them; none for no bound.
        to: Option<String>,
    },
}

impl FileDictionary {
    /// The dictionary of a file that has nothing but names.
    pub fn of_names(
        format: impl Into<String>,
        encoding: impl Into<String>,
        names: impl IntoIterator<Item = String>,
    ) -> Self {
        let column = |name| FileColumn { name, ..FileColumn::default() };
        FileDictionary {
            format: format.into(),
            encoding: encoding.into(),
            columns: names.into_iter().map(column).collect(),
            ..FileDictionary::default()
        }
    }
}

/// The dictionaries of a slice as they are stored.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    /// Of its only file.
    One(FileDictionary),
    /// Of each of its files.
    Several(Vec<FileDictionary>),
}

/// Writes dictionaries into the folder of a slice, if there are any; gives the
/// hash of what was written.
pub(super) fn write(
    folder: &Path,
    mut dictionaries: Vec<FileDictionary>,
) -> Result<Option<String>> {
    let stored = match (dictionaries.pop(), dictionaries.is_empty()) {
        (None, _) => return Ok(None),
        (Some(only), true) => Stored::One(only),
        (Some(last), false) => {
            dictionaries.push(last);
            Stored::Several(dictionaries)
        }
    };
    let json = files::to_json(&stored)?;
    files::write_file(&folder.join(DICTIONARY_FILE), PRIVATE_FILE, &json)?;
    Ok(Some(sum(&json)))
}

impl Lake {
    /// The dictionaries of the files that a raw slice was made from, in their
    /// order; none for other slices and for those of versions that kept none.
    ///
    /// # Errors
    /// [`crate::Error::Io`]; [`crate::Error::Lake`] for content of another form.
    pub fn dictionaries(&self, record: &SliceRecord) -> Result<Vec<FileDictionary>> {
        let folder = self.slice_dir(&record.slice, &record.own, &record.key);
        Ok(match files::read_json(&folder.join(DICTIONARY_FILE))? {
            None => Vec::new(),
            Some(Stored::One(only)) => vec![only],
            Some(Stored::Several(all)) => all,
        })
    }
}
