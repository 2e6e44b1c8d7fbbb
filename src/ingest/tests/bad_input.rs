//! Files that are not as their codebook says: one clear error or counted
//! rejects, and never a value of the data in a message.

use std::sync::atomic::AtomicU8;

use super::*;
use crate::error::Error;
use crate::ingest::Counts;
use crate::pipeline::codebook::TextEncoding;

/// Place and message of the error, its exit code checked, its path shortened.
pub(super) fn refusal(name: &str, bytes: &[u8], codebook: &Codebook) -> String {
    let error = read_as(name, bytes, codebook).unwrap_err();
    assert_eq!(error.exit_code(), 5, "{error}");
    let shown = error.to_string();
    let (_, behind_folder) = shown.split_once("/file.").unwrap();
    match error.hint() {
        Some(hint) => format!("file.{behind_folder} | {hint}"),
        None => format!("file.{behind_folder}"),
    }
}

#[test]
fn headers_that_do_not_fit_are_one_clear_error() {
    let refused = |text: &str| refusal("file.csv", text.as_bytes(), &two_columns());
    insta::assert_snapshot!(refused("RINPERSOON,UREN\na,1\n"), @"file.csv:1: the fields are delimited by `,`, but the codebook says `;` | correct `delimiter` in the codebook");
    insta::assert_snapshot!(refused("X\tY\n"), @"file.csv:1: the fields are delimited by `tab`, but the codebook says `;` | correct `delimiter` in the codebook");
    insta::assert_snapshot!(refused("RINPERSON;UREN\n"), @"file.csv:1: column RINPERSOON: is missing in the header line | column 1 of the file has a similar name");
    insta::assert_snapshot!(refused("RINPERSOON;UREN;Uren\n"), @"file.csv:1: column UREN: stands twice in the header line");
    let mut wide = two_columns();
    for name in ["BEID", "LOON"] {
        let mut column = wide.columns[1].clone();
        column.headers[0].1 = name.to_owned();
        wide.columns.push(column);
    }
    insta::assert_snapshot!(refusal("file.csv", b"Jansen;UREN;38\n", &wide), @"file.csv:1: only 1 of 4 names of the codebook stand in the first line | is it a header line, and the file one of this source?");
    insta::assert_snapshot!(refused("Jansen;38\nPiet;40\n"), @"file.csv:1: no name of the codebook stands in the first line | is it a header line, and the file one of this source?");
    insta::assert_snapshot!(refused("RINPERSOON;\"UREN\n"), @"file.csv:1: the header line has a quote that is not closed");
    insta::assert_snapshot!(refused("RINPERSOON;U\0REN\n"), @"file.csv:1: the header line has NUL bytes; it is no text file");
    insta::assert_snapshot!(refused(""), @"file.csv: is empty | deliver the file again, or take it away");
}

#[test]
fn a_strict_codebook_refuses_unknown_columns() {
    let mut codebook = two_columns();
    codebook.is_strict = true;
    let text = b"UREN;SBEID;RINPERSOON\n";
    insta::assert_snapshot!(refusal("file.csv", text, &codebook), @"file.csv:1: column number 2: is not in the codebook, which is strict | add it to the codebook, or take `strict` off");
}

#[test]
fn a_wrong_encoding_is_found_in_the_header() {
    let mut codebook = two_columns();
    let text = b"\xff\xfeR\0I\0N\0";
    insta::assert_snapshot!(refusal("file.csv", text, &codebook), @"file.csv:1: the file is UTF-16, which cannot be read | convert it to UTF-8 or windows-1252");
    let text = b"RINPERSOON;UREN;CAF\xc9\n";
    insta::assert_snapshot!(refusal("file.csv", text, &codebook), @"file.csv:1: the header line is not UTF-8 at byte 20 | correct `encoding` in the codebook, or convert the file");
    let format = delimited(&mut codebook);
    format.encoding = TextEncoding::Windows1252;
    let text = "\u{feff}RINPERSOON;UREN\n".as_bytes();
    insta::assert_snapshot!(refusal("file.csv", text, &codebook), @"file.csv:1: the file begins with the mark of UTF-8, but its codebook says windows-1252 | correct `encoding` in the codebook, or convert the file");
}

