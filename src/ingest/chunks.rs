//! Cuts the text of a raw file into chunks of whole records, so that they can
//! be parsed side by side. Knows line ends and quotes, nothing of fields.

use std::sync::atomic::AtomicU8;

use memchr::{memchr, memchr_iter, memrchr};

use super::encoding::mark_length;
use super::flow::Chunks;
use super::line_ends::{LineEnd, Open, Quotes, RecordEnds, Stray};
use super::rejects::{RAW_TEXT_BYTES, Rule};
use super::source::{self, Source};
use crate::error::{Error, Result};
use crate::pipeline::codebook::TextEncoding;
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
    /// So many rejects are read whatever their share: people look at them.
    pub(crate) rejects: u64,
}

impl Limits {
    /// The sizes for real files.
    pub(crate) const DEFAULT: Limits =
        Limits { chunk_bytes: 1024 * 1024, record_bytes: 4 * 1024 * 1024, rejects: 100_000 };
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
    /// Where each of them ends.
    pub(crate) ends: RecordEnds,
    /// The chunk is the beginning of one record that breaks this rule.
    pub(crate) lost: Option<Rule>,
}

/// Cuts one file.
pub(crate) struct Cutter<'a> {
    source: Source,
    ends: RecordEnds,
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
    /// Begins to cut a file, with the line end that its first line has. Line
    /// ends inside quotes are text, where there are some.
    pub(crate) fn begin(
        source: Source,
        quotes: Option<Quotes>,
        limits: Limits,
        stop: &'a AtomicU8,
    ) -> Result<Self> {
        let mut cutter = Cutter {
            source,
            ends: RecordEnds { line_end: LineEnd::Lf, quotes },
            limits,
            stop,
            pending: Vec::new(),
            is_at_end: false,
            next_line: 1,
            resumptions: 0,
            has_last_line_end: true,
        };
        cutter.find_line_end()?;
        Ok(cutter)
    }

    /// A text without any line end is taken for one whose lines end in LF.
    fn find_line_end(&mut self) -> Result<()> {
        let mut wanted = self.limits.chunk_bytes.max(2);
        loop {
            self.fill(wanted)?;
            if let Some(line_end) = LineEnd::of(&self.pending, self.ends.quotes) {
                self.ends.line_end = line_end;
                break;
            }
            if self.is_at_end || self.pending.len() > self.limits.record_bytes {
                if self.pending.ends_with(LineEnd::Cr.bytes()) {
                    self.ends.line_end = LineEnd::Cr;
                }
                break;
            }
            wanted = wanted.saturating_mul(2);
        }
        self.note_last_line_end();
        Ok(())
    }

    fn note_last_line_end(&mut self) {
        if self.is_at_end && !self.pending.is_empty() {
            self.has_last_line_end = self.pending.ends_with(self.ends.line_end.bytes());
        }
    }

    /// Passes over the mark of its encoding with which a text may begin.
    ///
    /// # Errors
    /// [`Error::RawInput`] for an empty file and for the mark of another encoding.
    pub(crate) fn pass_over_mark(&mut self, encoding: TextEncoding) -> Result<()> {
        self.fill(self.limits.chunk_bytes.max(4))?;
        if self.pending.is_empty() {
            return Err(source::is_empty(self.source.path()));
        }
        let mark = mark_length(&self.pending, self.source.path(), encoding)?;
        self.pending.drain(..mark);
        Ok(())
    }

    /// The first record that is no empty line, which stays to be taken; none where
    /// the file has none.
    ///
    /// # Errors
    /// [`Error::RawInput`] where it does not end, or begin, within the limit of a
    /// record.
    pub(crate) fn first_record(&mut self) -> Result<Option<&[u8]>> {
        let mut wanted = self.limits.chunk_bytes.max(4);
        let mut start = 0;
        let end = loop {
            self.fill(wanted)?;
            let found = self.ends.find(&self.pending, start);
            let end = found.unwrap_or(self.pending.len());
            let record = self.ends.line_end.strip(&self.pending[start..end]);
            match found {
                Ok(_) if record.is_empty() && end <= self.limits.record_bytes => start = end,
                Ok(_) => break end,
                // The last two bytes may be its line end.
                Err(_) if self.is_at_end || record.len() > self.limits.record_bytes + 2 => {
                    break end;
                }
                Err(_) => wanted = wanted.saturating_mul(2),
            }
        };
        let record = self.ends.line_end.strip(&self.pending[start..end]);
        let message = match record.len() {
            0 if self.is_at_end && end == self.pending.len() => return Ok(None),
            0 => "the file begins with empty lines alone; is it whole?",
            length if length > self.limits.record_bytes => {
                "the first record is too long; is it a text file?"
            }
            _ => return Ok(Some(record)),
        };
        Err(Error::raw_input(self.source.path(), message))
    }

    /// Takes one physical line, without its line end; none at the end of the
    /// file.
    pub(crate) fn next_line(&mut self) -> Result<Option<Vec<u8>>> {
        let mut wanted = self.limits.chunk_bytes;
        loop {
            self.fill(wanted)?;
            let end = memchr(self.last_byte(), &self.pending).map(|end| end + 1);
            if let Some(end) = end.or(self.is_at_end.then_some(self.pending.len())) {
                if end == 0 {
                    return Ok(None);
                }
                let line = self.take(end, None)?.bytes;
                return Ok(Some(self.ends.line_end.strip(&line).to_vec()));
            }
            if self.pending.len() > self.limits.record_bytes {
                let message = format!("line {} has no end; is it a text file?", self.next_line);
                return Err(Error::raw_input(self.source.path(), message));
            }
            wanted = wanted.saturating_mul(2);
        }
    }

    /// At most so many records of at least so many bytes, line ends aside, are in
    /// the file; none where nobody can say.
    pub(crate) fn most_records(&self, least_bytes: usize) -> Option<u64> {
        let least = least_bytes + self.ends.line_end.bytes().len();
        Some(self.source.most_text_bytes()? / least as u64 + 1)
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
            self.note_last_line_end();
        }
        Ok(())
    }

    /// Looks how many whole records there are. Before the end of the file the
    /// last record stays behind, since an empty one counts only if more follows.
    fn front(&self) -> Front {
        match self.ends.quotes {
            None => self.front_of_lines(),
            Some(_) => self.front_outside_quotes(),
        }
    }

    fn front_of_lines(&self) -> Front {
        let last = self.pending.len() - 1;
        match memrchr(self.last_byte(), &self.pending[..last]) {
            _ if self.is_at_end => Front::Records(self.end_before_empty_line()),
            Some(end) => Front::Records(end + 1),
            // Too long even if the last two bytes are its line end.
            None if last > self.limits.record_bytes + 1 => Front::Overlong,
            None => Front::Unfinished,
        }
    }

    fn front_outside_quotes(&self) -> Front {
        let (line_end, mut whole) = (self.ends.line_end, 0);
        let is_overlong = loop {
            let found = self.ends.find(&self.pending, whole);
            let end = found.unwrap_or(self.pending.len());
            let record = &self.pending[whole..end];
            let length = match found {
                Ok(_) => line_end.strip(record).len(),
                Err(_) if self.is_at_end => line_end.strip(record).len(),
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
            } else if found == Err(Open::InQuotes) && memchr(self.last_byte(), record).is_some() {
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
        let body = self.ends.line_end.strip(&self.pending);
        if body.ends_with(&[self.last_byte()]) { body.len() } else { self.pending.len() }
    }

    /// Takes a record that has no end within the limit.
    ///
    /// A quote that stays open spoils only its own line: reading goes on behind
    /// it, so that one stray quote does not cost all lines behind.
    fn take_overlong(&mut self) -> Result<Chunk> {
        let within = self.limits.record_bytes.min(self.pending.len());
        let within = &self.pending[..within];
        let last_byte = self.last_byte();
        let line_ends = memchr(last_byte, within).zip(memrchr(last_byte, within));
        let Some((first, last)) = self.ends.quotes.and(line_ends) else {
            return self.take_long_line();
        };
        self.resumptions += 1;
        let end = if self.resumptions <= MAX_RESUMPTIONS { first } else { last };
        self.take(end + 1, Some(Rule::UnclosedQuote))
    }

    fn take_long_line(&mut self) -> Result<Chunk> {
        let mut bytes = Vec::new();
        let mut passed = 0;
        loop {
            let line_end = memchr(self.last_byte(), &self.pending).map(|end| end + 1);
            // What is cut between CR and LF is not known yet.
            let open = match self.pending.last() {
                Some(b'\r') if !self.is_at_end => self.pending.len() - 1,
                _ => self.pending.len(),
            };
            let line = &self.pending[..line_end.unwrap_or(open)];
            self.check_line_ends(line, None, passed)?;
            let room = RAW_TEXT_BYTES - bytes.len();
            bytes.extend_from_slice(line.get(..room).unwrap_or(line));
            passed += line.len();
            self.pending.drain(..line.len());
            if line_end.is_some() || self.is_at_end {
                break;
            }
            self.fill(self.limits.chunk_bytes.max(2))?;
        }
        let first_line = self.next_line;
        self.next_line += 1;
        let lost = Some(Rule::RecordTooLong);
        Ok(Chunk { first_line, lines: 1, bytes, ends: self.ends, lost })
    }

    fn take(&mut self, end: usize, lost: Option<Rule>) -> Result<Chunk> {
        let quotes = self.ends.quotes.filter(|_| lost.is_none());
        self.check_line_ends(&self.pending[..end], quotes, 0)?;
        let rest = self.pending.split_off(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        let open_line = u64::from(!bytes.ends_with(&[self.last_byte()]));
        let lines = memchr_iter(self.last_byte(), &bytes).count() as u64 + open_line;
        let first_line = self.next_line;
        self.next_line += lines;
        Ok(Chunk { first_line, lines, bytes, ends: self.ends, lost })
    }

    fn last_byte(&self) -> u8 {
        self.ends.line_end.last_byte()
    }

    /// Refuses text that is taken next where a line of it ends as no other does;
    /// of its first line so many bytes were taken before.
    fn check_line_ends(&self, text: &[u8], quotes: Option<Quotes>, passed: usize) -> Result<()> {
        let line_end = self.ends.line_end;
        let is_last = self.is_at_end && text.len() == self.pending.len();
        let mark = || Stray::at_end_of(text, line_end).filter(|_| is_last);
        let stray = RecordEnds { line_end, quotes }.stray(text, passed > 0).or_else(mark);
        let Some(stray) = stray else { return Ok(()) };
        let before = &text[..stray.at];
        let lines = memchr_iter(self.last_byte(), before).count() as u64;
        let begun = memrchr(self.last_byte(), before).map_or(0, |end| end + 1);
        let byte = stray.at - begun + 1 + if lines == 0 { passed } else { 0 };
        let (message, hint) = stray.in_words(byte, line_end);
        Err(Error::RawInput {
            file: Some(self.source.path().to_path_buf()),
            line: Some(self.next_line + lines),
            column: None,
            message,
            hint: Some(hint.to_owned()),
        })
    }
}

impl Chunks for Cutter<'_> {
    type Chunk = Chunk;

    fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        let mut wanted = self.limits.chunk_bytes;
        loop {
            self.fill(wanted)?;
            if self.is_at_end && self.pending == self.ends.line_end.bytes() {
                // The last line is empty: it is no record.
                self.pending.clear();
            }
            if self.pending.is_empty() {
                return Ok(None);
            }
            match self.front() {
                Front::Records(end) => return self.take(end, None).map(Some),
                Front::Overlong => return self.take_overlong().map(Some),
                Front::Unfinished => wanted = wanted.saturating_mul(2),
            }
        }
    }
}
