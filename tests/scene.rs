//! A lake and a release that hold one of everything, and ways to damage them.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::chain::{Files, assert_same_files, resolved};
use crate::tiny_study::{CODEBOOK_FILE, TinyStudy, jobs};
use crate::workplace::{copy_folder_with_links, stderr};

/// A way to damage a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Way {
    Flipped,
    Cut,
    Emptied,
    Removed,
    Link,
    Folder,
}

/// All of them.
pub(crate) const WAYS: [Way; 6] =
    [Way::Flipped, Way::Cut, Way::Emptied, Way::Removed, Way::Link, Way::Folder];

/// A study whose lake holds one of everything, and what readers see of it.
pub(crate) struct Scene {
    pub(crate) study: TinyStudy,
    pub(crate) current: Files,
    pub(crate) release: Files,
}

impl Scene {
    /// A lake with warnings, rejects, a candidate, and runs that failed.
    pub(crate) fn new() -> Self {
        let study = TinyStudy::new();
        let first = "[[columns]]\nname = \"person_id\"";
        study.replace(CODEBOOK_FILE, first, &format!("reject_limit = 0.5\n{first}"));
        let check = "-- warn: Some work little.\nselect person_id\nfrom staging.jobs\n\
                     where hour_count < 12\n";
        study.write("sql/tiny/checks/some_work_little.sql", check);
        study.write("raw/jobs2020V1.csv", jobs(30));
        for text in [jobs(30), jobs(30) + "P998;A;169\n", jobs(40) + "P999;A;many\n"] {
            study.write("raw/jobs2021V1.csv", text);
            // As it is after a while: what a run learnt of the files is kept.
            for year in [2020, 2021] {
                age(&study.place.path(&format!("raw/jobs{year}V1.csv")));
            }
            study.output("error", &["run"]);
        }
        study.succeed(&["verify"]);
        for part in ["lake", "release"] {
            let copy = study.place.path(&format!("whole-{part}"));
            copy_folder_with_links(&study.place.path(part), &copy);
        }
        let (current, release) = (seen(&study, "lake"), seen(&study, "release"));
        Scene { study, current, release }
    }

    /// Brings lake and release back as they were.
    pub(crate) fn restore(&self) {
        for part in ["lake", "release"] {
            let whole = self.study.place.path(&format!("whole-{part}"));
            copy_folder_with_links(&whole, &self.study.place.path(part));
        }
    }

    /// A path in the study's place.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.study.place.path(name)
    }

    /// The only path that fits a pattern with `*` for whole names; of several
    /// the one that `current` uses.
    pub(crate) fn find(&self, pattern: &str) -> String {
        let led = |link: &str| std::fs::read_link(self.path(link)).unwrap();
        let pattern = pattern.replace("snapshots/*", led("lake/current").to_str().unwrap());
        let pattern = pattern.replace("releases/*", led("release/current").to_str().unwrap());
        let mut found = vec![String::new()];
        for part in pattern.split('/') {
            let below = |above: String| -> Vec<String> {
                match part.split_once('*') {
                    None => vec![format!("{above}{part}")],
                    Some((start, end)) => {
                        let entries = std::fs::read_dir(self.path(&above)).unwrap();
                        let names =
                            entries.map(|it| it.unwrap().file_name().into_string().unwrap());
                        let fits = |name: &String| name.starts_with(start) && name.ends_with(end);
                        names.filter(fits).map(|name| format!("{above}{name}")).collect()
                    }
                }
            };
            found = found.into_iter().flat_map(below).map(|path| path + "/").collect();
        }
        found.sort_by_key(|path| {
            self.path(path.trim_end_matches('/')).metadata().map(|it| it.len()).ok()
        });
        found.pop().unwrap().trim_end_matches('/').to_owned()
    }

    /// The exit code of a command, and all that it said.
    pub(crate) fn code(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.study.output("error", arguments);
        let said = String::from_utf8(output.stdout.clone()).unwrap() + &stderr(&output);
        (output.status.code(), said)
    }

    /// Brings lake and release back, and then damages much of them.
    pub(crate) fn spoil_much(&self) {
        self.restore();
        for (pattern, way) in [
            ("lake/slices/staging.jobs/2021/*/data.parquet", Way::Flipped),
            ("lake/checks/some_work_little/*.json", Way::Cut),
            ("lake/vintages/jobs.jsonl", Way::Cut),
            ("lake/ledger/*", Way::Flipped),
            ("lake/honkvast.json", Way::Flipped),
            ("release/releases/*/hours.csv", Way::Flipped),
            ("release/honkvast.json", Way::Emptied),
        ] {
            damage(&self.path(&self.find(pattern)), way);
        }
    }

    /// Repairs, runs, and holds what readers see against what they saw.
    pub(crate) fn mends(&self, case: &str) {
        let (code, said) = self.code(&["verify", "--repair"]);
        assert_eq!(code, Some(0), "{case}: {said}");
        let (code, ran) = self.code(&["run"]);
        assert_eq!(code, Some(0), "{case}: {said}\n{ran}");
        let (code, left) = self.code(&["verify"]);
        assert_eq!(
            (code, left.as_str()),
            (Some(0), "all is as it was written\n"),
            "{case}: {said}"
        );
        assert_same_files(&seen(&self.study, "release"), &self.release);
        assert_same_files(&seen(&self.study, "lake"), &self.current);
    }
}

/// What readers see of the lake or the release.
pub(crate) fn seen(study: &TinyStudy, part: &str) -> Files {
    resolved(&study.place.path(part).join("current"))
}

/// Lets a file have been changed an hour ago.
pub(crate) fn age(path: &Path) {
    let then = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
}

/// Damages what stands at a path.
pub(crate) fn damage(path: &Path, way: Way) {
    let is_folder = path.symlink_metadata().unwrap().is_dir();
    let aside = path.with_file_name(".aside");
    let is_link = path.is_symlink();
    match way {
        Way::Flipped | Way::Cut | Way::Emptied if is_folder || is_link => {
            // Something that is no file: another in its place.
            std::fs::rename(path, &aside).unwrap();
            std::fs::write(path, "no folder and no link").unwrap();
            remove(&aside);
        }
        Way::Flipped => {
            let mut bytes = std::fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
            std::fs::write(path, bytes).unwrap();
        }
        Way::Cut => {
            let file = std::fs::File::options().write(true).open(path).unwrap();
            file.set_len(file.metadata().unwrap().len() / 2).unwrap();
        }
        Way::Emptied => std::fs::write(path, "").unwrap(),
        Way::Removed => remove(path),
        Way::Link => {
            let elsewhere = path.with_file_name(".elsewhere");
            std::fs::rename(path, &elsewhere).unwrap();
            symlink(&elsewhere, path).unwrap();
        }
        Way::Folder => {
            remove(path);
            std::fs::create_dir(path).unwrap();
        }
    }
}

/// Removes a file, a link or a folder.
pub(crate) fn remove(path: &Path) {
    match path.symlink_metadata().unwrap().is_dir() {
        true => std::fs::remove_dir_all(path).unwrap(),
        false => std::fs::remove_file(path).unwrap(),
    }
}
