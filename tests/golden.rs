//! Output that changes must say so: the content of every slice and the bytes of
//! the release of a fixed study, kept with the output version that made them.
//! `HONKVAST_REWRITE_EXPECTED=1` writes them anew; the diff is reviewed.

use std::collections::BTreeMap;
use std::path::Path;

use honkvast::lake::Lake;
use honkvast::pipeline::digest::OUTPUT_VERSION;
use honkvast::report::REPORT_VERSION;
use serde_json::json;

use crate::workplace::Workplace;

#[test]
fn output_does_not_change_without_a_new_output_version() {
    let workplace = Workplace::new();
    workplace.succeed(&["-p", "nlswork", "--raw", &shipped_raw(), "run"]);
    let lake = Lake::open(&workplace.path("data/nlswork/lake"), "nlswork").unwrap();
    let slices = lake.current().unwrap().unwrap().slices;
    let contents: BTreeMap<String, String> =
        slices.iter().map(|(slice, entry)| (slice.to_string(), entry.content.clone())).collect();
    let release = workplace.path("data/nlswork/release/current");
    let files: BTreeMap<String, String> = std::fs::read_dir(release)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, blake3::hash(&std::fs::read(path).unwrap()).to_hex().to_string())
        })
        .collect();
    let found = json!({
        "output_version": OUTPUT_VERSION,
        "report_version": REPORT_VERSION,
        "slices": contents,
        "release": files,
    });
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/nlswork.json");
    if std::env::var_os("HONKVAST_REWRITE_EXPECTED").is_some() {
        std::fs::write(&golden, format!("{found:#}\n")).unwrap();
    }
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    assert_eq!(
        found, expected,
        "output changed: raise OUTPUT_VERSION, so that users remake their slices, or where the \
         report alone is another REPORT_VERSION, and rewrite"
    );
}

fn shipped_raw() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/nlswork").display().to_string()
}
