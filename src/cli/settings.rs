//! What the command line, the environment and the study say together: the
//! study as valid values, the folders, threads and memory.

use std::path::Path;

use sysinfo::{MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

use super::arguments::Global;
use crate::error::Result;
use crate::pipeline::files::DefinitionFiles;
use crate::pipeline::study_reader::read_study;
use crate::run::Setup;

/// The share of the machine's memory that a run takes when nobody says.
const MEMORY_PERCENT: u64 = 60;
/// What a run takes on a machine that is smaller still, or does not say.
const LEAST_MEMORY: u64 = 256 << 20;

/// Puts together what a command works with.
///
/// # Errors
/// Of the study.
pub(super) fn read_settings(global: &Global) -> Result<Setup> {
    let files = DefinitionFiles::find(&global.study, Path::new("."))?;
    let study = read_study(&files)?;
    for warning in &study.warnings {
        tracing::warn!("{warning}");
    }
    let folder = |name| Path::new("data").join(&study.name).join(name);
    let raw = global.raw.clone().or_else(|| study.raw.clone());
    let setup = Setup {
        raw: raw.unwrap_or_else(|| folder("raw")),
        lake: global.lake.clone().unwrap_or_else(|| folder("lake")),
        release: global.release.clone().unwrap_or_else(|| folder("release")),
        threads: global.threads.unwrap_or_else(machine_threads),
        memory: memory_limit(global.memory),
        reject_space: global.reject_space,
        asked_for: global.study.clone(),
        definition: files.origin()?,
        study,
    };
    setup.check_folders()?;
    Ok(setup)
}

pub(super) fn machine_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}

/// The memory limit: what is asked for, as far as it is there, or a share of it.
fn memory_limit(asked: Option<u64>) -> u64 {
    let there = machine_memory();
    let Some(asked) = asked else {
        let share = there.map_or(0, |bytes| bytes / 100 * MEMORY_PERCENT);
        return share.max(LEAST_MEMORY);
    };
    match there {
        Some(there) if asked > there => {
            let (asked, mebibytes) = (asked >> 20, there >> 20);
            tracing::warn!(
                "--memory {asked} MiB: the machine, or the control group of this process, has \
                 {mebibytes} MiB, which is the limit"
            );
            there
        }
        _ => asked,
    }
}

/// The memory of the machine, or what the control groups of this process allow;
/// none where the system does not say.
fn machine_memory() -> Option<u64> {
    let memory = MemoryRefreshKind::nothing().with_ram();
    let mut system = System::new_with_specifics(RefreshKind::nothing().with_memory(memory)).ok()?;
    let own = sysinfo::get_current_pid().ok()?;
    let nothing_else = ProcessRefreshKind::nothing();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, nothing_else);
    let limits = system.process(own).and_then(sysinfo::Process::cgroup_limits);
    let (machine, allowed) = (system.total_memory(), limits.map(|limits| limits.total_memory));
    let known = [Some(machine), allowed].into_iter().flatten().filter(|bytes| *bytes > 0);
    known.min()
}
