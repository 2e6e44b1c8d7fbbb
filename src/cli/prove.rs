//! `honkvast prove`.

use serde_json::json;

use super::command_line::command_line;
use super::output::{aligned, print, print_json};
use super::upkeep::ProveArguments;
use crate::error::Result;
use crate::pipeline::SliceId;
use crate::plan::select::Request;
use crate::run::Setup;
use crate::run::prove::{Proof, ProveRequest};
use crate::stop::Stop;

/// Exit code where a slice differs: as that of a check.
const DIFFERS: u8 = 3;

pub(super) async fn prove(setup: &Setup, arguments: &ProveArguments, stop: &Stop) -> Result<u8> {
    let selection =
        Request { words: arguments.select.clone(), years: arguments.years, ..Request::default() };
    let request = ProveRequest { selection, wait: arguments.wait, command: command_line() };
    let proof = crate::run::prove::prove(setup, &request, stop).await?;
    if arguments.json {
        print_json(&as_json(&proof))?;
    } else {
        print(&as_text(&proof))?;
    }
    Ok(if proof.differing.is_empty() { 0 } else { DIFFERS })
}

fn as_json(proof: &Proof) -> serde_json::Value {
    let differing = proof
        .differing
        .iter()
        .map(|(slice, ways)| json!({ "slice": slice.to_string(), "differs_with": ways }));
    json!({
        "proven": proof.proven.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "differing": differing.collect::<Vec<_>>(),
    })
}

fn as_text(proof: &Proof) -> String {
    let line = |(slice, ways): &(SliceId, Vec<String>)| {
        vec![format!("{slice}"), format!("differs when made with {}", ways.join(" and with "))]
    };
    let mut text = aligned(&proof.differing.iter().map(line).collect::<Vec<_>>());
    let (proven, differing) = (proof.proven.len(), proof.differing.len());
    text.push_str(&format!("{proven} slices came out the same every time, {differing} did not\n"));
    text
}
