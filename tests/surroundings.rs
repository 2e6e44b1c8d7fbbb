//! What lies around a run: logs that cannot be written, readers that go away,
//! shells, editors and faults of the machine. None of it ends a run.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::chain::{Chain, Files, assert_same_files, resolved};
use crate::tiny_study::{FOLDERS, STAGING_FILE, TinyStudy, jobs};
use crate::workplace::stderr;

fn study() -> TinyStudy {
    let study = TinyStudy::new();
    study.write_raw();
    study
}

/// The release of a run that nothing disturbed.
fn undisturbed() -> Files {
    let study = study();
    study.succeed(&["run"]);
    release_files(&study)
}

fn release_files(study: &TinyStudy) -> Files {
    resolved(&study.place.path("release/current"))
}

fn command(study: &TinyStudy, arguments: &[&str]) -> Command {
    study.place.honkvast(&[&FOLDERS[..], arguments].concat())
}

fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

#[test]
fn no_log_that_cannot_be_written_ends_a_run() {
    let expected = undisturbed();
    for form in ["text", "json"] {
        for level in ["info", "trace"] {
            let study = study();
            let log = ["--log", form, "--log-level", level, "run"];
            let ended = command(&study, &log).stderr(full()).output().unwrap();
            assert_eq!(ended.status.code(), Some(0), "a full disk, {log:?}");
            assert_same_files(&release_files(&study), &expected);
            study.write("raw/jobs2021V2.csv", jobs(90));
            let mut gone = command(&study, &log);
            let mut running = gone.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            drop(running.stderr.take());
            assert_eq!(running.wait().unwrap().code(), Some(0), "a reader that went, {log:?}");
        }
    }
}

#[test]
fn a_failure_keeps_its_exit_code_whatever_becomes_of_its_words() {
    let study = study();
    study.write("raw/jobs2021V1.csv", "PERSON;SECTOR;HOURS\nP1;A;169\n");
    let arguments = ["run", "--accept-volume", "jobs"];
    let said = stderr(&command(&study, &arguments).output().unwrap());
    assert!(said.contains("nobody_works_too_long"), "{said}");
    let unheard = command(&study, &arguments).stderr(full()).stdout(full()).output().unwrap();
    assert_eq!(unheard.status.code(), Some(3));
}

#[test]
fn a_result_that_finds_no_room_on_stdout_is_an_error_that_names_stdout() {
    let study = study();
    for arguments in [
        &["run"][..],
        &["run", "--json"],
        &["status"],
        &["plan"],
        &["history"],
        &["sql", "select * from staging.jobs"],
        &["synth", "--out", "invented", "--persons", "300"],
    ] {
        let ended = command(&study, arguments).stdout(full()).output().unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        let said = stderr(&ended);
        assert!(said.contains("error: cannot write to stdout"), "{said}");
        assert!(!said.contains("gc"), "the disk of the lake is not full: {said}");
    }
    assert_same_files(&release_files(&study), &undisturbed());
}

#[test]
fn a_reader_of_stdout_that_goes_is_no_failure() {
    let study = study();
    let mut running = command(&study, &["run"]);
    let mut running = running.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(running.stdout.take());
    assert_eq!(running.wait().unwrap().code(), Some(0));
}

#[test]
fn log_lines_go_to_a_file_and_what_ended_the_run_to_stderr_too() {
    let study = study();
    study.write("raw/jobs2021V1.csv", "PERSON;SECTOR;HOURS\nP1;A;169\n");
    let arguments = ["--log-file", "night.log", "run", "--accept-volume", "jobs"];
    let ended = command(&study, &arguments).output().unwrap();
    assert_eq!(ended.status.code(), Some(3));
    let said = stderr(&ended);
    assert!(said.starts_with("error: 1 of 1 checks stopped the run"), "{said}");
    let log = std::fs::read_to_string(study.place.path("night.log")).unwrap();
    for line in ["raw.jobs 2020: 100 rows", "ended with 3", "1 of 1 checks stopped the run"] {
        assert!(log.contains(line), "{line} is missing in\n{log}");
    }
    command(&study, &arguments).output().unwrap();
    let longer = std::fs::read_to_string(study.place.path("night.log")).unwrap();
    assert!(longer.starts_with(&log) && longer.len() > log.len(), "a log file goes on");
}

