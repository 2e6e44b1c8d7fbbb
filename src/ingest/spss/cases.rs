//! The cases of an SPSS file, unpacked, some whole ones at a time. What stands
//! in them is left to `parse`.

use super::super::flow::Chunks;
use super::bytecode::{Bytecode, Stopped};
use super::dictionary::{Compression, Dictionary};
use super::stream::{COPY_AGAIN, Stream};
use super::zlib::Blocks;
use crate::error::{Error, Result};

/// Packed bytes that are taken at once.
const PACKED_BYTES: usize = 128 * 1024;

/// Some whole cases.
#[derive(Debug)]
pub(crate) struct CaseChunk {
    /// Number of the first case, counted from one.
    pub(crate) first_case: u64,
    /// Whole cases, one behind the other.
    pub(crate) bytes: Vec<u8>,
}

/// The cases of one file.
pub(crate) struct Cases<'a> {
    stream: Stream<'a>,
    packing: Packing,
    case_bytes: usize,
    /// Bytes of a chunk, a multiple of the bytes of a case.
    chunk_bytes: usize,
    /// Cases that the file declares.
    declared: Option<u64>,
    /// Cases handed out.
    count: u64,
    is_at_end: bool,
    /// Bytes of the file behind its data.
    surplus_bytes: u64,
}

enum Packing {
    None,
    Bytecode(Packed, Option<Box<Blocks>>),
}

/// Bytecode and what of it is at hand.
struct Packed {
    bytecode: Bytecode,
    bytes: Vec<u8>,
    at: usize,
    /// The command that ends the data was read.
    has_ended: bool,
}

impl<'a> Cases<'a> {
    /// Stands at the first case of a file whose dictionary has been read.
    pub(super) fn open(
        mut stream: Stream<'a>,
        dictionary: &Dictionary,
        chunk_bytes: usize,
    ) -> Result<Self> {
        let packed = || Packed {
            bytecode: Bytecode::new(dictionary.bias, dictionary.order),
            bytes: Vec::new(),
            at: 0,
            has_ended: false,
        };
        let packing = match dictionary.compression {
            Compression::None => Packing::None,
            Compression::Bytecode => Packing::Bytecode(packed(), None),
            Compression::Zlib => {
                let blocks = Blocks::open(&mut stream, dictionary.bias)?;
                Packing::Bytecode(packed(), Some(Box::new(blocks)))
            }
        };
        let case_bytes = dictionary.case_bytes;
        Ok(Cases {
            stream,
            packing,
            case_bytes,
            chunk_bytes: (chunk_bytes / case_bytes).max(1) * case_bytes,
            declared: dictionary.case_count,
            count: 0,
            is_at_end: false,
            surplus_bytes: 0,
        })
    }

    /// Bytes of the file behind its data. Holds once all cases are taken.
    pub(crate) fn surplus_bytes(&self) -> u64 {
        self.surplus_bytes
    }

    /// Holds the cases against the number that the file declares.
    fn close(&mut self, left_over: usize) -> Result<()> {
        self.is_at_end = true;
        let count = self.count;
        let message = match self.declared {
            Some(declared) if declared > count => format!(
                "the file declares {declared} cases and has {count}; \
                 the copy is probably incomplete"
            ),
            Some(declared) if declared < count || left_over > 0 => {
                format!("the file declares {declared} cases and has more; it is damaged")
            }
            _ if left_over > 0 || !self.packing.is_whole() => format!(
                "the file ends within its data, after {count} whole cases; \
                 the copy is probably incomplete"
            ),
            _ => return Ok(()),
        };
        Err(Error::raw_input(self.stream.path(), message).with_hint(COPY_AGAIN))
    }
}

impl Chunks for Cases<'_> {
    type Chunk = CaseChunk;

    fn next_chunk(&mut self) -> Result<Option<CaseChunk>> {
        if self.is_at_end {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(self.chunk_bytes);
        let is_full = match &mut self.packing {
            Packing::None => self.stream.read(&mut bytes, self.chunk_bytes)? == self.chunk_bytes,
            Packing::Bytecode(packed, blocks) => packed.unpack(
                &mut self.stream,
                blocks.as_deref_mut(),
                &mut bytes,
                self.chunk_bytes,
            )?,
        };
        let left_over = bytes.len() % self.case_bytes;
        let first_case = self.count + 1;
        self.count += (bytes.len() / self.case_bytes) as u64;
        if !is_full {
            self.surplus_bytes = self.packing.drain(&mut self.stream)?;
            self.close(left_over)?;
        } else if self.declared.is_some_and(|declared| declared < self.count) {
            self.close(0)?;
        }
        Ok((!bytes.is_empty()).then_some(CaseChunk { first_case, bytes }))
    }
}

impl Packing {
    /// Says whether the data were not cut off within a block of bytecode.
    fn is_whole(&self) -> bool {
        match self {
            Packing::None => true,
            Packing::Bytecode(packed, _) => packed.is_whole(),
        }
    }

    /// Reads what stands behind the data; gives its bytes.
    fn drain(&mut self, stream: &mut Stream<'_>) -> Result<u64> {
        let mut surplus = 0;
        if let Packing::Bytecode(packed, blocks) = self {
            surplus += (packed.bytes.len() - packed.at) as u64;
            if let Some(blocks) = blocks {
                let mut bytes = Vec::new();
                loop {
                    bytes.clear();
                    match blocks.read(stream, &mut bytes)? {
                        0 => break,
                        read => surplus += read as u64,
                    }
                }
            }
        }
        Ok(surplus + stream.drain()?)
    }
}

impl Packed {
    fn is_whole(&self) -> bool {
        self.has_ended || (self.at == self.bytes.len() && self.bytecode.is_between_blocks())
    }

    /// Unpacks until there are so many bytes; says whether there are.
    fn unpack(
        &mut self,
        stream: &mut Stream<'_>,
        mut blocks: Option<&mut Blocks>,
        into: &mut Vec<u8>,
        wanted: usize,
    ) -> Result<bool> {
        loop {
            let packed = self.bytes.get(self.at..).unwrap_or_default();
            let (used, stopped) = self.bytecode.unpack(packed, into, wanted);
            self.at += used;
            match stopped {
                Stopped::Full => return Ok(true),
                Stopped::AtEnd => {
                    self.has_ended = true;
                    return Ok(false);
                }
                Stopped::Starved => {}
            }
            self.bytes.drain(..self.at);
            self.at = 0;
            let read = match &mut blocks {
                Some(blocks) => blocks.read(stream, &mut self.bytes)?,
                None => stream.read(&mut self.bytes, PACKED_BYTES)?,
            };
            if read == 0 {
                return Ok(false);
            }
        }
    }
}
