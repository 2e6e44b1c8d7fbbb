//! Reads TOML of a definition key by key, so that every mistake has a line:
//! a wrong type, a value out of its range, a key that nobody asked for.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::names::{is_nearly, suggestion};
use crate::error::{Error, Place, Result};

/// The text of one file of a definition, with the name that messages use.
#[derive(Debug, Clone)]
pub struct DefinitionText {
    /// The file as the user knows it.
    pub file: PathBuf,
    /// Its content.
    pub text: String,
}

impl DefinitionText {
    /// The place of a byte offset.
    pub fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Place { file: self.file.clone(), line, column }
    }

    /// A mistake at a byte offset.
    pub fn mistake(&self, offset: usize, message: impl Into<String>) -> Error {
        Error::Definition { place: self.place(offset), message: message.into(), hint: None }
    }

    /// Parses the text as TOML and hands the top table to `read`.
    ///
    /// # Errors
    /// [`Error::Definition`] for text that is not TOML, for what `read` refuses
    /// and for keys that `read` did not ask for.
    pub fn read_toml<T>(&self, read: impl FnOnce(&Table<'_>) -> Result<T>) -> Result<T> {
        let parsed = DeTable::parse(&self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            self.mistake(offset, format!("not valid TOML: {}", error.message()))
        })?;
        let table = Table::new(self, parsed.get_ref(), parsed.span().start, String::new());
        let value = read(&table)?;
        table.finish()?;
        Ok(value)
    }
}

/// A value with the place where it stands.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Byte offset in its file.
    pub offset: usize,
}

/// One TOML table under reading; it remembers which keys were asked for.
pub struct Table<'a> {
    source: &'a DefinitionText,
    entries: &'a DeTable<'a>,
    offset: usize,
    path: String,
    asked: RefCell<Vec<&'static str>>,
}

/// One TOML value under reading.
#[derive(Clone)]
pub struct Value<'a> {
    source: &'a DefinitionText,
    value: &'a Spanned<DeValue<'a>>,
    path: String,
}

impl<'a> Table<'a> {
    fn new(
        source: &'a DefinitionText,
        entries: &'a DeTable<'a>,
        offset: usize,
        path: String,
    ) -> Self {
        Table { source, entries, offset, path, asked: RefCell::default() }
    }

