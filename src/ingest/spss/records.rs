//! Reads the records of an SPSS dictionary as they stand in the file: header,
//! variables, value labels, extensions. What they mean together is left to
//! `assemble`.

use super::dictionary::Compression;
use super::stream::{ByteOrder, Stream};
use crate::error::{Error, Result};

/// More than any dictionary: 8 MB a case.
const MAX_ELEMENTS: usize = 1_000_000;
/// Bytes of names and labels that are kept of one file.
const MAX_KEPT_BYTES: u64 = 256 << 20;
const MAX_LABEL_BYTES: u32 = 64 * 1024;
const CASE_COUNT_BYTES: usize = 16;
/// Enough to see what a file is.
const HEAD_BYTES: usize = 256;

/// The records of a dictionary, text still in the file's encoding.
pub(super) struct Records {
    pub(super) compression: Compression,
    pub(super) bias: f64,
    /// Element of the weight variable, counted from one; 0 for none.
    pub(super) weight_element: i32,
    pub(super) case_count: Option<u64>,
    pub(super) label: Vec<u8>,
    pub(super) variables: Vec<VariableRecord>,
    /// Elements of a case.
    pub(super) elements: usize,
    pub(super) value_labels: Vec<ValueLabels>,
    /// Code page by its number.
    pub(super) code_page: Option<i32>,
    pub(super) extensions: Extensions,
    kept_bytes: u64,
}

/// Extension records that are used, as they are.
#[derive(Default)]
pub(super) struct Extensions {
    pub(super) long_names: Vec<u8>,
    pub(super) very_long_strings: Vec<u8>,
    pub(super) encoding: Option<Vec<u8>>,
    pub(super) long_labels: Vec<u8>,
    pub(super) long_missing: Vec<u8>,
}

/// One variable, or one segment of a very long string.
pub(super) struct VariableRecord {
    /// Its first element, counted from zero.
    pub(super) element: usize,
    /// Bytes of a string, 0 for a number.
    pub(super) width: usize,
    pub(super) name: [u8; 8],
    pub(super) label: Vec<u8>,
    pub(super) print_format: i32,
    /// The missing values are a range, and perhaps one value more.
    pub(super) has_missing_range: bool,
    pub(super) missing: Vec<[u8; 8]>,
}

/// Labels of values, and the variables that they are for.
pub(super) struct ValueLabels {
    pub(super) labels: Vec<([u8; 8], Vec<u8>)>,
    /// Elements of the variables, counted from zero.
    pub(super) elements: Vec<usize>,
}

impl Records {
    /// Reads the dictionary; the stream then stands at the cases.
    pub(super) fn read(stream: &mut Stream<'_>) -> Result<Records> {
        let mut records = read_header(stream)?;
        loop {
            match stream.i32()? {
                2 => records.read_variable(stream)?,
                3 => records.read_value_labels(stream)?,
                6 => {
                    let lines = stream.i32()?;
                    let lines = u64::try_from(lines);
                    let lines = lines.map_err(|_| stream.damaged("a document has no length"))?;
                    stream.skip(lines * 80)?;
                }
                7 => records.read_extension(stream)?,
                999 => {
                    stream.i32()?;
                    break;
                }
                _ => return Err(stream.damaged("the dictionary has an unknown record")),
            }
            if records.elements > MAX_ELEMENTS || records.kept_bytes > MAX_KEPT_BYTES {
                let message = "its dictionary is larger than honkvast reads";
                return Err(Error::raw_input(stream.path(), message)
                    .with_hint("save fewer variables, or shorter strings"));
            }
        }
        if records.variables.is_empty() {
            return Err(stream.damaged("the file has no variables"));
        }
        Ok(records)
    }

