//! Runs that are killed: at points that debug builds know, and at any time
//! from outside. Whoever reads sees the old state or the new one, and the next
//! run ends where an undisturbed one does.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::chain::{Chain, Files, assert_same_files, resolved};
use crate::edits::make_second_job_the_main_one;
use crate::rows::RawText;
use crate::workplace::stderr;

const SIGKILL: i32 = 9;

/// What readers of one state see: tables of the lake and the release.
#[derive(PartialEq)]
struct Seen {
    current: Files,
    release: Files,
}

fn seen(chain: &Chain, state: &str) -> Seen {
    Seen { current: chain.current(state), release: chain.release(state) }
}

/// A chain with a good state `old`, changed files, and the state `new` that an
/// undisturbed run makes of them.
struct Changed {
    chain: Chain,
    old: Seen,
    new: Seen,
    query: &'static str,
}

impl Changed {
    fn new(chain: Chain, query: &'static str, change: impl Fn(&Chain)) -> Self {
        chain.run("old");
        let old = seen(&chain, "old");
        change(&chain);
        chain.copy_state("old", "new");
        chain.run("new");
        let new = seen(&chain, "new");
        assert!(old.current != new.current && old.release != new.release);
        Changed { chain, old, new, query }
    }

    fn answer(&self, state: &str) -> String {
        self.chain.succeed(state, &["sql", self.query, "--format", "csv"])
    }

    /// Kills a run at a point, looks at what is left, and goes on.
    fn survives(&self, point: &str, run: &[&str]) {
        let (chain, state) = (&self.chain, point);
        chain.copy_state("old", state);
        kill_at(chain, state, point, run);
        let left = seen(chain, state);
        let (has_current, has_release) = moved_at(point);
        let (current, _) = self.old_or_new(has_current);
        let (_, release) = self.old_or_new(has_release);
        assert_same_files(&left.current, current);
        assert_same_files(&left.release, release);
        let source = if has_current { "new" } else { "old" };
        assert_eq!(self.answer(state), self.answer(source), "{point}");
        let history = chain.json(state, &["history", "--json"]);
        assert_eq!(history[0]["status"], "killed", "{point}");
        chain.run(state);
        let end = seen(chain, state);
        assert_same_files(&end.release, &self.new.release);
        assert_same_files(&end.current, &self.new.current);
        assert_swept(chain, state);
    }

    fn old_or_new(&self, is_new: bool) -> (&Files, &Files) {
        let seen = if is_new { &self.new } else { &self.old };
        (&seen.current, &seen.release)
    }
}

/// Whether the lake and the release have moved when a run dies at a point.
fn moved_at(point: &str) -> (bool, bool) {
    let name = point.split(':').next().unwrap();
    let after_lake = ["current-swapped", "release-swapping", "release-swapped"];
    (after_lake.contains(&name), name == "release-swapped")
}

fn kill_at(chain: &Chain, state: &str, point: &str, run: &[&str]) {
    let mut command = chain.command(state, &["--threads", "1"]);
    let output = command.args(run).env("HONKVAST_KILL_AT", point).output().unwrap();
    let log = stderr(&output);
    assert_eq!(output.status.signal(), Some(SIGKILL), "{point}: {log}");
    // Where it landed, as `cargo test -- --nocapture` shows it.
    let made = chain.events(state, "slice_made").len();
    eprintln!("killed at {point} after {made} slices");
}

/// Nothing that was half done is left.
fn assert_swept(chain: &Chain, state: &str) {
    let names = |folder: &str| {
        let entries = std::fs::read_dir(chain.path(state).join(folder)).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        names
    };
    assert!(names("lake/scratch").is_empty(), "{:?}", names("lake/scratch"));
    assert_eq!(names("release"), ["current", "honkvast.json", "releases"]);
}

/// Gives another industry to the interview of 1987 of one woman, counted from
/// the first, who was interviewed in 1988 too.
fn change_industry(chain: &Chain, number: usize) {
    let file = chain.path("raw/nlswork.csv");
    let mut interviews = RawText::read_delimited(&file, ',');
    let has = |record: usize, year: &str| interviews.cell(record, "year") == year;
    let woman = |record: usize| interviews.cell(record, "idcode");
    let last = interviews.records().end - 1;
    let is_pair = |record: &usize| {
        *record < last
            && has(*record, "87")
            && has(record + 1, "88")
            && woman(*record) == woman(record + 1)
            && !interviews.cell(*record, "ind_code").is_empty()
    };
    let record = interviews.records().filter(is_pair).nth(number).unwrap();
    let other = if interviews.cell(record, "ind_code") == "1" { "2" } else { "1" };
    interviews.set(record, "ind_code", other);
    interviews.write_delimited(&file, ",");
}

fn changed_nlswork() -> Changed {
    let query = "select * from core.year_pairs order by from_year, person_id";
    Changed::new(Chain::nlswork(), query, |chain| change_industry(chain, 0))
}

#[test]
fn a_run_killed_while_it_makes_slices_changes_nothing_and_is_taken_up_again() {
    let changed = changed_nlswork();
    for point in ["ingest-batch:1", "ingest-batch:2"] {
        changed.survives(point, &["run"]);
    }
    // The first is the raw slice, the next are staging, the last core and out.
    for point in ["slice-written", "slice-verified", "slice-putting", "slice-put"] {
        for time in [1, 7, 18] {
            changed.survives(&format!("{point}:{time}"), &["run"]);
        }
    }
}

