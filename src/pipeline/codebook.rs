//! The codebook of a source: format, columns, types, names per vintage,
//! missing and special codes. Its text is read in `codebook_reader`; reading a
//! file by it is left to `ingest`.

use super::told_names::in_year;
use super::years::YearRange;

pub use super::format::{Delimited, Fixed, Format, Position, Spss, TextEncoding, UserMissing};

/// How the raw files of one source are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codebook {
    /// What the source is, for people.
    pub title: String,
    /// How its files are written.
    pub format: Format,
    /// The columns to keep, in the order of the raw table.
    pub columns: Vec<Column>,
    /// A column that the codebook does not know is an error.
    pub is_strict: bool,
    /// Rejects allowed, in millionths of the records read.
    pub reject_limit_ppm: u32,
    /// Versions that are provisional, as an inclusive range of version numbers.
    pub provisional_versions: Option<(u64, u64)>,
}

/// One column of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name in the raw table.
    pub name: String,
    /// Meaning, for people.
    pub label: String,
    /// Names in the files per vintage; matched without regard to case.
    /// `{year}` stands for the file's year. The first range that fits counts.
    /// None where files do not name their columns.
    pub headers: Vec<(YearRange, String)>,
    /// Places in the records of fixed width text per vintage, none in other
    /// formats. The first range that fits counts.
    pub positions: Vec<(YearRange, Position)>,
    /// Fields of delimited text without a header line per vintage, counted from
    /// one; none in other formats. The first range that fits counts.
    pub fields: Vec<(YearRange, u32)>,
    /// Type of the values.
    pub kind: ColumnType,
    /// A file without this column is an error; otherwise the column is null.
    pub is_required: bool,
    /// A record without a value here is rejected.
    pub is_mandatory: bool,
    /// Codes that mean "no value" and become null.
    pub missing: Vec<String>,
    /// Codes with a meaning of their own: they become null, with the reason.
    pub special: Vec<(String, String)>,
    /// Keeps why a value is null in a further column `<name>_reason`.
    pub keeps_reason: bool,
    /// What to do with more decimals than the type has; an integer has none.
    pub surplus_decimals: SurplusDecimals,
    /// How days are written where not as `YYYYMMDD`, in the words of `strftime`.
    pub date_format: Option<String>,
    /// Blanks around a text are no part of it; of delimited text.
    pub is_trimmed: bool,
    /// Digits written without a mark whose last so many are decimals.
    pub implied_decimals: u8,
}

/// Type of a column's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// A code or text; leading zeros stay. Arrow `Utf8`.
    Text,
    /// A whole number. Arrow `Int64`.
    Integer,
    /// An exact number. Arrow `Decimal128(precision, scale)`.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits behind the mark, at most `precision`.
        scale: u8,
    },
    /// A day written `YYYYMMDD`. Arrow `Date32`.
    Date,
    /// A truth value. Arrow `Boolean`.
    Boolean {
        /// Codes for true.
        true_codes: Vec<String>,
        /// Codes for false.
        false_codes: Vec<String>,
    },
}

/// What happens to decimals that a type has no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurplusDecimals {
    /// The record is rejected (surplus zeros are not).
    Reject,
    /// Rounded, half away from zero.
    Round,
}

impl Column {
    /// The column's name in the files of a year (or of a source without years).
    pub fn header(&self, year: Option<i32>) -> Option<String> {
        of_year(&self.headers, year).map(|name| in_year(name, year))
    }

    /// The column's place in the records of fixed width text of a year.
    pub fn position(&self, year: Option<i32>) -> Option<Position> {
        of_year(&self.positions, year).copied()
    }

    /// The column's field, counted from one, in delimited text of a year that has
    /// no header line.
    pub fn field(&self, year: Option<i32>) -> Option<u32> {
        of_year(&self.fields, year).copied()
    }

    /// The name by which the layouts of a year's files have the column.
    pub fn name_in_layout(&self, year: Option<i32>) -> Option<String> {
        self.header(year).or_else(|| self.field(year).map(field_name))
    }
}

/// How a field goes that has no name, counted from one.
pub fn field_name(number: u32) -> String {
    format!("field {number}")
}

/// What holds for a year, or for a source without years: the first range that
/// fits counts.
pub(crate) fn of_year<T>(vintages: &[(YearRange, T)], year: Option<i32>) -> Option<&T> {
    let fits = |range: &YearRange| year.is_none_or(|year| range.contains(year));
    vintages.iter().find(|(range, _)| fits(range)).map(|(_, value)| value)
}
