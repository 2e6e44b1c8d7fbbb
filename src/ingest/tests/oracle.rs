//! A second reader, written for plainness: the whole file in memory, one
//! character at a time, values by way of strings. It shares no code with the
//! first one but the codebook.

use super::{Reading, Row};
use crate::pipeline::codebook::{
    Codebook, Column, ColumnType, Delimited, Format, SurplusDecimals, TextEncoding,
};

/// Reads a file as `ingest` should. The header has to be right.
pub(super) fn read_slowly(bytes: &[u8], codebook: &Codebook, record_bytes: usize) -> Reading {
    let Format::Delimited(format) = &codebook.format else { panic!("no delimited text") };
    let header_end =
        bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
    let header = fields(content(&bytes[..header_end]), format).unwrap();
    let mut reading = Reading { rows: Vec::new(), rejects: Vec::new() };
    let (mut rest, mut line) = (&bytes[header_end..], 2);
    while !rest.is_empty() && rest != b"\n" && rest != b"\r\n" {
        let (record, lost) = next_record(rest, format, record_bytes);
        let text = content(record);
        let row = match lost {
            Some(rule) => Err((None, rule)),
            None => row(text, &header, codebook, format),
        };
        match row {
            Ok(row) => reading.rows.push(row),
            Err((column, rule)) => {
                let raw = decode(text, format.encoding);
                reading.rejects.push((line, column, rule.to_owned(), raw));
            }
        }
        line += record.iter().filter(|byte| **byte == b'\n').count() as i64;
        rest = &rest[record.len()..];
    }
    reading
}

/// The next record with its line end, and a rule that it breaks as a whole.
fn next_record<'a>(
    text: &'a [u8],
    format: &Delimited,
    limit: usize,
) -> (&'a [u8], Option<&'static str>) {
    let line_end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1);
    let (mut in_quotes, mut at_field_start, mut end) = (false, true, text.len());
    if !format.has_multiline_fields {
        end = line_end;
    } else {
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            if in_quotes {
                if Some(byte) == format.quote {
                    if text.get(at + 1).copied() == format.quote {
                        at += 1;
                    } else {
                        in_quotes = false;
                    }
                }
            } else if at_field_start && Some(byte) == format.quote {
                in_quotes = true;
            } else if byte == b'\n' {
                end = at + 1;
                break;
            }
            at_field_start = !in_quotes && byte == format.delimiter;
            at += 1;
        }
    }
    let record = &text[..end];
    let is_overlong = content(record).len() > limit;
    let is_open = in_quotes && record.contains(&b'\n');
    if !(is_overlong || is_open) {
        return (record, None);
    }
    if format.has_multiline_fields && line_end <= limit && text[..line_end].ends_with(b"\n") {
        return (&text[..line_end], Some("unclosed quote"));
    }
    (&text[..line_end], Some("record too long"))
}

fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn decode(bytes: &[u8], encoding: TextEncoding) -> String {
    match encoding {
        TextEncoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        TextEncoding::Windows1252 => {
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
        }
    }
}

fn fields(record: &[u8], format: &Delimited) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut fields = vec![Vec::new()];
    let (mut at, mut is_fresh) = (0, true);
    while at < record.len() {
        let byte = record[at];
        let last = fields.last_mut().unwrap();
        if is_fresh && Some(byte) == format.quote {
            loop {
                at += 1;
                match record.get(at) {
                    None => return Err("unclosed quote"),
                    Some(byte) if Some(*byte) != format.quote => last.push(*byte),
                    Some(byte) if record.get(at + 1) == Some(byte) => {
                        last.push(*byte);
                        at += 1;
                    }
                    Some(_) => break,
                }
            }
            if record.get(at + 1).is_some_and(|next| *next != format.delimiter) {
                return Err("text after quote");
            }
            is_fresh = false;
        } else if byte == format.delimiter {
            fields.push(Vec::new());
            is_fresh = true;
        } else if Some(byte) == format.quote {
            return Err("quote inside a field");
        } else {
            last.push(byte);
            is_fresh = false;
        }
        at += 1;
    }
    Ok(fields)
}

