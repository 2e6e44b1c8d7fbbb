//! Kills in each stage: an undisturbed run logs every point that it passes, and
//! at many of them, each kind and evenly over the stage, another run is killed.
//! Readers see the old state or the new one, and the next run ends as the
//! undisturbed one did.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use serde_json::Value;

use crate::chain::{Files, assert_same_files, resolved};
use crate::tiny_study::{CODEBOOK_FILE, STUDY_FILE, TinyStudy, jobs};
use crate::workplace::{copy_folder_with_links, stderr};

/// Kills that each stage must see.
const LEAST_KILLS: usize = 20;
/// Kills that are spread over a stage, beside the first at each kind of point.
const EVENLY: usize = 30;

/// A part of a run, told from its own log: which slices were made, and whether
/// the release and then the snapshot were begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Ingest,
    Transform,
    Check,
    Publish,
    Current,
}

/// A point that a run passes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Pass {
    point: String,
    time: u64,
    stage: Stage,
}

/// What readers see.
#[derive(PartialEq)]
struct Seen {
    current: Files,
    release: Files,
}

struct Scene {
    study: TinyStudy,
    old: Seen,
    new: Seen,
    passes: Vec<Pass>,
}

impl Scene {
    /// Two years of jobs with rejects, two published tables, a check that warns
    /// of rows; all of it changes between the old state and the new one.
    fn new() -> Self {
        let study = TinyStudy::new();
        let first = "[[columns]]\nname = \"person_id\"";
        study.replace(CODEBOOK_FILE, first, &format!("reject_limit = 0.5\n{first}"));
        let published = "[publish.hours]";
        let other = "[models.\"out.persons\"]\nkey = [\"year\"]\n\n[publish.persons]\n\
                     title = { nl = \"Personen\", en = \"Persons\" }\nfamily = \"register\"\n\
                     dimensions = [\"year\"]\nmeasures = [\"person_count\"]\n\n";
        study.replace(STUDY_FILE, published, &format!("{other}{published}"));
        let sql = "-- One row per year.\nselect\n    $year as year,\n    count(*) as person_count\n\
                   from staging.jobs\n";
        study.write("sql/tiny/out/persons.sql", sql);
        let check = "-- warn: Some work little.\nselect person_id\nfrom staging.jobs\n\
                     where hour_count < 12\n";
        study.write("sql/tiny/checks/some_work_little.sql", check);
        deliver(&study, 40);
        study.succeed(&["run"]);
        let old = seen(&study);
        keep(&study, "old");
        deliver(&study, 60);
        let passes = passes(&study.output("trace", &calm()));
        let new = seen(&study);
        assert!(old.current != new.current && old.release != new.release);
        Scene { study, old, new, passes }
    }

    /// Kills a run at a point; whether the lake and the release have moved then.
    fn survives(&self, pass: &Pass) -> (bool, bool) {
        let study = &self.study;
        restore(study, "old");
        let at = format!("{}:{}", pass.point, pass.time);
        let folders = ["-p", "tiny", "--raw", "raw", "--lake", "lake", "--release", "release"];
        let arguments = [&folders[..], &["--log-level", "trace"], &calm()].concat();
        let mut command = study.place.honkvast(&arguments);
        let killed = command.env("HONKVAST_KILL_AT", &at).output().unwrap();
        assert_eq!(killed.status.signal(), Some(9), "{at}: {}", stderr(&killed));
        // It died there, in this stage, and got no further.
        assert_eq!(passes(&killed).last(), Some(pass), "{at}");
        let last = log(&killed).pop().unwrap();
        let told = [&last["message"], &last["point"], &last["time"]];
        let wanted: [Value; 3] = [
            "killed as HONKVAST_KILL_AT asks".into(),
            pass.point.as_str().into(),
            pass.time.into(),
        ];
        assert_eq!(told, wanted.each_ref(), "{at}");
        let left = seen(study);
        let moved = (left.current == self.new.current, left.release == self.new.release);
        assert!(moved.0 || left.current == self.old.current, "{at}: a mixed lake");
        assert!(moved.1 || left.release == self.old.release, "{at}: a mixed release");
        assert!(moved.0 || !moved.1, "{at}: the release moved before the lake");
        study.succeed(&["run"]);
        assert_same_files(&seen(study).release, &self.new.release);
        assert_same_files(&seen(study).current, &self.new.current);
        for swept in ["lake/scratch", "lake/queries"] {
            let left = std::fs::read_dir(study.place.path(swept)).into_iter().flatten();
            assert_eq!(left.count(), 0, "{at}: {swept}");
        }
        moved
    }

