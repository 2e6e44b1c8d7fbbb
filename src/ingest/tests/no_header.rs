//! Delimited files without a header line: columns by the numbers of their fields.

use super::bad_input::refusal;
use super::*;
use crate::error::Error;
use crate::pipeline::layout::Kind;

/// A person in the first field, hours in the third, which the older files have
/// in the second one.
fn numbered() -> Codebook {
    codebook(
        r#"
        title = "x"
        format = { kind = "delimited", delimiter = ";", header = false }
        reject_limit = 0.4
        columns = [
            { name = "hour_count", type = "integer", position = { "..2009" = 2, "2010.." = 3 } },
            { name = "person_id", type = "text", position = 1, mandatory = true },
            { name = "note", type = "text", position = 9, required = false, keep_reason = true },
            { name = "old_code", type = "text", position = { "..2009" = 3 } },
        ]"#,
    )
}

fn row(hours: &str, person: &str) -> Row {
    vec![Some(hours.to_owned()), Some(person.to_owned()), None, Some("absent".to_owned()), None]
}

#[test]
fn the_first_line_is_a_record() {
    let (reading, outcome) = read_text("a;x;1\n\"b;c\";y;2\n", &numbered()).unwrap();
    assert_eq!(reading.rows, [row("1", "a"), row("2", "b;c")]);
    assert_eq!(outcome.dictionary.columns, [], "such a file does not name its columns");
    let (reading, _) = read_text("\u{feff}a;x;1\r\n;y;2\r\nb;y\r\nc;z;3\r\n", &numbered()).unwrap();
    assert_eq!(reading.rows, [row("1", "a"), row("3", "c")]);
    let lines = [(2, Some("person_id"), "mandatory value missing"), (3, None, "too few fields")];
    assert_eq!(rules(&reading), lines);
    // An empty first line is a reject, and says nothing of fields.
    let (reading, _) = read_text("\na;x;1\nb;x;1\nc;x;1\n", &numbered()).unwrap();
    assert_eq!(reading.rows.len(), 3);
    assert_eq!(rules(&reading), [(1, None, "empty line")]);
}

#[test]
fn a_first_record_over_several_lines_is_one() {
    let mut codebook = numbered();
    delimited(&mut codebook).has_multiline_fields = true;
    let (reading, _) = read_text("\"a\nb\";\"x\n\";1\nc;y;2\n", &codebook).unwrap();
    assert_eq!(reading.rows, [row("1", "a\nb"), row("2", "c")]);
}

#[test]
fn files_that_do_not_fit_are_one_clear_error() {
    let refused = |text: &str| refusal("file.csv", text.as_bytes(), &numbered());
    insta::assert_snapshot!(refused("a;x\nb;y\n"), @"file.csv: column hour_count: is field 3, and the first record has 2 | correct its `position` or `delimiter` in the codebook");
    insta::assert_snapshot!(refused("a,x,1\nb,y,2\n"), @"file.csv: column hour_count: is field 3, and the first record has 1 | correct its `position` or `delimiter` in the codebook");
    insta::assert_snapshot!(refused("\"a;x;1\nb;y;2\n"), @"file.csv:1: the first record cannot be split: unclosed quote | is `quote` in the codebook the one of the file?");
    insta::assert_snapshot!(refused(""), @"file.csv: is empty | deliver the file again, or take it away");
    insta::assert_snapshot!(refused("Person_ID;x;hour_count\n"), @"file.csv:1: the first record has the names of columns; is it a header line? | take `header = false` out of the codebook, or the line out of the file");
    let mut mandatory = numbered();
    mandatory.columns[3].is_mandatory = true;
    insta::assert_snapshot!(refusal("file.csv", b"a;x;1\n", &mandatory), @"file.csv: column old_code: is mandatory, but has no position in the files of the year | add the year to its `position` in the codebook");
    let limits = Limits { record_bytes: 100, ..Limits::DEFAULT };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    std::fs::write(&path, "a".repeat(101) + ";x;1\n").unwrap();
    let error = read_path(&path, &numbered(), 1, limits).unwrap_err();
    assert!(matches!(error, Error::RawInput { .. }));
    assert!(
        error.to_string().ends_with("file.csv: the first record is too long; is it a text file?")
    );
}

#[test]
fn a_file_that_begins_with_empty_lines_alone_costs_no_memory() {
    let limits = Limits { record_bytes: 100, chunk_bytes: 64, ..Limits::DEFAULT };
    let folder = tempfile::tempdir().unwrap();
    let read = |text: String| {
        let path = folder.path().join("file.csv.gz");
        std::fs::write(&path, gzip(text.as_bytes())).unwrap();
        read_path(&path, &numbered(), 1, limits)
    };
    let error = read("\n".repeat(101) + "a;x;1\n").unwrap_err().to_string();
    assert!(error.ends_with("the file begins with empty lines alone; is it whole?"), "{error}");
    let (reading, _) = read("\n".repeat(100) + "a;x;1\n").unwrap();
    assert_eq!((reading.rows.len(), reading.rejects.len()), (1, 100));
}

#[test]
fn a_first_record_unlike_all_others_is_told_as_the_cause() {
    let (_, outcome) = read_text("a;x;1;\nb;y;2\nc;z;3\n", &numbered()).unwrap();
    assert_eq!((outcome.counts.kept, outcome.counts.rejected), (1, 2));
    let cause = "most records have more or fewer fields than the first one";
    assert_eq!(outcome.reject_cause.as_deref(), Some(cause));
}

#[test]
fn a_layout_names_fields_by_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    let lines: String = (0..200).map(|n| format!("person{n};{n};20160101\n")).collect();
    std::fs::write(&path, lines).unwrap();
    let (file, codebook, stop) = (raw_file(path), numbered(), AtomicU8::new(0));
    let request = Request { file: &file, codebook: &codebook, threads: 1, stop: &stop };
    let layout = crate::ingest::read_layout(&request).unwrap();
    let found: Vec<_> = layout.columns.iter().map(|c| (c.name.as_str(), c.kind)).collect();
    let wanted = [("field 1", Kind::Text), ("field 2", Kind::Integer), ("field 3", Kind::Date)];
    assert_eq!(found, wanted);
}
