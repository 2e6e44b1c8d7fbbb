//! A release that was touched by hand is noticed, told, and written again.

use crate::tiny_study::{TinyStudy, files_below};
use crate::workplace::stderr;

#[test]
fn a_file_edited_or_deleted_by_hand_is_told_and_written_again() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let release = study.place.path("release/current");
    let before = files_below(&release);
    let edit = |name: &str| {
        let mut bytes = std::fs::read(release.join(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(release.join(name), bytes).unwrap();
    };
    let delete = |name: &str| std::fs::remove_file(release.join(name)).unwrap();
    type Damage<'a> = (&'a str, &'a dyn Fn(&str), &'a str);
    let damages: [Damage<'_>; 4] = [
        ("hours.csv", &edit, "was edited"),
        ("hours.parquet", &edit, "was edited"),
        ("hours.parquet", &delete, "is gone"),
        ("release.json", &delete, "is gone"),
    ];
    for (name, damage, what) in damages {
        assert_eq!(study.output("error", &["plan", "--exit-code"]).status.code(), Some(0));
        damage(name);
        let told = format!("{name} {what}");
        let plan = study.output("error", &["plan", "--exit-code"]);
        assert_eq!(plan.status.code(), Some(10));
        let plan = String::from_utf8(plan.stdout).unwrap();
        assert!(plan.contains(&format!("written again: {told}\n")), "{plan}");
        let status = study.succeed(&["status"]);
        assert!(status.contains(&told) && status.contains("the release is to be written"));
        let run = study.output("warn", &["run"]);
        assert!(stderr(&run).contains(&format!("{told}; it is written again")), "{}", stderr(&run));
        assert_eq!(files_below(&release), before);
    }
}

#[test]
fn the_hashes_of_a_release_are_those_of_its_files() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let release = study.place.path("release/current");
    let sums = std::fs::read_to_string(release.join("b3sums.txt")).unwrap();
    let expected: String = ["hours.csv", "hours.parquet", "release.json"]
        .map(|name| {
            let hash = blake3::hash(&std::fs::read(release.join(name)).unwrap()).to_hex();
            format!("{hash}  {name}\n")
        })
        .concat();
    assert_eq!(sums, expected);
}
