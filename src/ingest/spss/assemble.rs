//! Puts the records of an SPSS dictionary together: text is decoded, segments
//! of very long strings become one variable, labels and missing values go to
//! their variables.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use encoding_rs::Encoding;

use super::dictionary::{Dictionary, Kind, Missing, Value, Variable, without_padding};
use super::print_format::PrintFormat;
use super::records::{Records, VariableRecord};
use super::stream::{ByteOrder, COPY_AGAIN};
use super::{encoding, long_strings};
use crate::error::{Error, Result};

/// Bytes of a segment of a very long string that are used.
const SEGMENT_BYTES: usize = 255;
/// Bytes by which each segment adds to the width.
const SEGMENT_WIDTH: usize = 252;

/// Makes a dictionary of its records.
pub(super) fn assemble(records: Records, order: ByteOrder, path: &Path) -> Result<Dictionary> {
    let name = records.extensions.encoding.as_deref().map(String::from_utf8_lossy);
    let encoding = encoding::find(name.as_deref(), records.code_page, path)?;
    let mut dictionary = Dictionary {
        order,
        encoding,
        compression: records.compression,
        bias: records.bias,
        case_count: records.case_count,
        case_bytes: records.elements * 8,
        label: decoded(&records.label, encoding).into_owned(),
        weight: None,
        variables: Vec::new(),
    };
    let short_names = take_variables(&records, &mut dictionary, path)?;
    let first_elements = first_elements(&dictionary);
    let place = |element: &usize| first_elements.get(element).copied();
    let weight = usize::try_from(records.weight_element).ok();
    let weight = weight.and_then(|element| element.checked_sub(1));
    dictionary.weight = weight.and_then(|element| place(&element));
    for labels in &records.value_labels {
        for variable in labels.elements.iter().filter_map(place) {
            let Some(variable) = dictionary.variables.get_mut(variable) else { continue };
            for (value, label) in &labels.labels {
                let value = value_of(value, &variable.kind, order);
                variable.labels.push((value, decoded(label, encoding).into_owned()));
            }
        }
    }
    let names = long_strings::names(&dictionary, &short_names);
    let extensions = &records.extensions;
    long_strings::add_labels(&extensions.long_labels, &names, &mut dictionary);
    long_strings::add_missing(&extensions.long_missing, &names, &mut dictionary);
    Ok(dictionary)
}

/// Takes the variables; gives their short names.
fn take_variables(
    records: &Records,
    dictionary: &mut Dictionary,
    path: &Path,
) -> Result<Vec<String>> {
    let encoding = dictionary.encoding;
    let extensions = &records.extensions;
    let long_names = pairs(&extensions.long_names, encoding);
    let widths = pairs(&extensions.very_long_strings, encoding);
    let mut short_names = Vec::new();
    let mut rest = records.variables.as_slice();
    while let [record, behind @ ..] = rest {
        let short_name = decoded(&record.name, encoding);
        let key = short_name.to_uppercase();
        let width = widths.get(&key).and_then(|width| width.parse().ok());
        let (kind, segments) = match width.filter(|width| *width > SEGMENT_BYTES) {
            Some(width) => long_string(rest, width)
                .ok_or_else(|| damaged("the segments of a very long string do not fit", path))?,
            None => (kind_of(record), 1),
        };
        dictionary.variables.push(Variable {
            name: long_names.get(&key).cloned().unwrap_or_else(|| short_name.clone().into_owned()),
            label: decoded(&record.label, encoding).into_owned(),
            format: PrintFormat::of(record.print_format),
            labels: Vec::new(),
            missing: missing_of(record, &kind, dictionary.order),
            kind,
        });
        short_names.push(short_name.into_owned());
        rest = behind.get(segments - 1..).unwrap_or_default();
    }
    Ok(short_names)
}

fn damaged(what: &str, path: &Path) -> Error {
    Error::raw_input(path, format!("{what}; the file is damaged")).with_hint(COPY_AGAIN)
}

/// Text of the dictionary, without the padding behind it.
pub(super) fn decoded<'a>(text: &'a [u8], encoding: &'static Encoding) -> Cow<'a, str> {
    encoding.decode_without_bom_handling(without_padding(text)).0
}

/// Reads `NAME=value` between tabs; names in upper case.
fn pairs(text: &[u8], encoding: &'static Encoding) -> BTreeMap<String, String> {
    let text = decoded(text, encoding);
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((name.trim().to_uppercase(), value.trim_matches(['\0', ' ']).to_owned()))
    };
    text.split('\t').filter_map(pair).collect()
}

fn kind_of(record: &VariableRecord) -> Kind {
    let at = record.element * 8;
    match record.width {
        0 => Kind::Number { at },
        width => Kind::Text { width, pieces: vec![(at, width)] },
    }
}

/// A very long string whose first segment comes first, and how many segments it
/// has; none where they are not as its width asks for.
fn long_string(records: &[VariableRecord], width: usize) -> Option<(Kind, usize)> {
    let count = width.div_ceil(SEGMENT_WIDTH);
    let segments = records.get(..count)?;
    let mut pieces = Vec::new();
    let mut left = width;
    for (index, segment) in segments.iter().enumerate() {
        let wanted = match index + 1 == count {
            true => width - index * SEGMENT_WIDTH,
            false => SEGMENT_BYTES,
        };
        // Some versions write the last segment wider than it needs to be.
        if segment.width == 0 || segment.width.div_ceil(8) != wanted.div_ceil(8) {
            return None;
        }
        let used = left.min(segment.width.min(SEGMENT_BYTES));
        if used > 0 {
            pieces.push((segment.element * 8, used));
        }
        left -= used;
    }
    (left == 0).then_some((Kind::Text { width, pieces }, count))
}

fn value_of(bytes: &[u8; 8], kind: &Kind, order: ByteOrder) -> Value {
    match kind {
        Kind::Number { .. } => Value::Number(order.f64(*bytes)),
        Kind::Text { width, .. } => {
            let text = bytes.get(..*width).unwrap_or(bytes);
            Value::Text(without_padding(text).to_vec())
        }
    }
}

fn missing_of(record: &VariableRecord, kind: &Kind, order: ByteOrder) -> Missing {
    let values = record.missing.iter().map(|bytes| value_of(bytes, kind, order));
    let mut values: Vec<Value> = values.collect();
    let mut range = None;
    if record.has_missing_range
        && let [Value::Number(from), Value::Number(to), ..] = *values.as_slice()
    {
        range = Some((bound(from), bound(to)));
        values.drain(..2);
    }
    Missing { values, range }
}

/// LOWEST and HIGHEST are the numbers next to system-missing and the greatest.
fn bound(number: f64) -> f64 {
    let lowest = (-f64::MAX).next_up();
    if number <= lowest {
        f64::NEG_INFINITY
    } else if number == f64::MAX {
        f64::INFINITY
    } else {
        number
    }
}

/// The places of variables by their first element.
fn first_elements(dictionary: &Dictionary) -> BTreeMap<usize, usize> {
    let first = |kind: &Kind| match kind {
        Kind::Number { at } => Some(*at / 8),
        Kind::Text { pieces, .. } => pieces.first().map(|(at, _)| at / 8),
    };
    let variables = dictionary.variables.iter().enumerate();
    variables.filter_map(|(place, variable)| Some((first(&variable.kind)?, place))).collect()
}
