//! One writer at a time: an operating-system lock that the process holds and
//! that ends with it, however it ends. Readers never wait for it.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::sync::atomic::AtomicU8;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Lake;
use super::names::now_text;
use super::privacy;
use crate::durable::files;
use crate::error::{Error, IoContext, Result};

/// Time between two tries for the lock.
const POLL: Duration = Duration::from_millis(50);
/// A probe of [`Lake::holder`] takes the lock for an instant; a writer bears
/// with that much even where it does not wait.
const PATIENCE: Duration = Duration::from_millis(250);

/// Who holds the lake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Machine of the process, where it has a name.
    pub host: Option<String>,
    /// What it was started as.
    pub command: String,
    /// When it took the lock, RFC 3339.
    pub since: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {}", self.pid)?;
        if let Some(host) = &self.host {
            write!(f, " on {host}")?;
        }
        write!(f, " (`{}`) since {}", self.command, self.since)
    }
}

/// The right to write to one lake, until dropped.
#[derive(Debug)]
pub struct LakeLock {
    file: File,
}

impl Drop for LakeLock {
    fn drop(&mut self) {
        // Who comes next need not read about a run that has ended; the lock
        // itself ends with the file whatever happens here.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

impl Lake {
    /// Takes the lock, or waits for it. `stop` holds the number of the signal
    /// that asks to stop, 0 for none.
    ///
    /// # Errors
    /// [`Error::Held`] where another process has it and the time is over;
    /// [`Error::Usage`] for the lake of another user; [`Error::Interrupted`];
    /// [`Error::Io`].
    pub fn lock(&self, command: &str, wait: Option<Duration>, stop: &AtomicU8) -> Result<LakeLock> {
        let until = Instant::now() + wait.unwrap_or_default().max(PATIENCE);
        privacy::refuse_another_owner(self.root())?;
        let path = self.root().join("lock");
        let mut file = files::open_to_lock(&path)?;
        let mut is_told = wait.is_none();
        loop {
            crate::stop::check(stop)?;
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    if !is_told && let Some(holder) = read_holder(&mut file) {
                        tracing::info!("waiting for {holder}");
                        is_told = true;
                    }
                    std::thread::sleep(POLL);
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = read_holder(&mut file);
                    let holder = holder.map_or("another run".to_owned(), |found| found.to_string());
                    return Err(Error::Held { lake: self.root().to_path_buf(), holder });
                }
                Err(TryLockError::Error(error)) => return Err(error).at("lock", &path),
            }
        }
        let holder = Holder {
            pid: std::process::id(),
            host: host_name(),
            command: command.to_owned(),
            since: now_text(),
        };
        file.set_len(0).at("write", &path)?;
        file.write_all(&files::to_json(&holder)?).at("write", &path)?;
        Ok(LakeLock { file })
    }

    /// Who holds the lock now; none where nobody does.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn holder(&self) -> Result<Option<Holder>> {
        let path = self.root().join("lock");
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.at("open", &path)?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_holder(&mut file).unwrap_or(Holder {
                pid: 0,
                host: None,
                command: "unknown".to_owned(),
                since: now_text(),
            }))),
            Err(TryLockError::Error(error)) => Err(error).at("lock", &path),
        }
    }
}

/// The machine's name, where the system tells it in a file.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// What the lock file says; none while its holder is still writing it.
fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_writer_is_refused_with_the_name_of_the_first() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(temp.path(), "s").unwrap();
        let stop = AtomicU8::new(0);
        assert_eq!(lake.holder().unwrap(), None);
        let lock = lake.lock("honkvast run", None, &stop).unwrap();
        let refused = lake.lock("honkvast demo", None, &stop).unwrap_err();
        assert_eq!(refused.exit_code(), 9);
        let message = refused.to_string();
        assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
        assert!(message.contains("`honkvast run`"), "{message}");
        assert_eq!(lake.holder().unwrap().unwrap().command, "honkvast run");
        drop(lock);
        assert_eq!(lake.holder().unwrap(), None);
        lake.lock("honkvast demo", None, &stop).unwrap();
    }

    #[test]
    fn a_writer_waits_as_long_as_it_may() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(temp.path(), "s").unwrap();
        let stop = AtomicU8::new(0);
        let lock = lake.lock("first", None, &stop).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| lake.lock("second", Some(Duration::from_secs(60)), &stop));
            std::thread::sleep(Duration::from_millis(400));
            drop(lock);
            waiting.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_signal_ends_the_waiting() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(temp.path(), "s").unwrap();
        let _lock = lake.lock("first", None, &AtomicU8::new(0)).unwrap();
        let stop = AtomicU8::new(15);
        let stopped = lake.lock("second", Some(Duration::from_secs(60)), &stop).unwrap_err();
        assert_eq!(stopped.exit_code(), 143);
    }
}
