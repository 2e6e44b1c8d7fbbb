//! Whose a folder is: no command reads or writes the lake or the release of
//! another study, invented files overwrite nothing, and no link in a lake leads
//! a run to what lies elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tiny_study::{STUDY_FILE, TinyStudy, files_below, jobs};
use crate::workplace::{copy_folder, stderr};

const IDENTITY: &str = "honkvast.json";

/// The study `tiny` with a lake and a release, and beside it `other`, which is
/// the same by another name.
fn two_studies() -> TinyStudy {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let text = std::fs::read_to_string(study.place.path(STUDY_FILE)).unwrap();
    study.write("pipelines/other.toml", text.replace("\"tiny\"", "\"other\""));
    copy_folder(&study.place.path("sql/tiny"), &study.place.path("sql/other"));
    study
}

/// All below some folders, with what each link says.
fn bytes(study: &TinyStudy, folders: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    folders.iter().flat_map(|folder| files_below(&study.place.path(folder))).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn no_command_touches_the_lake_or_the_release_of_another_study() {
    let study = two_studies();
    let before = bytes(&study, &["lake", "release"]);
    let commands: [&[&str]; 18] = [
        &["run"],
        &["run", "--force"],
        &["plan"],
        &["status"],
        &["history"],
        &["show", "last"],
        &["rejects"],
        &["vintages"],
        &["labels", "jobs"],
        &["findings"],
        &["sql", "select 1"],
        &["gc", "--keep-days", "0", "--keep-runs", "0"],
        &["gc", "--dry-run"],
        &["adopt"],
        &["verify"],
        &["verify", "--repair"],
        &["prove"],
        &["run", "raw", "--only"],
    ];
    for (lake, release, what) in [("lake", "elsewhere", "lake"), ("empty", "release", "release")] {
        for command in commands {
            let folders = ["-p", "other", "--raw", "raw", "--lake", lake, "--release", release];
            let said = study.place.fail(2, &[&folders[..], command].concat());
            let names = format!("is the {what} of the study `tiny`, not the {what} of `other`");
            assert!(said.contains(&names), "{command:?}: {said}");
        }
    }
    assert_eq!(bytes(&study, &["lake", "release"]), before);
    assert!(!study.place.path("elsewhere").exists() && !study.place.path("empty").exists());
}

#[test]
fn what_a_version_without_identities_made_is_of_its_study_and_gets_one() {
    let study = two_studies();
    let identities = ["lake/honkvast.json", "release/honkvast.json"];
    for file in identities {
        let identity = json(&study.place.path(file));
        assert_eq!((&identity["study"], &identity["format"]), (&"tiny".into(), &1.into()));
        study.remove(file);
    }
    let of_other = |lake: &str, release: &str| {
        let folders = ["-p", "other", "--raw", "raw", "--lake", lake, "--release", release];
        study.place.fail(2, &[&folders[..], &["status"]].concat())
    };
    assert!(of_other("lake", "new").contains("of the study `tiny`"));
    assert!(of_other("new", "release").contains("of the study `tiny`"));
    study.succeed(&["status"]);
    assert!(!study.place.path(identities[0]).exists(), "a reader writes nothing");
    study.write("raw/jobs2021V2.csv", jobs(90));
    study.succeed(&["run"]);
    assert!(identities.iter().all(|file| study.place.path(file).exists()));
}

#[test]
fn a_later_form_is_refused_with_both_versions() {
    let study = two_studies();
    for file in ["lake/honkvast.json", "release/honkvast.json"] {
        let own = std::fs::read_to_string(study.place.path(file)).unwrap();
        let mut later = json(&study.place.path(file));
        later.as_object_mut().unwrap().remove("seal");
        (later["format"], later["created_by"]) = (2.into(), "7.0.0".into());
        study.write(file, later.to_string());
        for command in ["run", "status"] {
            let said = study.fail(2, &[command]);
            assert!(said.contains("made by honkvast 7.0.0; this one, 0.1.0"), "{said}");
        }
        study.write(file, own);
    }
}

#[test]
fn folders_that_lie_in_each_other_are_refused() {
    let study = TinyStudy::new();
    study.write_raw();
    symlink(study.place.path("raw"), study.place.path("link")).unwrap();
    for (raw, lake, release, told) in [
        ("raw", "x", "x", "--lake x lies in --release x"),
        ("raw", "raw/lake", "release", "--lake raw/lake lies in --raw raw"),
        ("raw", "link/lake", "release", "--lake link/lake lies in --raw raw"),
        ("raw", "lake", "raw/out", "--release raw/out lies in --raw raw"),
        ("raw", "lake", "lake/release", "--release lake/release lies in --lake lake"),
        ("raw", "release/lake", "release", "--lake release/lake lies in --release release"),
        ("raw", "raw", "release", "--raw raw lies in --lake raw"),
        ("raw", ".", "release", "--raw raw lies in --lake ."),
    ] {
        let folders = ["-p", "tiny", "--raw", raw, "--lake", lake, "--release", release];
        for command in ["run", "status"] {
            let said = study.place.fail(2, &[&folders[..], &[command]].concat());
            assert!(said.contains(told), "{told}: {said}");
        }
    }
    assert_eq!(std::fs::read_dir(study.place.path("raw")).unwrap().count(), 2);
}

#[test]
fn a_folder_with_other_things_becomes_no_lake() {
    let study = TinyStudy::new();
    study.write_raw();
    study.write("lake/scratch/thesis.tex", "years of work");
    let said = study.fail(2, &["run"]);
    assert!(said.contains("lake is no lake, and is not empty: scratch"), "{said}");
    let thesis = study.place.path("lake/scratch/thesis.tex");
    assert_eq!(std::fs::read_to_string(thesis).unwrap(), "years of work");
}

#[test]
fn the_demo_leaves_the_folders_that_the_environment_names_alone() {
    let study = two_studies();
    let before = bytes(&study, &["lake", "release", "raw"]);
    let mut demo = study.place.honkvast(&["demo", "--persons", "400"]);
    for (name, folder) in [("LAKE", "lake"), ("RELEASE", "release"), ("RAW", "raw")] {
        demo.env(format!("HONKVAST_{name}"), study.place.path(folder));
    }
    let ended = demo.env("HONKVAST_PIPELINE", "tiny").output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("the demo stays in data/demo"), "{}", stderr(&ended));
    assert_eq!(bytes(&study, &["lake", "release", "raw"]), before);
    assert!(study.place.path("data/demo/release/current/findings.csv").exists());
    study.place.succeed(&["demo", "--persons", "400"]);
}

