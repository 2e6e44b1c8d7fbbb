//! A second reader, written for plainness: the whole file in memory, one
//! character at a time, values by way of strings. It shares no code with the
//! first one but the codebook.

mod records;
mod values;

use self::records::{
    Next, content, found_ends, found_ends_outside, has_stray, line_end, next_record,
};
use self::values::value;
use super::{Reading, Row};
use crate::pipeline::codebook::{Codebook, Column, Delimited, Fixed, Format, TextEncoding};

/// Reads a file as `ingest` should; nothing where its encoding is plainly not the
/// codebook's. The header has to be right.
pub(in crate::ingest::tests) fn read_slowly(
    bytes: &[u8],
    codebook: &Codebook,
    record_bytes: usize,
) -> Option<Reading> {
    match &codebook.format {
        Format::Delimited(format) => read_delimited(bytes, codebook, format, record_bytes),
        Format::Fixed(format) => read_fixed(bytes, codebook, format, record_bytes),
        Format::Spss(_) => panic!("no text"),
    }
}

fn read_delimited(
    bytes: &[u8],
    codebook: &Codebook,
    format: &Delimited,
    record_bytes: usize,
) -> Option<Reading> {
    let ends = match format.has_multiline_fields {
        true => found_ends_outside(bytes, format),
        false => found_ends(bytes),
    };
    let header_end = if format.has_header { line_end(bytes, ends) } else { 0 };
    if has_stray(&bytes[..header_end], ends) {
        return None;
    }
    let names = match format.has_header {
        true => fields(content(&bytes[..header_end], ends), format).unwrap(),
        false => first_fields(bytes, format, record_bytes, ends)?,
    };
    let split = |record: &[u8]| {
        let fields = fields(record, format)?;
        match fields.len().cmp(&names.len()) {
            std::cmp::Ordering::Less => Err("too few fields"),
            std::cmp::Ordering::Greater => Err("too many fields"),
            std::cmp::Ordering::Equal => Ok(fields),
        }
    };
    let field = |column: &Column, fields: &Vec<Vec<u8>>| {
        let place = match format.has_header {
            true => {
                let name = column.header(Some(2016)).unwrap();
                names.iter().position(|known| known == name.as_bytes())?
            }
            false => column.field(Some(2016)).unwrap() as usize - 1,
        };
        Some(decode(fields.get(place)?, format.encoding))
    };
    let slowly = Slowly { codebook, encoding: format.encoding, mark: format.decimal_mark, ends };
    let next = |rest: &[u8]| next_record(rest, format, record_bytes, ends);
    let first_line = if format.has_header { 2 } else { 1 };
    slowly.read(&bytes[header_end..], first_line, next, split, field)
}

/// The fields of the first record that is no empty line.
fn first_fields(
    bytes: &[u8],
    format: &Delimited,
    record_bytes: usize,
    ends: &[u8],
) -> Option<Vec<Vec<u8>>> {
    let mut rest = bytes;
    while let Some(behind) = rest.strip_prefix(ends) {
        rest = behind;
    }
    if rest.is_empty() {
        return (!bytes.is_empty()).then(Vec::new);
    }
    if bytes.len() - rest.len() > record_bytes {
        return None;
    }
    let Next { end, rule: None, .. } = next_record(rest, format, usize::MAX, ends) else {
        return None;
    };
    let record = content(&rest[..end], ends);
    if record.len() > record_bytes { None } else { fields(record, format).ok() }
}

fn read_fixed(
    bytes: &[u8],
    codebook: &Codebook,
    format: &Fixed,
    record_bytes: usize,
) -> Option<Reading> {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let ends = found_ends(rest);
    for _ in 0..format.skip_lines {
        let end = line_end(rest, ends);
        if has_stray(&rest[..end], ends) {
            return None;
        }
        rest = &rest[end..];
    }
    let width = format.width(Some(2016)).unwrap() as usize;
    let split = |record: &[u8]| {
        let characters: Vec<char> = decode(record, format.encoding).chars().collect();
        if characters.len() > width {
            return Err("line too long");
        }
        if characters.len() < width && !format.is_ragged {
            return Err("line too short");
        }
        let blanks = std::iter::repeat_n(' ', width - characters.len());
        Ok(characters.iter().copied().chain(blanks).collect::<Vec<char>>())
    };
    let field = |column: &Column, characters: &Vec<char>| {
        let position = column.position(Some(2016))?;
        let range = position.first as usize - 1..position.last as usize;
        let text: String = characters[range].iter().collect();
        Some(text.trim_matches([' ', '\t']).to_owned())
    };
    let slowly = Slowly { codebook, encoding: format.encoding, mark: format.decimal_mark, ends };
    let next = |rest: &[u8]| {
        let end = line_end(rest, ends);
        let is_overlong = content(&rest[..end], ends).len() > record_bytes;
        let is_stray = has_stray(&rest[..end], ends);
        Next { end, rule: is_overlong.then_some("record too long"), is_stray }
    };
    slowly.read(rest, 1 + i64::from(format.skip_lines), next, split, field)
}

