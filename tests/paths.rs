//! Folders with names that shells, globs and URLs take for something else.

use crate::tiny_study::{TinyStudy, files_below};
use crate::workplace::stderr;

const NAMES: [&str; 8] =
    ["two words", "a[1]b", "st*r", "what?", "100%25", "hash#1", "caf\u{e9}", "a{b}&c;d'e\""];

#[test]
fn folders_may_have_any_name() {
    let plain = TinyStudy::new();
    plain.write_raw();
    plain.succeed(&["run"]);
    let wanted = file_contents(&plain, "release/current");
    let question = "select sum(hour_count) as hours from out.hours";
    for name in NAMES {
        let study = TinyStudy::new();
        study.write(&format!("{name}/.keep"), "");
        study.write_raw();
        std::fs::rename(study.place.path("raw"), study.place.path(name).join("raw")).unwrap();
        let run = |command: &[&str]| {
            let folder = |folder: &str| format!("{name}/{folder}");
            let (raw, lake, release) = (folder("raw"), folder("lake"), folder("release"));
            let folders = ["-p", "tiny", "--raw", &raw, "--lake", &lake, "--release", &release];
            let output = study.place.output(&[&folders[..], command].concat());
            assert!(output.status.success(), "{name}: {}", stderr(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        run(&["run"]);
        assert_eq!(file_contents(&study, &format!("{name}/release/current")), wanted, "{name}");
        assert_eq!(run(&["sql", question, "--format", "csv"]), "hours\n4720\n", "{name}");
    }
}

/// What the files below a folder hold, in the order of their names.
fn file_contents(study: &TinyStudy, folder: &str) -> Vec<Vec<u8>> {
    files_below(&study.place.path(folder)).into_values().collect()
}

#[test]
fn a_slice_without_its_data_is_an_error_and_no_empty_table() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let before = file_contents(&study, "lake/current");
    let slices = files_below(&study.place.path("lake/slices/out.hours/2021"));
    let data = slices.keys().find(|path| path.ends_with("data.parquet")).unwrap();
    let folder = data.parent().unwrap();
    std::fs::remove_file(data).unwrap();
    let name = folder.file_name().unwrap().to_str().unwrap();
    for command in [&["sql", "select count(*) from out.hours"][..], &["run"]] {
        let said = study.fail(1, command).replace(name, "<key>");
        let wanted = "error: <folder>/lake/slices/out.hours/2021/<key>/data.parquet: damaged: \
                      out.hours 2021: its data have another size than its record says\n";
        assert!(said.starts_with(wanted), "{said}");
    }
    std::fs::remove_dir_all(folder).unwrap();
    study.succeed(&["run"]);
    assert_eq!(file_contents(&study, "lake/current"), before);
}
