//! Layouts of files: names of a header line, kinds by a sample of records.

use std::sync::atomic::AtomicU8;

use super::{codebook, gzip, raw_file, two_columns};
use crate::error::Result;
use crate::ingest::{Request, read_layout};
use crate::pipeline::codebook::Codebook;

/// Names and kinds of the columns, and the width of records where it counts.
fn layout_of(name: &str, bytes: &[u8], codebook: &Codebook) -> Result<(Vec<String>, Option<u64>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let (file, stop) = (raw_file(path), AtomicU8::new(0));
    let layout = read_layout(&Request { file: &file, codebook, threads: 1, stop: &stop })?;
    let column =
        |column: &crate::pipeline::layout::LayoutColumn| format!("{} {}", column.name, column.kind);
    Ok((layout.columns.iter().map(column).collect(), layout.record_width))
}

#[test]
fn columns_are_those_of_the_header_and_codes_of_the_codebook_are_no_values() {
    let mut codebook = two_columns();
    codebook.columns[1].missing = vec!["X".to_owned()];
    let rows: String = (0..50).map(|row| format!("\"P;{row}\";X;{row}.5;;a\n1;2\n")).collect();
    let text = format!("\u{feff}RINPERSOON;Uren;Loon;leeg;\n7;1;1.5;;b\n{rows}");
    let unknown = |length, kind| format!("[name of {length} characters] {kind}");
    let (known, unclear) = ("RINPERSOON text".to_owned(), "UREN unclear".to_owned());
    let columns = [known, unclear, unknown(4, "decimal"), unknown(4, "empty"), unknown(0, "text")];
    let wanted = (columns.to_vec(), None);
    assert_eq!(layout_of("a.csv", text.as_bytes(), &codebook).unwrap(), wanted);
    assert_eq!(layout_of("a.csv.gz", &gzip(text.as_bytes()), &codebook).unwrap(), wanted);
}

#[test]
fn a_line_that_is_no_header_and_a_file_of_another_delimiter_have_no_layout() {
    for text in ["1;2\n3;4\n", "RINPERSOON,UREN\n1,2\n", ""] {
        let error = layout_of("a.csv", text.as_bytes(), &two_columns()).unwrap_err();
        assert_eq!(error.exit_code(), 5, "{text}");
    }
    // A missing column is drift, and no reason to see nothing.
    let found = layout_of("a.csv", b"UREN\n5\n", &two_columns()).unwrap();
    assert_eq!(found.0, ["UREN integer"]);
}

#[test]
fn a_long_file_is_known_by_its_beginning() {
    let rows: String = (0..200_000).map(|row| format!("{row};{row}\n")).collect();
    let text = format!("RINPERSOON;UREN\n{rows}{}", "x;y\n".repeat(400_000));
    let found = layout_of("a.csv", text.as_bytes(), &two_columns()).unwrap();
    assert_eq!(found.0, ["RINPERSOON integer", "UREN integer"]);
}

#[test]
fn fixed_width_text_has_the_codebooks_columns_and_a_width_in_characters() {
    let mut book = codebook(
        r#"
        title = "x"
        format = { kind = "fixed", width = 9, decimal = ",", skip_lines = 1 }
        columns = [
            { name = "name", type = "text", position = "1-3" },
            { name = "hour_count", type = "integer", position = "4-6" },
            { name = "pay", type = "decimal(5,1)", position = "7-9" },
        ]"#,
    );
    let rows: String = (10..40).map(|row| format!("é€a {row}{row:02},\n")).collect();
    let text = format!("a title of another length\n{rows}");
    let columns = ["name text", "hour_count integer", "pay decimal"].map(str::to_owned).to_vec();
    assert_eq!(layout_of("a.txt", text.as_bytes(), &book).unwrap(), (columns.clone(), Some(9)));
    let crate::pipeline::codebook::Format::Fixed(format) = &mut book.format else { return };
    format.is_ragged = true;
    let short: String = (10..40).map(|row| format!("é€a {row}\n")).collect();
    let found = layout_of("a.txt", format!("{text}{short}").as_bytes(), &book).unwrap();
    assert_eq!(found, (columns, None), "lines without their last blanks have no width");
}
