//! The flow of one file: one thread reads and cuts, several parse, the calling
//! thread takes the results in the order of the file. Formats that can be cut
//! into chunks of whole records share it.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use arrow::array::RecordBatch;

use super::encoding::Evidence;
use super::rejects::Rejects;
use crate::error::{Error, Result};

/// Chunks that wait before and behind each parsing thread. Together with those
/// being parsed they bound the memory.
const WAITING_CHUNKS: usize = 2;

/// The records of a file, some at a time, in the order of the file. Text is cut
/// at line ends, other formats at their own.
pub(crate) trait Chunks: Send {
    /// Some whole records.
    type Chunk: Send;

    /// Takes the next chunk; none at the end of the file.
    fn next_chunk(&mut self) -> Result<Option<Self::Chunk>>;
}

/// What became of one chunk.
pub(crate) struct Parsed {
    /// Records in the chunk.
    pub(crate) read: u64,
    /// The records kept, none where there are none.
    pub(crate) batch: Option<RecordBatch>,
    /// The records rejected.
    pub(crate) rejects: Rejects,
    /// What the text says of its encoding; nothing for other formats.
    pub(crate) evidence: Evidence,
}

/// Parses a file on `threads` threads and hands the results to `take` in the
/// order of the file, on the calling thread, until that has enough.
///
/// Chunks are dealt out in turn and results are collected in the same turn:
/// order and bounds come from the channels alone.
pub(crate) fn run<C: Chunks>(
    chunks: &mut C,
    threads: usize,
    parse: impl Fn(&C::Chunk) -> Result<Parsed> + Sync,
    take: &mut dyn FnMut(Parsed) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let parse = &parse;
    thread::scope(|scope| {
        let (mut to_parsers, mut from_parsers) = (Vec::new(), Vec::new());
        for _ in 0..threads.max(1) {
            let (chunk_sender, dealt) = sync_channel::<C::Chunk>(WAITING_CHUNKS);
            let (parsed_sender, parsed) = sync_channel(WAITING_CHUNKS);
            to_parsers.push(chunk_sender);
            from_parsers.push(parsed);
            scope.spawn(move || {
                for chunk in dealt {
                    let parsed = guarded(|| parse(&chunk));
                    if parsed_sender.send(parsed).is_err() {
                        break;
                    }
                }
            });
        }
        let reader = scope.spawn(move || guarded(|| deal(chunks, &to_parsers)));
        let taken = take_in_turn(from_parsers, take);
        let dealt = reader.join().unwrap_or_else(|_| Err(fault()));
        taken.and(dealt)
    })
}

/// Ends when the file does, or when nobody takes chunks any more.
fn deal<C: Chunks>(chunks: &mut C, parsers: &[SyncSender<C::Chunk>]) -> Result<()> {
    for parser in parsers.iter().cycle() {
        let Some(chunk) = chunks.next_chunk()? else { break };
        if parser.send(chunk).is_err() {
            break;
        }
    }
    Ok(())
}

fn take_in_turn(
    parsers: Vec<Receiver<Result<Parsed>>>,
    take: &mut dyn FnMut(Parsed) -> Result<ControlFlow<()>>,
) -> Result<()> {
    for parser in parsers.iter().cycle() {
        // The first parser that has nothing to give was the first to get nothing.
        let Ok(parsed) = parser.recv() else { break };
        if take(parsed?)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Turns a panic into an error: a broken thread must not look like a short file.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(fault()))
}

fn fault() -> Error {
    Error::internal("a thread that reads a raw file broke off")
}
