//! Typed columns under construction: fields go in as bytes, Arrow arrays come
//! out. A rejected record is taken back by cutting the columns.

use std::sync::{Arc, LazyLock};

use arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Date32Array, Decimal128Array, Int64Array,
    NullBufferBuilder, StringArray, new_null_array,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::rejects::Rule;
use super::values::{self, DecimalForm};
use crate::error::{Error, Result};
use crate::pipeline::codebook::{Codebook, Column, ColumnType, TextEncoding};

/// Reason of a value that is null for a missing code.
pub const REASON_MISSING: &str = "missing";
/// Reason of a value that is null because the field is empty.
pub const REASON_EMPTY: &str = "empty";
/// Reason of a value that is null because its file has no such column.
pub const REASON_ABSENT: &str = "absent";

/// Schema of a source's raw table: the codebook's columns in their order, each
/// followed by `<name>_reason` where it keeps reasons. Mandatory columns are
/// not nullable.
pub fn raw_schema(codebook: &Codebook) -> SchemaRef {
    let mut fields = Vec::new();
    for column in &codebook.columns {
        fields.push(Field::new(&column.name, data_type(&column.kind), !column.is_mandatory));
        if column.keeps_reason {
            fields.push(Field::new(format!("{}_reason", column.name), DataType::Utf8, true));
        }
    }
    Arc::new(Schema::new(fields))
}

fn data_type(kind: &ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Decimal { precision, scale } => DataType::Decimal128(*precision, *scale as i8),
        ColumnType::Date => DataType::Date32,
        ColumnType::Boolean { .. } => DataType::Boolean,
    }
}

/// How one column is read: the codebook's words as bytes of the file.
pub(crate) struct ColumnPlan {
    /// The field of the record, none where the file has no such column.
    pub(crate) field: Option<usize>,
    kind: Kind,
    /// Missing and special codes with the reason they give.
    codes: Vec<(Vec<u8>, String)>,
    /// Bit `n` is set where a code has `n` bytes (63 stands for longer ones).
    code_lengths: u64,
    encoding: TextEncoding,
    is_mandatory: bool,
    keeps_reason: bool,
    data_type: DataType,
}

enum Kind {
    Text,
    Integer,
    Decimal(DecimalForm),
    Date,
    Boolean { true_codes: Vec<Vec<u8>>, false_codes: Vec<Vec<u8>> },
}

impl ColumnPlan {
    pub(crate) fn new(
        column: &Column,
        field: Option<usize>,
        encoding: TextEncoding,
        decimal_mark: u8,
    ) -> ColumnPlan {
        let bytes = |code: &String| encode(code, encoding);
        let all_bytes = |codes: &[String]| codes.iter().filter_map(bytes).collect::<Vec<_>>();
        let kind = match &column.kind {
            ColumnType::Text => Kind::Text,
            ColumnType::Integer => Kind::Integer,
            ColumnType::Date => Kind::Date,
            ColumnType::Decimal { precision, scale } => Kind::Decimal(DecimalForm {
                precision: *precision,
                scale: *scale,
                mark: decimal_mark,
                surplus: column.surplus_decimals,
            }),
            ColumnType::Boolean { true_codes, false_codes } => Kind::Boolean {
                true_codes: all_bytes(true_codes),
                false_codes: all_bytes(false_codes),
            },
        };
        let missing = column.missing.iter().map(|code| (code, REASON_MISSING));
        let special = column.special.iter().map(|(code, reason)| (code, reason.as_str()));
        let codes: Vec<_> = missing
            .chain(special)
            .filter_map(|(code, reason)| Some((bytes(code)?, reason.to_owned())))
            .collect();
        ColumnPlan {
            field,
            kind,
            code_lengths: codes.iter().fold(0, |bits, (code, _)| bits | length_bit(code)),
            codes,
            encoding,
            is_mandatory: column.is_mandatory,
            keeps_reason: column.keeps_reason,
            data_type: data_type(&column.kind),
        }
    }

