//! The code map of docs/ARCHITECTURE.md and `src` name the same files.

use std::collections::BTreeSet;
use std::path::Path;

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
