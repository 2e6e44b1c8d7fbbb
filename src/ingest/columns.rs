//! Typed columns under construction: fields go in as bytes, Arrow arrays come
//! out. A rejected record is taken back by cutting the columns.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, NullBufferBuilder,
    StringArray, new_null_array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::codes::{Codes, encode};
use super::encoding::decode_windows_1252;
use super::rejects::Rule;
use super::texts::Texts;
use super::values::{self, DecimalForm};
use crate::error::Result;
use crate::pipeline::codebook::{Codebook, Column, ColumnType, TextEncoding};

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
    codes: Codes,
    encoding: TextEncoding,
    is_mandatory: bool,
    keeps_reason: bool,
    data_type: DataType,
}

enum Kind {
    Text {
        /// Blanks around a text are no part of it.
        is_trimmed: bool,
    },
    Integer(DecimalForm),
    Decimal(DecimalForm),
    Date,
    /// Written otherwise than `YYYYMMDD`.
    DateAs(String),
    Boolean {
        true_codes: Vec<Vec<u8>>,
        false_codes: Vec<Vec<u8>>,
    },
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
            ColumnType::Text => Kind::Text { is_trimmed: column.is_trimmed },
            ColumnType::Integer => {
                Kind::Integer(DecimalForm::of_integers(decimal_mark, column.surplus_decimals))
            }
            ColumnType::Date => column.date_format.clone().map_or(Kind::Date, Kind::DateAs),
            ColumnType::Decimal { precision, scale } => Kind::Decimal(DecimalForm {
                precision: *precision,
                scale: *scale,
                mark: decimal_mark,
                implied: column.implied_decimals,
                surplus: column.surplus_decimals,
            }),
            ColumnType::Boolean { true_codes, false_codes } => Kind::Boolean {
                true_codes: all_bytes(true_codes),
                false_codes: all_bytes(false_codes),
            },
        };
        ColumnPlan {
            field,
            kind,
            codes: Codes::new(column, encoding, decimal_mark),
            encoding,
            is_mandatory: column.is_mandatory,
            keeps_reason: column.keeps_reason,
            data_type: data_type(&column.kind),
        }
    }

    /// Why a field (without blanks around it) is null, by how it is spelled.
    fn reason_by_text(&self, field: &[u8]) -> Option<&str> {
        let reason = self.codes.reason_by_text(field);
        reason.or_else(|| field.is_empty().then_some(REASON_EMPTY))
    }
}

/// A column of one batch under construction.
pub(crate) struct ColumnBuffer<'a> {
    plan: &'a ColumnPlan,
    values: Values,
    nulls: Nulls,
}

enum Values {
    Text(Texts),
    Integer(Vec<i64>),
    Decimal(Vec<i128>),
    Date(Vec<i32>),
    Boolean(Vec<bool>),
}

/// Which values are null, and why, where the column keeps reasons.
struct Nulls {
    valid: NullBufferBuilder,
    /// Values behind the last null, which `valid` does not hold yet.
    run: usize,
    reasons: Option<(Texts, NullBufferBuilder)>,
}

impl<'a> ColumnBuffer<'a> {
    /// An empty column with room for about `rows` rows.
    pub(crate) fn new(plan: &'a ColumnPlan, rows: usize) -> Self {
        let values = match plan.kind {
            Kind::Text { .. } => Values::Text(Texts::with_capacity(rows)),
            Kind::Integer(_) => Values::Integer(Vec::with_capacity(rows)),
            Kind::Decimal(_) => Values::Decimal(Vec::with_capacity(rows)),
            Kind::Date | Kind::DateAs(_) => Values::Date(Vec::with_capacity(rows)),
            Kind::Boolean { .. } => Values::Boolean(Vec::with_capacity(rows)),
        };
        let reasons = || (Texts::with_capacity(rows), NullBufferBuilder::new(rows));
        let nulls = Nulls {
            valid: NullBufferBuilder::new(rows),
            run: 0,
            reasons: plan.keeps_reason.then(reasons),
        };
        ColumnBuffer { plan, values, nulls }
    }

