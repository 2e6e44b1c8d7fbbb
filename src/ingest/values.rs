//! Reads typed values straight from the bytes of a field, which has no blanks
//! around it.

use super::rejects::Rule;
use crate::pipeline::codebook::SurplusDecimals;

/// How a column's decimals are written and kept.
#[derive(Debug, Clone)]
pub(crate) struct DecimalForm {
    pub(crate) precision: u8,
    pub(crate) scale: u8,
    pub(crate) mark: u8,
    /// Digits without a mark whose last so many are decimals, at most 38.
    pub(crate) implied: u8,
    pub(crate) surplus: SurplusDecimals,
}

impl DecimalForm {
    /// The form of whole numbers.
    pub(crate) fn of_integers(mark: u8, surplus: SurplusDecimals) -> Self {
        DecimalForm { precision: 38, scale: 0, mark, implied: 0, surplus }
    }
}

/// Reads a whole number with an optional sign. Decimals may stand behind it as
/// the form of integers says: zeros, or others that are rounded. Three zeros may
/// be those of a thousand (`1.000`), where nobody said that there are decimals.
pub(crate) fn integer(text: &[u8], form: &DecimalForm) -> Result<i64, Rule> {
    let (is_negative, digits) = split_sign(text);
    if digits.is_empty() || !are_digits(digits) {
        if form.surplus == SurplusDecimals::Reject && may_be_thousands(digits, form.mark) {
            return Err(Rule::NotAnInteger);
        }
        let value = decimal(text, form).map_err(|rule| match rule {
            Rule::DecimalTooLarge => Rule::IntegerTooLarge,
            _ => Rule::NotAnInteger,
        })?;
        return i64::try_from(value).map_err(|_| Rule::IntegerTooLarge);
    }
    let significant = without_leading_zeros(digits);
    // Nineteen digits always fit 64 bits without a sign.
    if significant.len() > 19 {
        return Err(Rule::IntegerTooLarge);
    }
    let magnitude = number(0, significant);
    let value =
        if is_negative { 0i64.checked_sub_unsigned(magnitude) } else { magnitude.try_into().ok() };
    value.ok_or(Rule::IntegerTooLarge)
}

fn may_be_thousands(digits: &[u8], mark: u8) -> bool {
    let at = memchr::memchr(mark, digits);
    at.is_some_and(|at| (1..=3).contains(&at) && digits.len() - at == 4)
}

/// Reads an exact number as units of its last decimal. The digit before or
/// behind the mark may be missing (`,5` and `5,`), but not both.
pub(crate) fn decimal(text: &[u8], form: &DecimalForm) -> Result<i128, Rule> {
    let (is_negative, digits) = split_sign(text);
    if let Some(magnitude) = short_decimal(digits, form) {
        return Ok(if is_negative { -magnitude } else { magnitude });
    }
    let mut padded = [b'0'; 38];
    let (whole, fraction) = match memchr::memchr(form.mark, digits) {
        Some(mark) => (&digits[..mark], &digits[mark + 1..]),
        None if digits.is_empty() => return Err(Rule::NotADecimal),
        None => split_implied(digits, usize::from(form.implied).min(padded.len()), &mut padded),
    };
    if whole.len() + fraction.len() == 0 || !are_digits(whole) || !are_digits(fraction) {
        return Err(Rule::NotADecimal);
    }
    let scale = usize::from(form.scale);
    let (kept, surplus) = fraction.split_at(scale.min(fraction.len()));
    if form.surplus == SurplusDecimals::Reject && surplus.iter().any(|digit| *digit != b'0') {
        return Err(Rule::TooManyDecimals);
    }
    let whole = without_leading_zeros(whole);
    if whole.len() + scale > usize::from(form.precision) {
        return Err(Rule::DecimalTooLarge);
    }
    let padding = (scale - kept.len()) as u32;
    let mut magnitude = wide_number(wide_number(0, whole), kept) * 10i128.pow(padding);
    // Half away from zero: the sign is put on afterwards.
    if surplus.first().is_some_and(|digit| *digit >= b'5') {
        magnitude += 1;
    }
    if magnitude >= 10i128.pow(u32::from(form.precision)) {
        return Err(Rule::DecimalTooLarge);
    }
    Ok(if is_negative { -magnitude } else { magnitude })
}

