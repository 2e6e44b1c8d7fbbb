//! Room on the disk, asked for before a slice is made.

use super::context::RunContext;
use super::facts::Known;
use crate::error::{Error, Result};
use crate::ingest::{RawFile, likely_bytes};
use crate::pipeline::{Layer, SliceId};
use crate::plan::{State, plan};

/// Parquet of a raw file and of what is made from it takes about so much of the
/// size of its text, by measurement a generous figure.
const DISK_PERCENT_OF_RAW: u64 = 60;

/// Refuses a plan that the disk of the lake has no room for, as far as the raw
/// files that it will ingest tell; a packed one counts as it will be unpacked.
///
/// # Errors
/// [`Error::Io`] with both sizes.
pub(super) fn refuse_full_disk(context: &RunContext, known: &Known) -> Result<()> {
    let will_be_made = |(slice, state): (SliceId, State)| {
        let is_raw = slice.table.layer == Layer::Raw;
        (is_raw && matches!(state, State::WillBeMade { .. })).then_some(slice)
    };
    let slices: Vec<SliceId> =
        plan(&known.facts).lines.into_iter().filter_map(will_be_made).collect();
    let bytes = |(slice, file): (&SliceId, &RawFile)| {
        let source = context.setup.study.sources.get(&slice.table.name)?;
        Some(likely_bytes(&file.path, &source.codebook.format))
    };
    let raw_bytes: u64 = context.inventory.files_of(&slices).filter_map(bytes).sum();
    let needed = raw_bytes / 100 * DISK_PERCENT_OF_RAW;
    let free = context.lake.free_bytes()?;
    if needed <= free {
        return Ok(());
    }
    let text = format!(
        "the plan will write about {} MB and the disk has {} MB free",
        needed.div_ceil(1_000_000),
        free / 1_000_000
    );
    let source = std::io::Error::new(std::io::ErrorKind::StorageFull, text);
    Err(Error::Io { action: "write to", path: context.lake.root().to_path_buf(), source })
}