    /// Why a field (without blanks around it) is null, where it is.
    fn reason_for_null(&self, field: &[u8]) -> Option<&str> {
        if self.code_lengths & length_bit(field) != 0
            && let Some((_, reason)) = self.codes.iter().find(|(code, _)| code == field)
        {
            return Some(reason);
        }
        field.is_empty().then_some(REASON_EMPTY)
    }
}

fn length_bit(text: &[u8]) -> u64 {
    1 << text.len().min(63)
}

/// The code in the file's encoding; none where no file can hold it.
fn encode(code: &str, encoding: TextEncoding) -> Option<Vec<u8>> {
    let code = code.trim_matches([' ', '\t']);
    match encoding {
        TextEncoding::Utf8 => Some(code.as_bytes().to_vec()),
        TextEncoding::Windows1252 => {
            let (bytes, _, has_unknown) = encoding_rs::WINDOWS_1252.encode(code);
            (!has_unknown).then(|| bytes.into_owned())
        }
    }
}

/// Adds text in windows-1252 to a string; every byte is a character there.
pub(crate) fn decode_windows_1252(bytes: &[u8], text: &mut String) {
    static CHARACTERS: LazyLock<Vec<char>> = LazyLock::new(|| {
        let bytes: Vec<u8> = (0..=255).collect();
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.chars().collect()
    });
    text.extend(bytes.iter().filter_map(|byte| CHARACTERS.get(usize::from(*byte))));
}

/// A column of one batch under construction.
pub(crate) struct ColumnBuffer<'a> {
    plan: &'a ColumnPlan,
    values: Values,
    valid: NullBufferBuilder,
    /// Why values are null, where the column keeps reasons.
    reasons: Option<(Texts, NullBufferBuilder)>,
    decoded: String,
}

enum Values {
    Text(Texts),
    Integer(Vec<i64>),
    Decimal(Vec<i128>),
    Date(Vec<i32>),
    Boolean(BooleanBufferBuilder),
}

impl<'a> ColumnBuffer<'a> {
    /// An empty column with room for about `rows` rows.
    pub(crate) fn new(plan: &'a ColumnPlan, rows: usize) -> Self {
        let values = match plan.kind {
            Kind::Text => Values::Text(Texts::with_capacity(rows)),
            Kind::Integer => Values::Integer(Vec::with_capacity(rows)),
            Kind::Decimal(_) => Values::Decimal(Vec::with_capacity(rows)),
            Kind::Date => Values::Date(Vec::with_capacity(rows)),
            Kind::Boolean { .. } => Values::Boolean(BooleanBufferBuilder::new(rows)),
        };
        let reasons = || (Texts::with_capacity(rows), NullBufferBuilder::new(rows));
        ColumnBuffer {
            plan,
            values,
            valid: NullBufferBuilder::new(rows),
            reasons: plan.keeps_reason.then(reasons),
            decoded: String::new(),
        }
    }

    /// Adds a field. After an error the column may hold a part of the row: it
    /// is to be cut.
    pub(crate) fn push(&mut self, field: &[u8]) -> Result<(), Rule> {
        let trimmed = trim(field);
        let plan = self.plan;
        if let Some(reason) = plan.reason_for_null(trimmed) {
            if plan.is_mandatory {
                return Err(Rule::MandatoryValueMissing);
            }
            self.push_null(reason);
            return Ok(());
        }
        match (&mut self.values, &plan.kind) {
            (Values::Text(texts), _) => {
                if plan.encoding == TextEncoding::Utf8 || field.is_ascii() {
                    texts.push(field);
                } else {
                    self.decoded.clear();
                    decode_windows_1252(field, &mut self.decoded);
                    texts.push(self.decoded.as_bytes());
                }
            }
            (Values::Integer(values), _) => values.push(values::integer(trimmed)?),
            (Values::Date(values), _) => values.push(values::date(trimmed)?),
            (Values::Decimal(values), Kind::Decimal(form)) => {
                values.push(values::decimal(trimmed, form)?);
            }
            (Values::Boolean(values), Kind::Boolean { true_codes, false_codes }) => {
                let stands_in = |codes: &[Vec<u8>]| codes.iter().any(|code| code == trimmed);
                let is_true = stands_in(true_codes);
                if !is_true && !stands_in(false_codes) {
                    return Err(Rule::NotABooleanCode);
                }
                values.append(is_true);
            }
            // `new` pairs values and kinds.
            (Values::Decimal(_), _) => return Err(Rule::NotADecimal),
            (Values::Boolean(_), _) => return Err(Rule::NotABooleanCode),
        }
        self.valid.append_non_null();
        if let Some((reasons, present)) = &mut self.reasons {
            reasons.push(b"");
            present.append_null();
        }
        Ok(())
    }

