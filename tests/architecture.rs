//! docs/ARCHITECTURE.md and `src` say the same: which files there are, and which
//! room uses which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files of `src`, folders with a closing slash; modules of tests and what lies
/// in folders of folders do not count.
fn files_in_src() -> BTreeSet<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let names = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        entries
            .map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.path().is_dir() { format!("{name}/") } else { name }
            })
            .collect()
    };
    let mut found = BTreeSet::new();
    for name in names(&src) {
        // The commands and the generator's files are described as a whole.
        if name.ends_with('/') && name != "cli/" && name != "synth/" {
            let inner = names(&src.join(&name));
            let inner = inner.into_iter().filter(|inner| inner.ends_with(".rs"));
            found.extend(inner.filter(|inner| inner != "mod.rs" && !inner.starts_with("tests")));
        }
        found.insert(name);
    }
    found
}

/// Names in backquotes in the rows of the map.
fn files_on_the_map() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md");
    let page = std::fs::read_to_string(page).unwrap();
    let map = page.split("## Code map").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = map.lines().filter(|line| line.starts_with("| `") || line.starts_with("| `main"));
    let quoted = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    quoted.filter(|name| name.ends_with(".rs") || name.ends_with('/')).map(str::to_owned).collect()
}

#[test]
fn the_code_map_and_src_name_the_same_files() {
    assert_eq!(files_on_the_map(), files_in_src());
}

/// Rust files below a folder, or the file itself; modules of tests do not count.
fn sources(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_path_buf()];
    }
    let entries = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    let is_of_tests = |path: &PathBuf| path.file_stem().is_some_and(|name| name == "tests");
    entries.filter(|path| !is_of_tests(path)).flat_map(|path| sources(&path)).collect()
}

/// What follows `crate::` in a room, up to the next sign; tests do not count.
fn used_by(room: &str) -> BTreeSet<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folder = src.join(room);
    let place = if folder.is_dir() { folder } else { src.join(format!("{room}.rs")) };
    let mut used = BTreeSet::new();
    for file in sources(&place) {
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for path in text.split("crate::").skip(1) {
            let is_sign = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':');
            used.insert(path.split(is_sign).next().unwrap().to_owned());
        }
    }
    used
}

/// The table of rooms: what each may use.
fn rooms() -> BTreeMap<String, BTreeSet<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = page.split("| room | uses |\n|---|---|\n").nth(1).unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|');
        let room: BTreeSet<String> = names(cells.next().unwrap());
        (room.into_iter().next().unwrap(), names(cells.next().unwrap()))
    })
    .collect()
}

#[test]
fn each_room_uses_what_the_page_says_and_nothing_else() {
    let rooms = rooms();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = std::fs::read_dir(src).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut all: BTreeSet<String> = files.map(name).collect();
    all.retain(|room| room != "main" && room != "lib");
    assert_eq!(rooms.keys().cloned().collect::<BTreeSet<_>>(), all);
    for (room, may_use) in &rooms {
        let first = |path: String| path.split("::").next().unwrap().to_owned();
        let mut uses: BTreeSet<String> = used_by(room).into_iter().map(first).collect();
        uses.remove(room);
        // The two names that `lib.rs` shows of `error`.
        if uses.remove("Error") | uses.remove("Result") {
            uses.insert("error".to_owned());
        }
        assert_eq!(&uses, may_use, "{room}");
    }
}

#[test]
fn stages_know_of_the_lake_what_its_front_shows() {
    for stage in ["ingest", "transform", "check", "publish"] {
        for path in used_by(stage).iter().filter_map(|path| path.strip_prefix("lake::")) {
            let is_front = path.is_empty() || path.starts_with(|c: char| c.is_ascii_uppercase());
            assert!(is_front, "{stage} uses lake::{path}");
        }
    }
}
