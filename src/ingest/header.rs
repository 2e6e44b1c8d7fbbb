//! What the columns of a delimited file are called: by its header line, or by
//! the numbers of their fields.
//!
//! A file without a header line has data there: only names of the codebook are
//! shown, and the line must have enough of them.

use std::borrow::Cow;
use std::path::Path;

use super::column_names::{NamesOfFile, find_columns, place_missing, wanted_names};
use super::discover::RawFile;
use super::encoding::{HINT, mark_length};
use super::fields::Fields;
use crate::error::{Error, Result};
use crate::lake::FileDictionary;
use crate::pipeline::codebook::{Codebook, Column, Delimited, TextEncoding, field_name};
use crate::pipeline::told_names::folded;

const DELIMITERS: [(u8, &str); 4] = [(b';', ";"), (b',', ","), (b'\t', "tab"), (b'|', "|")];

/// What the columns of one file are called.
pub(crate) enum Header {
    /// As its first line says.
    Names(Vec<String>),
    /// By their numbers: the first record has so many fields.
    Numbers(usize),
}

impl Header {
    /// Reads the header line, given without its line end.
    pub(crate) fn of_line(
        line: &[u8],
        file: &RawFile,
        codebook: &Codebook,
        format: &Delimited,
    ) -> Result<Header> {
        read_names(line, file, codebook, format).map(Header::Names)
    }

    /// Counts the fields of the first record of a file without a header line;
    /// there is none in a file without records.
    ///
    /// # Errors
    /// [`Error::RawInput`] where its quotes are wrong, and where it is a header
    /// line after all: it would be one more record, and one column of text would
    /// take it without a word.
    pub(crate) fn of_record(
        record: Option<&[u8]>,
        file: &RawFile,
        codebook: &Codebook,
        format: &Delimited,
    ) -> Result<Header> {
        let Some(record) = record else { return Ok(Header::Numbers(0)) };
        let mut fields = Fields::default();
        let count = fields.split(record, format.delimiter, format.quote, usize::MAX);
        let count = count.map_err(|rule| {
            let message = format!("the first record cannot be split: {}", rule.text());
            let hint = "is `quote` in the codebook the one of the file?";
            mistake(&file.path, message).with_hint(hint)
        })?;
        let placed = |column: &&Column| column.field(file.year).is_some();
        let is_named = |column: &&Column| {
            let field = column.field(file.year).map_or(0, |field| field as usize - 1);
            let text = String::from_utf8_lossy(fields.get(record, field));
            folded(&text) == column.name
        };
        let columns = codebook.columns.iter().filter(placed);
        let named = columns.clone().filter(is_named).count();
        if named > 1 && named * 2 >= columns.count() {
            let message = "the first record has the names of columns; is it a header line?";
            let hint = "take `header = false` out of the codebook, or the line out of the file";
            return Err(mistake(&file.path, message).with_hint(hint));
        }
        Ok(Header::Numbers(count))
    }

    /// Fields that each record must have.
    pub(crate) fn field_count(&self) -> usize {
        match self {
            Header::Names(names) => names.len(),
            Header::Numbers(count) => *count,
        }
    }

    /// For each column of the codebook its field; none where the file has none.
    ///
    /// # Errors
    /// [`Error::RawInput`] where a column that must be there is not.
    pub(crate) fn find_columns(
        &self,
        codebook: &Codebook,
        file: &RawFile,
    ) -> Result<Vec<Option<usize>>> {
        match self {
            Header::Names(names) => find_columns(&of_line(names), codebook, file),
            Header::Numbers(0) => Ok(vec![None; codebook.columns.len()]),
            Header::Numbers(count) => {
                let field = |column| find_field(column, *count, file);
                codebook.columns.iter().map(field).collect()
            }
        }
    }

    /// What the columns are called, as it may be told.
    pub(crate) fn told(&self, codebook: &Codebook, file: &RawFile) -> Vec<String> {
        match self {
            Header::Names(names) => codebook.told_names(names, file.year),
            Header::Numbers(count) => (1..).take(*count).map(field_name).collect(),
        }
    }

    /// What the file says of itself: its names, where it has some.
    pub(crate) fn dictionary(
        &self,
        codebook: &Codebook,
        file: &RawFile,
        encoding: TextEncoding,
    ) -> FileDictionary {
        let names = match self {
            Header::Names(_) => self.told(codebook, file),
            Header::Numbers(_) => Vec::new(),
        };
        FileDictionary::of_names("delimited", encoding.name(), names)
    }
}

