//! A canary: marked values stand in raw data, and nothing that honkvast says or
//! writes has them but the data themselves: Parquet files of the lake, which
//! hold slices, rejects and rows that fail a check.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::raw_form::Packing;
use crate::tiny_study::{CHECK_FILE, CODEBOOK_FILE, OUT_FILE, STAGING_FILE, TinyStudy};
use crate::workplace::stderr;

/// The marks in every form in which they might get out: as text in any case, as
/// numbers with and without a point, as a day, as bytes in decimal and in hex,
/// and in the two-byte text of other systems.
const MARKS: [&str; 11] = [
    "KANARIE",
    "kanarie",
    "7707707707",
    "77077077.07",
    "77077077,07",
    "7,707,707,707",
    "19770707",
    "1977-07-07",
    "75, 65, 78, 65, 82",
    "4b414e41524945",
    "K\0A\0N\0A\0R\0",
];

/// What every command of the study is given.
pub(crate) const FOLDERS: [&str; 8] =
    ["-p", "tiny", "--raw", "raw", "--lake", "lake", "--release", "release"];

/// Commands that tell of runs and of the lake and show no data.
const TELLING: [&[&str]; 13] = [
    &["status"],
    &["status", "--json"],
    &["history", "--json"],
    &["show", "last"],
    &["show", "last", "--json"],
    &["plan"],
    &["plan", "--json"],
    &["rejects"],
    &["rejects", "--run", "last", "--json"],
    &["vintages"],
    &["labels"],
    &["gc", "--dry-run", "--keep-days", "0", "--keep-runs", "0", "--json"],
    &["adopt", "--dry-run"],
];

/// Fails where a mark is in what a command said.
pub(crate) fn is_silent(what: &str, output: &Output) {
    for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if let Some(mark) = mark_in(bytes) {
            let said = String::from_utf8_lossy(bytes);
            assert!(mark.is_empty(), "{what}: {mark:?} is on {stream}:\n{said}");
        }
    }
}

/// Fails where a mark is in the lake outside of data, or in what any command
/// tells of it at the highest level of the log.
pub(crate) fn keeps_secrets(study: &TinyStudy) {
    lake_keeps_secrets(&study.place.path("lake"));
    for command in TELLING {
        is_silent(&command.join(" "), &study.output("trace", command));
    }
    // Some commands write: what they left is silent too.
    lake_keeps_secrets(&study.place.path("lake"));
}

pub(crate) fn lake_keeps_secrets(lake: &Path) {
    let (mut data, mut told) = (0, 0);
    for path in files_below(lake) {
        let name = path.strip_prefix(lake).unwrap().display().to_string();
        assert_eq!(mark_in(name.as_bytes()), None, "{name}");
        if is_data(&name) {
            data += 1;
        } else {
            told += 1;
            assert_eq!(mark_in(&std::fs::read(&path).unwrap()), None, "{name}");
        }
    }
    assert!(data > 0 && told > 0, "{data} files of data and {told} others");
}

/// Says whether a file of the lake may hold values: tables, rejects, rows that
/// fail a check, and what is in the making.
fn is_data(name: &str) -> bool {
    let folders = ["slices/", "snapshots/", "candidates/", "rejects/", "checks/", "scratch/"];
    let is_spilled = name.starts_with("scratch/") && name.contains("/spill/");
    is_spilled
        || name.ends_with(".parquet") && folders.iter().any(|folder| name.starts_with(folder))
}

fn mark_in(bytes: &[u8]) -> Option<&'static str> {
    let has = |mark: &str| memchr::memmem::find(bytes, mark.as_bytes()).is_some();
    MARKS.into_iter().find(|mark| has(mark))
}

/// Regular files below a folder, links not followed.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

const COLUMNS: &str = r#"
[[columns]]
name = "wage_eur"
header = "WAGE"
type = "decimal(12,2)"
keep_reason = true

[[columns]]
name = "start_date"
header = "START"
type = "date"

[[columns]]
name = "is_full_time"
header = "FULL"
type = "boolean"
true = ["KANARIE-YES"]
false = ["N"]
"#;

pub(crate) const HEADER: &str = "PERSON;SECTOR;HOURS;WAGE;START;FULL\n";

