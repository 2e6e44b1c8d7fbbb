//! Every kind of file of a lake and of a release, damaged in every way: what
//! `verify` says, what `--repair` and a run make of it, and that no run ends
//! well with other figures.

use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use crate::chain::{Files, assert_same_files, resolved};
use crate::tiny_study::{CODEBOOK_FILE, FOLDERS, STUDY_FILE, TinyStudy, jobs};
use crate::workplace::{copy_folder_with_links, stderr};

/// A way to damage a file.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Flipped,
    Cut,
    Emptied,
    Removed,
    Link,
    Folder,
}

const WAYS: [Way; 6] = [Way::Flipped, Way::Cut, Way::Emptied, Way::Removed, Way::Link, Way::Folder];

/// A study whose lake holds one of everything, and what readers see of it.
struct Scene {
    study: TinyStudy,
    current: Files,
    release: Files,
}

impl Scene {
    fn new() -> Self {
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

    fn restore(&self) {
        for part in ["lake", "release"] {
            let whole = self.study.place.path(&format!("whole-{part}"));
            copy_folder_with_links(&whole, &self.study.place.path(part));
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.study.place.path(name)
    }

    /// The only path that fits a pattern with `*` for whole names; of several
    /// the one that `current` uses.
    fn find(&self, pattern: &str) -> String {
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

    fn code(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.study.output("error", arguments);
        let said = String::from_utf8(output.stdout.clone()).unwrap() + &stderr(&output);
        (output.status.code(), said)
    }

    /// Repairs, runs, and holds what readers see against what they saw.
    fn mends(&self, case: &str) {
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

fn seen(study: &TinyStudy, part: &str) -> Files {
    resolved(&study.place.path(part).join("current"))
}

fn age(path: &Path) {
    let then = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
}

/// Damages what stands at a path.
fn damage(path: &Path, way: Way) {
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

fn remove(path: &Path) {
    match path.symlink_metadata().unwrap().is_dir() {
        true => std::fs::remove_dir_all(path).unwrap(),
        false => std::fs::remove_file(path).unwrap(),
    }
}

/// Files of each kind; and the ways that change nothing of what a reader or a
/// run makes of it.
const KINDS: [(&str, &[Way]); 24] = [
    ("lake/slices/raw.jobs/2021/*/data.parquet", &[]),
    ("lake/slices/raw.jobs/2021/*/slice.json", &[]),
    ("lake/slices/raw.jobs/2021/*/dictionary.json", &[]),
    ("lake/slices/staging.jobs/2021/*/data.parquet", &[]),
    ("lake/slices/staging.jobs/2021/*/slice.json", &[]),
    ("lake/slices/out.hours/2021/*/data.parquet", &[]),
    ("lake/slices/out.hours", &[]),
    ("lake/rejects/raw.jobs/2021/*", &[]),
    ("lake/checks/some_work_little/*.json", &[]),
    ("lake/checks/some_work_little/*.parquet", &[]),
    ("lake/snapshots/*/manifest.json", &[]),
    ("lake/snapshots/*/out/hours/slice_year=2021/data.parquet", &[]),
    ("lake/candidates/*/manifest.json", &[]),
    ("lake/current", &[]),
    ("lake/ledger/*", &[]),
    ("lake/vintages/jobs.jsonl", &[]),
    ("lake/files.json", &[Way::Removed]),
    ("lake/verified.json", &[Way::Removed]),
    ("lake/honkvast.json", &[]),
    ("lake/lock", &[Way::Flipped, Way::Cut, Way::Emptied, Way::Removed]),
    ("release/releases/*/hours.csv", &[]),
    ("release/releases/*/release.json", &[]),
    ("release/current", &[]),
    ("release/honkvast.json", &[]),
];

#[test]
fn every_damage_is_told_and_mended_and_no_run_ends_well_with_other_figures() {
    let scene = Scene::new();
    let mut told_of = 0;
    for (pattern, harmless) in KINDS {
        for way in WAYS {
            scene.restore();
            let name = scene.find(pattern);
            let case = format!("{name} {way:?}");
            if name == "lake/lock" {
                std::fs::write(scene.path(&name), "{\"pid\": 1}").unwrap();
            }
            damage(&scene.path(&name), way);
            let (code, said) = scene.code(&["verify"]);
            if harmless.contains(&way) {
                assert!(code == Some(0) || !pattern.ends_with("lock"), "{case}: {said}");
            } else {
                assert_eq!(code, Some(1), "{case}: {said}");
                let file = Path::new(&name).file_name().unwrap().to_str().unwrap();
                assert!(said.contains(file), "{case}: {said}");
                told_of += 1;
            }
            let (code, said) = scene.code(&["run"]);
            if code == Some(0) {
                assert_same_files(&seen(&scene.study, "release"), &scene.release);
            }
            assert!(!said.contains("internal fault"), "{case}: {said}");
            scene.mends(&case);
        }
    }
    eprintln!("{told_of} kinds of damage told and mended");
    assert!(told_of > 120);
}

#[test]
fn a_slice_with_a_flipped_bit_is_never_read_into_a_figure() {
    let scene = Scene::new();
    let study = &scene.study;
    let least = |hours: u32| format!("least_hours = {hours}");
    study.replace(STUDY_FILE, &least(1), &least(12));
    study.succeed(&["run"]);
    let expected = seen(study, "release");
    assert_ne!(expected["hours.csv"], scene.release["hours.csv"]);
    for flip in 0..40 {
        scene.restore();
        let path = scene.path(&scene.find("lake/slices/staging.jobs/2021/*/data.parquet"));
        let written = path.metadata().unwrap().modified().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let bit = bytes.len() * 8 * flip / 40 + flip % 8;
        bytes[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, bytes).unwrap();
        // A disk that lets bits flip tells nobody when.
        let is_silent = flip % 2 == 0;
        if is_silent {
            let file = std::fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(written).unwrap();
        }
        let command: &[&str] = if is_silent { &["run", "--verify"] } else { &["run"] };
        let (code, said) = scene.code(command);
        assert_eq!(code, Some(1), "{bit}: {said}");
        assert!(
            said.contains("staging.jobs 2021: its data are not as they were written"),
            "{said}"
        );
        assert!(said.contains("`honkvast verify --repair`"), "{said}");
        assert!(!said.contains("internal fault"), "{said}");
    }
}

#[test]
fn checksums_of_pages_are_there_for_every_reader_of_a_slice() {
    let scene = Scene::new();
    let path = scene.path(&scene.find("lake/slices/staging.jobs/2021/*/data.parquet"));
    let whole = std::fs::read(&path).unwrap();
    let query = "select sum(hour_count), count(distinct person_id), min(sector_code) \
                 from staging.jobs";
    let query = ["sql", query];
    let answer = scene.code(&query);
    // Behind the magic number stand the pages, and behind them the footer.
    let footer = u32::from_le_bytes(whole[whole.len() - 8..][..4].try_into().unwrap()) as usize;
    let pages = 4..whole.len() - 8 - footer;
    let mut refused = 0;
    let bytes: Vec<usize> = pages.step_by(4).collect();
    for byte in &bytes {
        let mut flipped = whole.clone();
        flipped[*byte] ^= 1 << (byte / 4 % 8);
        std::fs::write(&path, flipped).unwrap();
        let (code, said) = scene.code(&query);
        if (code, &said) != (answer.0, &answer.1) {
            assert_eq!(code, Some(1), "byte {byte}: {said}");
            refused += 1;
        }
    }
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(scene.code(&query), answer);
    eprintln!(
        "{refused} of {} flips in pages were refused, the others changed nothing",
        bytes.len()
    );
    assert!(refused * 10 > bytes.len() * 8);
}

#[test]
fn force_reads_the_raw_bytes_anew_and_replaces_a_damaged_slice() {
    for way in [Way::Flipped, Way::Cut, Way::Emptied, Way::Removed] {
        let scene = Scene::new();
        for table in ["raw", "staging"] {
            let name = scene.find(&format!("lake/slices/{table}.jobs/2021/*/data.parquet"));
            damage(&scene.path(&name), way);
        }
        let (code, said) = scene.code(&["run", "--force"]);
        assert_eq!(code, Some(0), "{way:?}: {said}");
        let (code, said) = scene.code(&["verify"]);
        assert_eq!(code, Some(0), "{way:?}: {said}");
        assert_same_files(&seen(&scene.study, "release"), &scene.release);
        assert_same_files(&seen(&scene.study, "lake"), &scene.current);
    }
}

#[test]
fn a_repair_that_is_killed_anywhere_is_finished_by_the_next() {
    let scene = Scene::new();
    let spoil = || {
        scene.restore();
        for (pattern, way) in [
            ("lake/slices/staging.jobs/2021/*/data.parquet", Way::Flipped),
            ("lake/checks/some_work_little/*.json", Way::Cut),
            ("lake/vintages/jobs.jsonl", Way::Cut),
            ("lake/ledger/*", Way::Flipped),
            ("lake/honkvast.json", Way::Flipped),
            ("release/releases/*/hours.csv", Way::Flipped),
            ("release/honkvast.json", Way::Emptied),
        ] {
            damage(&scene.path(&scene.find(pattern)), way);
        }
    };
    let arguments =
        [&FOLDERS[..], &["--log", "json", "--log-level", "trace", "verify", "--repair"]].concat();
    spoil();
    let calm = scene.study.place.output(&arguments);
    let said = stderr(&calm);
    let points: Vec<(String, u64)> = said
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|line| Some((line["point"].as_str()?.to_owned(), line["time"].as_u64()?)))
        .collect();
    assert!(points.len() > 40, "{said}");
    for (point, time) in points.iter().step_by(3) {
        spoil();
        let mut command = scene.study.place.honkvast(&arguments);
        let killed = command.env("HONKVAST_KILL_AT", format!("{point}:{time}")).output().unwrap();
        assert_eq!(killed.status.signal(), Some(9), "{point}:{time}");
        // What readers saw before the damage they see still, but for the damage.
        let left = seen(&scene.study, "release");
        assert!(left["release.json"] == scene.release["release.json"], "{point}:{time}");
        scene.mends(&format!("killed at {point}:{time}"));
    }
}

#[test]
fn a_ledger_with_garbage_in_any_place_stops_no_reader() {
    let scene = Scene::new();
    let ledger = scene.path("lake/ledger");
    let runs: Vec<PathBuf> =
        std::fs::read_dir(&ledger).unwrap().map(|entry| entry.unwrap().path()).collect();
    for run in &runs {
        for (start, end) in [
            ("garbage\n", ""),
            ("", "garbage\n"),
            ("", "{\"event\":\"run_e"),
            ("\0\u{1}\n", "\n\n"),
        ] {
            scene.restore();
            let text = std::fs::read_to_string(run).unwrap();
            std::fs::write(run, format!("{start}{text}{end}")).unwrap();
            for reader in [
                &["status"][..],
                &["history"],
                &["show", "last"],
                &["gc", "--dry-run"],
                &["rejects", "--run", "last"],
            ] {
                let (code, said) = scene.code(reader);
                assert_eq!(code, Some(0), "{reader:?}: {said}");
            }
            if start.ends_with('\n') {
                let (_, said) = scene.code(&["history"]);
                assert!(said.contains("ledger damaged"), "{said}");
            }
        }
    }
}