    /// Reads a variable with the continuations that a string of more than eight
    /// bytes has.
    fn read_variable(&mut self, stream: &mut Stream<'_>) -> Result<()> {
        let width = stream.i32()?;
        let width = usize::try_from(width).ok().filter(|width| *width <= 255);
        let width = width.ok_or_else(|| stream.damaged("a variable has an impossible width"))?;
        let has_label = stream.i32()?;
        let missing_count = stream.i32()?;
        let print_format = stream.i32()?;
        stream.i32()?;
        let name = stream.bytes()?;
        let label = match has_label {
            0 => Vec::new(),
            1 => self.read_label(stream)?,
            _ => return Err(stream.damaged("a variable's record is not one")),
        };
        if !(-3..=3).contains(&missing_count) || missing_count == -1 {
            return Err(stream.damaged("a variable has an impossible number of missing values"));
        }
        if width > 0 && missing_count < 0 {
            return Err(stream.damaged("a string has a range of missing values"));
        }
        let mut missing = Vec::new();
        for _ in 0..missing_count.unsigned_abs() {
            missing.push(stream.bytes()?);
        }
        self.variables.push(VariableRecord {
            element: self.elements,
            width,
            name,
            label,
            print_format,
            has_missing_range: missing_count < 0,
            missing,
        });
        self.elements += 1;
        self.kept_bytes += 128;
        for _ in 1..width.div_ceil(8) {
            let (kind, width) = (stream.i32()?, stream.i32()?);
            if (kind, width) != (2, -1) {
                return Err(stream.damaged("a string lacks its continuation"));
            }
            let (has_label, missing_count) = (stream.i32()?, stream.i32()?);
            if (has_label, missing_count) != (0, 0) {
                return Err(stream.damaged("the continuation of a string is not one"));
            }
            stream.skip(16)?;
            self.elements += 1;
        }
        Ok(())
    }

    fn read_label(&mut self, stream: &mut Stream<'_>) -> Result<Vec<u8>> {
        let length = u32::try_from(stream.i32()?).ok().filter(|length| *length <= MAX_LABEL_BYTES);
        let length = length.ok_or_else(|| stream.damaged("a label has an impossible length"))?;
        let label = stream.text(u64::from(length))?;
        stream.skip(u64::from(length.next_multiple_of(4) - length))?;
        self.kept_bytes += u64::from(length);
        Ok(label)
    }

    fn read_value_labels(&mut self, stream: &mut Stream<'_>) -> Result<()> {
        let count = stream.i32()?;
        let (mut labels, mut label_bytes) = (Vec::new(), 64);
        for _ in 0..count {
            let value = stream.bytes()?;
            let [length] = stream.bytes()?;
            let length = u64::from(length);
            labels.push((value, stream.text(length)?));
            stream.skip((length + 1).next_multiple_of(8) - (length + 1))?;
            self.kept_bytes += 64 + length;
            label_bytes += 64 + length;
            if self.kept_bytes > MAX_KEPT_BYTES {
                return Ok(());
            }
        }
        if stream.i32()? != 4 {
            return Err(stream.damaged("value labels are not followed by their variables"));
        }
        let count = stream.i32()?;
        let mut elements = Vec::new();
        for _ in 0..count {
            let element = usize::try_from(stream.i32()?).ok().and_then(|at| at.checked_sub(1));
            let element = element.filter(|element| *element < self.elements);
            elements
                .push(element.ok_or_else(|| stream.damaged("value labels are for no variable"))?);
            // Each variable gets labels of its own.
            self.kept_bytes = self.kept_bytes.saturating_add(label_bytes);
            if self.kept_bytes > MAX_KEPT_BYTES {
                return Ok(());
            }
        }
        self.value_labels.push(ValueLabels { labels, elements });
        Ok(())
    }

    fn read_extension(&mut self, stream: &mut Stream<'_>) -> Result<()> {
        let (kind, size, count) = (stream.i32()?, stream.i32()?, stream.i32()?);
        let length = u64::try_from(size).ok().zip(u64::try_from(count).ok());
        let length = length.map(|(size, count)| size * count);
        let length = length.ok_or_else(|| stream.damaged("an extension has no length"))?;
        if !matches!(kind, 3 | 4 | 13 | 14 | 16 | 20 | 21 | 22) {
            return stream.skip(length);
        }
        self.kept_bytes += length;
        if self.kept_bytes > MAX_KEPT_BYTES {
            return Ok(());
        }
        let content = stream.text(length)?;
        let extensions = &mut self.extensions;
        match kind {
            3 => self.take_integers(&content, stream)?,
            4 => check_system_missing(&content, stream)?,
            13 => extensions.long_names = content,
            14 => extensions.very_long_strings = content,
            16 => self.take_case_count(&content, stream.order),
            20 => extensions.encoding = Some(content),
            21 => extensions.long_labels.extend(content),
            _ => extensions.long_missing.extend(content),
        }
        Ok(())
    }

