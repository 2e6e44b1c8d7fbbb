//! The codebook of a source: format, columns, types, names per vintage,
//! missing and special codes. Reading a file by it is left to `ingest`.

use super::names::is_identifier;
use super::toml_reader::{At, DefinitionText, Table, Value};
use super::years::YearRange;
use crate::error::Result;

/// How the raw files of one source are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codebook {
    /// What the source is, for people.
    pub title: String,
    /// How its files are written.
    pub format: Format,
    /// The columns to keep, in the order of the raw table.
    pub columns: Vec<Column>,
    /// A column that the codebook does not know is an error.
    pub is_strict: bool,
    /// Rejects allowed, in millionths of the records read.
    pub reject_limit_ppm: u32,
    /// Versions that are provisional, as an inclusive range of version numbers.
    pub provisional_versions: Option<(u64, u64)>,
}

/// How raw files are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Text with a delimiter and a header line.
    Delimited(Delimited),
}

/// Text with a delimiter and a header line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delimited {
    /// The byte between fields.
    pub delimiter: u8,
    /// The byte around fields that hold a delimiter; doubled inside.
    pub quote: Option<u8>,
    /// Line ends may stand inside quotes.
    pub has_multiline_fields: bool,
    /// The encoding of the text.
    pub encoding: TextEncoding,
    /// The byte before the decimals.
    pub decimal_mark: u8,
}

/// An encoding of raw text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8; a byte-order mark is passed over.
    Utf8,
    /// Windows-1252, the superset of latin-1 that older files use.
    Windows1252,
}

/// One column of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name in the raw table.
    pub name: String,
    /// Meaning, for people.
    pub label: String,
    /// Names in the files per vintage; matched without regard to case.
    /// `{year}` stands for the file's year. The first range that fits counts.
    pub headers: Vec<(YearRange, String)>,
    /// Type of the values.
    pub kind: ColumnType,
    /// A file without this column is an error; otherwise the column is null.
    pub is_required: bool,
    /// A record without a value here is rejected.
    pub is_mandatory: bool,
    /// Codes that mean "no value" and become null.
    pub missing: Vec<String>,
    /// Codes with a meaning of their own: they become null, with the reason.
    pub special: Vec<(String, String)>,
    /// Keeps why a value is null in a further column `<name>_reason`.
    pub keeps_reason: bool,
    /// What to do with more decimals than the type has.
    pub surplus_decimals: SurplusDecimals,
}

/// Type of a column's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// A code or text; leading zeros stay. Arrow `Utf8`.
    Text,
    /// A whole number. Arrow `Int64`.
    Integer,
    /// An exact number. Arrow `Decimal128(precision, scale)`.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits behind the mark, at most `precision`.
        scale: u8,
    },
    /// A day written `YYYYMMDD`. Arrow `Date32`.
    Date,
    /// A truth value. Arrow `Boolean`.
    Boolean {
        /// Codes for true.
        true_codes: Vec<String>,
        /// Codes for false.
        false_codes: Vec<String>,
    },
}

/// What happens to decimals that a type has no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurplusDecimals {
    /// The record is rejected (surplus zeros are not).
    Reject,
    /// Rounded, half away from zero.
    Round,
}

impl Codebook {
    /// Reads a codebook.
    ///
    /// # Errors
    /// [`crate::Error::Definition`] with file and line for every mistake.
    pub fn read(source: &DefinitionText) -> Result<Self> {
        source.read_toml(|top| {
            let codebook = Codebook {
                title: top.need("title")?.text()?.to_owned(),
                format: top.need("format")?.table(read_format)?,
                is_strict: optional(top, "strict", |value| value.boolean())?.unwrap_or(false),
                reject_limit_ppm: optional(top, "reject_limit", read_share_ppm)?.unwrap_or(1000),
                provisional_versions: optional(top, "provisional_versions", read_versions)?,
                columns: read_columns(&top.need("columns")?)?,
            };
            Ok(codebook)
        })
    }

