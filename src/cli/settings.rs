//! What the command line, the environment and the study say together: the
//! study as valid values, the folders, threads and memory.

use std::path::{Path, PathBuf};

use super::arguments::Global;
use crate::error::Result;
use crate::pipeline::Study;
use crate::pipeline::files::DefinitionFiles;
use crate::pipeline::study_reader::read_study;

/// Settings of one command over one study.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) study: Study,
    pub(super) raw: PathBuf,
    pub(super) lake: PathBuf,
    pub(super) release: PathBuf,
    pub(super) threads: usize,
    pub(super) memory: u64,
}

/// The share of the machine's memory that a run takes when nobody says.
const MEMORY_PERCENT: u64 = 60;

impl Settings {
    pub(super) fn read(global: &Global) -> Result<Self> {
        let study = read_study(&DefinitionFiles::find(&global.study, Path::new("."))?)?;
        let folder = |name| Path::new("data").join(&study.name).join(name);
        let raw = global.raw.clone().or_else(|| study.raw.clone());
        Ok(Settings {
            raw: raw.unwrap_or_else(|| folder("raw")),
            lake: global.lake.clone().unwrap_or_else(|| folder("lake")),
            release: global.release.clone().unwrap_or_else(|| folder("release")),
            threads: global.threads.unwrap_or_else(machine_threads),
            memory: global.memory.unwrap_or_else(default_memory),
            study,
        })
    }
}

fn machine_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}

/// A share of the machine's memory, or of what its control group allows.
fn default_memory() -> u64 {
    let refresh = sysinfo::MemoryRefreshKind::nothing().with_ram();
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_memory(refresh),
    );
    let machine = system.total_memory();
    let allowed = system.cgroup_limits().map_or(machine, |limits| limits.total_memory);
    let total = if allowed == 0 { machine } else { machine.min(allowed) };
    (total / 100 * MEMORY_PERCENT).max(256 << 20)
}
