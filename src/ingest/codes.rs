//! Missing and special codes of a column, as its codebook lists them. In columns
//! of numbers and dates a code is a value, however it is written: `99999`,
//! `99999,00` and `099999` are one. In other columns it is a text.

use super::values::{self, DecimalForm};
use crate::pipeline::codebook::{Column, ColumnType, TextEncoding};

/// Reason of a value that is null for a missing code.
pub const REASON_MISSING: &str = "missing";

/// The codes of one column, as bytes of the file.
pub(crate) struct Codes {
    codes: Vec<Code>,
    /// Bit `n` is set where a code has `n` bytes (63 stands for longer ones).
    lengths: u64,
    /// How numbers are written, where codes are values.
    form: Option<DecimalForm>,
    /// What readers of the column make of the codes that they can read.
    read_values: Vec<i128>,
}

struct Code {
    text: Vec<u8>,
    /// The number that it writes, where codes are values and it writes one.
    number: Option<String>,
    reason: String,
}

impl Codes {
    /// The codes of a column of a file in this encoding and with this mark in
    /// its decimals.
    pub(crate) fn new(column: &Column, encoding: TextEncoding, decimal_mark: u8) -> Self {
        let form = number_form(column, decimal_mark);
        let missing = column.missing.iter().map(|code| (code, REASON_MISSING));
        let special = column.special.iter().map(|(code, reason)| (code, reason.as_str()));
        let code = |(code, reason): (&String, &str)| {
            let text = encode(code, encoding)?;
            let number = form.as_ref().and_then(|form| values::exact_number(&text, form));
            Some(Code { text, number, reason: reason.to_owned() })
        };
        let codes: Vec<Code> = missing.chain(special).filter_map(code).collect();
        let lengths = codes.iter().fold(0, |bits, code| bits | length_bit(&code.text));
        let numbers = codes.iter().filter(|code| code.number.is_some());
        let read = |code: &Code| read_value(&column.kind, &code.text, form.as_ref()?);
        let read_values = numbers.filter_map(read).collect();
        Codes { codes, lengths, form, read_values }
    }

    /// The reason that a field (without blanks around it) gives as it is spelled.
    pub(crate) fn reason_by_text(&self, field: &[u8]) -> Option<&str> {
        if self.lengths & length_bit(field) == 0 {
            return None;
        }
        self.codes.iter().find(|code| code.text == field).map(|code| code.reason.as_str())
    }

    /// Says whether a value that was read may be that of a code.
    pub(crate) fn may_be_value(&self, value: i128) -> bool {
        self.read_values.contains(&value)
    }

    /// The reason that a field gives by the number that it writes.
    pub(crate) fn reason_by_value(&self, field: &[u8]) -> Option<&str> {
        let number = values::exact_number(field, self.form.as_ref()?)?;
        let is_same = |code: &&Code| code.number.as_ref() == Some(&number);
        self.codes.iter().find(is_same).map(|code| code.reason.as_str())
    }

    /// The reason that a field gives, one way or the other.
    pub(crate) fn reason(&self, field: &[u8]) -> Option<&str> {
        self.reason_by_text(field).or_else(|| self.reason_by_value(field))
    }
}

/// How numbers are written in a column whose codes are values.
fn number_form(column: &Column, mark: u8) -> Option<DecimalForm> {
    let surplus = column.surplus_decimals;
    match column.kind {
        ColumnType::Decimal { precision, scale } => {
            let implied = column.implied_decimals;
            Some(DecimalForm { precision, scale, mark, implied, surplus })
        }
        ColumnType::Integer | ColumnType::Date if column.date_format.is_none() => {
            Some(DecimalForm::of_integers(mark, surplus))
        }
        _ => None,
    }
}

/// What the column's reader makes of a text.
fn read_value(kind: &ColumnType, text: &[u8], form: &DecimalForm) -> Option<i128> {
    match kind {
        ColumnType::Integer => values::integer(text, form).ok().map(i128::from),
        ColumnType::Date => values::date(text).ok().map(i128::from),
        ColumnType::Decimal { .. } => values::decimal(text, form).ok(),
        ColumnType::Text | ColumnType::Boolean { .. } => None,
    }
}

/// A code in the file's encoding, without blanks around it; none where no file
/// can hold it.
pub(crate) fn encode(code: &str, encoding: TextEncoding) -> Option<Vec<u8>> {
    let code = code.trim_matches([' ', '\t']);
    match encoding {
        TextEncoding::Utf8 => Some(code.as_bytes().to_vec()),
        TextEncoding::Windows1252 => {
            let (bytes, _, has_unknown) = encoding_rs::WINDOWS_1252.encode(code);
            (!has_unknown).then(|| bytes.into_owned())
        }
    }
}

fn length_bit(text: &[u8]) -> u64 {
    1 << text.len().min(63)
}
