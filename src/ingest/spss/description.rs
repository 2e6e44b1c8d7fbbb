//! An SPSS dictionary as it is kept beside a slice and shown to people.

use super::dictionary::{Dictionary, Kind, Value, Variable};
use super::parse::{form_of, push_form};
use crate::lake::{CodeLabel, FileColumn, FileDictionary, UserMissing};

/// The dictionary without the places of values.
pub(super) fn describe(dictionary: &Dictionary) -> FileDictionary {
    let name = |place| dictionary.variables.get(place).map(|variable: &Variable| &variable.name);
    FileDictionary {
        format: "spss".to_owned(),
        encoding: dictionary.encoding.name().to_lowercase(),
        label: dictionary.label.clone(),
        weight: dictionary.weight.and_then(name).cloned(),
        columns: dictionary.variables.iter().map(|of| column(of, dictionary)).collect(),
    }
}

fn column(variable: &Variable, dictionary: &Dictionary) -> FileColumn {
    let code = |value: &Value| code(value, variable, dictionary);
    let label =
        |(value, label): &(Value, String)| CodeLabel { code: code(value), label: label.clone() };
    let values = variable.missing.values.iter();
    let bound = |number: f64| number.is_finite().then(|| code(&Value::Number(number)));
    let range = variable
        .missing
        .range
        .map(|(from, to)| UserMissing::Range { from: bound(from), to: bound(to) });
    let (kind, width) = match &variable.kind {
        Kind::Number { .. } => ("number".to_owned(), 0),
        Kind::Text { width, .. } => (format!("text({width})"), *width),
    };
    FileColumn {
        name: variable.name.clone(),
        label: variable.label.clone(),
        kind: Some(kind),
        format: Some(variable.format.shown(width)),
        codes: variable.labels.iter().map(label).collect(),
        user_missing: range
            .into_iter()
            .chain(values.map(|value| UserMissing::Code { code: code(value) }))
            .collect(),
    }
}

/// A value as it would stand in a text column.
fn code(value: &Value, variable: &Variable, dictionary: &Dictionary) -> String {
    match value {
        Value::Number(number) => {
            let mut text = Vec::new();
            push_form(*number, form_of(variable), variable, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
        Value::Text(text) => dictionary.encoding.decode_without_bom_handling(text).0.into_owned(),
    }
}
