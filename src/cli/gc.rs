//! `honkvast gc`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::command_line::command_line;
use super::output::{aligned, print, print_json};
use super::upkeep::GcArguments;
use crate::error::Result;
use crate::lake::keeping::{Item, KeepRule};
use crate::run::Setup;
use crate::run::gc::{Collection, GcRequest};
use crate::stop::Stop;

pub(super) fn gc(setup: &Setup, arguments: &GcArguments, stop: &Stop) -> Result<u8> {
    let request = GcRequest {
        rule: KeepRule { days: arguments.keep_days, runs: arguments.keep_runs },
        is_dry: arguments.dry_run,
        wait: arguments.wait,
        command: command_line(),
    };
    let collection = crate::run::gc::gc(setup, &request, stop)?;
    if arguments.json {
        print_json(&as_json(&request, &collection))?;
    } else {
        print(&as_text(&request, &collection))?;
    }
    Ok(0)
}

fn as_json(request: &GcRequest, collection: &Collection) -> Value {
    let thing = |(item, bytes): (&Item, &u64)| match item {
        Item::Snapshot(id) => json!({"kind": "snapshot", "id": id, "bytes": bytes}),
        Item::Candidate(run) => json!({"kind": "candidate", "run": run, "bytes": bytes}),
        Item::Slice(slice, _, key) => {
            json!({"kind": "slice", "slice": slice.to_string(), "key": key, "bytes": bytes})
        }
        Item::Rejects(slice, key) => {
            json!({"kind": "rejects", "slice": slice.to_string(), "key": key, "bytes": bytes})
        }
        Item::Check(name, key) => {
            json!({"kind": "check", "name": name, "key": key, "bytes": bytes})
        }
        Item::Audit(key) => json!({"kind": "audit", "key": key, "bytes": bytes}),
    };
    let verdict = &collection.verdict;
    let things: Vec<Value> = verdict.items.iter().zip(&collection.sizes.own).map(thing).collect();
    json!({
        "is_dry_run": request.is_dry,
        "rule": request.rule,
        "kept_runs": verdict.kept_runs,
        "collected_runs": verdict.collected_runs,
        "goes": things,
        "bytes_freed": collection.sizes.freed,
    })
}

/// A row of the table: years, things and bytes.
type Row = (Vec<i32>, usize, u64);

fn as_text(request: &GcRequest, collection: &Collection) -> String {
    if collection.verdict.items.is_empty() {
        return "nothing to collect\n".to_owned();
    }
    let mut tables: BTreeMap<String, Row> = BTreeMap::new();
    for (item, bytes) in collection.verdict.items.iter().zip(&collection.sizes.own) {
        let Item::Slice(slice, ..) = item else { continue };
        let row = tables.entry(slice.table.to_string()).or_default();
        row.0.extend(slice.year);
        row.1 += 1;
        row.2 += bytes;
    }
    let header = ["table", "years", "slices", "bytes"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (table, (years, slices, bytes)) in tables {
        rows.push(vec![table, span(&years), slices.to_string(), bytes.to_string()]);
    }
    let mut text = if rows.len() > 1 { aligned(&rows) } else { String::new() };
    let count = |name: &str, is_wanted: &dyn Fn(&Item) -> bool| {
        (name.to_owned(), collection.count(is_wanted))
    };
    let beside = [
        count("snapshots", &|item| matches!(item, Item::Snapshot(_))),
        count("candidates", &|item| matches!(item, Item::Candidate(_))),
        count("files of rejects", &|item| matches!(item, Item::Rejects(..))),
        count("results of checks", &|item| matches!(item, Item::Check(..))),
        count("audits", &|item| matches!(item, Item::Audit(_))),
    ];
    let beside = beside.map(|(name, count)| format!("{name}: {count}"));
    text.push_str(&format!("{}\n", beside.join(", ")));
    let verb = if request.is_dry { "would come free" } else { "came free" };
    text.push_str(&format!("{} bytes {verb}\n", collection.sizes.freed));
    text
}

fn span(years: &[i32]) -> String {
    match (years.iter().min(), years.iter().max()) {
        (Some(first), Some(last)) if first == last => first.to_string(),
        (Some(first), Some(last)) => format!("{first}..{last}"),
        _ => "whole".to_owned(),
    }
}
