//! The memory limit: kept by runs and by queries of people, or told what would
//! be taken. Rows of people's queries are printed as they come.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use crate::tiny_study::{FOLDERS, STUDY_FILE, TinyStudy, jobs};

const LIMIT_MIB: u64 = 256;
/// So much more than its limit a process may hold.
const MORE_BYTES: u64 = 100_000_000;

/// 320,000 rows: held at once, and once more as text, they do not fit in the limit.
const MANY: &str = "select repeat(a.person_id, 70) as a, repeat(b.person_id, 70) as b, c.hour_count
     from staging.jobs as a, staging.jobs as b,
     (select * from staging.jobs where person_id < 'P002') as c";
/// Rows that no machine has seen the end of.
const ENDLESS: &str = "from staging.jobs as a, staging.jobs as b, staging.jobs as c, \
     staging.jobs as d, staging.jobs as e";

fn study() -> TinyStudy {
    let study = TinyStudy::new();
    study.write("raw/jobs2020V1.csv", jobs(200));
    study.write("raw/jobs2021V1.csv", jobs(200));
    study.succeed(&["run"]);
    study
}

fn start(study: &TinyStudy, arguments: &[&str]) -> Child {
    let limit = format!("{LIMIT_MIB}MiB");
    let limits = ["--memory", &limit, "--threads", "2", "--log-level", "error"];
    let mut command = study.place.honkvast(&[&FOLDERS[..], &limits, arguments].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What a command that was watched said, and the most memory that it was seen
/// to hold.
struct Watched {
    status: ExitStatus,
    lines: usize,
    stderr: String,
    most_bytes: u64,
}

impl Watched {
    fn assert_within_limit(&self) {
        let most = (LIMIT_MIB << 20) + MORE_BYTES;
        assert!(self.most_bytes < most, "held {} MB", self.most_bytes / 1_000_000);
        assert!(self.most_bytes > 0, "it was watched");
    }
}

/// Reads all that a command says, and looks meanwhile at what it holds.
fn watched(mut child: Child) -> Watched {
    let status = format!("/proc/{}/status", child.id());
    let stdout = child.stdout.take().unwrap();
    let lines = std::thread::spawn(move || BufReader::new(stdout).split(b'\n').count());
    let mut stderr = child.stderr.take().unwrap();
    let said = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        text
    });
    let mut most_bytes = 0;
    let exit = loop {
        // Gone once the process has ended.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = peak.and_then(|peak| peak.trim().strip_suffix("kB")?.trim().parse().ok());
        most_bytes = most_bytes.max(kibibytes.map_or(0, |kibibytes: u64| kibibytes << 10));
        if let Some(exit) = child.try_wait().unwrap() {
            break exit;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let (lines, stderr) = (lines.join().unwrap(), said.join().unwrap());
    Watched { status: exit, lines, stderr, most_bytes }
}

/// The error of a command that its limit ended: it names both sizes.
fn refused(watched: &Watched, name: &str) {
    let said = &watched.stderr;
    assert_eq!(watched.status.code(), Some(1), "{said}");
    // Behind what the log says of others.
    let said = &said[said.find("error: ").expect(said)..];
    watched.assert_within_limit();
    let pattern = format!(
        "^error: {name}: does not fit in the memory limit of {LIMIT_MIB} MiB; it would take \
         ([0-9]+) MiB at least\n  hint: give more with --memory\n$"
    );
    let found = regex::Regex::new(&pattern).unwrap().captures(said).expect(said);
    assert!(found[1].parse::<u64>().unwrap() > LIMIT_MIB, "{said}");
}

#[test]
fn more_rows_than_fit_are_printed_within_the_limit() {
    let study = study();
    let watched = watched(start(&study, &["sql", "--format", "csv", MANY]));
    assert!(watched.status.success(), "{}", watched.stderr);
    assert_eq!(watched.lines, 400 * 400 * 2 + 1);
    watched.assert_within_limit();
}

#[test]
fn rows_are_printed_as_they_come_and_not_when_nobody_reads_on() {
    let study = study();
    let sql = format!("select a.person_id, b.person_id {ENDLESS}");
    for form in ["csv", "table", "json"] {
        let mut child = start(&study, &["sql", "--format", form, &sql]);
        let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..5000 {
            rows.next().unwrap().unwrap();
        }
        drop(rows);
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{form}: {}", crate::workplace::stderr(&ended));
    }
}

#[test]
fn a_query_that_does_not_fit_says_what_it_would_take() {
    let study = study();
    let columns = "a.person_id as a, b.person_id as b, c.person_id as c, d.hour_count as d";
    let queries = [
        // Counted: a sort that readers have no disk for, a set of all rows.
        format!("select {columns} {ENDLESS} order by d.hour_count, b.person_id, e.person_id"),
        format!("select count(*) from (select distinct {columns}, e.person_id as e {ENDLESS})"),
        // Not counted: a window over everything.
        format!("select {columns}, median(e.hour_count) over () as m {ENDLESS}"),
        format!("select {columns}, sum(e.hour_count) over () as m {ENDLESS}"),
    ];
    for sql in queries {
        refused(&watched(start(&study, &["sql", &sql])), "query \\(command line\\)");
    }
}

/// A model of which the rows have partners in plenty.
fn add_model(study: &TinyStudy, sql: &str) {
    study.replace(
        STUDY_FILE,
        "[publish.hours]",
        "[models.\"core.pairs\"]\nkey = [\"person_id\", \"other_id\"]\n\n[publish.hours]",
    );
    study.write("sql/tiny/core/pairs.sql", format!("-- One row per pair of persons.\n{sql}"));
}

#[test]
fn a_model_that_does_not_fit_says_what_it_would_take_and_others_are_made() {
    // Nobody asks for the memory of a window over everything.
    let windows = ["sum(d.hour_count)", "median(d.hour_count)"];
    for window in windows {
        let study = study();
        let sql = format!(
            "select\n    a.person_id,\n    b.person_id as other_id,\n    repeat(c.person_id, 9) \
             as padding,\n    {window} over () as all_hours\nfrom staging.jobs as a\ncross join staging.jobs as b\n\
             cross join staging.jobs as c\ncross join staging.jobs as d\n"
        );
        add_model(&study, &sql);
        study.write("raw/jobs2021V1.csv", jobs(201));
        let watched = watched(start(&study, &["run"]));
        refused(&watched, "core.pairs 20(?:20|21) \\(sql/tiny/core/pairs.sql\\)");
        let plan = study.succeed(&["plan"]);
        let left = plan.lines().filter(|line| line.contains("will be made")).count();
        assert_eq!(left, 2, "all else was made: {plan}");
    }
}

#[test]
fn a_model_that_fits_by_spilling_is_made_within_the_limit() {
    let study = study();
    add_model(
        &study,
        "select\n    concat(a.person_id, c.person_id) as person_id,\n    b.person_id as other_id,\n    \
         max(repeat(concat(b.person_id, a.person_id), 6)) as padding\nfrom staging.jobs as a\n\
         cross join staging.jobs as b\ncross join staging.jobs as c\n\
         where c.person_id < 'P030'\ngroup by 1, 2\n",
    );
    let watched = watched(start(&study, &["run"]));
    assert!(watched.status.success(), "{}", watched.stderr);
    watched.assert_within_limit();
}

/// A control group for memory with a limit, where this user may make one.
struct ControlGroup(std::path::PathBuf);

impl ControlGroup {
    fn new(bytes: u64) -> Option<Self> {
        let name = format!("honkvast-test-{}", std::process::id());
        let roots =
            [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        roots.into_iter().find_map(|(root, file)| {
            let group = ControlGroup(std::path::Path::new(root).join(&name));
            std::fs::create_dir(&group.0).ok()?;
            std::fs::write(group.0.join(file), bytes.to_string()).ok()?;
            Some(group)
        })
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        // Its last process may still be on its way out.
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[test]
fn the_limit_of_a_container_counts_as_the_memory_of_the_machine() {
    let study = study();
    let Some(group) = ControlGroup::new(1 << 30) else {
        eprintln!("no control group can be made here: nothing is shown");
        return;
    };
    let in_group = |arguments: &[&str]| {
        let script = "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"";
        let program = env!("CARGO_BIN_EXE_honkvast");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script]).arg(&group.0).arg(program).args(FOLDERS).args(arguments);
        let output = command.current_dir(study.place.path("")).output().unwrap();
        assert!(output.status.success(), "{}", crate::workplace::stderr(&output));
        crate::workplace::stderr(&output)
    };
    in_group(&["run"]);
    let shown = study.succeed(&["show", "last"]);
    assert!(shown.contains("memory limit 614 MiB\n"), "60 % of the group's: {shown}");
    let said = in_group(&["--memory", "4GiB", "run"]);
    assert!(said.contains("--memory 4096 MiB: the machine, or the control group"), "{said}");
    assert!(study.succeed(&["show", "last"]).contains("memory limit 1024 MiB\n"));
    in_group(&["--memory", "512MiB", "run"]);
    assert!(study.succeed(&["show", "last"]).contains("memory limit 512 MiB\n"));
}
