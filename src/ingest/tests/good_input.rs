//! Files that are as they should be.

use super::*;

const ALL_TYPES: &str = r#"
    title = "all types"
    format = { kind = "delimited", delimiter = ";", encoding = "windows-1252", decimal = "," }
    columns = [
        { name = "person_id", type = "text", header = "RINPERSOON", mandatory = true },
        { name = "birth_year", type = "integer", header = { "..2015" = "JAAR", "2016.." = "GEBJAAR{year}" }, missing = ["----"], keep_reason = true },
        { name = "wage_eur", type = "decimal(9,2)", header = "LOON", missing = ["9999999,99"] },
        { name = "began_on", type = "date", header = "AANVANG", special = { "88888888" = "before the year" }, keep_reason = true },
        { name = "is_full_time", type = "boolean", header = "VOLTIJD", true = ["1", "J"], false = ["2", "N"] },
        { name = "city", type = "text", header = "STAD" },
        { name = "note", type = "text", header = "NOTE", required = false, keep_reason = true },
        { name = "old_code", type = "integer", header = { "..2009" = "OUD" } },
    ]"#;

#[test]
fn all_types_are_read_by_their_names_in_any_order_and_case() {
    let text = b"EXTRA;stad; voltijd ;AanVang;LOON;GebJaar2016;RINPERSOON\r\n\
        x;M\xfcnchen;1;20160229;-0012,50;1980;000000012\r\n\
        \"a;b\";;N; 88888888 ;,5;  ----;000000013\r\n\
        ;\x80 5;J;;9999999,99;;  7 \r\n";
    let (reading, outcome) = read_text(text, &codebook(ALL_TYPES)).unwrap();
    let row = |values: [&str; 11]| -> Row {
        values.iter().map(|value| (*value != "-").then(|| (*value).to_owned())).collect()
    };
    assert_eq!(reading.rejects, []);
    assert_eq!(
        reading.rows,
        [
            row([
                "000000012",
                "1980",
                "-",
                "-1250",
                "16860",
                "-",
                "true",
                "München",
                "-",
                "absent",
                "-"
            ]),
            row([
                "000000013",
                "-",
                "missing",
                "50",
                "-",
                "before the year",
                "false",
                "-",
                "-",
                "absent",
                "-"
            ]),
            row(["7", "-", "empty", "-", "-", "empty", "true", "€ 5", "-", "absent", "-"]),
        ]
    );
    assert!(outcome.warnings.is_empty());
}

#[test]
fn the_schema_follows_the_codebook() {
    let schema = raw_schema(&codebook(ALL_TYPES));
    let shown: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| format!("{} {} {}", field.name(), field.data_type(), field.is_nullable()))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    person_id Utf8 false
    birth_year Int64 true
    birth_year_reason Utf8 true
    wage_eur Decimal128(9, 2) true
    began_on Date32 true
    began_on_reason Utf8 true
    is_full_time Boolean true
    city Utf8 true
    note Utf8 true
    note_reason Utf8 true
    old_code Int64 true
    ");
}

#[test]
fn a_byte_order_mark_is_passed_over_and_packed_parts_are_one_text() {
    let (reading, _) = read_text("\u{feff}RINPERSOON;UREN\nä;1\n", &two_columns()).unwrap();
    assert_eq!(reading.rows, [some(&["ä", "1"])]);
    let members = [gzip(b"RINPERSOON;UREN\na;"), gzip(b"1\nb;2\n")].concat();
    let (reading, _) = read_as("file.csv.GZ", &members, &two_columns()).unwrap();
    assert_eq!(reading.rows, [some(&["a", "1"]), some(&["b", "2"])]);
    // A skippable frame in front, as parallel packers write it.
    let skipped = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7];
    let frames = [&skipped[..], &zstd(b"RINPERSOON;UREN\na;"), &zstd(b"1\nb;2\n")].concat();
    let (reading, _) = read_as("file.csv.Zst", &frames, &two_columns()).unwrap();
    assert_eq!(reading.rows, [some(&["a", "1"]), some(&["b", "2"])]);
}

