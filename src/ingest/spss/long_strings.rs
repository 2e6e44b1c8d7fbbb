//! Value labels and missing values of strings longer than eight bytes, which
//! stand in extension records of their own and go by names.

use std::collections::BTreeMap;

use super::assemble::decoded;
use super::dictionary::{Dictionary, Value, without_padding};
use super::stream::ByteOrder;

/// Bytes of a missing value of a long string.
const MISSING_BYTES: usize = 8;
/// A variable has no more missing values.
const MOST_MISSING: usize = 3;

/// Variables by their names in upper case; long names go before short ones.
pub(super) fn names(dictionary: &Dictionary, short_names: &[String]) -> BTreeMap<String, usize> {
    let short = short_names.iter().enumerate();
    let long = dictionary.variables.iter().map(|variable| &variable.name).enumerate();
    short.chain(long).map(|(place, name)| (name.to_uppercase(), place)).collect()
}

/// Adds value labels: name, width, and so many values with their labels. What is
/// cut off is left out: labels are for people.
pub(super) fn add_labels(
    record: &[u8],
    names: &BTreeMap<String, usize>,
    dictionary: &mut Dictionary,
) {
    let (encoding, order) = (dictionary.encoding, dictionary.order);
    let mut rest = Reader { rest: record, order };
    while let Some(name) = rest.text() {
        let (Some(_width), Some(count)) = (rest.number(), rest.number()) else { return };
        let place = names.get(&decoded(name, encoding).to_uppercase()).copied();
        for _ in 0..count {
            let (Some(value), Some(label)) = (rest.text(), rest.text()) else { return };
            let variable = place.and_then(|place| dictionary.variables.get_mut(place));
            if let Some(variable) = variable {
                let value = Value::Text(without_padding(value).to_vec());
                variable.labels.push((value, decoded(label, encoding).into_owned()));
            }
        }
    }
}

/// Adds missing values: name, count, and the values of eight bytes behind one
/// length for all, or, by some old programs, behind a length each.
pub(super) fn add_missing(
    record: &[u8],
    names: &BTreeMap<String, usize>,
    dictionary: &mut Dictionary,
) {
    let (encoding, order) = (dictionary.encoding, dictionary.order);
    let mut rest = Reader { rest: record, order };
    while let Some(name) = rest.text() {
        let place = names.get(&decoded(name, encoding).to_uppercase()).copied();
        let Some(count) = rest.byte() else { return };
        for index in 0..count {
            // The length of the first value is that of all.
            if index == 0 || rest.has_length() {
                let Some(MISSING_BYTES) = rest.number() else { return };
            }
            let Some(value) = rest.take(MISSING_BYTES) else { return };
            let variable = place.and_then(|place| dictionary.variables.get_mut(place));
            if let Some(variable) = variable.filter(|v| v.missing.values.len() < MOST_MISSING) {
                let value = Value::Text(without_padding(value).to_vec());
                variable.missing.values.push(value);
            }
        }
    }
}

/// What is left of a record.
struct Reader<'a> {
    rest: &'a [u8],
    order: ByteOrder,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        usize::try_from(self.order.i32(bytes)).ok()
    }

    /// A text behind its length.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// Says whether the length of a missing value stands next. A value cannot
    /// begin so: it is text.
    fn has_length(&self) -> bool {
        let length = self.rest.get(..4).and_then(|bytes| bytes.try_into().ok());
        length.is_some_and(|bytes| self.order.i32(bytes) == MISSING_BYTES as i32)
    }
}
