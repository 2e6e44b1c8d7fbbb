//! Signals in the middle of what takes long and has no slice to end with:
//! hashing, checks, queries, verification. Every command ends within ten
//! seconds, and one that makes nothing without a word about slices.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::release::run_while;
use crate::tiny_study::{CHECK_FILE, FOLDERS, OUT_FILE, STUDY_FILE, TinyStudy};
use crate::workplace::stderr;

/// Rows that no machine has seen the end of.
const ENDLESS: &str = "from staging.jobs as a, staging.jobs as b, staging.jobs as c,
     staging.jobs as d, staging.jobs as e, staging.jobs as f";

/// What no row is, as only all tables together show.
const NEVER: &str = "a.hour_count + b.hour_count + c.hour_count + d.hour_count +
     e.hour_count + f.hour_count < 0";

fn study() -> TinyStudy {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    study
}

/// A delivery of sixty gigabytes, which takes no room on the disk.
fn deliver_much(study: &TinyStudy) {
    let path = study.place.path("raw/jobs2021V2.csv");
    let file = std::fs::File::create(path).unwrap();
    file.set_len(60 << 30).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(3600)).unwrap();
}

fn start(study: &TinyStudy, arguments: &[&str]) -> Child {
    let mut command: Command = study.place.honkvast(&[&FOLDERS[..], arguments].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends a signal to a command that is in the middle of its work; what it said.
fn interrupted(study: &TinyStudy, arguments: &[&str], signal: Signal) -> String {
    let mut running = start(study, arguments);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(running.try_wait().unwrap(), None, "{arguments:?} ended by itself");
    let id = Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    kill_process(id, signal).unwrap();
    let asked = Instant::now();
    let ended = running.wait_with_output().unwrap();
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(10), "{arguments:?} took {took:?}");
    let code = 128 + signal.as_raw();
    assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {}", stderr(&ended));
    stderr(&ended)
}

#[test]
fn a_run_that_hashes_or_checks_ends_by_a_signal() {
    let study = study();
    let check = format!("-- stop: It ends.\nselect a.person_id {ENDLESS} where {NEVER}\n");
    study.write("sql/tiny/checks/it_ends.sql", check);
    for signal in [Signal::INT, Signal::TERM] {
        let said = interrupted(&study, &["run", "--threads", "1"], signal);
        assert!(said.contains("stopping; slices that are done are kept"), "{said}");
    }
    study.remove("sql/tiny/checks/it_ends.sql");
    study.succeed(&["run"]);
    deliver_much(&study);
    interrupted(&study, &["run"], Signal::TERM);
    study.remove("raw/jobs2021V2.csv");
    assert!(study.succeed(&["run"]).starts_with("nothing to do"), "all is as it was");
}

#[test]
fn a_run_that_collects_for_publication_ends_by_a_signal() {
    let study = study();
    let released = crate::tiny_study::files_below(&study.place.path("release"));
    study.replace(
        STUDY_FILE,
        "\"sector_code\"]\n\n[publish",
        "\"sector_code\", \"other_code\"]\n\n[publish",
    );
    let dimensions = "dimensions = [\"year\", \"sector_code\"";
    study.replace(STUDY_FILE, dimensions, &format!("{dimensions}, \"other_code\""));
    let sql = "-- One row per person and two others.\nselect\n    $year as year,\n    \
               a.person_id as sector_code,\n    concat(b.person_id, c.person_id) as other_code,\n    \
               1 as person_count,\n    a.hour_count\nfrom staging.jobs as a\n\
               cross join staging.jobs as b\ncross join staging.jobs as c\n\
               where a.hour_count >= $least_hours and c.person_id < 'P021'\n";
    study.write(OUT_FILE, sql);
    study.succeed(&["run", "--only", "out.hours"]);
    study.replace(CHECK_FILE, "> 168", "> 167");
    let mut asked = Instant::now();
    let ended = run_while(&study, "table-adding-up", |process| {
        kill_process(process, Signal::INT).unwrap();
        asked = Instant::now();
    });
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(ended.status.code(), Some(130), "{}", stderr(&ended));
    assert_eq!(crate::tiny_study::files_below(&study.place.path("release")), released);
}

#[test]
fn a_command_that_makes_nothing_ends_by_the_first_signal_without_a_word() {
    let study = study();
    let query = format!("select count(*), max(a.hour_count * f.hour_count) {ENDLESS}");
    let rows = format!("select a.person_id {ENDLESS} where {NEVER}");
    deliver_much(&study);
    for arguments in [
        &["sql", &query][..],
        &["sql", &query, "--threads", "1"],
        &["sql", &rows],
        &["plan"],
        &["status"],
    ] {
        let said = interrupted(&study, arguments, Signal::INT);
        assert_eq!(said, "", "{arguments:?}");
    }
}
