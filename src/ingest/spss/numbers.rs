//! Writes the numbers of an SPSS file as text, as they would stand in a file of
//! text: the shortest decimal that is the number, never with an exponent.

use std::io::Write;

use jiff::SignedDuration;
use jiff::civil::Date;

/// Whole numbers below are exact, and so are their digits.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Decimals of up to fifteen digits are told apart by every double.
const FIFTEEN_DIGITS: f64 = 1e15;
/// Days from 14 October 1582, where SPSS begins to count, to 1 January 1970.
const DAYS_TO_1970: i64 = 141_428;
const FIRST_OF_1970: Date = jiff::civil::date(1970, 1, 1);
const SECONDS_PER_DAY: f64 = 86_400.0;
/// Seconds of the last day that has four digits for its year, and some more.
const MOST_SECONDS: f64 = 3e11;

/// Adds a number.
pub(crate) fn push_number(number: f64, text: &mut Vec<u8>) {
    if number.abs() < EXACT && number.fract() == 0.0 {
        // The cast is exact.
        return push_integer(number as i64, text);
    }
    for decimals in [2, 4] {
        let scale = if decimals == 2 { 100.0 } else { 10_000.0 };
        let units = (number * scale).round();
        // A quotient of exact numbers is the double next to the decimal, which
        // has no shorter one beside it.
        if units.abs() < FIFTEEN_DIGITS && units / scale == number {
            return push_decimal(units as i64, decimals, text);
        }
    }
    // Writing to memory cannot fail.
    let _ = write!(text, "{number}");
}

/// Adds a whole number.
fn push_integer(number: i64, text: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut left = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        text.push(b'-');
    }
    text.extend_from_slice(&digits[at..]);
}

/// Adds so many units of the last decimal, without zeros at the end.
fn push_decimal(units: i64, decimals: usize, text: &mut Vec<u8>) {
    let mut digits = [0; 24];
    let mut at = digits.len();
    let (mut left, mut place) = (units.unsigned_abs(), 0);
    let mut has_decimals = false;
    loop {
        let digit = (left % 10) as u8;
        left /= 10;
        if place >= decimals || digit != 0 || has_decimals {
            has_decimals |= place < decimals;
            if place == decimals && has_decimals {
                at -= 1;
                digits[at] = b'.';
            }
            at -= 1;
            digits[at] = b'0' + digit;
        }
        place += 1;
        if left == 0 && place > decimals {
            break;
        }
    }
    if units < 0 {
        text.push(b'-');
    }
    text.extend_from_slice(&digits[at..]);
}

/// Adds a whole number with zeros in front up to a width; another number as it is.
pub(crate) fn push_padded(number: f64, width: u8, text: &mut Vec<u8>) {
    let start = text.len();
    push_number(number, text);
    let length = text.len() - start;
    let is_whole = text.get(start..).unwrap_or_default().iter().all(u8::is_ascii_digit);
    if is_whole && length < usize::from(width) {
        let zeros = std::iter::repeat_n(b'0', usize::from(width) - length);
        text.splice(start..start, zeros);
    }
}

/// Adds the day of a moment, in seconds since 14 October 1582, as `YYYYMMDD`;
/// says whether it is one of the years 1 to 9999. The time of day is cut.
pub(crate) fn push_day(seconds: f64, text: &mut Vec<u8>) -> bool {
    if seconds.is_nan() || seconds.abs() > MOST_SECONDS {
        return false;
    }
    let days = (seconds / SECONDS_PER_DAY).floor() as i64 - DAYS_TO_1970;
    match FIRST_OF_1970.checked_add(SignedDuration::from_hours(24 * days)) {
        Ok(day) if day.year() >= 1 => {
            // Writing to memory cannot fail.
            let _ = write!(text, "{:04}{:02}{:02}", day.year(), day.month(), day.day());
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn number(number: f64) -> String {
        let mut text = Vec::new();
        push_number(number, &mut text);
        String::from_utf8(text).unwrap()
    }

    fn day(seconds: f64) -> Option<String> {
        let mut text = Vec::new();
        push_day(seconds, &mut text).then(|| String::from_utf8(text).unwrap())
    }

    #[test]
    fn numbers_are_the_shortest_decimals_without_an_exponent() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (7.0, "7"),
            (-12.5, "-12.5"),
            (0.1, "0.1"),
            (0.05, "0.05"),
            (-0.0025, "-0.0025"),
            (1234.56, "1234.56"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (1e21, "1000000000000000000000"),
            (1e-7, "0.0000001"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(number(value), text, "{value:?}");
        }
    }

    #[test]
    fn random_numbers_are_as_the_standard_library_writes_them() {
        let mut dice = Pcg64Mcg::seed_from_u64(1);
        let numbers = (0..200_000).map(|index| {
            let units = dice.random_range(-10i64.pow(16)..10i64.pow(16));
            let size = 10i64.pow(dice.random_range(0..=16));
            match index % 4 {
                0 => f64::from_bits(dice.random()),
                1 => (units % size) as f64 / 100.0,
                2 => (units % size) as f64 / 10_000.0,
                _ => (units % size) as f64 / 1_000.0,
            }
        });
        for value in numbers.filter(|value| *value != 0.0) {
            assert_eq!(number(value), format!("{value}"), "{value:?}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let start = jiff::civil::date(1582, 10, 14);
        let mut date = jiff::civil::date(1, 1, 1);
        while date.year() < 9999 {
            let days = f64::from((date - start).get_days());
            let text = date.strftime("%Y%m%d").to_string();
            assert_eq!(day(days * 86_400.0).as_deref(), Some(text.as_str()));
            assert_eq!(day(days * 86_400.0 + 86_399.5), Some(text), "the time of day is cut");
            date = date.checked_add(jiff::Span::new().days(97)).unwrap();
        }
        for seconds in [f64::NAN, f64::INFINITY, -1e300, 3e11, -1e11, 2.66e11] {
            assert_eq!(day(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn padding_is_for_whole_numbers_only() {
        let padded = |value, width| {
            let mut text = Vec::new();
            push_padded(value, width, &mut text);
            String::from_utf8(text).unwrap()
        };
        assert_eq!(padded(42.0, 6), "000042");
        assert_eq!(padded(1234567.0, 6), "1234567");
        assert_eq!(padded(4.5, 6), "4.5");
        assert_eq!(padded(-3.0, 6), "-3");
    }
}
