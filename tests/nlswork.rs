//! The study `nlswork` on the real data that comes with it: held against
//! figures computed elsewhere, and on random subsets against pandas.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::{Value, json};

use crate::python::python_with;
use crate::tiny_study::files_below;
use crate::workplace::{Workplace, stderr};

const TABLES: [&str; 5] = [
    "employer_stays",
    "industry_transitions",
    "joint_stays",
    "observation",
    "occupation_transitions",
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn study_file() -> String {
    repository().join("pipelines/nlswork.toml").display().to_string()
}

fn reference() -> Value {
    serde_json::from_str(include_str!("nlswork/reference.json")).unwrap()
}

/// Runs the study with the data that comes with it, from another folder.
fn run_on_shipped_data(place: &Workplace) {
    let study = study_file();
    place.succeed(&["-p", &study, "--lake", "lake", "--release", "release", "run"]);
}

/// Rows of a published CSV, each as its fields, without the header.
fn published(place: &Workplace, table: &str, header: &str) -> Vec<Vec<String>> {
    let path = place.path("release/current").join(format!("{table}.csv"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(header));
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn number(text: &str) -> u64 {
    text.parse().unwrap()
}

/// Sums the last field of rows by what `group` makes of a row.
fn summed<K: Ord>(
    rows: &[Vec<String>],
    group: impl Fn(&[String]) -> Option<K>,
) -> BTreeMap<K, u64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        if let Some(key) = group(row) {
            *sums.entry(key).or_insert(0) += number(row.last().unwrap());
        }
    }
    sums
}

/// Transitions as the reference writes them: in all, by start year, a matrix.
fn transitions(place: &Workplace, subject: &str) -> Value {
    let header = format!("from_year,from_{subject}_code,to_{subject}_code,person_count");
    let rows = published(place, &format!("{subject}_transitions"), &header);
    let is_same = |row: &[String]| row[1] == row[2];
    let pairs = summed(&rows, |row| Some(row[0].clone()));
    let same = summed(&rows, |row| is_same(row).then(|| row[0].clone()));
    let by_year = pairs.iter().map(|(year, pairs)| {
        (year.clone(), json!({ "pairs": pairs, "same": same.get(year).unwrap_or(&0) }))
    });
    let mut matrix: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for ((from, to), count) in summed(&rows, |row| Some((row[1].clone(), row[2].clone()))) {
        matrix.entry(from).or_default().insert(to, count);
    }
    json!({
        "pairs": pairs.values().sum::<u64>(),
        "same": same.values().sum::<u64>(),
        "by_start_year": by_year.collect::<serde_json::Map<_, _>>(),
        "matrix": matrix,
    })
}

fn observation(place: &Workplace) -> Value {
    let header = "from_year,base_count,observed_next_count,observed_share";
    let rows = published(place, "observation", header);
    let sum = |column: usize| rows.iter().map(|row| number(&row[column])).sum::<u64>();
    let by_year = rows.iter().map(|row| {
        (row[0].clone(), json!({ "base": number(&row[1]), "observed_next": number(&row[2]) }))
    });
    json!({
        "start_years": rows.iter().map(|row| number(&row[0])).collect::<Vec<_>>(),
        "base_rows": sum(1),
        "observed_next_year": sum(2),
        "not_observed_next_year": sum(1) - sum(2),
        "by_start_year": by_year.collect::<serde_json::Map<_, _>>(),
    })
}

fn employer(place: &Workplace) -> Value {
    let header = "from_year,same_employer_count,known_count,stay_share";
    let rows = published(place, "employer_stays", header);
    let sum = |column: usize| rows.iter().map(|row| number(&row[column])).sum::<u64>();
    json!({ "pairs": sum(2), "same(tenure_next>=1)": sum(1) })
}

fn joint(place: &Workplace) -> Value {
    let header = "same_employer,same_industry,same_occupation,person_count";
    let cell = |row: &Vec<String>| {
        let bit = |text: &str| u8::from(text.parse::<bool>().unwrap());
        let name = format!("emp{}_ind{}_occ{}", bit(&row[0]), bit(&row[1]), bit(&row[2]));
        (name, json!(number(&row[3])))
    };
    let rows = published(place, "joint_stays", header);
    Value::Object(rows.iter().map(cell).collect())
}

#[test]
fn the_shipped_data_give_the_figures_that_were_computed_elsewhere() {
    let place = Workplace::new();
    run_on_shipped_data(&place);
    let reference = reference();
    assert_eq!(observation(&place), reference["year_to_year"]);
    assert_eq!(transitions(&place, "industry"), reference["industry"]);
    assert_eq!(transitions(&place, "occupation"), reference["occupation"]);
    assert_eq!(employer(&place), reference["employer_by_tenure"]);
    assert_eq!(joint(&place), reference["cells_emp_ind_occ_same(1)/different(0)"]);
}

#[test]
fn the_shipped_data_give_the_figures_that_are_promised() {
    let place = Workplace::new();
    run_on_shipped_data(&place);
    let observed = observation(&place);
    assert_eq!(observed["base_rows"], 14_257);
    assert_eq!(observed["observed_next_year"], 10_891);
    let industry = transitions(&place, "industry");
    assert_eq!((&industry["pairs"], &industry["same"]), (&json!(10_574), &json!(8_674)));
    let occupation = transitions(&place, "occupation");
    assert_eq!((&occupation["pairs"], &occupation["same"]), (&json!(10_814), &json!(8_579)));
    let employer = employer(&place);
    assert_eq!(employer, json!({ "pairs": 10_735, "same(tenure_next>=1)": 8_043 }));
    let joint = joint(&place);
    assert_eq!(joint.as_object().unwrap().len(), 8);
    let cells = |employer: u8| {
        [(1, 1), (1, 0), (0, 1), (0, 0)].map(|(industry, occupation)| {
            joint[format!("emp{employer}_ind{industry}_occ{occupation}")].as_u64().unwrap()
        })
    };
    assert_eq!(cells(1), [6_159, 921, 463, 290]);
    assert_eq!(cells(0), [1_175, 261, 450, 646]);
}

#[test]
fn the_study_is_found_by_name_from_its_repository() {
    let place = Workplace::new();
    run_on_shipped_data(&place);
    let by_path = published_files(&place.path("release/current"));
    let (lake, release) = (place.path("by_name/lake"), place.path("by_name/release"));
    let output = place
        .honkvast(&["-p", "nlswork", "run"])
        .current_dir(repository())
        .env("HONKVAST_LAKE", lake)
        .env("HONKVAST_RELEASE", &release)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(published_files(&release.join("current")), by_path);
}

/// Content by name of all published files.
fn published_files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = files_below(folder);
    assert_eq!(
        files.len(),
        2 * (TABLES.len() + 1) + 3,
        "CSV and Parquet of each table and of the records delivered, report.html, release.json \
         and the hashes of all"
    );
    let relative = |path: PathBuf| path.strip_prefix(folder).unwrap().to_path_buf();
    files.into_iter().map(|(path, bytes)| (relative(path), bytes)).collect()
}

