//! How the lines of a text file end: in LF, CR LF or CR, by its first one. All
//! others must be alike, since a line end that is taken for text changes a value
//! (`47` and CR), and text that is taken for a line end makes records.

use memchr::{memchr, memchr_iter, memchr2, memchr3};

const RETURN: u8 = b'\r';
const FEED: u8 = b'\n';
const END_MARK: u8 = 0x1a;

const LINE_END_HINT: &str = "make all line ends alike, or have the file delivered again; \
                             in delimited text `multiline = true` takes those inside quotes \
                             for text";

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    Lf,
    CrLf,
    Cr,
}

/// Where records end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordEnds {
    /// Every line ends so.
    pub(crate) line_end: LineEnd,
    /// Line ends inside these quotes are text, and may be others.
    pub(crate) quotes: Option<Quotes>,
}

/// Quotes around fields. One opens where a field begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quotes {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
}

/// Why a record has no end in the text at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    InQuotes,
    OutsideQuotes,
}

/// A byte that ends a line otherwise than the first line ends, or ends the text
/// though there may be more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stray {
    /// Its place in the text.
    pub(crate) at: usize,
    pub(crate) kind: StrayKind,
}

/// What such a byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StrayKind {
    LineEnd(LineEnd),
    /// The mark that DOS set at the end of a text.
    EndMark,
}

impl LineEnd {
    /// The line end of a text by its first one outside quotes. None where none
    /// is there, or its second byte is still to come.
    pub(crate) fn of(text: &[u8], quotes: Option<Quotes>) -> Option<LineEnd> {
        let at = first_break(text, quotes)?;
        match (text.get(at)?, text.get(at + 1)) {
            (&FEED, _) => Some(LineEnd::Lf),
            (_, Some(&FEED)) => Some(LineEnd::CrLf),
            (_, next) => next.map(|_| LineEnd::Cr),
        }
    }

    /// Its bytes.
    pub(crate) fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::Lf => b"\n",
            LineEnd::CrLf => b"\r\n",
            LineEnd::Cr => b"\r",
        }
    }

    /// Its last byte, behind which a line is cut.
    pub(crate) fn last_byte(self) -> u8 {
        match self {
            LineEnd::Lf | LineEnd::CrLf => FEED,
            LineEnd::Cr => RETURN,
        }
    }

    /// Its name, for people.
    fn name(self) -> &'static str {
        match self {
            LineEnd::Lf => "LF",
            LineEnd::CrLf => "CR LF",
            LineEnd::Cr => "CR",
        }
    }

    /// A line without its line end.
    pub(crate) fn strip(self, line: &[u8]) -> &[u8] {
        line.strip_suffix(self.bytes()).unwrap_or(line)
    }

    /// Says whether each CR and LF of whole lines is part of this line end, and no
    /// end mark is among them.
    fn are_all(self, text: &[u8]) -> bool {
        match self {
            LineEnd::Lf => memchr2(RETURN, END_MARK, text).is_none(),
            LineEnd::Cr => memchr2(FEED, END_MARK, text).is_none(),
            LineEnd::CrLf => {
                let behind = text.get(1..).unwrap_or_default();
                // Without a way out, so that many bytes are compared at once.
                let differ = |all: bool, (byte, next): (&u8, &u8)| {
                    all | ((*byte == RETURN) != (*next == FEED))
                };
                let is_any = text.iter().zip(behind).fold(false, differ);
                !is_any
                    && text.first() != Some(&FEED)
                    && text.last() != Some(&RETURN)
                    && memchr(END_MARK, text).is_none()
            }
        }
    }
}

impl RecordEnds {
    /// The first byte of whole records that is a line end of another kind, or a
    /// mark of DOS where a line begins. The text itself may begin within a line.
    pub(crate) fn stray(&self, records: &[u8], begins_within: bool) -> Option<Stray> {
        let line_end = self.line_end;
        if line_end.are_all(records) {
            return None;
        }
        let other = self.other_line_end(records);
        let begins_line = |at: &usize| {
            let before = at.checked_sub(1).and_then(|before| records.get(before));
            before.map_or(!begins_within, |byte| *byte == line_end.last_byte())
        };
        let mark = memchr_iter(END_MARK, records).find(begins_line).map(Stray::end_mark);
        other.into_iter().chain(mark).min_by_key(|stray| stray.at)
    }