    /// Takes the form of floating-point numbers and the code page.
    fn take_integers(&mut self, content: &[u8], stream: &Stream<'_>) -> Result<()> {
        let number = |index: usize| -> Option<i32> {
            let bytes = content.get(index * 4..index * 4 + 4)?;
            Some(stream.order.i32(bytes.try_into().ok()?))
        };
        if number(4).is_some_and(|form| !matches!(form, 0 | 1)) {
            let message = "its numbers are not IEEE 754, which cannot be read";
            return Err(Error::raw_input(stream.path(), message)
                .with_hint("save it with a current version of SPSS"));
        }
        self.code_page = number(7).filter(|page| *page != 0);
        Ok(())
    }

    /// Takes the number of cases where the header has no room for it.
    fn take_case_count(&mut self, content: &[u8], order: ByteOrder) {
        let count = content.get(8..CASE_COUNT_BYTES).and_then(|bytes| bytes.try_into().ok());
        let count = count.and_then(|bytes| u64::try_from(order.i64(bytes)).ok());
        self.case_count = self.case_count.or(count.filter(|count| *count > 0));
    }
}

/// The one value that stands for "no number" must be the usual one.
fn check_system_missing(content: &[u8], stream: &Stream<'_>) -> Result<()> {
    let Some(bytes) = content.get(..8).and_then(|bytes| bytes.try_into().ok()) else {
        return Ok(());
    };
    let system_missing = stream.order.f64(bytes);
    if system_missing == -f64::MAX || system_missing.is_nan() {
        return Ok(());
    }
    Err(stream.damaged("another value than usual stands for system-missing"))
}

fn read_header(stream: &mut Stream<'_>) -> Result<Records> {
    let head = stream.at_hand()?;
    let head = head.get(..HEAD_BYTES).unwrap_or(head).to_vec();
    let magic: [u8; 4] = match head.get(..4).and_then(|magic| magic.try_into().ok()) {
        Some(magic) if matches!(&magic, b"$FL2" | b"$FL3") => magic,
        _ => return Err(no_sav(&head, stream)),
    };
    stream.skip(64)?;
    let layout: [u8; 4] = stream.bytes()?;
    stream.order = match (i32::from_le_bytes(layout), i32::from_be_bytes(layout)) {
        (2 | 3, _) => ByteOrder::Little,
        (_, 2 | 3) => ByteOrder::Big,
        _ => return Err(stream.damaged("the header has an unknown layout")),
    };
    stream.i32()?;
    let compression = match (&magic, stream.i32()?) {
        (b"$FL2", 0) => Compression::None,
        (b"$FL2", 1) => Compression::Bytecode,
        (b"$FL3", 2) => Compression::Zlib,
        _ => return Err(stream.damaged("the header has an unknown compression")),
    };
    let weight_element = stream.i32()?;
    let case_count = u64::try_from(stream.i32()?).ok();
    let bias = stream.bytes()?;
    let bias = stream.order.f64(bias);
    if !bias.is_finite() {
        return Err(stream.damaged("the header has no bias"));
    }
    stream.skip(17)?;
    let label = stream.text(64)?;
    stream.skip(3)?;
    Ok(Records {
        compression,
        bias,
        weight_element,
        case_count,
        label,
        variables: Vec::new(),
        elements: 0,
        value_labels: Vec::new(),
        code_page: None,
        extensions: Extensions::default(),
        kept_bytes: 0,
    })
}

/// Says what a file that is no system file of SPSS is instead, where it shows.
fn no_sav(head: &[u8], stream: &Stream<'_>) -> Error {
    let starts = |mark: &[u8]| head.starts_with(mark);
    let (message, hint) = if starts(&[0x5b, 0xc6, 0xd3, 0xf2]) {
        ("is encoded in EBCDIC, which cannot be read", "save it with a current version of SPSS")
    } else if head.get(8..20) == Some(b"ENCRYPTEDSAV") {
        ("is encrypted with a password", "save it in SPSS without a password")
    } else if starts(b"ASCII SPSS PORT FILE") || head.get(200..208) == Some(b"SPSSPORT") {
        ("is a portable file of SPSS (.por), which cannot be read", "save it in SPSS as .sav")
    } else {
        let hint = "is the codebook's `format` right, and the file one of this source?";
        ("is no SPSS file (.sav or .zsav): it does not begin as one", hint)
    };
    Error::raw_input(stream.path(), message).with_hint(hint)
}