#[test]
fn invented_files_are_written_beside_nothing_else() {
    let study = two_studies();
    study.write("deliveries/GBAPERSOONTAB2016V1.csv", "a real delivery");
    let before = bytes(&study, &["deliveries", "raw", "lake", "release"]);
    for out in ["deliveries", "raw", "lake", "release", "."] {
        for command in ["synth", "demo"] {
            let said = study.place.fail(2, &[command, "--persons", "300", "--out", out]);
            assert!(
                said.contains("is no folder of") || said.contains("of the study `tiny`"),
                "{said}"
            );
        }
    }
    assert_eq!(bytes(&study, &["deliveries", "raw", "lake", "release"]), before);
    let synth = ["synth", "--persons", "300", "--out", "invented"];
    let first = study.place.succeed(&synth);
    assert_eq!(study.place.succeed(&synth), first, "its own folder it writes again");
    // As a former version left it.
    study.remove(&format!("invented/{IDENTITY}"));
    study.place.succeed(&synth);
    study.place.fail(2, &["synth", "--persons", "3", "--out", "never"]);
    assert!(!study.place.path("never").exists(), "what cannot be leaves no folder");
}

#[test]
fn a_link_in_a_lake_leads_no_command_to_what_lies_elsewhere() {
    for name in ["scratch", "queries", "slices", "ledger", "snapshots", "slices/staging.jobs"] {
        for command in [&["run", "--force"][..], &["gc", "--keep-days", "0"], &["sql", "select 1"]]
        {
            let study = two_studies();
            study.write("raw/jobs2021V2.csv", jobs(80));
            let own = study.place.path("lake").join(name);
            let elsewhere = study.place.path("elsewhere");
            let _ = std::fs::create_dir_all(&own);
            std::fs::rename(&own, &elsewhere).unwrap();
            std::fs::write(elsewhere.join("thesis.tex"), "years of work").unwrap();
            std::fs::create_dir_all(elsewhere.join("4711")).unwrap();
            let before = listed(&elsewhere);
            symlink(&elsewhere, &own).unwrap();
            let ended = study.output("error", command);
            assert_eq!(listed(&elsewhere), before, "{name} {command:?}");
            let is_deep = name.contains('/') || name == "queries";
            let said = stderr(&ended);
            assert!(is_deep || said.contains("symbolic link"), "{name} {command:?}: {said}");
            assert!(!said.contains("internal fault"), "{said}");
        }
    }
}

