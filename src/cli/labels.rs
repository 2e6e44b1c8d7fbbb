//! `honkvast labels`.

use serde_json::json;

use super::output::{print, print_json};
use super::reading::LabelsArguments;
use super::tables::{manifest, open_lake};
use crate::error::Result;
use crate::lake::{FileColumn, FileDictionary, UserMissing};
use crate::pipeline::{Layer, SliceId};
use crate::run::{Setup, refuse_unknown_sources};

pub(super) fn labels(setup: &Setup, arguments: &LabelsArguments) -> Result<u8> {
    let lake = open_lake(setup)?;
    refuse_unknown_sources(&setup.study, std::slice::from_ref(&arguments.source))?;
    let is_wanted = |year: Option<i32>| match (arguments.years, year) {
        (Some(years), Some(year)) => years.contains(year),
        _ => true,
    };
    let (mut all, mut text) = (Vec::new(), String::new());
    for (slice, entry) in manifest(&lake, None)?.slices {
        let is_source = slice.table.layer == Layer::Raw && slice.table.name == arguments.source;
        if !is_source || !is_wanted(slice.year) {
            continue;
        }
        let record = lake.record(&slice, &entry.own, &entry.key)?;
        let dictionaries = lake.dictionaries(&record)?;
        for (place, file) in record.files.iter().enumerate() {
            let dictionary = dictionaries.get(place);
            text.push_str(&as_text(&slice, file, dictionary));
            all.push(json!({
                "slice": slice.to_string(),
                "file": file,
                "dictionary": dictionary,
            }));
        }
    }
    if arguments.json {
        print_json(&json!(all))?;
    } else if all.is_empty() {
        print("no such year is current\n")?;
    } else {
        print(&text)?;
    }
    Ok(0)
}

fn as_text(slice: &SliceId, file: &str, dictionary: Option<&FileDictionary>) -> String {
    let mut text = format!("{slice}  {file}\n");
    let Some(dictionary) = dictionary else {
        text.push_str("  was made by a version that kept no dictionary\n");
        return text;
    };
    let FileDictionary { format, encoding, columns, .. } = dictionary;
    text.push_str(&format!("  {format}, {encoding}, {} columns", columns.len()));
    if let Some(weight) = &dictionary.weight {
        text.push_str(&format!(", weighted by {weight}"));
    }
    if !dictionary.label.is_empty() {
        text.push_str(&format!(": {}", dictionary.label));
    }
    text.push('\n');
    columns.iter().for_each(|column| add_column(column, &mut text));
    text
}

fn add_column(column: &FileColumn, text: &mut String) {
    let kind = column.kind.as_deref().map(|kind| format!(" {kind}"));
    let format = column.format.as_deref().map(|format| format!(" {format}"));
    text.push_str(&["  ", &column.name].concat());
    text.push_str(&[kind.unwrap_or_default(), format.unwrap_or_default()].concat());
    if !column.label.is_empty() {
        text.push_str(&format!(": {}", column.label));
    }
    text.push('\n');
    for code in &column.codes {
        text.push_str(&format!("    {} = {}\n", code.code, code.label));
    }
    if !column.user_missing.is_empty() {
        let missing: Vec<String> = column.user_missing.iter().map(shown).collect();
        text.push_str(&format!("    user-missing: {}\n", missing.join(", ")));
    }
}

fn shown(missing: &UserMissing) -> String {
    match missing {
        UserMissing::Code { code } => code.clone(),
        UserMissing::Range { from, to } => {
            format!(
                "{}..{}",
                from.as_deref().unwrap_or("lowest"),
                to.as_deref().unwrap_or("highest")
            )
        }
    }
}
