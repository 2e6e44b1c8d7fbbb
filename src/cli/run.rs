//! `honkvast run`.

use serde_json::json;

use super::arguments::{RunArguments, SelectArguments};
use super::command_line::{command_line, command_line_anywhere};
use super::output::{print, print_json};
use super::progress;
use crate::error::{Error, Result};
use crate::lake::{Event, Lake, RunSummary};
use crate::plan::select::Request;
use crate::run::{Accepted, Ask, Outcome, RunRequest, Setup};
use crate::stop::Stop;

pub(super) async fn run(setup: &Setup, arguments: &RunArguments, stop: &Stop) -> Result<u8> {
    let request = RunRequest {
        ask: Ask {
            selection: request(&arguments.select),
            forgets_years: arguments.forget_year.iter().copied().collect(),
            accepts: Accepted {
                drift: arguments.accept_drift.clone(),
                volume: arguments.accept_volume.clone(),
            },
        },
        wait: arguments.wait,
        verifies: arguments.verify,
        command: command_line(),
    };
    let outcome = crate::run::run(setup, &request, stop, &progress::show).await;
    progress::done();
    let outcome = outcome.inspect_err(|error| say_how_to_go_on(setup, error));
    let summary = arguments.json.then(|| own_run(setup)).flatten();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            if let Some(summary) = summary {
                // What ended the run counts, whatever stdout takes.
                let _ = print_json(&json!(summary));
            }
            return Err(error);
        }
    };
    if arguments.json {
        let mut value = as_json(&outcome);
        value["warnings"] = json!(summary.map(|summary| summary.warnings));
        print_json(&value)?;
    } else {
        print(&as_text(&outcome))?;
    }
    Ok(0)
}

/// What the ledger says of the run of this process, where one began.
fn own_run(setup: &Setup) -> Option<RunSummary> {
    let lake = Lake::open_existing(&setup.lake, &setup.study.name).ok()??;
    let run = lake.newest_run().ok()??;
    let own = std::process::id();
    let is_own = |event: &Event| matches!(event, Event::RunStarted { pid, .. } if *pid == own);
    let has_begun = lake.events(&run).ok()?.first().is_some_and(is_own);
    has_begun.then(|| lake.ended_run(&run).ok().flatten()).flatten()
}

/// The selection of `run` and `plan`.
pub(super) fn request(arguments: &SelectArguments) -> Request {
    Request {
        words: arguments.select.clone(),
        years: arguments.years,
        is_exact: arguments.only,
        is_forced: arguments.force,
    }
}

/// After a failure: what is kept, and the command that goes on from there.
fn say_how_to_go_on(setup: &Setup, error: &Error) {
    let is_early =
        matches!(error, Error::Usage { .. } | Error::Definition { .. } | Error::Held { .. });
    if !is_early {
        let command = command_line_anywhere(setup);
        tracing::warn!("what was current is untouched; `{command}` goes on from here");
    }
}

fn as_json(outcome: &Outcome) -> serde_json::Value {
    json!({
        "run": outcome.run.to_string(),
        "made": outcome.made.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "is_current": outcome.is_current,
        "has_moved": outcome.has_moved,
        "release": outcome.release,
        "seconds": outcome.seconds,
    })
}

fn as_text(outcome: &Outcome) -> String {
    let made = match outcome.made.len() {
        0 if outcome.has_moved => "no slice to make, brought up to date".to_owned(),
        0 => "nothing to do".to_owned(),
        1 => "1 slice made".to_owned(),
        made => format!("{made} slices made"),
    };
    let release = match &outcome.release {
        Some(release) => format!("; release in {}", release.display()),
        None => String::new(),
    };
    format!("{made} in {:.1} s{release}\n", outcome.seconds)
}
