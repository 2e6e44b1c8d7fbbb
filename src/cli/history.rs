//! `honkvast history`.

use serde_json::json;

use super::output::{aligned, print, print_json};
use super::reading::HistoryArguments;
use super::tables::open_lake;
use crate::error::Result;
use crate::lake::RunSummary;
use crate::run::Setup;

pub(super) fn history(setup: &Setup, arguments: &HistoryArguments) -> Result<u8> {
    let runs: Vec<RunSummary> =
        open_lake(setup)?.runs()?.into_iter().take(arguments.most).collect();
    if arguments.json {
        print_json(&json!(runs))?;
        return Ok(0);
    }
    let header = ["run", "status", "exit", "made", "seconds", "outcome", "command"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(runs.iter().map(row));
    print(&aligned(&rows))?;
    Ok(0)
}

fn row(run: &RunSummary) -> Vec<String> {
    let adopted = format!("{} adopted", run.adopted);
    let outcome = match (&run.released, run.moved_current, run.kept_candidate) {
        (Some(_), _, _) => "released",
        (None, true, _) => "current",
        (None, false, true) => "candidate",
        (None, false, false) if run.adopted > 0 => &adopted,
        (None, false, false) => "",
    };
    let damaged = if run.damaged_lines > 0 { ", ledger damaged" } else { "" };
    let collected = match (&run.collected_by, outcome) {
        (None, _) => "",
        (Some(_), "") => "collected",
        (Some(_), _) => ", collected",
    };
    vec![
        run.run.to_string(),
        format!("{:?}", run.status).to_lowercase(),
        run.exit_code.map(|code| code.to_string()).unwrap_or_default(),
        run.made.to_string(),
        run.seconds.map(|seconds| format!("{seconds:.1}")).unwrap_or_default(),
        format!("{outcome}{collected}{damaged}"),
        run.command.clone(),
    ]
}
