//! Unpacks the blocks of a `.zsav` one after the other, and holds what their
//! directory at the end of the file says against what was read.

use flate2::{Decompress, FlushDecompress, Status};

use super::stream::{COPY_AGAIN, Stream};
use crate::error::{Error, Result};

/// Bytes that are unpacked at once.
const STEP_BYTES: usize = 64 * 1024;
const HEADER_BYTES: u64 = 24;
const TRAILER_BYTES: u64 = 24;
const ENTRY_BYTES: u64 = 24;

/// The blocks of one file.
pub(super) struct Blocks {
    header_at: u64,
    trailer_at: u64,
    trailer_bytes: u64,
    bias: f64,
    /// The block that is being unpacked.
    open: Option<Block>,
    /// Unpacked bytes of all blocks.
    unpacked: u64,
    count: u64,
    /// Hash of the directory as it must be: it may be longer than memory.
    directory: blake3::Hasher,
    is_at_end: bool,
}

struct Block {
    unpacker: Decompress,
    starts_at: u64,
}

impl Blocks {
    /// Reads the header of the blocks.
    pub(super) fn open(stream: &mut Stream<'_>, bias: f64) -> Result<Self> {
        let header_at = stream.offset();
        let mut number = || -> Result<u64> {
            let number = u64::try_from(stream.i64()?);
            number.map_err(|_| stream.damaged("the header of its blocks is not one"))
        };
        let (place, trailer_at, trailer_bytes) = (number()?, number()?, number()?);
        let is_whole = place == header_at
            && trailer_at >= header_at + HEADER_BYTES
            && trailer_bytes >= TRAILER_BYTES
            && (trailer_bytes - TRAILER_BYTES).is_multiple_of(ENTRY_BYTES);
        if !is_whole {
            return Err(stream.damaged("the header of its blocks is not one"));
        }
        Ok(Blocks {
            header_at,
            trailer_at,
            trailer_bytes,
            bias,
            open: None,
            unpacked: 0,
            count: 0,
            directory: blake3::Hasher::new(),
            is_at_end: false,
        })
    }

    /// Adds unpacked bytes to a buffer; none mean that all blocks are read.
    pub(super) fn read(&mut self, stream: &mut Stream<'_>, into: &mut Vec<u8>) -> Result<usize> {
        while !self.is_at_end {
            if self.open.is_none() && stream.offset() == self.trailer_at {
                self.check_trailer(stream)?;
                self.is_at_end = true;
                break;
            }
            let starts_at = stream.offset();
            let new_block = || Block { unpacker: Decompress::new(true), starts_at };
            let mut block = self.open.take().unwrap_or_else(new_block);
            let (read, is_done) = unpack(&mut block, self.trailer_at, stream, into)?;
            self.unpacked += read as u64;
            if is_done {
                self.close(&block, stream);
            } else {
                self.open = Some(block);
            }
            if read > 0 {
                return Ok(read);
            }
        }
        Ok(0)
    }

    /// Unpacks the first so many packed bytes; gives their number and that of what
    /// came out of them.
    pub(super) fn sample(&mut self, stream: &mut Stream<'_>, wanted: u64) -> Result<(u64, u64)> {
        let (start, mut bytes) = (stream.offset(), Vec::new());
        while stream.offset() - start < wanted && self.read(stream, &mut bytes)? > 0 {
            bytes.clear();
        }
        Ok((stream.offset() - start, self.unpacked))
    }

    /// Takes a block into the directory as it must be.
    fn close(&mut self, block: &Block, stream: &Stream<'_>) {
        let order = stream.order;
        let size = block.unpacker.total_out();
        let packed_size = stream.offset() - block.starts_at;
        let would_be_at = self.header_at + self.unpacked - size;
        for place in [would_be_at, block.starts_at] {
            self.directory.update(&order.bytes_of_i64(place as i64));
        }
        for size in [size, packed_size] {
            self.directory.update(&order.bytes_of_i32(size as i32));
        }
        self.count += 1;
    }

    /// Reads the directory, which must say what was read.
    fn check_trailer(&self, stream: &mut Stream<'_>) -> Result<()> {
        let bias = stream.i64()?;
        let (_zero, _block_bytes) = (stream.i64()?, stream.i32()?);
        let count = stream.i32()?;
        let mut left = self.trailer_bytes - TRAILER_BYTES;
        let is_whole = u64::try_from(count) == Ok(self.count) && left == self.count * ENTRY_BYTES;
        let mut directory = blake3::Hasher::new();
        while is_whole && left > 0 {
            let entry: [u8; ENTRY_BYTES as usize] = stream.bytes()?;
            directory.update(&entry);
            left -= ENTRY_BYTES;
        }
        let is_same = directory.finalize() == self.directory.finalize();
        if !is_whole || !is_same || bias as f64 != -self.bias {
            return Err(stream.damaged("the directory of its blocks does not fit them"));
        }
        Ok(())
    }
}

/// Unpacks a step of a block; says how many bytes came out and whether it ends.
fn unpack(
    block: &mut Block,
    trailer_at: u64,
    stream: &mut Stream<'_>,
    into: &mut Vec<u8>,
) -> Result<(usize, bool)> {
    let room = usize::try_from(trailer_at.saturating_sub(stream.offset())).unwrap_or(usize::MAX);
    let packed = stream.at_hand()?;
    let packed = packed.get(..room).unwrap_or(packed);
    if packed.is_empty() {
        return Err(match room {
            0 => stream.damaged("its blocks run into their directory"),
            _ => ends_early(stream),
        });
    }
    into.reserve(STEP_BYTES);
    let before = (into.len(), block.unpacker.total_in());
    let status = block.unpacker.decompress_vec(packed, into, FlushDecompress::None);
    let status = status.map_err(|_| stream.damaged("a block cannot be unpacked"))?;
    let (read, used) = (into.len() - before.0, block.unpacker.total_in() - before.1);
    stream.advance(usize::try_from(used).unwrap_or(usize::MAX));
    let is_done = status == Status::StreamEnd;
    if read == 0 && used == 0 && !is_done {
        return Err(stream.damaged("a block cannot be unpacked"));
    }
    Ok((read, is_done))
}

fn ends_early(stream: &Stream<'_>) -> Error {
    let message = format!(
        "the file ends within its data, at byte {}; the copy is probably incomplete",
        stream.offset()
    );
    Error::raw_input(stream.path(), message).with_hint(COPY_AGAIN)
}
