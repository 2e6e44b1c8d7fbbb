//! A table as protection sees it: codes of its rows and the counts in them.

use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use arrow::util::display::array_value_to_string;

use crate::error::{Error, Result};
use crate::pipeline::protection::{Counted, Protection};
use crate::pipeline::published::{Family, Published};

/// One table of a release.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its declaration.
    pub published: &'a Published,
    /// What its measures are.
    pub protection: &'a Protection,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Default)]
pub struct Row {
    /// The codes of the dimensions; none for a null.
    pub codes: Vec<Option<String>>,
    /// The counts, in the order of [`Protection::counts`].
    pub counts: Vec<Option<i64>>,
    /// Employers behind the row, at least.
    pub employers: Option<i64>,
    /// The largest and the second largest contribution to each count.
    pub contributions: Vec<Option<[i64; 2]>>,
    /// Public figures need no protection.
    pub is_public: bool,
}

impl<'a> Sheet<'a> {
    /// Reads a table with its inside columns.
    ///
    /// # Errors
    /// [`Error::Publication`] for a count that is no whole number or below zero.
    pub fn of(
        name: &'a str,
        published: &'a Published,
        protection: &'a Protection,
        batch: &RecordBatch,
    ) -> Result<Self> {
        let column = |column: &str| {
            let missing = || Error::internal(format!("{name}: no column {column}"));
            batch.column_by_name(column).ok_or_else(missing)
        };
        let dimensions: Vec<&ArrayRef> =
            published.dimensions.iter().map(|name| column(name)).collect::<Result<_>>()?;
        let numbers = |of: &str| whole_numbers(column(of)?, name, of);
        let counts: Vec<Vec<Option<i64>>> =
            protection.counts.keys().map(|count| numbers(count)).collect::<Result<_>>()?;
        let employers = protection.employers.as_ref().map(|of| numbers(of)).transpose()?;
        let contributions = |count: &String| -> Result<Option<[Vec<Option<i64>>; 2]>> {
            let Some([first, second]) = protection.contributions.get(count) else {
                return Ok(None);
            };
            Ok(Some([numbers(first)?, numbers(second)?]))
        };
        let contributions: Vec<_> =
            protection.counts.keys().map(contributions).collect::<Result<_>>()?;
        let families = match &published.family {
            Family::Whole(_) => None,
            Family::ByRow(of) => Some(column(of)?),
        };
        let sheet = Sheet { name, published, protection, rows: Vec::new() };
        let row = |row: usize| -> Result<Row> {
            let of_row = |columns: &Option<[Vec<Option<i64>>; 2]>| {
                let [first, second] = columns.as_ref()?;
                Some([first[row]?, second[row].unwrap_or(0)])
            };
            Ok(Row {
                codes: dimensions.iter().map(|it| code(it, row)).collect::<Result<_>>()?,
                counts: counts.iter().map(|count| count[row]).collect(),
                employers: employers.as_ref().and_then(|employers| employers[row]),
                contributions: contributions.iter().map(of_row).collect(),
                is_public: match (&published.family, families) {
                    (Family::Whole(family), _) => family == "public",
                    (Family::ByRow(_), column) => {
                        let family = column.and_then(|it| it.as_string_opt::<i32>());
                        family.is_some_and(|it| it.is_valid(row) && it.value(row) == "public")
                    }
                },
            })
        };
        let rows = (0..batch.num_rows()).map(row).collect::<Result<Vec<Row>>>()?;
        let sheet = Sheet { rows, ..sheet };
        sheet.refuse_below_zero()?;
        for sum in protection.sums.keys() {
            sheet.refuse_sum_below_zero(sum, column(sum)?)?;
        }
        Ok(sheet)
    }

    /// Whether a count has no zero in any row, so that a row says of itself that
    /// somebody is there.
    pub fn is_never_zero(&self, count: usize) -> bool {
        self.rows.iter().all(|row| row.counts[count].is_none_or(|value| value > 0))
    }

