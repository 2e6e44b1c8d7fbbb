//! Reads the header line of a delimited file.
//!
//! A file without a header line has data there: only names of the codebook are
//! shown, and the line must have enough of them.

use std::borrow::Cow;
use std::path::Path;

use super::column_names::{NamesOfFile, find_columns, wanted_names};
use super::discover::RawFile;
use super::encoding::{HINT, mark_length};
use super::fields::Fields;
use crate::error::{Error, Result};
use crate::pipeline::codebook::{Codebook, Delimited, TextEncoding};
use crate::pipeline::told_names::folded;

const DELIMITERS: [(u8, &str); 4] = [(b';', ";"), (b',', ","), (b'\t', "tab"), (b'|', "|")];

/// Where the columns of one file stand.
pub(crate) struct Header {
    /// Fields that each record must have.
    pub(crate) field_count: usize,
    /// For each column of the codebook its field; none where the file has none.
    pub(crate) fields: Vec<Option<usize>>,
    /// The names of all columns, as written.
    pub(crate) names: Vec<String>,
}

/// Reads the header line, given without its line end.
pub(crate) fn read_header(
    line: &[u8],
    file: &RawFile,
    codebook: &Codebook,
    format: &Delimited,
) -> Result<Header> {
    let names = read_names(line, file, codebook, format)?;
    let fields = find_columns(&of_line(&names), codebook, file)?;
    Ok(Header { field_count: names.len(), fields, names })
}

/// The names in a header line, as they are written; an error for a line that
/// has too few names of the codebook, since it may hold data.
pub(crate) fn read_names(
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