/// What the formats share.
struct Slowly<'a> {
    codebook: &'a Codebook,
    encoding: TextEncoding,
    mark: u8,
    /// How the lines of the file end.
    ends: &'static [u8],
}

impl Slowly<'_> {
    /// Reads the records behind the header.
    fn read<F>(
        &self,
        body: &[u8],
        first_line: i64,
        next: impl Fn(&[u8]) -> Next,
        split: impl Fn(&[u8]) -> Result<F, &'static str>,
        field: impl Fn(&Column, &F) -> Option<String>,
    ) -> Option<Reading> {
        let mut reading = Reading { rows: Vec::new(), rejects: Vec::new() };
        let (mut rest, mut line) = (body, first_line);
        while !rest.is_empty() && rest != self.ends {
            let Next { end, rule, is_stray } = next(rest);
            let record = &rest[..end];
            let text = content(record, self.ends);
            if is_stray || (end == rest.len() && text.ends_with(b"\x1a")) {
                return None;
            }
            let row = match rule {
                Some(rule) => Err((None, rule)),
                None => self.row(text, &split, &field),
            };
            match row {
                Ok(row) => reading.rows.push(row),
                Err((column, rule)) => {
                    let raw = decode(text, self.encoding);
                    reading.rejects.push((line, column, rule.to_owned(), raw));
                }
            }
            line += record.iter().filter(|byte| self.ends.ends_with(&[**byte])).count() as i64;
            rest = &rest[end..];
        }
        (!is_refused(body, self.encoding)).then_some(reading)
    }

    fn row<F>(
        &self,
        record: &[u8],
        split: &impl Fn(&[u8]) -> Result<F, &'static str>,
        field: &impl Fn(&Column, &F) -> Option<String>,
    ) -> Result<Row, Refusal> {
        if record.is_empty() {
            return Err((None, "empty line"));
        }
        if record.contains(&0) {
            return Err((None, "NUL byte"));
        }
        if self.encoding == TextEncoding::Utf8 && String::from_utf8(record.to_vec()).is_err() {
            return Err((None, "not UTF-8"));
        }
        let fields = split(record).map_err(|rule| (None, rule))?;
        let mut row = Vec::new();
        for column in &self.codebook.columns {
            let (value, reason) = value(field(column, &fields), column, self.mark)
                .map_err(|rule| (Some(column.name.clone()), rule))?;
            row.push(value);
            if column.keeps_reason {
                row.push(reason);
            }
        }
        Ok(row)
    }
}

/// Whether nearly all that is beyond ASCII speaks against the encoding.
fn is_refused(body: &[u8], encoding: TextEncoding) -> bool {
    let runs: Vec<&[u8]> = body.split(u8::is_ascii).filter(|run| !run.is_empty()).collect();
    let is_western = |run: &[u8]| [0xc2, 0xc3, 0xe2].contains(&run[0]);
    let utf8: Vec<&str> = runs.iter().filter_map(|run| std::str::from_utf8(run).ok()).collect();
    let is_all =
        |count: usize| count > 0 && (runs.len() - count) as f64 <= 0.01 * runs.len() as f64;
    let once = |text: &&str| {
        let (once, _, has_unknown) = encoding_rs::WINDOWS_1252.encode(text);
        (!has_unknown && std::str::from_utf8(&once).is_ok()).then(|| once.into_owned())
    };
    let doubled: Vec<Vec<u8>> = utf8.iter().filter_map(once).collect();
    match encoding {
        TextEncoding::Windows1252 => {
            is_all(utf8.len()) && utf8.iter().any(|text| is_western(text.as_bytes()))
        }
        TextEncoding::Utf8 => is_all(doubled.len()) && doubled.iter().any(|once| is_western(once)),
    }
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
