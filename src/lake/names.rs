//! Names of runs and keys, and how slices are named in the lake's files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::pipeline::names::SliceId;

/// The fingerprint of what a slice would be made from: 32 hex digits.
pub type Key = Hex<32>;
/// The part of a key that does not depend on upstream content: 16 hex digits.
pub type OwnKey = Hex<16>;

/// Lower-case hex digits, `DIGITS` of them, the first of a blake3 hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hex<const DIGITS: usize>(String);

impl<const DIGITS: usize> Hex<DIGITS> {
    /// The first digits of a hash.
    pub fn of(hash: &blake3::Hash) -> Self {
        Hex(hash.to_hex().chars().take(DIGITS).collect())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const DIGITS: usize> fmt::Display for Hex<DIGITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const DIGITS: usize> FromStr for Hex<DIGITS> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == DIGITS && text.bytes().all(digit) {
            Ok(Hex(text.to_owned()))
        } else {
            Err(Error::internal(format!("`{text}` is not {DIGITS} hex digits")))
        }
    }
}

impl<const DIGITS: usize> TryFrom<String> for Hex<DIGITS> {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl<const DIGITS: usize> From<Hex<DIGITS>> for String {
    fn from(hex: Hex<DIGITS>) -> String {
        hex.0
    }
}

/// The last step of a second in the name of a run.
const LAST_FRACTION: u32 = (1 << 24) - 1;

/// Name of a run, `20261123T190355Z-3f2a9c`: its start in UTC, then the
/// fraction of the second in steps of 2^-24, so that names sort by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// The name of a run that starts now.
    pub fn now() -> Self {
        let now = jiff::Timestamp::now();
        let fraction = (u64::from(now.subsec_nanosecond().unsigned_abs()) << 24) / 1_000_000_000;
        RunId(format!("{}-{fraction:06x}", now.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// The name behind this one: a step of the fraction later.
    #[must_use]
    pub fn next(&self) -> Self {
        let fraction =
            self.0.split_once('-').and_then(|(_, text)| u32::from_str_radix(text, 16).ok());
        let (second, fraction) = match fraction {
            Some(fraction) if fraction < LAST_FRACTION => (self.started(), fraction + 1),
            _ => {
                (self.started().saturating_add(jiff::Span::new().seconds(1)).unwrap_or_default(), 0)
            }
        };
        RunId(format!("{}-{fraction:06x}", second.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When it started, to the second; the beginning of time for a name that is
    /// no moment.
    pub fn started(&self) -> jiff::Timestamp {
        let moment = self.0.split('-').next().and_then(|text| text.parse().ok());
        moment.unwrap_or(jiff::Timestamp::MIN)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RunId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let shape = |(position, byte): (usize, u8)| match position {
            8 => byte == b'T',
            15 => byte == b'Z',
            16 => byte == b'-',
            17.. => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            _ => byte.is_ascii_digit(),
        };
        if text.len() == 23 && text.bytes().enumerate().all(shape) {
            Ok(RunId(text.to_owned()))
        } else {
            Err(Error::usage(format!("`{text}` is not the name of a run"))
                .with_hint("`honkvast history` lists the runs"))
        }
    }
}

impl TryFrom<String> for RunId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(run: RunId) -> String {
        run.0
    }
}

/// The present moment as the ledger writes it, RFC 3339 in UTC.
pub fn now_text() -> String {
    jiff::Timestamp::now().to_string()
}

/// Reads a slice's name as it prints: `core.transitions 2018`, `raw.persons`.
pub fn parse_slice(text: &str) -> Option<SliceId> {
    let (table, year) = match text.split_once(' ') {
        Some((table, year)) => (table, Some(year.parse().ok()?)),
        None => (text, None),
    };
    Some(SliceId::new(table.parse().ok()?, year))
}

/// Slices in JSON, as they print.
pub(crate) mod slice_text {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    use crate::pipeline::names::SliceId;

    pub(crate) fn serialize<S: Serializer>(slice: &SliceId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(slice)
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<SliceId, D::Error> {
        let text = String::deserialize(from)?;
        super::parse_slice(&text).ok_or_else(|| D::Error::custom("not the name of a slice"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_names_read_as_they_print_and_sort_by_time() {
        let first = RunId::now();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let second = RunId::now();
        assert!(first < second);
        assert_eq!(first.as_str().parse::<RunId>().unwrap(), first);
        let named: RunId = "20261123T190355Z-3f2a9c".parse().unwrap();
        assert_eq!(named.started().to_string(), "2026-11-23T19:03:55Z");
        for text in
            ["", "20261123T190355Z-3f2a9", "../../../../../etc/passwd", "20261123t190355Z-3f2a9c"]
        {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_next_name_is_one_step_behind_also_at_the_end_of_a_second() {
        let next = |text: &str| text.parse::<RunId>().unwrap().next().to_string();
        assert_eq!(next("20261123T190355Z-3f2a9c"), "20261123T190355Z-3f2a9d");
        assert_eq!(next("20261231T235959Z-ffffff"), "20270101T000000Z-000000");
    }

    #[test]
    fn keys_are_hex_digits_of_one_length() {
        let hash = blake3::hash(b"x");
        assert_eq!(Key::of(&hash).as_str().len(), 32);
        assert!(hash.to_hex().starts_with(OwnKey::of(&hash).as_str()));
        assert!("ABCDEF0123456789".parse::<OwnKey>().is_err());
        assert!(serde_json::from_str::<OwnKey>("\"../../../../../..\"").is_err());
    }

    #[test]
    fn slices_read_as_they_print() {
        for text in ["core.transitions 2018", "raw.persons"] {
            assert_eq!(parse_slice(text).unwrap().to_string(), text);
        }
        for text in ["", "core", "core.x y", "core.X 2018", "core.x  2018"] {
            assert_eq!(parse_slice(text), None, "{text}");
        }
    }
}