#[test]
fn a_log_file_that_cannot_be_written_leaves_its_lines_to_stderr() {
    for (file, is_told) in [("missing/night.log", true), ("raw", true), ("/dev/full", false)] {
        let study = study();
        let ended = command(&study, &["--log-file", file, "run"]).output().unwrap();
        let said = stderr(&ended);
        assert_eq!(ended.status.code(), Some(0), "{file}: {said}");
        assert!(said.contains("raw.jobs 2020: 100 rows"), "{file}: {said}");
        assert_eq!(said.contains("log lines go to stderr"), is_told, "{file}: {said}");
    }
}

#[test]
fn lines_for_machines_have_fields() {
    let study = study();
    study.write("raw/jobs2020V1.csv", jobs(100) + "P998;A;169\n");
    let ended = command(&study, &["--log", "json", "--log-level", "debug", "run"]).output();
    let said = stderr(&ended.unwrap());
    let lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let runs = study.succeed(&["history", "--json"]);
    let runs: Value = serde_json::from_str(&runs).unwrap();
    let run = &runs[0]["run"];
    let of = |message: &str| -> &Value {
        let found = lines.iter().find(|line| line["message"].as_str().unwrap().contains(message));
        found.expect(message)
    };
    let made = of("staging.jobs 2020: 101 rows");
    assert_eq!(made["level"], "INFO");
    assert_eq!((&made["run"], &made["slice"]), (run, &"staging.jobs 2020".into()));
    assert_eq!((&made["table"], &made["year"]), (&"staging.jobs".into(), &2020.into()));
    assert_eq!((&made["rows"], &made["reason"]), (&101.into(), &"missing".into()));
    assert!(made["bytes"].as_u64().unwrap() > 0 && made["seconds"].as_f64().unwrap() > 0.0);
    let planned = of("staging.jobs 2020: planned");
    assert_eq!((&planned["run"], &planned["year"]), (run, &2020.into()));
    let ended = of("ended with 3");
    assert_eq!((&ended["run"], &ended["exit_code"]), (run, &3.into()));
    assert!(ended["reason"].as_str().unwrap().contains("nobody_works_too_long"));
    let last = lines.last().unwrap();
    assert_eq!((&last["level"], &last["exit_code"]), (&"ERROR".into(), &3.into()));
    let keys = said.lines().next().unwrap().matches("\"run\"").count();
    assert!(keys <= 1, "no field stands twice");
}

#[test]
fn the_command_that_goes_on_is_one_that_any_shell_can_run_anywhere() {
    let study = study();
    std::fs::create_dir(study.place.path("my $data")).unwrap();
    std::fs::rename(study.place.path("raw"), study.place.path("my $data/raw")).unwrap();
    study.write("my $data/raw/jobs2021V1.csv", "PERSON;SECTOR;HOURS\nP1;A;169\n");
    let mut run = study.place.honkvast(&["run", "--accept-volume", "jobs"]);
    let folders = [("LAKE", "my $data/lake"), ("RAW", "my $data/raw"), ("RELEASE", "a'b")];
    for (name, folder) in folders {
        run.env(format!("HONKVAST_{name}"), folder);
    }
    run.env("HONKVAST_PIPELINE", study.place.path("pipelines/tiny.toml"));
    let said = stderr(&run.output().unwrap());
    let told = said.lines().find(|line| line.contains("goes on from here")).expect(&said);
    let told = told.split('`').nth(1).unwrap().replacen("honkvast", "exec \"$0\"", 1);
    study.write("my $data/raw/jobs2021V2.csv", jobs(100));
    let mut shell = Command::new("sh");
    shell.env_clear().current_dir("/").args(["-c", &told, env!("CARGO_BIN_EXE_honkvast")]);
    let again = shell.output().unwrap();
    assert_eq!(again.status.code(), Some(0), "{told}\n{}", stderr(&again));
    assert!(study.place.path("a'b/current/hours.csv").exists());
}

