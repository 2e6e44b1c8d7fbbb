//! Texts of a column under construction, end to end.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use crate::error::{Error, Result};

/// Texts end to end, as Arrow keeps them.
pub(super) struct Texts {
    /// The texts, and room behind them.
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    end: usize,
}

/// A text of at most so many bytes is copied as so many: one move instead of a
/// call, and what is too much is written over by the next.
const SHORT_BYTES: usize = 16;

impl Texts {
    pub(super) fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Texts { bytes: vec![0; rows * 8 + SHORT_BYTES], offsets, end: 0 }
    }

    pub(super) fn push(&mut self, text: &[u8]) {
        self.push_from(text, 0, text.len());
    }

    /// Adds a part of a text, whose bytes behind that part may be read.
    pub(super) fn push_from(&mut self, text: &[u8], start: usize, end: usize) {
        let length = end - start;
        if length <= SHORT_BYTES
            && let Some(source) = text.get(start..start + SHORT_BYTES)
            && let Some(target) = self.bytes.get_mut(self.end..self.end + SHORT_BYTES)
        {
            target.copy_from_slice(source);
        } else {
            self.bytes.truncate(self.end);
            self.bytes.extend_from_slice(text.get(start..end).unwrap_or_default());
            let room = self.bytes.len() / 2 + SHORT_BYTES;
            self.bytes.resize(self.bytes.len() + room, 0);
        }
        self.end += length;
        // A chunk is far smaller than what 31 bits count.
        self.offsets.push(self.end as i32);
    }

    pub(super) fn finish(mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        self.bytes.truncate(self.end);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        let array = StringArray::try_new(offsets, Buffer::from_vec(self.bytes), nulls);
        Ok(Arc::new(array.map_err(|_| Error::internal("a text column is not UTF-8"))?))
    }
}