/// The field of a column in a file whose records have so many.
fn find_field(column: &Column, count: usize, file: &RawFile) -> Result<Option<usize>> {
    let Some(number) = column.field(file.year) else { return place_missing(column, file) };
    let field = number as usize - 1;
    if field < count {
        return Ok(Some(field));
    }
    if !column.is_mandatory && !column.is_required {
        return Ok(None);
    }
    Err(Error::RawInput {
        file: Some(file.path.clone()),
        line: None,
        column: Some(column.name.clone()),
        message: format!("is field {number}, and the first record has {count}"),
        hint: Some("correct its `position` or `delimiter` in the codebook".to_owned()),
    })
}

/// The names in a header line, as they are written; an error for a line that
/// has too few names of the codebook, since it may hold data.
fn read_names(
    line: &[u8],
    file: &RawFile,
    codebook: &Codebook,
    format: &Delimited,
) -> Result<Vec<String>> {
    let line = decode(line, &file.path, format.encoding)?;
    let names = split(&line, format.delimiter, format.quote)
        .ok_or_else(|| mistake(&file.path, "the header line has a quote that is not closed"))?;
    let wanted = wanted_names(codebook, file);
    let found = of_line(&names);
    check_delimiter(&line, &found.names, &wanted, format, &file.path)?;
    found.refuse_strangers(codebook, file)?;
    Ok(names)
}

fn of_line(names: &[String]) -> NamesOfFile {
    let names = names.iter().map(|name| folded(name)).collect();
    NamesOfFile { names, line: Some(1), place: "header line" }
}

fn mistake(path: &Path, message: impl Into<String>) -> Error {
    Error::RawInput {
        file: Some(path.to_path_buf()),
        line: Some(1),
        column: None,
        message: message.into(),
        hint: None,
    }
}

fn decode<'a>(line: &'a [u8], path: &Path, encoding: TextEncoding) -> Result<Cow<'a, str>> {
    let mark = mark_length(line, path, encoding)?;
    let text = line.get(mark..).unwrap_or_default();
    if memchr::memchr(0, text).is_some() {
        return Err(mistake(path, "the header line has NUL bytes; it is no text file"));
    }
    match encoding {
        TextEncoding::Windows1252 => {
            Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(text).0)
        }
        TextEncoding::Utf8 => match std::str::from_utf8(text) {
            Ok(text) => Ok(text.into()),
            Err(error) => {
                let byte = mark + error.valid_up_to() + 1;
                Err(mistake(path, format!("the header line is not UTF-8 at byte {byte}"))
                    .with_hint(HINT))
            }
        },
    }
}

/// The names of the header, none where its quotes are wrong.
fn split(line: &str, delimiter: u8, quote: Option<u8>) -> Option<Vec<String>> {
    let mut fields = Fields::default();
    let count = fields.split(line.as_bytes(), delimiter, quote, usize::MAX).ok()?;
    let name = |index| {
        let text = String::from_utf8_lossy(fields.get(line.as_bytes(), index));
        text.trim().to_owned()
    };
    Some((0..count).map(name).collect())
}

/// Refuses a line that another delimiter would split into more known names.
fn check_delimiter(
    line: &str,
    names: &[String],
    wanted: &[Option<String>],
    format: &Delimited,
    path: &Path,
) -> Result<()> {
    let known =
        |names: &[String]| wanted.iter().flatten().filter(|name| names.contains(name)).count();
    let is_one_field = names.len() == 1 && wanted.len() > 1;
    let better = DELIMITERS
        .into_iter()
        .filter(|(delimiter, _)| *delimiter != format.delimiter)
        .filter_map(|(delimiter, shown)| {
            let others = split(line, delimiter, format.quote)?;
            let others: Vec<String> = others.iter().map(|name| folded(name)).collect();
            let is_split = is_one_field && others.len() > 1;
            (known(&others) > known(names) || is_split).then_some((
                known(&others),
                others.len(),
                shown,
            ))
        })
        .max();
    let Some((_, _, shown)) = better else { return Ok(()) };
    let said = DELIMITERS.into_iter().find(|(delimiter, _)| *delimiter == format.delimiter);
    let said = said.map_or("another", |(_, shown)| shown);
    let message = format!("the fields are delimited by `{shown}`, but the codebook says `{said}`");
    Err(mistake(path, message).with_hint("correct `delimiter` in the codebook"))
}
