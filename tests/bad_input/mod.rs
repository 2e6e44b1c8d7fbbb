//! Raw files that are not as their codebook says: one clear error or counted
//! rejects, the right exit code, never a value of the data in a message, and
//! the last good state still stands.

mod behind_ingest;
mod encodings;
mod files;
mod header;
mod packing;
mod permissions;
mod records;
mod rejects;
mod spss;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::raw_form::{Form, Packing, borrowed, good_records};
use crate::tiny_study::{TinyStudy, files_below, jobs};

/// Stands in the bad records; no message may show it.
const CANARY: &str = "KANARIE77";

const QUESTION: &str = "select count(*) as rows, sum(hour_count) as hours from out.hours";

/// What readers see: the current tables and the release, file by file, and the
/// answer to a question.
#[derive(Debug, PartialEq)]
struct State {
    files: BTreeMap<PathBuf, Vec<u8>>,
    answer: String,
}

/// The study with a good state that a run has made, and a bad one to come.
struct Scene {
    study: TinyStudy,
    good: State,
}

impl Scene {
    fn new() -> Self {
        let study = TinyStudy::new();
        study.write_raw();
        study.succeed(&["run"]);
        let good = state(&study);
        assert_eq!(good.answer, "rows,hours\n4,4720\n", "the good state is as it was written");
        Scene { study, good }
    }

    /// Runs again, which must fail with this code; gives its stderr.
    fn refusal(&self, code: i32) -> String {
        let said = self.study.fail(code, &["run"]);
        assert!(!said.contains(CANARY), "{said}");
        let traced = self.study.output("trace", &["run"]);
        assert_eq!(traced.status.code(), Some(code), "a second run fails alike");
        assert!(!contains(&traced.stderr, CANARY), "however much is logged");
        self.stands();
        self.keeps_secrets();
        said
    }

    /// The last good state is as it was, byte for byte.
    fn stands(&self) {
        assert_eq!(state(&self.study), self.good, "the last good state");
    }

    /// No value of the bad records is in the lake outside of data, or in what a
    /// command tells; and the lake is closed to others.
    fn keeps_secrets(&self) {
        crate::canary::keeps_secrets(&self.study);
        private(&self.study.place.path("lake"));
    }

    /// Spoils the raw file of 2021, plain.
    fn with_raw(content: impl AsRef<[u8]>) -> Self {
        let scene = Scene::new();
        scene.study.write("raw/jobs2021V1.csv", content);
        scene
    }

    /// A newer raw file of 2021, packed with gzip.
    fn with_packed(packed: &[u8]) -> Self {
        let scene = Scene::new();
        scene.study.write("raw/jobs2021V2.csv.gz", packed);
        scene
    }

    /// The study with files of another form, a hundred persons a year.
    fn of(form: Form, encoding: &str) -> Self {
        let study = TinyStudy::new();
        form.write_good_years(&study, encoding);
        study.succeed(&["run"]);
        let good = state(&study);
        assert_eq!(good.answer, "rows,hours\n4,4720\n", "the good state is as it was written");
        Scene { study, good }
    }

    /// A newer file of 2021, which must fail with this code. Gives stderr and the
    /// rejects with FILE for the file's name, and takes the file away.
    fn refusal_of(&self, form: Form, code: i32, text: &[u8]) -> (String, Vec<String>) {
        form.write(&self.study, 2021, 2, text);
        let name = form.file(2021, 2);
        let said = self.refusal(code).replace(&name, "FILE");
        let rejects = rejects(&self.study, &["--run", "last"]);
        self.study.remove(&format!("raw/{name}"));
        (said, rejects.into_iter().map(|row| row.replace(&name, "FILE")).collect())
    }
}

/// What all forms have in common.
fn the_same<T: PartialEq + std::fmt::Debug>(of: impl Iterator<Item = T>) -> T {
    of.reduce(|one, other| {
        assert_eq!(one, other);
        one
    })
    .unwrap()
}

fn state(study: &TinyStudy) -> State {
    let mut files = files_below(&study.place.path("release/current"));
    files.extend(files_below(&study.place.path("lake/current")));
    for link in ["release/current", "lake/current"] {
        let target = std::fs::read_link(study.place.path(link)).unwrap();
        files.insert(study.place.path(link), target.into_os_string().into_encoded_bytes());
    }
    State { files, answer: study.succeed(&["sql", QUESTION, "--format", "csv"]) }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Folders of the lake are 0700, files 0600.
fn private(path: &Path) {
    let metadata = std::fs::symlink_metadata(path).unwrap();
    if metadata.is_symlink() {
        return;
    }
    let wanted = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(metadata.permissions().mode() & 0o7777, wanted, "{}", path.display());
    if metadata.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| private(&entry.unwrap().path()));
    }
}

fn packed(text: &str) -> Vec<u8> {
    Packing::Gzip.pack(text.as_bytes())
}

/// Rejects by file, rule, column, count and first line.
fn rejects(study: &TinyStudy, more: &[&str]) -> Vec<String> {
    let text = study.succeed(&[&["rejects", "--json"], more].concat());
    let shown = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let column = row["column"].as_str().unwrap_or("-").to_owned();
        let (file, rule) = (row["file"].as_str().unwrap(), row["rule"].as_str().unwrap());
        format!("{file}, {column}, {rule}: {} from line {}", row["record_count"], row["first_line"])
    };
    text.lines().map(shown).collect()
}

/// A file with bad records behind good ones.
fn with_bad_records(good: usize, bad: &[&str]) -> String {
    jobs(good) + &bad.join("\n") + "\n"
}