/// Files with their bytes, and folders, as text.
fn listed(folder: &Path) -> BTreeSet<String> {
    let name = |path: &Path| path.display().to_string();
    let files = files_below(folder).into_iter();
    let mut found: BTreeSet<String> =
        files.map(|(path, bytes)| format!("{} {}", name(&path), blake3::hash(&bytes))).collect();
    let entries = std::fs::read_dir(folder).unwrap();
    found.extend(entries.map(|entry| name(&entry.unwrap().path())));
    found
}

#[test]
fn a_lock_that_is_a_link_does_not_empty_its_target() {
    let study = two_studies();
    study.write("thesis.tex", "years of work");
    study.remove("lake/lock");
    symlink(study.place.path("thesis.tex"), study.place.path("lake/lock")).unwrap();
    let said = study.fail(1, &["run"]);
    assert!(said.contains("lock: damaged: a symbolic link"), "{said}");
    let thesis = std::fs::read_to_string(study.place.path("thesis.tex")).unwrap();
    assert_eq!(thesis, "years of work");
}

#[test]
fn publishing_that_fails_leaves_the_tables_and_the_release_as_they_were() {
    let study = two_studies();
    let link = |name: &str| std::fs::read_link(study.place.path(name)).unwrap();
    let before = [link("lake/current"), link("release/current")];
    study.write("raw/jobs2021V2.csv", jobs(80));
    let releases = study.place.path("release/releases");
    std::fs::rename(&releases, study.place.path("aside")).unwrap();
    std::fs::write(&releases, "no folder").unwrap();
    study.fail(1, &["run"]);
    assert_eq!([link("lake/current"), link("release/current")], before);
    std::fs::remove_file(&releases).unwrap();
    std::fs::rename(study.place.path("aside"), &releases).unwrap();
    let current = study.place.path("release/current");
    std::fs::remove_file(&current).unwrap();
    std::fs::create_dir(&current).unwrap();
    let said = study.fail(1, &["run"]);
    assert!(said.contains("release/current: is no link to a release"), "{said}");
    assert_eq!(link("lake/current"), before[0]);
    std::fs::remove_dir(&current).unwrap();
    study.succeed(&["run"]);
    assert!(link("lake/current") != before[0] && link("release/current") != before[1]);
    let made = study.output("error", &["run", "--json"]);
    assert_eq!(serde_json::from_slice::<Value>(&made.stdout).unwrap()["has_moved"], false);
}

#[test]
fn the_last_run_is_the_last_to_begin_whatever_the_clock_says() {
    let study = two_studies();
    // What the first run would have left had it met a clock far ahead.
    let ledger = study.place.path("lake/ledger");
    let first = std::fs::read_dir(&ledger).unwrap().next().unwrap().unwrap().path();
    let name = first.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = std::fs::read_to_string(&first).unwrap().replace(&name, "20991231T235959Z-ffffff");
    std::fs::remove_file(first).unwrap();
    std::fs::write(ledger.join("20991231T235959Z-ffffff.jsonl"), text).unwrap();
    study.write("raw/jobs2021V2.csv", jobs(80));
    study.succeed(&["run"]);
    study.succeed(&["run", "staging.jobs", "--force"]);
    let last = study.succeed(&["show", "last"]);
    assert!(last.contains("run staging.jobs --force"), "{last}");
    let history: Value = serde_json::from_str(&study.succeed(&["history", "--json"])).unwrap();
    let runs: Vec<&str> =
        history.as_array().unwrap().iter().map(|run| run["run"].as_str().unwrap()).collect();
    let expected =
        ["21000101T000000Z-000001", "21000101T000000Z-000000", "20991231T235959Z-ffffff"];
    assert_eq!(runs, expected);
    assert!(history[0]["started"].as_str().unwrap().starts_with("20"), "{history}");
}
