//! Parameters of a study and how TOML values become values of SQL.

use datafusion::common::ScalarValue;
use jiff::civil::Date;
use toml::de::DeValue;

use super::toml_reader::{At, Value};
use crate::error::Result;

/// A parameter of a study, bound in SQL as `$name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The value, as SQL sees it.
    pub value: ParameterValue,
    /// The value as it stands in the definition.
    pub text: String,
    /// Byte offset in the study's file.
    pub offset: usize,
}

/// What a parameter stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    /// The same everywhere.
    Fixed(ScalarValue),
    /// A day that each year has: in a slice, that day of the slice's year.
    DayOfEachYear {
        /// 1 to 12.
        month: i8,
        /// Day of the month; never 29 February.
        day: i8,
    },
}

impl Parameter {
    /// The value in a slice of a year, or in a query without one, where a day
    /// of each year is none.
    pub fn in_year(&self, year: Option<i32>) -> Option<ScalarValue> {
        match &self.value {
            ParameterValue::Fixed(value) => Some(value.clone()),
            ParameterValue::DayOfEachYear { month, day } => {
                let date = Date::new(i16::try_from(year?).ok()?, *month, *day).ok()?;
                day_number(date)
            }
        }
    }

    /// The value with its type in view, as SQL would write it: `5` is another
    /// parameter than `'5'`.
    pub fn literal(&self) -> String {
        match self.value {
            ParameterValue::Fixed(ScalarValue::Utf8(_)) => {
                format!("'{}'", self.text.replace('\'', "''"))
            }
            ParameterValue::Fixed(ScalarValue::Date32(_)) => format!("date '{}'", self.text),
            ParameterValue::Fixed(_) => self.text.clone(),
            ParameterValue::DayOfEachYear { .. } => format!("{} of each year", self.text),
        }
    }

    /// Its type in a word.
    pub fn type_name(&self) -> &'static str {
        match self.value {
            ParameterValue::DayOfEachYear { .. } => "day of each year",
            ParameterValue::Fixed(ScalarValue::Utf8(_)) => "text",
            ParameterValue::Fixed(ScalarValue::Date32(_)) => "date",
            ParameterValue::Fixed(ScalarValue::Boolean(_)) => "boolean",
            ParameterValue::Fixed(ScalarValue::Int64(_)) => "integer",
            ParameterValue::Fixed(_) => "decimal",
        }
    }
}

/// Reads one parameter: integer as `Int64`, a number with a point as the exact
/// decimal that is written, text, truth values, days as `Date32`; bare, or as
/// `{ value = …, one_of = […] }`, which says what it may be; or a day of each
/// year, `{ each_year = "10-01" }`.
///
/// # Errors
/// [`crate::Error::Definition`] for another type, and for a value that is not
/// one of those that it may be.
pub(crate) fn read_parameter(name: &At<String>, value: &Value<'_>) -> Result<Parameter> {
    if !value.get().is_table() {
        return read_value(name, value);
    }
    value.table(|table| {
        if let Some(day) = table.get("each_year") {
            return read_day_of_each_year(name, &day);
        }
        let own = table.need("value")?;
        let parameter = read_value(name, &own)?;
        let Some(one_of) = table.get("one_of") else { return Ok(parameter) };
        let mut allowed = Vec::new();
        for item in one_of.array()? {
            let other = read_value(name, &item)?;
            if other.type_name() != parameter.type_name() {
                let (other, wanted) = (other.type_name(), parameter.type_name());
                return Err(item.mistake(format!("must be {wanted} as the value, is {other}")));
            }
            allowed.push(other.literal());
        }
        if allowed.contains(&parameter.literal()) {
            return Ok(parameter);
        }
        Err(own.mistake(format!("{} must be one of {}", parameter.literal(), allowed.join(", "))))
    })
}

fn read_day_of_each_year(name: &At<String>, value: &Value<'_>) -> Result<Parameter> {
    let text = value.text()?.to_owned();
    // A year without 29 February: what it has, each year has.
    let date: Option<Date> = format!("2001-{text}").parse().ok().filter(|_| text.len() == 5);
    let date = date.ok_or_else(|| {
        value.mistake("must be month and day of a day that each year has, as \"10-01\"")
    })?;
    let value = ParameterValue::DayOfEachYear { month: date.month(), day: date.day() };
    Ok(Parameter { value, text, offset: name.offset })
}

fn read_value(name: &At<String>, value: &Value<'_>) -> Result<Parameter> {
    let (scalar, text) = match value.get() {
        DeValue::String(text) => (ScalarValue::Utf8(Some(text.to_string())), text.to_string()),
        DeValue::Boolean(truth) => (ScalarValue::Boolean(Some(*truth)), truth.to_string()),
        DeValue::Integer(_) => {
            let integer = value.integer()?;
            (ScalarValue::Int64(Some(integer)), integer.to_string())
        }
        DeValue::Float(float) => {
            let text = float.as_str().replace('_', "");
            let scalar = exact_decimal(&text)
                .ok_or_else(|| value.mistake("must be a plain decimal number, as 0.40"))?;
            (scalar, text)
        }
        DeValue::Datetime(day) => {
            let text = day.to_string();
            let scalar =
                date(&text).ok_or_else(|| value.mistake("must be a day, as 2016-10-01"))?;
            (scalar, text)
        }
        _ => return Err(value.mistake("must be a number, a text, a day, true or false")),
    };
    Ok(Parameter { value: ParameterValue::Fixed(scalar), text, offset: name.offset })
}

fn exact_decimal(text: &str) -> Option<ScalarValue> {
    let (whole, decimals) = text.split_once('.')?;
    let digits: i128 = format!("{whole}{decimals}").parse().ok()?;
    let precision =
        u8::try_from(whole.trim_start_matches(['-', '+']).len() + decimals.len()).ok()?;
    let scale = i8::try_from(decimals.len()).ok()?;
    (precision <= 38).then_some(ScalarValue::Decimal128(Some(digits), precision, scale))
}

fn date(text: &str) -> Option<ScalarValue> {
    day_number(text.parse().ok()?)
}

fn day_number(day: Date) -> Option<ScalarValue> {
    let epoch = Date::constant(1970, 1, 1);
    Some(ScalarValue::Date32(Some(epoch.until(day).ok()?.get_days())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_as_written() {
        assert_eq!(exact_decimal("0.40"), Some(ScalarValue::Decimal128(Some(40), 3, 2)));
        assert_eq!(exact_decimal("-1.5"), Some(ScalarValue::Decimal128(Some(-15), 2, 1)));
        assert_eq!(exact_decimal("1e3"), None);
    }

    #[test]
    fn a_day_of_each_year_is_a_day_of_the_slices_year_and_none_without_a_year() {
        let value = ParameterValue::DayOfEachYear { month: 10, day: 1 };
        let parameter = Parameter { value, text: "10-01".to_owned(), offset: 0 };
        assert_eq!(parameter.in_year(Some(2016)), date("2016-10-01"));
        assert_eq!(parameter.in_year(Some(2019)), date("2019-10-01"));
        assert_eq!(parameter.in_year(None), None);
    }
}
