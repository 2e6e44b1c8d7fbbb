//! What the values of one column are like, counted without keeping them: only
//! the codes of a column with few distinct values are kept, up to a bound.

use std::collections::{BTreeMap, HashMap};

use crate::ingest::forms::{Form, form};
use crate::ingest::values::date_as;

/// A column with more distinct values than this has no codes.
const DISTINCT_LIMIT: usize = 1000;
/// Codes kept of all columns together, which bounds the memory of wide files.
const ALL_CODES: usize = 200_000;
/// A longer value is no code.
const CODE_BYTES: usize = 64;
/// Different runs of dashes and points that a column may have as codes.
const DASH_LIMIT: usize = 16;
const SPECIAL_DAYS: [&[u8]; 3] = [b"88888888", b"99999999", b"20790606"];

/// Forms of days beside eight digits.
pub(super) const DAY_FORMATS: [&str; 6] =
    ["%Y-%m-%d", "%d-%m-%Y", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"];
/// Such a day is so long.
const WRITTEN_DAY_BYTES: usize = 10;

/// Numbers with one of the two decimal marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) count: u64,
    pub(super) whole_digits: usize,
    pub(super) decimals: usize,
}

/// What the values of a column are like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) records: u64,
    pub(super) blank: u64,
    /// Runs of dashes and points; none once they are too many.
    pub(super) dashes: Option<BTreeMap<String, u64>>,
    pub(super) dash_count: u64,
    pub(super) day: u64,
    pub(super) special_days: [u64; 3],
    /// Eight digits that begin as a year and are no day.
    pub(super) impossible_days: u64,
    /// Days in each of the other forms.
    pub(super) written_days: [u64; DAY_FORMATS.len()],
    /// Numbers with an exponent, as 1.5E+3.
    pub(super) exponents: u64,
    pub(super) whole: u64,
    pub(super) text: u64,
    pub(super) comma: Marked,
    pub(super) point: Marked,
    /// Numbers with both marks, as 1.234,50.
    pub(super) grouped: u64,
    pub(super) leading_zeros: u64,
    /// Whole numbers by their digits, zeros in front not counted.
    pub(super) lengths: BTreeMap<usize, u64>,
    /// Whole numbers of nines alone, by their digits.
    pub(super) nines: BTreeMap<usize, u64>,
    pub(super) control: u64,
    pub(super) quoted: u64,
    /// Values with blanks around them.
    pub(super) padded: u64,
    /// Records by value; none once there are too many.
    pub(super) codes: Option<HashMap<String, u64>>,
    code_limit: usize,
}

impl Profile {
    /// The profile of a column that has no values yet, of a file with so many
    /// columns.
    pub(super) fn new(columns: usize) -> Self {
        Profile {
            dashes: Some(BTreeMap::new()),
            codes: Some(HashMap::new()),
            code_limit: (ALL_CODES / columns.max(1)).clamp(101, DISTINCT_LIMIT),
            ..Profile::default()
        }
    }

    /// Adds records that have no value.
    pub(super) fn add_blank(&mut self, count: u64) {
        self.records += count;
        self.blank += count;
    }

    /// Adds a value.
    pub(super) fn add(&mut self, value: &str) {
        let trimmed = value.trim_matches([' ', '\t']);
        if trimmed.is_empty() {
            return self.add_blank(1);
        }
        self.records += 1;
        self.padded += u64::from(trimmed.len() < value.len());
        self.count_code(trimmed);
        let is_control = |byte: u8| byte < 0x20 && byte != b'\t' || byte == 0x7f;
        self.control += u64::from(
            value.bytes().any(is_control) || value.contains(|c| ('\u{80}'..'\u{a0}').contains(&c)),
        );
        self.quoted += u64::from(value.contains('"'));
        self.count_form(trimmed);
    }

    fn count_form(&mut self, value: &str) {
        let bytes = value.as_bytes();
        match form(bytes, b',') {
            Form::Blank => self.count_dashes(value),
            Form::Day => {
                self.day += 1;
                self.special_days[2] += u64::from(bytes == SPECIAL_DAYS[2]);
            }
            Form::SpecialDay => {
                let place = usize::from(bytes == SPECIAL_DAYS[1]);
                self.special_days[place] += 1;
            }
            Form::Whole => self.count_whole(bytes),
            Form::Decimal => count_marked(&mut self.comma, bytes, b','),
            Form::Text if form(bytes, b'.') == Form::Decimal => {
                count_marked(&mut self.point, bytes, b'.');
            }
            Form::Text => {
                self.text += 1;
                self.count_written_day(bytes);
                self.exponents += u64::from(has_exponent(bytes));
                let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.,".contains(byte);
                let is_grouped = value.contains('.') && value.contains(',');
                let has_digit = bytes.iter().any(u8::is_ascii_digit);
                self.grouped += u64::from(is_grouped && has_digit && bytes.iter().all(is_part));
            }
        }
    }

