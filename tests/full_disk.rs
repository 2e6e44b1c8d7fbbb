//! A disk that is full while something is written: one clear error that names
//! the place and how to go on, the last good state byte for byte, and the next
//! run finishes once there is room.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::chain::{Files, assert_same_files, resolved};
use crate::raw_form::Packing;
use crate::small_disk::{PAGE, SmallDisk, place_of};
use crate::tiny_study::{STUDY_FILE, TinyStudy, jobs};
use crate::workplace::{copy_folder_with_links, stderr};

const HINT: &str = "  hint: make room on the disk of that folder (`honkvast gc` frees some in the \
                    lake), then run the same again: what is done is kept\n";

/// What readers of the disk see.
fn seen(disk: &SmallDisk<'_>) -> (Files, Files) {
    (resolved(&disk.path("lake/current")), resolved(&disk.path("release/current")))
}

/// The one error of a run that found no room: the line that says so.
fn refusal(disk: &SmallDisk<'_>, room: u64, run: &[&str]) -> Option<String> {
    let output = disk.output(room, &[&["--log-level", "error"], run].concat());
    if output.status.success() {
        return None;
    }
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let error = said.strip_suffix(HINT).expect(&said);
    assert_eq!(error.lines().count(), 1, "one error: {said}");
    let reasons = [
        "No space left on device (os error 28)",
        "File too large (os error 27)",
        "no storage space",
        "file too large",
    ];
    assert!(reasons.iter().any(|reason| error.trim_end().ends_with(reason)), "{said}");
    assert!(error.contains("/disk/") || error.contains(" disk/"), "it names the place: {said}");
    Some(error.to_owned())
}

#[test]
fn a_disk_that_is_full_at_any_page_leaves_one_state_and_the_next_run_finishes() {
    let study = TinyStudy::new();
    survives_with_any_room(&study, &SmallDisk::new(&study, 4 << 20));
}

#[test]
fn a_limit_on_the_size_of_files_leaves_one_state_wherever_it_is_met() {
    let study = TinyStudy::new();
    survives_with_any_room(&study, &SmallDisk::none(&study));
}

fn survives_with_any_room(study: &TinyStudy, disk: &SmallDisk<'_>) {
    study.write_raw();
    disk.succeed(&["run"]);
    let old = seen(disk);
    for part in ["lake", "release"] {
        copy_folder_with_links(&disk.path(part), &disk.path(&format!("old-{part}")));
    }
    let restore = || {
        disk.make_room();
        for part in ["lake", "release"] {
            copy_folder_with_links(&disk.path(&format!("old-{part}")), &disk.path(part));
        }
    };
    // Few enough that the estimate of room lets them pass; a limit on the size of
    // files must meet the data before the ledger, which grows with each slice.
    let persons = if disk.is_disk() { 300 } else { 600 };
    for year in [2020, 2021] {
        study.write(&format!("raw/jobs{year}V1.csv"), jobs(persons));
    }
    disk.succeed(&["run"]);
    let new = seen(disk);
    assert!(old.0 != new.0 && old.1 != new.1);
    // Of a disk each page; of a limit on file sizes the sizes of small files.
    let step = if disk.is_disk() { PAGE } else { 96 };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut rooms = 0;
    for room in (0..).map(|pages| pages * step) {
        restore();
        let Some(error) = refusal(disk, room, &["--threads", "1", "run"]) else { break };
        *places.entry(place_of(&error, &study.place.path(""))).or_default() += 1;
        rooms += 1;
        let left = seen(disk);
        assert!(left.0 == old.0 || left.0 == new.0, "{error}: a mixed lake");
        // When all is done, the ledger may still miss the end.
        assert!(left.1 == old.1 || left == new, "{error}: another release");
        let answer = disk.succeed_when_full(&["history", "--json"]);
        assert!(answer.starts_with("[\n"), "the ledger can be read: {answer}");
        disk.succeed(&["run"]);
        let end = seen(disk);
        assert_same_files(&end.0, &new.0);
        assert_same_files(&end.1, &new.1);
    }
    let mut told = format!("{rooms} runs on a full disk failed here:\n");
    places
        .iter()
        .for_each(|(place, times)| writeln!(told, "{times:3} {}", place.trim_end()).unwrap());
    eprintln!("{told}");
    // Each part of a run has met it. A limit on the size of files stops the
    // ledger before it comes to the small files of a snapshot and a release.
    let mut parts = vec!["lake/ledger/", "/slice-<n>/data.parquet"];
    if disk.is_disk() {
        parts.extend(["/snapshot-<n>/", "release/.incoming-<n>/"]);
    }
    for part in parts {
        assert!(places.keys().any(|place| place.contains(part)), "{part} in {told}");
    }
}

/// Records that do not pack: half of each is noise.
fn noise(persons: usize) -> String {
    let mut random = Pcg64::seed_from_u64(77);
    let mut text = "PERSON;SECTOR;HOURS\n".to_owned();
    for person in 0..persons {
        let (one, other): (u64, u64) = (random.random(), random.random());
        writeln!(text, "P{person:06};{one:016x}{other:016x};{}", 10 + person % 30).unwrap();
    }
    text
}

