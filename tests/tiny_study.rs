//! A study that fits on a screen: one source of two years, a staging model, a
//! published table. Tests spoil one file of it at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::workplace::{Workplace, stderr};

const STUDY: &str = r#"name       = "tiny"
title      = "Hours by sector"
years      = "2020..2021"
disclosure = "synthetic"

[parameters]
least_hours = 1

[sources.jobs]
codebook = "codebooks/jobs.toml"
files    = "jobs{year}V{version}.*"
volume_guard = 1
[models."staging.jobs"]
key = ["person_id"]

[models."out.hours"]
key = ["year", "sector_code"]

[publish.hours]
title      = { nl = "Uren", en = "Hours" }
family     = "register"
dimensions = ["year", "sector_code"]
measures   = ["person_count", "hour_count"]
"#;

const CODEBOOK: &str = r#"title  = "Jobs"
format = { kind = "delimited", delimiter = ";" }

[[columns]]
name = "person_id"
header = "PERSON"
type = "text"
mandatory = true

[[columns]]
name = "sector_code"
header = "SECTOR"
type = "text"

[[columns]]
name = "hour_count"
header = "HOURS"
type = "integer"
"#;

const STAGING: &str = "-- One row per person.
select
    person_id,
    sector_code,
    hour_count
from raw.jobs
order by person_id
";

const OUT: &str = "-- One row per sector.
select
    $year as year,
    sector_code,
    count(*) as person_count,
    sum(hour_count) as hour_count
from staging.jobs
where hour_count >= $least_hours
group by sector_code
order by sector_code
";

const CHECK: &str = "-- stop: Nobody works more hours than a week has.
select person_id
from staging.jobs
where hour_count > 168
";

/// Name of the study's file.
pub(crate) const STUDY_FILE: &str = "pipelines/tiny.toml";
/// Name of the codebook's file.
pub(crate) const CODEBOOK_FILE: &str = "pipelines/codebooks/jobs.toml";
/// Name of the staging model's file.
pub(crate) const STAGING_FILE: &str = "sql/tiny/staging/jobs.sql";
/// Name of the published table's file.
pub(crate) const OUT_FILE: &str = "sql/tiny/out/hours.sql";
/// Name of the check's file.
pub(crate) const CHECK_FILE: &str = "sql/tiny/checks/nobody_works_too_long.sql";

/// What every command of this study is given.
pub(crate) const FOLDERS: [&str; 8] =
    ["-p", "tiny", "--raw", "raw", "--lake", "lake", "--release", "release"];

/// The study in a workplace of its own.
pub(crate) struct TinyStudy {
    /// Where it lies.
    pub(crate) place: Workplace,
}

impl TinyStudy {
    /// The study without a mistake, and no raw file yet.
    pub(crate) fn new() -> Self {
        let study = TinyStudy { place: Workplace::new() };
        study.write(STUDY_FILE, STUDY);
        study.write(CODEBOOK_FILE, CODEBOOK);
        study.write(STAGING_FILE, STAGING);
        study.write(OUT_FILE, OUT);
        study.write(CHECK_FILE, CHECK);
        study
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.place.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Removes a file that is there.
    pub(crate) fn remove(&self, file: &str) {
        std::fs::remove_file(self.place.path(file)).unwrap();
    }

    /// Replaces a text that stands once in a file.
    pub(crate) fn replace(&self, file: &str, old: &str, new: &str) {
        let text = std::fs::read_to_string(self.place.path(file)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old:?} in {file}");
        self.write(file, text.replace(old, new));
    }

    /// Writes good raw files for both years, a hundred persons each.
    pub(crate) fn write_raw(&self) {
        self.write("raw/jobs2020V1.csv", jobs(100));
        self.write("raw/jobs2021V1.csv", jobs(100));
    }

    /// Runs a command that logs nothing below this level.
    pub(crate) fn output(&self, level: &str, command: &[&str]) -> Output {
        let arguments = [&FOLDERS[..], &["--log-level", level], command].concat();
        self.place.output(&arguments)
    }

    /// Runs a command, which must succeed, and gives its stdout.
    pub(crate) fn succeed(&self, command: &[&str]) -> String {
        let output = self.output("error", command);
        assert!(output.status.success(), "{command:?}:\n{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command, which must fail with this exit code and print nothing,
    /// and gives its stderr.
    pub(crate) fn fail(&self, code: i32, command: &[&str]) -> String {
        let output = self.output("error", command);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{command:?}:\n{said}");
        assert!(output.stdout.is_empty(), "a failure prints to stderr only");
        said.replace(&self.place.path("").display().to_string(), "<folder>/")
    }
}

/// What `validate` says of the study once `spoil` has been at it.
pub(crate) fn refusal(spoil: impl FnOnce(&TinyStudy)) -> String {
    let study = TinyStudy::new();
    spoil(&study);
    study.fail(2, &["validate"])
}

/// The same for one text in one file.
pub(crate) fn refusal_of(file: &str, old: &str, new: &str) -> String {
    refusal(|study| study.replace(file, old, new))
}

/// A raw file with so many persons in two sectors.
pub(crate) fn jobs(persons: usize) -> String {
    let row = |person| format!("P{person:03};{};{}\n", ["A", "B"][person % 2], 10 + person % 30);
    "PERSON;SECTOR;HOURS\n".to_owned() + &(1..=persons).map(row).collect::<String>()
}

/// Every file below a folder by its path, links followed, with its bytes.
pub(crate) fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}
