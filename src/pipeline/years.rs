//! Years and ranges of years, as studies, codebooks and selections write them:
//! `2016`, `2016..2019` (both ends included), `2016..`, `..2009`.

use std::fmt;
use std::str::FromStr;

/// A range of years with both ends included; a missing end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearRange {
    /// First year, open where none.
    pub first: Option<i32>,
    /// Last year, open where none.
    pub last: Option<i32>,
}

impl YearRange {
    /// Every year.
    pub const ALL: YearRange = YearRange { first: None, last: None };

    /// Says whether the year lies in the range.
    pub fn contains(&self, year: i32) -> bool {
        self.first.is_none_or(|first| first <= year) && self.last.is_none_or(|last| year <= last)
    }
}

impl FromStr for YearRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let year = |part: &str| -> Result<Option<i32>, String> {
            if part.is_empty() {
                return Ok(None);
            }
            let digits = part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
            match part.parse() {
                Ok(year) if digits => Ok(Some(year)),
                _ => Err(format!("`{part}` is not a year of four digits")),
            }
        };
        let Some((first, last)) = text.split_once("..") else {
            let only = year(text)?.ok_or("a year is missing")?;
            return Ok(YearRange { first: Some(only), last: Some(only) });
        };
        let range = YearRange { first: year(first)?, last: year(last)? };
        match (range.first, range.last) {
            (Some(first), Some(last)) if last < first => {
                Err(format!("the range {first}..{last} ends before it begins"))
            }
            _ => Ok(range),
        }
    }
}

impl fmt::Display for YearRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => write!(f, "{first}"),
            (first, last) => {
                let show = |end: Option<i32>| end.map(|year| year.to_string()).unwrap_or_default();
                write!(f, "{}..{}", show(first), show(last))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_as_they_print() {
        for text in ["2016", "2016..2019", "2016..", "..2009", ".."] {
            assert_eq!(text.parse::<YearRange>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn ranges_that_make_no_sense_are_refused() {
        for text in ["", "16", "2019..2016", "20166", "a..b", "+201"] {
            assert!(text.parse::<YearRange>().is_err(), "{text}");
        }
    }
}
