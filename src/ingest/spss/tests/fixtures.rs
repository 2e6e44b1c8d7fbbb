//! Files that pyreadstat wrote, held against what it reads from them.
//! `tests/spss/make.py` makes both.

use serde_json::{Map, Value, json};

use super::*;
use crate::lake::UserMissing;

const VALUES: &str = include_str!("../../../../tests/spss/values.json");
const FILES: [(&str, &[u8]); 3] = [
    ("plain.sav", include_bytes!("../../../../tests/spss/plain.sav")),
    ("packed.sav", include_bytes!("../../../../tests/spss/packed.sav")),
    ("blocks.zsav", include_bytes!("../../../../tests/spss/blocks.zsav")),
];

/// Days would be text; here they stay seconds.
const COLUMNS: &str = r#"
    { name = "c0", header = "rinpersoon", type = "text" },
    { name = "c1", header = "leeftijd", type = "text" },
    { name = "c2", header = "loon", type = "text" },
    { name = "c3", header = "gemeente", type = "text" },
    { name = "c4", header = "dag", type = "integer" },
    { name = "c5", header = "moment", type = "integer" },
    { name = "c6", header = "plaats", type = "text" },
    { name = "c7", header = "lang", type = "text" },
    { name = "c8", header = "heel_lang", type = "text" },"#;

fn seen() -> Value {
    serde_json::from_str(VALUES).unwrap()
}

/// A value as the other reader gives it; an empty text is none.
fn value(text: Option<&String>, seen: &Value) -> Value {
    match (text, seen) {
        (None, Value::String(_)) => json!(""),
        (Some(text), Value::Number(_)) => json!(text.parse::<f64>().unwrap()),
        (text, _) => json!(text),
    }
}

#[test]
fn files_of_another_program_are_read_as_it_reads_them() {
    let seen = seen();
    let (columns, mut cells) = (seen["columns"].as_object().unwrap(), 0);
    for (name, bytes) in FILES {
        let reading = read_as(name, bytes, &codebook("value", COLUMNS), 2, 5000).unwrap();
        assert_eq!(reading.outcome.warnings, [] as [&str; 0]);
        let names = reading.outcome.dictionary.columns.iter().map(|column| &column.name);
        for (place, column) in names.enumerate() {
            let seen = columns[column].as_array().unwrap();
            assert_eq!(reading.rows.len(), seen.len(), "{name}");
            for (row, seen) in reading.rows.iter().zip(seen) {
                assert_eq!(value(row[place].as_ref(), seen), *seen, "{name}: {column}");
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 3 * 9 * 40);
    let gemeente = columns["gemeente"].as_array().unwrap();
    let reading = read(FILES[0].1, &codebook("null", COLUMNS)).unwrap();
    for (row, seen) in reading.rows.iter().zip(gemeente) {
        assert_eq!(row[3], Some(format!("{:04}", seen.as_f64().unwrap())), "zeros in front");
    }
}

#[test]
fn dictionaries_of_another_program_are_read_as_it_reads_them() {
    let seen = seen();
    for (name, bytes) in FILES {
        let reading = read_as(name, bytes, &codebook("null", COLUMNS), 1, 5000).unwrap();
        let dictionary = reading.outcome.dictionary;
        assert_eq!(json!(dictionary.encoding.to_uppercase()), seen["encoding"]);
        assert_eq!(json!(dictionary.label), seen["label"]);
        for column in &dictionary.columns {
            let of = |what: &str| seen[what].get(&column.name).cloned().unwrap_or(Value::Null);
            assert_eq!(json!(column.format), of("formats"), "{name}");
            let label = (!column.label.is_empty()).then_some(&column.label);
            assert_eq!(json!(label), of("column_labels"), "{name}");
            let is_number = column.kind.as_deref() == Some("number");
            let code = |code: &String| {
                if is_number { format!("{:?}", code.parse::<f64>().unwrap()) } else { code.clone() }
            };
            let labels = column.codes.iter().map(|entry| (code(&entry.code), json!(entry.label)));
            let labels: Map<String, Value> = labels.collect();
            assert_eq!(
                json!(labels),
                if labels.is_empty() { json!({}) } else { of("value_labels") }
            );
            let number = |text: &String| match text.parse::<f64>() {
                Ok(number) if is_number => json!(number),
                _ => json!(text),
            };
            let missing = column.user_missing.iter().map(|missing| match missing {
                UserMissing::Code { code } => json!([number(code), number(code)]),
                UserMissing::Range { from, to } => {
                    json!([number(from.as_ref().unwrap()), number(to.as_ref().unwrap())])
                }
            });
            let missing: Vec<Value> = missing.collect();
            let wanted = of("user_missing");
            assert_eq!(json!(missing), if wanted.is_null() { json!([]) } else { wanted }, "{name}");
        }
    }
    assert_eq!(seen["value_labels"].as_object().unwrap().len(), 2);
    assert_eq!(seen["user_missing"].as_object().unwrap().len(), 3);
}
