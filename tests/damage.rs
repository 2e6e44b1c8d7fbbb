//! Every kind of file of a lake and of a release, damaged in every way: what
//! `verify` says, what `--repair` and a run make of it, and that no run ends
//! well with other figures.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::chain::assert_same_files;
use crate::scene::{Scene, WAYS, Way, damage, seen};
use crate::tiny_study::{FOLDERS, STUDY_FILE, TinyStudy};
use crate::workplace::stderr;

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
fn force_reads_raw_files_anew_only_where_they_are_ingested() {
    let study = TinyStudy::new();
    study.write_raw();
    let raw = study.place.path("raw/jobs2021V1.csv");
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    let touch = || File::options().write(true).open(&raw).unwrap().set_modified(long_ago).unwrap();
    let hours = || std::fs::read_to_string(study.place.path("release/current/hours.csv")).unwrap();
    touch();
    study.succeed(&["run"]);
    let before = hours();
    // Nothing but its bytes tells that the file is another.
    study.replace("raw/jobs2021V1.csv", "P001;B;11", "P001;B;99");
    touch();
    study.succeed(&["run", "--force", "staging", "core", "out", "publish"]);
    assert_eq!(hours(), before);
    study.succeed(&["run", "--force"]);
    assert_ne!(hours(), before);
}

#[test]
fn a_repair_that_is_killed_anywhere_is_finished_by_the_next() {
    let scene = Scene::new();
    let spoil = || scene.spoil_much();
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