#[test]
fn a_run_killed_while_it_checks_and_publishes_shows_the_old_state_or_the_new() {
    let changed = changed_nlswork();
    let points = [
        "check-kept:1",
        "check-kept:2",
        "release-written",
        "snapshot-built",
        "current-swapping",
        "current-swapped",
        "release-swapping",
        "release-swapped",
    ];
    for point in points {
        changed.survives(point, &["run"]);
    }
    changed.survives("candidate-kept", &["run", "core.year_pairs", "--years", "1987"]);
}

#[test]
fn a_run_of_the_large_study_is_taken_up_wherever_it_was_killed() {
    let query = "select * from core.transitions order by from_year, person_id";
    let chain = Chain::techniek(300, 5);
    let changed = Changed::new(chain, query, |chain| make_second_job_the_main_one(chain, 2018));
    for point in ["ingest-batch", "slice-verified:2", "slice-put:9", "check-kept:3"] {
        changed.survives(point, &["run"]);
    }
    for point in ["current-swapping", "release-swapping"] {
        changed.survives(point, &["run"]);
    }
}

#[test]
fn slices_that_a_killed_first_run_made_are_not_made_again() {
    let chain = Chain::techniek(300, 5);
    let all = chain.run("calm");
    for put in [1, 97] {
        let state = format!("put-{put}");
        kill_at(&chain, &state, &format!("slice-put:{put}"), &["run"]);
        assert!(chain.current(&state).is_empty() && chain.release(&state).is_empty());
        let message = chain.fail(&state, 2, &["sql", "select 1"]);
        assert!(message.contains("nothing is current yet"), "{message}");
        assert_eq!(chain.run(&state).len(), all.len() - put);
        assert_same_files(&chain.release(&state), &chain.release("calm"));
        assert_same_files(&chain.current(&state), &chain.current("calm"));
    }
}

/// Delays without a clock or a random source: the same in every run.
struct Delays(u64);

impl Delays {
    /// The next one, below a limit.
    fn next(&mut self, below: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let thousandths = u32::try_from((self.0 >> 33) % 1000).unwrap();
        below * thousandths / 1000
    }
}

/// Kills that are to land, and rounds in which they may: some runs end first.
const KILLS: usize = 10;
const ROUNDS: usize = 15;

/// Reads the release through its link, resolved once, until told to stop; each
/// time it must be one of the known releases: the last one, or the one that
/// the round may publish.
fn read_on(release: &Path, known: &[Files], round: &AtomicUsize, is_over: &AtomicBool) -> usize {
    let mut readings = 0;
    while !is_over.load(Ordering::SeqCst) {
        let first = round.load(Ordering::SeqCst);
        let folder = release.join(std::fs::read_link(release.join("current")).unwrap());
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
        let (json, csv) = (read("release.json"), read("industry_transitions.csv"));
        let last = round.load(Ordering::SeqCst);
        let is_it = |files: &&Files| {
            files["release.json"] == json && files["industry_transitions.csv"] == csv
        };
        let found = known.iter().position(|files| is_it(&files)).expect("a whole release");
        assert!(found + 1 >= first && found <= last, "release {found} in round {first}..{last}");
        readings += 1;
        // Leaves the processors to the runs.
        std::thread::sleep(Duration::from_micros(200));
    }
    readings
}

/// Ends the reading when it is dropped, after a failure too.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The file of each round, which differs from the one before in one cell, and
/// the release that undisturbed runs make of it.
fn rounds(chain: &Chain) -> (Vec<Vec<u8>>, Vec<Files>) {
    let round = |number: usize| {
        if number > 0 {
            change_industry(chain, number);
        }
        chain.run("calm");
        (std::fs::read(chain.path("raw/nlswork.csv")).unwrap(), chain.release("calm"))
    };
    (0..=ROUNDS).map(round).unzip()
}

#[test]
fn a_reader_sees_old_or_new_whenever_runs_are_killed() {
    let chain = Chain::nlswork();
    let (files, known) = rounds(&chain);
    let deliver = |round: usize| std::fs::write(chain.path("raw/nlswork.csv"), &files[round]);
    deliver(0).unwrap();
    let start = Instant::now();
    chain.run("wild");
    let mut longest = start.elapsed();
    let (round, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let release = chain.path("wild/release");
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_on(&release, &known, &round, &is_over));
        let over = Over(&is_over);
        let mut delays = Delays(2026);
        let mut killed = 0;
        for number in 1..=ROUNDS {
            deliver(number).unwrap();
            round.store(number, Ordering::SeqCst);
            if kill_after(&chain, delays.next(longest)) {
                killed += 1;
            } else {
                longest /= 2;
            }
            let left = resolved(&release.join("current"));
            assert!(left == known[number - 1] || left == known[number], "round {number}");
            chain.run("wild");
            assert_same_files(&chain.release("wild"), &known[number]);
            if killed == KILLS {
                break;
            }
        }
        drop(over);
        let readings = reader.join().unwrap();
        eprintln!("{killed} runs killed, {readings} readings");
        assert!(killed == KILLS && readings > ROUNDS);
    });
}

/// Starts a run and kills it after a while; says whether it was still there.
fn kill_after(chain: &Chain, delay: Duration) -> bool {
    let mut command = chain.command("wild", &["run"]);
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The delay is what the test is about, not a way to wait for something.
    std::thread::sleep(delay);
    run.kill().unwrap();
    run.wait().unwrap().signal() == Some(SIGKILL)
}
