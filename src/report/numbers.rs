//! Numbers as a language writes them, rounded half away from zero from the
//! exact figure of the table.

use super::words::{Both, both};

/// What a figure is, which says how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A share, in per cent.
    Share,
    /// The difference of two shares, in percentage points.
    Difference,
    /// A number.
    Number,
}

/// Decimals behind a share in per cent.
const SHARE_DECIMALS: u32 = 1;
/// A number with decimals keeps them below this.
const LARGE: f64 = 100.0;
const SMALL_DECIMALS: u32 = 2;
const MINUS: &str = "\u{2212}";

/// An exact figure for people. What is no decimal stays as it is.
pub(super) fn shown(figure: &str, unit: Unit) -> Both {
    written(figure, unit, decimals(figure, unit))
}

/// A mark of an axis: with the decimals that it has, and no more.
pub(super) fn tick(figure: &str, unit: Unit) -> Both {
    let has = figure.split_once('.').map_or(0, |(_, it)| it.trim_end_matches('0').len() as u32);
    let decimals = match unit {
        Unit::Number => has,
        Unit::Share | Unit::Difference => has.saturating_sub(2),
    };
    written(figure, if unit == Unit::Difference { Unit::Share } else { unit }, decimals)
}

fn decimals(figure: &str, unit: Unit) -> u32 {
    let is_whole = figure.split_once('.').is_none_or(|(_, it)| it.bytes().all(|it| it == b'0'));
    let is_large = figure.parse::<f64>().is_ok_and(|value| value.abs() >= LARGE);
    match unit {
        Unit::Share | Unit::Difference => SHARE_DECIMALS,
        Unit::Number if is_whole || is_large => 0,
        Unit::Number => SMALL_DECIMALS,
    }
}

fn written(figure: &str, unit: Unit, decimals: u32) -> Both {
    let shift = if unit == Unit::Number { 0 } else { 2 };
    let Some(number) = Rounded::of(figure, shift, decimals) else { return Both::same(figure) };
    let (nl, en) = (number.written('.', ','), number.written(',', '.'));
    match unit {
        Unit::Number => both(&nl, &en),
        Unit::Share => both(&format!("{nl}%"), &format!("{en}%")),
        Unit::Difference => both(&format!("{nl} %-punt"), &format!("{en} %-points")),
    }
}

/// A rounded decimal by its digits.
struct Rounded {
    is_negative: bool,
    whole: String,
    decimals: String,
}

impl Rounded {
    /// The figure times ten to `shift`, with so many decimals.
    fn of(figure: &str, shift: u32, decimals: u32) -> Option<Self> {
        let (is_negative, digits) = match figure.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, figure),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = u32::try_from(fraction.len()).ok()?;
        let wanted = shift + decimals;
        let rounded = if scale > wanted {
            let unit = 10_i128.checked_pow(scale - wanted)?;
            (all + unit / 2) / unit
        } else {
            all.checked_mul(10_i128.checked_pow(wanted - scale)?)?
        };
        let width = usize::try_from(decimals).ok()?;
        let text = format!("{rounded:0>width$}", width = width + 1);
        let (whole, decimals) = text.split_at(text.len() - width);
        Some(Rounded {
            is_negative: is_negative && rounded != 0,
            whole: whole.to_owned(),
            decimals: decimals.to_owned(),
        })
    }

    fn written(&self, thousands: char, point: char) -> String {
        let mut text = String::new();
        if self.is_negative {
            text.push_str(MINUS);
        }
        for (index, digit) in self.whole.chars().enumerate() {
            if index > 0 && (self.whole.len() - index).is_multiple_of(3) {
                text.push(thousands);
            }
            text.push(digit);
        }
        if !self.decimals.is_empty() {
            text.push(point);
            text.push_str(&self.decimals);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_writes_them() {
        let cases = [
            ("0.172837", Unit::Share, "17,3%", "17.3%"),
            ("1.000000", Unit::Share, "100,0%", "100.0%"),
            ("0.0005", Unit::Share, "0,1%", "0.1%"),
            ("0.00049", Unit::Share, "0,0%", "0.0%"),
            ("-0.0001", Unit::Share, "0,0%", "0.0%"),
            ("-0.016393", Unit::Difference, "\u{2212}1,6 %-punt", "\u{2212}1.6 %-points"),
            ("1234567", Unit::Number, "1.234.567", "1,234,567"),
            ("999", Unit::Number, "999", "999"),
            ("1.863783", Unit::Number, "1,86", "1.86"),
            ("1.865", Unit::Number, "1,87", "1.87"),
            ("-1.865", Unit::Number, "\u{2212}1,87", "\u{2212}1.87"),
            ("413.5", Unit::Number, "414", "414"),
            ("39.000000", Unit::Number, "39", "39"),
            ("99.995", Unit::Number, "100,00", "100.00"),
            ("1", Unit::Share, "100,0%", "100.0%"),
        ];
        for (figure, unit, nl, en) in cases {
            assert_eq!(shown(figure, unit), both(nl, en), "{figure}");
        }
        assert_eq!(tick("0.20", Unit::Share), both("20%", "20%"));
        assert_eq!(tick("0.025", Unit::Difference), both("2,5%", "2.5%"));
        assert_eq!(tick("1500", Unit::Number), both("1.500", "1,500"));
        assert_eq!(shown("none", Unit::Number), Both::same("none"));
    }
}
