//! Cuts the text of a raw file into chunks of whole records, so that they can
//! be parsed side by side. Knows line ends and quotes, nothing of fields.

use std::sync::atomic::AtomicU8;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::fields::without_line_end;
use super::flow::Chunks;
use super::rejects::{RAW_TEXT_BYTES, Rule};
use super::source::Source;
use crate::error::{Error, Result};
use crate::stop;

/// Records of one file that run on from an unclosed quote to the limit, after
/// which honkvast no longer looks for records inside of them. It bounds the time
/// that a file full of stray quotes takes.
const MAX_RESUMPTIONS: u32 = 1000;

/// Sizes in bytes. They change speed and memory; of the result, only which
/// records are too long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// A chunk is about this large.
    pub(crate) chunk_bytes: usize,
    /// A longer record is rejected.
    pub(crate) record_bytes: usize,
}

impl Limits {
    /// The sizes for real files.
    pub(crate) const DEFAULT: Limits =
        Limits { chunk_bytes: 1024 * 1024, record_bytes: 4 * 1024 * 1024 };
}

/// Where records end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordEnd {
    /// At every line feed.
    Line,
    /// At a line feed outside quotes. A quote opens where a field begins.
    LineOutsideQuotes { delimiter: u8, quote: u8 },
}

/// Some whole records of a file.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Physical line of the first record, counted from one.
    pub(crate) first_line: u64,
    /// Physical lines in the chunk.
    pub(crate) lines: u64,
    /// The records with their line ends.
    pub(crate) bytes: Vec<u8>,
    /// The chunk is the beginning of one record that breaks this rule.
    pub(crate) lost: Option<Rule>,
}

/// Cuts one file.
pub(crate) struct Cutter<'a> {
    source: Source,
    ends: RecordEnd,
    limits: Limits,
    stop: &'a AtomicU8,
    /// Text that was read and not yet handed out.
    pending: Vec<u8>,
    is_at_end: bool,
    next_line: u64,
    resumptions: u32,
    has_last_line_end: bool,
}

/// What stands at the front of the pending text.
enum Front {
    /// Whole records up to here.
    Records(usize),
    /// No whole record; more text is needed.
    Unfinished,
    /// A record without an end within the limit.
    Overlong,
}

impl<'a> Cutter<'a> {
    pub(crate) fn new(source: Source, ends: RecordEnd, limits: Limits, stop: &'a AtomicU8) -> Self {
        Cutter {
            source,
            ends,
            limits,
            stop,
            pending: Vec::new(),
            is_at_end: false,
            next_line: 1,
            resumptions: 0,
            has_last_line_end: true,
        }
    }

    /// The text that is read and not yet taken, as much as a chunk has.
    pub(crate) fn beginning(&mut self) -> Result<&[u8]> {
        self.fill(self.limits.chunk_bytes.max(4))?;
        Ok(&self.pending)
    }

    /// Passes over bytes of the beginning.
    pub(crate) fn pass_over(&mut self, bytes: usize) {
        self.pending.drain(..bytes.min(self.pending.len()));
    }

    /// Takes one physical line, without its line end; none at the end of the
    /// file.
    pub(crate) fn next_line(&mut self) -> Result<Option<Vec<u8>>> {
        let mut wanted = self.limits.chunk_bytes;
        loop {
            self.fill(wanted)?;
            let end = memchr(b'\n', &self.pending).map(|end| end + 1);
            if let Some(end) = end.or(self.is_at_end.then_some(self.pending.len())) {
                if end == 0 {
                    return Ok(None);
                }
                let line = self.take(end, None).bytes;
                return Ok(Some(without_line_end(&line).to_vec()));
            }
            if self.pending.len() > self.limits.record_bytes {
                let message = format!("line {} has no end; is it a text file?", self.next_line);
                return Err(Error::raw_input(self.source.path(), message));
            }
            wanted = wanted.saturating_mul(2);
        }
    }

    /// Says whether the last line had a line end. Holds once all is taken.
    pub(crate) fn has_last_line_end(&self) -> bool {
        self.has_last_line_end
    }

    fn fill(&mut self, wanted: usize) -> Result<()> {
        stop::check(self.stop)?;
        let missing = wanted.saturating_sub(self.pending.len());
        if missing > 0 && !self.is_at_end {
            let read = self.source.read_more(&mut self.pending, missing)?;
            self.is_at_end = read < missing;
            if self.is_at_end && !self.pending.is_empty() {
                self.has_last_line_end = self.pending.ends_with(b"\n");
            }
        }
        Ok(())
    }

    /// Looks how many whole records there are. Before the end of the file the
    /// last record stays behind, since an empty one counts only if more follows.
    fn front(&self) -> Front {
        match self.ends {
            RecordEnd::Line => self.front_of_lines(),
            RecordEnd::LineOutsideQuotes { delimiter, quote } => {
                self.front_outside_quotes(delimiter, quote)
            }
        }
    }

    fn front_of_lines(&self) -> Front {
        let last = self.pending.len() - 1;
        match memrchr(b'\n', &self.pending[..last]) {
            _ if self.is_at_end => Front::Records(self.end_before_empty_line()),
            Some(end) => Front::Records(end + 1),
            // Too long even if the last two bytes are its line end.
            None if last > self.limits.record_bytes + 1 => Front::Overlong,
            None => Front::Unfinished,
        }
    }

