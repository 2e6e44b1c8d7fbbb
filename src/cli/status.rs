//! `honkvast status`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::arguments::Form;
use super::arrivals::{
    arrival_json, arrival_text, passed_over_json, passed_over_text, vintage_json,
};
use super::output::{aligned, print, print_json};
use crate::error::Result;
use crate::ingest::PassedOver;
use crate::lake::{Holder, Lake, Manifest, RunSummary, Vintage};
use crate::publish::release::{CurrentRelease, current_release};
use crate::run::{
    Arrival, Ask, Columns, Hashing, Moves, Prospect, ReleaseState, Setup, protection_state,
    release_state, standing,
};

/// How a study stands.
struct Standing {
    current: Option<Manifest>,
    holder: Option<Holder>,
    last: Option<RunSummary>,
    release: Option<CurrentRelease>,
    /// How it stands beside the current tables; an error where these are damaged.
    release_state: Result<ReleaseState>,
    /// Vintages in which something changed, by source.
    drifted: Vec<(String, Vintage)>,
    /// What a run would do; an error where none can begin.
    pending: Result<Pending>,
}

/// What a run would do.
struct Pending {
    /// Slices that it would make at most.
    slices: usize,
    moves: Moves,
    /// Files that it would ingest and in which something changed.
    drifted: Vec<Arrival>,
    /// What it would not take.
    passed_over: BTreeSet<PassedOver>,
}

pub(super) async fn status(setup: &Setup, arguments: &Form) -> Result<u8> {
    let standing = look_at(setup).await?;
    if arguments.json {
        print_json(&as_json(setup, &standing)?)?;
    } else {
        print(&as_text(setup, &standing))?;
    }
    Ok(0)
}

async fn look_at(setup: &Setup) -> Result<Standing> {
    let lake = Lake::open_existing(&setup.lake, &setup.study.name)?;
    let current = lake.as_ref().map(Lake::current).transpose()?.flatten();
    let release_state = release_state(setup, lake.as_ref(), current.as_ref());
    let drifted = lake.as_ref().map(|lake| standing(&setup.study, lake)).transpose()?;
    Ok(Standing {
        holder: lake.as_ref().map(Lake::holder).transpose()?.flatten(),
        last: lake.as_ref().map(Lake::runs).transpose()?.unwrap_or_default().into_iter().next(),
        release: current_release(&setup.release)?,
        drifted: drifted.unwrap_or_default(),
        pending: pending(setup, lake.as_ref(), &release_state).await,
        release_state,
        current,
    })
}

fn as_json(setup: &Setup, standing: &Standing) -> Result<Value> {
    let Standing { current, pending, release, .. } = standing;
    let snapshot = current.as_ref().map(Manifest::id).transpose()?;
    let (known, state) = (pending.as_ref().ok(), standing.release_state.as_ref().ok());
    let drifted = |pending: &Pending| pending.drifted.iter().map(arrival_json).collect::<Vec<_>>();
    let passed_over =
        |pending: &Pending| pending.passed_over.iter().map(passed_over_json).collect::<Vec<_>>();
    Ok(json!({
        "study": setup.study.name,
        "lake": setup.lake,
        "current": snapshot,
        "slices": current.as_ref().map(|current| current.slices.len()),
        "release": release.as_ref().map(|release| &release.key),
        "release_damage": release.as_ref().map(|release| &release.damage),
        "release_is_of_current":
            state.map(|it| matches!(it, ReleaseState::Stands | ReleaseState::Damaged(_))),
        "release_is_pending": state.map(ReleaseState::is_pending),
        "held_by": standing.holder.as_ref().map(ToString::to_string),
        "last_run": standing.last,
        "drift": standing.drifted.iter().map(vintage_json).collect::<Vec<_>>(),
        "pending_slices": known.map(|pending| pending.slices),
        "pending_drift": known.map(drifted),
        "passed_over": known.map(passed_over),
        "moves_current": known.map(|pending| pending.moves.current),
        "publishes": known.map(|pending| pending.moves.release),
        "is_pending": known.map(|pending| pending.moves.anything),
        "pending_unknown_because": pending.as_ref().err().map(ToString::to_string),
    }))
}