/// Records of which six bits of eight are noise, which is more than the plan of a
/// run foresees.
fn long_noise(persons: usize) -> String {
    let mut random = Pcg64::seed_from_u64(78);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";
    let mut text = "PERSON;SECTOR;HOURS\n".to_owned();
    for person in 0..persons {
        let noise = (0..400).map(|_| char::from(letters[random.random_range(0..64)]));
        writeln!(text, "P{person:06};{};10", noise.collect::<String>()).unwrap();
    }
    text
}

/// A study of one year, as large as its file, with a good state on the disk.
fn study_of_one_year() -> TinyStudy {
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, "years      = \"2020..2021\"", "years      = \"2020\"");
    study.write("raw/jobs2020V1.csv", jobs(100));
    study
}

/// Fills the disk so that a run must fail, and then lets it finish.
fn survives(disk: &SmallDisk<'_>, study: &TinyStudy, room: u64, run: &[&str]) -> String {
    let old = seen(disk);
    let error = refusal(disk, room, run).expect("too little room");
    let left = seen(disk);
    assert!(left == old, "the last good state");
    disk.make_room();
    disk.succeed(run);
    study.succeed(&["run"]);
    let calm = |part: &str| resolved(&study.place.path(part));
    let (lake, release) = seen(disk);
    assert_same_files(&lake, &calm("lake/current"));
    assert_same_files(&release, &calm("release/current"));
    place_of(&error, &study.place.path(""))
}

#[test]
fn a_disk_that_is_full_while_ingest_writes_a_large_file_is_named() {
    let study = study_of_one_year();
    let disk = SmallDisk::new(&study, 64 << 20);
    disk.succeed(&["run"]);
    let text = long_noise(10_000);
    study.remove("raw/jobs2020V1.csv");
    study.write("raw/jobs2020V1.csv.gz", Packing::Gzip.pack(text.as_bytes()));
    // More than what the plan foresees of any file, less than this one takes; a
    // limit on sizes is of each file, not of all together.
    let percent = if disk.is_disk() { 66 } else { 30 };
    let room = text.len() as u64 * percent / 100;
    let error = survives(&disk, &study, room, &["run"]);
    let wanted = "error: cannot write disk/lake/scratch/<run>/slice-<n>/data.parquet: ";
    assert!(error.starts_with(wanted), "{error}");
}

#[test]
fn a_disk_that_is_too_small_for_the_plan_is_told_before_it_starts() {
    let study = study_of_one_year();
    let disk = SmallDisk::new(&study, 64 << 20);
    if !disk.is_disk() {
        eprintln!("nothing to show without a disk: a limit on file sizes is no free room");
        return;
    }
    disk.succeed(&["run"]);
    study.remove("raw/jobs2020V1.csv");
    let old = seen(&disk);
    // Mostly blanks, so that it is small when it is packed.
    let noisy = noise(20_000);
    let (header, rows) = noisy.split_once('\n').unwrap();
    let padded = format!("{header}\n{}", rows.replace(';', &format!(";{}", " ".repeat(40))));
    let texts = [noise(60_000), padded];
    for (text, packing) in texts.iter().flat_map(|text| Packing::ALL.map(|packing| (text, packing)))
    {
        let file = format!("raw/jobs2020V1.csv{}", packing.ending());
        study.write(&file, packing.pack(text.as_bytes()));
        let output = disk.output(1 << 20, &["--log-level", "error", "run"]);
        let said = stderr(&output).replace(&study.place.path("").display().to_string(), "");
        assert_eq!(output.status.code(), Some(1), "{file}: {said}");
        let wanted = "error: cannot write to disk/lake: the plan will write about 2 MB and the \
                      disk has 1 MB free\n";
        assert_eq!(said.strip_suffix(HINT), Some(wanted), "{file}: {said}");
        assert!(seen(&disk) == old);
        study.remove(&file);
    }
}

#[test]
fn a_disk_that_is_full_while_a_model_writes_is_named() {
    let study = study_of_one_year();
    let disk = SmallDisk::new(&study, 64 << 20);
    disk.succeed(&["run"]);
    study.write("raw/jobs2020V1.csv", noise(60_000));
    // The raw slice is there; the staging slice has no room.
    disk.succeed(&["run", "raw.jobs"]);
    let error = survives(&disk, &study, 1 << 20, &["run"]);
    let wanted = "error: cannot write disk/lake/scratch/<run>/slice-<n>/data.parquet: ";
    assert!(error.starts_with(wanted), "{error}");
}

#[test]
fn a_disk_that_is_full_while_a_sort_spills_is_named() {
    let study = study_of_one_year();
    study.replace(
        STUDY_FILE,
        "[publish.hours]",
        "[models.\"core.pairs\"]\nkey = [\"person_id\", \"other_id\"]\n\n[publish.hours]",
    );
    let sql = "-- One row per pair of persons.\nselect\n    one.person_id,\n    \
               other.person_id as other_id,\n    repeat(other.person_id, 60) as padding\n\
               from staging.jobs as one\ncross join staging.jobs as other\n";
    study.write("raw/jobs2020V1.csv", jobs(100));
    study.write("sql/tiny/core/pairs.sql", sql);
    let disk = SmallDisk::new(&study, 512 << 20);
    disk.succeed(&["run"]);
    study.write("raw/jobs2020V1.csv", jobs(800));
    let run = ["--memory", "256MiB", "--threads", "2", "run"];
    disk.succeed(&["run", "+staging.jobs"]);
    let error = survives(&disk, &study, 16 << 20, &run);
    assert!(error.starts_with("error: cannot spill to disk/lake/scratch/<run>/spill: "), "{error}");
}
