//! Guesses from the beginning of a file how it is written: SPSS, delimited text
//! with or without a header line, or lines of one length. No value leaves here:
//! names are taken from a line only that looks like a header beside its data.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::ingest::encoding::mark_length;
use crate::ingest::fields::Fields;
use crate::ingest::forms::{Form, form};
use crate::ingest::line_ends::{LineEnd, Quotes, RecordEnds};
use crate::ingest::source::{Source, is_empty};
use crate::pipeline::codebook::{Position, TextEncoding};

const HEAD_BYTES: usize = 1 << 20;
const HEAD_RECORDS: usize = 5000;
/// The order in which equally good delimiters are taken.
const DELIMITERS: [u8; 4] = [b';', b'\t', b'|', b','];
/// A longer field of the first line is no name.
const NAME_BYTES: usize = 64;

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Spss,
    Delimited(Delimiting),
    Fixed(Lines),
}

/// Text with a delimiter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delimiting {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    /// Some field of the beginning stands in quotes.
    pub(super) has_quoted: bool,
    pub(super) is_multiline: bool,
    /// Names of the header line; none where the first line may hold data.
    pub(super) names: Option<Vec<String>>,
    pub(super) field_count: usize,
}

/// Lines of one length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) width: usize,
    /// Some are shorter.
    pub(super) is_ragged: bool,
    pub(super) skip_lines: u32,
    /// Places between blanks that all lines of the beginning share.
    pub(super) positions: Vec<Position>,
}

/// The beginning of a file.
pub(super) struct Head {
    pub(super) shape: Shape,
    pub(super) encoding: TextEncoding,
    pub(super) has_mark: bool,
}

/// Looks at the beginning of a file; `has_header` says that the first line is
/// one, whatever it looks like, `layout` where the columns of fixed width text
/// stand.
pub(super) fn look(
    path: &std::path::Path,
    has_header: bool,
    layout: Option<&[Position]>,
) -> Result<Head> {
    let mut text = Vec::new();
    let mut source = Source::open(path)?;
    let is_whole = source.read_more(&mut text, HEAD_BYTES)? < HEAD_BYTES;
    if text.is_empty() {
        return Err(is_empty(path));
    }
    if text.starts_with(b"$FL2") || text.starts_with(b"$FL3") {
        if layout.is_some() {
            return Err(Error::usage("a layout is for fixed width text, and the file is of SPSS"));
        }
        let encoding = TextEncoding::Utf8;
        return Ok(Head { shape: Shape::Spss, encoding, has_mark: false });
    }
    let mark = mark_length(&text, path, TextEncoding::Utf8)?;
    let last_byte = line_end(&text, None).last_byte();
    if !is_whole && let Some(end) = memchr::memrchr(last_byte, &text) {
        text.truncate(end + 1);
    }
    let text = text.get(mark..).unwrap_or_default();
    if text.contains(&0) {
        return Err(Error::raw_input(path, "has NUL bytes and is no SPSS file: it is no text"));
    }
    let is_utf8 = mark > 0 || std::str::from_utf8(text).is_ok();
    let encoding = if is_utf8 { TextEncoding::Utf8 } else { TextEncoding::Windows1252 };
    let shape = match layout {
        Some(positions) => Shape::Fixed(laid_out(path, text, encoding, positions)?),
        None => shape(text, encoding, has_header),
    };
    Ok(Head { shape, encoding, has_mark: mark > 0 })
}

fn shape(text: &[u8], encoding: TextEncoding, has_header: bool) -> Shape {
    let quote = quote(text);
    let found = delimiting(text, encoding, quote, has_header);
    let lines = fixed(text, encoding);
    match (found, lines) {
        // A comma of decimals stands at the same place of each line.
        (Some(found), Some(lines)) if found.names.is_none() && found.delimiter == b',' => {
            Shape::Fixed(lines)
        }
        (Some(found), _) => Shape::Delimited(found),
        (None, Some(lines)) if !has_header => Shape::Fixed(lines),
        (None, _) => Shape::Delimited(split(text, encoding, b';', quote, false, has_header)),
    }
}

/// The byte around fields: an apostrophe where it begins and ends more fields.
fn quote(text: &[u8]) -> u8 {
    let is_edge = |byte: Option<&u8>| {
        byte.is_none_or(|byte| DELIMITERS.contains(byte) || matches!(byte, b'\n' | b'\r'))
    };
    let edges = |quote: u8| {
        let at = memchr::memchr_iter(quote, text);
        at.filter(|at| is_edge(at.checked_sub(1).and_then(|at| text.get(at)))).count()
    };
    if edges(b'\'') > edges(b'"') { b'\'' } else { b'"' }
}

