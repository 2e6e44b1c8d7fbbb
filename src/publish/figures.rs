//! Exact figures: measures wide enough for every sum, the type in which they
//! are published, and their quotients. Whatever a type does not hold is named
//! by its row, never cut.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Decimal128Array, Decimal256Array, Int64Array};
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Decimal256Type, i256};
use num_bigint::{BigInt, Sign};

/// Digits of the type in which measures are added up: sums of 38 digits over
/// any number of rows.
pub(super) const WIDE_DIGITS: u8 = 76;

/// A measure in its wide type.
pub(super) struct Figures<'a> {
    values: &'a Decimal256Array,
    scale: u32,
}

/// A figure that its type does not hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unheld {
    /// The row.
    pub(super) row: usize,
    /// The type in words.
    pub(super) kind: String,
}

impl<'a> Figures<'a> {
    /// The figures of a wide column; none for another.
    pub(super) fn of(column: &'a ArrayRef) -> Option<Self> {
        let values = column.as_primitive_opt::<Decimal256Type>()?;
        Some(Figures { values, scale: u32::try_from(values.scale()).ok()? })
    }

    fn iter(&self) -> impl Iterator<Item = Option<i256>> + '_ {
        self.values.iter()
    }
}

/// A measure in the type in which it is published, of the same scale.
///
/// # Errors
/// The first figure that the type does not hold.
pub(super) fn settled(figures: &Figures<'_>, kind: &DataType) -> Result<ArrayRef, Unheld> {
    let DataType::Decimal128(digits, _) = kind else {
        let narrow = |value: i256| value.to_i128().and_then(|value| i64::try_from(value).ok());
        let integers = each(
            figures.iter(),
            |value| Some(narrow(value)),
            || "an integer of 64 bits".to_owned(),
        )?;
        return Ok(Arc::new(Int64Array::from(integers)));
    };
    let limit = BigInt::from(10).pow(u32::from(*digits));
    let narrow = |value: i256| value.to_i128().filter(|value| magnitude(*value) < limit);
    let words = || format!("decimal({digits}, {})", figures.scale);
    let decimals = each(figures.iter(), |value| Some(narrow(value)), words)?;
    decimal(decimals, *digits, figures.scale)
}

/// Numerators by denominators, exact, rounded half away from zero; null where
/// either is null or the denominator is zero.
///
/// # Errors
/// The first quotient that has more digits than a decimal of 38.
pub(super) fn quotients(
    numerators: &Figures<'_>,
    denominators: &Figures<'_>,
    decimals: u8,
) -> Result<ArrayRef, Unheld> {
    let limit = BigInt::from(10).pow(u32::from(DECIMAL128_MAX_PRECISION));
    let pairs = numerators.iter().zip(denominators.iter()).map(|(above, below)| above.zip(below));
    let quotient = |(above, below): (i256, i256)| {
        let above = big(above) * ten_to(denominators.scale + u32::from(decimals));
        let below = big(below) * ten_to(numerators.scale);
        let quotient = rounded_quotient(&above, &below)?;
        let fits = BigInt::from(quotient.magnitude().clone()) < limit;
        Some(i128::try_from(quotient).ok().filter(|_| fits))
    };
    let words = || format!("decimal({DECIMAL128_MAX_PRECISION}, {decimals})");
    let quotients = each(pairs, quotient, words)?;
    decimal(quotients, DECIMAL128_MAX_PRECISION, decimals.into())
}

/// Above by below, rounded half away from zero; none where below is zero.
fn rounded_quotient(above: &BigInt, below: &BigInt) -> Option<BigInt> {
    if below.sign() == Sign::NoSign {
        return None;
    }
    let quotient = above / below;
    let rest = above - &quotient * below;
    if rest.magnitude() * 2_u8 < *below.magnitude() {
        return Some(quotient);
    }
    let is_negative = above.sign() != below.sign();
    Some(if is_negative { quotient - 1 } else { quotient + 1 })
}

/// Applies `narrow` to each value that is there; it gives none for a null and
/// `Some(None)` for what does not fit.
fn each<T, N>(
    values: impl Iterator<Item = Option<T>>,
    narrow: impl Fn(T) -> Option<Option<N>>,
    kind: impl Fn() -> String,
) -> Result<Vec<Option<N>>, Unheld> {
    let narrowed = |(row, value): (usize, Option<T>)| match value.and_then(&narrow) {
        None => Ok(None),
        Some(Some(value)) => Ok(Some(value)),
        Some(None) => Err(Unheld { row, kind: kind() }),
    };
    values.enumerate().map(narrowed).collect()
}

fn decimal(values: Vec<Option<i128>>, digits: u8, scale: u32) -> Result<ArrayRef, Unheld> {
    let misfit = |_| Unheld { row: 0, kind: format!("decimal({digits}, {scale})") };
    let array = Decimal128Array::from(values);
    let array = array.with_precision_and_scale(digits, i8::try_from(scale).unwrap_or(i8::MAX));
    Ok(Arc::new(array.map_err(misfit)?))
}

fn magnitude(value: i128) -> BigInt {
    BigInt::from(value.unsigned_abs())
}

fn big(value: i256) -> BigInt {
    BigInt::from_signed_bytes_le(&value.to_le_bytes())
}

fn ten_to(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}
