//! The one error of honkvast. A variant says whose problem it is and what the
//! user must look at; each has one exit code. Printing is left to `main`.
//!
//! No message holds a value of the microdata: text of the engine that may
//! quote data stays out of `message` and `hint`.

use std::fmt;
use std::path::{Path, PathBuf};

/// Result of anything in honkvast that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where in a file of the definition a mistake stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as the user knows it.
    pub file: PathBuf,
    /// Line, counted from one.
    pub line: usize,
    /// Column in characters, counted from one.
    pub column: usize,
}

/// The name of a file as it is printed: control characters, which would move
/// the cursor or begin a line, are escaped.
pub fn printable(name: impl AsRef<Path>) -> String {
    let name = name.as_ref().to_string_lossy();
    let escaped = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    name.chars().map(escaped).collect()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", printable(&self.file), self.line, self.column)
    }
}

/// What went wrong, by what the user must look at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that cannot be.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A study, codebook, code list or SQL file has a mistake.
    #[error("{place}: {message}")]
    Definition {
        /// File, line and column of the mistake.
        place: Place,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A raw file is missing or is not as its codebook says.
    #[error("{}{message}", raw_place(file.as_deref(), *line, column.as_deref()))]
    RawInput {
        /// The raw file, where one exists.
        file: Option<PathBuf>,
        /// Physical line, counted from one, where one is to blame.
        line: Option<u64>,
        /// Column name, where one is to blame.
        column: Option<String>,
        /// What is wrong; never a value of the data.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// More records of one slice were rejected than its source allows.
    #[error("{slice}: {rejected} of {}{read} records rejected, over the limit of {limit_percent} %", if *is_cut { "the first " } else { "" })]
    Rejects {
        /// The slice, as `raw.jobs 2018`.
        slice: String,
        /// Records rejected.
        rejected: u64,
        /// Records read.
        read: u64,
        /// There are more, which could not bring the rejects under the limit.
        is_cut: bool,
        /// The limit in percent as text.
        limit_percent: String,
        /// What to do, where the rejects seem to have one cause.
        hint: Option<String>,
    },
    /// The rejects of a run take more room than they may.
    #[error("{slice}: with its rejects those of the run take more than {limit_bytes} bytes")]
    RejectSpace {
        /// The slice, as `raw.jobs 2018`, with its file.
        slice: String,
        /// The room that they may take.
        limit_bytes: u64,
    },
    /// The engine could not make a model's slice.
    #[error("{slice} ({sql}): {message}")]
    Model {
        /// The slice, as `core.transitions 2018`.
        slice: String,
        /// The SQL file.
        sql: String,
        /// The kind of failure; never the engine's own text, which may quote data.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A query needs more memory than the process may take.
    #[error("{slice} ({sql}): does not fit in the memory limit of {} MiB; it would take {} MiB at least", limit >> 20, needed.div_ceil(1 << 20))]
    Memory {
        /// The slice, as `core.transitions 2018`, or what else was asked for.
        slice: String,
        /// The SQL file.
        sql: String,
        /// The limit in bytes.
        limit: u64,
        /// The least limit in bytes with which it would have come further.
        needed: u64,
    },
    /// A table's key does not make its rows unique.
    #[error("{slice}: {rows} rows have the same key ({key}) as another row")]
    NotUnique {
        /// The slice, as `staging.persons 2018`.
        slice: String,
        /// The columns of the key.
        key: String,
        /// Rows beyond the first of each key.
        rows: u64,
    },
    /// Slices of declared years have no row.
    #[error("{slice} has no row{more}")]
    Empty {
        /// The first of them, as `core.person_years 2024`.
        slice: String,
        /// How many others there are, in words.
        more: String,
    },
    /// Checks found rows that must not exist.
    #[error("{failed} of {all} checks stopped the run: {names}")]
    Check {
        /// Checks that stop and failed.
        failed: usize,
        /// Checks that ran.
        all: usize,
        /// Names with their row counts.
        names: String,
        /// Where to look.
        hint: Option<String>,
    },
    /// A table cannot be published right as it is declared.
    #[error("{table}: {message}")]
    Publication {
        /// The table, as `out.retention`.
        table: String,
        /// What is wrong; of the data only dimensions, which are published.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Disclosure control refuses to let the tables out.
    #[error("{message}")]
    Protection {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The lake is being written by another run.
    #[error("the lake {} is held by {holder}", printable(lake))]
    Held {
        /// The lake.
        lake: PathBuf,
        /// Process and command of the holder.
        holder: String,
    },
    /// A file or folder of the lake, the release or elsewhere cannot be used.
    #[error("cannot {action} {}: {source}", printable(path))]
    Io {
        /// What was tried, as a verb: `write`, `rename`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// What a command has to say finds no room on stdout.
    #[error("cannot write to stdout: {source}")]
    Output {
        /// The system's answer.
        source: std::io::Error,
    },
    /// The lake holds something that honkvast did not write so.
    #[error("{}: {message}", printable(path))]
    Lake {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// Something in the lake is not as it was written: a disk, a copy or a hand
    /// changed it.
    #[error("{}: damaged: {message}", printable(path))]
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What does not fit.
        message: String,
    },
    /// A signal asked the run to stop.
    #[error("stopped by signal {signal}")]
    Interrupted {
        /// The signal's number.
        signal: u8,
    },
    /// A fault of honkvast itself.
    #[error("internal fault: {message}")]
    Internal {
        /// What was found.
        message: String,
    },
}

fn raw_place(file: Option<&Path>, line: Option<u64>, column: Option<&str>) -> String {
    let mut place = String::new();
    if let Some(file) = file {
        place.push_str(&printable(file));
        if let Some(line) = line {
            place.push_str(&format!(":{line}"));
        }
        place.push_str(": ");
    }
    if let Some(column) = column {
        place.push_str(&format!("column {column}: "));
    }
    place
}

impl Error {
    /// The process's exit code for this error (docs/ARCHITECTURE.md lists them).
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage { .. } | Error::Definition { .. } => 2,
            Error::Model { .. } | Error::Io { .. } | Error::Lake { .. } | Error::Damaged { .. } => {
                1
            }
            Error::Internal { .. } | Error::Memory { .. } | Error::Output { .. } => 1,
            Error::Check { .. } | Error::NotUnique { .. } => 3,
            Error::Publication { .. } | Error::Empty { .. } => 3,
            Error::Rejects { .. } | Error::RejectSpace { .. } => 4,
            Error::RawInput { .. } => 5,
            Error::Protection { .. } => 6,
            Error::Held { .. } => 9,
            Error::Interrupted { signal } => 128 + signal,
        }
    }

    /// What the user can do about it, where something is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Error::Usage { hint, .. }
            | Error::Definition { hint, .. }
            | Error::RawInput { hint, .. }
            | Error::Model { hint, .. }
            | Error::Check { hint, .. }
            | Error::Publication { hint, .. }
            | Error::Protection { hint, .. } => hint.as_deref(),
            Error::Rejects { hint, .. } => {
                let shows = "`honkvast rejects --run last` shows which rules and lines";
                Some(hint.as_deref().unwrap_or(shows))
            }
            Error::RejectSpace { .. } => Some(
                "`honkvast rejects --run last` shows those that were kept; is the file one of its \
                 codebook? Otherwise give more with --reject-space",
            ),
            Error::NotUnique { .. } => Some(
                "look for records that stand twice among the raw files; \
                 `honkvast sql --run last` over the upstream table finds them",
            ),
            Error::Empty { .. } => Some(
                "a declared year without rows is read as a year that everybody left: take it off \
                 `years`, or, where it may be, give the model `may_be_empty = true`",
            ),
            Error::Memory { .. } => Some("give more with --memory"),
            Error::Held { .. } => Some("wait for it, or give `--wait 10m`"),
            Error::Damaged { .. } => Some(
                "`honkvast verify` reads all and names what is damaged, `honkvast verify --repair` \
                 sets it aside, and the next run makes it again",
            ),
            Error::Output { .. } => Some("what the command did stands; only its words are lost"),
            Error::Io { .. } if self.is_disk_full() => Some(
                "make room on the disk of that folder (`honkvast gc` frees some in the lake), then \
                 run the same again: what is done is kept",
            ),
            _ => None,
        }
    }

    /// Says whether the system had no room for what was written.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Error::Io { source, .. } if is_disk_full(source))
    }

    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::Usage { message: message.into(), hint: None }
    }

    /// A raw file that cannot be read as its codebook says.
    pub fn raw_input(file: &Path, message: impl Into<String>) -> Self {
        Error::RawInput {
            file: Some(file.to_path_buf()),
            line: None,
            column: None,
            message: message.into(),
            hint: None,
        }
    }

    /// Something in the lake that is not as it was written.
    pub fn damaged(path: &Path, message: impl Into<String>) -> Self {
        Error::Damaged { path: path.to_path_buf(), message: message.into() }
    }

    /// A fault of honkvast itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::Internal { message: message.into() }
    }

    /// Adds what the user can do, where the variant has room for it.
    #[must_use]
    pub fn with_hint(mut self, text: impl Into<String>) -> Self {
        if let Error::Usage { hint, .. }
        | Error::Definition { hint, .. }
        | Error::RawInput { hint, .. }
        | Error::Model { hint, .. }
        | Error::Check { hint, .. }
        | Error::Publication { hint, .. }
        | Error::Protection { hint, .. } = &mut self
        {
            *hint = Some(text.into());
        }
        self
    }
}

/// Says whether the system had no room for what was written: the disk is full,
/// or a quota or a limit on the size of files is reached.
pub fn is_disk_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Names the path and the action where the system refused something.
pub trait IoContext<T> {
    /// Turns a system error into [`Error::Io`].
    ///
    /// # Errors
    /// The system error with `action` and `path`.
    fn at(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> IoContext<T> for std::io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Io { action, path: path.to_path_buf(), source })
    }
}