#[test]
fn rows_stay_in_order_over_many_chunks_and_threads() {
    let mut text = "RINPERSOON;UREN\n".to_owned();
    for row in 0..20_000 {
        text.push_str(&format!("{row:09};{}\n", if row % 1000 == 999 { "x" } else { "1" }));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    std::fs::write(&path, &text).unwrap();
    for (threads, chunk_bytes) in [(1, 1 << 20), (2, 1000), (5, 4096)] {
        let limits = Limits { chunk_bytes, ..Limits::DEFAULT };
        let (reading, outcome) = read_path(&path, &two_columns(), threads, limits).unwrap();
        assert_eq!(outcome.counts.kept, 19_980);
        assert!(reading.rows.is_sorted());
        let lines: Vec<_> = reading.rejects.iter().map(|reject| reject.0).collect();
        assert_eq!(lines, (1..=20).map(|nth| nth * 1000 + 1).collect::<Vec<_>>());
    }
}

#[test]
fn line_ends_inside_quotes_are_a_switch() {
    let text = "RINPERSOON;UREN\n\"a\nb\";1\nc;2\nd;x\n";
    let (reading, _) = read_text(text, &two_columns()).unwrap();
    assert_eq!(reading.rows, [some(&["c", "2"])]);
    assert_eq!(reading.rejects.len(), 3);
    let mut codebook = two_columns();
    let format = delimited(&mut codebook);
    format.has_multiline_fields = true;
    let (reading, _) = read_text(text, &codebook).unwrap();
    assert_eq!(reading.rows, [some(&["a\nb", "1"]), some(&["c", "2"])]);
    assert_eq!(rules(&reading), [(5, Some("hour_count"), "not an integer")]);
}

#[test]
fn of_thousands_of_columns_those_of_the_codebook_are_kept() {
    let value = |row: usize, column: usize| row * 7_919 % (column + 1);
    let line = |cells: Vec<String>| cells.join(";") + "\n";
    let mut text = line((0..5_000).map(|column| format!("V{column}")).collect());
    for row in 0..300 {
        text += &line((0..5_000).map(|column| value(row, column).to_string()).collect());
    }
    let column = |column| format!("{{ name = \"v{column}\", type = \"integer\" }}");
    let codebook = codebook(&format!(
        "title = \"wide\"\nformat = {{ kind = \"delimited\", delimiter = \";\" }}\n\
         columns = [{}]",
        [4_999, 17, 2_500].map(column).join(", ")
    ));
    let (reading, outcome) = read_text(text, &codebook).unwrap();
    let row = |row| [4_999, 17, 2_500].map(|column| Some(value(row, column).to_string())).to_vec();
    assert_eq!(reading.rows, (0..300).map(row).collect::<Vec<_>>());
    assert_eq!(outcome.counts.rejected, 0);
}

#[test]
fn blanks_around_text_are_no_part_of_it_unless_the_codebook_says_so() {
    let read = |trim: &str| {
        let codebook = codebook(&format!(
            "title = \"x\"\nformat = {{ kind = \"delimited\", delimiter = \";\" }}\n\
             columns = [{{ name = \"code\", type = \"text\", missing = [\"9\"]{trim} }}, \
             {{ name = \"n\", type = \"integer\" }}]"
        ));
        let text = "code;n\n\"0001 \";1\n 0002;2\n\t0003\t;3\na  b;4\n   ;5\n\" 9\";6\n";
        let (reading, outcome) = read_text(text, &codebook).unwrap();
        assert_eq!(outcome.counts.kept, 6);
        reading.rows.into_iter().map(|row| row[0].clone()).collect::<Vec<_>>()
    };
    let values = |texts: [Option<&str>; 6]| texts.map(|text| text.map(str::to_owned)).to_vec();
    let trimmed = [Some("0001"), Some("0002"), Some("0003"), Some("a  b"), None, None];
    assert_eq!(read(""), values(trimmed));
    assert_eq!(read(", trim = true"), values(trimmed));
    let as_it_stands = [Some("0001 "), Some(" 0002"), Some("\t0003\t"), Some("a  b"), None, None];
    assert_eq!(read(", trim = false"), values(as_it_stands));
}

#[test]
fn integers_with_decimals_and_dates_with_hyphens_are_read() {
    let codebook = codebook(
        r#"
        title = "x"
        format = { kind = "delimited", delimiter = ";", decimal = "," }
        columns = [
            { name = "birth_year", type = "integer", missing = ["9999"] },
            { name = "hour_count", type = "integer", surplus_decimals = "round" },
            { name = "day", type = "date", format = "%Y-%m-%d", missing = ["9999-12-31"], special = { "8888" = "open" }, keep_reason = true },
        ]"#,
    );
    let text = "birth_year;hour_count;day\n1957,0;38,5;2016-02-29\n9999,00;-0,4;9999-12-31\n1957,5;1;\n;;2017-02-29\n;;20160229\n;;8888\n";
    let (reading, _) = read_text(text, &codebook).unwrap();
    let row = |cells: [Option<&str>; 4]| cells.map(|cell| cell.map(str::to_owned)).to_vec();
    assert_eq!(
        reading.rows,
        [
            row([Some("1957"), Some("39"), Some("16860"), None]),
            row([None, Some("0"), None, Some("missing")]),
            row([None, None, None, Some("open")]),
        ]
    );
    assert_eq!(
        rules(&reading),
        [
            (4, Some("birth_year"), "not an integer"),
            (5, Some("day"), "not a date"),
            (6, Some("day"), "not a date"),
        ]
    );
}
