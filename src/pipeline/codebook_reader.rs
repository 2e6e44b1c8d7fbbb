//! Reads the text of a codebook. Every mistake has its file and line.

use super::codebook::{Codebook, Column, ColumnType, SurplusDecimals, of_year};
use super::format::{Fixed, Format, Position, read_count, read_format, read_position};
use super::names::is_identifier;
use super::toml_reader::{At, DefinitionText, Table, Value};
use super::years::YearRange;
use crate::error::Result;

impl Codebook {
    /// Reads a codebook.
    ///
    /// # Errors
    /// [`crate::Error::Definition`] with file and line for every mistake.
    pub fn read(source: &DefinitionText) -> Result<Self> {
        source.read_toml(|top| {
            let title = top.need("title")?.text()?.to_owned();
            let format = top.need("format")?.table(read_format)?;
            let codebook = Codebook {
                title,
                is_strict: read_strict(top, &format)?,
                reject_limit_ppm: optional(top, "reject_limit", read_share_ppm)?.unwrap_or(1000),
                provisional_versions: optional(top, "provisional_versions", read_versions)?,
                columns: read_columns(&top.need("columns")?, &format)?,
                format,
            };
            Ok(codebook)
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

fn read_strict(top: &Table<'_>, format: &Format) -> Result<bool> {
    let Some(value) = top.get("strict") else { return Ok(false) };
    let is_strict = value.boolean()?;
    if is_strict && !format.has_column_names() {
        return Err(value.mistake("the files have no column names to be strict about"));
    }
    Ok(is_strict)
}

/// Reads `0.001` (a share) as millionths.
pub(super) fn read_share_ppm(value: &Value<'_>) -> Result<u32> {
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

fn read_columns(value: &Value<'_>, format: &Format) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for entry in value.array()? {
        let column = entry.table(|table| read_column(table, format))?;
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

fn read_column(table: &Table<'_>, format: &Format) -> Result<Column> {
    let name = table.need("name")?;
    let name_text = name.text()?.to_owned();
    if !is_identifier(&name_text) {
        return Err(name.mistake("must be lower-case letters, digits and underscores"));
    }
    let flag = |key| optional(table, key, |value| value.boolean());
    let kind_value = table.need("type")?;
    let kind = read_type(table, &kind_value)?;
    let missing = optional(table, "missing", |value| value.texts())?.unwrap_or_default();
    Ok(Column {
        label: optional(table, "label", |value| Ok(value.text()?.to_owned()))?.unwrap_or_default(),
        headers: read_headers(table, format, &name_text)?,
        positions: read_positions(table, format)?,
        fields: read_fields(table, format)?,
        implied_decimals: read_implied_decimals(table, format, &kind)?,
        surplus_decimals: read_surplus_decimals(table, &kind)?,
        date_format: read_date_format(table, format, &kind)?,
        is_trimmed: read_trim(table, format, &kind)?,
        kind,
        is_required: flag("required")?.unwrap_or(true),
        is_mandatory: flag("mandatory")?.unwrap_or(false),
        missing: missing.into_iter().map(|code| code.value).collect(),
        special: optional(table, "special", read_special)?.unwrap_or_default(),
        keeps_reason: flag("keep_reason")?.unwrap_or(false),
        name: name_text,
    })
}

fn read_headers(
    table: &Table<'_>,
    format: &Format,
    name: &str,
) -> Result<Vec<(YearRange, String)>> {
    match (table.get("header"), format.has_column_names()) {
        (Some(value), false) => {
            Err(value.mistake("the files have no column names; give a `position`"))
        }
        (None, false) => Ok(Vec::new()),
        (Some(value), true) => read_vintages(&value, |value| Ok(value.text()?.to_owned())),
        (None, true) => Ok(vec![(YearRange::ALL, name.to_owned())]),
    }
}

fn read_positions(table: &Table<'_>, format: &Format) -> Result<Vec<(YearRange, Position)>> {
    let Format::Fixed(fixed) = format else { return Ok(Vec::new()) };
    let value = table.need("position")?;
    let positions = read_vintages(&value, read_position)?;
    check_within_width(&value, &positions, fixed)?;
    Ok(positions)
}

fn read_fields(table: &Table<'_>, format: &Format) -> Result<Vec<(YearRange, u32)>> {
    match (format, table.get("position")) {
        (Format::Fixed(_), _) => Ok(Vec::new()),
        (Format::Delimited(_), _) if !format.has_column_names() => {
            read_vintages(&table.need("position")?, |value| read_count(value, 1))
        }
        (_, None) => Ok(Vec::new()),
        (_, Some(value)) => Err(value
            .mistake("is for files that do not name their columns")
            .with_hint("columns are found by their `header`; where text has no header line, `format` says so")),
    }
}

/// Positions and widths change at few years: looks at each year beside a change.
fn check_within_width(
    value: &Value<'_>,
    positions: &[(YearRange, Position)],
    fixed: &Fixed,
) -> Result<()> {
    let ranges = || positions.iter().map(|entry| entry.0).chain(fixed.widths.iter().map(|w| w.0));
    let firsts = ranges().filter_map(|range| range.first);
    let lasts = ranges().filter_map(|range| range.last);
    let around = firsts.chain(lasts).flat_map(|year| [year - 1, year, year + 1]);
    for year in around.map(Some).chain([None]) {
        let (position, width) = (of_year(positions, year), fixed.width(year));
        if let (Some(position), Some(width)) = (position, width)
            && position.last > width
        {
            let when = year.map(|year| format!(" of {year}")).unwrap_or_default();
            let message = format!("ends behind the {width} characters of a record{when}");
            return Err(value.mistake(message));
        }
    }
    Ok(())
}

fn read_implied_decimals(table: &Table<'_>, format: &Format, kind: &ColumnType) -> Result<u8> {
    let Some(value) = table.get("implied_decimals") else { return Ok(0) };
    if !matches!(format, Format::Fixed(_)) {
        let message = format!("is for fixed width text, not for {}", format.kind());
        return Err(value.mistake(message));
    }
    if !matches!(kind, ColumnType::Decimal { .. }) {
        return Err(value.mistake("is for decimals; the column has another type"));
    }
    let count = u8::try_from(value.integer()?).ok().filter(|count| (1..=38).contains(count));
    count.ok_or_else(|| value.mistake("must be a whole number from 1 to 38"))
}

fn read_surplus_decimals(table: &Table<'_>, kind: &ColumnType) -> Result<SurplusDecimals> {
    let Some(value) = table.get("surplus_decimals") else { return Ok(SurplusDecimals::Reject) };
    if !matches!(kind, ColumnType::Integer | ColumnType::Decimal { .. }) {
        return Err(value.mistake("is for integers and decimals; the column has another type"));
    }
    value.parse(|text| match text {
        "reject" => Ok(SurplusDecimals::Reject),
        "round" => Ok(SurplusDecimals::Round),
        _ => Err("must be \"reject\" or \"round\"".to_owned()),
    })
}

/// Days of several centuries, which a format must tell apart.
const DAYS: [jiff::civil::Date; 4] = [
    jiff::civil::date(1899, 12, 31),
    jiff::civil::date(1902, 3, 4),
    jiff::civil::date(2002, 4, 3),
    jiff::civil::date(2069, 11, 30),
];

fn read_date_format(
    table: &Table<'_>,
    format: &Format,
    kind: &ColumnType,
) -> Result<Option<String>> {
    let Some(value) = table.get("format") else { return Ok(None) };
    if matches!(format, Format::Spss(_)) {
        return Err(value.mistake("is for text; SPSS files say which numbers are days"));
    }
    if *kind != ColumnType::Date {
        return Err(value.mistake("is for dates; the column has another type"));
    }
    let text = value.text()?;
    let comes_back = |day: &jiff::civil::Date| {
        let written = jiff::fmt::strtime::format(text, *day).ok()?;
        Some(jiff::civil::Date::strptime(text, &written).ok()? == *day)
    };
    match DAYS.iter().all(|day| comes_back(day) == Some(true)) {
        true => Ok(Some(text.to_owned())),
        false => Err(value
            .mistake("must say year with century, month and day, and nothing else of a time")
            .with_hint("as \"%Y-%m-%d\" or \"%d/%m/%Y\"")),
    }
}

fn read_trim(table: &Table<'_>, format: &Format, kind: &ColumnType) -> Result<bool> {
    let is_delimited = matches!(format, Format::Delimited(_));
    let Some(value) = table.get("trim") else { return Ok(is_delimited) };
    if !is_delimited {
        let message = format!("is for delimited text, not for {}", format.kind());
        return Err(value.mistake(message));
    }
    if *kind != ColumnType::Text {
        return Err(value.mistake("is for text; blanks around other values say nothing"));
    }
    value.boolean()
}

/// Reads what may change with the years: `"IKVID"`, or by vintage
/// `{ "..2009" = "BAANRUGID", "2010.." = "IKVID" }`.
pub(super) fn read_vintages<T>(
    value: &Value<'_>,
    read: impl Fn(&Value<'_>) -> Result<T>,
) -> Result<Vec<(YearRange, T)>> {
    if !value.get().is_table() {
        return Ok(vec![(YearRange::ALL, read(value)?)]);
    }
    let entry = |(years, value): (At<String>, Value<'_>)| -> Result<(YearRange, T)> {
        let range = years.value.parse::<YearRange>();
        let range = range.map_err(|message| value.source().mistake(years.offset, message))?;
        Ok((range, read(&value)?))
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