#[test]
fn records_that_do_not_fit_are_rejected_with_line_column_and_rule() {
    let text = b"RINPERSOON;UREN\n\
        a;1\n\
        b\n\
        c;1;2\n\
        \n\
        d\0;1\n\
        \xc3\xa4;1\n\
        \xe4;1\n\
        \"e;1\n\
        \"f\"g;1\n\
        h;1,5\n\
        i;9223372036854775808\n\
        \"j\"\"\";\"2\"\n";
    let (reading, outcome) = read_text(text, &two_columns()).unwrap();
    assert_eq!(reading.rows, [some(&["a", "1"]), some(&["ä", "1"]), some(&["j\"", "2"])]);
    assert_eq!(
        rules(&reading),
        [
            (3, None, "too few fields"),
            (4, None, "too many fields"),
            (5, None, "empty line"),
            (6, None, "NUL byte"),
            (8, None, "not UTF-8"),
            (9, None, "unclosed quote"),
            (10, None, "text after quote"),
            (11, Some("hour_count"), "not an integer"),
            (12, Some("hour_count"), "integer too large"),
        ]
    );
    assert_eq!(reading.rejects[4].3, "\u{fffd};1");
    assert_eq!(outcome.rules[&("not an integer".to_owned(), Some("hour_count".to_owned()))], 1);
}

#[test]
fn values_that_do_not_fit_their_type_are_rejected() {
    let codebook = codebook(
        r#"
        title = "x"
        format = { kind = "delimited", delimiter = ",", quote = "" }
        columns = [
            { name = "wage_eur", type = "decimal(4,2)" },
            { name = "day", type = "date", mandatory = true, missing = ["99999999"] },
            { name = "is_open", type = "boolean" },
        ]"#,
    );
    let text = "day,is_open,wage_eur\n\
        20160101,1,12.30\n20160101,1,12,30\n20160101,1,1e1\n20160101,1,12.345\n\
        20160101,1,123\n20160230,1,1\n99999999,1,1\n,1,1\n20160101,x,1\n";
    let (reading, _) = read_text(text, &codebook).unwrap();
    assert_eq!(reading.rows.len(), 1);
    assert_eq!(
        rules(&reading),
        [
            (3, None, "too many fields"),
            (4, Some("wage_eur"), "not a decimal"),
            (5, Some("wage_eur"), "too many decimals"),
            (6, Some("wage_eur"), "decimal too large"),
            (7, Some("day"), "not a date"),
            (8, Some("day"), "mandatory value missing"),
            (9, Some("day"), "mandatory value missing"),
            (10, Some("is_open"), "not a boolean code"),
        ]
    );
}

#[test]
fn the_end_of_the_file_decides_about_its_last_line() {
    let read = |text: &str| {
        let (reading, outcome) = read_text(text, &two_columns()).unwrap();
        let rules: Vec<_> = rules(&reading).iter().map(|reject| reject.2.to_owned()).collect();
        (reading.rows.len(), rules.join(", "), outcome.warnings.join("; "))
    };
    let show = |rows, rules: &str, warning: &str| (rows, rules.to_owned(), warning.to_owned());
    assert_eq!(read("RINPERSOON;UREN\na;1\nb"), show(1, "too few fields", ""));
    assert_eq!(read("RINPERSOON;UREN\na;1\nb;2"), show(2, "", ""));
    assert_eq!(read("RINPERSOON;UREN\na;1\n\n"), show(1, "", ""));
    assert_eq!(read("RINPERSOON;UREN\r\na;1\r\n\r\n\r\n"), show(1, "empty line", ""));
    let none = "it has a header line and no records";
    assert_eq!(read("RINPERSOON;UREN\n"), show(0, "", none));
    assert_eq!(read("RINPERSOON;UREN"), show(0, "", none));
    assert_eq!(read("RINPERSOON;UREN\n\n"), show(0, "", none));
}

#[test]
fn a_last_line_without_a_line_end_is_refused_unless_the_codebook_knows_it() {
    let mut delimited = two_columns();
    let mut fixed = codebook(
        "title = \"x\"\nformat = { kind = \"fixed\", width = 1 }\n\
         columns = [{ name = \"code\", type = \"text\", position = \"1\" }]",
    );
    for codebook in [&mut delimited, &mut fixed] {
        needs_last_line_end(codebook, true);
    }
    let cases = [
        ("RINPERSOON;UREN\na;1\nb;2", &delimited),
        ("RINPERSOON;UREN\r\na;1\r\nb", &delimited),
        ("RINPERSOON;UREN", &delimited),
        ("a\nb", &fixed),
    ];
    for (text, codebook) in cases {
        assert!(
            read_text([text, if text.contains('\r') { "\r\n" } else { "\n" }].concat(), codebook)
                .is_ok()
        );
        let refused = [("file.csv", text.into()), ("file.csv.gz", gzip(text.as_bytes()))];
        for (name, bytes) in refused {
            let said = refusal(name, &bytes, codebook);
            assert!(said.contains("the last line has no line end; the copy may be"), "{said}");
            assert!(said.contains("or say `last_line_end = false` in the `format`"), "{said}");
        }
        let mut lenient = codebook.clone();
        needs_last_line_end(&mut lenient, false);
        assert!(read_text(text, &lenient).unwrap().1.lacks_last_line_end);
    }
}