    /// Adds fields by their places in a text (start and end), which is of ASCII
    /// alone where `is_ascii` says so. Calls `refuse` with the number of each
    /// field that does not fit, from zero, and puts a value in its place.
    pub(crate) fn extend(
        &mut self,
        text: &[u8],
        is_ascii: bool,
        places: impl Iterator<Item = (usize, usize)>,
        mut refuse: impl FnMut(usize, Rule),
    ) {
        let ColumnBuffer { plan, values, nulls } = self;
        let fields = Fields { plan, text, places, nulls };
        match (values, &plan.kind) {
            (Values::Text(texts), _) => {
                let is_plain = is_ascii || plan.encoding == TextEncoding::Utf8;
                fields.read_texts(texts, is_plain, refuse);
            }
            (Values::Integer(values), Kind::Integer(form)) => {
                fields.read(values, refuse, |field| values::integer(field, form));
            }
            (Values::Date(values), Kind::DateAs(format)) => {
                fields.read(values, refuse, |field| values::date_as(field, format));
            }
            (Values::Date(values), _) => fields.read(values, refuse, values::date),
            (Values::Decimal(values), Kind::Decimal(form)) => {
                fields.read(values, refuse, |field| values::decimal(field, form));
            }
            (Values::Boolean(values), Kind::Boolean { true_codes, false_codes }) => {
                let stands_in =
                    |codes: &[Vec<u8>], field: &[u8]| codes.iter().any(|code| code == field);
                fields.read(values, refuse, |field| match stands_in(true_codes, field) {
                    true => Ok(true),
                    false if stands_in(false_codes, field) => Ok(false),
                    false => Err(Rule::NotABooleanCode),
                });
            }
            // `new` pairs values and kinds.
            (Values::Integer(_), _) => refuse(0, Rule::NotAnInteger),
            (Values::Decimal(_), _) => refuse(0, Rule::NotADecimal),
            (Values::Boolean(_), _) => refuse(0, Rule::NotABooleanCode),
        }
    }

    /// Adds a null for a field that the file itself declares to be missing. Where
    /// the codebook lists the field as a code, its reason goes first.
    /// A column that must have a value refuses it, and has a null in its place.
    pub(crate) fn push_missing(&mut self, field: &[u8], reason: &str) -> Result<(), Rule> {
        match &mut self.values {
            Values::Text(texts) => texts.push(b""),
            Values::Integer(values) => values.push(0),
            Values::Decimal(values) => values.push(0),
            Values::Date(values) => values.push(0),
            Values::Boolean(values) => values.push(false),
        }
        let field = trim(field);
        let known = self.plan.codes.reason(field).or_else(|| self.plan.reason_by_text(field));
        self.nulls.push_null(known.unwrap_or(reason));
        if self.plan.is_mandatory { Err(Rule::MandatoryValueMissing) } else { Ok(()) }
    }

    /// The finished array, followed by the array of reasons where one is kept.
    pub(crate) fn finish(self) -> Result<impl Iterator<Item = ArrayRef>> {
        let Nulls { mut valid, run, reasons } = self.nulls;
        valid.append_n_non_nulls(run);
        let nulls = valid.build();
        let values: ArrayRef = match self.values {
            Values::Text(texts) => texts.finish(nulls)?,
            Values::Integer(values) => Arc::new(Int64Array::new(values.into(), nulls)),
            Values::Date(values) => Arc::new(Date32Array::new(values.into(), nulls)),
            Values::Boolean(values) => Arc::new(BooleanArray::new(values.into(), nulls)),
            Values::Decimal(values) => Arc::new(
                Decimal128Array::new(values.into(), nulls)
                    .with_data_type(self.plan.data_type.clone()),
            ),
        };
        let reasons = match reasons {
            Some((reasons, present)) => Some(reasons.finish(present.build())?),
            None => None,
        };
        Ok(std::iter::once(values).chain(reasons))
    }
}

