//! `honkvast vintages`.

use serde_json::{Value, json};

use super::output::{print, print_json};
use super::reading::VintagesArguments;
use super::tables::open_lake;
use crate::error::Result;
use crate::lake::{Vintage, VintageFile};
use crate::pipeline::layout::LayoutColumn;
use crate::run::{Setup, refuse_unknown_sources};

pub(super) fn vintages(setup: &Setup, arguments: &VintagesArguments) -> Result<u8> {
    let lake = open_lake(setup)?;
    let wanted: Vec<String> = match &arguments.source {
        Some(source) => vec![source.clone()],
        None => setup.study.sources.keys().cloned().collect(),
    };
    refuse_unknown_sources(&setup.study, &wanted)?;
    let (mut all, mut text) = (Vec::new(), String::new());
    for source in wanted {
        let mut vintages = lake.vintages(&source)?;
        vintages.sort_by_key(|vintage| vintage.file.year_part());
        for mut vintage in vintages {
            if let Some(source) = setup.study.sources.get(&source) {
                vintage.layout = vintage.layout.as_told(&source.codebook, vintage.file.year);
            }
            text.push_str(&as_text(&source, &vintage));
            all.push(as_json(&source, &vintage));
        }
    }
    if arguments.json {
        print_json(&json!(all))?;
    } else if all.is_empty() {
        print("no vintage has been ingested\n")?;
    } else {
        print(&text)?;
    }
    Ok(0)
}

fn as_json(source: &str, vintage: &Vintage) -> Value {
    let mut value = json!(vintage);
    value["source"] = json!(source);
    value
}

fn as_text(source: &str, vintage: &Vintage) -> String {
    let Vintage { file, run, at, .. } = vintage;
    let how = if vintage.is_ingested { "ingested" } else { "accepted, and not ingested then," };
    let year = file.year.map(|year| format!(" {year}")).unwrap_or_default();
    let mut text = format!("{source}{year}  {}\n  {how} {at} by run {run}\n", named(file));
    let width = vintage.layout.record_width;
    let width = width.map(|width| format!(" in records of {width} characters")).unwrap_or_default();
    let columns: Vec<String> = vintage.layout.columns.iter().map(shown).collect();
    text.push_str(&format!("  {} columns{width}: {}\n", columns.len(), columns.join(", ")));
    let Some(before) = &vintage.compared_with else {
        text.push_str("  the first one\n");
        return text;
    };
    let drift = match vintage.drift.to_string() {
        drift if drift.is_empty() => "the same columns".to_owned(),
        drift if vintage.drift.is_none() => drift,
        drift => format!("{drift} ({})", vintage.decision),
    };
    text.push_str(&format!("  after {}: {drift}\n", named(before)));
    text
}

fn named(file: &VintageFile) -> String {
    let version: Vec<String> = file.version.iter().map(ToString::to_string).collect();
    match version.is_empty() {
        true => file.name.clone(),
        false => format!("{} (version {})", file.name, version.join(".")),
    }
}

fn shown(column: &LayoutColumn) -> String {
    match column.width {
        Some(width) => format!("{} {}({width})", column.name, column.kind),
        None => format!("{} {}", column.name, column.kind),
    }
}
