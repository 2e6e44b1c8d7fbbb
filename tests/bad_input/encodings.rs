//! Text in another encoding than its codebook says, in every form.

use super::*;

/// What a file gives whose text is `encode`d, where the codebook says `said`.
fn refusal_of_all(code: i32, said: &str, encode: fn(&str) -> Vec<u8>) -> (String, Vec<String>) {
    the_same(Form::all().map(|form| {
        let scene = Scene::of(form, said);
        let text = form.text(borrowed(&good_records(100)));
        let text = text + &form.record([CANARY, "Zoë", "1", "20200101"]) + "\n";
        let (said, rejects) = scene.refusal_of(form, code, &encode(&text));
        // Line numbers count a header line.
        (
            said,
            rejects.into_iter().map(|row| row.split(" from").next().unwrap().to_owned()).collect(),
        )
    }))
}

fn windows(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

#[test]
fn utf_8_that_the_codebook_calls_windows_1252_is_refused() {
    let (said, _) = refusal_of_all(5, "windows-1252", |text| text.as_bytes().to_vec());
    insta::assert_snapshot!(said, @"
    error: raw/FILE: the text is UTF-8, but its codebook says windows-1252
      hint: correct `encoding` in the codebook, or convert the file
    ");
    let (latin, _) = refusal_of_all(5, "latin-1", |text| text.as_bytes().to_vec());
    assert_eq!(latin, said);
}

#[test]
fn windows_1252_that_the_codebook_calls_utf_8_is_rejected_with_its_cause() {
    let (said, rejects) = refusal_of_all(4, "utf-8", windows);
    insta::assert_snapshot!(said, @"
    error: raw.jobs 2021 (FILE): 51 of 101 records rejected, over the limit of 0.1 %
      hint: 51 of 51 places beyond ASCII are not UTF-8; is the file windows-1252? Then correct `encoding`
    ");
    assert_eq!(rejects, ["FILE, -, not UTF-8: 51"]);
}

#[test]
fn text_that_was_encoded_twice_is_refused() {
    let (said, _) = refusal_of_all(5, "utf-8", |text| {
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned().into()
    });
    insta::assert_snapshot!(said, @"
    error: raw/FILE: the text was encoded twice: its UTF-8 was taken for windows-1252 on the way
      hint: undo one step (`iconv -f utf-8 -t windows-1252`), or have it delivered again
    ");
}

#[test]
fn marks_of_other_encodings_are_refused() {
    let utf_16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    };
    insta::assert_snapshot!(refusal_of_all(5, "utf-8", utf_16).0, @"
    error: raw/FILE:1: the file is UTF-16, which cannot be read
      hint: convert it to UTF-8 or windows-1252
    ");
    let marked = |text: &str| format!("\u{feff}{text}").into_bytes();
    insta::assert_snapshot!(refusal_of_all(5, "windows-1252", marked).0, @"
    error: raw/FILE:1: the file begins with the mark of UTF-8, but its codebook says windows-1252
      hint: correct `encoding` in the codebook, or convert the file
    ");
}

#[test]
fn text_of_two_encodings_is_read_with_a_warning() {
    let form = Form { is_fixed: false, packing: Packing::Plain };
    let scene = Scene::of(form, "windows-1252");
    let good = windows(&form.text(borrowed(&good_records(98))));
    let more = form.record([CANARY, "Zoë", "20", "20200101"]) + "\n";
    form.write(&scene.study, 2021, 2, &[good, more.into_bytes()].concat());
    let output = scene.study.output("warn", &["run"]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let wanted =
        "jobs2021V2.csv: 1 of 50 places beyond ASCII look like UTF-8, not like windows-1252";
    assert!(said.contains(wanted), "{said}");
    assert!(!said.contains(CANARY), "{said}");
    assert_ne!(state(&scene.study), scene.good);
}