    fn count_written_day(&mut self, bytes: &[u8]) {
        if bytes.len() == WRITTEN_DAY_BYTES && bytes[0].is_ascii_digit() {
            for (count, format) in self.written_days.iter_mut().zip(DAY_FORMATS) {
                *count += u64::from(date_as(bytes, format).is_ok());
            }
        }
    }

    fn count_whole(&mut self, bytes: &[u8]) {
        self.whole += 1;
        let digits = bytes.trim_ascii_start();
        let digits = digits.strip_prefix(b"-").or(digits.strip_prefix(b"+")).unwrap_or(digits);
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        self.leading_zeros += u64::from(zeros > 0 && digits.len() > 1);
        if digits.iter().all(|digit| *digit == b'9') {
            *self.nines.entry(digits.len()).or_default() += 1;
        } else {
            *self.lengths.entry((digits.len() - zeros).max(1)).or_default() += 1;
        }
        let is_year = matches!(bytes, [b'1', b'8' | b'9', ..] | [b'2', b'0', ..]);
        self.impossible_days += u64::from(bytes.len() == 8 && is_year);
    }

    fn count_dashes(&mut self, value: &str) {
        self.dash_count += 1;
        if let Some(dashes) = &mut self.dashes {
            *dashes.entry(value.to_owned()).or_default() += 1;
            if dashes.len() > DASH_LIMIT {
                self.dashes = None;
            }
        }
    }

    fn count_code(&mut self, value: &str) {
        let Some(codes) = &mut self.codes else { return };
        if let Some(count) = codes.get_mut(value) {
            *count += 1;
        } else if value.len() > CODE_BYTES || codes.len() >= self.code_limit {
            self.codes = None;
        } else {
            codes.insert(value.to_owned(), 1);
        }
    }

    /// Adds what was counted elsewhere. The order does not matter.
    pub(super) fn merge(&mut self, other: Profile) {
        let pairs = [
            (&mut self.records, other.records),
            (&mut self.blank, other.blank),
            (&mut self.dash_count, other.dash_count),
            (&mut self.day, other.day),
            (&mut self.exponents, other.exponents),
            (&mut self.impossible_days, other.impossible_days),
            (&mut self.whole, other.whole),
            (&mut self.text, other.text),
            (&mut self.grouped, other.grouped),
            (&mut self.leading_zeros, other.leading_zeros),
            (&mut self.control, other.control),
            (&mut self.quoted, other.quoted),
            (&mut self.padded, other.padded),
        ];
        pairs.into_iter().for_each(|(own, more)| *own += more);
        self.special_days.iter_mut().zip(other.special_days).for_each(|(own, more)| *own += more);
        self.written_days.iter_mut().zip(other.written_days).for_each(|(own, more)| *own += more);
        self.comma.merge(other.comma);
        self.point.merge(other.point);
        merge_counts(&mut self.lengths, other.lengths);
        merge_counts(&mut self.nines, other.nines);
        self.dashes = self.dashes.take().zip(other.dashes).and_then(|(mut own, more)| {
            merge_counts(&mut own, more);
            (own.len() <= DASH_LIMIT).then_some(own)
        });
        let limit = self.code_limit;
        self.codes = self.codes.take().zip(other.codes).and_then(|(mut own, more)| {
            more.into_iter().for_each(|(code, count)| *own.entry(code).or_default() += count);
            (own.len() <= limit).then_some(own)
        });
    }
}

impl Marked {
    fn merge(&mut self, other: Marked) {
        self.count += other.count;
        self.whole_digits = self.whole_digits.max(other.whole_digits);
        self.decimals = self.decimals.max(other.decimals);
    }
}

/// Says whether a text is a number with an exponent.
fn has_exponent(text: &[u8]) -> bool {
    let Some(at) = memchr::memchr2(b'e', b'E', text) else { return false };
    let is_number = |part: &[u8]| {
        let digits = part.strip_prefix(b"-").or(part.strip_prefix(b"+")).unwrap_or(part);
        let marks = digits.iter().filter(|byte| b".,".contains(byte)).count();
        let count = digits.iter().filter(|byte| byte.is_ascii_digit()).count();
        count > 0 && marks <= 1 && marks + count == digits.len()
    };
    let (number, exponent) = (&text[..at], &text[at + 1..]);
    is_number(number) && is_number(exponent) && memchr::memchr2(b'.', b',', exponent).is_none()
}

fn count_marked(marked: &mut Marked, bytes: &[u8], mark: u8) {
    let digits = bytes.strip_prefix(b"-").or(bytes.strip_prefix(b"+")).unwrap_or(bytes);
    let at = memchr::memchr(mark, digits).unwrap_or(digits.len());
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count().min(at);
    let found = Marked {
        count: 1,
        whole_digits: at - zeros,
        decimals: digits.len().saturating_sub(at + 1),
    };
    marked.merge(found);
}

fn merge_counts<K: Ord>(own: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        *own.entry(key).or_default() += count;
    }
}
