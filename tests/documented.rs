//! The small study of docs/CODEBOOKS.md does what the page says.

use std::collections::BTreeMap;
use std::path::Path;

use crate::workplace::Workplace;

/// The blocks behind the heading of the small study, by the path in front.
fn blocks() -> BTreeMap<String, String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/CODEBOOKS.md");
    let page = std::fs::read_to_string(page).unwrap();
    let study = page.split("## A whole study, small\n").nth(1).unwrap();
    let mut blocks = BTreeMap::new();
    let mut parts = study.split("```");
    while let (Some(before), Some(block)) = (parts.next(), parts.next()) {
        let path = before.split('`').rev().find(|word| word.contains('.')).unwrap();
        let (_, text) = block.split_once('\n').unwrap();
        blocks.insert(path.to_owned(), text.to_owned());
    }
    blocks
}

#[test]
fn the_small_study_publishes_what_the_page_shows() {
    let place = Workplace::new();
    let release = "data/panel/release/current/stays.csv";
    let blocks = blocks();
    assert_eq!(blocks.len(), 6, "{:?}", blocks.keys());
    for (path, text) in blocks.iter().filter(|(path, _)| *path != release) {
        std::fs::create_dir_all(place.path(path).parent().unwrap()).unwrap();
        std::fs::write(place.path(path), text).unwrap();
    }
    place.succeed(&["-p", "panel", "--raw", "raw", "run"]);
    assert_eq!(std::fs::read_to_string(place.path(release)).unwrap(), blocks[release]);
    place.succeed(&["-p", "panel", "--raw", "raw", "prove"]);
}
