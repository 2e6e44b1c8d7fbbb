//! Words for people, in the languages of a report, and the labels of columns
//! and codes that are made of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::codebook_reader::optional;
use super::study::Study;
use super::toml_reader::{DefinitionText, Value};
use crate::error::Result;

/// Codes whose words are the same in each column.
const ANY_COLUMN: &str = "any";

/// The same in Dutch and English; one of them may lack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// In Dutch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nl: Option<String>,
    /// In English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Words {
    /// Says whether there are none in either language.
    pub fn is_empty(&self) -> bool {
        self.nl.is_none() && self.en.is_none()
    }
}

/// Labels of columns and codes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// Of columns by name.
    #[serde(default)]
    pub columns: BTreeMap<String, Words>,
    /// Of codes by column; those under `any` hold in each.
    #[serde(default)]
    pub codes: BTreeMap<String, BTreeMap<String, Words>>,
}

impl Labels {
    /// The label of a code in a column.
    pub fn of_code(&self, column: &str, code: &str) -> Option<&Words> {
        let of = |column: &str| self.codes.get(column)?.get(code);
        of(column).or_else(|| of(ANY_COLUMN))
    }
}

/// Reads `{ nl = "…", en = "…" }`.
///
/// # Errors
/// [`crate::Error::Definition`] for another form, or words in no language.
pub(super) fn read_words(value: &Value<'_>) -> Result<Words> {
    let words = value.table(|table| {
        let text = |key: &'static str| {
            optional(table, key, |value| match value.text()?.trim() {
                "" => Err(value.mistake("must have a character at least")),
                text => Ok(text.to_owned()),
            })
        };
        Ok(Words { nl: text("nl")?, en: text("en")? })
    })?;
    match words.is_empty() {
        true => Err(value.mistake("needs `nl`, `en` or both")),
        false => Ok(words),
    }
}

/// The columns of a file of labels.
const HEADER: [&str; 4] = ["column", "code", "nl", "en"];

/// Reads a file of labels: CSV with the columns `column`, `code`, `nl` and `en`.
/// Without a code the words are the column's own; under the column `any` they hold
/// for a code wherever it has no others. A code that is words itself, with a space
/// in it, is its own English where `en` is empty.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake, with file and line.
pub(super) fn read_labels(file: &DefinitionText) -> Result<Labels> {
    let mut reader = csv::Reader::from_reader(file.text.as_bytes());
    let header = reader.headers().map_err(|error| unreadable(file, &error))?;
    if header != HEADER.as_slice() {
        return Err(file.mistake(0, format!("must have the columns {}", HEADER.join(", "))));
    }
    let mut labels = Labels::default();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(file, &error))?;
        let offset = record.position().map_or(0, |place| place.byte() as usize);
        let text = |place: usize| {
            let text = record.get(place).unwrap_or_default().trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let column = text(0).ok_or_else(|| file.mistake(offset, "`column` is empty"))?;
        let code = text(1);
        let own = code.clone().filter(|code| code.contains(' '));
        let words = Words { nl: text(2), en: text(3).or(own) };
        if words.is_empty() {
            return Err(file.mistake(offset, "needs words in `nl`, `en` or both"));
        }
        let twice = match code {
            None => labels.columns.insert(column, words),
            Some(code) => labels.codes.entry(column).or_default().insert(code, words),
        };
        if twice.is_some() {
            return Err(file.mistake(offset, "the same column and code stand there before"));
        }
    }
    Ok(labels)
}

fn unreadable(file: &DefinitionText, error: &csv::Error) -> crate::error::Error {
    let offset = error.position().map_or(0, |place| place.byte() as usize);
    file.mistake(offset, format!("is no CSV: {error}"))
}

/// The words that a code list of the study has for its codes: its columns `code`,
/// `name_nl` and `name_en`.
///
/// # Errors
/// [`crate::Error::Definition`] for a list that there is not, or without words.
pub(super) fn read_codelist_words(
    named: &Value<'_>,
    study: &Study,
) -> Result<BTreeMap<String, Words>> {
    let list = study.codelists.get(named.text()?);
    let list = list.ok_or_else(|| named.mistake("the study has no such code list"))?;
    let mut reader = csv::Reader::from_reader(list.text.as_bytes());
    let header = reader.headers().map_err(|error| unreadable(list, &error))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let (nl, en) = (place("name_nl"), place("name_en"));
    let Some(code) = place("code").filter(|_| nl.is_some() || en.is_some()) else {
        return Err(named.mistake("the code list has no columns `code` and `name_nl` or `name_en`"));
    };
    let mut words = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(list, &error))?;
        let text = |place: Option<usize>| {
            let text = record.get(place?)?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let entry = Words { nl: text(nl), en: text(en) };
        if let (Some(code), false) = (text(Some(code)), entry.is_empty()) {
            words.insert(code, entry);
        }
    }
    Ok(words)
}
