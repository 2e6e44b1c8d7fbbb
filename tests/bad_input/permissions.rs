//! Folders and files that the user may not read. The superuser may read all, so
//! as root the program runs as another user, who owns the scene.

use std::os::unix::process::CommandExt;
use std::process::Output;

use super::*;
use crate::tiny_study::FOLDERS;
use crate::workplace::stderr;

/// Whom tests run the program as where they are root themselves.
const NOBODY: u32 = 65_534;

/// The scene as its owner sees it, who is not the superuser.
struct OwnersScene {
    scene: Scene,
    program: PathBuf,
}

impl OwnersScene {
    fn new() -> Self {
        let scene = Scene::new();
        let place = &scene.study.place;
        // A copy, since others may not reach the folder it is built in.
        let program = place.path("honkvast");
        std::fs::copy(env!("CARGO_BIN_EXE_honkvast"), &program).unwrap();
        if is_root() {
            give_away(&place.path(""));
        }
        OwnersScene { scene, program }
    }

    /// Takes all rights to a path away, runs the program, and gives its stderr
    /// once the rights are back.
    fn refusal(&self, code: i32, path: &str, mode: u32) -> String {
        let output = self.output("run", path, mode);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        self.scene.stands();
        let folder = self.scene.study.place.path("");
        said.replace(&folder.display().to_string(), "<folder>/")
    }

    /// Runs a command while there are these rights to a path.
    fn output(&self, name: &str, path: &str, mode: u32) -> Output {
        let place = &self.scene.study.place;
        let path = place.path(path);
        let before = std::fs::symlink_metadata(&path).unwrap().permissions();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let mut command = std::process::Command::new(&self.program);
        command.env_clear().current_dir(place.path("")).args(FOLDERS);
        command.args(["--log-level", "error", name]);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.output().unwrap();
        std::fs::set_permissions(&path, before).unwrap();
        output
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn give_away(path: &Path) {
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        std::fs::read_dir(path).unwrap().for_each(|entry| give_away(&entry.unwrap().path()));
    }
}

#[test]
fn a_raw_folder_without_permission_is_named() {
    let scene = OwnersScene::new();
    insta::assert_snapshot!(scene.refusal(5, "raw", 0o000), @"error: raw: cannot be read: Permission denied (os error 13)");
    // Its names may be seen, its files may not.
    let said = scene.refusal(5, "raw", 0o600);
    assert!(said.starts_with("error: raw/jobs202") && said.contains("Permission denied"), "{said}");
    std::fs::create_dir(scene.scene.study.place.path("raw/more")).unwrap();
    if is_root() {
        give_away(&scene.scene.study.place.path("raw/more"));
    }
    // No source has files there: that is told, and no reason to stop.
    let plan = scene.output("plan", "raw/more", 0o000);
    assert_eq!(plan.status.code(), Some(0), "{}", stderr(&plan));
    let told = "more: passed over: cannot be read: Permission denied (os error 13)\n";
    assert!(String::from_utf8_lossy(&plan.stdout).ends_with(told));
    assert_eq!(scene.output("run", "raw/more", 0o000).status.code(), Some(0));
}

#[test]
fn a_raw_file_without_permission_is_named() {
    let scene = OwnersScene::new();
    let file = "raw/jobs2021V2.csv";
    scene.scene.study.write(file, jobs(50));
    if is_root() {
        give_away(&scene.scene.study.place.path(file));
    }
    insta::assert_snapshot!(scene.refusal(5, file, 0o000), @"error: raw/jobs2021V2.csv: cannot be read: Permission denied (os error 13)");
}

#[test]
fn a_lake_without_permission_is_named() {
    let scene = OwnersScene::new();
    scene.scene.study.write("raw/jobs2021V2.csv", jobs(50));
    let said = scene.refusal(1, "lake/scratch", 0o500);
    assert!(said.starts_with("error: cannot create <folder>/lake/scratch/"), "{said}");
    assert!(said.contains("Permission denied"), "{said}");
}