#[test]
fn a_record_without_end_costs_no_memory() {
    let long = "x".repeat(300_000);
    let text = format!("RINPERSOON;UREN\na;1\n{long};1\nb;2\n{long}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    std::fs::write(&path, text).unwrap();
    for chunk_bytes in [10, 1 << 20] {
        let limits = Limits { chunk_bytes, record_bytes: 200_000, ..Limits::DEFAULT };
        let (reading, _) = read_path(&path, &two_columns(), 2, limits).unwrap();
        assert_eq!(reading.rows, [some(&["a", "1"]), some(&["b", "2"])]);
        assert_eq!(rules(&reading), [(3, None, "record too long"), (5, None, "record too long")]);
        assert!(reading.rejects.iter().all(|reject| reject.3.len() == 4 * 1024));
    }
}

#[test]
fn a_stray_quote_in_multiline_text_costs_one_line() {
    let mut codebook = two_columns();
    let format = delimited(&mut codebook);
    format.has_multiline_fields = true;
    let text = "RINPERSOON;UREN\na;1\n\"b;2\nc;3\nd;4\n";
    let (reading, _) = read_text(text, &codebook).unwrap();
    assert_eq!(reading.rows, [some(&["a", "1"]), some(&["c", "3"]), some(&["d", "4"])]);
    assert_eq!(rules(&reading), [(3, None, "unclosed quote")]);
}

#[test]
fn a_file_full_of_stray_quotes_ends_in_time() {
    let mut codebook = two_columns();
    let format = delimited(&mut codebook);
    format.has_multiline_fields = true;
    // Each line opens a quote, whether the line before left one open or not.
    let text = "RINPERSOON;UREN\n".to_owned() + &"a\";\"\n".repeat(3000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    std::fs::write(&path, text).unwrap();
    for chunk_bytes in [10, 1 << 20] {
        let limits = Limits { chunk_bytes, record_bytes: 100, ..Limits::DEFAULT };
        let (reading, outcome) = read_path(&path, &codebook, 2, limits).unwrap();
        // A thousand lines one by one, then twenty at a time.
        assert_eq!(outcome.counts.rejected, 1000 + 2000 / 20);
        assert!(reading.rejects.iter().all(|reject| reject.2 == "unclosed quote"));
        assert_eq!(reading.rejects.last().unwrap().0, 2 + 2980);
    }
}

#[test]
fn a_million_empty_lines_are_counted() {
    let text = "RINPERSOON;UREN\n".to_owned() + &"\n".repeat(1_000_000) + "a;1\n";
    let (reading, outcome) = read_text(text, &two_columns()).unwrap();
    assert_eq!(reading.rows.len(), 1);
    assert_eq!(outcome.counts.rejected, 1_000_000);
    assert_eq!(outcome.rules[&("empty line".to_owned(), None)], 1_000_000);
}

/// What reading gives when `spoil` is done to the file after the first batch.
fn refusal_when(name: &str, bytes: &[u8], spoil: fn(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = raw_file(folder.path().join(name));
    std::fs::write(&file.path, bytes).unwrap();
    let (codebook, stop) = (two_columns(), AtomicU8::new(0));
    let request = Request { file: &file, codebook: &codebook, threads: 1, stop: &stop };
    let limits = Limits { chunk_bytes: 100, ..Limits::DEFAULT };
    let mut is_spoilt = false;
    let mut keep = |_| {
        if !std::mem::replace(&mut is_spoilt, true) {
            spoil(&file.path);
        }
        Ok(())
    };
    let error = read_within(&request, limits, &mut keep, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.exit_code(), 5);
    error.to_string().split_once(": ").unwrap().1.to_owned()
}

#[test]
fn a_file_that_grows_shrinks_vanishes_or_is_replaced_while_it_is_read_is_refused() {
    use std::fs::File;
    use std::io::Write;
    let text = "RINPERSOON;UREN\n".to_owned() + &"a;1\n".repeat(1_000_000);
    let long = text.as_bytes();
    // What is not compressible is not wholly in a buffer after the first batch.
    let noise = noisy_text(2_000_000);
    for (name, bytes) in
        [("f.csv", long.to_vec()), ("f.csv.gz", gzip(&noise)), ("f.csv.zst", zstd(&noise))]
    {
        let refused = |spoil| refusal_when(name, &bytes, spoil);
        let grown = refused(|path| {
            let mut file = File::options().append(true).open(path).unwrap();
            file.write_all(b"a;1\n").unwrap();
        });
        assert_eq!(grown, "the file changed while it was read", "{name}");
        let shrunk = refused(|path| {
            let file = File::options().write(true).open(path).unwrap();
            file.set_len(file.metadata().unwrap().len() / 2).unwrap();
        });
        assert_eq!(shrunk, "the file changed while it was read", "{name}");
        let vanished = refused(|path| std::fs::remove_file(path).unwrap());
        assert_eq!(vanished, "the file vanished while it was to be read", "{name}");
        let replaced = refused(|path| {
            let other = path.with_extension("other");
            std::fs::copy(path, &other).unwrap();
            std::fs::rename(other, path).unwrap();
        });
        assert_eq!(replaced, "the file changed while it was read", "{name}");
    }
}

/// Records of digits that hardly compress.
fn noisy_text(bytes: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut text = b"RINPERSOON;UREN\n".to_vec();
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        text.extend(format!("{:x};{}\n", state, state >> 40).into_bytes());
    }
    text
}

#[test]
fn a_set_stop_and_a_failing_sink_end_the_reading() {
    let folder = tempfile::tempdir().unwrap();
    let file = raw_file(folder.path().join("file.csv"));
    std::fs::write(&file.path, "RINPERSOON;UREN\n".to_owned() + &"a;1\n".repeat(100_000)).unwrap();
    let codebook = two_columns();
    let stop = AtomicU8::new(15);
    let request = Request { file: &file, codebook: &codebook, threads: 2, stop: &stop };
    let limits = Limits { chunk_bytes: 100, ..Limits::DEFAULT };
    let outcome = read_within(&request, limits, &mut |_| Ok(()), &mut |_| Ok(()));
    assert!(matches!(outcome, Err(Error::Interrupted { signal: 15 })));
    stop.store(0, std::sync::atomic::Ordering::Relaxed);
    let mut full = |_| Err(Error::internal("the disk is full"));
    let outcome = read_within(&request, limits, &mut full, &mut |_| Ok(()));
    assert!(outcome.unwrap_err().to_string().contains("the disk is full"));
    std::fs::remove_file(&file.path).unwrap();
    let outcome = read_within(&request, limits, &mut |_| Ok(()), &mut |_| Ok(()));
    assert!(outcome.unwrap_err().to_string().contains("the file vanished"));
}

#[test]
fn reading_stops_once_the_rejects_are_over_the_limit_beyond_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { chunk_bytes: 1000, rejects: 100, ..Limits::DEFAULT };
    let read = |name: &str, bytes: &[u8], threads: usize| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        read_path(&path, &two_columns(), threads, limits).unwrap()
    };
    let text = "RINPERSOON;UREN\na;1\n".to_owned() + &"x\n".repeat(5000);
    let (reading, outcome) = read("file.csv", text.as_bytes(), 1);
    assert!(outcome.is_cut && outcome.counts.read < 1000, "{:?}", outcome.counts);
    assert_eq!(outcome.counts.rejected, outcome.counts.read - 1);
    assert_eq!(read("file.csv", text.as_bytes(), 4).0, reading);
    assert!(read("file.csv.gz", &gzip(text.as_bytes()), 2).1.is_cut);
    // How long the text of a zstd stream is, nobody knows before it ends.
    assert!(!read("file.csv.zst", &zstd(text.as_bytes()), 2).1.is_cut);
    // The rest of the file may bring them under the limit, as here it does.
    let text = "RINPERSOON;UREN\n".to_owned() + &"x\n".repeat(150) + &"a;1\n".repeat(150_000);
    let (_, outcome) = read("file.csv", text.as_bytes(), 2);
    let Counts { kept, rejected, .. } = outcome.counts;
    assert_eq!((outcome.is_cut, kept, rejected), (false, 150_000, 150));
}