    fn front_outside_quotes(&self, delimiter: u8, quote: u8) -> Front {
        let mut whole = 0;
        let is_overlong = loop {
            let found = quoted_record_end(&self.pending, whole, delimiter, quote);
            let end = found.unwrap_or(self.pending.len());
            let record = &self.pending[whole..end];
            let length = match found {
                Ok(_) => without_line_end(record).len(),
                Err(_) if self.is_at_end => without_line_end(record).len(),
                // The last two bytes may be its line end.
                Err(_) => record.len().saturating_sub(2),
            };
            if length > self.limits.record_bytes {
                break true;
            }
            if end < self.pending.len() {
                whole = end;
            } else if !self.is_at_end {
                break false;
            } else if found == Err(Open::InQuotes) && memchr(b'\n', record).is_some() {
                break true;
            } else {
                whole = self.end_before_empty_line();
                break false;
            }
        };
        match (whole, is_overlong) {
            (0, true) => Front::Overlong,
            (0, false) => Front::Unfinished,
            _ => Front::Records(whole),
        }
    }

    fn end_before_empty_line(&self) -> usize {
        let Some(body) = self.pending.strip_suffix(b"\n") else { return self.pending.len() };
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        if body.ends_with(b"\n") { body.len() } else { self.pending.len() }
    }

    /// Takes a record that has no end within the limit.
    ///
    /// A quote that stays open spoils only its own line: reading goes on behind
    /// it, so that one stray quote does not cost all lines behind.
    fn take_overlong(&mut self) -> Result<Chunk> {
        let within = self.limits.record_bytes.min(self.pending.len());
        let within = &self.pending[..within];
        let line_ends = (memchr(b'\n', within), memrchr(b'\n', within));
        let (RecordEnd::LineOutsideQuotes { .. }, (Some(first), Some(last))) =
            (self.ends, line_ends)
        else {
            return self.take_long_line();
        };
        self.resumptions += 1;
        let end = if self.resumptions <= MAX_RESUMPTIONS { first } else { last };
        Ok(self.take(end + 1, Some(Rule::UnclosedQuote)))
    }

    fn take_long_line(&mut self) -> Result<Chunk> {
        let mut bytes = Vec::new();
        loop {
            let line_end = memchr(b'\n', &self.pending);
            let line = &self.pending[..line_end.unwrap_or(self.pending.len())];
            let room = RAW_TEXT_BYTES - bytes.len();
            bytes.extend_from_slice(line.get(..room).unwrap_or(line));
            match line_end {
                Some(end) => drop(self.pending.drain(..=end)),
                None => self.pending.clear(),
            }
            if line_end.is_some() || self.is_at_end {
                break;
            }
            self.fill(self.limits.chunk_bytes)?;
        }
        let first_line = self.next_line;
        self.next_line += 1;
        Ok(Chunk { first_line, lines: 1, bytes, lost: Some(Rule::RecordTooLong) })
    }

    fn take(&mut self, end: usize, lost: Option<Rule>) -> Chunk {
        let rest = self.pending.split_off(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        let open_line = u64::from(!bytes.ends_with(b"\n"));
        let lines = memchr_iter(b'\n', &bytes).count() as u64 + open_line;
        let first_line = self.next_line;
        self.next_line += lines;
        Chunk { first_line, lines, bytes, lost }
    }
}

impl Chunks for Cutter<'_> {
    type Chunk = Chunk;

    fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        let mut wanted = self.limits.chunk_bytes;
        loop {
            self.fill(wanted)?;
            if self.is_at_end && is_line_end(&self.pending) {
                // The last line is empty: it is no record.
                self.pending.clear();
            }
            if self.pending.is_empty() {
                return Ok(None);
            }
            match self.front() {
                Front::Records(end) => return Ok(Some(self.take(end, None))),
                Front::Overlong => return self.take_overlong().map(Some),
                Front::Unfinished => wanted = wanted.saturating_mul(2),
            }
        }
    }
}

/// The end of the record that begins at `start`, behind its line feed.
pub(crate) fn record_end(bytes: &[u8], start: usize, ends: RecordEnd) -> usize {
    let end = match ends {
        RecordEnd::Line => {
            memchr(b'\n', bytes.get(start..).unwrap_or_default()).map(|end| start + end + 1)
        }
        RecordEnd::LineOutsideQuotes { delimiter, quote } => {
            quoted_record_end(bytes, start, delimiter, quote).ok()
        }
    };
    end.unwrap_or(bytes.len())
}

/// Why a record has no end in the text at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    InQuotes,
    OutsideQuotes,
}

fn quoted_record_end(
    bytes: &[u8],
    start: usize,
    delimiter: u8,
    quote: u8,
) -> std::result::Result<usize, Open> {
    let behind = |at: usize| bytes.get(at..).unwrap_or_default();
    let mut at = start;
    loop {
        let found = at + memchr2(quote, b'\n', behind(at)).ok_or(Open::OutsideQuotes)?;
        at = found + 1;
        if bytes.get(found) == Some(&b'\n') {
            return Ok(at);
        }
        if found == start || bytes.get(found - 1) == Some(&delimiter) {
            at = behind_closing_quote(bytes, at, quote).ok_or(Open::InQuotes)?;
        }
    }
}

fn behind_closing_quote(bytes: &[u8], mut at: usize, quote: u8) -> Option<usize> {
    loop {
        at += memchr(quote, bytes.get(at..)?)? + 1;
        if bytes.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}

fn is_line_end(text: &[u8]) -> bool {
    matches!(text, b"\n" | b"\r\n")
}
