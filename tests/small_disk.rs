//! A disk with little room: a file system in memory of a given size, mounted in
//! a namespace of its own, which needs no rights beyond the user's; where the
//! system refuses that, a limit on the size of each file. Tests say which.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::tiny_study::TinyStudy;

/// A page of memory, in which such a file system counts.
pub(crate) const PAGE: u64 = 4096;

/// A folder `disk` in a study's place, with the lake and the release on it.
pub(crate) struct SmallDisk<'a> {
    study: &'a TinyStudy,
    /// The process that keeps the namespace; none where there is none.
    keeper: Option<Child>,
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        // With its keeper goes the namespace, and with that the disk.
        if let Some(keeper) = &mut self.keeper {
            let _ = keeper.kill();
            let _ = keeper.wait();
        }
    }
}

impl<'a> SmallDisk<'a> {
    /// A disk of this many bytes.
    pub(crate) fn new(study: &'a TinyStudy, size: u64) -> Self {
        let folder = study.place.path("disk");
        std::fs::create_dir(&folder).unwrap();
        // It ends when this process does, however that ends.
        let script = "mount -t tmpfs -o size=$1 tmpfs \"$0\" && echo mounted && exec cat";
        let mut keeper = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", script])
            .arg(&folder)
            .arg(size.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut told = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut told).unwrap();
        let has_disk = told == "mounted\n";
        eprintln!(
            "small disk: {}",
            if has_disk { "a tmpfs of its own" } else { "none can be had; a limit on file sizes" }
        );
        SmallDisk { study, keeper: has_disk.then_some(keeper) }
    }

    /// No disk: a limit on the size of each file.
    pub(crate) fn none(study: &'a TinyStudy) -> Self {
        std::fs::create_dir(study.place.path("disk")).unwrap();
        SmallDisk { study, keeper: None }
    }

    /// Says whether it is a disk, and not a limit on file sizes.
    pub(crate) fn is_disk(&self) -> bool {
        self.keeper.is_some()
    }

    /// A path on the disk, as this process reaches it.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        let path = self.study.place.path("disk").join(relative);
        match &self.keeper {
            Some(keeper) => {
                let root = PathBuf::from(format!("/proc/{}/root", keeper.id()));
                root.join(path.strip_prefix("/").unwrap())
            }
            None => path,
        }
    }

    /// Leaves this much room from now on; without a disk, in each file.
    fn leave(&self, room: u64) {
        if !self.is_disk() {
            return;
        }
        self.make_room();
        let free = rustix::fs::statvfs(self.path("")).unwrap();
        let free = free.f_bavail * free.f_frsize;
        let filler = std::fs::File::create(self.path("filler")).unwrap();
        let taken = free.checked_sub(room).expect("the disk is larger than the room asked for");
        rustix::fs::fallocate(&filler, rustix::fs::FallocateFlags::empty(), 0, taken.max(1))
            .unwrap();
    }

    /// Takes what fills it away.
    pub(crate) fn make_room(&self) {
        // It may not be there.
        let _ = std::fs::remove_file(self.path("filler"));
    }

    /// The program on the lake and the release of the disk.
    fn command(&self, limit: Option<u64>, arguments: &[&str]) -> Command {
        let folders =
            ["-p", "tiny", "--raw", "raw", "--lake", "disk/lake", "--release", "disk/release"];
        let program = env!("CARGO_BIN_EXE_honkvast");
        let mut command = match &self.keeper {
            Some(keeper) => {
                let mut command = Command::new("nsenter");
                let id = keeper.id().to_string();
                command.args(["--preserve-credentials", "--user", "--mount", "--target", &id]);
                command.args(["sh", "-c", "cd \"$0\" && exec \"$@\""]);
                command
            }
            None => {
                let mut command = Command::new("sh");
                // The signal would end the program before it sees the error.
                let limit = limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
                let script = "trap '' XFSZ; cd \"$0\" && exec prlimit --fsize=$LIMIT \"$@\"";
                command.env("LIMIT", limit).args(["-c", script]);
                command
            }
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path);
        if let Some(limit) = limit.filter(|_| !self.is_disk()) {
            command.env("LIMIT", limit.to_string());
        } else {
            command.env("LIMIT", "unlimited");
        }
        command.arg(self.study.place.path("")).arg(program).args(folders).args(arguments);
        command
    }

    /// Runs a command with this much room.
    pub(crate) fn output(&self, room: u64, arguments: &[&str]) -> Output {
        self.leave(room);
        self.command(Some(room), arguments).output().unwrap()
    }

    /// Runs a command, which must succeed, with all the room there is.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        self.make_room();
        let output = self.command(None, arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command, which must succeed, with no room at all.
    pub(crate) fn succeed_when_full(&self, arguments: &[&str]) -> String {
        let output = self.command(None, arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The name of a file or folder in an error, without what changes from run to
/// run.
pub(crate) fn place_of(error: &str, root: &Path) -> String {
    let text = error.replace(&root.display().to_string(), "");
    let run = regex::Regex::new("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}").unwrap();
    let text = run.replace_all(&text, "<run>");
    let number = regex::Regex::new("-[0-9a-f]{16,32}(-[0-9]+)?|-[0-9]+").unwrap();
    number.replace_all(&text, "-<n>").into_owned()
}
