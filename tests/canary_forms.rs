//! The canary in files of every form: by each line end that there is and some
//! that are none, plain and packed, in both encodings, with a header line,
//! without one, and with one that runs on into the data.

use crate::canary::{FOLDERS, HEADER, MARKED, is_silent, keeps_secrets, lake_keeps_secrets};
use crate::canary::{marked_study, plain};
use crate::no_header::take_header_off;
use crate::raw_form::Packing;
use crate::tiny_study::{CODEBOOK_FILE, TinyStudy};

/// Line ends that are read.
const KNOWN: [&str; 3] = ["\n", "\r\n", "\r"];

/// What other systems and faults put there.
const UNKNOWN: [&str; 7] = ["\r\r\n", "\n\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", " "];

/// Writes the text as the file of 2021 and runs; says how that ended.
fn run_with(study: &TinyStudy, text: &str, is_utf8: bool, packing: Packing) -> Option<i32> {
    for other in Packing::ALL {
        let file = format!("raw/jobs2021V1.csv{}", other.ending());
        if study.place.path(&file).exists() {
            study.remove(&file);
        }
    }
    let bytes = match is_utf8 {
        true => text.as_bytes().to_vec(),
        false => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    };
    study.write(&format!("raw/jobs2021V1.csv{}", packing.ending()), packing.pack(&bytes));
    let what = format!("{packing:?}, {is_utf8}, {:?}", text.get(..40));
    let arguments = [&FOLDERS[..], &["--log", "json", "--log-level", "trace", "run"]].concat();
    let output = study.place.output(&arguments);
    is_silent(&what, &output);
    is_silent(&what, &study.output("trace", &["plan"]));
    lake_keeps_secrets(&study.place.path("lake"));
    output.status.code()
}

#[test]
fn a_mark_is_told_in_no_form_of_a_file() {
    for is_utf8 in [true, false] {
        let study = marked_study();
        if !is_utf8 {
            let delimiter = "delimiter = \";\"";
            let encoding = format!("{delimiter}, encoding = \"windows-1252\"");
            study.replace(CODEBOOK_FILE, delimiter, &encoding);
        }
        study.succeed(&["run"]);
        let records = MARKED.replace("KANARIE1", "KANARIEé") + &plain(20);
        let texts = [HEADER.to_owned() + &records, records.clone()];
        let cases = KNOWN.into_iter().chain(UNKNOWN).enumerate();
        for (number, line_end) in cases {
            let packing = Packing::ALL[number % Packing::ALL.len()];
            let ended = |text: &String| text.replace('\n', line_end);
            let code = run_with(&study, &ended(&texts[0]), is_utf8, packing);
            assert_eq!(code, Some(if KNOWN.contains(&line_end) { 0 } else { 5 }), "{line_end:?}");
            if code == Some(0) {
                let count = "select count(*) from staging.jobs";
                assert_eq!(study.succeed(&["sql", count, "--format", "csv"]), "count(*)\n72\n");
            }
            let code = run_with(&study, &ended(&texts[1]), is_utf8, packing);
            assert_eq!(code, Some(5), "{line_end:?} without a header line");
            // The header line runs on into the data.
            let joined = ended(&texts[0]).replacen(line_end, ";", 1);
            let code = run_with(&study, &joined, is_utf8, packing);
            assert!(matches!(code, Some(3..=5)), "{line_end:?} behind a long header line");
        }
        keeps_secrets(&study);
    }
}

#[test]
fn a_mark_is_told_in_no_file_that_has_no_header_line() {
    let study = marked_study();
    let headers: Vec<&str> = HEADER.trim().split(';').collect();
    take_header_off(&study, &headers);
    study.write("raw/jobs2020V1.csv", MARKED.to_owned() + &plain(50));
    study.write("raw/jobs2021V1.csv", plain(50));
    study.succeed(&["run"]);
    let records = MARKED.to_owned() + &plain(20);
    for (number, line_end) in KNOWN.into_iter().chain(UNKNOWN).enumerate() {
        let packing = Packing::ALL[number % Packing::ALL.len()];
        let ended = |text: &str| text.replace('\n', line_end);
        let code = run_with(&study, &ended(&records), true, packing);
        assert_eq!(code, Some(if KNOWN.contains(&line_end) { 0 } else { 5 }), "{line_end:?}");
        // A first record that is one field, an open quote, more fields than all others.
        for first in ["KANARIE\n", "\"KANARIE1;KANARIE-S\n", &MARKED.replace('\n', ";KANARIE\n")] {
            let code = run_with(&study, &ended(&(first.to_owned() + &records)), true, packing);
            assert!(matches!(code, Some(4 | 5)), "{line_end:?} behind {first:?}: {code:?}");
        }
    }
    keeps_secrets(&study);
}

#[test]
fn names_of_files_are_printed_with_their_control_characters_escaped() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    study.write("raw/jobs2021V2.\u{1b}[2Ja\nb.csv", "no header\n");
    let said = study.fail(5, &["run"]);
    assert!(said.contains("raw/jobs2021V2.\\u{1b}[2Ja\\nb.csv:1: no name"), "{said}");
    let plan = study.succeed(&["plan"]);
    let told = "new file jobs2021V2.\\u{1b}[2Ja\\nb.csv";
    assert!(plan.contains(told) && !plan.contains('\u{1b}'), "{plan}");
}
