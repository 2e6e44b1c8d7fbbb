//! The slow answer: whole numbers of any size, one row at a time.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::Array;
use arrow::util::display::array_value_to_string;
use num_bigint::{BigInt, Sign};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::Table;
use crate::rows::Row;

/// What a release must hold, or the column that no type can hold.
pub(super) type Expected = Result<BTreeMap<Vec<String>, Row>, Vec<&'static str>>;

/// A value in units of its last decimal, as text.
pub(super) fn written(units: Option<impl Into<BigInt>>, scale: usize) -> String {
    let Some(units) = units else { return String::new() };
    let units: BigInt = units.into();
    let sign = if units.sign() == Sign::Minus { "-" } else { "" };
    let digits = format!("{:0>width$}", units.magnitude().to_string(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
}

/// Adds up, divides and writes what a table should become.
pub(super) fn expected(table: &Table) -> Expected {
    let mut sums: BTreeMap<Vec<String>, [Option<BigInt>; 2]> = BTreeMap::new();
    for subset in 0..1_u32 << table.totals.len() {
        for row in &table.rows {
            let code = |(place, code): (usize, &Option<String>)| {
                let total = table.totals.iter().position(|total| *total == place);
                match total {
                    Some(bit) if subset & (1 << bit) != 0 => "total".to_owned(),
                    _ => code.clone().unwrap_or_default(),
                }
            };
            let key = row.codes.iter().enumerate().map(code).collect();
            let sum = sums.entry(key).or_default();
            for (sum, value) in sum.iter_mut().zip(&row.measures) {
                if let Some(value) = value {
                    *sum = Some(sum.take().unwrap_or_default() + BigInt::from(*value));
                }
            }
        }
    }
    let mut unheld = Vec::new();
    let more = if table.totals.is_empty() { 0 } else { 10 };
    let mut rows = BTreeMap::new();
    for (key, sums) in sums {
        let mut row: Row = table.names().into_iter().zip(key.iter().cloned()).collect();
        let names = ["m0", "m1"].into_iter().zip(sums.iter()).zip(table.types);
        for ((name, sum), (digits, scale)) in names {
            if too_long(sum.as_ref(), (digits + more).min(38)) {
                unheld.push(name);
            }
            row.insert(name.to_owned(), written(sum.clone(), scale));
        }
        let rate = rate(&sums, table);
        if too_long(rate.as_ref(), 38) {
            unheld.push("rate");
        }
        row.insert("rate".to_owned(), written(rate, table.decimals));
        rows.insert(key, row);
    }
    if unheld.is_empty() { Ok(rows) } else { Err(unheld) }
}

fn too_long(value: Option<&BigInt>, digits: usize) -> bool {
    value.is_some_and(|value| value.magnitude().to_string().len() > digits)
}

/// Twice the quotient, floored, says on which side of a half it lies.
fn rate(sums: &[Option<BigInt>; 2], table: &Table) -> Option<BigInt> {
    let [above, below] = sums;
    let (above, below) = (above.as_ref()?, below.as_ref()?);
    if below.sign() == Sign::NoSign {
        return None;
    }
    let ten = |exponent: usize| BigInt::from(10).pow(u32::try_from(exponent).unwrap());
    let [(_, above_scale), (_, below_scale)] = table.types;
    let above = above * ten(below_scale + table.decimals);
    let below = below * ten(above_scale);
    let is_negative = (above.sign() == Sign::Minus) != (below.sign() == Sign::Minus);
    let (above, below) = (BigInt::from(above.magnitude().clone()), below.magnitude().clone());
    let rounded: BigInt = (above * 2 / BigInt::from(below) + 1) / 2;
    Some(if is_negative { -rounded } else { rounded })
}

/// Rows of a Parquet file as texts, null as an empty one.
pub(super) fn parquet_rows(path: &Path) -> Vec<Row> {
    let file = std::fs::File::open(path).unwrap();
    #[expect(clippy::disallowed_methods, reason = "reads a release as strangers do")]
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let cell = |(name, column): (&String, &arrow::array::ArrayRef)| {
                let text = array_value_to_string(column, row).unwrap();
                (name.clone(), if column.is_null(row) { String::new() } else { text })
            };
            let schema = batch.schema();
            let names = schema.fields().iter().map(|field| field.name());
            rows.push(names.zip(batch.columns()).map(cell).collect());
        }
    }
    rows
}
