//! A hundred kills at random moments, of runs and of repairs. What readers saw
//! they see still, or what is new; and the next run or repair comes to its end.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::chain::{Files, assert_same_files};
use crate::scene::{Scene, age, seen};
use crate::tiny_study::{FOLDERS, jobs};

/// Kills of each kind that are to land.
const KILLS: usize = 34;

/// Starts a command and kills it after a part of the time that it takes; says
/// whether it was still there.
fn is_killed(scene: &Scene, arguments: &[&str], within: Duration, random: &mut impl Rng) -> bool {
    let arguments = [&FOLDERS[..], arguments].concat();
    let mut command = scene.study.place.honkvast(&arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The delay is what the test is about, not a way to wait for something.
    std::thread::sleep(within.mul_f64(random.random_range(0.05..1.0)));
    child.kill().unwrap();
    child.wait().unwrap().signal() == Some(9)
}

/// Kills a command that `prepare` gives work until enough kills have landed, and
/// looks each time at what is left.
fn kill_often(
    scene: &Scene,
    arguments: &[&str],
    seed: u64,
    prepare: impl Fn(),
    look: impl Fn(usize, &str),
) {
    prepare();
    let start = Instant::now();
    assert_eq!(scene.code(arguments).0, Some(0));
    let mut takes = start.elapsed();
    let mut random = Pcg64::seed_from_u64(seed);
    let mut killed = 0;
    for round in 0.. {
        assert!(round < 3 * KILLS, "{killed} kills of {arguments:?} have landed");
        prepare();
        if is_killed(scene, arguments, takes, &mut random) {
            killed += 1;
        } else {
            takes = takes.mul_f64(0.9);
        }
        look(round, &format!("{arguments:?}, seed {seed}, round {round}"));
        if killed == KILLS {
            return;
        }
    }
}

fn states(scene: &Scene) -> (Files, Files) {
    (seen(&scene.study, "lake"), seen(&scene.study, "release"))
}

#[test]
fn runs_killed_at_any_moment_leave_the_old_state_or_the_new() {
    for (seed, command) in [(1, &["run"][..]), (2, &["run", "--force"])] {
        let scene = Scene::new();
        let old = (scene.current.clone(), scene.release.clone());
        let file = "raw/jobs2021V1.csv";
        let delivered = || {
            scene.study.write(file, jobs(90));
            age(&scene.path(file));
        };
        delivered();
        assert_eq!(scene.code(&["run"]).0, Some(0));
        let new = states(&scene);
        assert!(old.0 != new.0 && old.1 != new.1);
        let look = |round: usize, case: &str| {
            let left = states(&scene);
            assert!(left.0 == old.0 || left.0 == new.0, "{case}: a mixed lake");
            assert!(left.1 == old.1 || left == new, "{case}: a mixed release");
            let reader = [&["status"][..], &["history"], &["sql", "select 1"]][round % 3];
            let (code, said) = scene.code(reader);
            assert_eq!(code, Some(0), "{case}: {reader:?}: {said}");
            let (code, said) = scene.code(&["run"]);
            assert_eq!(code, Some(0), "{case}: {said}");
            let end = states(&scene);
            assert_same_files(&end.0, &new.0);
            assert_same_files(&end.1, &new.1);
            let (code, said) = scene.code(&["verify"]);
            assert_eq!(code, Some(0), "{case}: {said}");
        };
        kill_often(&scene, command, seed, || scene.restore(), look);
    }
}

#[test]
fn repairs_killed_at_any_moment_are_finished_by_the_next() {
    let scene = Scene::new();
    let look = |round: usize, case: &str| {
        // What readers saw before the damage they see still, but for the damage.
        let left = seen(&scene.study, "release");
        assert!(left["release.json"] == scene.release["release.json"], "{case}");
        let reader = [&["status"][..], &["history"], &["plan"]][round % 3];
        let (code, said) = scene.code(reader);
        assert!(matches!(code, Some(0 | 1)), "{case}: {reader:?}: {said}");
        assert!(!said.contains("internal fault"), "{case}: {said}");
        scene.mends(case);
    };
    kill_often(&scene, &["verify", "--repair"], 3, || scene.spoil_much(), look);
}
