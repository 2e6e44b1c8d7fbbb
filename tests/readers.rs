//! Commands that only look: they write nothing, and need no right to write.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tiny_study::{CODEBOOK_FILE, FOLDERS, TinyStudy};
use crate::workplace::stderr;

const COMMANDS: [&[&str]; 14] = [
    &["status"],
    &["status", "--json"],
    &["plan"],
    &["history"],
    &["show", "last"],
    &["rejects"],
    &["rejects", "--rows"],
    &["rejects", "--run", "last"],
    &["vintages"],
    &["labels", "jobs"],
    &["sql", "select * from staging.jobs order by hour_count, person_id"],
    &["sql", "--run", "last", "select count(*) from staging.jobs"],
    &["gc", "--dry-run"],
    &["validate"],
];

fn study() -> TinyStudy {
    let study = TinyStudy::new();
    let limit = "reject_limit = 0.5\n[[columns]]\nname = \"person_id\"";
    study.replace(CODEBOOK_FILE, "[[columns]]\nname = \"person_id\"", limit);
    study.write_raw();
    study.write("raw/jobs2021V1.csv", crate::tiny_study::jobs(100) + "P998;A;many\n");
    study.succeed(&["run"]);
    study
}

/// Everything below a folder with its size, mode and the moment of its change.
fn stamps(folder: &Path) -> BTreeMap<PathBuf, (u64, u32, i64, i64)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is = path.symlink_metadata().unwrap();
        if is.is_dir() {
            found.extend(stamps(&path));
        }
        found.insert(path, (is.size(), is.mode(), is.ctime(), is.ctime_nsec()));
    }
    found
}

#[test]
fn readers_write_nothing() {
    let study = study();
    let before = stamps(&study.place.path(""));
    for command in COMMANDS {
        study.succeed(command);
        assert_eq!(stamps(&study.place.path("")), before, "{command:?}");
    }
}

#[test]
fn readers_answer_on_a_disk_that_cannot_be_written() {
    let study = study();
    for command in COMMANDS {
        let expected = study.succeed(command);
        let script = "mount --bind . . && mount -o remount,bind,ro . && cd \"$PWD\" || exit 77
                      ! touch lake/x 2>/dev/null || exit 77
                      exec \"$0\" \"$@\"";
        let mut reader = Command::new("unshare");
        reader.args(["--map-root-user", "--mount", "sh", "-c", script]);
        reader.arg(env!("CARGO_BIN_EXE_honkvast")).args(FOLDERS);
        reader.args(["--log-level", "error"]).args(command);
        let ended = reader.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        let ended = ended.current_dir(study.place.path("")).output().unwrap();
        if !matches!(ended.status.code(), Some(0)) && stderr(&ended).contains("unshare") {
            eprintln!("no mount of its own can be had: not compared");
            return;
        }
        assert_eq!(ended.status.code(), Some(0), "{command:?}: {}", stderr(&ended));
        assert_eq!(String::from_utf8(ended.stdout).unwrap(), expected, "{command:?}");
    }
}
