//! A log file of bounded size: when it is full it becomes `<name>.1`, that one
//! `<name>.2`, and the oldest goes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};

use crate::error::{Error, IoContext, Result};

/// Bytes after which a file is full; the line that fills it is its last.
const FULL_BYTES: usize = 10 << 20;
/// Full files that are kept beside the one that is written.
const KEPT_FILES: usize = 4;

/// The file, open for lines.
pub(super) struct LogFile {
    path: PathBuf,
    lines: Mutex<FileRotate<AppendCount>>,
}

impl LogFile {
    /// Opens the file, behind what it has.
    ///
    /// # Errors
    /// [`Error::Io`] where its folder is missing or it cannot be written.
    pub(super) fn open(path: &Path) -> Result<Self> {
        LogFile::with_limits(path, FULL_BYTES, KEPT_FILES)
    }

    fn with_limits(path: &Path, full_bytes: usize, kept_files: usize) -> Result<Self> {
        let path = std::path::absolute(path).at("open", path)?;
        // The library says nothing where it cannot open its file.
        std::fs::File::options().append(true).create(true).open(&path).at("open", &path)?;
        let (limit, suffixes) =
            (ContentLimit::BytesSurpassed(full_bytes), AppendCount::new(kept_files));
        let lines = FileRotate::new(&path, suffixes, limit, Compression::None, None);
        Ok(LogFile { path, lines: Mutex::new(lines) })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// [`Error::Io`], as on a full disk; the line may stand there in part.
    pub(super) fn write_line(&self, line: &[u8]) -> Result<()> {
        // The library would panic over a folder that it cannot make again.
        if !self.path.parent().is_some_and(Path::is_dir) {
            return Err(Error::internal("the folder of the log file is gone"));
        }
        let mut lines = self.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        lines.write_all(line).at("write to", &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_moves_aside_and_no_line_is_cut() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("log");
        std::fs::write(&path, "from before\n").unwrap();
        let log = LogFile::with_limits(&path, 100, 2).unwrap();
        for number in 0..100 {
            log.write_line(format!("line {number:02}\n").as_bytes()).unwrap();
        }
        let read = |name: &str| std::fs::read_to_string(temp.path().join(name)).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(temp.path()).unwrap().collect();
        assert_eq!(names.len(), 3);
        names.clear();
        let kept = [read("log.2"), read("log.1"), read("log")];
        assert!(kept.iter().all(|part| part.len() < 120), "{kept:?}");
        let kept = kept.concat();
        let first = 100 - kept.lines().count();
        let expected: String = (first..100).map(|number| format!("line {number:02}\n")).collect();
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_folder_that_goes_is_an_error_and_no_panic() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("logs");
        assert!(LogFile::open(&folder.join("log")).is_err(), "no folder is made");
        std::fs::create_dir(&folder).unwrap();
        let log = LogFile::with_limits(&folder.join("log"), 1, 1).unwrap();
        log.write_line(b"a\n").unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, "a file").unwrap();
        assert!(log.write_line(b"b\n").is_err());
    }
}
