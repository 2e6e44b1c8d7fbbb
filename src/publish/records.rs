//! A table that every release has: how many records were delivered of each source
//! and year, and how many of them were rejected.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use serde::Serialize;

use super::figures::{Figures, WIDE_DIGITS, quotients};
use crate::error::{Error, Result};
use crate::lake::SliceRecord;
use crate::pipeline::Study;
use crate::pipeline::published::RATE_DECIMALS;

/// Records of one source and year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceRecords {
    source: String,
    /// None of a source without years.
    year: Option<i32>,
    read: u64,
    rejected: u64,
}

/// What the raw slices of a study say of their records.
pub fn source_records(study: &Study, slices: &[SliceRecord]) -> Vec<SourceRecords> {
    let of = |slice: &SliceRecord| {
        let source = study.sources.contains_key(&slice.slice.table.name);
        Some(SourceRecords {
            source: source.then(|| slice.slice.table.name.clone())?,
            year: slice.slice.year,
            read: slice.rows_read?,
            rejected: slice.rows_rejected,
        })
    };
    let mut records: Vec<SourceRecords> = slices.iter().filter_map(of).collect();
    records.sort();
    records
}

/// The table itself, sorted by its dimensions.
///
/// # Errors
/// [`Error::Internal`] for a count that is none.
pub fn records_table(records: &[SourceRecords]) -> Result<RecordBatch> {
    let fault = |_| Error::internal("the records of the sources make no table");
    let counts = |count: &dyn Fn(&SourceRecords) -> u64| -> ArrayRef {
        let count = |it: &SourceRecords| i64::try_from(count(it)).ok();
        Arc::new(Int64Array::from_iter(records.iter().map(count)))
    };
    let names: StringArray = records.iter().map(|it| Some(it.source.as_str())).collect();
    let years: Int64Array = records.iter().map(|it| it.year.map(i64::from)).collect();
    let (read, rejected) = (counts(&|it| it.read), counts(&|it| it.rejected));
    let wide = |column: &ArrayRef| {
        let kind = DataType::Decimal256(WIDE_DIGITS, 0);
        cast(column, &kind).map_err(fault)
    };
    let (above, below) = (wide(&rejected)?, wide(&read)?);
    let none = || Error::internal("the records of the sources have no rate");
    let (above, below) =
        (Figures::of(&above).ok_or_else(none)?, Figures::of(&below).ok_or_else(none)?);
    let shares = quotients(&above, &below, RATE_DECIMALS).map_err(|_| none())?;
    RecordBatch::try_from_iter_with_nullable([
        ("source_name", Arc::new(names) as ArrayRef, true),
        ("year", Arc::new(years) as ArrayRef, true),
        ("record_count", read, true),
        ("kept_count", counts(&|it| it.read.saturating_sub(it.rejected)), true),
        ("rejected_count", rejected, true),
        ("rejected_share", shares, true),
    ])
    .map_err(fault)
}