/// A record whose every value is a mark.
pub(crate) const MARKED: &str = "KANARIE1;KANARIE-S;7707707707;77077077.07;19770707;KANARIE-YES\n";

/// Good records without a mark.
pub(crate) fn plain(persons: usize) -> String {
    let row = |person| format!("P{person:03};A;{};12.50;20200101;N\n", 10 + person % 30);
    (1..=persons).map(row).collect()
}

/// The tiny study with a column of each type, its staging table with all of
/// them; both years are delivered and good, and 2020 is marked.
pub(crate) fn marked_study() -> TinyStudy {
    let study = TinyStudy::new();
    let codebook = std::fs::read_to_string(study.place.path(CODEBOOK_FILE)).unwrap();
    // Its codes are of the definition and no microdata; but they are marked here.
    study.write(
        CODEBOOK_FILE,
        codebook.replacen("[[columns]]", "reject_limit = 0.1\n\n[[columns]]", 1) + COLUMNS,
    );
    study.replace(
        STAGING_FILE,
        "    hour_count\n",
        "    hour_count,\n    wage_eur,\n    start_date,\n    is_full_time\n",
    );
    // Hours of the marked record are no error of this study.
    study.replace(CHECK_FILE, "hour_count > 168", "hour_count between 169 and 200");
    study.replace(OUT_FILE, "where hour_count >=", "where sector_code = 'A' and hour_count >=");
    for year in [2020, 2021] {
        study.write(&format!("raw/jobs{year}V1.csv"), HEADER.to_owned() + &plain(50));
    }
    study.write("raw/jobs2020V1.csv", HEADER.to_owned() + MARKED + &plain(50));
    study
}

/// Runs at the highest level of the log, in both its forms; each must end with
/// this code, say nothing of the marks, and leave a lake that is silent.
fn provoke(study: &TinyStudy, what: &str, code: i32) -> String {
    let mut said = String::new();
    for form in ["text", "json"] {
        let arguments = [&FOLDERS[..], &["--log", form, "--log-level", "trace", "run"]].concat();
        let output = study.place.output(&arguments);
        said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{what}: {said}");
        is_silent(what, &output);
    }
    keeps_secrets(study);
    said
}

#[test]
fn marks_in_every_column_of_a_good_run_are_nowhere_but_in_the_data() {
    let study = marked_study();
    provoke(&study, "a good run", 0);
    // They are there, and shown to who asks for data.
    let ask = "select hour_count, wage_eur, start_date, is_full_time from staging.jobs \
               where person_id = 'KANARIE1'";
    let row =
        "hour_count,wage_eur,start_date,is_full_time\n7707707707,77077077.07,1977-07-07,true\n";
    assert_eq!(study.succeed(&["sql", ask, "--format", "csv"]), row);
    assert_eq!(mark_in(row.as_bytes()), Some("7707707707"), "the marks are known");
}

#[test]
fn values_that_do_not_fit_their_column_are_told_in_rejects_alone() {
    let study = marked_study();
    let good = ["KANARIE1", "A", "1", "1.00", "20200101", "N"];
    let bad: [&[&str]; 6] = [
        &[""],
        &[],
        &["KANARIE", "7707707707770770770777077", "77077077.07"],
        &["KANARIE", "770770770777077077.07", "77077077.0707", "77077077,07"],
        &["KANARIE", "19770777", "1977-07-07", "197707077"],
        &["KANARIE", "7707707707"],
    ];
    let mut records = String::new();
    for (column, values) in bad.iter().enumerate() {
        for value in *values {
            let mut record = good;
            record[column] = value;
            records.push_str(&(record.join(";") + "\n"));
        }
    }
    records.push_str("KANARIE1;A\nKANARIE1;A;1;1.00;20200101;N;KANARIE\nKANARIE\0;A;1;1.00;;N\n");
    records.push_str("\"KANARIE1;A;1;1.00;20200101;N\nKANARIE\u{fffd}\n");
    study.write("raw/jobs2021V1.csv", HEADER.to_owned() + &plain(50) + &records);
    provoke(&study, "rejects over the limit", 4);
    let shown = study.succeed(&["rejects", "--run", "last", "--rows", "--format", "csv"]);
    assert!(shown.matches("KANARIE").count() > 12, "on demand they are shown: {shown}");
    study.write("raw/jobs2021V1.csv", HEADER.to_owned() + &plain(500) + &records);
    provoke(&study, "rejects within the limit", 0);
}