    /// Names of the raw table's columns: the codebook's, each followed by its
    /// reason column where it keeps one.
    pub fn raw_column_names(&self) -> Vec<String> {
        let names = |column: &Column| {
            let reason = column.keeps_reason.then(|| format!("{}_reason", column.name));
            std::iter::once(column.name.clone()).chain(reason).collect::<Vec<_>>()
        };
        self.columns.iter().flat_map(names).collect()
    }
}

impl Column {
    /// The column's name in the files of a year (or of a source without years).
    pub fn header(&self, year: Option<i32>) -> Option<String> {
        let fits = |range: &YearRange| year.is_none_or(|year| range.contains(year));
        let (_, name) = self.headers.iter().find(|(range, _)| fits(range))?;
        Some(match year {
            Some(year) => name.replace("{year}", &year.to_string()),
            None => name.clone(),
        })
    }
}

/// Reads a key that may be absent.
pub(crate) fn optional<'a, T>(
    table: &Table<'a>,
    key: &'static str,
    read: impl FnOnce(&Value<'a>) -> Result<T>,
) -> Result<Option<T>> {
    table.get(key).map(|value| read(&value)).transpose()
}

fn read_format(table: &Table<'_>) -> Result<Format> {
    let kind = table.need("kind")?;
    if kind.text()? != "delimited" {
        return Err(kind.mistake("must be \"delimited\""));
    }
    let encoding = optional(table, "encoding", |value| {
        value.parse(|text| match text {
            "utf-8" => Ok(TextEncoding::Utf8),
            "windows-1252" => Ok(TextEncoding::Windows1252),
            _ => Err("must be \"utf-8\" or \"windows-1252\"".to_owned()),
        })
    })?;
    let quote = optional(table, "quote", |value| {
        value.parse(|text| match text {
            "" => Ok(None),
            _ => one_byte(text).map(Some),
        })
    })?;
    let format = Delimited {
        delimiter: table.need("delimiter")?.parse(one_byte)?,
        quote: quote.unwrap_or(Some(b'"')),
        has_multiline_fields: optional(table, "multiline", |value| value.boolean())?
            .unwrap_or(false),
        encoding: encoding.unwrap_or(TextEncoding::Utf8),
        decimal_mark: optional(table, "decimal", |value| value.parse(decimal_mark))?
            .unwrap_or(b'.'),
    };
    if format.has_multiline_fields && format.quote.is_none() {
        return Err(table.mistake("`multiline` needs a `quote`"));
    }
    if format.quote == Some(format.delimiter) {
        return Err(table.mistake("`quote` and `delimiter` are the same"));
    }
    Ok(Format::Delimited(format))
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

/// Reads `0.001` (a share) as millionths.
fn read_share_ppm(value: &Value<'_>) -> Result<u32> {
    let text = match (value.get().as_float(), value.get().as_integer()) {
        (Some(float), _) => float.as_str(),
        (_, Some(integer)) => integer.as_str(),
        _ => return Err(value.mistake("must be a share between 0 and 1")),
    };
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok((share * 1e6).round() as u32),
        _ => Err(value.mistake("must be a share between 0 and 1")),
    }
}

fn read_versions(value: &Value<'_>) -> Result<(u64, u64)> {
    value.parse(|text| {
        let wrong = || "must be a range of version numbers, as \"11..123\"".to_owned();
        let (first, last) = text.split_once("..").ok_or_else(wrong)?;
        let range = (first.parse().map_err(|_| wrong())?, last.parse().map_err(|_| wrong())?);
        if range.0 <= range.1 { Ok(range) } else { Err(wrong()) }
    })
}

fn read_columns(value: &Value<'_>) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for entry in value.array()? {
        let column = entry.table(read_column)?;
        if columns.iter().any(|known| known.name == column.name) {
            return Err(entry.mistake(format!("column `{}` stands here twice", column.name)));
        }
        columns.push(column);
    }
    if columns.is_empty() {
        return Err(value.mistake("a codebook needs at least one column"));
    }
    Ok(columns)
}