    /// Kills at every kind of point of a stage, and evenly over all of it.
    fn survives_in(&self, stage: Stage) -> Vec<(bool, bool)> {
        let all: Vec<&Pass> = self.passes.iter().filter(|pass| pass.stage == stage).collect();
        let step = all.len().div_ceil(EVENLY);
        let mut points = BTreeSet::new();
        let chosen = all.iter().enumerate().filter(|(index, pass)| {
            points.insert(pass.point.as_str()) | (index % step == 0) | (index + 1 == all.len())
        });
        let passes: Vec<&Pass> = chosen.map(|(_, pass)| *pass).collect();
        eprintln!("{stage:?}: {} kills at {} passes of {points:?}", passes.len(), all.len());
        assert!(passes.len() >= LEAST_KILLS, "{passes:?}");
        let moved: Vec<(bool, bool)> = passes.into_iter().map(|pass| self.survives(pass)).collect();
        assert!(moved.is_sorted(), "what has moved stays: {moved:?}");
        moved
    }
}

/// One thing after the other, with a log that a program can read.
fn calm() -> [&'static str; 5] {
    ["--threads", "1", "--log", "json", "run"]
}

/// Files of both years with a reject each. They were there an hour before, so
/// that no run reads them again because they are too fresh.
fn deliver(study: &TinyStudy, persons: usize) {
    for year in [2020, 2021] {
        let file = format!("raw/jobs{year}V1.csv");
        study.write(&file, jobs(persons + year % 5) + "P999;A;many\n");
        let file = std::fs::File::options().append(true).open(study.place.path(&file)).unwrap();
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
        file.set_modified(then).unwrap();
    }
}

fn keep(study: &TinyStudy, name: &str) {
    for part in ["lake", "release"] {
        copy_folder_with_links(
            &study.place.path(part),
            &study.place.path(&format!("{name}-{part}")),
        );
    }
}

fn restore(study: &TinyStudy, name: &str) {
    for part in ["lake", "release"] {
        copy_folder_with_links(
            &study.place.path(&format!("{name}-{part}")),
            &study.place.path(part),
        );
    }
}

fn seen(study: &TinyStudy) -> Seen {
    Seen {
        current: resolved(&study.place.path("lake/current")),
        release: resolved(&study.place.path("release/current")),
    }
}

fn log(output: &Output) -> Vec<Value> {
    stderr(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The points that a run passed, with the stage that it was in.
fn passes(output: &Output) -> Vec<Pass> {
    let mut passes: Vec<Pass> = Vec::new();
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    let mut stage = Stage::Ingest;
    for line in log(output) {
        let message = line["message"].as_str().unwrap();
        if line["point"].is_string() && message.starts_with("passed ") {
            let point = line["point"].as_str().unwrap().to_owned();
            stage = match (stage, point.as_str()) {
                (Stage::Check, "table-added-up") => Stage::Publish,
                (Stage::Publish, "snapshot-linked") => Stage::Current,
                _ => stage,
            };
            passes.push(Pass { point, time: line["time"].as_u64().unwrap(), stage });
        } else if let Some((layer, _)) =
            message.split_once('.').filter(|_| message.contains(" rows, "))
        {
            *made.entry(layer.to_owned()).or_default() += 1;
            let of = |layer: &str| made.get(layer).copied().unwrap_or_default();
            stage = match (of("raw"), of("staging") + of("out")) {
                (0 | 1, _) => Stage::Ingest,
                (_, ..6) => Stage::Transform,
                _ => Stage::Check,
            };
        }
    }
    passes
}

#[test]
fn a_run_killed_anywhere_in_ingest_changes_nothing_that_readers_see() {
    let moved = Scene::new().survives_in(Stage::Ingest);
    assert!(moved.iter().all(|moved| *moved == (false, false)));
}

#[test]
fn a_run_killed_anywhere_in_transform_changes_nothing_that_readers_see() {
    let moved = Scene::new().survives_in(Stage::Transform);
    assert!(moved.iter().all(|moved| *moved == (false, false)));
}

#[test]
fn a_run_killed_anywhere_in_its_checks_or_as_the_release_is_written_shows_the_old_state() {
    let scene = Scene::new();
    for stage in [Stage::Check, Stage::Publish] {
        let moved = scene.survives_in(stage);
        assert!(moved.iter().all(|moved| *moved == (false, false)));
    }
}

#[test]
fn a_run_killed_anywhere_as_current_and_the_release_move_shows_each_old_or_new() {
    let moved = Scene::new().survives_in(Stage::Current);
    assert_eq!((moved[0], moved[moved.len() - 1]), ((false, false), (true, true)));
    assert!(moved.contains(&(true, false)), "the lake moves first");
}
