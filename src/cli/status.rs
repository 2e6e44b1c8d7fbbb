//! `honkvast status`.

use std::collections::BTreeMap;

use serde_json::json;

use super::arguments::Form;
use super::output::{aligned, print, print_json};
use crate::error::Result;
use crate::lake::{Lake, Manifest};
use crate::plan::plan;
use crate::plan::select::Request;
use crate::publish::release::current_release;
use crate::run::{Inventory, Setup, gather, is_released, take_selection};

pub(super) async fn status(setup: &Setup, arguments: &Form) -> Result<u8> {
    let lake = Lake::open_existing(&setup.lake)?;
    let current = lake.as_ref().map(Lake::current).transpose()?.flatten();
    let holder = lake.as_ref().map(Lake::holder).transpose()?.flatten();
    let last = lake.as_ref().map(Lake::runs).transpose()?.unwrap_or_default().into_iter().next();
    let release = current_release(&setup.release)?;
    let is_fresh = match (&lake, &current) {
        (Some(lake), Some(current)) => is_released(&setup.study, lake, &setup.release, current)?,
        _ => false,
    };
    let pending = pending(setup, lake.as_ref());
    if arguments.json {
        let snapshot = current.as_ref().map(Manifest::id).transpose()?;
        print_json(&json!({
            "study": setup.study.name,
            "lake": setup.lake,
            "current": snapshot,
            "slices": current.as_ref().map(|current| current.slices.len()),
            "release": release,
            "release_is_of_current": is_fresh,
            "held_by": holder.map(|holder| holder.to_string()),
            "last_run": last,
            "pending_slices": pending.as_ref().ok().map(|(slices, _)| slices),
            "moves_current": pending.as_ref().ok().map(|(_, moves)| moves),
            "pending_unknown_because": pending.as_ref().err().map(ToString::to_string),
        }))?;
        return Ok(0);
    }
    let mut text = format!("study    {}: {}\n", setup.study.name, setup.study.title);
    text.push_str(&format!("lake     {}\n", setup.lake.display()));
    if let Some(holder) = holder {
        text.push_str(&format!("held by  {holder}\n"));
    }
    if let Some(last) = last {
        let status = format!("{:?}", last.status).to_lowercase();
        text.push_str(&format!("last run {} {status}: {}\n", last.run, last.command));
    }
    text.push_str(&match (release, is_fresh) {
        (None, _) => "release  none\n".to_owned(),
        (Some(key), true) => format!("release  {key}, of the current tables\n"),
        (Some(key), false) => format!("release  {key}, of earlier tables\n"),
    });
    text.push_str(&match pending {
        Ok((0, false)) => "pending  nothing\n".to_owned(),
        Ok((0, true)) => "pending  `current` moves to slices that the lake has\n".to_owned(),
        Ok((count, _)) => {
            format!("pending  {count} slices at most; `honkvast plan` says which and why\n")
        }
        Err(error) => format!("pending  not known: {error}\n"),
    });
    if let Some(current) = &current {
        text.push('\n');
        text.push_str(&aligned(&table_rows(current)));
    }
    print(&text)?;
    Ok(0)
}

/// How many slices a run would make at most, and whether it would move `current`
/// without making any.
fn pending(setup: &Setup, lake: Option<&Lake>) -> Result<(usize, bool)> {
    let inventory = Inventory::take(&setup.study, &setup.raw)?;
    let mut known = gather(setup, &inventory, lake, false)?;
    take_selection(setup, &inventory, &mut known, &Request::default())?;
    let plan = plan(&known.facts);
    Ok((plan.work().count(), plan.moves_current(&known.facts)))
}

/// One row a table: its years and rows.
fn table_rows(current: &Manifest) -> Vec<Vec<String>> {
    let mut tables: BTreeMap<String, (Vec<i32>, u64)> = BTreeMap::new();
    for (slice, entry) in &current.slices {
        let (years, rows) = tables.entry(slice.table.to_string()).or_default();
        years.extend(slice.year);
        *rows += entry.rows;
    }
    let mut text = vec![vec!["table".to_owned(), "years".to_owned(), "rows".to_owned()]];
    for (table, (years, rows)) in tables {
        let years = match (years.first(), years.last()) {
            (Some(first), Some(last)) => format!("{first}..{last} ({})", years.len()),
            _ => "whole".to_owned(),
        };
        text.push(vec![table, years, rows.to_string()]);
    }
    text
}