fn as_text(setup: &Setup, standing: &Standing) -> String {
    let mut text = format!("study    {}: {}\n", setup.study.name, setup.study.title);
    text.push_str(&format!("lake     {}\n", setup.lake.display()));
    if let Some(holder) = &standing.holder {
        text.push_str(&format!("held by  {holder}\n"));
    }
    if let Some(last) = &standing.last {
        let status = format!("{:?}", last.status).to_lowercase();
        text.push_str(&format!("last run {} {status}: {}\n", last.run, last.command));
        text.push_str(&last_run_text(last));
    }
    text.push_str(&release_text(standing));
    for (source, vintage) in &standing.drifted {
        let (file, drift) = (&vintage.file.name, &vintage.drift);
        text.push_str(&format!("drift    {source}: {file}: {drift} ({})\n", vintage.decision));
    }
    text.push_str(&pending_text(&standing.pending));
    for passed_over in standing.pending.iter().flat_map(|pending| &pending.passed_over) {
        text.push_str(&format!("         {}", passed_over_text(passed_over)));
    }
    if let Some(current) = &standing.current {
        text.push('\n');
        text.push_str(&aligned(&table_rows(current)));
    }
    text
}

/// What the last run has left to look at.
fn last_run_text(last: &RunSummary) -> String {
    let failure = last.message.iter().flat_map(|message| message.lines());
    let failure = failure.map(|line| format!("         {line}\n"));
    let skipped = match last.skipped.len() {
        0 => None,
        1 => Some("         1 slice was not made, since what it needs failed\n".to_owned()),
        many => {
            Some(format!("         {many} slices were not made, since what they need failed\n"))
        }
    };
    let warnings = last.warnings.iter().map(|warning| format!("         warning: {warning}\n"));
    failure.chain(skipped).chain(warnings).collect()
}

fn release_text(standing: &Standing) -> String {
    let mut text = match (&standing.release, &standing.release_state) {
        (None, _) => "release  none\n".to_owned(),
        (Some(release), Ok(ReleaseState::Stands | ReleaseState::Damaged(_))) => {
            format!("release  {}, of the current tables\n", release.key)
        }
        (Some(release), Err(_)) => format!("release  {}\n", release.key),
        (Some(release), _) => format!("release  {}, of earlier tables\n", release.key),
    };
    for damage in standing.release.iter().flat_map(|release| &release.damage) {
        text.push_str(&format!("         {damage}\n"));
    }
    text
}

fn pending_text(pending: &Result<Pending>) -> String {
    let pending = match pending {
        Ok(pending) => pending,
        Err(error) => return format!("pending  not known: {error}\n"),
    };
    let what = match pending {
        Pending { moves: Moves { anything: false, .. }, .. } => "nothing".to_owned(),
        Pending { slices: 0, moves: Moves { current: true, .. }, .. } => {
            "`current` moves to slices that the lake has".to_owned()
        }
        Pending { slices: 0, .. } => "the release is to be written".to_owned(),
        Pending { slices, .. } => {
            format!("{slices} slices at most; `honkvast plan` says which and why")
        }
    };
    let drifted = pending.drifted.iter().map(arrival_text);
    let drifted: String = drifted.map(|text| format!("         {text}")).collect();
    format!("pending  {what}\n{drifted}")
}

async fn pending(
    setup: &Setup,
    lake: Option<&Lake>,
    release: &Result<ReleaseState>,
) -> Result<Pending> {
    let columns = Columns::of(setup, lake).await?;
    let ask = Ask::default();
    let prospect = Prospect::take(setup, columns, &ask, lake, Hashing::WhatIsCompared, None)?;
    let release = match release {
        Ok(release) => release,
        // The same error once more, to be told here.
        Err(_) => &release_state(setup, lake, prospect.known.current.as_ref())?,
    };
    let protection = protection_state(setup, lake, prospect.known.current.as_ref())?;
    Ok(Pending {
        slices: prospect.plan.work().count(),
        moves: prospect.moves(&protection, release),
        drifted: prospect.told_arrivals().cloned().collect(),
        passed_over: prospect.inventory.passed_over,
    })
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