#[test]
fn files_that_are_not_as_their_codebook_says_are_refused_without_a_value() {
    let study = marked_study();
    study.succeed(&["run"]);
    let whole = HEADER.to_owned() + MARKED + &plain(50);
    let mut cases: Vec<(&str, Vec<u8>)> = vec![
        ("no header line", (MARKED.to_owned() + &plain(50)).into_bytes()),
        (
            "a header line of values and one name",
            format!("KANARIE;SECTOR;7707707707\n{}", plain(9)).into_bytes(),
        ),
        ("another delimiter", whole.replace(';', ",").into_bytes()),
        ("a missing column", whole.replace("WAGE", "KNOWN").into_bytes()),
        ("a column twice", whole.replace("WAGE", "HOURS").into_bytes()),
        ("an open quote", format!("{HEADER}\"{MARKED}{}", plain(5)).into_bytes()),
        ("two-byte text", whole.bytes().flat_map(|byte| [byte, 0]).collect()),
        ("only a mark", b"KANARIE".to_vec()),
    ];
    let mut latin: Vec<u8> = whole.clone().into_bytes();
    latin.extend(b"KANARIE\xe9\xe8;A;1;1.00;20200101;N\n".repeat(30));
    cases.push(("another encoding", latin));
    for (what, content) in cases {
        study.write("raw/jobs2021V1.csv", content);
        let arguments = [&FOLDERS[..], &["--log-level", "trace", "run"]].concat();
        let output = study.place.output(&arguments);
        let code = output.status.code();
        assert!(matches!(code, Some(4 | 5)), "{what}: {code:?} {}", stderr(&output));
        is_silent(what, &output);
        keeps_secrets(&study);
    }
    let packed = Packing::Gzip.pack(whole.as_bytes());
    study.write("raw/jobs2021V2.csv.gz", &packed[..packed.len() - 9]);
    provoke(&study, "a stream that is cut", 5);
    study.write("raw/jobs2021V2.csv.gz", whole.as_bytes());
    provoke(&study, "text that is called packed", 5);
}

#[test]
fn keys_that_are_not_unique_and_rows_that_fail_a_check_are_counted_alone() {
    let study = marked_study();
    study.write("raw/jobs2021V1.csv", HEADER.to_owned() + MARKED + MARKED + &plain(50));
    provoke(&study, "a key twice", 3);
    study.write("raw/jobs2021V1.csv", HEADER.to_owned() + MARKED + &plain(50));
    study.replace(CHECK_FILE, "hour_count between 169 and 200", "hour_count > 168");
    provoke(&study, "a check that stops", 3);
    study.replace(CHECK_FILE, "-- stop:", "-- warn:");
    provoke(&study, "a check that warns", 0);
}

/// SQL that fails on the marked record, of all kinds that the engine has: the
/// engine's own words quote the value in most of them.
const FAILING: [&str; 16] = [
    "cast(sector_code as bigint)",
    "cast(sector_code as double)",
    "cast(sector_code as decimal(10, 2))",
    "cast(sector_code as date)",
    "cast(sector_code as timestamp)",
    "cast(sector_code as boolean)",
    "cast(sector_code as interval)",
    "cast(sector_code as time)",
    "to_date(sector_code)",
    "to_timestamp(sector_code)",
    "to_timestamp(sector_code, '%Y')",
    "cast(hour_count as int)",
    "cast(wage_eur as decimal(8, 2))",
    "cast(hour_count as smallint)",
    "hour_count / (hour_count - 7707707707)",
    "cast(chr(hour_count) as text)",
];

