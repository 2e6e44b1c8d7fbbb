//! The readers of raw files without the rest of honkvast: with the engine, an
//! instrumented build takes half an hour. Same source files, same crate paths.

#[path = "../../../src/error.rs"]
pub mod error;
#[path = "../../../src/ingest/mod.rs"]
pub mod ingest;
#[path = "../../../src/stop.rs"]
pub mod stop;

#[path = "../../../src/lake/mod.rs"]
pub mod lake;
pub mod pipeline;

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::atomic::AtomicU8;

pub use error::{Error, Result};
use ingest::{RawFile, Request};
use pipeline::codebook::Codebook;
use pipeline::toml_reader::DefinitionText;

/// Reads `content` as a file of a name by a codebook, and holds the reader to
/// what it promises: no panic, no internal error, nothing lost.
pub fn read(codebook: &str, name: &str, content: &[u8]) {
    let text = DefinitionText { file: PathBuf::from("fuzz.toml"), text: codebook.to_owned() };
    let codebook = Codebook::read(&text).expect("the codebook of the target is right");
    let folder = PathBuf::from(format!("/dev/shm/honkvast-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder in memory");
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file in memory");
    let file = RawFile { path, name: name.to_owned(), year: Some(2016), part: None, version: vec![1] };
    let stop = AtomicU8::new(0);
    let request = Request { file: &file, codebook: &codebook, threads: 1, stop: &stop };
    let (kept, rejected) = (Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u64>, rows: usize| cell.set(cell.get() + rows as u64);
    let outcome = ingest::read(
        &request,
        &mut |batch| {
            count(&kept, batch.num_rows());
            Ok(())
        },
        &mut |batch| {
            count(&rejected, batch.num_rows());
            Ok(())
        },
    );
    match outcome {
        Ok(outcome) => {
            let counts = outcome.counts;
            assert_eq!((counts.kept, counts.rejected), (kept.get(), rejected.get()));
            assert_eq!(counts.read, counts.kept + counts.rejected);
        }
        Err(error) => assert!(!matches!(error, Error::Internal { .. }), "{error}"),
    }
}

/// Columns of every type, for text with the names or positions that `place` gives.
pub fn columns(place: impl Fn(usize) -> String) -> String {
    let rest = [
        "type = \"text\"\nmandatory = true",
        "type = \"text\"\nmissing = [\"--\", \"é\"]\nkeep_reason = true",
        "type = \"integer\"",
        "type = \"decimal(9,2)\"\nsurplus_decimals = \"round\"",
        "type = \"decimal(38,10)\"",
        "type = \"date\"\nspecial = { \"88888888\" = \"before\" }\nkeep_reason = true",
        "type = \"boolean\"",
    ];
    let column = |(index, rest): (usize, &&str)| {
        format!("[[columns]]\nname = \"c{index}\"\n{}\n{rest}\n", place(index))
    };
    rest.iter().enumerate().map(column).collect()
}
