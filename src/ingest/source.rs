//! The bytes of a raw file: plain, or unpacked from gzip while they are read.
//! What stands in them is left to the formats.

use std::fs::{File, Metadata};
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, IoContext, Result};

const COMPRESSED_BUFFER_BYTES: usize = 256 * 1024;

/// An open raw file.
pub(crate) struct Source {
    path: PathBuf,
    text: Box<dyn Read + Send>,
    /// A second handle, to see at the end whether the file is still the same.
    file: File,
    opened: Metadata,
    is_gzip: bool,
    text_bytes: u64,
}

impl Source {
    /// Opens a raw file; name and content must agree on its compression.
    pub(crate) fn open(path: &Path) -> Result<Source> {
        let mut file = File::open(path).at("open", path)?;
        let opened = file.metadata().at("read", path)?;
        if opened.is_file() && opened.len() == 0 {
            return Err(is_empty(path));
        }
        let mut head = Vec::new();
        file.by_ref().take(4).read_to_end(&mut head).at("read", path)?;
        let is_gzip = is_gzip(path, &head)?;
        let second = file.try_clone().at("open", path)?;
        let bytes = std::io::Cursor::new(head).chain(file);
        let text: Box<dyn Read + Send> = match is_gzip {
            true => {
                let buffered = BufReader::with_capacity(COMPRESSED_BUFFER_BYTES, bytes);
                Box::new(MultiGzDecoder::new(buffered))
            }
            false => Box::new(bytes),
        };
        Ok(Source { path: path.to_path_buf(), text, file: second, opened, is_gzip, text_bytes: 0 })
    }

    /// The file, as messages name it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds up to `wanted` bytes to the buffer; fewer mean that the text ends.
    pub(crate) fn read_more(&mut self, buffer: &mut Vec<u8>, wanted: usize) -> Result<usize> {
        buffer.reserve(wanted);
        let before = buffer.len();
        let outcome = self.text.by_ref().take(wanted as u64).read_to_end(buffer);
        let read = buffer.len() - before;
        self.text_bytes += read as u64;
        match outcome {
            Ok(_) => {}
            Err(error) if self.is_gzip => return Err(self.gzip_fault(error)),
            Err(error) => return Err(error).at("read", &self.path),
        }
        if read < wanted {
            self.check_unchanged()?;
        }
        Ok(read)
    }

    fn gzip_fault(&self, error: std::io::Error) -> Error {
        let after = format!("after {} bytes of text", self.text_bytes);
        match error.kind() {
            ErrorKind::UnexpectedEof => {
                let message =
                    format!("the gzip stream ends early {after}; the copy is probably incomplete");
                Error::raw_input(&self.path, message).with_hint("copy the file again")
            }
            ErrorKind::InvalidData | ErrorKind::InvalidInput => {
                Error::raw_input(&self.path, format!("the gzip stream is damaged {after}"))
                    .with_hint("copy the file again")
            }
            _ => Error::Io { action: "read", path: self.path.clone(), source: error },
        }
    }

    fn check_unchanged(&self) -> Result<()> {
        let now = self.file.metadata().at("read", &self.path)?;
        let is_same = now.len() == self.opened.len()
            && now.modified().ok() == self.opened.modified().ok()
            && (self.is_gzip || !now.is_file() || self.text_bytes == now.len());
        if is_same {
            return Ok(());
        }
        Err(Error::raw_input(&self.path, "the file changed while it was read")
            .with_hint("run again when the delivery is complete"))
    }
}

/// A file without any content.
pub(crate) fn is_empty(path: &Path) -> Error {
    Error::raw_input(path, "is empty").with_hint("deliver the file again, or take it away")
}

fn is_gzip(path: &Path, head: &[u8]) -> Result<bool> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if name.ends_with(".zst") || head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Err(Error::raw_input(path, "zstd files cannot be read yet")
            .with_hint("unpack it, or pack it as .gz"));
    }
    match (name.ends_with(".gz"), head.starts_with(&[0x1f, 0x8b])) {
        (true, false) => Err(Error::raw_input(path, "is named .gz but holds no gzip stream")
            .with_hint("take the .gz off its name, or deliver it again")),
        (false, true) => Err(Error::raw_input(path, "holds a gzip stream but is not named .gz")
            .with_hint("add .gz to its name")),
        (_, is_gzip) => Ok(is_gzip),
    }
}
