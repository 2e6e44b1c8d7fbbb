//! The engine says of joins that their rows have orders which they do not have.
//! Each query here rests on such an order and gave wrong numbers without a word;
//! its answer is counted by going through all pairs of rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::tiny_study::{CHECK_FILE, CODEBOOK_FILE, OUT_FILE, STAGING_FILE, STUDY_FILE, TinyStudy};

const STUDY: &str = r#"name       = "tiny"
title      = "Jobs and readings of persons"
years      = "2020"
disclosure = "public"

[sources.jobs]
codebook = "codebooks/jobs.toml"
files    = "jobs{year}V{version}.*"

[sources.readings]
codebook = "codebooks/readings.toml"
files    = "readings{year}V{version}.*"

[models]
"staging.jobs"     = { key = ["person_id", "job_id"] }
"staging.readings" = { key = ["person_id", "reading_id"] }
"core.answers"     = { key = ["person_id"], join = "JOIN" }
"out.answers"      = { key = ["year"] }
"#;

const CODEBOOK: &str = r#"title  = "Numbers"
format = { kind = "delimited", delimiter = ";" }
columns = [
    { name = "person_id", type = "integer" },
    { name = "NAME_id", type = "integer" },
    { name = "size", type = "integer" },
]
"#;

/// The study whose one query this is, over so many jobs of each person and so
/// many readings.
fn study(query: &str, join: &str, jobs: &[Row], readings: &[Row]) -> TinyStudy {
    let study = TinyStudy::new();
    study.remove(CHECK_FILE);
    study.remove(OUT_FILE);
    study.write(STUDY_FILE, STUDY.replace("JOIN", join));
    study.write(CODEBOOK_FILE, CODEBOOK.replace("NAME", "job"));
    study.write("pipelines/codebooks/readings.toml", CODEBOOK.replace("NAME", "reading"));
    study.write(STAGING_FILE, "select person_id, job_id, size from raw.jobs\n");
    study.write(
        "sql/tiny/staging/readings.sql",
        "select person_id, reading_id, size from raw.readings\n",
    );
    study.write("sql/tiny/core/answers.sql", query);
    study.write(
        "sql/tiny/out/answers.sql",
        "select $year as year, count(*) as person_count from core.answers group by 1\n",
    );
    for (name, rows) in [("job", jobs), ("reading", readings)] {
        let lines: String =
            rows.iter().map(|row| format!("{};{};{}\n", row.person, row.id, row.size)).collect();
        let file = format!("raw/{name}s2020V1.csv");
        study.write(&file, format!("person_id;{name}_id;size\n{lines}"));
    }
    study
}

#[derive(Clone, Copy)]
struct Row {
    person: i64,
    id: i64,
    size: i64,
}

/// So many rows of each person.
fn rows(counts: &[i64]) -> Vec<Row> {
    let of_person = |(person, count): (usize, &i64)| {
        let person = i64::try_from(person).unwrap();
        (0..*count).map(move |id| Row { person, id, size: (id * 7 + person) % 10 })
    };
    counts.iter().enumerate().flat_map(of_person).collect()
}

/// What the query says of each person, at one thread and at more.
fn answers(study: &TinyStudy) -> Vec<BTreeMap<i64, i64>> {
    let at = |threads| {
        study.succeed(&["--threads", threads, "run", "--force"]);
        let sql = "select person_id, answer from core.answers order by person_id";
        let csv = study.succeed(&["sql", sql, "--format", "csv"]);
        csv.lines()
            .skip(1)
            .map(|line| {
                let (person, answer) = line.split_once(',').unwrap();
                (person.parse().unwrap(), answer.parse().unwrap())
            })
            .collect()
    };
    ["1", "2", "4"].map(at).to_vec()
}

/// Asks a query with each join that a model can prefer.
fn assert_answers(query: &str, jobs: &[Row], readings: &[Row], expected: &BTreeMap<i64, i64>) {
    for join in ["hash", "merge"] {
        let study = study(query, join, jobs, readings);
        for answer in answers(&study) {
            assert_eq!(answer, *expected, "{join}: {query}");
        }
    }
}

/// The readings of each person who has a job.
fn readings_of_workers(jobs: &[Row], readings: &[Row]) -> BTreeMap<i64, i64> {
    let mut of_person = BTreeMap::<i64, BTreeSet<i64>>::new();
    for job in jobs {
        for reading in readings.iter().filter(|reading| reading.person == job.person) {
            of_person.entry(job.person).or_default().insert(reading.id);
        }
    }
    of_person.into_iter().map(|(person, ids)| (person, ids.len() as i64)).collect()
}

/// A group of an aggregate over a join comes once.
#[test]
fn a_group_comes_once() {
    let (jobs, readings) = (rows(&[300, 1, 220, 0, 2]), rows(&[100, 2, 90, 4, 1]));
    let query = "with jobs as (select person_id, size from staging.jobs),
groups as (
    select jobs.person_id, readings.reading_id, sum(jobs.size) as size
    from jobs
    inner join staging.readings as readings on jobs.person_id = readings.person_id
    group by jobs.person_id, readings.reading_id
)
select person_id, count(*) as answer from groups group by person_id order by person_id
";
    assert_answers(query, &jobs, &readings, &readings_of_workers(&jobs, &readings));
}

/// A window over a join sees the order that it asks for.
#[test]
fn a_window_sees_its_order() {
    let (jobs, readings) = (rows(&[300, 1, 220, 0, 2]), rows(&[100, 2, 90, 4, 1]));
    let query = "with jobs as (select person_id, size from staging.jobs),
ranks as (
    select
        jobs.person_id,
        dense_rank() over (
            partition by jobs.person_id order by readings.reading_id nulls first
        ) as reading_rank
    from jobs
    inner join staging.readings as readings on jobs.person_id = readings.person_id
)
select person_id, max(reading_rank) as answer from ranks group by person_id order by person_id
";
    assert_answers(query, &jobs, &readings, &readings_of_workers(&jobs, &readings));
}

/// A left join with a condition beside its keys keeps the order that an aggregate
/// behind it relies on, or says that it does not.
#[test]
fn a_condition_on_a_left_join_loses_no_order() {
    let jobs = rows(&[1; 36]);
    let readings = rows(&[[5000; 24].as_slice(), &[1; 12]].concat());
    let query = "with groups as (
    select jobs.person_id, count(readings.reading_id) as reading_count
    from staging.jobs as jobs
    left join staging.readings as readings
        on jobs.person_id = readings.person_id and readings.size > jobs.size
    group by jobs.person_id
),
ranks as (
    select person_id, reading_count, row_number() over (order by person_id nulls first) as place
    from groups
)
select person_id, reading_count * 100 + place as answer from ranks order by person_id
";
    let larger = |job: &Row| {
        let is_counted = |r: &&Row| r.person == job.person && r.size > job.size;
        readings.iter().filter(is_counted).count() as i64
    };
    let expected = jobs.iter().map(|job| (job.person, larger(job) * 100 + job.person + 1));
    assert_answers(query, &jobs, &readings, &expected.collect());
}
