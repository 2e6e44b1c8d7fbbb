//! What each log line of a run or of a slice says beside its message. They are
//! of the highest level, so that a warning has them whatever is logged below.

use tracing::{Span, error_span};

use crate::lake::RunId;
use crate::pipeline::SliceId;

/// Lines of a run.
pub(super) fn of_run(run: &RunId) -> Span {
    error_span!("run", %run)
}

/// Lines about a slice.
pub(super) fn of_slice(slice: &SliceId) -> Span {
    error_span!("slice", %slice, table = %slice.table, year = slice.year)
}
