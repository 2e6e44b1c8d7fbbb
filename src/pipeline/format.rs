//! How raw files are written: delimited text, fixed width text or SPSS, and the
//! `[format]` of a codebook that says so. Packing (`.gz`, `.zst`) is no part of
//! it: any file may be packed.

use super::codebook::of_year;
use super::codebook_reader::{optional, read_vintages};
use super::toml_reader::{Table, Value};
use super::years::YearRange;
use crate::error::Result;

/// How raw files are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Text with a delimiter.
    Delimited(Delimited),
    /// Text whose columns stand at fixed places of each line.
    Fixed(Fixed),
    /// A system file of SPSS, `.sav` or `.zsav`.
    Spss(Spss),
}

/// Text with a delimiter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delimited {
    /// The first line says what the columns are called; otherwise it is a record,
    /// and columns go by the numbers of their fields.
    pub has_header: bool,
    /// The byte between fields.
    pub delimiter: u8,
    /// The byte around fields that hold a delimiter; doubled inside.
    pub quote: Option<u8>,
    /// Line ends may stand inside quotes.
    pub has_multiline_fields: bool,
    /// A last line without a line end may be one that was cut off: the file is
    /// refused.
    pub needs_last_line_end: bool,
    /// The encoding of the text.
    pub encoding: TextEncoding,
    /// The byte before the decimals.
    pub decimal_mark: u8,
}

/// Text whose columns stand at fixed places of each line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// Characters of a record per vintage. The first range that fits counts.
    pub widths: Vec<(YearRange, u32)>,
    /// Lines may be shorter: blanks at their end are not written.
    pub is_ragged: bool,
    /// Lines before the first record.
    pub skip_lines: u32,
    /// A last line without a line end may be one that was cut off: the file is
    /// refused.
    pub needs_last_line_end: bool,
    /// The encoding of the text.
    pub encoding: TextEncoding,
    /// The byte before the decimals, where it is written.
    pub decimal_mark: u8,
}

/// A system file of SPSS, `.sav` or `.zsav`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spss {
    /// What becomes of values that the file declares to be missing.
    pub user_missing: UserMissing,
}

/// What becomes of values that an SPSS file declares to be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserMissing {
    /// They are null.
    Null,
    /// They are values as others.
    Value,
}

/// An encoding of raw text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8; a byte-order mark is passed over.
    Utf8,
    /// Windows-1252, the superset of latin-1 that older files use.
    Windows1252,
}

/// A place in a record of fixed width: characters counted from one, both ends
/// included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The first character.
    pub first: u32,
    /// The last one, not before the first.
    pub last: u32,
}

impl TextEncoding {
    /// Its name, as a codebook writes it.
    pub fn name(self) -> &'static str {
        match self {
            TextEncoding::Utf8 => "utf-8",
            TextEncoding::Windows1252 => "windows-1252",
        }
    }
}

impl Format {
    /// The word for it in a codebook.
    pub fn kind(&self) -> &'static str {
        match self {
            Format::Delimited(_) => "delimited",
            Format::Fixed(_) => "fixed",
            Format::Spss(_) => "spss",
        }
    }

    /// Says whether its files name their columns.
    pub fn has_column_names(&self) -> bool {
        matches!(self, Format::Spss(_)) || self.has_header()
    }

    /// Says whether the first line of its files has the names of the columns.
    pub fn has_header(&self) -> bool {
        matches!(self, Format::Delimited(Delimited { has_header: true, .. }))
    }

    /// How names of such files end, in lower case; `.gz` or `.zst` may follow.
    pub fn endings(&self) -> &'static [&'static str] {
        match self {
            Format::Delimited(_) | Format::Fixed(_) => &[".csv", ".txt", ".dat", ".asc"],
            Format::Spss(_) => &[".sav", ".zsav"],
        }
    }
}

impl Fixed {
    /// Characters of a record in the files of a year (or of a source without
    /// years); none where the codebook does not say.
    pub fn width(&self, year: Option<i32>) -> Option<u32> {
        of_year(&self.widths, year).copied()
    }
}

pub(super) fn read_format(table: &Table<'_>) -> Result<Format> {
    let kind = table.need("kind")?;
    match kind.text()? {
        "delimited" => read_delimited(table).map(Format::Delimited),
        "fixed" => read_fixed(table).map(Format::Fixed),
        "spss" => read_spss(table).map(Format::Spss),
        _ => Err(kind.mistake("must be \"delimited\", \"fixed\" or \"spss\"")),
    }
}

