//! Studies from SPSS files: the same people give the same tables as from text,
//! and a real file gives the figures that were computed elsewhere.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::chain::{Chain, Files, assert_same_files};
use crate::python::python_with;
use crate::raw_form::Packing;
use crate::rows::file_rows;
use crate::workplace::{Workplace, stderr};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The study of the subset, with its raw file; none where that is not there.
fn subset_study() -> Option<Workplace> {
    let raw = repository().join("../shared/data/nlswork/nlswork_subset.sav");
    if !raw.exists() {
        eprintln!("not compared: {} is not there", raw.display());
        return None;
    }
    let place = Workplace::new();
    let copy = |from: &str, to: &str| {
        let to = place.path(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(repository().join(from), to).unwrap();
    };
    let own = "tests/spss/nlswork_subset";
    copy(&format!("{own}/study.toml"), "pipelines/nlswork_subset.toml");
    copy(&format!("{own}/codebook.toml"), "pipelines/codebooks/nlswork_subset.toml");
    for model in [
        "staging/interviews",
        "core/year_pairs",
        "out/observation",
        "out/employer_stays",
        "checks/pairs_cover_every_woman_of_the_first_year",
    ] {
        copy(&format!("sql/nlswork/{model}.sql"), &format!("sql/nlswork_subset/{model}.sql"));
    }
    copy("../shared/data/nlswork/nlswork_subset.sav", "raw/nlswork_subset.sav");
    Some(place)
}

fn on_subset(place: &Workplace, command: &[&str]) -> String {
    let folders = ["--raw", "raw", "--lake", "lake", "--release", "release"];
    place.succeed(&[&["-p", "nlswork_subset"], &folders[..], command].concat())
}

/// Sums a column of a published table.
fn sum(place: &Workplace, table: &str, column: &str) -> u64 {
    let rows = file_rows(&place.path(&format!("release/current/{table}.csv")));
    assert_eq!(rows.len(), 8, "eight years start a pair");
    rows.iter().map(|row| row[column].parse::<u64>().unwrap()).sum()
}

#[test]
fn a_real_spss_file_gives_the_figures_that_were_computed_elsewhere() {
    let Some(place) = subset_study() else { return };
    on_subset(&place, &["run"]);
    assert_eq!(sum(&place, "observation", "base_count"), 13_524);
    assert_eq!(sum(&place, "observation", "observed_next_count"), 9_963);
    assert_eq!(sum(&place, "employer_stays", "known_count"), 9_963);
    assert_eq!(sum(&place, "employer_stays", "same_employer_count"), 7_694);
    let counts = "select count(*) as rows, count(ind_code) as industries from raw.interviews";
    let counts = on_subset(&place, &["sql", counts, "--format", "csv"]);
    assert_eq!(counts, "rows,industries\n27279,0\n");
    let labels: Value =
        serde_json::from_str(&on_subset(&place, &["labels", "interviews", "--json"])).unwrap();
    let dictionary = &labels[0]["dictionary"];
    assert_eq!(labels[0]["file"], "nlswork_subset.sav");
    assert_eq!(dictionary["encoding"], "utf-8");
    assert_eq!(dictionary["columns"].as_array().unwrap().len(), 14);
    assert_eq!(dictionary["columns"][8]["format"], "F9.2");
}

/// Packs every raw file as gzip into another folder.
fn pack(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            pack(&path, &to.join(name));
        } else {
            let packed = Packing::Gzip.pack(&std::fs::read(&path).unwrap());
            std::fs::write(to.join(format!("{name}.gz")), packed).unwrap();
        }
    }
}

/// Every table of a state, and its release, by name.
fn tables(chain: &Chain, state: &str) -> Files {
    let mut files = chain.current(state);
    files.retain(|name, _| name.ends_with(".parquet"));
    files.extend(chain.release(state));
    files
}

fn convert(python: &str, study: &str, raw: &Path, out: &Path) -> u32 {
    let output = Command::new(python)
        .arg(repository().join("tests/spss/convert.py"))
        .arg(repository().join(format!("pipelines/{study}.toml")))
        .args([raw, out])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// A codebook of text as one of SPSS.
fn as_spss(codebook: &str) -> String {
    let (start, is_inline) = match codebook.find("[format]\n") {
        Some(start) => (start, false),
        None => (codebook.find("format = {").unwrap(), true),
    };
    let end = start + codebook[start..].find(if is_inline { "}\n" } else { "\n\n" }).unwrap() + 2;
    let format =
        if is_inline { "format = { kind = \"spss\" }\n" } else { "[format]\nkind = \"spss\"\n\n" };
    [&codebook[..start], format, &codebook[end..]].concat()
}

/// Runs a study from text, from the same text packed, and from SPSS files.
fn text_and_spss_give_the_same(chain: Chain, study: &str, python: &str, wanted_files: u32) {
    let raw = chain.path("raw");
    chain.succeed("text", &["run"]);
    pack(&raw, &chain.path("raw_packed"));
    let converted = convert(python, study, &raw, &chain.path("raw_spss"));
    assert_eq!(converted, wanted_files);
    std::fs::rename(&raw, chain.path("raw_text")).unwrap();

    let chain = chain.with_own_definition();
    std::fs::rename(chain.path("raw_packed"), &raw).unwrap();
    chain.succeed("packed", &["run"]);
    std::fs::rename(&raw, chain.path("raw_packed")).unwrap();

    for entry in std::fs::read_dir(chain.path("pipelines/codebooks")).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, as_spss(&text)).unwrap();
    }
    let definition = chain.path(&format!("pipelines/{study}.toml"));
    let text = std::fs::read_to_string(&definition).unwrap();
    std::fs::write(&definition, text.replace("nlswork.csv*", "nlswork.*")).unwrap();
    std::fs::rename(chain.path("raw_spss"), &raw).unwrap();
    chain.succeed("spss", &["run"]);

    let text = tables(&chain, "text");
    assert_same_files(&text, &tables(&chain, "packed"));
    assert_same_files(&text, &tables(&chain, "spss"));
}

#[test]
fn the_study_techniek_gives_the_same_tables_from_spss_files() {
    let Some(python) = python_with("pandas, pyreadstat") else { return };
    let chain = Chain::techniek(400, 5);
    text_and_spss_give_the_same(chain, "techniek", &python, 25);
}

#[test]
fn the_study_nlswork_gives_the_same_tables_from_an_spss_file() {
    let Some(python) = python_with("pandas, pyreadstat") else { return };
    text_and_spss_give_the_same(Chain::nlswork(), "nlswork", &python, 1);
}
