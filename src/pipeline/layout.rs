//! The layout of a raw file: which columns it has and what their values look
//! like. Names and kinds only, no values. Reading it from a file is left to
//! `ingest`, comparing two vintages to `drift`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::codebook::Codebook;

/// The columns of one raw file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Characters of a record, of fixed width text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_width: Option<u64>,
    /// The columns in the order of the file.
    pub columns: Vec<LayoutColumn>,
}

impl Layout {
    /// The layout with its names as they may be told of such a file: a first line
    /// may have values.
    pub fn as_told(&self, codebook: &Codebook, year: Option<i32>) -> Layout {
        let mut layout = self.clone();
        if codebook.format.has_header() {
            let names: Vec<String> =
                self.columns.iter().map(|column| column.name.clone()).collect();
            let told = codebook.told_names(&names, year);
            layout.columns.iter_mut().zip(told).for_each(|(column, name)| column.name = name);
        }
        layout
    }
}

/// One column of a raw file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutColumn {
    /// Its name as the file's dictionary writes it; of a first line the
    /// codebook's, or the length of another. Where files have none, the codebook's
    /// in fixed width text, and the number of the field in delimited text.
    pub name: String,
    /// What its values look like.
    pub kind: Kind,
    /// Bytes of its values, where the file declares them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u64>,
}

/// What the values of a column look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// There are none.
    Empty,
    /// Digits.
    Integer,
    /// Numbers, most of them with decimals.
    Decimal,
    /// Numbers, some of them with decimals; the numbers of SPSS.
    Number,
    /// Days, written `YYYYMMDD` or declared as such.
    Date,
    /// Anything else.
    Text,
    /// Some of this and some of that, or too few values to say.
    Unclear,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Empty => "empty",
            Kind::Integer => "integer",
            Kind::Decimal => "decimal",
            Kind::Number => "number",
            Kind::Date => "date",
            Kind::Text => "text",
            Kind::Unclear => "unclear",
        })
    }
}

/// Fewer values than this say what a column is only where all agree, and where
/// they are half of the records.
const FEW_VALUES: u64 = 20;

/// How many values of a column look like what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FormCounts {
    /// Values that are none: empty, dashes, missing and special codes.
    pub nothing: u64,
    /// Digits that are no day, with or without a sign.
    pub whole: u64,
    /// Eight digits that are a day of the years 1800 to 2100.
    pub day: u64,
    /// Numbers with a decimal mark.
    pub decimal: u64,
    /// Anything else.
    pub text: u64,
}

impl FormCounts {
    /// What the column is, said so that honest noise does not change it: half
    /// of the values make it text and at most one in twenty leaves it a number;
    /// in between it is unclear. Decimals among numbers count alike.
    pub fn kind(&self) -> Kind {
        let FormCounts { nothing, whole, day, decimal, text } = *self;
        let numbers = whole + day + decimal;
        let values = numbers + text;
        if values == 0 {
            return Kind::Empty;
        }
        let forms = [whole, day, decimal, text];
        let is_one_form = forms.into_iter().filter(|count| *count > 0).count() == 1;
        if values < FEW_VALUES && !(is_one_form && values >= nothing) {
            return Kind::Unclear;
        }
        let is_half = |part: u64, of: u64| part * 2 >= of;
        let is_rest = |part: u64, of: u64| part * 20 <= of;
        if !is_rest(text, values) {
            return if is_half(text, values) { Kind::Text } else { Kind::Unclear };
        }
        if !is_rest(decimal, numbers) {
            return if is_half(decimal, numbers) { Kind::Decimal } else { Kind::Number };
        }
        match (is_rest(whole, whole + day), is_half(whole, whole + day)) {
            (true, _) => Kind::Date,
            (false, true) => Kind::Integer,
            (false, false) => Kind::Unclear,
        }
    }
}

impl Kind {
    /// Says whether a column that was this and is `now` that was retyped. What
    /// is empty or unclear on one side was not, nor numbers that may or may not
    /// have decimals.
    pub fn is_another(self, now: Kind) -> bool {
        use Kind::{Decimal, Empty, Integer, Number, Unclear};
        match (self, now) {
            (Empty | Unclear, _) | (_, Empty | Unclear) => false,
            (Number, Integer | Decimal) | (Integer | Decimal, Number) => false,
            (before, now) => before != now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(whole: u64, day: u64, decimal: u64, text: u64) -> Kind {
        FormCounts { nothing: 0, whole, day, decimal, text }.kind()
    }

    #[test]
    fn a_kind_needs_a_clear_majority() {
        assert_eq!(counts(0, 0, 0, 0), Kind::Empty);
        assert_eq!(counts(1000, 0, 0, 50), Kind::Integer);
        assert_eq!(counts(1000, 0, 0, 60), Kind::Unclear);
        assert_eq!(counts(500, 0, 0, 500), Kind::Text);
        assert_eq!(counts(1000, 0, 50, 0), Kind::Integer);
        assert_eq!(counts(1000, 0, 100, 0), Kind::Number);
        assert_eq!(counts(100, 0, 100, 0), Kind::Decimal);
        assert_eq!(counts(5, 95, 0, 0), Kind::Date);
        assert_eq!(counts(30, 70, 0, 0), Kind::Unclear);
        assert_eq!(counts(60, 40, 0, 0), Kind::Integer);
    }

    #[test]
    fn few_values_are_believed_only_where_all_agree_and_most_records_have_one() {
        let few = |nothing, whole, text| {
            FormCounts { nothing, whole, text, ..FormCounts::default() }.kind()
        };
        assert_eq!(few(0, 3, 0), Kind::Integer);
        assert_eq!(few(3, 3, 0), Kind::Integer);
        assert_eq!(few(4, 3, 0), Kind::Unclear);
        assert_eq!(few(0, 19, 1), Kind::Integer);
        assert_eq!(few(0, 18, 1), Kind::Unclear);
    }

    #[test]
    fn only_clear_kinds_are_retyped() {
        assert!(Kind::Integer.is_another(Kind::Text));
        assert!(Kind::Integer.is_another(Kind::Decimal));
        assert!(Kind::Date.is_another(Kind::Integer));
        assert!(Kind::Text.is_another(Kind::Number));
        for (before, now) in [
            (Kind::Empty, Kind::Text),
            (Kind::Text, Kind::Empty),
            (Kind::Unclear, Kind::Integer),
            (Kind::Number, Kind::Integer),
            (Kind::Decimal, Kind::Number),
            (Kind::Date, Kind::Date),
        ] {
            assert!(!before.is_another(now), "{before} {now}");
        }
    }
}
