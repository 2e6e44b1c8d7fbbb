//! The engine, as honkvast uses it, held against DuckDB: generated queries over
//! the types of our tables, nulls included. A short form runs with the tests;
//!
//! ```text
//! HONKVAST_SWEEP=3000 HONKVAST_SWEEP_SEED=2 cargo test engine_sweep
//! ```
//!
//! asks that many. Last run of 3000 with seed 2: no query differed.

mod queries;

use std::io::Write;
use std::process::{Command, Stdio};

use rand_pcg::Pcg64Mcg;

use crate::python::python_with;
use crate::tiny_study::{CHECK_FILE, CODEBOOK_FILE, OUT_FILE, STAGING_FILE, STUDY_FILE, TinyStudy};
use queries::{Query, data, query};

/// Queries that one call of the program answers.
const AT_ONCE: usize = 25;
/// In place of an answer: the engine refuses a few queries, as a day and a text
/// in one `coalesce`, and an error is no wrong answer.
const FAILS: &str = "fails";

const STUDY: &str = r#"name       = "tiny"
title      = "Values of every type"
years      = "2020"
disclosure = "public"

[sources.jobs]
codebook = "codebooks/jobs.toml"
files    = "jobs{year}V{version}.*"

[models."staging.jobs"]
key = ["id"]

[models."out.hours"]
key = ["id"]
"#;

const CODEBOOK: &str = r#"title  = "Values"
format = { kind = "delimited", delimiter = ";" }
columns = [
    { name = "id", type = "integer" },
    { name = "n", type = "integer" },
    { name = "h", type = "decimal(9,2)" },
    { name = "w", type = "decimal(20,6)" },
    { name = "code", type = "text" },
    { name = "day", type = "date" },
    { name = "flag", type = "boolean", true = ["1"], false = ["0"] },
]
"#;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |value| value.parse().unwrap())
}

#[test]
fn generated_queries_have_the_answers_of_another_engine() {
    let Some(python) = python_with("duckdb") else { return };
    let mut random = Pcg64Mcg::new(setting("HONKVAST_SWEEP_SEED", 1).into());
    let study = TinyStudy::new();
    study.remove(CHECK_FILE);
    study.write(STUDY_FILE, STUDY);
    study.write(CODEBOOK_FILE, CODEBOOK);
    study.write(STAGING_FILE, "select id, n, h, w, code, day, flag from raw.jobs\n");
    study.write(OUT_FILE, "select id from staging.jobs\n");
    study.write("raw/jobs2020V1.csv", data(&mut random, 400));
    study.succeed(&["run"]);
    let count = usize::try_from(setting("HONKVAST_SWEEP", 150)).unwrap();
    let asked: Vec<Query> = (0..count).map(|_| query(&mut random)).collect();
    let theirs = answers_of_duckdb(&python, &study, &asked);
    let (mut differing, mut failing) = (Vec::new(), 0);
    for (asked, theirs) in asked.chunks(AT_ONCE).zip(theirs.chunks(AT_ONCE)) {
        for ((query, ours), theirs) in asked.iter().zip(answers(&study, asked)).zip(theirs) {
            if ours == FAILS {
                failing += 1;
            } else if ours != *theirs {
                differing.push(format!("{}\n  ours   {ours}\n  theirs {theirs}", query.ours));
            }
        }
    }
    assert_eq!(theirs.len(), count);
    assert!(failing * 20 <= count, "{failing} queries failed");
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

/// Our answers: a count and a sum a query. Where one of them fails, they are
/// asked one by one.
fn answers(study: &TinyStudy, asked: &[Query]) -> Vec<String> {
    match together(study, asked) {
        Some(answers) => answers,
        None if asked.len() == 1 => vec![FAILS.to_owned()],
        None => {
            asked.iter().flat_map(|query| answers(study, std::slice::from_ref(query))).collect()
        }
    }
}

fn together(study: &TinyStudy, asked: &[Query]) -> Option<Vec<String>> {
    let numbered = |(number, query): (usize, &Query)| {
        format!("select {number} as q, * from ({}) as answer", query.ours)
    };
    let all: Vec<String> = asked.iter().enumerate().map(numbered).collect();
    let all = format!("{} order by q", all.join("\nunion all "));
    let output = study.output("error", &["sql", "--format", "csv", &all]);
    let csv = output.status.success().then(|| String::from_utf8(output.stdout).unwrap())?;
    Some(csv.lines().skip(1).map(|line| line.split_once(',').unwrap().1.to_owned()).collect())
}

fn answers_of_duckdb(python: &str, study: &TinyStudy, asked: &[Query]) -> Vec<String> {
    let script =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine_sweep/duck.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(study.place.path("raw/jobs2020V1.csv"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let queries: Vec<&str> = asked.iter().map(|query| query.theirs.as_str()).collect();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(queries.join("\n").as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
