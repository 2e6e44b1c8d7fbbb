//! `honkvast adopt`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::command_line::command_line;
use super::output::{aligned, print, print_json};
use super::upkeep::AdoptArguments;
use crate::error::Result;
use crate::pipeline::{SliceId, TableName};
use crate::plan::adopt::Fate;
use crate::run::Setup;
use crate::run::adopt::{AdoptRequest, Adoption, Difference};
use crate::stop::Stop;

pub(super) async fn adopt(setup: &Setup, arguments: &AdoptArguments, stop: &Stop) -> Result<u8> {
    let request = AdoptRequest {
        proves_all: arguments.all_slices,
        is_dry: arguments.dry_run,
        wait: arguments.wait,
        command: command_line(),
    };
    let adoption = crate::run::adopt::adopt(setup, &request, stop).await?;
    if arguments.json {
        print_json(&as_json(&request, &adoption))?;
    } else {
        print(&as_text(&request, &adoption))?;
    }
    Ok(0)
}

fn as_json(request: &AdoptRequest, adoption: &Adoption) -> Value {
    let adopted = adoption.fates.iter().filter_map(|(slice, fate)| match fate {
        Fate::Adoptable { from, to } => {
            let is_proven = adoption.proven.contains(slice);
            let slice = slice.to_string();
            Some(json!({"slice": slice, "from": from, "key": to, "is_proven": is_proven}))
        }
        _ => None,
    });
    let adopted: Vec<Value> = adopted.collect();
    let refused = adoption.refused.iter().map(|(table, (slice, difference))| {
        let why = match difference {
            Difference::Content => "other content",
            Difference::Failure(text) => text.as_str(),
        };
        json!({"table": table.to_string(), "slice": slice.to_string(), "why": why})
    });
    let refused: Vec<Value> = refused.collect();
    let names = |is_wanted: &dyn Fn(&Fate) -> bool| -> Vec<String> {
        let wanted = adoption.fates.iter().filter(|(_, fate)| is_wanted(fate));
        wanted.map(|(slice, _)| slice.to_string()).collect()
    };
    json!({
        "is_dry_run": request.is_dry,
        "adopted": adopted,
        "refused_tables": refused,
        "rests_on_refused": names(&|fate| matches!(fate, Fate::RestsOn(_))),
        "changed_otherwise": names(&|fate| matches!(fate, Fate::ToBeMade)),
        "up_to_date": names(&|fate| matches!(fate, Fate::UpToDate)).len(),
    })
}

/// What a table's slices are counted by.
#[derive(Default)]
struct Counts<'a> {
    adopted: usize,
    proven: Vec<&'a SliceId>,
    rests_on: BTreeSet<&'a TableName>,
    to_be_made: usize,
    up_to_date: usize,
}

fn as_text(request: &AdoptRequest, adoption: &Adoption) -> String {
    let mut tables: Vec<&TableName> = Vec::new();
    let mut counts: BTreeMap<&TableName, Counts<'_>> = BTreeMap::new();
    for (slice, fate) in &adoption.fates {
        if !counts.contains_key(&slice.table) {
            tables.push(&slice.table);
        }
        let of = counts.entry(&slice.table).or_default();
        match fate {
            Fate::Adoptable { .. } => of.adopted += 1,
            Fate::RestsOn(upstream) => drop(of.rests_on.insert(&upstream.table)),
            Fate::ToBeMade => of.to_be_made += 1,
            Fate::UpToDate => of.up_to_date += 1,
            Fate::Refused => {}
        }
        if matches!(fate, Fate::Adoptable { .. }) {
            of.proven.extend(adoption.proven.get(slice));
        }
    }
    let header = ["table", "adopted", "proven by", "else"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for table in tables {
        if let Some(counts) = counts.get(table) {
            rows.push(row(table, counts, adoption));
        }
    }
    let all: usize = counts.values().map(|counts| counts.adopted).sum();
    let verb = if request.is_dry { "would be adopted" } else { "adopted" };
    let next = "`honkvast run` makes the rest, checks and publishes";
    format!("{}{all} slices {verb}; {next}\n", aligned(&rows))
}

fn row(table: &TableName, counts: &Counts<'_>, adoption: &Adoption) -> Vec<String> {
    let proven = match counts.proven.as_slice() {
        [] => String::new(),
        [one] => one.year.map_or("the whole".to_owned(), |year| year.to_string()),
        more => format!("{} slices", more.len()),
    };
    let mut other = Vec::new();
    match adoption.refused.get(table) {
        Some((slice, Difference::Content)) => other.push(format!("{slice} comes out differently")),
        Some((slice, Difference::Failure(text))) => {
            other.push(format!("{slice} cannot be made anew: {text}"));
        }
        None => {}
    }
    other.extend(counts.rests_on.iter().map(|upstream| format!("rests on {upstream}")));
    if counts.to_be_made > 0 {
        other.push(format!("{} to be made for other reasons", counts.to_be_made));
    }
    if counts.up_to_date > 0 {
        other.push(format!("{} up to date", counts.up_to_date));
    }
    vec![table.to_string(), counts.adopted.to_string(), proven, other.join("; ")]
}
