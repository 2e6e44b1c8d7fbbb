//! The bytes of a raw file: plain, or unpacked from gzip or zstd while they are
//! read. What stands in them is left to the formats.

use std::fs::{File, Metadata};
use std::io::{BufReader, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, IoContext, Result};
use crate::pipeline::packed_names::{packed_ending, say_unread};

const UNFINISHED: &str = "run again when the delivery is complete";

/// So many bytes of a file show how it is packed.
const HEAD_BYTES: u64 = 10;

const PACKED_BUFFER_BYTES: usize = 256 * 1024;

/// A zstd stream may ask for a window of 2^27 bytes (128 MiB), which is what
/// `zstd --ultra -22` and `zstd --long` write. Each open stream holds one.
const ZSTD_WINDOW_LOG: u32 = 27;

/// A byte of a deflate stream stands for no more bytes of text than this.
const DEFLATE_RATIO: u64 = 1032;

/// So many packed bytes show how much text a byte stands for.
pub(crate) const SAMPLE_BYTES: u64 = 512 * 1024;

/// How a raw file is packed. Its name and its first bytes must agree on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// An open raw file.
pub(crate) struct Source {
    path: PathBuf,
    text: Box<dyn Read + Send>,
    /// A second handle, to see at the end whether the file is still the same.
    file: File,
    opened: Metadata,
    packing: Packing,
    text_bytes: u64,
}

impl Source {
    /// Opens a raw file; name and content must agree on its packing.
    pub(crate) fn open(path: &Path) -> Result<Source> {
        let mut file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => has_vanished(path),
            _ => Error::raw_input(path, format!("cannot be read: {error}")),
        })?;
        let opened = file.metadata().at("read", path)?;
        if opened.is_file() && opened.len() == 0 {
            return Err(is_empty(path));
        }
        let mut head = Vec::new();
        file.by_ref().take(HEAD_BYTES).read_to_end(&mut head).at("read", path)?;
        let packing = Packing::of(path, &head)?;
        let second = file.try_clone().at("open", path)?;
        let bytes = std::io::Cursor::new(head).chain(file);
        let text = packing.unpack(bytes).at("read", path)?;
        Ok(Source { path: path.to_path_buf(), text, file: second, opened, packing, text_bytes: 0 })
    }

    /// The file, as messages name it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The text has at most so many bytes; none where nobody can say before it
    /// is unpacked.
    pub(crate) fn most_text_bytes(&self) -> Option<u64> {
        match self.packing {
            Packing::Plain => Some(self.opened.len()),
            Packing::Gzip => Some(self.opened.len().saturating_mul(DEFLATE_RATIO)),
            Packing::Zstd => None,
        }
    }

    /// Adds up to `wanted` bytes to the buffer; fewer mean that the text ends.
    pub(crate) fn read_more(&mut self, buffer: &mut Vec<u8>, wanted: usize) -> Result<usize> {
        buffer.reserve(wanted);
        let before = buffer.len();
        let outcome = self.text.by_ref().take(wanted as u64).read_to_end(buffer);
        let read = buffer.len() - before;
        self.text_bytes += read as u64;
        outcome.map_err(|error| self.fault(error))?;
        if read < wanted {
            self.check_unchanged()?;
        }
        Ok(read)
    }

    /// What went wrong while the file was read or unpacked. The system's own
    /// errors have a number, those of a damaged stream have none.
    fn fault(&self, error: std::io::Error) -> Error {
        let name = match self.packing {
            Packing::Gzip if error.raw_os_error().is_none() => "gzip",
            Packing::Zstd if error.raw_os_error().is_none() => "zstd",
            _ => return Error::Io { action: "read", path: self.path.clone(), source: error },
        };
        // What is written while it is read looks like damage.
        if self.file.metadata().is_ok_and(|now| !self.is_as_opened(&now)) {
            return has_changed(&self.path);
        }
        let after = format!("after {} bytes of text", self.text_bytes);
        if error.kind() == ErrorKind::UnexpectedEof {
            let message =
                format!("the {name} stream ends early {after}; the copy is probably incomplete");
            return Error::raw_input(&self.path, message).with_hint("copy the file again");
        }
        // The library knows this fault by its words alone.
        if error.to_string().contains("too much memory") {
            let message = "the zstd stream needs more than 128 MiB to be unpacked";
            return Error::raw_input(&self.path, message)
                .with_hint("pack it again without `--long`, or unpack it");
        }
        Error::raw_input(&self.path, format!("the {name} stream is damaged {after}"))
            .with_hint("copy the file again")
    }

    fn is_as_opened(&self, now: &Metadata) -> bool {
        now.len() == self.opened.len() && now.modified().ok() == self.opened.modified().ok()
    }

    /// Looks at the end whether the file is the one that was opened, as it was.
    fn check_unchanged(&self) -> Result<()> {
        let now = self.file.metadata().at("read", &self.path)?;
        let is_whole = self.packing != Packing::Plain || self.text_bytes == now.len();
        if !self.is_as_opened(&now) || (now.is_file() && !is_whole) {
            return Err(has_changed(&self.path));
        }
        match self.path.metadata() {
            Ok(named) if is_same_file(&named, &now) => Ok(()),
            Ok(_) => Err(has_changed(&self.path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(has_vanished(&self.path)),
            Err(error) => Err(error).at("read", &self.path),
        }
    }
}

/// Says whether two looks were at one file.
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    one.dev() == other.dev() && one.ino() == other.ino()
}

