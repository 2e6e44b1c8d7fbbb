//! Looks at a raw file and says how it is written, as a draft of its codebook:
//! `head` guesses the format from the beginning, `probe` reads the file with
//! ingest's own readers and every column as text, `profile` counts what values
//! are like, `column` says what may be told of that, `draft` writes the TOML.
//!
//! What comes out holds codes that at least a threshold of records have, and
//! otherwise no value of the data.

mod column;
mod ddi;
mod draft;
mod head;
mod probe;
mod profile;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicU8;

use serde::Serialize;

pub use self::column::{CodeCount, ColumnDescription, Count, PlaceFound, Suspicion};
pub use self::draft::draft;

use self::head::{Delimiting, Head, Shape, look};
use self::probe::{Place, Probe, Reading, format_of, probe};
use super::rejects::Rule;
use super::spss;
use crate::error::Result;
use crate::lake::{FileColumn, FileDictionary, UserMissing};
use crate::pipeline::codebook::{Position, TextEncoding};

/// How a file is to be looked at.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Codes are told that at least so many records have.
    pub threshold: u64,
    /// Only the first records, so many.
    pub records: Option<u64>,
    /// The first line is a header, whatever it looks like.
    pub has_header: bool,
    /// A codebook of DDI that says where the columns of fixed width text stand.
    pub layout: Option<&'a Path>,
    /// Threads that parse, and as many that count.
    pub threads: usize,
    /// The number of the signal that asks to stop; 0 for none.
    pub stop: &'a AtomicU8,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// The file's name.
    pub file: String,
    /// How it is written.
    pub format: FormatFound,
    /// Records that were read.
    pub records: u64,
    /// Only the first records were read.
    pub is_sample: bool,
    /// Records that a reader refuses, by what is wrong with them.
    pub unfit: BTreeMap<String, u64>,
    /// What a person should know of the file as a whole.
    pub warnings: Vec<String>,
    /// The columns in the order of the file.
    pub columns: Vec<ColumnDescription>,
}

/// How a file is written, in the words of a codebook.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FormatFound {
    /// `delimited`, `fixed` or `spss`.
    pub kind: &'static str,
    /// Of text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// It begins with the mark of UTF-8.
    pub has_byte_order_mark: bool,
    /// Of delimited text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Of delimited text; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Line ends stand inside quotes.
    pub multiline: bool,
    /// The last line of a text has no line end.
    pub lacks_last_line_end: bool,
    /// The first line has names; of delimited text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The decimal mark, of text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// Lines of fixed width text may be shorter.
    pub ragged: bool,
    /// Characters of a record, of fixed width text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// Lines before the first record, of fixed width text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_lines: Option<u32>,
}

