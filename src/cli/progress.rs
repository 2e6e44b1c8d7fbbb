//! How far a run is, on a terminal.

use indicatif::ProgressStyle;

use super::logging::bar;

/// Shows how many slices are made and how many may still come.
pub(super) fn show(made: usize, remaining: usize) {
    let bar = bar();
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} {pos} of at most {len} slices, {elapsed}")
    {
        bar.set_style(style);
    }
    bar.set_length((made + remaining) as u64);
    bar.set_position(made as u64);
}

/// Takes the progress line away.
pub(super) fn done() {
    bar().finish_and_clear();
}
