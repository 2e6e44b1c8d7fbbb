//! Raw files that changed and raw files that are not taken, as `plan`, `status`
//! and `vintages` print them.

use serde_json::{Value, json};

use crate::ingest::PassedOver;
use crate::lake::{Decision, Vintage};
use crate::run::Arrival;

/// A file that a run would ingest, with what changed and what follows.
pub(super) fn arrival_json(arrival: &Arrival) -> Value {
    json!({
        "slice": arrival.slice.to_string(),
        "file": arrival.file.name,
        "compared_with": arrival.compared_with,
        "drift": arrival.drift,
        "decision": arrival.decision,
        "volume": {
            "now": arrival.volume.now,
            "before": arrival.volume.before,
            "decision": arrival.volume.decision(),
        },
    })
}

/// The same in a line for people.
pub(super) fn arrival_text(arrival: &Arrival) -> String {
    let (source, file) = (&arrival.slice.table.name, &arrival.file.name);
    let outcome = |decision: Decision, refused: String| match decision {
        Decision::Refused => refused,
        decision => decision.to_string(),
    };
    let mut text = String::new();
    if !arrival.drift.is_none() {
        let stops = "is frozen: the run stops, unless `--accept-drift";
        let outcome = outcome(arrival.decision, format!("{source} {stops} {source}` is given"));
        text.push_str(&format!("{file}: {} ({outcome})\n", arrival.text()));
    }
    if arrival.volume.decision() != Decision::Same {
        let stops = format!("the run stops, unless `--accept-volume {source}` is given");
        let outcome = outcome(arrival.volume.decision(), stops);
        text.push_str(&format!("{file}: {} ({outcome})\n", arrival.volume_text()));
    }
    text
}

/// Something in the raw folder that is not taken.
pub(super) fn passed_over_json(passed_over: &PassedOver) -> Value {
    json!({"name": passed_over.name, "reason": passed_over.reason})
}

/// The same in a line for people.
pub(super) fn passed_over_text(passed_over: &PassedOver) -> String {
    format!("{}: passed over: {}\n", passed_over.name, passed_over.reason)
}

/// A vintage of the history, without its columns.
pub(super) fn vintage_json((source, vintage): &(String, Vintage)) -> Value {
    json!({
        "source": source,
        "file": vintage.file.name,
        "compared_with": vintage.compared_with,
        "drift": vintage.drift,
        "decision": vintage.decision,
    })
}
