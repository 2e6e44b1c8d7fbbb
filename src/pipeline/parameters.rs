//! Parameters of a study and how TOML values become values of SQL.

use datafusion::common::ScalarValue;
use toml::de::DeValue;

use super::toml_reader::{At, Value};
use crate::error::Result;

/// A parameter of a study, bound in SQL as `$name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The value, as SQL sees it.
    pub value: ScalarValue,
    /// The value as it stands in the definition.
    pub text: String,
    /// Byte offset in the study's file.
    pub offset: usize,
}

impl Parameter {
    /// The value with its type in view, as SQL would write it: `5` is another
    /// parameter than `'5'`.
    pub fn literal(&self) -> String {
        match self.value {
            ScalarValue::Utf8(_) => format!("'{}'", self.text.replace('\'', "''")),
            ScalarValue::Date32(_) => format!("date '{}'", self.text),
            _ => self.text.clone(),
        }
    }

    /// Its type in a word.
    pub fn type_name(&self) -> &'static str {
        match self.value {
            ScalarValue::Utf8(_) => "text",
            ScalarValue::Date32(_) => "date",
            ScalarValue::Boolean(_) => "boolean",
            ScalarValue::Int64(_) => "integer",
            _ => "decimal",
        }
    }
}

/// Reads one parameter: integer as `Int64`, a number with a point as the exact
/// decimal that is written, text, truth values, days as `Date32`; bare, or as
/// `{ value = …, one_of = […] }`, which says what it may be.
///
/// # Errors
/// [`crate::Error::Definition`] for another type, and for a value that is not
/// one of those that it may be.
pub(crate) fn read_parameter(name: &At<String>, value: &Value<'_>) -> Result<Parameter> {
    if !value.get().is_table() {
        return read_value(name, value);
    }
    value.table(|table| {
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
    Ok(Parameter { value: scalar, text, offset: name.offset })
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
    let day: jiff::civil::Date = text.parse().ok()?;
    let epoch = jiff::civil::Date::constant(1970, 1, 1);
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
}
