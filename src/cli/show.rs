//! `honkvast show RUN`.

use serde_json::{Value, json};

use super::output::{print, print_json};
use super::reading::ShowArguments;
use super::tables::{find_run, open_lake};
use crate::error::{Result, printable};
use crate::lake::Event;
use crate::pipeline::files::Origin;
use crate::run::Setup;

/// What stays of a collected run.
const COLLECTED: &str =
    "of what it left, the lake has only what is current or of a run that is kept";

pub(super) fn show(setup: &Setup, arguments: &ShowArguments) -> Result<u8> {
    let lake = open_lake(setup)?;
    let summary = find_run(&lake, &arguments.run)?;
    let events = lake.events(&summary.run)?;
    if arguments.json {
        let mut events: Vec<Value> = events.iter().map(|event| json!(event)).collect();
        events.extend(summary.collected_by.map(|by| json!({"event": "collected_by", "run": by})));
        print_json(&json!(events))?;
    } else {
        let mut lines: Vec<String> = events.iter().map(line).collect();
        lines.extend(summary.collected_by.map(|by| format!("  collected by {by}: {COLLECTED}\n")));
        print(&(lines.concat()))?;
    }
    Ok(0)
}

fn definition_line(definition: &Origin) -> String {
    let place = match &definition.folder {
        Some(folder) => format!("in {}", printable(folder)),
        None => "in the binary".to_owned(),
    };
    format!("  definition {}, {place}\n", definition.hash)
}

fn line(event: &Event) -> String {
    match event {
        Event::RunStarted {
            run,
            at,
            command,
            study,
            version,
            build,
            pid,
            definition,
            threads,
            memory_limit,
        } => {
            let definition = definition.as_ref().map(definition_line).unwrap_or_default();
            let limits = threads.zip(*memory_limit).map(|(threads, bytes)| {
                let noun = if threads == 1 { "thread" } else { "threads" };
                format!("  {threads} {noun}, memory limit {} MiB\n", bytes >> 20)
            });
            let limits = limits.unwrap_or_default();
            let build = build.as_ref().map(|build| format!(" (build {build})"));
            let build = build.unwrap_or_default();
            format!(
                "{run}  {command}\n  study {study}, honkvast {version}{build}, process {pid}, {at}\n\
                 {limits}{definition}"
            )
        }
        Event::Planned { will_make, if_changed, up_to_date } => {
            let will = will_make.iter().map(|s| format!("  will make {}: {}\n", s.slice, s.reason));
            let may = if_changed
                .iter()
                .map(|s| format!("  makes {} if {} changes\n", s.slice, s.upstream));
            let stay = format!("  {up_to_date} slices up to date\n");
            will.chain(may).chain([stay]).collect()
        }
        Event::Shrunk { slice, file, compared_with, decision, .. } => {
            let before = compared_with.as_deref().unwrap_or_default();
            format!("  {slice}: {file} is smaller than {before} ({decision})\n")
        }
        Event::Drifted { slice, file, compared_with, drift, decision } => {
            let before = compared_with.as_deref().unwrap_or_default();
            format!("  {slice}: {file} after {before}: {drift} ({decision})\n")
        }
        Event::SliceMade {
            slice, rows, rows_read, rows_rejected, bytes, seconds, changed, ..
        } => {
            let read = rows_read
                .map(|read| format!(", {read} records read, {rows_rejected} rejected"))
                .unwrap_or_default();
            let same = if *changed { "" } else { ", content as before" };
            format!("  made {slice}: {rows} rows{read}, {bytes} bytes, {seconds:.2} s{same}\n")
        }
        Event::SliceUnchanged { slice, .. } => format!("  {slice} is as before\n"),
        Event::Adopted { slice, proven, .. } => {
            let how = if *proven { "proven" } else { "as proven for its table" };
            format!("  adopted {slice}, {how}\n")
        }
        Event::AdoptionRefused { table, why } => format!("  {table} is not adopted: {why}\n"),
        Event::Skipped { slices } => {
            format!("  not made, since what they need failed: {}\n", slices.join(", "))
        }
        Event::SliceFailed { slice, message, .. } => format!("  {slice} failed: {message}\n"),
        Event::Checked { name, level, rows, seconds, cached, .. } => {
            let how = if *cached { "as before".to_owned() } else { format!("{seconds:.2} s") };
            format!("  check {name} ({level}): {rows} rows, {how}\n")
        }
        Event::Protected { shown, suppressed, narrowest, seconds, cached, .. } => {
            let how = if *cached { "as before".to_owned() } else { format!("{seconds:.2} s") };
            let narrowest = narrowest.map_or_else(|| "none".to_owned(), |it| it.to_string());
            format!(
                "  protected: {shown} counts are shown, {suppressed} are not, narrowest interval \
                 {narrowest}, {how}\n"
            )
        }
        Event::CurrentMoved { id } => format!("  current is {id}\n"),
        Event::CurrentMovedBack => "  current is as it was before\n".to_owned(),
        Event::CandidateKept { why } => format!("  kept as a candidate: {why}\n"),
        Event::Released { id, changed } => {
            format!("  release {id}{}\n", if *changed { "" } else { ", as before" })
        }
        Event::Collected {
            runs,
            slices,
            snapshots,
            candidates,
            rejects,
            checks,
            audits,
            bytes,
        } => {
            let of = runs.iter().map(|run| format!("    of {run}\n"));
            let all = format!(
                "  collects {slices} slices, {snapshots} snapshots, {candidates} candidates, \
                 {rejects} files of rejects, {checks} results of checks, {audits} audits: {bytes} \
                 bytes\n"
            );
            std::iter::once(all).chain(of).collect()
        }
        Event::RunEnded { at, exit_code, message, seconds, peak_rss } => {
            let message = message.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
            let memory = peak_rss.map(|bytes| format!(", at most {} MB", bytes / 1_000_000));
            let memory = memory.unwrap_or_default();
            format!("  ended {at} with {exit_code} after {seconds:.1} s{memory}{message}\n")
        }
        Event::Mended { path, what } => format!("  mends {}: {what}\n", printable(path)),
        Event::Damaged { line } => {
            format!("  line {line} of the ledger is damaged; what it said is lost\n")
        }
        Event::Unknown => "  an event of a later version\n".to_owned(),
    }
}
