//! What the command line, the environment and the study say together: the
//! study as valid values, the folders, threads and memory.

use std::path::Path;

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
        memory: global.memory.unwrap_or_else(default_memory),
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

/// A share of the machine's memory, or of what its control group allows.
fn default_memory() -> u64 {
    let refresh = sysinfo::MemoryRefreshKind::nothing().with_ram();
    let system =
        sysinfo::System::new_with_specifics(sysinfo::RefreshKind::nothing().with_memory(refresh));
    let Ok(system) = system else { return LEAST_MEMORY };
    let machine = system.total_memory();
    let allowed = system.cgroup_limits().map_or(machine, |limits| limits.total_memory);
    let total = if allowed == 0 { machine } else { machine.min(allowed) };
    (total / 100 * MEMORY_PERCENT).max(LEAST_MEMORY)
}