#[test]
fn the_reference_is_a_true_copy() {
    let original = repository().join("../shared/data/nlswork/reference.json");
    let Ok(text) = std::fs::read_to_string(&original) else {
        eprintln!("not compared: {} is not there", original.display());
        return;
    };
    let mut original: Value = serde_json::from_str(&text).unwrap();
    // What the study does not publish was left out of the copy.
    let top = original.as_object_mut().unwrap();
    top.remove("missing");
    for left_out in ["by_industry", "by_collgrad", "by_age_at_start"] {
        top["industry"].as_object_mut().unwrap().remove(left_out);
    }
    assert_eq!(original, reference());
}

#[test]
fn random_subsets_give_what_pandas_computes() {
    let Some(python) = python_with("pandas") else { return };
    let text = shipped_csv();
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    for (seed, percent) in [(1, 90), (2, 60), (3, 35), (4, 10), (5, 1)] {
        let place = Workplace::new();
        let subset = subset(header, &rows, seed, percent);
        std::fs::create_dir_all(place.path("raw")).unwrap();
        std::fs::write(place.path("raw/nlswork.csv"), subset).unwrap();
        let study = study_file();
        let folders = ["--raw", "raw", "--lake", "lake", "--release", "release"];
        place.succeed(&[&["-p", &study], &folders[..], &["run"]].concat());
        let script = repository().join("tests/nlswork/reference.py");
        let pandas = Command::new(&python)
            .arg(script)
            .args([place.path("raw/nlswork.csv"), place.path("pandas")])
            .output()
            .unwrap();
        assert!(pandas.status.success(), "{}", stderr(&pandas));
        for table in TABLES {
            let read = |folder: &str| {
                std::fs::read_to_string(place.path(folder).join(format!("{table}.csv"))).unwrap()
            };
            assert_eq!(
                read("release/current"),
                read("pandas"),
                "{table}, seed {seed}, {percent} %"
            );
        }
    }
}

fn shipped_csv() -> String {
    let packed = std::fs::read(repository().join("pipelines/nlswork/nlswork.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    text
}

/// About so many percent of the rows, in another order.
fn subset(header: &str, rows: &[&str], seed: u64, percent: u32) -> String {
    let mut dice = Pcg64Mcg::seed_from_u64(seed);
    let mut chosen: Vec<&str> =
        rows.iter().copied().filter(|_| dice.random_ratio(percent, 100)).collect();
    chosen.shuffle(&mut dice);
    assert!(!chosen.is_empty() && chosen.len() < rows.len());
    format!("{header}\n{}\n", chosen.join("\n"))
}
