//! What a value looks like, for those who look at files before they are
//! ingested. Reading values by their type is left to `values`.

use super::values;
use crate::pipeline::layout::FormCounts;

/// What one value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Empty, or dashes, points and blanks only.
    Blank,
    /// Eight eights or nines: a special code of dates.
    SpecialDay,
    /// Eight digits that are a day of the years 1800 to 2100.
    Day,
    /// Other digits, with or without a sign.
    Whole,
    /// Digits with a decimal mark among them.
    Decimal,
    /// Anything else.
    Text,
}

/// Looks at a value without blanks around it.
pub(crate) fn form(value: &[u8], decimal_mark: u8) -> Form {
    let Some(first) = value.first() else { return Form::Blank };
    let digits = value.strip_prefix(b"-").or(value.strip_prefix(b"+")).unwrap_or(value);
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        return whole(value);
    }
    if value.iter().all(|byte| matches!(byte, b'-' | b'.' | b' ')) {
        return Form::Blank;
    }
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == decimal_mark;
    let marks = digits.iter().filter(|byte| **byte == decimal_mark).count();
    let is_number =
        first.is_ascii_digit() || matches!(first, b'-' | b'+') || *first == decimal_mark;
    match is_number && marks == 1 && digits.len() > 1 && digits.iter().all(is_part) {
        true => Form::Decimal,
        false => Form::Text,
    }
}

fn whole(value: &[u8]) -> Form {
    match value {
        b"88888888" | b"99999999" => Form::SpecialDay,
        [b'1', b'8' | b'9', ..] | [b'2', b'0', ..] if values::date(value).is_ok() => Form::Day,
        _ => Form::Whole,
    }
}

/// Counts a value among others of its column.
pub(crate) fn count(counts: &mut FormCounts, form: Form) {
    match form {
        Form::Blank | Form::SpecialDay => counts.nothing += 1,
        Form::Day => counts.day += 1,
        Form::Whole => counts.whole += 1,
        Form::Decimal => counts.decimal += 1,
        Form::Text => counts.text += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart_by_their_looks() {
        let forms = [
            (Form::Blank, &["", "-", "----", "."][..]),
            (Form::SpecialDay, &["88888888", "99999999"]),
            (Form::Day, &["20160229", "18000101", "20790606"]),
            (Form::Whole, &["0", "-12", "+7", "20170229", "99991231", "007", "888888888"]),
            (Form::Decimal, &["1,5", "-,5", "5,", "0,00"]),
            (Form::Text, &["a", "1.5", "1,5,5", "-a", "1 2", ",", "2016-01-31", "1e3", "é"]),
        ];
        for (wanted, texts) in forms {
            for text in texts {
                assert_eq!(form(text.as_bytes(), b','), wanted, "{text}");
            }
        }
    }
}