/// Describes a file.
///
/// # Errors
/// As of [`super::read`] for a file that cannot be read at all.
pub fn describe(path: &Path, options: &Options<'_>) -> Result<Description> {
    let layout = options.layout.map(ddi::read_layout).transpose()?.unwrap_or_default();
    let positions: Vec<Position> = layout.iter().map(|column| column.position).collect();
    let positions = options.layout.map(|_| positions.as_slice());
    let mut head = look(path, options.has_header, positions)?;
    let reading =
        Reading { path, threads: options.threads, records: options.records, stop: options.stop };
    let mut warnings = Vec::new();
    if let Shape::Delimited(Delimiting { names: None, .. }) = &head.shape {
        warnings.push(
            "the first line does not look like a header line: it is a record, and columns go by \
             the numbers of their fields; give --header if it is one"
                .to_owned(),
        );
    }
    let mut dictionary = FileDictionary::default();
    let names = match &head.shape {
        Shape::Spss => {
            dictionary = spss::read_dictionary(path, options.stop)?;
            dictionary.columns.iter().map(|column| column.name.clone()).collect()
        }
        Shape::Delimited(found) => found.names.clone().unwrap_or_default(),
        Shape::Fixed(_) => Vec::new(),
    };
    let mut probe = read_through(reading, &mut head, &names)?;
    if probe.columns.len() < names.len() {
        let left_out = names.len() - probe.columns.len();
        warnings.push(format!(
            "{left_out} columns have no name, or one that stands twice; they are left out"
        ));
    }
    warnings.append(&mut probe.outcome.warnings);
    if probe.outcome.lacks_last_line_end {
        warnings.push("the last line has no line end; the copy may be incomplete".to_owned());
    }
    warnings.extend(probe.refusal.take().map(|why| format!("ingest refuses the file: {why}")));
    if matches!(head.shape, Shape::Fixed(_)) && layout.is_empty() {
        warnings.push(
            "the positions are those between blanks of the first records: a guess".to_owned(),
        );
    }
    let rules = std::mem::take(&mut probe.outcome.rules);
    let unfit = rules.into_iter().map(|((rule, _), count)| (rule, count)).collect();
    let mark = column::decimal_mark(probe.columns.iter().map(|(_, profile)| profile));
    let counts = probe.outcome.counts;
    let mut used = BTreeSet::new();
    let columns = probe.columns.iter().enumerate().map(|(number, (place, profile))| {
        let is_text = !matches!(head.shape, Shape::Spss);
        let mut column = column::describe(profile, mark, options.threshold, is_text);
        let laid_out = layout.get(number);
        if let Some(laid_out) = laid_out {
            column::imply_decimals(&mut column, profile, laid_out);
        }
        let name = laid_out.map(|laid_out| laid_out.column.name.as_str());
        put_in_place(&mut column, place, name, number, &mut used);
        if let Some(said) = laid_out.map(|laid_out| &laid_out.column) {
            take_dictionary(&mut column, said, false);
        }
        if let Some(said) = dictionary.columns.iter().find(|said| is_of(said, place)) {
            take_dictionary(&mut column, said, profile.records == profile.blank);
        }
        column
    });
    Ok(Description {
        file: file_name(path),
        columns: columns.collect(),
        format: FormatFound {
            lacks_last_line_end: probe.outcome.lacks_last_line_end,
            ..format_found(&head, mark, &dictionary)
        },
        records: counts.kept + counts.rejected,
        is_sample: probe.is_sample,
        unfit,
        warnings,
    })
}

