//! Fixed width text: what is read, rejected and refused beyond what random
//! records show.

use super::*;
use crate::error::Error;

fn fixed(format: &str) -> Codebook {
    codebook(&format!(
        r#"
        title = "x"
        format = {{ kind = "fixed", {format} }}
        columns = [
            {{ name = "person_id", type = "text", position = "1-4" }},
            {{ name = "hour_count", type = "integer", position = {{ "2016.." = "5-6" }} }},
            {{ name = "wage_eur", type = "decimal(6,2)", position = "7-12", implied_decimals = 2 }},
        ]"#
    ))
}

fn refusal(text: &[u8], codebook: &Codebook) -> String {
    let error = read_as("file.asc", text, codebook).unwrap_err();
    assert_eq!(error.exit_code(), 5, "{error}");
    let shown = error.to_string();
    let (_, behind_folder) = shown.split_once("/file.").unwrap();
    format!("file.{behind_folder} | {}", error.hint().unwrap_or("-"))
}

#[test]
fn columns_stand_at_their_characters_and_blanks_are_padding() {
    let text = "a   40001250\n bc 38  12.5\nMüßé 7-00050\n            \n";
    let (reading, outcome) = read_text(text, &fixed("width = 12")).unwrap();
    let row = |values: [&str; 3]| -> Row {
        values.iter().map(|value| (*value != "-").then(|| (*value).to_owned())).collect()
    };
    assert_eq!(
        reading.rows,
        [
            row(["a", "40", "1250"]),
            row(["bc", "38", "1250"]),
            row(["Müßé", "7", "-50"]),
            row(["-", "-", "-"])
        ]
    );
    assert_eq!(reading.rejects, []);
    assert!(outcome.warnings.is_empty());
    let text = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let codebook = fixed(r#"width = 12, encoding = "latin-1""#);
    assert_eq!(read_text(text, &codebook).unwrap().0, reading);
}

#[test]
fn lines_of_another_width_are_rejected_unless_they_are_ragged() {
    let text = "a   40001250\nb   38\nc   1\n\nd   400012500\ne   40001250\nfé  40001250 \n";
    let (reading, outcome) = read_text(text, &fixed("width = 12")).unwrap();
    assert_eq!(reading.rows.len(), 2);
    let (short, long) = ("line too short", "line too long");
    assert_eq!(
        rules(&reading),
        [
            (2, None, short),
            (3, None, short),
            (4, None, "empty line"),
            (5, None, long),
            (7, None, long)
        ]
    );
    assert_eq!(outcome.reject_cause, None);
    let (reading, _) = read_text(text, &fixed("width = 12, ragged = true")).unwrap();
    assert_eq!(reading.rows.len(), 4);
    assert_eq!(reading.rows[2], [Some("c".to_owned()), Some("1".to_owned()), None]);
    assert_eq!(rules(&reading), [(4, None, "empty line"), (5, None, long), (7, None, long)]);
}

#[test]
fn a_width_that_no_line_has_is_named_as_the_cause_of_all_rejects() {
    for text in ["a   40\nb   38\n", "a   4000012500\n"] {
        let (reading, outcome) = read_text(text, &fixed("width = 12")).unwrap();
        assert_eq!(reading.rows.len(), 0);
        let cause = outcome.reject_cause.unwrap();
        assert_eq!(cause, "no line has as many characters as `width` in the codebook says");
    }
    assert_eq!(read_text("\n\n", &fixed("width = 12")).unwrap().1.reject_cause, None);
}

#[test]
fn a_long_field_is_one_reject() {
    let text = format!("a   40001250\n{}\nb   38001250\n", "x".repeat(10_000_000));
    let (reading, _) = read_text(text, &fixed("width = 12")).unwrap();
    assert_eq!(reading.rows.len(), 2);
    assert_eq!(rules(&reading), [(2, None, "record too long")]);
    assert_eq!(reading.rejects[0].3.len(), 4 * 1024);
}

#[test]
fn lines_before_the_records_are_skipped_and_counted() {
    let text = "\u{feff}a title\nshort\na   40001250\nb\n";
    let (reading, _) = read_text(text, &fixed("width = 12, skip_lines = 2")).unwrap();
    assert_eq!(reading.rows.len(), 1);
    assert_eq!(rules(&reading), [(4, None, "line too short")]);
    let (_, outcome) = read_text("a\nb\n", &fixed("width = 12, skip_lines = 2")).unwrap();
    assert_eq!(outcome.warnings, ["it has no records"]);
    insta::assert_snapshot!(refusal(b"a\nb", &fixed("width = 12, skip_lines = 3")), @"file.asc: has fewer than the 3 lines to skip | correct `skip_lines` in the codebook, or deliver the file again");
}

#[test]
fn files_that_are_no_text_of_this_codebook_are_refused() {
    insta::assert_snapshot!(refusal(b"", &fixed("width = 12")), @"file.asc: is empty | deliver the file again, or take it away");
    insta::assert_snapshot!(refusal(b"\xff\xfea\0 \0", &fixed("width = 12")), @"file.asc:1: the file is UTF-16, which cannot be read | convert it to UTF-8 or windows-1252");
    let windows = fixed(r#"width = 12, encoding = "windows-1252""#);
    insta::assert_snapshot!(refusal(b"\xef\xbb\xbfa   40001250\n", &windows), @"file.asc:1: the file begins with the mark of UTF-8, but its codebook says windows-1252 | correct `encoding` in the codebook, or convert the file");
    let years = fixed(r#"width = { "..2015" = 12 }"#);
    insta::assert_snapshot!(refusal(b"a   40001250\n", &years), @"file.asc: its codebook has no `width` for the year | add the year to `width` in the codebook");
    let mut mandatory = fixed("width = 12");
    mandatory.columns[1].is_mandatory = true;
    let mut file = raw_file("no matter".into());
    file.year = Some(2015);
    let stop = AtomicU8::new(0);
    let request = Request { file: &file, codebook: &mandatory, threads: 1, stop: &stop };
    let outcome = read_within(&request, Limits::DEFAULT, &mut |_| Ok(()), &mut |_| Ok(()));
    let error: Error = outcome.unwrap_err();
    insta::assert_snapshot!(format!("{error} | {}", error.hint().unwrap()), @"no matter: column hour_count: is mandatory, but has no position in the files of the year | add the year to its `position` in the codebook");
}

#[test]
fn of_a_wide_record_the_columns_of_the_codebook_are_kept() {
    let record = |row: usize| {
        format!("{row:04}{}{:02}{}{row:06}\n", "x".repeat(40_000), row % 60, "y".repeat(9_000))
    };
    let text: String = (0..200).map(record).collect();
    let codebook = codebook(
        r#"
        title = "wide"
        format = { kind = "fixed", width = 49012 }
        columns = [
            { name = "last", type = "integer", position = "49007-49012" },
            { name = "hours", type = "integer", position = "40005-40006" },
        ]"#,
    );
    let (reading, _) = read_as("file.asc", text.as_bytes(), &codebook).unwrap();
    let row = |row: usize| vec![Some(row.to_string()), Some((row % 60).to_string())];
    assert_eq!(reading.rows, (0..200).map(row).collect::<Vec<_>>());
}
