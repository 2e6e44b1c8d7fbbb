//! Checksums of the pages of a Parquet file. Readers that know them (this
//! program, Arrow) refuse a page that does not fit its own; the library reads
//! them and writes none.
//!
//! A page comes to its store as two blobs: a header in Thrift's compact form
//! and the compressed data. The header gets the field `crc` (parquet.thrift,
//! `PageHeader`, field 4) between the three sizes before it and the header of
//! its kind behind it, and the places of pages move by as much.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use parquet::arrow::arrow_writer::{PageKey, PageStore, PageStoreArgs, PageStoreFactory};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};

/// Thrift's compact form of "the next field, a 32-bit number".
const NEXT_I32: u8 = 0x15;
/// The difference to the number of the field before stands in the upper half.
const DELTA_ONE: u8 = 0x10;
/// Type, uncompressed size and compressed size stand before the checksum.
const FIELDS_BEFORE: usize = 3;

/// By how much the header of each page of a column has grown.
type Growth = Arc<Mutex<Vec<usize>>>;

/// Puts checksums to the pages of the columns of one row group.
#[derive(Debug, Clone, Default)]
pub(super) struct PageSums(Arc<Mutex<Vec<Growth>>>);

impl PageStoreFactory for PageSums {
    fn create(&self, args: &PageStoreArgs<'_>) -> Result<Box<dyn PageStore>> {
        let growth = Growth::default();
        let mut columns = held(&self.0);
        let count = columns.len().max(args.column_index() + 1);
        columns.resize_with(count, Growth::default);
        if let Some(column) = columns.get_mut(args.column_index()) {
            *column = Arc::clone(&growth);
        }
        Ok(Box::new(SummedPages { blobs: Vec::new(), has_header: false, growth }))
    }
}

impl PageSums {
    /// Tells the metadata of a closed column how much longer its pages are.
    pub(super) fn settle(&self, column: usize, close: &mut ColumnCloseResult) -> Result<()> {
        let growth = held(&self.0).get(column).map(|growth| held(growth).clone());
        let growth = growth.ok_or_else(|| broken("a column has no pages"))?;
        let all: usize = growth.iter().sum();
        let more = i64::try_from(all).map_err(|_| broken("a column is too long"))?;
        let metadata = close.metadata.clone().into_builder();
        let metadata = metadata
            .set_total_compressed_size(close.metadata.compressed_size() + more)
            .set_total_uncompressed_size(close.metadata.uncompressed_size() + more);
        close.metadata = metadata.build()?;
        close.bytes_written += all as u64;
        let Some(index) = &mut close.offset_index else { return Ok(()) };
        if index.page_locations.len() != growth.len() {
            return Err(broken("pages are missing"));
        }
        let mut before = 0;
        for (location, grown) in index.page_locations.iter_mut().zip(&growth) {
            location.offset += before;
            location.compressed_page_size += *grown as i32;
            before += *grown as i64;
        }
        Ok(())
    }
}

/// The blobs of one column, headers with their checksums.
struct SummedPages {
    blobs: Vec<Bytes>,
    /// The last blob is a header whose data are still to come.
    has_header: bool,
    growth: Growth,
}

impl PageStore for SummedPages {
    fn put(&mut self, value: Bytes) -> Result<PageKey> {
        if self.has_header
            && let Some(header) = self.blobs.last_mut()
        {
            let summed = with_checksum(header, crc32fast::hash(&value))?;
            held(&self.growth).push(summed.len() - header.len());
            *header = summed.into();
        }
        self.has_header = !self.has_header;
        self.blobs.push(value);
        Ok(PageKey::new(self.blobs.len() as u64 - 1))
    }

    fn take(&mut self, key: PageKey) -> Result<Bytes> {
        let blob = usize::try_from(key.get()).ok().and_then(|key| self.blobs.get_mut(key));
        blob.map(std::mem::take).ok_or_else(|| broken("a page is missing"))
    }

    fn memory_size(&self) -> usize {
        self.blobs.iter().map(Bytes::len).sum()
    }
}

/// A page header with its checksum.
fn with_checksum(header: &[u8], checksum: u32) -> Result<Vec<u8>> {
    let unknown = || broken("a page header has another form");
    let mut end = 0;
    for _ in 0..FIELDS_BEFORE {
        if header.get(end) != Some(&NEXT_I32) {
            return Err(unknown());
        }
        let number = header.get(end + 1..).unwrap_or_default();
        let length = number.iter().position(|byte| byte & 0x80 == 0).ok_or_else(unknown)?;
        end += 1 + length + 1;
    }
    let (before, behind) = header.split_at(end);
    // The field behind is counted from the checksum now.
    let kind = behind.first().filter(|field| **field >= 2 * DELTA_ONE).ok_or_else(unknown)?;
    let mut summed = before.to_vec();
    summed.push(NEXT_I32);
    push_number(&mut summed, checksum.cast_signed());
    summed.push(kind - DELTA_ONE);
    summed.extend_from_slice(behind.get(1..).unwrap_or_default());
    Ok(summed)
}

/// A number as Thrift's compact form has it: zigzag, seven bits a byte.
fn push_number(to: &mut Vec<u8>, number: i32) {
    let mut rest = ((number << 1) ^ (number >> 31)).cast_unsigned();
    while rest >= 0x80 {
        to.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    to.push(rest as u8);
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn broken(message: &str) -> ParquetError {
    ParquetError::General(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_form_has_them() {
        let written = |number| {
            let mut bytes = Vec::new();
            push_number(&mut bytes, number);
            bytes
        };
        assert_eq!(written(0), [0]);
        assert_eq!(written(-1), [1]);
        assert_eq!(written(64), [0x80, 0x01]);
        assert_eq!(written(i32::MAX), [0xfe, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(written(i32::MIN), [0xff, 0xff, 0xff, 0xff, 0x0f]);
    }

    #[test]
    fn a_header_of_another_form_is_refused() {
        assert!(with_checksum(&[], 1).is_err());
        assert!(with_checksum(&[0x15, 0, 0x15, 2, 0x15, 4, 0x15, 6, 0x1c], 1).is_err());
        let summed = with_checksum(&[0x15, 0, 0x15, 2, 0x15, 4, 0x2c, 7], 1).unwrap();
        assert_eq!(summed, [0x15, 0, 0x15, 2, 0x15, 4, 0x15, 2, 0x1c, 7]);
    }
}