/// Reads the file; once more where it turns out to be written otherwise than
/// its beginning.
fn read_through(reading: Reading<'_>, head: &mut Head, names: &[String]) -> Result<Probe> {
    let (format, places) = format_of(&head.shape, head.encoding, names);
    let mut probe = probe::probe(reading, format, places)?;
    let has = |probe: &Probe, rules: &[Rule]| {
        let found = |rule: &Rule| probe.outcome.rules.keys().any(|(known, _)| known == rule.text());
        rules.iter().any(found)
    };
    if head.encoding == TextEncoding::Utf8 && !head.has_mark && has(&probe, &[Rule::NotUtf8]) {
        let (format, places) = format_of(&head.shape, TextEncoding::Windows1252, names);
        let other = self::probe(reading, format, places);
        if let Ok(other) = other
            && other.refusal.is_none()
            && other.outcome.warnings.len() <= probe.outcome.warnings.len()
        {
            head.encoding = TextEncoding::Windows1252;
            probe = other;
        }
    }
    let stray = [Rule::StrayQuote, Rule::UnclosedQuote, Rule::TextAfterQuote];
    if let Shape::Delimited(found) = &mut head.shape
        && !found.has_quoted
        && has(&probe, &stray)
    {
        found.quote = None;
        let (format, places) = format_of(&head.shape, head.encoding, names);
        probe = self::probe(reading, format, places)?;
    }
    Ok(probe)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn format_found(head: &Head, mark: u8, dictionary: &FileDictionary) -> FormatFound {
    let found = FormatFound {
        encoding: Some(head.encoding.name().to_owned()),
        has_byte_order_mark: head.has_mark,
        decimal: Some(char::from(mark)),
        ..FormatFound::default()
    };
    match &head.shape {
        Shape::Spss => FormatFound {
            kind: "spss",
            encoding: Some(dictionary.encoding.clone()),
            ..FormatFound::default()
        },
        Shape::Delimited(shape) => FormatFound {
            kind: "delimited",
            delimiter: Some(char::from(shape.delimiter)),
            quote: Some(shape.quote.map(|quote| char::from(quote).to_string()).unwrap_or_default()),
            multiline: shape.is_multiline,
            header: Some(shape.names.is_some()),
            ..found
        },
        Shape::Fixed(lines) => FormatFound {
            kind: "fixed",
            width: Some(lines.width),
            ragged: lines.is_ragged,
            skip_lines: (lines.skip_lines > 0).then_some(lines.skip_lines),
            ..found
        },
    }
}

fn is_of(said: &FileColumn, place: &Place) -> bool {
    matches!(place, Place::Header(name) if *name == said.name)
}

/// Names a column for the raw table, as no other one; by its name in a layout
/// where there is one.
fn put_in_place(
    column: &mut ColumnDescription,
    place: &Place,
    name: Option<&str>,
    number: usize,
    used: &mut BTreeSet<String>,
) {
    let name = match place {
        Place::Header(header) => {
            column.header = Some(header.clone());
            identifier(header)
        }
        Place::Position(position) => {
            column.position = Some(PlaceFound::Characters(match (position.first, position.last) {
                (first, last) if first == last => first.to_string(),
                (first, last) => format!("{first}-{last}"),
            }));
            name.map_or_else(|| format!("column_{}", number + 1), identifier)
        }
        Place::Field(field) => {
            column.position = Some(PlaceFound::Field(*field));
            format!("column_{field}")
        }
    };
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let free = std::iter::once(name.clone()).chain(numbered).find(|name| used.insert(name.clone()));
    column.name = free.unwrap_or(name);
}

/// A name that can stand in SQL: lower-case letters, digits and underscores.
fn identifier(header: &str) -> String {
    let lower = header.trim().to_lowercase();
    let plain = |letter: char| match letter {
        'a'..='z' | '0'..='9' => letter,
        'à'..='å' => 'a',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        _ => '_',
    };
    let name: String = lower.chars().map(plain).collect();
    let name = name.trim_matches('_');
    match name.starts_with(|first: char| first.is_ascii_lowercase()) {
        true => name.to_owned(),
        false => format!("column_{name}").trim_end_matches('_').to_owned(),
    }
}

/// Adds what an SPSS file says of a column.
fn take_dictionary(column: &mut ColumnDescription, said: &FileColumn, is_empty: bool) {
    column.label = Some(said.label.clone()).filter(|label| !label.is_empty());
    for code in &mut column.codes {
        let label = said.codes.iter().find(|label| label.code == code.code);
        code.label = label.map(|label| label.label.clone());
    }
    if is_empty && said.kind.as_deref() == Some("number") {
        let is_date = said.format.as_deref().is_some_and(super::layout::shows_days);
        column.kind = if is_date { "date" } else { "decimal(20,6)" }.to_owned();
    }
    if let Some(format) = &said.format {
        column.notes.push(format!("format {format}"));
    }
    let missing = said.user_missing.iter().map(|missing| match missing {
        UserMissing::Code { code } => code.clone(),
        UserMissing::Range { from, to } => {
            let end = |end: &Option<String>| end.clone().unwrap_or_default();
            format!("{}..{}", end(from), end(to))
        }
    });
    let missing: Vec<String> = missing.collect();
    if !missing.is_empty() {
        column.notes.push(format!("user-missing: {}", missing.join(", ")));
    }
    let shown =
        |code: &&crate::lake::CodeLabel| !column.codes.iter().any(|known| known.code == code.code);
    let rest = said.codes.iter().filter(shown).take(MOST_LABELS);
    let rest: Vec<String> = rest.map(|code| format!("{} {}", code.code, code.label)).collect();
    if !rest.is_empty() {
        column.notes.push(format!("value labels: {}", rest.join("; ")));
    }
}

/// Value labels listed of one column, beside those of codes with counts.
const MOST_LABELS: usize = 50;
