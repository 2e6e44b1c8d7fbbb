//! What lies in the raw folder and is no file to take: what is still being
//! delivered, and what is no file at all.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::tiny_study::{STUDY_FILE, TinyStudy, jobs};
use crate::workplace::stderr;

const FILES: &str = "files    = \"jobs{year}V{version}.*\"";

fn set_age(path: &Path, age: Duration) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn unfinished_files_are_passed_over_and_named() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let release = study.succeed(&["status"]);
    let endings =
        ["csv.filepart", "csv.part", "csv.tmp", "csv.crdownload", "csv.swp", "csv.gz.part", "sav"];
    for ending in endings {
        study.write(&format!("raw/jobs2021V2.{ending}"), "half\n");
    }
    assert!(study.succeed(&["run"]).starts_with("nothing to do"), "{release}");
    let plan = study.succeed(&["plan"]);
    let status = study.succeed(&["status"]);
    for ending in endings {
        let line = format!(
            "jobs2021V2.{ending}: passed over: does not end in .csv, .txt, .dat, .asc, nor so \
             with .gz or .zst\n"
        );
        assert!(plan.contains(&line) && status.contains(&line), "{plan}");
    }
    let plan: Value = serde_json::from_str(&study.succeed(&["plan", "--json"])).unwrap();
    assert_eq!(plan["passed_over"].as_array().unwrap().len(), endings.len());
    assert_eq!(plan["passed_over"][0]["name"], "jobs2021V2.csv.crdownload");
    let status: Value = serde_json::from_str(&study.succeed(&["status", "--json"])).unwrap();
    assert_eq!(status["passed_over"], plan["passed_over"]);
    // Whole files are taken in any case of their endings.
    study.write("raw/jobs2021V2.CSV", jobs(90));
    assert!(study.succeed(&["plan"]).contains("new file jobs2021V2.CSV"));
}

#[test]
fn a_file_that_is_younger_than_the_source_wants_waits_for_the_next_run() {
    let study = TinyStudy::new();
    study.replace(STUDY_FILE, FILES, &format!("{FILES}\nsettle   = \"2m\""));
    study.write_raw();
    let said = study.fail(5, &["run"]);
    assert!(said.contains("no raw file for raw.jobs 2020, raw.jobs 2021"), "{said}");
    let told = "; jobs2020V1.csv was passed over: changed a moment ago; it is left to the next run";
    assert!(said.contains(told), "{said}");
    let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
    for year in [2020, 2021] {
        set_age(&study.place.path(&format!("raw/jobs{year}V1.csv")), 2 * minute + second);
    }
    study.succeed(&["run"]);
    study.write("raw/jobs2021V2.csv", jobs(90));
    let told = "jobs2021V2.csv: passed over: changed a moment ago; it is left to the next run\n";
    assert!(study.succeed(&["plan"]).contains(told));
    assert!(study.succeed(&["run"]).starts_with("nothing to do"));
    set_age(&study.place.path("raw/jobs2021V2.csv"), 3 * minute);
    assert!(study.succeed(&["plan"]).contains("raw.jobs 2021      will be made: new file"));
    study.replace(STUDY_FILE, "\"2m\"", "\"two minutes\"");
    let said = study.fail(2, &["validate"]);
    assert!(said.contains("must be a time as 30s, 10m or 2h"), "{said}");
}

#[test]
fn a_pipe_a_folder_and_a_link_to_nothing_are_errors_and_no_wait() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let file = study.place.path("raw/jobs2021V2.csv");
    let refused = |what: &str| {
        let said = study.fail(5, &["run"]);
        let line = format!("jobs2021V2.csv: is {what}, and its name that of a file\n");
        assert!(said.contains(&line), "{said}");
        let plan = study.output("error", &["plan"]);
        assert!(stderr(&plan).contains(&line));
    };
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    refused("a pipe");
    std::fs::remove_file(&file).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(&file).unwrap();
    refused("a socket");
    drop(socket);
    std::fs::remove_file(&file).unwrap();
    symlink("/dev/null", &file).unwrap();
    refused("a device");
    std::fs::remove_file(&file).unwrap();
    symlink("gone/jobs2021V2.csv", &file).unwrap();
    refused("a link that leads nowhere");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    refused("a folder");
    std::fs::remove_dir(&file).unwrap();
    assert!(study.succeed(&["run"]).starts_with("nothing to do"));
}