#[test]
fn what_editors_leave_beside_the_sql_is_passed_over() {
    let study = study();
    study.succeed(&["validate"]);
    for name in [
        "sql/tiny/staging/.jobs.sql.swp",
        "sql/tiny/staging/jobs.sql~",
        "sql/tiny/staging/#jobs.sql#",
        "sql/tiny/staging/jobs.sql.orig",
        "sql/tiny/staging/jobs.sql.bak",
        "sql/tiny/staging/4913",
        "sql/tiny/.idea/workspace.xml",
        "sql/tiny/.DS_Store",
        "pipelines/.tiny.toml.swp",
        "pipelines/tiny.toml~",
        "pipelines/codebooks/jobs.toml~",
    ] {
        study.write(name, b"\xff what an editor keeps");
    }
    let lock = study.place.path("sql/tiny/out/.#hours.sql");
    std::os::unix::fs::symlink("somebody@machine.1:2", lock).unwrap();
    study.succeed(&["validate"]);
    study.write("sql/tiny/staging/jobs.txt", "select 1");
    assert!(study.fail(2, &["validate"]).contains("has no place in a study's SQL"));
}

#[test]
fn the_ledger_says_which_definition_a_run_had() {
    let study = study();
    study.succeed(&["run"]);
    let started = || -> Value {
        let events = study.succeed(&["show", "last", "--json"]);
        serde_json::from_str::<Value>(&events).unwrap()[0]["definition"].clone()
    };
    let first = started();
    let folder = study.place.path("").canonicalize().unwrap();
    assert_eq!(first["folder"], folder.to_str().unwrap().trim_end_matches('/'));
    study.succeed(&["run", "--force", "staging.jobs"]);
    assert_eq!(started(), first);
    study.replace(STAGING_FILE, "-- One row per person.", "-- One row for each person.");
    study.succeed(&["run", "--force", "staging.jobs"]);
    assert_ne!(started()["hash"], first["hash"]);
    let shipped = Chain::nlswork();
    shipped.run("one");
    let definition = &shipped.events("one", "run_started")[0]["definition"];
    assert!(definition["folder"].is_null() && definition["hash"].is_string(), "{definition}");
}

#[test]
fn no_image_of_the_memory_is_left() {
    let study = study();
    study.succeed(&["run"]);
    let mut waiting = command(&study, &["run", "--wait", "1m"]);
    let lock = File::open(study.place.path("lake/lock")).unwrap();
    lock.lock().unwrap();
    let holder = r#"{"pid": 1, "host": null, "command": "another run", "since": "today"}"#;
    std::fs::write(study.place.path("lake/lock"), holder).unwrap();
    let mut waiting = waiting.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut first = [0];
    // It has said something: it runs.
    waiting.stderr.as_mut().unwrap().read_exact(&mut first).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", waiting.id())).unwrap();
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(cores.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
}

#[test]
fn what_failed_and_what_was_not_made_for_it_is_told_wherever_a_run_is() {
    let study = study();
    let check = "-- warn: Some work little.\nselect person_id\nfrom staging.jobs\n\
                 where hour_count < 12\n";
    study.write("sql/tiny/checks/some_work_little.sql", check);
    let run = study.succeed(&["run", "--json"]);
    let run: Value = serde_json::from_str(&run).unwrap();
    assert_eq!(run["warnings"], serde_json::json!(["check some_work_little: 14 rows"]));
    assert!(study.succeed(&["status"]).contains("warning: check some_work_little: 14 rows"));
    study.replace(
        STAGING_FILE,
        "    hour_count\n",
        "    hour_count / (hour_count - 39) as hour_count\n",
    );
    let failed = study.output("error", &["run", "--json"]);
    assert_eq!(failed.status.code(), Some(1));
    let run: Value = serde_json::from_slice(&failed.stdout).unwrap();
    let history = study.succeed(&["history", "--json"]);
    let history: Value = serde_json::from_str(&history).unwrap();
    let status: Value = serde_json::from_str(&study.succeed(&["status", "--json"])).unwrap();
    for told in [&run, &history[0], &status["last_run"]] {
        assert_eq!(told["skipped"], serde_json::json!(["out.hours 2020", "out.hours 2021"]));
        assert!(told["message"].as_str().unwrap().contains("staging.jobs 2020"), "{told}");
    }
    let status = study.succeed(&["status"]);
    assert!(status.contains("2 slices were not made, since what they need failed"), "{status}");
    assert!(status.contains("         staging.jobs 2020"), "{status}");
    let shown = study.succeed(&["show", "last"]);
    assert!(shown.contains("failed: out.hours 2020, out.hours 2021\n"), "{shown}");
}