#[test]
fn errors_of_the_engine_show_no_value() {
    let study = marked_study();
    study.succeed(&["run"]);
    let sql = std::fs::read_to_string(study.place.path(STAGING_FILE)).unwrap();
    for expression in FAILING {
        let failing = format!("    cast({expression} as text) as sector_code,");
        study.write(STAGING_FILE, sql.replace("    sector_code,", &failing));
        let output = study.output("trace", &["run"]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{expression}: {said}");
        assert!(said.contains("error: staging.jobs 2020 ("), "{expression}: {said}");
        // The expression is of the definition; the number in it is no value.
        is_silent(expression, &output);
        lake_keeps_secrets(&study.place.path("lake"));
        let asked =
            study.output("trace", &["sql", &format!("select {expression} from staging.jobs")]);
        assert_eq!(asked.status.code(), Some(1), "{expression}: {}", stderr(&asked));
        is_silent(expression, &asked);
    }
    keeps_secrets(&study);
    let check = std::fs::read_to_string(study.place.path(CHECK_FILE)).unwrap();
    study.write(STAGING_FILE, &sql);
    let failing = "where cast(sector_code as bigint) > 1";
    study.write(CHECK_FILE, check.replace("where hour_count between 169 and 200", failing));
    provoke(&study, "a check that the engine cannot compute", 1);
    study.write(CHECK_FILE, check);
    let many = "(select sector_code from raw.jobs) as sector_code,";
    study.write(STAGING_FILE, sql.replace("sector_code,", many));
    provoke(&study, "a query in a query with many rows", 1);
}

#[test]
fn a_crash_leaves_no_value_outside_of_data() {
    let study = marked_study();
    for point in [
        "ingest-batch",
        "table-column",
        "slice-written:3",
        "check-asked",
        "snapshot-built",
        "release-written",
    ] {
        let arguments = [&FOLDERS[..], &["--log-level", "trace", "run", "--force"]].concat();
        let mut command = study.place.honkvast(&arguments);
        let output = command.env("HONKVAST_KILL_AT", point).output().unwrap();
        assert_eq!(output.status.signal(), Some(9), "{point}: {}", stderr(&output));
        is_silent(point, &output);
        lake_keeps_secrets(&study.place.path("lake"));
        std::fs::remove_dir_all(study.place.path("lake")).unwrap();
        // The release is written before the tables are current.
        let _ = std::fs::remove_dir_all(study.place.path("release"));
    }
    provoke(&study, "after the crashes", 0);
}

#[test]
fn a_limit_on_the_size_of_files_tells_no_value() {
    let study = marked_study();
    study.succeed(&["run"]);
    study.write("raw/jobs2021V1.csv", HEADER.to_owned() + MARKED + &plain(60));
    let program = study.place.honkvast(&[]).get_program().to_owned();
    let mut landed = 0;
    for limit in (0..2400).step_by(120) {
        let script = "trap '' XFSZ; exec prlimit --fsize=$0 \"$@\"";
        let mut command = study.place.honkvast(&[]);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut limited = std::process::Command::new("sh");
        limited.env_clear().env("PATH", path).current_dir(command.get_current_dir().unwrap());
        limited.args(["-c", script, &limit.to_string()]).arg(&program);
        command = limited;
        let arguments = [&FOLDERS[..], &["--log-level", "trace", "run"]].concat();
        let output = command.args(arguments).output().unwrap();
        is_silent("a limit on the size of files", &output);
        landed += usize::from(output.status.code() == Some(1));
    }
    assert!(landed > 5, "{landed} runs met the limit");
    keeps_secrets(&study);
}

#[test]
fn the_watch_itself_finds_a_mark_wherever_it_is() {
    for text in ["x KANARIE y", "7707707707", "\"1977-07-07\"", "[75, 65, 78, 65, 82, 73]"] {
        assert!(mark_in(text.as_bytes()).is_some(), "{text}");
    }
    let study = marked_study();
    study.succeed(&["run"]);
    let spoil = |name: &str| {
        study.write(name, "{\"value\": \"KANARIE1\"}");
        let found = std::panic::catch_unwind(|| lake_keeps_secrets(&study.place.path("lake")));
        study.remove(name);
        found.is_err()
    };
    for name in [
        "lake/ledger/x.jsonl",
        "lake/files.json",
        "lake/slices/out.hours/slice.json",
        "lake/x.parquet",
    ] {
        assert!(spoil(name), "{name}");
    }
    lake_keeps_secrets(&study.place.path("lake"));
}
