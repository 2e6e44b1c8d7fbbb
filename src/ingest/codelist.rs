//! Code lists: small CSV files of the definition, which say what codes mean,
//! by whom and from when to when. All columns are text.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};

use super::fields::Fields;
use crate::error::{Error, Result};
use crate::pipeline::names::is_identifier;
use crate::pipeline::toml_reader::DefinitionText;

/// The columns that every code list has.
pub const REQUIRED_COLUMNS: [&str; 5] =
    ["classification", "code", "source", "valid_from", "valid_to"];

const DELIMITER: u8 = b',';
const QUOTE: Option<u8> = Some(b'"');

/// Reads a code list (UTF-8, comma, header line) into one batch of text columns.
/// Empty fields are null.
///
/// # Errors
/// [`Error::Definition`] with file and line for each mistake: a required column
/// that is missing, a name that cannot stand in SQL, a line with more or fewer
/// fields, an entry without classification or code, or one that stands there twice.
pub fn read_codelist(list: &DefinitionText) -> Result<RecordBatch> {
    let text = list.text.strip_prefix('\u{feff}').unwrap_or(&list.text);
    let mut start = list.text.len() - text.len();
    let mut fields = Fields::default();
    let mut entries: Option<Entries> = None;
    for line in text.split_inclusive('\n') {
        let offset = start;
        start += line.len();
        let record = line.trim_end_matches(['\r', '\n']).as_bytes();
        if record.is_empty() {
            continue;
        }
        let count = fields.split(record, DELIMITER, QUOTE, usize::MAX);
        let count = count.map_err(|rule| list.mistake(offset, rule.text()))?;
        let values: Vec<_> = (0..count).map(|field| as_text(fields.get(record, field))).collect();
        match &mut entries {
            None => entries = Some(Entries::new(&values, list, offset)?),
            Some(entries) => entries.add(&values, list, offset)?,
        }
    }
    entries.ok_or_else(|| list.mistake(0, "the code list is empty"))?.finish()
}

fn as_text(field: &[u8]) -> String {
    String::from_utf8_lossy(field).trim().to_owned()
}

struct Entries {
    names: Vec<String>,
    columns: Vec<StringBuilder>,
    /// Places of classification, code, valid_from and, in a list that holds
    /// several variants, of the variant.
    key: Vec<usize>,
    /// Lines of the keys so far.
    known: BTreeMap<Vec<String>, usize>,
}

impl Entries {
    fn new(names: &[String], list: &DefinitionText, offset: usize) -> Result<Self> {
        let place = |name: &str| {
            names.iter().position(|known| known == name).ok_or_else(|| {
                list.mistake(offset, format!("the column `{name}` is missing"))
                    .with_hint(format!("a code list has {}", REQUIRED_COLUMNS.join(", ")))
            })
        };
        for name in REQUIRED_COLUMNS {
            place(name)?;
        }
        for (index, name) in names.iter().enumerate() {
            if !is_identifier(name) {
                let message = format!(
                    "the column name `{name}` must be lower-case letters, digits and underscores"
                );
                return Err(list.mistake(offset, message));
            }
            if names.iter().take(index).any(|known| known == name) {
                return Err(list.mistake(offset, format!("the column `{name}` stands here twice")));
            }
        }
        Ok(Entries {
            key: ["classification", "code", "valid_from", "variant"]
                .into_iter()
                .filter_map(|name| names.iter().position(|known| known == name))
                .collect(),
            columns: names.iter().map(|_| StringBuilder::new()).collect(),
            names: names.to_vec(),
            known: BTreeMap::new(),
        })
    }

    fn add(&mut self, values: &[String], list: &DefinitionText, offset: usize) -> Result<()> {
        if values.len() != self.names.len() {
            let message = format!("has {} fields, the header {}", values.len(), self.names.len());
            return Err(list.mistake(offset, message));
        }
        let value = |place: &usize| values.get(*place).cloned().unwrap_or_default();
        let key: Vec<String> = self.key.iter().map(value).collect();
        for (name, value) in ["classification", "code"].into_iter().zip(&key) {
            if value.is_empty() {
                return Err(list.mistake(offset, format!("`{name}` is empty")));
            }
        }
        let line = list.place(offset).line;
        if let Some(first) = self.known.insert(key, line) {
            let message =
                format!("the same classification, code and valid_from stand in line {first}");
            return Err(list.mistake(offset, message));
        }
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.append_option((!value.is_empty()).then_some(value));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<RecordBatch> {
        let field = |name: &String| {
            Field::new(name, DataType::Utf8, !matches!(name.as_str(), "classification" | "code"))
        };
        let schema = Schema::new(self.names.iter().map(field).collect::<Vec<_>>());
        let arrays =
            self.columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        RecordBatch::try_new(Arc::new(schema), arrays)
            .map_err(|_| Error::internal("a code list does not fit its schema"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, AsArray};

    const HEADER: &str = "classification,code,source,valid_from,valid_to,label\n";

    fn list(text: &str) -> DefinitionText {
        DefinitionText { file: "codelists/x.csv".into(), text: text.to_owned() }
    }

    #[test]
    fn a_code_list_keeps_leading_zeros_and_quoted_commas() {
        let text = format!("\u{feff}{HEADER}brc07,0711,CBS,2012,,\"Bio, chemie\"\r\n");
        let batch = read_codelist(&list(&text)).unwrap();
        assert_eq!(batch.num_rows(), 1);
        let value = |name: &str| batch[name].as_string::<i32>().clone();
        assert_eq!(value("code").value(0), "0711");
        assert_eq!(value("label").value(0), "Bio, chemie");
        assert!(value("valid_to").is_null(0));
    }

    #[test]
    fn each_mistake_has_its_line() {
        let row = "brc07,0711,CBS,2012,,x\n";
        for (text, line, message) in [
            (String::new(), 1, "is empty"),
            ("classification,code\n".to_owned(), 1, "`source` is missing"),
            (HEADER.replace("label", "Label"), 1, "lower-case"),
            (HEADER.replace("label", "code"), 1, "twice"),
            (format!("{HEADER}{row}a,b\n"), 3, "has 2 fields, the header 6"),
            (format!("{HEADER}{row}\n{row}"), 4, "stand in line 2"),
            (format!("{HEADER},0711,CBS,2012,,\n"), 2, "`classification` is empty"),
            (format!("{HEADER}brc07,\"0711,CBS,2012,,\n"), 2, "unclosed quote"),
        ] {
            let error = read_codelist(&list(&text)).unwrap_err();
            let shown = error.to_string();
            assert!(shown.starts_with(&format!("codelists/x.csv:{line}:1: ")), "{shown}");
            assert!(shown.contains(message), "{shown}");
        }
    }
}
