//! `honkvast plan`.

use serde_json::{Value, json};

use super::arguments::PlanArguments;
use super::arrivals::{arrival_json, arrival_text, passed_over_json, passed_over_text};
use super::output::{print, print_json};
use super::run::request;
use crate::error::Result;
use crate::lake::Lake;
use crate::pipeline::SliceId;
use crate::plan::{Plan, State};
use crate::run::{
    Ask, Columns, Hashing, Moves, Prospect, ProtectionState, ReleaseState, Setup, protection_state,
    release_state,
};

/// Exit code where work is pending and the user asked to be told.
const PENDING: u8 = 10;

pub(super) async fn plan(setup: &Setup, arguments: &PlanArguments) -> Result<u8> {
    let lake = Lake::open_existing(&setup.lake, &setup.study.name)?;
    let lake = lake.as_ref();
    let columns = Columns::of(setup, lake).await?;
    let ask = Ask { selection: request(&arguments.select), ..Ask::default() };
    let prospect = Prospect::take(setup, columns, &ask, lake, Hashing::WhatIsCompared, None)?;
    let release = release_state(setup, lake, prospect.known.current.as_ref())?;
    let protection = protection_state(setup, lake, prospect.known.current.as_ref())?;
    let moves = prospect.moves(&protection, &release);
    let (plan, passed_over) = (&prospect.plan, &prospect.inventory.passed_over);
    if arguments.json {
        let mut value = as_json(plan, moves, &release);
        value["protects"] = json!(moves.protection);
        value["protection_reason"] = match &protection {
            ProtectionState::Due(reason) => json!(reason),
            _ => Value::Null,
        };
        value["drift"] = prospect.told_arrivals().map(arrival_json).collect();
        value["passed_over"] = passed_over.iter().map(passed_over_json).collect();
        print_json(&value)?;
    } else {
        print(&as_text(plan, moves, &protection, &release))?;
        print(&prospect.told_arrivals().map(arrival_text).collect::<String>())?;
        print(&passed_over.iter().map(passed_over_text).collect::<String>())?;
    }
    Ok(if arguments.exit_code && moves.anything { PENDING } else { 0 })
}

fn as_json(plan: &Plan, moves: Moves, release: &ReleaseState) -> Value {
    let names = |slices: &[SliceId]| slices.iter().map(ToString::to_string).collect::<Vec<_>>();
    let line = |(slice, state): &(SliceId, State)| {
        let slice = slice.to_string();
        match state {
            State::Unselected => None,
            State::UpToDate { .. } => Some(json!({"slice": slice, "state": "up_to_date"})),
            State::TakenAsIs { .. } => None,
            State::WillBeMade { reason, .. } => {
                Some(json!({"slice": slice, "state": "will_be_made", "reason": reason}))
            }
            State::MadeIfChanged { upstreams } => {
                let upstreams = names(upstreams);
                Some(json!({"slice": slice, "state": "made_if_changed", "upstreams": upstreams}))
            }
            State::Blocked { upstream } => {
                let upstream = upstream.to_string();
                Some(json!({"slice": slice, "state": "blocked", "upstream": upstream}))
            }
            State::Failed => Some(json!({"slice": slice, "state": "failed"})),
        }
    };
    let lines: Vec<Value> = plan.lines.iter().filter_map(line).collect();
    json!({
        "slices": lines,
        "moves_current": moves.current,
        "publishes": moves.release,
        "is_pending": moves.anything,
        "release_damage": match release {
            ReleaseState::Damaged(damage) => damage.as_slice(),
            _ => &[],
        },
    })
}

fn as_text(
    plan: &Plan,
    moves: Moves,
    protection: &ProtectionState,
    release: &ReleaseState,
) -> String {
    let mut text = String::new();
    let width = plan.lines.iter().map(|(slice, _)| slice.to_string().len()).max().unwrap_or(0);
    let mut up_to_date = 0;
    for (slice, state) in &plan.lines {
        let slice = slice.to_string();
        match state {
            State::WillBeMade { reason, .. } => {
                text.push_str(&format!("{slice:<width$}  will be made: {reason}\n"));
            }
            State::MadeIfChanged { upstreams } => {
                let names = shortened(upstreams);
                text.push_str(&format!("{slice:<width$}  made if {names} changes\n"));
            }
            State::Blocked { upstream } => {
                text.push_str(&format!("{slice:<width$}  needs {upstream}, which is not there\n"));
            }
            State::UpToDate { .. } => up_to_date += 1,
            State::Unselected | State::TakenAsIs { .. } | State::Failed => {}
        }
    }
    if moves.current {
        text.push_str(&format!("{:<width$}  moves to slices that the lake has\n", "current"));
    }
    if moves.protection {
        let protection = match protection {
            ProtectionState::Due(reason) if !plan.has_work() => format!("will be done: {reason}"),
            _ => "done if what is published changes".to_owned(),
        };
        text.push_str(&format!("{:<width$}  {protection}\n", "protect"));
    }
    let release = match release {
        ReleaseState::Damaged(damage) if moves.release => {
            Some(format!("written again: {}", damage.join(", ")))
        }
        _ if moves.release => Some("published if what it is made from changes".to_owned()),
        _ => None,
    };
    if let Some(release) = release {
        text.push_str(&format!("{:<width$}  {release}\n", "release"));
    }
    let noun = if up_to_date == 1 { "slice is" } else { "slices are" };
    text.push_str(&format!("{up_to_date} {noun} up to date\n"));
    text
}

fn shortened(upstreams: &[SliceId]) -> String {
    match upstreams {
        [] => "something".to_owned(),
        [one] => one.to_string(),
        [one, other] => format!("{one} or {other}"),
        [one, rest @ ..] => format!("{one} or one of {} others", rest.len()),
    }
}