impl Nulls {
    fn push_value(&mut self) {
        self.run += 1;
        if let Some((reasons, present)) = &mut self.reasons {
            reasons.push(b"");
            present.append_null();
        }
    }

    fn push_null(&mut self, reason: &str) {
        self.valid.append_n_non_nulls(std::mem::take(&mut self.run));
        self.valid.append_null();
        if let Some((reasons, present)) = &mut self.reasons {
            reasons.push(reason.as_bytes());
            present.append_non_null();
        }
    }
}

/// Fields on their way into one column.
struct Fields<'p, P> {
    plan: &'p ColumnPlan,
    text: &'p [u8],
    places: P,
    nulls: &'p mut Nulls,
}

impl<P: Iterator<Item = (usize, usize)>> Fields<'_, P> {
    fn read<T: Copy + Default + Into<i128>>(
        self,
        values: &mut Vec<T>,
        mut refuse: impl FnMut(usize, Rule),
        read: impl Fn(&[u8]) -> Result<T, Rule>,
    ) {
        let codes = &self.plan.codes;
        for (row, (start, end)) in self.places.enumerate() {
            let field = trim(self.text.get(start..end).unwrap_or_default());
            let outcome = match self.plan.reason_by_text(field) {
                Some(reason) => Err(Ok(reason)),
                None => match read(field) {
                    Ok(value) if !codes.may_be_value(value.into()) => Ok(value),
                    // A code may be one that the column could not hold.
                    outcome => match codes.reason_by_value(field) {
                        Some(reason) => Err(Ok(reason)),
                        None => outcome.map_err(Err),
                    },
                },
            };
            let outcome = match outcome {
                Ok(value) => Ok(value),
                Err(Ok(reason)) if !self.plan.is_mandatory => {
                    values.push(T::default());
                    self.nulls.push_null(reason);
                    continue;
                }
                Err(Ok(_)) => Err(Rule::MandatoryValueMissing),
                Err(Err(rule)) => Err(rule),
            };
            values.push(outcome.unwrap_or_else(|rule| {
                refuse(row, rule);
                T::default()
            }));
            self.nulls.push_value();
        }
    }

    fn read_texts(self, texts: &mut Texts, is_plain: bool, mut refuse: impl FnMut(usize, Rule)) {
        let mut decoded = String::new();
        let is_trimmed = matches!(self.plan.kind, Kind::Text { is_trimmed: true });
        for (row, (mut start, mut end)) in self.places.enumerate() {
            let mut field = self.text.get(start..end).unwrap_or_default();
            let trimmed = trim(field);
            if is_trimmed && trimmed.len() < field.len() {
                // Of blanks alone nothing is left, wherever it stands.
                start += field.len() - trim_start(field).len();
                end = start + trimmed.len();
                field = trimmed;
            }
            match self.plan.reason_by_text(trimmed) {
                Some(reason) if !self.plan.is_mandatory => {
                    texts.push(b"");
                    self.nulls.push_null(reason);
                    continue;
                }
                Some(_) => {
                    refuse(row, Rule::MandatoryValueMissing);
                    texts.push(b"");
                }
                None if is_plain || field.is_ascii() => texts.push_from(self.text, start, end),
                None => {
                    decoded.clear();
                    decode_windows_1252(field, &mut decoded);
                    texts.push(decoded.as_bytes());
                }
            }
            self.nulls.push_value();
        }
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

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The field without blanks in front.
pub(crate) fn trim_start(field: &[u8]) -> &[u8] {
    let mut field = field;
    while let [first, rest @ ..] = field
        && is_blank(*first)
    {
        field = rest;
    }
    field
}

/// The field without blanks around it.
pub(crate) fn trim(field: &[u8]) -> &[u8] {
    let mut field = trim_start(field);
    while let [rest @ .., last] = field
        && is_blank(*last)
    {
        field = rest;
    }
    field
}
