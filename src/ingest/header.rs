//! Finds the codebook's columns in the header line of a delimited file.
//!
//! A file without a header line has data there: a name is only shown in a
//! message once the line is known to be a header.

use std::borrow::Cow;
use std::path::Path;

use super::discover::RawFile;
use super::fields::Fields;
use crate::error::{Error, Result};
use crate::pipeline::codebook::{Codebook, Delimited, TextEncoding};
use crate::pipeline::names::suggestion;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const DELIMITERS: [(u8, &str); 4] = [(b';', ";"), (b',', ","), (b'\t', "tab"), (b'|', "|")];

/// Where the columns of one file stand.
pub(crate) struct Header {
    /// Fields that each record must have.
    pub(crate) field_count: usize,
    /// For each column of the codebook its field; none where the file has none.
    pub(crate) fields: Vec<Option<usize>>,
}

/// Reads the header line, given without its line end.
pub(crate) fn read_header(
    line: &[u8],
    file: &RawFile,
    codebook: &Codebook,
    format: &Delimited,
) -> Result<Header> {
    let line = decode(line, &file.path, format.encoding)?;
    let names = split(&line, format.delimiter, format.quote)
        .ok_or_else(|| mistake(&file.path, "the header line has a quote that is not closed"))?;
    let wanted: Vec<_> = codebook
        .columns
        .iter()
        .map(|column| column.header(file.year).map(|name| name.trim().to_lowercase()))
        .collect();
    check_delimiter(&line, &names, &wanted, format, &file.path)?;
    let fields = find_columns(&names, &wanted, codebook, file)?;
    if codebook.is_strict {
        check_unknown(&names, &wanted, &file.path)?;
    }
    Ok(Header { field_count: names.len(), fields })
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

fn column_mistake(path: &Path, name: &str, message: &str) -> Error {
    Error::RawInput {
        file: Some(path.to_path_buf()),
        line: Some(1),
        column: Some(name.to_owned()),
        message: message.to_owned(),
        hint: None,
    }
}

fn decode<'a>(line: &'a [u8], path: &Path, encoding: TextEncoding) -> Result<Cow<'a, str>> {
    let encoding_hint = "correct `encoding` in the codebook, or convert the file";
    if line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff") {
        return Err(mistake(path, "the file is UTF-16, which cannot be read")
            .with_hint("convert it to UTF-8 or windows-1252"));
    }
    let (text, has_mark) = match line.strip_prefix(BYTE_ORDER_MARK) {
        Some(text) => (text, true),
        None => (line, false),
    };
    if memchr::memchr(0, text).is_some() {
        return Err(mistake(path, "the header line has NUL bytes; it is no text file"));
    }
    match encoding {
        TextEncoding::Windows1252 if has_mark => {
            let message =
                "the file begins with the mark of UTF-8, but its codebook says windows-1252";
            Err(mistake(path, message).with_hint(encoding_hint))
        }
        TextEncoding::Windows1252 => {
            Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(text).0)
        }
        TextEncoding::Utf8 => match std::str::from_utf8(text) {
            Ok(text) => Ok(text.into()),
            Err(error) => {
                let byte = line.len() - text.len() + error.valid_up_to() + 1;
                Err(mistake(path, format!("the header line is not UTF-8 at byte {byte}"))
                    .with_hint(encoding_hint))
            }
        },
    }
}

/// The names of the header in lower case, none where its quotes are wrong.
fn split(line: &str, delimiter: u8, quote: Option<u8>) -> Option<Vec<String>> {
    let mut fields = Fields::default();
    fields.split(line.as_bytes(), delimiter, quote).ok()?;
    let name = |index| {
        let text = String::from_utf8_lossy(fields.get(line.as_bytes(), index));
        text.trim().to_lowercase()
    };
    Some((0..fields.len()).map(name).collect())
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

fn find_columns(
    names: &[String],
    wanted: &[Option<String>],
    codebook: &Codebook,
    file: &RawFile,
) -> Result<Vec<Option<usize>>> {
    if !wanted.iter().flatten().any(|name| names.contains(name)) {
        return Err(mistake(&file.path, "no name of the codebook stands in the first line")
            .with_hint("is it a header line, and the file one of this source?"));
    }
    let mut fields = Vec::with_capacity(wanted.len());
    for (column, name) in codebook.columns.iter().zip(wanted) {
        let shown = column.header(file.year).unwrap_or_else(|| column.name.clone());
        let mut places = (0..names.len()).filter(|place| names.get(*place) == name.as_ref());
        let place = places.next();
        if places.next().is_some() {
            return Err(column_mistake(&file.path, &shown, "stands twice in the header line"));
        }
        let is_needed = column.is_mandatory || (column.is_required && name.is_some());
        if place.is_none() && is_needed {
            let error = column_mistake(&file.path, &shown, "is missing in the header line");
            let near = suggestion(&shown.to_lowercase(), names.iter().map(String::as_str));
            return Err(match near {
                Some(near) => error.with_hint(format!("the file has `{near}`")),
                None => error,
            });
        }
        fields.push(place);
    }
    Ok(fields)
}

fn check_unknown(names: &[String], wanted: &[Option<String>], path: &Path) -> Result<()> {
    let is_known = |name: &String| wanted.iter().flatten().any(|known| known == name);
    match names.iter().position(|name| !is_known(name)) {
        Some(place) => {
            let name = names.get(place).filter(|name| !name.is_empty()).cloned();
            let name = name.unwrap_or_else(|| format!("number {}", place + 1));
            Err(column_mistake(path, &name, "is not in the codebook, which is strict")
                .with_hint("add it to the codebook, or take `strict` off"))
        }
        None => Ok(()),
    }
}