fn line_end(text: &[u8], quotes: Option<Quotes>) -> LineEnd {
    LineEnd::of(text, quotes).unwrap_or(LineEnd::Lf)
}

fn records(text: &[u8], quotes: Option<Quotes>) -> impl Iterator<Item = &[u8]> {
    let ends = RecordEnds { line_end: line_end(text, quotes), quotes };
    let mut start = 0;
    let next = move || {
        let end = (start < text.len()).then(|| ends.find_or_all(text, start))?;
        let record = text.get(start..end)?;
        start = end;
        Some(ends.line_end.strip(record))
    };
    std::iter::from_fn(next).filter(|record| !record.is_empty()).take(HEAD_RECORDS)
}

fn multiline_quotes(delimiter: u8, quote: u8, is_multiline: bool) -> Option<Quotes> {
    is_multiline.then_some(Quotes { delimiter, quote })
}

/// How evenly a delimiter splits the records; better ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Evenness {
    /// The first record has as many fields as most.
    is_first_even: bool,
    /// Records of a thousand that have as many fields as most.
    share: u64,
    /// How many those are.
    fields: usize,
}

/// The delimiter that splits most records into equally many fields, at best as
/// many as the first one.
fn delimiting(
    text: &[u8],
    encoding: TextEncoding,
    quote: u8,
    has_header: bool,
) -> Option<Delimiting> {
    let mut best: Option<(Evenness, u8, bool)> = None;
    for delimiter in DELIMITERS {
        for is_multiline in [false, true] {
            if is_multiline && !text.contains(&quote) {
                continue;
            }
            let even = evenness(text, delimiter, quote, is_multiline);
            let is_better = best.is_none_or(|(most, ..)| even > most);
            if even.fields > 1 && even.share >= 800 && is_better {
                best = Some((even, delimiter, is_multiline));
            }
        }
    }
    let (_, delimiter, is_multiline) = best?;
    Some(split(text, encoding, delimiter, quote, is_multiline, has_header))
}

fn evenness(text: &[u8], delimiter: u8, quote: u8, is_multiline: bool) -> Evenness {
    let mut fields = Fields::default();
    let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
    let (mut all, mut first) = (0, None);
    for record in records(text, multiline_quotes(delimiter, quote, is_multiline)) {
        let count = fields.split(record, delimiter, Some(quote), 0);
        // A stray quote is no reason to see no fields.
        let count = match (count, is_multiline) {
            (Ok(count), _) => count,
            (Err(_), false) => fields.split(record, delimiter, None, 0).unwrap_or(0),
            (Err(_), true) => 0,
        };
        all += 1;
        first.get_or_insert(count);
        *counts.entry(count).or_default() += 1;
    }
    let usual = counts.into_iter().max_by_key(|(_, records)| *records).unwrap_or_default();
    let (fields, even) = usual;
    Evenness { is_first_even: first == Some(fields), share: even * 1000 / all.max(1), fields }
}

fn split(
    text: &[u8],
    encoding: TextEncoding,
    delimiter: u8,
    quote: u8,
    is_multiline: bool,
    has_header: bool,
) -> Delimiting {
    let mut fields = Fields::default();
    let mut rows: Vec<Vec<Vec<u8>>> = Vec::new();
    let (mut has_quoted, mut is_first_quoted) = (false, true);
    for record in records(text, multiline_quotes(delimiter, quote, is_multiline)) {
        // A stray quote is no reason to see no fields.
        let count = fields.split(record, delimiter, Some(quote), usize::MAX);
        has_quoted |= count.is_ok() && record.contains(&quote);
        is_first_quoted &= count.is_ok() || !rows.is_empty();
        let count = count.or_else(|_| fields.split(record, delimiter, None, usize::MAX));
        let value = |at| fields.get(record, at).trim_ascii().to_vec();
        rows.push((0..count.unwrap_or(0)).map(value).collect());
    }
    let first = rows.first().cloned().unwrap_or_default();
    let looks = has_header || looks_like_header(&first, rows.get(1..).unwrap_or_default());
    let names = first.iter().map(|name| decoded(name, encoding)).collect();
    Delimiting {
        delimiter,
        // A first record decides how many fields there are.
        quote: (looks || is_first_quoted).then_some(quote),
        has_quoted,
        is_multiline,
        field_count: first.len(),
        names: looks.then_some(names),
    }
}