    fn refuse_below_zero(&self) -> Result<()> {
        for (number, row) in self.rows.iter().enumerate() {
            for (count, name) in row.counts.iter().zip(self.protection.counts.keys()) {
                if count.is_some_and(|count| count < 0) {
                    let words = self.row_words(number);
                    return Err(
                        self.refused(format!("the count `{name}` is below zero in: {words}"))
                    );
                }
            }
        }
        Ok(())
    }

    fn refuse_sum_below_zero(&self, name: &str, column: &ArrayRef) -> Result<()> {
        let is_below = |row: &usize| match column.data_type() {
            DataType::Decimal128(_, _) => {
                let sums = column.as_primitive::<Decimal128Type>();
                sums.is_valid(*row) && sums.value(*row) < 0
            }
            _ => {
                let sums = column.as_primitive_opt::<Int64Type>();
                sums.is_some_and(|sums| sums.is_valid(*row) && sums.value(*row) < 0)
            }
        };
        match (0..column.len()).find(is_below) {
            None => Ok(()),
            Some(row) => {
                let words = self.row_words(row);
                Err(self.refused(format!("the sum `{name}` is below zero in: {words}")))
            }
        }
    }

    /// The code of a dimension.
    pub(super) fn code<'r>(&self, row: &'r Row, dimension: &str) -> Option<&'r str> {
        let position = self.published.dimensions.iter().position(|it| it == dimension)?;
        row.codes[position].as_deref()
    }

    /// The counts that the figures of a row are computed from, beside its own.
    pub(super) fn origins_of(&self, row: &Row) -> impl Iterator<Item = &Counted> {
        let origins = self.protection.from.iter();
        let of_row = origins.filter(|it| it.fits(|dimension| self.code(row, dimension)));
        of_row.flat_map(|it| &it.counts)
    }

    /// Whether a row is one of those that must be shown.
    pub(super) fn must_show(&self, row: &Row) -> bool {
        let has = |(dimension, code): (&String, &String)| {
            self.code(row, dimension) == Some(code.as_str())
        };
        self.protection.shown.iter().any(|codes| codes.iter().all(has))
    }

    /// Counts that are part of another: declared so, or the two of a rate.
    pub(super) fn within(&self) -> BTreeSet<(&String, &String)> {
        let declared = self.protection.within.iter().map(|(part, base)| (part, base));
        let is_count = |name: &String| self.protection.counts.contains_key(name);
        let rates = self.published.rates.iter().map(|rate| (&rate.numerator, &rate.denominator));
        let rates = rates.filter(|(part, base)| is_count(part) && is_count(base));
        declared.chain(rates).collect()
    }

    /// A row by its dimensions.
    pub fn row_words(&self, row: usize) -> String {
        let words = self.published.dimensions.iter().zip(&self.rows[row].codes);
        let words =
            words.map(|(name, code)| format!("{name} {}", code.as_deref().unwrap_or("null")));
        words.collect::<Vec<_>>().join(", ")
    }

    /// A mistake of this table.
    pub(super) fn refused(&self, message: String) -> Error {
        Error::Publication { table: format!("out.{}", self.name), message, hint: None }
    }
}

fn code(column: &ArrayRef, row: usize) -> Result<Option<String>> {
    if column.is_null(row) {
        return Ok(None);
    }
    let unreadable = |_| Error::internal("a code that has no text");
    array_value_to_string(column, row).map(Some).map_err(unreadable)
}

/// A column of whole numbers.
fn whole_numbers(column: &ArrayRef, table: &str, name: &str) -> Result<Vec<Option<i64>>> {
    let refused = || Error::Publication {
        table: format!("out.{table}"),
        message: format!("`{name}` counts units and is no whole number"),
        hint: Some("cast it in the SQL: `cast(… as bigint)`".to_owned()),
    };
    let column = match column.data_type() {
        kind if kind.is_integer() => &cast(column, &DataType::Int64).map_err(|_| refused())?,
        _ => column,
    };
    match column.data_type() {
        DataType::Int64 => Ok(column.as_primitive::<Int64Type>().iter().collect()),
        DataType::Decimal128(_, 0) => {
            let numbers = column.as_primitive::<Decimal128Type>().iter();
            numbers
                .map(|number| number.map(i64::try_from).transpose().map_err(|_| refused()))
                .collect()
        }
        _ => Err(refused()),
    }
}
