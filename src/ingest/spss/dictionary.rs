//! What an SPSS file says of itself, as far as honkvast uses it. Reading it
//! from the file is left to `records` and `assemble`.

use encoding_rs::Encoding;

use super::print_format::PrintFormat;
use super::stream::ByteOrder;

/// How the cases are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Eight bytes an element.
    None,
    /// One byte a small number, by command bytes.
    Bytecode,
    /// Bytecode in blocks of zlib.
    Zlib,
}

/// The dictionary of one file.
#[derive(Debug)]
pub(crate) struct Dictionary {
    pub(crate) order: ByteOrder,
    pub(crate) encoding: &'static Encoding,
    pub(crate) compression: Compression,
    /// What bytecode adds to small numbers.
    pub(crate) bias: f64,
    /// Cases that the file declares, where it does.
    pub(crate) case_count: Option<u64>,
    /// Bytes of one case, a multiple of eight.
    pub(crate) case_bytes: usize,
    /// What the file calls itself.
    pub(crate) label: String,
    /// The weight variable, by its place among the variables.
    pub(crate) weight: Option<usize>,
    pub(crate) variables: Vec<Variable>,
}

/// One variable of a file.
#[derive(Debug)]
pub(crate) struct Variable {
    /// Long name, as written.
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) kind: Kind,
    pub(crate) format: PrintFormat,
    /// What values mean.
    pub(crate) labels: Vec<(Value, String)>,
    pub(crate) missing: Missing,
}

/// Where a variable's values stand in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number of eight bytes.
    Number {
        /// Its first byte.
        at: usize,
    },
    /// Text, padded with blanks.
    Text {
        /// Bytes of the text.
        width: usize,
        /// First byte and length of its pieces: one, or several of a very long
        /// string.
        pieces: Vec<(usize, usize)>,
    },
}

/// A value that the dictionary names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    /// Text in the file's encoding, without the blanks at its end.
    Text(Vec<u8>),
}

/// Values that the file declares to be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Missing {
    pub(crate) values: Vec<Value>,
    /// Least and greatest number, both included; infinite where unbounded.
    pub(crate) range: Option<(f64, f64)>,
}

impl Missing {
    /// Says whether the file declares anything missing.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.range.is_none()
    }

    /// Says whether a number is declared missing.
    pub(crate) fn has_number(&self, number: f64) -> bool {
        self.range.is_some_and(|(from, to)| from <= number && number <= to)
            || self.values.contains(&Value::Number(number))
    }

    /// Says whether a text, without blanks at its end, is declared missing.
    pub(crate) fn has_text(&self, text: &[u8]) -> bool {
        self.values.iter().any(|value| matches!(value, Value::Text(missing) if missing == text))
    }
}

/// Text as SPSS pads it, without what stands behind it: blanks, or the NUL bytes
/// that some programs write.
pub(crate) fn without_padding(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let [rest @ .., b' ' | 0] = text {
        text = rest;
    }
    text
}
