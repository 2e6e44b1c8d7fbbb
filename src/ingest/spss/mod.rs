//! SPSS system files, `.sav` and `.zsav`: read from the beginning to the end
//! without seeking, so that packed ones work as well.
//!
//! `stream` gives the bytes, `records` reads the dictionary's records from them
//! and `assemble` with `long_strings`, `encoding` and `print_format` puts them
//! together as a `dictionary`; `description` is what of it is kept. `cases`
//! unpacks the data with `bytecode` and `zlib`; `parse` makes rows of them, and
//! `numbers` text of numbers.
//!
//! No size that a file declares is believed: memory grows with what is read, up
//! to fixed limits. The format is that of the PSPP developer's guide, "System
//! File Format".

mod assemble;
mod bytecode;
mod cases;
mod description;
mod dictionary;
mod encoding;
mod long_strings;
mod numbers;
mod parse;
mod print_format;
mod records;
mod stream;
mod zlib;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::atomic::AtomicU8;

pub(crate) use self::cases::Cases;
pub(crate) use self::parse::Parser;

use self::dictionary::{Compression, Dictionary};
use self::records::Records;
use self::stream::Stream;
use self::zlib::Blocks;
use super::Request;
use super::chunks::Limits;
use super::column_names::{NamesOfFile, find_columns};
use super::source::{SAMPLE_BYTES, Source};
use crate::error::Result;
use crate::lake::FileDictionary;
use crate::pipeline::codebook::Spss;

/// An SPSS file whose dictionary has been read.
pub(crate) struct Opened<'a> {
    pub(crate) cases: Cases<'a>,
    pub(crate) parser: Parser,
    pub(crate) dictionary: FileDictionary,
    pub(crate) warnings: Vec<String>,
}

/// Opens an SPSS file, reads its dictionary and finds the codebook's columns.
pub(crate) fn open<'a>(request: &Request<'a>, format: &Spss, limits: Limits) -> Result<Opened<'a>> {
    let (file, codebook) = (request.file, request.codebook);
    let mut stream = Stream::new(Source::open(&file.path)?, request.stop);
    let records = Records::read(&mut stream)?;
    let dictionary = assemble::assemble(records, stream.order, &file.path)?;
    let names = dictionary.variables.iter().map(|variable| variable.name.to_lowercase());
    let names = NamesOfFile { names: names.collect(), line: None, place: "dictionary" };
    let fields = find_columns(&names, codebook, file)?;
    let cases = Cases::open(stream, &dictionary, limits.chunk_bytes)?;
    Ok(Opened {
        cases,
        dictionary: description::describe(&dictionary),
        warnings: misnamed(&file.path, &dictionary).into_iter().collect(),
        parser: Parser::new(dictionary, &fields, codebook, format.user_missing),
    })
}

/// Reads what an SPSS file says of itself, and none of its cases.
pub(crate) fn read_dictionary(path: &Path, stop: &AtomicU8) -> Result<FileDictionary> {
    let mut stream = Stream::new(Source::open(path)?, stop);
    let records = Records::read(&mut stream)?;
    Ok(description::describe(&assemble::assemble(records, stream.order, path)?))
}

/// About how many bytes stand in a file of so many, once its blocks are unpacked,
/// by the first of them; the same of what is no `.zsav` or cannot be read.
pub(crate) fn likely_bytes(path: &Path, bytes: u64) -> u64 {
    let sample = || -> Result<(u64, u64)> {
        let nobody = AtomicU8::new(0);
        let mut stream = Stream::new(Source::open(path)?, &nobody);
        let records = Records::read(&mut stream)?;
        let dictionary = assemble::assemble(records, stream.order, path)?;
        match dictionary.compression {
            Compression::Zlib => {
                Blocks::open(&mut stream, dictionary.bias)?.sample(&mut stream, SAMPLE_BYTES)
            }
            Compression::None | Compression::Bytecode => Ok((1, 1)),
        }
    };
    let (packed, unpacked) = sample().unwrap_or((1, 1));
    let bytes = u128::from(bytes) * u128::from(unpacked) / u128::from(packed.max(1));
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// What to say where name and content of a file differ; its content counts.
fn misnamed(path: &Path, dictionary: &Dictionary) -> Option<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
    match (name.ends_with(".zsav"), dictionary.compression == Compression::Zlib) {
        (true, false) => Some("it is named .zsav but is a .sav, and was read as one".to_owned()),
        (false, true) if name.ends_with(".sav") => {
            Some("it is named .sav but is a .zsav, and was read as one".to_owned())
        }
        _ => None,
    }
}