    fn push_null(&mut self, reason: &str) {
        match &mut self.values {
            Values::Text(texts) => texts.push(b""),
            Values::Integer(values) => values.push(0),
            Values::Decimal(values) => values.push(0),
            Values::Date(values) => values.push(0),
            Values::Boolean(values) => values.append(false),
        }
        self.valid.append_null();
        if let Some((reasons, present)) = &mut self.reasons {
            reasons.push(reason.as_bytes());
            present.append_non_null();
        }
    }

    /// Takes back all rows behind the first `rows`.
    pub(crate) fn cut(&mut self, rows: usize) {
        match &mut self.values {
            Values::Text(texts) => texts.cut(rows),
            Values::Integer(values) => values.truncate(rows),
            Values::Decimal(values) => values.truncate(rows),
            Values::Date(values) => values.truncate(rows),
            Values::Boolean(values) => values.truncate(rows.min(values.len())),
        }
        self.valid.truncate(rows);
        if let Some((reasons, present)) = &mut self.reasons {
            reasons.cut(rows);
            present.truncate(rows);
        }
    }

    /// The finished array, followed by the array of reasons where one is kept.
    pub(crate) fn finish(self) -> Result<impl Iterator<Item = ArrayRef>> {
        let nulls = self.valid.build();
        let values: ArrayRef = match self.values {
            Values::Text(texts) => texts.finish(nulls)?,
            Values::Integer(values) => Arc::new(Int64Array::new(values.into(), nulls)),
            Values::Date(values) => Arc::new(Date32Array::new(values.into(), nulls)),
            Values::Boolean(values) => Arc::new(BooleanArray::new(values.build(), nulls)),
            Values::Decimal(values) => Arc::new(
                Decimal128Array::new(values.into(), nulls)
                    .with_data_type(self.plan.data_type.clone()),
            ),
        };
        let reasons = match self.reasons {
            Some((reasons, present)) => Some(reasons.finish(present.build())?),
            None => None,
        };
        Ok(std::iter::once(values).chain(reasons))
    }
}

/// The arrays of a column that its file does not have.
pub(crate) fn absent_column(plan: &ColumnPlan, rows: usize) -> impl Iterator<Item = ArrayRef> {
    let reasons = plan.keeps_reason.then(|| {
        let reasons = std::iter::repeat_n(Some(REASON_ABSENT), rows);
        Arc::new(reasons.collect::<StringArray>()) as ArrayRef
    });
    std::iter::once(new_null_array(&plan.data_type, rows)).chain(reasons)
}

/// Texts end to end, as Arrow keeps them.
struct Texts {
    bytes: Vec<u8>,
    offsets: Vec<i32>,
}

impl Texts {
    fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Texts { bytes: Vec::with_capacity(rows * 8), offsets }
    }

    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        // A chunk is far smaller than what 31 bits count.
        self.offsets.push(self.bytes.len() as i32);
    }

    fn cut(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        self.bytes.truncate(self.offsets.last().map_or(0, |end| *end as usize));
    }

    fn finish(self, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        let array = StringArray::try_new(offsets, Buffer::from_vec(self.bytes), nulls);
        Ok(Arc::new(array.map_err(|_| Error::internal("a text column is not UTF-8"))?))
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The field without blanks around it.
fn trim(field: &[u8]) -> &[u8] {
    let mut field = field;
    while let [first, rest @ ..] = field
        && is_blank(*first)
    {
        field = rest;
    }
    while let [rest @ .., last] = field
        && is_blank(*last)
    {
        field = rest;
    }
    field
}