fn decoded(bytes: &[u8], encoding: TextEncoding) -> String {
    match encoding {
        TextEncoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        TextEncoding::Windows1252 => {
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
        }
    }
}

/// Names are words, and not what stands below them: some column holds no text
/// below, or all of its values come again and the name does not.
fn looks_like_header(first: &[Vec<u8>], rows: &[Vec<Vec<u8>>]) -> bool {
    let is_name = |field: &&Vec<u8>| {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_ .-()%/$#@:".contains(byte);
        field.len() <= NAME_BYTES
            && field
                .first()
                .is_some_and(|byte| byte.is_ascii_alphabetic() || b"_@$#".contains(byte))
            && field.iter().all(|byte| is_word(byte) || !byte.is_ascii())
    };
    let names: Vec<&Vec<u8>> = first.iter().filter(|field| !field.is_empty()).collect();
    if names.is_empty() || !names.iter().all(is_name) {
        return false;
    }
    let folded: BTreeSet<Vec<u8>> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    if folded.len() * 2 <= names.len() || rows.is_empty() {
        return false;
    }
    let column = |at: usize| {
        rows.iter().filter_map(move |row| row.get(at)).filter(|value| !value.is_empty())
    };
    let comes_again = |at: usize| first.get(at).is_some_and(|name| column(at).any(|v| v == name));
    if (0..first.len()).any(comes_again) {
        return false;
    }
    (0..first.len())
        .any(|at| first.get(at).is_some_and(|name| !name.is_empty()) && is_data(column(at)))
}

/// Says whether values are surely none of a header: numbers, or codes of which
/// each comes several times.
fn is_data<'a>(values: impl Iterator<Item = &'a Vec<u8>>) -> bool {
    let (mut counts, mut all, mut texts) = (BTreeMap::new(), 0, 0);
    for value in values {
        all += 1;
        texts += u32::from(form(value, b',') == Form::Text && form(value, b'.') == Form::Text);
        *counts.entry(value).or_insert(0) += 1;
    }
    all > 0 && (texts * 20 <= all || counts.values().all(|count| *count > 1))
}

/// Lines of one length, but perhaps the first.
fn fixed(text: &[u8], encoding: TextEncoding) -> Option<Lines> {
    let lines: Vec<Vec<bool>> =
        records(text, None).map(|line| blanks(line, encoding == TextEncoding::Utf8)).collect();
    let width = lines.get(1).or(lines.first())?.len();
    let is_even = |line: &&Vec<bool>| line.len() == width;
    let even = lines.iter().skip(1).filter(is_even).count();
    if lines.len() < 2 || width < 2 || even * 100 < (lines.len() - 1) * 95 {
        return None;
    }
    let skip_lines = u32::from(lines.first().is_some_and(|line| line.len() != width));
    let mut is_used = vec![false; width];
    for line in lines.iter().skip(skip_lines as usize).filter(is_even) {
        is_used.iter_mut().zip(line).for_each(|(used, blank)| *used |= !blank);
    }
    let mut positions: Vec<Position> = Vec::new();
    for place in (1..).zip(is_used).filter_map(|(place, used)| used.then_some(place)) {
        match positions.last_mut() {
            Some(last) if last.last + 1 == place => last.last = place,
            _ => positions.push(Position { first: place, last: place }),
        }
    }
    (!positions.is_empty()).then_some(Lines { width, is_ragged: false, skip_lines, positions })
}

/// Lines in which columns stand at these places.
fn laid_out(
    path: &std::path::Path,
    text: &[u8],
    encoding: TextEncoding,
    positions: &[Position],
) -> Result<Lines> {
    let last = positions.iter().map(|position| position.last).max().unwrap_or(0) as usize;
    let lengths =
        || records(text, None).map(|line| blanks(line, encoding == TextEncoding::Utf8).len());
    let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    if least == most && most < last {
        let message = format!("its lines have {most} characters, and the layout ends at {last}");
        return Err(Error::raw_input(path, message).with_hint("is the layout that of the file?"));
    }
    let width = most.max(last);
    let is_ragged = least < width;
    Ok(Lines { width, is_ragged, skip_lines: 0, positions: positions.to_vec() })
}

/// For each character of a line whether it is a blank.
fn blanks(line: &[u8], is_utf8: bool) -> Vec<bool> {
    let is_character = |byte: &&u8| !is_utf8 || **byte & 0xc0 != 0x80;
    line.iter().filter(is_character).map(|byte| *byte == b' ').collect()
}
