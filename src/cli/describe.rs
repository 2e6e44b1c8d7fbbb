//! `honkvast describe`.

use std::sync::atomic::AtomicU8;

use serde_json::json;

use super::arguments::{DescribeArguments, Global};
use super::output::{print, print_json};
use super::settings::machine_threads;
use crate::error::{Error, Result, printable};
use crate::ingest::describe::{Options, describe as look, draft};

pub(super) fn describe(global: &Global, arguments: &DescribeArguments) -> Result<u8> {
    if !arguments.file.is_file() {
        return Err(Error::usage(format!("there is no file {}", printable(&arguments.file))));
    }
    if let Some(layout) = arguments.layout.as_deref().filter(|layout| !layout.is_file()) {
        return Err(Error::usage(format!("there is no file {}", printable(layout))));
    }
    let options = Options {
        threshold: arguments.threshold,
        records: arguments.records,
        has_header: arguments.header,
        layout: arguments.layout.as_deref(),
        threads: global.threads.unwrap_or_else(machine_threads),
        // A signal ends the process: nothing is written that could be half.
        stop: &AtomicU8::new(0),
    };
    let found = look(&arguments.file, &options)?;
    if arguments.json {
        print_json(&json!(found))?;
    } else {
        print(&draft(&found))?;
    }
    for warning in &found.warnings {
        tracing::warn!("{}: {warning}", found.file);
    }
    Ok(0)
}
