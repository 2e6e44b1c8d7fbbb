//! Lines end in LF, CR LF or CR, the same throughout.

use super::*;

/// Place and message of the refusal.
fn refusal(text: &[u8], codebook: &Codebook) -> String {
    let error = read_text(text, codebook).unwrap_err();
    assert_eq!(error.exit_code(), 5, "{error}");
    assert!(error.hint().is_some());
    error.to_string().rsplit_once("/file.csv:").unwrap().1.to_owned()
}

fn fixed_codebook() -> Codebook {
    codebook(
        r#"
        title = "x"
        format = { kind = "fixed", width = 6, skip_lines = 1 }
        columns = [
            { name = "person_id", type = "text", position = "1-4" },
            { name = "hour_count", type = "integer", position = "5-6" },
        ]"#,
    )
}

fn multiline(mut codebook: Codebook) -> Codebook {
    delimited(&mut codebook).has_multiline_fields = true;
    codebook
}

#[test]
fn a_file_may_end_its_lines_in_lf_cr_lf_or_cr() {
    let text = "RINPERSOON;UREN\n0001;38\n\n0002;x\n0003;40\n";
    let delimited = read_text(text, &two_columns()).unwrap();
    assert_eq!(delimited.0.rows, [some(&["0001", "38"]), some(&["0003", "40"])]);
    let rejects = [(3, None, "empty line"), (4, Some("hour_count"), "not an integer")];
    assert_eq!(rules(&delimited.0), rejects);
    let fixed_text = "no record\n000138\n0002 x\n\n000340\n";
    let fixed = read_text(fixed_text, &fixed_codebook()).unwrap();
    assert_eq!((fixed.0.rows.len(), fixed.0.rejects.len()), (2, 2));
    for line_end in ["\r\n", "\r"] {
        let ended = |text: &str| text.replace('\n', line_end).into_bytes();
        let cases = [(text, two_columns(), &delimited), (fixed_text, fixed_codebook(), &fixed)];
        for (text, codebook, expected) in cases {
            assert_eq!(&read_text(ended(text), &codebook).unwrap(), expected);
            let packed = read_as("file.csv.gz", &gzip(&ended(text)), &codebook).unwrap();
            assert_eq!(&packed, expected);
            // An empty last line is no record, and the last line may have no end.
            let longer = [ended(text), line_end.into()].concat();
            assert_eq!(read_text(longer, &codebook).unwrap().0, expected.0);
            let open = ended(text.trim_end());
            assert_eq!(read_text(open, &codebook).unwrap().0, expected.0);
        }
    }
}

#[test]
fn a_line_that_ends_otherwise_is_refused_with_line_and_byte() {
    let refused = |text: &str| refusal(text.as_bytes(), &two_columns());
    insta::assert_snapshot!(refused("RINPERSOON;UREN\r\r\na;47\r\r\n"), @"3: LF stands at byte 1 of the line; the first line ends in CR, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\na;47\nb;48\r\n"), @"3: CR LF stands at byte 5 of the line; the first line ends in LF, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\na;47\r\n"), @"2: CR LF stands at byte 5 of the line; the first line ends in LF, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\r\na;47\n"), @"2: LF stands at byte 5 of the line; the first line ends in CR LF, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\r\na;47\r\r\n"), @"2: CR stands at byte 5 of the line; the first line ends in CR LF, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\r\na\r;47\r\n"), @"2: CR stands at byte 2 of the line; the first line ends in CR LF, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\r\na;47\r\nb;4\r"), @"3: CR stands at byte 4 of the line; the first line ends in CR LF, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\ra;47\rb;48\n"), @"3: LF stands at byte 5 of the line; the first line ends in CR, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\n\ra;47\n\rb;48\n\r"), @"2: CR stands at byte 1 of the line; the first line ends in LF, and all must end alike");
    insta::assert_snapshot!(refused("RINPERSOON;UREN\n\"a\r\nb\";1\n"), @"2: CR LF stands at byte 3 of the line; the first line ends in LF, and all must end alike");
    let refused = |text: &str| refusal(text.as_bytes(), &fixed_codebook());
    insta::assert_snapshot!(refused("no record\r\n000138\r\r\n"), @"2: CR stands at byte 7 of the line; the first line ends in CR LF, and all must end alike");
    insta::assert_snapshot!(refused("no record\n0001\r\n"), @"2: CR LF stands at byte 5 of the line; the first line ends in LF, and all must end alike");
}

#[test]
fn an_end_mark_of_dos_is_no_record_and_no_text() {
    let mut one_column = two_columns();
    one_column.columns.truncate(1);
    let refused = |text: &str| refusal(text.as_bytes(), &one_column);
    insta::assert_snapshot!(refused("RINPERSOON\r\n0001\r\n\x1a"), @"3: the end mark of DOS (1A) stands at byte 1 of the line");
    insta::assert_snapshot!(refused("RINPERSOON\n0001\n\x1a\n"), @"3: the end mark of DOS (1A) stands at byte 1 of the line");
    insta::assert_snapshot!(refused("RINPERSOON\n0001\x1a"), @"2: the end mark of DOS (1A) stands at byte 5 of the line");
    insta::assert_snapshot!(refused("RINPERSOON\r0001\x1a\r"), @"2: the end mark of DOS (1A) stands at byte 5 of the line");
    // Two files that were joined.
    insta::assert_snapshot!(refused("RINPERSOON\n0001\n\x1a0002\n"), @"3: the end mark of DOS (1A) stands at byte 1 of the line");
    insta::assert_snapshot!(refusal(b"no record\n000138\n\x1a", &fixed_codebook()), @"3: the end mark of DOS (1A) stands at byte 1 of the line");
}

#[test]
fn line_ends_inside_quotes_may_be_others_and_keep_their_bytes() {
    let codebook = multiline(two_columns());
    let text = "RINPERSOON;UREN\r\n\"a\nb\rc\";1\r\n\"d\r\n\";2\r\n";
    let (reading, _) = read_text(text, &codebook).unwrap();
    assert_eq!(reading.rows, [some(&["a\nb\rc", "1"]), some(&["d\r\n", "2"])]);
    insta::assert_snapshot!(refusal(b"RINPERSOON;UREN\n\"a\r\";1\n\"b\";2\r\n", &codebook), @"3: CR LF stands at byte 6 of the line; the first line ends in LF, and all must end alike");
    insta::assert_snapshot!(refusal(b"RINPERSOON;UREN\r\"a\n\";1\rb\n;2\r", &codebook), @"3: LF stands at byte 2 of the line; the first line ends in CR, and all must end alike");
}

#[test]
fn a_line_end_of_another_kind_is_found_in_a_record_that_is_too_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    let long = "x".repeat(300);
    std::fs::write(&path, format!("RINPERSOON;UREN\r\na;1\r\n{long}\ny\r\n")).unwrap();
    for chunk_bytes in [2, 7, 64, 1000] {
        let limits = Limits { chunk_bytes, record_bytes: 100, ..Limits::DEFAULT };
        let error = read_path(&path, &two_columns(), 2, limits).unwrap_err().to_string();
        assert!(error.contains("file.csv:3: LF stands at byte 301 of the line"), "{error}");
    }
}