/// The number that a text writes, in its one form: no zeros that say nothing,
/// a point, no sign at zero. None for what is no number.
pub(crate) fn exact_number(text: &[u8], form: &DecimalForm) -> Option<String> {
    let (is_negative, digits) = split_sign(text);
    let mut padded = [b'0'; 38];
    let (whole, fraction) = match memchr::memchr(form.mark, digits) {
        Some(mark) => (&digits[..mark], &digits[mark + 1..]),
        None => split_implied(digits, usize::from(form.implied).min(padded.len()), &mut padded),
    };
    if digits.is_empty() || whole.len() + fraction.len() == 0 {
        return None;
    }
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let zeros = fraction.iter().rev().take_while(|digit| **digit == b'0').count();
    let (whole, fraction) = (without_leading_zeros(whole), &fraction[..fraction.len() - zeros]);
    let sign = if is_negative && whole.len() + fraction.len() > 0 { "-" } else { "" };
    let text = |digits: &[u8]| String::from_utf8_lossy(digits).into_owned();
    Some(format!("{sign}{}.{}", text(whole), text(fraction)))
}

/// Reads a number in one pass where it has at most 18 digits when it is scaled,
/// no decimal too many and nothing wrong.
fn short_decimal(digits: &[u8], form: &DecimalForm) -> Option<i128> {
    if digits.len() + usize::from(form.scale) > 18 {
        return None;
    }
    let (mut magnitude, mut decimals) = (0u64, None);
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            magnitude = magnitude * 10 + u64::from(digit);
            decimals = decimals.map(|count: u32| count + 1);
        } else if *byte == form.mark && decimals.is_none() {
            decimals = Some(0);
        } else {
            return None;
        }
    }
    let has_digits = digits.len() > usize::from(decimals.is_some());
    let decimals = decimals.unwrap_or(u32::from(form.implied));
    let padding = u32::from(form.scale).checked_sub(decimals)?;
    magnitude *= POWERS_OF_TEN[padding as usize];
    let precision = usize::from(form.precision);
    let fits = POWERS_OF_TEN.get(precision).is_none_or(|limit| magnitude < *limit);
    (has_digits && fits).then_some(i128::from(magnitude))
}

const POWERS_OF_TEN: [u64; 19] = {
    let mut powers = [1; 19];
    let mut exponent = 1;
    while exponent < 19 {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// Cuts the last `implied` digits off. Fewer digits get zeros in front.
fn split_implied<'a>(
    digits: &'a [u8],
    implied: usize,
    padded: &'a mut [u8; 38],
) -> (&'a [u8], &'a [u8]) {
    match digits.len().checked_sub(implied) {
        Some(whole) => digits.split_at(whole),
        None => {
            padded[implied - digits.len()..implied].copy_from_slice(digits);
            (&[], &padded[..implied])
        }
    }
}

/// Reads a day written `YYYYMMDD` as days since 1 January 1970.
pub(crate) fn date(text: &[u8]) -> Result<i32, Rule> {
    let Some(digits) = text.try_into().ok().and_then(eight_digits) else {
        return Err(Rule::NotADate);
    };
    let (year, month, day) = (digits / 10_000, digits / 100 % 100, digits % 100);
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_of_month(year, month) {
        return Err(Rule::NotADate);
    }
    Ok(days_since_1970(year, month, day))
}

/// Reads a day written in a form of `strftime`, exactly so.
pub(crate) fn date_as(text: &[u8], format: &str) -> Result<i32, Rule> {
    let read = |text: &str| {
        let day = jiff::civil::Date::strptime(format, text).ok()?;
        let is_so = jiff::fmt::strtime::format(format, day).ok()? == text;
        (is_so && day.year() > 0).then_some(day)
    };
    let day = std::str::from_utf8(text).ok().and_then(read).ok_or(Rule::NotADate)?;
    Ok(days_since_1970(day.year().into(), day.month().into(), day.day().into()))
}

/// The number that eight digits write; none where one is no digit. Pairs, fours
/// and eights of digits are put together in one word.
fn eight_digits(text: [u8; 8]) -> Option<i32> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let word = u64::from_le_bytes(text);
    let is_of_digits =
        word & HIGH == ZEROS && word.wrapping_add(0x0606_0606_0606_0606) & HIGH == ZEROS;
    let digits = word.wrapping_sub(ZEROS);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    is_of_digits.then_some(eight as i32)
}

fn days_of_month(year: i32, month: i32) -> i32 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts in years that begin in March, so that the leap day comes last.
fn days_since_1970(year: i32, month: i32, day: i32) -> i32 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 719,468 days lie between 1 March of year 0 and 1 January 1970.
    year * 365 + leap_days + day_of_year - 719_468
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn are_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    &digits[zeros..]
}

fn number(start: u64, digits: &[u8]) -> u64 {
    digits.iter().fold(start, |value, digit| value * 10 + u64::from(digit - b'0'))
}

fn wide_number(start: i128, digits: &[u8]) -> i128 {
    digits.iter().fold(start, |value, digit| value * 10 + i128::from(digit - b'0'))
}