type Refusal = (Option<String>, &'static str);

fn row(
    record: &[u8],
    header: &[Vec<u8>],
    codebook: &Codebook,
    format: &Delimited,
) -> Result<Row, Refusal> {
    if record.is_empty() {
        return Err((None, "empty line"));
    }
    if record.contains(&0) {
        return Err((None, "NUL byte"));
    }
    if format.encoding == TextEncoding::Utf8 && String::from_utf8(record.to_vec()).is_err() {
        return Err((None, "not UTF-8"));
    }
    let fields = fields(record, format).map_err(|rule| (None, rule))?;
    if fields.len() != header.len() {
        let is_short = fields.len() < header.len();
        return Err((None, if is_short { "too few fields" } else { "too many fields" }));
    }
    let mut row = Vec::new();
    for column in &codebook.columns {
        let name = column.header(Some(2016)).unwrap();
        let place = header.iter().position(|known| known == name.as_bytes());
        let text = place.map(|place| decode(&fields[place], format.encoding));
        let (value, reason) =
            value(text, column, format).map_err(|rule| (Some(column.name.clone()), rule))?;
        row.push(value);
        if column.keeps_reason {
            row.push(reason);
        }
    }
    Ok(row)
}

/// The value and the reason where there is none.
fn value(
    text: Option<String>,
    column: &Column,
    format: &Delimited,
) -> Result<(Option<String>, Option<String>), &'static str> {
    let Some(text) = text else { return Ok((None, Some("absent".to_owned()))) };
    let trimmed = text.trim_matches([' ', '\t']);
    let special = column.special.iter().find(|(code, _)| code == trimmed);
    let reason = if column.missing.iter().any(|code| code == trimmed) {
        Some("missing".to_owned())
    } else if let Some((_, reason)) = special {
        Some(reason.clone())
    } else {
        trimmed.is_empty().then(|| "empty".to_owned())
    };
    if reason.is_some() {
        return if column.is_mandatory {
            Err("mandatory value missing")
        } else {
            Ok((None, reason))
        };
    }
    let value = match &column.kind {
        ColumnType::Text => text,
        ColumnType::Integer => integer(trimmed)?,
        ColumnType::Date => date(trimmed).ok_or("not a date")?,
        ColumnType::Decimal { precision, scale } => {
            let limits = (usize::from(*precision), usize::from(*scale));
            let rounds = column.surplus_decimals == SurplusDecimals::Round;
            decimal(trimmed, limits, rounds, char::from(format.decimal_mark))?
        }
        ColumnType::Boolean { true_codes, false_codes } => {
            let stands_in = |codes: &[String]| codes.iter().any(|code| code == trimmed);
            if !stands_in(true_codes) && !stands_in(false_codes) {
                return Err("not a boolean code");
            }
            stands_in(true_codes).to_string()
        }
    };
    Ok((Some(value), None))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn integer(text: &str) -> Result<String, &'static str> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !is_number(digits) {
        return Err("not an integer");
    }
    text.parse::<i64>().map(|value| value.to_string()).map_err(|_| "integer too large")
}

fn decimal(
    text: &str,
    (precision, scale): (usize, usize),
    rounds: bool,
    mark: char,
) -> Result<String, &'static str> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once(mark).unwrap_or((digits, ""));
    if !is_number(&format!("{whole}{fraction}")) {
        return Err("not a decimal");
    }
    let surplus: String = fraction.chars().skip(scale).collect();
    if !rounds && surplus.contains(|c| c != '0') {
        return Err("too many decimals");
    }
    let kept: String = fraction.chars().chain("0".repeat(scale).chars()).take(scale).collect();
    let mut value: i128 = format!("0{whole}{kept}").parse().map_err(|_| "decimal too large")?;
    value += i128::from(surplus.starts_with(['5', '6', '7', '8', '9']));
    if value.to_string().len() > precision {
        return Err("decimal too large");
    }
    Ok((if text.starts_with('-') { -value } else { value }).to_string())
}

fn date(text: &str) -> Option<String> {
    if text.len() != 8 || !is_number(text) {
        return None;
    }
    let (year, month, day) =
        (text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
    let date = jiff::civil::Date::new(year, month, day).ok().filter(|date| date.year() > 0)?;
    Some((date - jiff::civil::date(1970, 1, 1)).get_days().to_string())
}
