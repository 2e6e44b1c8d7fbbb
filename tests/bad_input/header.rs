//! Header lines that are not as the codebook says, plain and packed.

use super::*;

/// What a newer file of 2021 gives, whatever its packing.
fn refusal_of_all(text: &str) -> String {
    the_same(Packing::ALL.into_iter().map(|packing| {
        let scene = Scene::new();
        let name = format!("jobs2021V2.csv{}", packing.ending());
        scene.study.write(&format!("raw/{name}"), packing.pack(text.as_bytes()));
        scene.refusal(5).replace(&name, "FILE")
    }))
}

#[test]
fn a_wrong_delimiter_is_named() {
    let commas = jobs(100).replace(';', ",") + CANARY + ",A,1\n";
    insta::assert_snapshot!(refusal_of_all(&commas), @"
    error: raw/FILE:1: the fields are delimited by `,`, but the codebook says `;`
      hint: correct `delimiter` in the codebook
    ");
}

#[test]
fn a_missing_required_column_is_named() {
    let text = jobs(100).replace("SECTOR", "BRANCH") + CANARY + ";A;1\n";
    insta::assert_snapshot!(refusal_of_all(&text), @"error: raw/FILE:1: column SECTOR: is missing in the header line");
}

#[test]
fn a_header_with_a_column_twice_is_refused() {
    let text = jobs(100).replace("HOURS", "HOURS;Sector") + CANARY + ";A;1;0\n";
    insta::assert_snapshot!(refusal_of_all(&text), @"error: raw/FILE:1: column SECTOR: stands twice in the header line");
}

#[test]
fn a_file_without_a_header_shows_no_value_of_its_first_line() {
    let text = format!("{CANARY};A;1\n{}", jobs(100));
    insta::assert_snapshot!(refusal_of_all(&text), @"
    error: raw/FILE:1: no name of the codebook stands in the first line
      hint: is it a header line, and the file one of this source?
    ");
}

#[test]
fn a_header_that_is_no_text_is_refused() {
    let nul = jobs(100).replace("SECTOR", "SEC\0TOR");
    insta::assert_snapshot!(refusal_of_all(&nul), @"error: raw/FILE:1: the header line has NUL bytes; it is no text file");
    let open = jobs(100).replace("SECTOR", "\"SECTOR");
    insta::assert_snapshot!(refusal_of_all(&open), @"error: raw/FILE:1: the header line has a quote that is not closed");
}
