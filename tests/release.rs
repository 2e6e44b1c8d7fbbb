//! A release that was touched by hand is noticed, told, and written again.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::chain::{assert_same_files, resolved};
use crate::tiny_study::{FOLDERS, TinyStudy, files_below, jobs};
use crate::workplace::stderr;

#[test]
fn a_file_edited_or_deleted_by_hand_is_told_and_written_again() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let release = study.place.path("release/current");
    let before = files_below(&release);
    let edit = |name: &str| {
        let mut bytes = std::fs::read(release.join(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(release.join(name), bytes).unwrap();
    };
    let delete = |name: &str| std::fs::remove_file(release.join(name)).unwrap();
    type Damage<'a> = (&'a str, &'a dyn Fn(&str), &'a str);
    let damages: [Damage<'_>; 4] = [
        ("hours.csv", &edit, "was edited"),
        ("hours.parquet", &edit, "was edited"),
        ("hours.parquet", &delete, "is gone"),
        ("release.json", &delete, "is gone"),
    ];
    for (name, damage, what) in damages {
        assert_eq!(study.output("error", &["plan", "--exit-code"]).status.code(), Some(0));
        damage(name);
        let told = format!("{name} {what}");
        let plan = study.output("error", &["plan", "--exit-code"]);
        assert_eq!(plan.status.code(), Some(10));
        let plan = String::from_utf8(plan.stdout).unwrap();
        assert!(plan.contains(&format!("written again: {told}\n")), "{plan}");
        let status = study.succeed(&["status"]);
        assert!(status.contains(&told) && status.contains("the release is to be written"));
        let run = study.output("warn", &["run"]);
        assert!(stderr(&run).contains(&format!("{told}; it is written again")), "{}", stderr(&run));
        assert_eq!(files_below(&release), before);
    }
}

#[test]
fn the_hashes_of_a_release_are_those_of_its_files() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let release = study.place.path("release/current");
    let sums = std::fs::read_to_string(release.join("b3sums.txt")).unwrap();
    let names = [
        "hours.csv",
        "hours.parquet",
        "release.json",
        "report.html",
        "source_records.csv",
        "source_records.parquet",
    ];
    let expected: String = names
        .map(|name| {
            let hash = blake3::hash(&std::fs::read(release.join(name)).unwrap()).to_hex();
            format!("{hash}  {name}\n")
        })
        .concat();
    assert_eq!(sums, expected);
}

/// Runs up to a point, where something happens to its process or around it, and on.
pub(crate) fn run_while(
    study: &TinyStudy,
    point: &str,
    happens: impl FnOnce(Pid),
) -> std::process::Output {
    let mut command = study.place.honkvast(&[&FOLDERS[..], &["run"]].concat());
    command.env("HONKVAST_STOP_AT", point).stdout(Stdio::piped());
    let run = command.stderr(Stdio::piped()).spawn().unwrap();
    let state = || {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", run.id())).unwrap();
        // Behind the name of the program, which stands in brackets.
        text.rsplit(") ").next().and_then(|rest| rest.chars().next()).unwrap()
    };
    while state() != 'T' {
        assert_ne!(state(), 'Z', "it ended and did not come by");
        std::thread::sleep(Duration::from_millis(5));
    }
    happens(Pid::from_child(&run));
    kill_process(Pid::from_child(&run), Signal::CONT).unwrap();
    run.wait_with_output().unwrap()
}

#[test]
fn tables_move_back_where_their_release_cannot_become_current() {
    for is_first in [true, false] {
        let study = TinyStudy::new();
        study.write_raw();
        let folder = |name: &str| study.place.path(name);
        if !is_first {
            study.succeed(&["run"]);
            study.write("raw/jobs2021V1.csv", jobs(101));
        }
        let tables = || resolved(&folder("lake/current"));
        let release = || resolved(&folder("release/current"));
        let before = (!is_first).then(|| (tables(), release()));
        let output = run_while(&study, "release-swapping", |_| {
            if !is_first {
                std::fs::rename(folder("release/current"), folder("aside")).unwrap();
            }
            study.write("release/current/something", "else");
        });
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let said = stderr(&output);
        assert!(said.contains("current stays as it was: the release could not become"), "{said}");
        std::fs::remove_dir_all(folder("release/current")).unwrap();
        match &before {
            Some((old_tables, old_release)) => {
                std::fs::rename(folder("aside"), folder("release/current")).unwrap();
                assert_same_files(&tables(), old_tables);
                assert_same_files(&release(), old_release);
            }
            None => assert!(folder("lake/current").symlink_metadata().is_err()),
        }
        let history = study.succeed(&["history", "--json"]);
        let history: serde_json::Value = serde_json::from_str(&history).unwrap();
        assert_eq!(history[0]["moved_current"], false);
        assert_eq!(history[0]["kept_candidate"], true);
        let verified = study.output("error", &["verify"]);
        // With slices and a release, and nothing current, it cannot tell this from loss.
        let said = String::from_utf8_lossy(&verified.stdout);
        assert_eq!(verified.status.success(), !is_first, "{said}");
        let undecided = said.matches("current: it is gone, or no run came to make it\n").count();
        assert_eq!(undecided, if is_first { 2 } else { 0 }, "{said}");
        study.succeed(&["run"]);
        assert!(before.is_none_or(|(old, _)| old != tables()));
        assert!(!release().is_empty());
        assert!(study.succeed(&["status"]).contains("pending  nothing\n"));
    }
}
