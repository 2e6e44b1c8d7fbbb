//! SPSS files that are not as they should be: one clear error or counted
//! rejects, no value of the data in a message, and the last good state stands.

use super::*;
use crate::sav_writer::{Cell, Plan, Sav};
use crate::tiny_study::CODEBOOK_FILE;

/// The raw files of the study as SPSS writes them, so many persons each.
fn sav(persons: u32) -> Sav {
    let text = |text: String| Cell::Text(text.into_bytes());
    let case = |person: u32| {
        let sector = ["A", "B"][person as usize % 2].to_owned();
        let hours = Cell::Number(f64::from(10 + person % 30));
        vec![text(format!("P{person:03}")), text(sector), hours]
    };
    let variables = vec![Plan::text("Person", 12), Plan::text("SECTOR", 3), Plan::number("HOURS")];
    Sav::new(variables, (1..=persons).map(case).collect())
}

/// The study on SPSS files, with a good state.
fn scene() -> Scene {
    let study = TinyStudy::new();
    study.replace(CODEBOOK_FILE, r#"kind = "delimited", delimiter = ";""#, r#"kind = "spss""#);
    study.write("raw/jobs2020V1.sav", sav(100).bytes());
    study.write("raw/jobs2021V1.sav", sav(100).bytes());
    study.succeed(&["run"]);
    let good = state(&study);
    assert_eq!(good.answer, "rows,hours\n4,4720\n", "as from text");
    Scene { study, good }
}

/// A newer raw file of 2021.
fn with(name: &str, content: impl AsRef<[u8]>) -> Scene {
    let scene = scene();
    scene.study.write(&format!("raw/jobs2021V2.{name}"), content);
    scene
}

/// A person who must not be seen, with these hours.
fn with_canary(mut file: Sav, hours: f64) -> Sav {
    let person = Cell::Text(CANARY.as_bytes().to_vec());
    file.cases.push(vec![person, Cell::Text(b"A".to_vec()), Cell::Number(hours)]);
    file.declared += 1;
    file
}

#[test]
fn a_sav_that_is_none_is_refused() {
    let text = jobs(100) + CANARY + ";A;1\n";
    insta::assert_snapshot!(with("sav", &text).refusal(5), @"
    error: raw/jobs2021V2.sav: is no SPSS file (.sav or .zsav): it does not begin as one
      hint: is the codebook's `format` right, and the file one of this source?
    ");
    insta::assert_snapshot!(with("sav.gz", packed(&text)).refusal(5), @"
    error: raw/jobs2021V2.sav.gz: is no SPSS file (.sav or .zsav): it does not begin as one
      hint: is the codebook's `format` right, and the file one of this source?
    ");
    insta::assert_snapshot!(with("sav", "").refusal(5), @"
    error: raw/jobs2021V2.sav: is empty
      hint: deliver the file again, or take it away
    ");
    insta::assert_snapshot!(with("sav.gz", with_canary(sav(9), 1.0).bytes()).refusal(5), @"
    error: raw/jobs2021V2.sav.gz: is named .gz but holds no gzip stream
      hint: take the .gz off its name, or deliver it again
    ");
}

#[test]
fn a_truncated_sav_is_refused_in_every_form() {
    let good = with_canary(sav(3000), 5.0);
    let zsav = Sav { compression: 2, block_bytes: 8192, ..good.clone() };
    let (plain, blocks) = (good.bytes(), zsav.bytes());
    let most = |bytes: &[u8]| bytes[..bytes.len() * 9 / 10].to_vec();
    insta::assert_snapshot!(with("sav", most(&plain)).refusal(5), @"
    error: raw/jobs2021V2.sav: the file declares 3001 cases and has 2699; the copy is probably incomplete
      hint: copy the file again, or ask for a new delivery
    ");
    insta::assert_snapshot!(with("sav", &plain[..300]).refusal(5), @"
    error: raw/jobs2021V2.sav: the file ends within its dictionary, at byte 300
      hint: copy the file again, or ask for a new delivery
    ");
    insta::assert_snapshot!(with("zsav", most(&blocks)).refusal(5), @"
    error: raw/jobs2021V2.zsav: the file ends within its data, at byte 20115; the copy is probably incomplete
      hint: copy the file again, or ask for a new delivery
    ");
    insta::assert_snapshot!(with("sav.gz", most(&Packing::Gzip.pack(&plain))).refusal(5), @"
    error: raw/jobs2021V2.sav.gz: the gzip stream ends early after 54875 bytes of text; the copy is probably incomplete
      hint: copy the file again
    ");
    insta::assert_snapshot!(with("sav.zst", most(&Packing::Zstd.pack(&plain))).refusal(5), @"
    error: raw/jobs2021V2.sav.zst: the zstd stream ends early after 0 bytes of text; the copy is probably incomplete
      hint: copy the file again
    ");
    insta::assert_snapshot!(with("zsav.gz", Packing::Gzip.pack(&most(&blocks))).refusal(5), @"
    error: raw/jobs2021V2.zsav.gz: the file ends within its data, at byte 20115; the copy is probably incomplete
      hint: copy the file again, or ask for a new delivery
    ");
}

#[test]
fn damage_within_a_sav_is_refused() {
    let good = with_canary(sav(500), 5.0);
    let zsav = Sav { compression: 2, block_bytes: 2048, ..good.clone() };
    let mut blocks = zsav.bytes();
    let place = zsav.dictionary().len() + 200;
    blocks[place..place + 40].fill(0xaa);
    insta::assert_snapshot!(with("zsav", blocks).refusal(5), @"
    error: raw/jobs2021V2.zsav: a block cannot be unpacked (before byte 489); the file is damaged
      hint: copy the file again, or ask for a new delivery
    ");
    let fewer = Sav { declared: 400, ..good };
    insta::assert_snapshot!(with("sav", fewer.bytes()).refusal(5), @"
    error: raw/jobs2021V2.sav: the file declares 400 cases and has more; it is damaged
      hint: copy the file again, or ask for a new delivery
    ");
    let old = Sav { encoding: None, code_page: 437, ..sav(9) };
    insta::assert_snapshot!(with("sav", old.bytes()).refusal(5), @"
    error: raw/jobs2021V2.sav: its text is encoded in code page 437, which cannot be read
      hint: save it as UTF-8 (SPSS: SET UNICODE ON)
    ");
}

#[test]
fn a_zsav_that_is_plain_is_read_with_a_warning() {
    let scene = with("zsav", sav(50).bytes());
    let output = scene.study.output("warn", &["run"]);
    assert!(output.status.success());
    let said = crate::workplace::stderr(&output);
    let warning = "jobs2021V2.zsav: it is named .zsav but is a .sav, and was read as one";
    assert!(said.contains(warning), "{said}");
    let answer = scene.study.succeed(&["sql", QUESTION, "--format", "csv"]);
    assert_eq!(answer, "rows,hours\n4,3505\n");
}

#[test]
fn columns_of_a_sav_that_do_not_fit_the_codebook_are_named() {
    let mut file = with_canary(sav(100), 5.0);
    file.variables[1].name = "BRANCH".to_owned();
    insta::assert_snapshot!(with("sav", file.bytes()).refusal(5), @"error: raw/jobs2021V2.sav: column SECTOR: is missing in the dictionary");
    let strict = with("sav", file.bytes());
    strict.study.replace(CODEBOOK_FILE, "title  = \"Jobs\"", "title  = \"Jobs\"\nstrict = true");
    file.variables[1].name = "SECTOR".to_owned();
    file.variables.push(Plan::number("EXTRA"));
    file.cases.iter_mut().for_each(|case| case.push(Cell::Number(1.0)));
    strict.study.write("raw/jobs2021V2.sav", file.bytes());
    insta::assert_snapshot!(strict.refusal(5), @"
    error: raw/jobs2021V2.sav: column extra: is not in the codebook, which is strict
      hint: add it to the codebook, or take `strict` off
    ");
}

#[test]
fn cases_that_do_not_fit_are_counted_and_over_the_limit_stop_the_slice() {
    let mut file = sav(100);
    for hours in [1e300, 0.5] {
        file = with_canary(file, hours);
    }
    file.cases.push(vec![Cell::Text(Vec::new()), Cell::Text(vec![0xff]), Cell::Number(1.0)]);
    file.declared += 1;
    // No hours at all are no fault.
    file.cases[0][2] = Cell::SystemMissing;
    let scene = with("sav", file.bytes());
    insta::assert_snapshot!(scene.refusal(4), @"
    error: raw.jobs 2021 (jobs2021V2.sav): 3 of 103 records rejected, over the limit of 0.1 %
      hint: `honkvast rejects --run last` shows which rules and lines
    ");
    insta::assert_snapshot!(rejects(&scene.study, &["--run", "last"]).join("\n"), @"
    jobs2021V2.sav, hour_count, integer too large: 1 from line 101
    jobs2021V2.sav, person_id, mandatory value missing: 1 from line 103
    jobs2021V2.sav, hour_count, not an integer: 1 from line 102
    ");
    scene.study.replace(
        CODEBOOK_FILE,
        "title  = \"Jobs\"",
        "title  = \"Jobs\"\nreject_limit = 0.1",
    );
    scene.study.succeed(&["run"]);
    let answer = scene.study.succeed(&["sql", QUESTION, "--format", "csv"]);
    assert_eq!(answer, "rows,hours\n4,4709\n", "the others are kept, one without its 11 hours");
}

#[test]
fn a_person_who_stands_twice_in_a_sav_stops_the_run() {
    let file = with_canary(with_canary(sav(100), 1.0), 2.0);
    insta::assert_snapshot!(with("sav", file.bytes()).refusal(3), @"
    error: staging.jobs 2021: 1 rows have the same key (person_id) as another row
      hint: look for records that stand twice among the raw files; `honkvast sql --run last` over the upstream table finds them
    ");
}

#[test]
fn labels_of_a_sav_are_shown_and_are_no_data() {
    let mut file = with_canary(sav(50), 98.0);
    file.variables[2] = Plan {
        label: "hours of the week".to_owned(),
        labels: vec![(Cell::Number(98.0), "refused".to_owned())],
        missing_range: Some((98.0, f64::MAX)),
        ..Plan::number("HOURS")
    };
    file.variables[1].missing = vec![Cell::Text(b"x".to_vec())];
    let scene = with("sav", file.bytes());
    scene.study.succeed(&["run"]);
    let shown = scene.study.succeed(&["labels", "jobs", "--years", "2021"]);
    assert!(!shown.contains(CANARY));
    insta::assert_snapshot!(shown, @"
    raw.jobs 2021  jobs2021V2.sav
      spss, utf-8, 3 columns: a file
      Person text(12) A12
      SECTOR text(3) A3
        user-missing: x
      HOURS number F8.2: hours of the week
        98 = refused
        user-missing: 98..highest
    ");
    let json: Value =
        serde_json::from_str(&scene.study.succeed(&["labels", "jobs", "--json"])).unwrap();
    let files: Vec<_> = json.as_array().unwrap().iter().map(|entry| &entry["file"]).collect();
    assert_eq!(files, ["jobs2020V1.sav", "jobs2021V2.sav"]);
    assert_eq!(json[1]["dictionary"]["columns"][2]["user_missing"][0]["to"], Value::Null);
    let said = scene.study.fail(2, &["labels", "nobody"]);
    assert!(said.contains("no source `nobody`"), "{said}");
    private(&scene.study.place.path("lake"));
}
