//! Files that are not there, too many, empty, or change while they are read.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::*;
use crate::tiny_study::FOLDERS;

#[test]
fn a_year_without_a_file_is_named_with_what_was_looked_for() {
    let scene = Scene::new();
    scene.study.remove("raw/jobs2021V1.csv");
    insta::assert_snapshot!(scene.refusal(5), @"
    error: no raw file for raw.jobs 2021
      hint: looked in raw for jobs{year}V{version}.*
    ");
}

#[test]
fn two_files_that_claim_one_version_are_named() {
    let scene = Scene::new();
    scene.study.write("raw/jobs2021V1.csv.gz", packed(&jobs(50)));
    insta::assert_snapshot!(scene.refusal(5), @"
    error: raw/jobs2021V1.csv: jobs2021V1.csv.gz claims to be the same version
      hint: leave one of the two in the raw folder, or make the study's `files` narrower
    ");
    scene.study.remove("raw/jobs2021V1.csv.gz");
    scene.study.write("raw/jobs2021V01.csv", jobs(50));
    insta::assert_snapshot!(scene.refusal(5), @"
    error: raw/jobs2021V01.csv: jobs2021V1.csv claims to be the same version
      hint: leave one of the two in the raw folder, or make the study's `files` narrower
    ");
}

#[test]
fn a_missing_raw_folder_is_named() {
    let scene = Scene::new();
    std::fs::rename(scene.study.place.path("raw"), scene.study.place.path("elsewhere")).unwrap();
    insta::assert_snapshot!(scene.refusal(5), @"
    error: raw: there is no such folder of raw files
      hint: give the folder of raw files with `--raw DIR`
    ");
}

#[test]
fn an_empty_file_is_refused_in_every_form() {
    let said =
        the_same(Form::all().map(|form| Scene::of(form, "utf-8").refusal_of(form, 5, b"").0));
    insta::assert_snapshot!(said, @"
    error: raw/FILE: is empty
      hint: deliver the file again, or take it away
    ");
    // A file of no bytes at all, whatever it is called.
    let said = the_same(Form::all().map(|form| {
        let scene = Scene::of(form, "utf-8");
        scene.study.write(&format!("raw/{}", form.file(2021, 2)), "");
        scene.refusal(5).replace(&form.file(2021, 2), "FILE")
    }));
    insta::assert_snapshot!(said, @"
    error: raw/FILE: is empty
      hint: deliver the file again, or take it away
    ");
}

#[test]
fn a_year_without_a_file_is_named_in_every_form() {
    let said = the_same(Form::all().map(|form| {
        let scene = Scene::of(form, "utf-8");
        scene.study.remove(&format!("raw/{}", form.file(2021, 1)));
        scene.refusal(5)
    }));
    assert!(said.starts_with("error: no raw file for raw.jobs 2021\n"), "{said}");
}

#[test]
fn two_packings_of_one_version_are_named() {
    for is_fixed in [false, true] {
        let [plain, gzip, zstd] = Packing::ALL.map(|packing| Form { is_fixed, packing });
        for (one, other) in [(plain, gzip), (plain, zstd), (gzip, zstd)] {
            let scene = Scene::of(one, "utf-8");
            other.write(&scene.study, 2021, 1, b"KANARIE77");
            let (one, other) = (one.file(2021, 1), other.file(2021, 1));
            let said = scene.refusal(5);
            assert!(
                said.contains(&format!("raw/{one}: {other} claims to be the same version")),
                "{said}"
            );
        }
    }
}

/// A file that takes a while to read: 100,000 records.
fn long_text(form: Form) -> Vec<u8> {
    let mut text = form.header();
    for number in 0..100_000 {
        text += &form.record([&format!("P{number:07}"), "A", "1", "20200101"]);
        text.push('\n');
    }
    text.into_bytes()
}

/// Runs the study; `spoil` is at its raw file from the moment on at which the log
/// has this line, and as long as it says so. Gives stderr.
fn refusal_while(scene: &Scene, line: &str, mut spoil: impl FnMut() -> bool + Send) -> String {
    let study = &scene.study;
    let arguments = [&FOLDERS[..], &["--log-level", "trace", "run"]].concat();
    let mut command = study.place.honkvast(&arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let (mut said, is_over) = (String::new(), AtomicBool::new(false));
    while !said.lines().next_back().is_some_and(|last| last.contains(line)) {
        assert_ne!(log.read_line(&mut said).unwrap(), 0, "{said}");
    }
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while spoil() && !is_over.load(Ordering::SeqCst) {
                std::hint::spin_loop();
            }
        });
        log.read_to_string(&mut said).unwrap();
        is_over.store(true, Ordering::SeqCst);
    });
    assert_eq!(child.wait().unwrap().code(), Some(5), "{said}");
    assert!(!said.contains(CANARY), "{said}");
    scene.stands();
    scene.keeps_secrets();
    said
}

/// The log says so when the first records of a file are on their way.
const INGEST: &str = "ingest-batch";

#[test]
fn a_file_that_grows_all_the_time_is_refused() {
    for form in Form::all() {
        let scene = Scene::of(form, "utf-8");
        form.write(&scene.study, 2021, 2, &long_text(form));
        let path = scene.study.place.path(&format!("raw/{}", form.file(2021, 2)));
        let mut file = std::fs::File::options().append(true).open(path).unwrap();
        let said = refusal_while(&scene, "", || {
            file.write_all(CANARY.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(1));
            true
        });
        assert!(said.contains("delivery is complete"), "{said}");
    }
}

#[test]
fn a_file_that_grows_while_it_is_ingested_is_refused() {
    for form in Form::all() {
        let scene = Scene::of(form, "utf-8");
        form.write(&scene.study, 2021, 2, &long_text(form));
        let path = scene.study.place.path(&format!("raw/{}", form.file(2021, 2)));
        let said = refusal_while(&scene, INGEST, || {
            let mut file = std::fs::File::options().append(true).open(&path).unwrap();
            file.write_all(CANARY.as_bytes()).unwrap();
            false
        });
        assert!(said.contains("the file changed "), "{said}");
    }
}

#[test]
fn a_file_that_vanishes_while_it_is_ingested_is_refused() {
    for form in Form::all() {
        let scene = Scene::of(form, "utf-8");
        let path = scene.study.place.path(&format!("raw/{}", form.file(2021, 2)));
        form.write(&scene.study, 2021, 2, &long_text(form));
        let said = refusal_while(&scene, INGEST, || {
            std::fs::remove_file(&path).unwrap();
            false
        });
        // Where it was read in time, its fingerprint is missed.
        let is_named = said.contains("the file vanished while it was to be read")
            || said.contains("cannot be read: No such file");
        assert!(is_named, "{said}");
    }
}

#[test]
fn a_file_that_is_replaced_while_it_is_ingested_is_refused() {
    for form in Form::all() {
        let scene = Scene::of(form, "utf-8");
        let path = scene.study.place.path(&format!("raw/{}", form.file(2021, 2)));
        let text = long_text(form);
        form.write(&scene.study, 2021, 2, &text);
        let other = scene.study.place.path("other");
        let more = [text.as_slice(), CANARY.as_bytes()].concat();
        std::fs::write(&other, form.packing.pack(&more)).unwrap();
        let said = refusal_while(&scene, INGEST, || {
            std::fs::rename(&other, &path).unwrap();
            false
        });
        assert!(said.contains("the file changed "), "{said}");
    }
}
