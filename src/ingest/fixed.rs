//! Fixed width text: no header line, no delimiter; the codebook says at which
//! characters of each line a column stands. Blanks around a value are padding.

use std::cmp::Ordering;
use std::ops::Range;

use super::Request;
use super::chunks::{Chunk, Cutter, Limits};
use super::column_names::place_missing;
use super::columns::{ColumnPlan, trim, trim_start};
use super::rejects::Rule;
use super::source::Source;
use super::text::{Findings, Parser, Place, Records, Splitter, each_record};
use crate::error::{Error, Result};
use crate::lake::FileDictionary;
use crate::pipeline::codebook::{Column, Fixed, Position, TextEncoding};

/// Takes the records of one file apart at its columns' positions.
pub(crate) struct FixedSplitter {
    width: usize,
    is_ragged: bool,
    encoding: TextEncoding,
    /// The columns of the codebook; none where the file's vintage has none.
    positions: Vec<Option<Position>>,
}

/// Opens a fixed width file and passes over what stands before its records.
pub(crate) fn begin<'a>(
    request: &Request<'a>,
    format: &Fixed,
    limits: Limits,
) -> Result<Cutter<'a>> {
    let path = &request.file.path;
    let mut cutter = Cutter::begin(Source::open(path)?, None, limits, request.stop)?;
    cutter.pass_over_mark(format.encoding)?;
    for _ in 0..format.skip_lines {
        if cutter.next_line()?.is_none() {
            let message = format!("has fewer than the {} lines to skip", format.skip_lines);
            return Err(Error::raw_input(path, message)
                .with_hint("correct `skip_lines` in the codebook, or deliver the file again"));
        }
    }
    Ok(cutter)
}

/// Opens a fixed width file at its first record.
pub(crate) fn open<'a>(
    request: &Request<'a>,
    format: &Fixed,
    limits: Limits,
) -> Result<(Cutter<'a>, Parser<FixedSplitter>, FileDictionary)> {
    let (path, year) = (&request.file.path, request.file.year);
    let width = format.width(year).ok_or_else(|| {
        Error::raw_input(path, "its codebook has no `width` for the year")
            .with_hint("add the year to `width` in the codebook")
    })?;
    let place = |column: &Column| match column.position(year) {
        Some(position) => Ok(Some(position)),
        None => place_missing(column, request.file),
    };
    let positions: Vec<Option<Position>> =
        request.codebook.columns.iter().map(place).collect::<Result<_>>()?;
    let cutter = begin(request, format, limits)?;
    let plan = |(index, column)| {
        let field = positions.get(index).copied().flatten().map(|_| index);
        ColumnPlan::new(column, field, format.encoding, format.decimal_mark)
    };
    let columns = request.codebook.columns.iter().enumerate().map(plan).collect();
    let splitter = FixedSplitter {
        width: width as usize,
        is_ragged: format.is_ragged,
        encoding: format.encoding,
        positions,
    };
    let parser = Parser::new(splitter, format.encoding, columns, request.codebook, limits);
    // Such a file says nothing of its columns.
    let dictionary = FileDictionary::of_names("fixed", format.encoding.name(), []);
    Ok((cutter, parser, dictionary))
}

/// The lines of one chunk.
pub(crate) struct Lines<'c> {
    splitter: &'c FixedSplitter,
    chunk: &'c Chunk,
    whole: Vec<Place>,
    refused: Vec<(Place, Rule)>,
    /// Of each whole line its part of `ends`, which is empty where a byte is a
    /// character. Nothing where no line of the chunk has wider ones.
    wide: Vec<Range<usize>>,
    /// The place in the line behind its first so many characters, from none to
    /// all of them, line by line.
    ends: Vec<u32>,
}

impl Splitter for FixedSplitter {
    type Records<'c> = Lines<'c>;

    fn least_record_bytes(&self) -> usize {
        if self.is_ragged { 1 } else { self.width.max(1) }
    }

    fn split<'c>(&'c self, chunk: &'c Chunk, findings: &Findings) -> Lines<'c> {
        let lines = chunk.lines as usize;
        let mut split = Lines {
            splitter: self,
            chunk,
            whole: Vec::with_capacity(lines),
            refused: Vec::new(),
            wide: Vec::new(),
            ends: Vec::new(),
        };
        let has_wide = self.encoding == TextEncoding::Utf8 && !findings.is_ascii;
        for (place, line) in each_record(chunk) {
            let begun = split.ends.len();
            let width = findings.check(line).and_then(|()| match has_wide && !line.is_ascii() {
                true => split.add_wide(line),
                false => Ok(line.len()),
            });
            match width.and_then(|width| self.check_width(width)) {
                Ok(()) => {
                    split.whole.push(place);
                    if has_wide {
                        split.wide.push(begun..split.ends.len());
                    }
                }
                Err(rule) => {
                    split.ends.truncate(begun);
                    split.refused.push((place, rule));
                }
            }
        }
        split
    }
}

impl FixedSplitter {
    fn check_width(&self, width: usize) -> Result<(), Rule> {
        match width.cmp(&self.width) {
            Ordering::Less if !self.is_ragged => Err(Rule::LineTooShort),
            Ordering::Greater => Err(Rule::LineTooLong),
            _ => Ok(()),
        }
    }
}

impl Lines<'_> {
    /// Notes where the characters of a line begin, and counts them.
    fn add_wide(&mut self, line: &[u8]) -> Result<usize, Rule> {
        let text = std::str::from_utf8(line).map_err(|_| Rule::NotUtf8)?;
        let begun = self.ends.len();
        self.ends.extend(text.char_indices().map(|(start, _)| start as u32));
        self.ends.push(line.len() as u32);
        Ok(self.ends.len() - begun - 1)
    }

    /// The place in the chunk behind the first so many characters of a line; a
    /// ragged line may have fewer.
    fn behind(&self, row: usize, place: Place, characters: u32) -> usize {
        let (start, end) = place.bounds();
        let characters = characters as usize;
        let within = match self.wide.get(row) {
            Some(ends) if !ends.is_empty() => {
                let ends = self.ends.get(ends.clone()).unwrap_or_default();
                ends.get(characters).map(|end| *end as usize)
            }
            _ => Some(characters),
        };
        within.map_or(end, |within| end.min(start + within))
    }
}

impl Records for Lines<'_> {
    fn text(&self) -> &[u8] {
        &self.chunk.bytes
    }

    fn whole(&self) -> &[Place] {
        &self.whole
    }

    fn refused(&self) -> &[(Place, Rule)] {
        &self.refused
    }

    fn column(&self, field: usize) -> impl Iterator<Item = (usize, usize)> {
        let position = self.splitter.positions.get(field).copied().flatten();
        self.whole.iter().enumerate().map(move |(row, place)| {
            let Some(position) = position else { return (0, 0) };
            let start = self.behind(row, *place, position.first - 1);
            let end = self.behind(row, *place, position.last);
            without_blanks(&self.chunk.bytes, start, end)
        })
    }
}

/// The bounds of a value within its padding.
fn without_blanks(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let field = text.get(start..end).unwrap_or_default();
    let behind_blanks = field.len() - trim_start(field).len();
    (start + behind_blanks, start + behind_blanks + trim(field).len())
}
