//! Runs that are asked to stop, that find the lake held by another, and that a
//! check stops: exit codes, what the ledger says, and what stays as it was.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::chain::{Chain, assert_same_files};
use crate::edits::change_wage;
use crate::workplace::stderr;

/// A run in the background that has made its first slice; killed when dropped.
struct Running {
    process: Child,
    log: BufReader<std::process::ChildStderr>,
}

impl Running {
    fn start(chain: &Chain, state: &str, arguments: &[&str]) -> Self {
        let mut command = chain.command(state, arguments);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains(" rows, ") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "it ended before its first slice");
        }
        Running { process, log }
    }

    fn send(&self, signal: Signal) {
        let id = i32::try_from(self.process.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for its end; the exit code and the rest of the log.
    fn end(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        let status = self.process.wait().unwrap();
        assert_eq!(status.signal(), None);
        (status.code(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of one that has ended there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn stops_cleanly(signal: Signal, code: i32) {
    let chain = Chain::techniek(600, 3);
    let all = chain.run("calm");
    let run = Running::start(&chain, "one", &["run", "--threads", "1"]);
    let asked = Instant::now();
    run.send(signal);
    let (ended, log) = run.end();
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(ended, Some(code), "{log}");
    let events = chain.json("one", &["show", "last", "--json"]);
    let events = events.as_array().unwrap();
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"run_ended".into(), &code.into()));
    assert_eq!(chain.json("one", &["history", "--json"])[0]["status"], "failed");
    assert!(chain.current("one").is_empty() && chain.release("one").is_empty());
    assert_eq!(std::fs::read_dir(chain.path("one/lake/scratch")).unwrap().count(), 0);
    let is_made = |event: &&Value| event["event"] == "slice_made";
    let made = events.iter().filter(is_made).count();
    assert!((1..all.len()).contains(&made), "{made} slices before the signal");
    assert_eq!(chain.run("one").len(), all.len() - made);
    assert_same_files(&chain.release("one"), &chain.release("calm"));
    assert_same_files(&chain.current("one"), &chain.current("calm"));
}

#[test]
fn a_run_that_is_asked_to_end_stops_cleanly_and_goes_on_later() {
    stops_cleanly(Signal::TERM, 143);
}

#[test]
fn a_run_that_is_interrupted_stops_cleanly_and_goes_on_later() {
    stops_cleanly(Signal::INT, 130);
}

#[test]
fn a_second_writer_is_refused_or_waits_and_readers_do_neither() {
    let chain = Chain::techniek(600, 3);
    chain.run("one");
    let release = chain.release("one");
    for year in [2017, 2018, 2019] {
        change_wage(&chain, year);
    }
    let first = Running::start(&chain, "one", &["run"]);
    // It holds the lake for as long as it sleeps.
    first.send(Signal::STOP);
    let holder = format!("process {}", first.process.id());
    let message = chain.fail("one", 9, &["run"]);
    assert!(message.contains(&holder) && message.contains("run`"), "{message}");
    let start = Instant::now();
    let message = chain.fail("one", 9, &["run", "--wait", "1s"]);
    assert!(start.elapsed() >= Duration::from_secs(1) && message.contains(&holder), "{message}");
    let status = chain.json("one", &["status", "--json"]);
    assert!(status["held_by"].as_str().unwrap().contains(&holder), "{status}");
    assert_eq!(chain.json("one", &["history", "--json"])[0]["status"], "running");
    chain.succeed("one", &["sql", "select count(*) from core.person_years"]);
    chain.succeed("one", &["plan"]);
    assert_same_files(&release, &chain.release("one"));
    let mut second = chain.command("one", &["run", "--wait", "2m", "--json"]);
    let second = second.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    first.send(Signal::CONT);
    assert_eq!(first.end().0, Some(0));
    let second: Output = second.wait_with_output().unwrap();
    assert_eq!(second.status.code(), Some(0), "{}", stderr(&second));
    let outcome: Value = serde_json::from_slice(&second.stdout).unwrap();
    assert_eq!(outcome["made"], Value::Array(Vec::new()), "the first one made it all");
    chain.run("scratch");
    assert_same_files(&chain.current("one"), &chain.current("scratch"));
}

#[test]
fn a_check_that_stops_a_run_leaves_what_was_current_and_keeps_the_candidate() {
    let chain = Chain::nlswork().with_own_definition();
    chain.run("one");
    let (current, release) = (chain.current("one"), chain.release("one"));
    let sql = chain.path("sql/nlswork/out/observation.sql");
    let text = std::fs::read_to_string(&sql).unwrap();
    let changed = text.replace("count(*) as base_count", "count(*) + 1 as base_count");
    assert_ne!(text, changed);
    std::fs::write(&sql, changed).unwrap();
    let check = chain.path("sql/nlswork/checks/nothing_passes.sql");
    let rows = "-- stop: Nothing passes.\nselect from_year from out.observation\n";
    std::fs::write(&check, rows).unwrap();
    let message = chain.fail("one", 3, &["run"]);
    assert!(message.contains("nothing_passes (8 rows)"), "{message}");
    assert_same_files(&current, &chain.current("one"));
    assert_same_files(&release, &chain.release("one"));
    let query = "select sum(base_count) as base_count from out.observation";
    let ask =
        |run: &[&str]| chain.succeed("one", &[&["sql", query, "--format", "csv"], run].concat());
    assert_eq!(ask(&[]), "base_count\n14257\n");
    assert_eq!(ask(&["--run", "last"]), "base_count\n14265\n");
    let last = &chain.json("one", &["history", "--json"])[0];
    assert_eq!((&last["exit_code"], &last["kept_candidate"]), (&3.into(), &true.into()));
    assert_eq!(chain.output("one", &["plan", "--exit-code"]).status.code(), Some(10));
    chain.fail("one", 3, &["run"]);
    assert_same_files(&current, &chain.current("one"));
    std::fs::remove_file(check).unwrap();
    assert_eq!(chain.run("one"), Vec::<String>::new(), "all was made before the check");
    assert_eq!(ask(&[]), "base_count\n14265\n");
    chain.run("scratch");
    assert_same_files(&chain.release("one"), &chain.release("scratch"));
}

#[test]
fn a_check_that_warns_lets_the_run_go_on() {
    let chain = Chain::nlswork().with_own_definition();
    let check = chain.path("sql/nlswork/checks/nothing_passes.sql");
    let rows = "-- warn: Nothing passes.\nselect from_year from out.observation\n";
    std::fs::write(&check, rows).unwrap();
    let output = chain.output("one", &["run"]);
    assert!(output.status.success());
    let log = stderr(&output);
    assert!(log.contains("check nothing_passes: 8 rows"), "{log}");
    assert!(!chain.release("one").is_empty());
}
