//! What a text means in a column, by way of strings.

use num_bigint::BigInt;

use crate::pipeline::codebook::{Column, ColumnType, SurplusDecimals};

/// The value and the reason where there is none.
pub(super) fn value(
    text: Option<String>,
    column: &Column,
    mark: u8,
) -> Result<(Option<String>, Option<String>), &'static str> {
    let Some(text) = text else { return Ok((None, Some("absent".to_owned()))) };
    let trimmed = text.trim_matches([' ', '\t']);
    let is_code = |code: &String| code == trimmed || is_same_number(code, trimmed, column, mark);
    let special = column.special.iter().find(|(code, _)| is_code(code));
    let reason = if column.missing.iter().any(is_code) {
        Some("missing".to_owned())
    } else if let Some((_, reason)) = special {
        Some(reason.clone())
    } else {
        trimmed.is_empty().then(|| "empty".to_owned())
    };
    if reason.is_some() {
        return if column.is_mandatory {
            Err("mandatory value missing")
        } else {
            Ok((None, reason))
        };
    }
    let value = match &column.kind {
        ColumnType::Text if column.is_trimmed => trimmed.to_owned(),
        ColumnType::Text => text,
        ColumnType::Integer => integer(trimmed, column, mark)?,
        ColumnType::Date => date(trimmed).ok_or("not a date")?,
        ColumnType::Decimal { precision, scale } => {
            let limits = (usize::from(*precision), usize::from(*scale));
            let rounds = column.surplus_decimals == SurplusDecimals::Round;
            {
                let implied = usize::from(column.implied_decimals);
                decimal(&written(trimmed, char::from(mark), implied), limits, rounds)?
            }
        }
        ColumnType::Boolean { true_codes, false_codes } => {
            let stands_in = |codes: &[String]| codes.iter().any(|code| code == trimmed);
            if !stands_in(true_codes) && !stands_in(false_codes) {
                return Err("not a boolean code");
            }
            stands_in(true_codes).to_string()
        }
    };
    Ok((Some(value), None))
}

/// Codes of numbers and days are values, however they are written.
fn is_same_number(code: &str, text: &str, column: &Column, mark: u8) -> bool {
    if matches!(column.kind, ColumnType::Text | ColumnType::Boolean { .. }) {
        return false;
    }
    let number = |text: &str| -> Option<BigInt> {
        let written = written(text, char::from(mark), usize::from(column.implied_decimals));
        let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
        is_number(&format!("{whole}{fraction}").replacen(['+', '-'], "", 1)).then_some(())?;
        format!("{whole}{fraction:0<90}").parse().ok()
    };
    number(code).is_some_and(|code| Some(code) == number(text))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn integer(text: &str, column: &Column, mark: u8) -> Result<String, &'static str> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let rounds = column.surplus_decimals == SurplusDecimals::Round;
    let text = match is_number(digits) {
        true => text.to_owned(),
        // A thousand, perhaps.
        false if !rounds && is_grouped(digits, char::from(mark)) => return Err("not an integer"),
        false => match decimal(&written(text, char::from(mark), 0), (38, 0), rounds) {
            Ok(whole) => whole,
            Err("decimal too large") => return Err("integer too large"),
            Err(_) => return Err("not an integer"),
        },
    };
    text.parse::<i64>().map(|value| value.to_string()).map_err(|_| "integer too large")
}

fn is_grouped(digits: &str, mark: char) -> bool {
    let parts: Vec<&str> = digits.split(mark).collect();
    matches!(parts[..], [whole, group] if (1..=3).contains(&whole.len()) && group.len() == 3)
}

/// The number with a point where the decimals begin.
fn written(text: &str, mark: char, implied: usize) -> String {
    if mark != '.' && text.contains('.') {
        return "none".to_owned();
    }
    let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
    if digits.contains(mark) || implied == 0 || !is_number(digits) {
        return text.replace(mark, ".");
    }
    let digits = format!("{}{digits}", "0".repeat(implied));
    let (whole, fraction) = digits.split_at(digits.len() - implied);
    format!("{sign}{whole}.{fraction}")
}

fn decimal(
    text: &str,
    (precision, scale): (usize, usize),
    rounds: bool,
) -> Result<String, &'static str> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if !is_number(&format!("{whole}{fraction}")) {
        return Err("not a decimal");
    }
    let surplus: String = fraction.chars().skip(scale).collect();
    if !rounds && surplus.contains(|c| c != '0') {
        return Err("too many decimals");
    }
    let kept: String = fraction.chars().chain("0".repeat(scale).chars()).take(scale).collect();
    let mut value: i128 = format!("0{whole}{kept}").parse().map_err(|_| "decimal too large")?;
    value += i128::from(surplus.starts_with(['5', '6', '7', '8', '9']));
    if value.to_string().len() > precision {
        return Err("decimal too large");
    }
    Ok((if text.starts_with('-') { -value } else { value }).to_string())
}

fn date(text: &str) -> Option<String> {
    if text.len() != 8 || !is_number(text) {
        return None;
    }
    let (year, month, day) =
        (text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
    let date = jiff::civil::Date::new(year, month, day).ok().filter(|date| date.year() > 0)?;
    Some((date - jiff::civil::date(1970, 1, 1)).get_days().to_string())
}