    /// The file under reading.
    pub fn source(&self) -> &'a DefinitionText {
        self.source
    }

    /// A mistake of the table as a whole.
    pub fn mistake(&self, message: impl Into<String>) -> Error {
        self.source.mistake(self.offset, message)
    }

    /// The value of a key, where it is given.
    pub fn get(&self, key: &'static str) -> Option<Value<'a>> {
        self.asked.borrow_mut().push(key);
        let value = self.entries.get(key)?;
        Some(Value { source: self.source, value, path: self.child(key) })
    }

    /// The value of a key that must be given.
    ///
    /// # Errors
    /// [`Error::Definition`] where it is missing, or written otherwise.
    pub fn need(&self, key: &'static str) -> Result<Value<'a>> {
        self.get(key).ok_or_else(|| self.missing(key))
    }

    /// A key that is needed is not there: perhaps one stands in its place that
    /// is nearly the same word.
    fn missing(&self, key: &str) -> Error {
        let names = self.named_entries();
        let near = names.iter().map(|(name, _)| name).find(|name| is_nearly(&name.value, key));
        match near {
            Some(near) => self.unknown(near).with_hint(format!("did you mean `{key}`?")),
            None => {
                let place = if self.path.is_empty() { "" } else { " in " };
                self.mistake(format!("`{key}` is missing{place}{}", self.path))
            }
        }
    }

    fn unknown(&self, key: &At<String>) -> Error {
        let place = if self.path.is_empty() { "" } else { " in " };
        let message = format!("unknown key `{}`{place}{}", key.value, self.path);
        self.source.mistake(key.offset, message)
    }

    /// All entries of a table whose keys are names chosen by the user.
    pub fn named_entries(&self) -> Vec<(At<String>, Value<'a>)> {
        let mut entries: Vec<_> = self
            .entries
            .iter()
            .map(|(key, value)| {
                let name = At { value: key.get_ref().to_string(), offset: key.span().start };
                let path = self.child(&name.value);
                (name, Value { source: self.source, value, path })
            })
            .collect();
        entries.sort_by_key(|(name, _)| name.offset);
        entries
    }

    /// Refuses the keys that nobody asked for, with the nearest known one.
    ///
    /// # Errors
    /// [`Error::Definition`] for the first unknown key in the file.
    pub fn finish(&self) -> Result<()> {
        let asked = self.asked.borrow();
        let unknown = self.named_entries().into_iter().map(|(name, _)| name);
        let Some(key) = unknown.into_iter().find(|name| !asked.contains(&name.value.as_str()))
        else {
            return Ok(());
        };
        let mistake = self.unknown(&key);
        let mut known = asked.clone();
        known.sort_unstable();
        known.dedup();
        Err(mistake.with_hint(match suggestion(&key.value, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: {}", known.join(", ")),
        }))
    }

    fn child(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl<'a> Value<'a> {
    /// Byte offset of the value.
    pub fn offset(&self) -> usize {
        self.value.span().start
    }

    /// The file under reading.
    pub fn source(&self) -> &'a DefinitionText {
        self.source
    }

    /// The value itself.
    pub fn get(&self) -> &'a DeValue<'a> {
        self.value.get_ref()
    }

    /// A mistake of this value.
    pub fn mistake(&self, message: impl Into<String>) -> Error {
        self.source.mistake(self.offset(), format!("`{}`: {}", self.path, message.into()))
    }

    fn wrong_type(&self, wanted: &str) -> Error {
        self.mistake(format!("must be {wanted}, is {}", self.get().type_str()))
    }

    /// The value as text.
    ///
    /// # Errors
    /// [`Error::Definition`] for another type.
    pub fn text(&self) -> Result<&'a str> {
        self.get().as_str().ok_or_else(|| self.wrong_type("a string"))
    }

    /// The text parsed by `parse`.
    ///
    /// # Errors
    /// [`Error::Definition`] for another type or what `parse` refuses.
    pub fn parse<T>(&self, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<T> {
        parse(self.text()?).map_err(|message| self.mistake(message))
    }

    /// The value as a truth value.
    ///
    /// # Errors
    /// [`Error::Definition`] for another type.
    pub fn boolean(&self) -> Result<bool> {
        self.get().as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    /// The value as an integer.
    ///
    /// # Errors
    /// [`Error::Definition`] for another type or one out of range.
    pub fn integer(&self) -> Result<i64> {
        let integer = self.get().as_integer().ok_or_else(|| self.wrong_type("an integer"))?;
        i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix())
            .map_err(|_| self.mistake("does not fit 64 bits"))
    }

    /// The value as an array.
    ///
    /// # Errors
    /// [`Error::Definition`] for another type.
    pub fn array(&self) -> Result<Vec<Value<'a>>> {
        let array = self.get().as_array().ok_or_else(|| self.wrong_type("an array"))?;
        Ok(array
            .iter()
            .map(|value| Value { source: self.source, value, path: self.path.clone() })
            .collect())
    }

    /// The value as an array of strings.
    ///
    /// # Errors
    /// [`Error::Definition`] for another type.
    pub fn texts(&self) -> Result<Vec<At<String>>> {
        let at = |value: Value<'a>| -> Result<At<String>> {
            Ok(At { value: value.text()?.to_owned(), offset: value.offset() })
        };
        self.array()?.into_iter().map(at).collect()
    }

    /// Reads the value as a table and refuses what `read` did not ask for.
    ///
    /// # Errors
    /// [`Error::Definition`] for another type, for what `read` refuses and for
    /// unknown keys.
    pub fn table<T>(&self, read: impl FnOnce(&Table<'a>) -> Result<T>) -> Result<T> {
        let table = self.as_table()?;
        let value = read(&table)?;
        table.finish()?;
        Ok(value)
    }

    /// The value as a table whose keys are names chosen by the user.
    ///
    /// # Errors
    /// [`Error::Definition`] for another type.
    pub fn entries(&self) -> Result<Vec<(At<String>, Value<'a>)>> {
        Ok(self.as_table()?.named_entries())
    }

    fn as_table(&self) -> Result<Table<'a>> {
        let entries = self.get().as_table().ok_or_else(|| self.wrong_type("a table"))?;
        Ok(Table::new(self.source, entries, self.offset(), self.path.clone()))
    }
}

/// Reads the file of a definition from disk.
///
/// # Errors
/// The system's error.
pub fn read_from_disk(path: &Path) -> std::io::Result<DefinitionText> {
    Ok(DefinitionText { file: path.to_path_buf(), text: std::fs::read_to_string(path)? })
}