fn read_column(table: &Table<'_>) -> Result<Column> {
    let name = table.need("name")?;
    let name_text = name.text()?.to_owned();
    if !is_identifier(&name_text) {
        return Err(name.mistake("must be lower-case letters, digits and underscores"));
    }
    let flag = |key| optional(table, key, |value| value.boolean());
    let headers = match table.get("header") {
        Some(value) => read_headers(&value)?,
        None => vec![(YearRange::ALL, name_text.clone())],
    };
    let kind_value = table.need("type")?;
    let kind = read_type(table, &kind_value)?;
    let surplus = optional(table, "surplus_decimals", |value| {
        value.parse(|text| match text {
            "reject" => Ok(SurplusDecimals::Reject),
            "round" => Ok(SurplusDecimals::Round),
            _ => Err("must be \"reject\" or \"round\"".to_owned()),
        })
    })?;
    let missing = optional(table, "missing", |value| value.texts())?.unwrap_or_default();
    Ok(Column {
        label: optional(table, "label", |value| Ok(value.text()?.to_owned()))?.unwrap_or_default(),
        headers,
        kind,
        is_required: flag("required")?.unwrap_or(true),
        is_mandatory: flag("mandatory")?.unwrap_or(false),
        missing: missing.into_iter().map(|code| code.value).collect(),
        special: optional(table, "special", read_special)?.unwrap_or_default(),
        keeps_reason: flag("keep_reason")?.unwrap_or(false),
        surplus_decimals: surplus.unwrap_or(SurplusDecimals::Reject),
        name: name_text,
    })
}

/// Reads `"IKVID"` or `{ "..2009" = "BAANRUGID", "2010.." = "IKVID" }`.
fn read_headers(value: &Value<'_>) -> Result<Vec<(YearRange, String)>> {
    if value.get().is_str() {
        return Ok(vec![(YearRange::ALL, value.text()?.to_owned())]);
    }
    let entry = |(years, name): (At<String>, Value<'_>)| -> Result<(YearRange, String)> {
        let range = years.value.parse::<YearRange>();
        let range = range.map_err(|message| value.source().mistake(years.offset, message))?;
        Ok((range, name.text()?.to_owned()))
    };
    value.entries()?.into_iter().map(entry).collect()
}

fn read_special(value: &Value<'_>) -> Result<Vec<(String, String)>> {
    let entry = |(code, reason): (At<String>, Value<'_>)| -> Result<(String, String)> {
        Ok((code.value, reason.text()?.to_owned()))
    };
    value.entries()?.into_iter().map(entry).collect()
}

fn read_type(table: &Table<'_>, value: &Value<'_>) -> Result<ColumnType> {
    let codes = |key, default: &str| -> Result<Vec<String>> {
        let codes = optional(table, key, |value| value.texts())?;
        let texts = codes.map(|codes| codes.into_iter().map(|code| code.value).collect());
        Ok(texts.unwrap_or_else(|| vec![default.to_owned()]))
    };
    match value.text()? {
        "text" => Ok(ColumnType::Text),
        "integer" => Ok(ColumnType::Integer),
        "date" => Ok(ColumnType::Date),
        "boolean" => Ok(ColumnType::Boolean {
            true_codes: codes("true", "1")?,
            false_codes: codes("false", "0")?,
        }),
        decimal => decimal_type(decimal).ok_or_else(|| {
            value.mistake("must be text, integer, decimal(precision,scale), date or boolean")
        }),
    }
}

fn decimal_type(text: &str) -> Option<ColumnType> {
    let inner = text.strip_prefix("decimal(")?.strip_suffix(')')?;
    let (precision, scale) = inner.split_once(',')?;
    let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    let is_valid = (1..=38).contains(&precision) && scale <= precision;
    is_valid.then_some(ColumnType::Decimal { precision, scale })
}
