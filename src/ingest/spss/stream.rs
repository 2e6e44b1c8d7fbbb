//! The bytes of an SPSS file one after the other, in the byte order that the
//! file declares. Nothing is sought, and nothing is held that was not read.

use std::path::Path;
use std::sync::atomic::AtomicU8;

use super::super::source::Source;
use crate::error::{Error, Result};
use crate::stop;

/// Bytes that are read at once.
const BLOCK_BYTES: usize = 256 * 1024;

/// The order of bytes in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// Reads a whole number.
    pub(super) fn i32(self, bytes: [u8; 4]) -> i32 {
        match self {
            ByteOrder::Little => i32::from_le_bytes(bytes),
            ByteOrder::Big => i32::from_be_bytes(bytes),
        }
    }

    /// Reads a wide whole number.
    pub(super) fn i64(self, bytes: [u8; 8]) -> i64 {
        match self {
            ByteOrder::Little => i64::from_le_bytes(bytes),
            ByteOrder::Big => i64::from_be_bytes(bytes),
        }
    }

    /// Reads a number of a variable.
    pub(super) fn f64(self, bytes: [u8; 8]) -> f64 {
        match self {
            ByteOrder::Little => f64::from_le_bytes(bytes),
            ByteOrder::Big => f64::from_be_bytes(bytes),
        }
    }

    /// Writes a number of a variable.
    pub(super) fn bytes_of_f64(self, number: f64) -> [u8; 8] {
        match self {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }

    /// Writes a wide whole number.
    pub(super) fn bytes_of_i64(self, number: i64) -> [u8; 8] {
        match self {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }

    /// Writes a whole number.
    pub(super) fn bytes_of_i32(self, number: i32) -> [u8; 4] {
        match self {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }
}

/// A file that is read from its beginning to its end, once.
pub(crate) struct Stream<'a> {
    source: Source,
    stop: &'a AtomicU8,
    pub(super) order: ByteOrder,
    /// Bytes that were read; those before `at` are used up.
    buffer: Vec<u8>,
    at: usize,
    /// Place in the unpacked file, of the next byte.
    offset: u64,
    is_at_end: bool,
}

impl<'a> Stream<'a> {
    pub(super) fn new(source: Source, stop: &'a AtomicU8) -> Self {
        Stream {
            source,
            stop,
            order: ByteOrder::Little,
            buffer: Vec::new(),
            at: 0,
            offset: 0,
            is_at_end: false,
        }
    }

    /// The file, as messages name it.
    pub(super) fn path(&self) -> &Path {
        self.source.path()
    }

    /// Place of the next byte in the unpacked file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes at hand, some unless the file is at its end.
    pub(super) fn at_hand(&mut self) -> Result<&[u8]> {
        if self.at == self.buffer.len() && !self.is_at_end {
            stop::check(self.stop)?;
            self.buffer.clear();
            self.at = 0;
            let read = self.source.read_more(&mut self.buffer, BLOCK_BYTES)?;
            self.is_at_end = read < BLOCK_BYTES;
        }
        Ok(self.buffer.get(self.at..).unwrap_or_default())
    }

    /// Takes so many of the bytes at hand.
    pub(super) fn advance(&mut self, count: usize) {
        let count = count.min(self.buffer.len() - self.at);
        self.at += count;
        self.offset += count as u64;
    }

    /// Adds up to `wanted` bytes to a buffer; fewer mean that the file ends.
    pub(super) fn read(&mut self, into: &mut Vec<u8>, wanted: usize) -> Result<usize> {
        let mut read = 0;
        while read < wanted {
            let bytes = self.at_hand()?;
            if bytes.is_empty() {
                break;
            }
            let taken = bytes.len().min(wanted - read);
            into.extend_from_slice(bytes.get(..taken).unwrap_or_default());
            self.advance(taken);
            read += taken;
        }
        Ok(read)
    }

    /// Takes bytes of the dictionary, which must be there.
    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let found = self.at_hand()?;
            let taken = found.len().min(rest.len());
            let (Some(to), Some(from)) = (rest.get_mut(..taken), found.get(..taken)) else { break };
            to.copy_from_slice(from);
            if taken == 0 {
                return Err(self.ends_early());
            }
            self.advance(taken);
            filled += taken;
        }
        Ok(bytes)
    }

    /// Takes a whole number of the dictionary.
    pub(super) fn i32(&mut self) -> Result<i32> {
        let bytes = self.bytes()?;
        Ok(self.order.i32(bytes))
    }

    /// Takes a wide whole number.
    pub(super) fn i64(&mut self) -> Result<i64> {
        let bytes = self.bytes()?;
        Ok(self.order.i64(bytes))
    }

    /// Takes so many bytes of the dictionary. Memory grows with what is read.
    pub(super) fn text(&mut self, count: u64) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        while (text.len() as u64) < count {
            let missing = (count - text.len() as u64).min(BLOCK_BYTES as u64) as usize;
            if self.read(&mut text, missing)? < missing {
                return Err(self.ends_early());
            }
        }
        Ok(text)
    }

    /// Passes over bytes of the dictionary.
    pub(super) fn skip(&mut self, count: u64) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let found = self.at_hand()?.len();
            if found == 0 {
                return Err(self.ends_early());
            }
            let taken = found.min(usize::try_from(left).unwrap_or(usize::MAX));
            self.advance(taken);
            left -= taken as u64;
        }
        Ok(())
    }

    /// Reads to the end of the file; gives how many bytes there were.
    pub(super) fn drain(&mut self) -> Result<u64> {
        let start = self.offset;
        loop {
            let found = self.at_hand()?.len();
            if found == 0 {
                return Ok(self.offset - start);
            }
            self.advance(found);
        }
    }

    /// The file ends within its dictionary.
    fn ends_early(&self) -> Error {
        let message = format!("the file ends within its dictionary, at byte {}", self.offset);
        Error::raw_input(self.path(), message).with_hint(COPY_AGAIN)
    }

    /// Something that cannot be in an SPSS file, at the place that was reached.
    pub(super) fn damaged(&self, what: &str) -> Error {
        let message = format!("{what} (before byte {}); the file is damaged", self.offset);
        Error::raw_input(self.path(), message).with_hint(COPY_AGAIN)
    }
}

/// What to do with a file that is not whole.
pub(super) const COPY_AGAIN: &str = "copy the file again, or ask for a new delivery";