fn read_delimited(table: &Table<'_>) -> Result<Delimited> {
    let quote = optional(table, "quote", |value| {
        value.parse(|text| match text {
            "" => Ok(None),
            _ => one_byte(text).map(Some),
        })
    })?;
    let format = Delimited {
        has_header: optional(table, "header", |value| value.boolean())?.unwrap_or(true),
        delimiter: table.need("delimiter")?.parse(one_byte)?,
        quote: quote.unwrap_or(Some(b'"')),
        has_multiline_fields: optional(table, "multiline", |value| value.boolean())?
            .unwrap_or(false),
        needs_last_line_end: read_last_line_end(table)?,
        encoding: read_encoding(table)?,
        decimal_mark: read_decimal_mark(table)?,
    };
    if format.has_multiline_fields && format.quote.is_none() {
        return Err(table.mistake("`multiline` needs a `quote`"));
    }
    if format.quote == Some(format.delimiter) {
        return Err(table.mistake("`quote` and `delimiter` are the same"));
    }
    Ok(format)
}

fn read_fixed(table: &Table<'_>) -> Result<Fixed> {
    Ok(Fixed {
        widths: read_vintages(&table.need("width")?, read_width)?,
        is_ragged: optional(table, "ragged", |value| value.boolean())?.unwrap_or(false),
        skip_lines: optional(table, "skip_lines", |value| read_count(value, 0))?.unwrap_or(0),
        needs_last_line_end: read_last_line_end(table)?,
        encoding: read_encoding(table)?,
        decimal_mark: read_decimal_mark(table)?,
    })
}

fn read_spss(table: &Table<'_>) -> Result<Spss> {
    let user_missing = optional(table, "user_missing", |value| {
        value.parse(|text| match text {
            "null" => Ok(UserMissing::Null),
            "value" => Ok(UserMissing::Value),
            _ => Err("must be \"null\" or \"value\"".to_owned()),
        })
    })?;
    Ok(Spss { user_missing: user_missing.unwrap_or(UserMissing::Null) })
}

fn read_last_line_end(table: &Table<'_>) -> Result<bool> {
    Ok(optional(table, "last_line_end", |value| value.boolean())?.unwrap_or(true))
}

fn read_encoding(table: &Table<'_>) -> Result<TextEncoding> {
    let encoding = optional(table, "encoding", |value| {
        value.parse(|text| match text {
            "utf-8" => Ok(TextEncoding::Utf8),
            "windows-1252" | "latin-1" => Ok(TextEncoding::Windows1252),
            _ => Err("must be \"utf-8\", \"windows-1252\" or \"latin-1\"".to_owned()),
        })
    })?;
    Ok(encoding.unwrap_or(TextEncoding::Utf8))
}

fn read_decimal_mark(table: &Table<'_>) -> Result<u8> {
    let mark = optional(table, "decimal", |value| value.parse(decimal_mark))?;
    Ok(mark.unwrap_or(b'.'))
}

fn read_width(value: &Value<'_>) -> Result<u32> {
    read_count(value, 1)
}

/// Reads a whole number of at least `least`.
pub(super) fn read_count(value: &Value<'_>, least: u32) -> Result<u32> {
    let count = u32::try_from(value.integer()?).ok().filter(|count| *count >= least);
    count.ok_or_else(|| value.mistake(format!("must be a whole number of at least {least}")))
}

/// Reads `"1-6"` or `"7"`.
pub(super) fn read_position(value: &Value<'_>) -> Result<Position> {
    value.parse(|text| {
        let number = |part: &str| {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u32>().ok().filter(|number| is_number && *number > 0)
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let position = number(first).zip(number(last)).filter(|(first, last)| first <= last);
        let (first, last) = position
            .ok_or_else(|| "must be characters counted from one, as \"7\" or \"1-6\"".to_owned())?;
        Ok(Position { first, last })
    })
}

fn one_byte(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => Ok(*byte),
        _ => Err("must be one ASCII character (a tab is \"\\t\")".to_owned()),
    }
}

fn decimal_mark(text: &str) -> Result<u8, String> {
    match text {
        "," => Ok(b','),
        "." => Ok(b'.'),
        _ => Err("must be \",\" or \".\"".to_owned()),
    }
}
