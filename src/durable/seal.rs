//! Seals: each JSON file and each JSON line of a lake ends with a hash of what
//! stands before it, so that a bit that flipped in it is seen. A file of a
//! version that knew no seals has none.

use serde::Serialize;

use crate::error::{Error, Result};

/// Hex digits of a seal.
const DIGITS: usize = 16;

/// How a value is written.
struct Form {
    /// What stands between the value and the digits, which stand in its place
    /// of the end.
    before: &'static [u8],
    end: &'static [u8],
    /// What the end of an unsealed value is.
    unsealed_end: &'static [u8],
}

/// Indented, for people; and one line.
const FORMS: [Form; 2] = [
    Form { before: b",\n  \"seal\": \"", end: b"\"\n}\n", unsealed_end: b"\n}" },
    Form { before: b",\"seal\":\"", end: b"\"}\n", unsealed_end: b"}" },
];

/// What a seal says of the text before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// It is as it was written.
    Whole,
    /// There is none.
    None,
    /// It was changed.
    Broken,
}

/// A JSON object for people and machines: indented, sealed, with a line end.
///
/// # Errors
/// [`Error::Internal`] for values that JSON cannot hold.
pub fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let json = serde_json::to_vec_pretty(value).map_err(|error| cannot(&error))?;
    Ok(sealed(json, &FORMS[0]))
}

/// A JSON object in a line of its own, sealed.
///
/// # Errors
/// [`Error::Internal`] for values that JSON cannot hold.
pub fn to_line<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(value).map_err(|error| cannot(&error))?;
    Ok(sealed(json, &FORMS[1]))
}

fn cannot(error: &serde_json::Error) -> Error {
    Error::internal(format!("cannot write JSON: {error}"))
}

fn sealed(mut json: Vec<u8>, form: &Form) -> Vec<u8> {
    json.truncate(json.len() - form.unsealed_end.len());
    let digits = digits(&json);
    json.extend([form.before, digits.as_bytes(), form.end].concat());
    json
}

/// Holds a text that was written here against its seal.
pub fn check(text: &[u8]) -> Seal {
    for form in &FORMS {
        let Some(rest) = text.strip_suffix(form.end) else { continue };
        let Some(start) = rest.len().checked_sub(DIGITS) else { continue };
        let (rest, found) = rest.split_at(start);
        if let Some(content) = rest.strip_suffix(form.before) {
            return match digits(content).as_bytes() == found {
                true => Seal::Whole,
                false => Seal::Broken,
            };
        }
    }
    // A seal that stands elsewhere, or ends otherwise, was tampered with.
    match memchr::memmem::find(text, b"\"seal\"") {
        Some(_) => Seal::Broken,
        None => Seal::None,
    }
}

fn digits(content: &[u8]) -> String {
    blake3::hash(content).to_hex().chars().take(DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_of_a_sealed_text_is_seen() {
        let value =
            serde_json::json!({ "rows": 12, "seconds": 0.1, "name": "a \"seal\" of sorts" });
        for text in [to_json(&value).unwrap(), to_line(&value).unwrap()] {
            assert_eq!(check(&text), Seal::Whole);
            let back: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert_eq!((&back["rows"], back["seal"].as_str().unwrap().len()), (&12.into(), DIGITS));
            for bit in 0..text.len() * 8 {
                let mut flipped = text.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let is_read = serde_json::from_slice::<serde_json::Value>(&flipped);
                let is_same = is_read.is_ok_and(|read| read == back);
                // White space between the lines means nothing.
                assert!(is_same || check(&flipped) != Seal::Whole, "bit {bit}");
            }
        }
    }

    #[test]
    fn an_unsealed_text_is_of_an_earlier_version() {
        assert_eq!(check(b"{\n  \"rows\": 12\n}\n"), Seal::None);
        assert_eq!(check(b""), Seal::None);
        assert_eq!(check(b"{\"seal\":\"0123456789abcdef\"}\n"), Seal::Broken);
    }
}