/// A file that is not as it was when it was looked at first.
fn has_changed(path: &Path) -> Error {
    Error::raw_input(path, "the file changed while it was read").with_hint(UNFINISHED)
}

fn has_vanished(path: &Path) -> Error {
    Error::raw_input(path, "the file vanished while it was to be read").with_hint(UNFINISHED)
}

/// A file without any content.
pub(crate) fn is_empty(path: &Path) -> Error {
    Error::raw_input(path, "is empty").with_hint("deliver the file again, or take it away")
}

/// The packing that the first bytes of a file show and that is not read.
fn unread(head: &[u8]) -> Option<&'static str> {
    let starts: [(&[u8], &str); 7] = [
        (b"\xfd7zXZ\0", "xz"),
        (b"PK\x03\x04", "zip"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07", "rar"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"\x1f\x9d", "compress"),
        (b"\x1f\xa0", "compress"),
    ];
    // The fourth byte is a digit, the others begin the first block.
    let is_bzip2 = head.starts_with(b"BZh") && head.get(4..) == Some(b"1AY&SY");
    let found = starts.into_iter().find(|(start, _)| head.starts_with(start));
    found.map(|(_, packing)| packing).or(is_bzip2.then_some("bzip2"))
}

/// About how many bytes a file holds: its size, or of a packed one what its first
/// part promises. None of a file that cannot be read, which ingest says.
pub(crate) fn likely_bytes(path: &Path) -> u64 {
    let size = || -> std::io::Result<u64> {
        let mut file = File::open(path)?;
        let packed = file.metadata()?.len();
        let mut sample = Vec::new();
        file.by_ref().take(SAMPLE_BYTES).read_to_end(&mut sample)?;
        let sampled = sample.len() as u64;
        let packing = Packing::of(path, &sample).unwrap_or(Packing::Plain);
        if packing == Packing::Plain || sampled == 0 {
            return Ok(packed);
        }
        let mut unpacked = packing.unpack(std::io::Cursor::new(sample))?;
        let (mut buffer, mut text) = (vec![0; PACKED_BUFFER_BYTES], 0);
        // The sample ends within the stream, which is where its text ends.
        while let Ok(read @ 1..) = unpacked.read(&mut buffer) {
            text += read as u64;
        }
        let text = u128::from(text) * u128::from(packed) / u128::from(sampled);
        Ok(u64::try_from(text).unwrap_or(u64::MAX))
    };
    size().unwrap_or(0)
}

impl Packing {
    /// The text of packed bytes.
    fn unpack(self, bytes: impl Read + Send + 'static) -> std::io::Result<Box<dyn Read + Send>> {
        let buffered = |bytes| BufReader::with_capacity(PACKED_BUFFER_BYTES, bytes);
        Ok(match self {
            Packing::Plain => Box::new(bytes),
            Packing::Gzip => Box::new(MultiGzDecoder::new(buffered(bytes))),
            Packing::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(buffered(bytes))?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(decoder)
            }
        })
    }

    /// The packing that a file's name and its first bytes agree on.
    fn of(path: &Path, head: &[u8]) -> Result<Packing> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let named = match packed_ending(&name) {
            Some(".gz") => Packing::Gzip,
            Some(".zst") => Packing::Zstd,
            _ => Packing::Plain,
        };
        let found = match head {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            // A frame, or one that unpackers pass over.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Packing::Zstd,
            _ => Packing::Plain,
        };
        if let Some((message, hint)) = unread(head).map(say_unread) {
            return Err(Error::raw_input(path, message).with_hint(hint));
        }
        match (named.names(), found.names()) {
            _ if named == found => Ok(found),
            (Some((stream, ending)), _) => {
                let message = format!("is named {ending} but holds no {stream} stream");
                let hint = format!("take the {ending} off its name, or deliver it again");
                Err(Error::raw_input(path, message).with_hint(hint))
            }
            (None, Some((stream, ending))) => {
                let message = format!("holds a {stream} stream but is not named {ending}");
                Err(Error::raw_input(path, message).with_hint(format!("add {ending} to its name")))
            }
            (None, None) => Ok(Packing::Plain),
        }
    }

    /// The name of the stream, and the ending of a file's name.
    fn names(self) -> Option<(&'static str, &'static str)> {
        match self {
            Packing::Plain => None,
            Packing::Gzip => Some(("gzip", ".gz")),
            Packing::Zstd => Some(("zstd", ".zst")),
        }
    }
}