    fn other_line_end(&self, records: &[u8]) -> Option<Stray> {
        let mut start = 0;
        loop {
            let at = start + first_break(records.get(start..)?, self.quotes)?;
            let here = records.get(at..)?;
            if !here.starts_with(self.line_end.bytes()) {
                let other = match here {
                    [RETURN, FEED, ..] => LineEnd::CrLf,
                    [RETURN, ..] => LineEnd::Cr,
                    _ => LineEnd::Lf,
                };
                return Some(Stray { at, kind: StrayKind::LineEnd(other) });
            }
            start = at + self.line_end.bytes().len();
        }
    }

    /// The end of the record that begins at `start`, behind its line end.
    pub(crate) fn find(&self, text: &[u8], start: usize) -> Result<usize, Open> {
        let behind = |at: usize| text.get(at..).unwrap_or_default();
        let last = self.line_end.last_byte();
        let Some(quotes) = self.quotes else {
            let end = memchr(last, behind(start)).ok_or(Open::OutsideQuotes)?;
            return Ok(start + end + 1);
        };
        let mut at = start;
        loop {
            let found = memchr2(quotes.quote, last, behind(at)).ok_or(Open::OutsideQuotes)?;
            let found = at + found;
            at = found + 1;
            if text.get(found) == Some(&last) {
                return Ok(at);
            }
            if found == start || text.get(found - 1) == Some(&quotes.delimiter) {
                at = behind_closing_quote(text, at, quotes.quote).ok_or(Open::InQuotes)?;
            }
        }
    }

    /// The same, where the text ends after its last record.
    pub(crate) fn find_or_all(&self, text: &[u8], start: usize) -> usize {
        self.find(text, start).unwrap_or(text.len())
    }
}

impl Stray {
    fn end_mark(at: usize) -> Stray {
        Stray { at, kind: StrayKind::EndMark }
    }

    /// The mark of DOS as the last byte of a file, its line end aside.
    pub(crate) fn at_end_of(text: &[u8], line_end: LineEnd) -> Option<Stray> {
        let text = line_end.strip(text);
        text.ends_with(&[END_MARK]).then(|| Stray::end_mark(text.len() - 1))
    }

    /// Says what stands at a byte of a line of a text with such line ends, and
    /// what to do.
    pub(crate) fn in_words(self, byte: usize, line_end: LineEnd) -> (String, &'static str) {
        match self.kind {
            StrayKind::LineEnd(other) => {
                let (other, first) = (other.name(), line_end.name());
                let message = format!(
                    "{other} stands at byte {byte} of the line; \
                     the first line ends in {first}, and all must end alike"
                );
                (message, LINE_END_HINT)
            }
            StrayKind::EndMark => {
                let message = format!("the end mark of DOS (1A) stands at byte {byte} of the line");
                (message, "take it out, or have the file delivered again")
            }
        }
    }
}

/// The first CR or LF outside quotes of a text that begins with a record.
fn first_break(text: &[u8], quotes: Option<Quotes>) -> Option<usize> {
    let Some(Quotes { delimiter, quote }) = quotes else { return memchr2(RETURN, FEED, text) };
    let mut at = 0;
    loop {
        let found = at + memchr3(quote, RETURN, FEED, text.get(at..)?)?;
        if text.get(found) != Some(&quote) {
            return Some(found);
        }
        at = found + 1;
        if found == 0 || text.get(found - 1) == Some(&delimiter) {
            at = behind_closing_quote(text, at, quote)?;
        }
    }
}

fn behind_closing_quote(text: &[u8], mut at: usize, quote: u8) -> Option<usize> {
    loop {
        at += memchr(quote, text.get(at..)?)? + 1;
        if text.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}
