//! Files that are as they should be: forms of values, formats, missing values.

use super::*;

const DATE: (u8, u8, u8) = (20, 11, 0);
const DATETIME: (u8, u8, u8) = (22, 20, 0);

/// Seconds since 14 October 1582 of 1 October 2018, 15:30.
const AFTERNOON: f64 = 13_757_787_000.0;

fn small() -> Sav {
    let age = Plan {
        label: "age at the reference day".to_owned(),
        format: (5, 3, 0),
        labels: vec![(Cell::Number(98.0), "refused".to_owned())],
        missing_range: Some((98.0, 99.0)),
        missing: vec![Cell::Number(-1.0)],
        ..Plan::number("Leeftijd")
    };
    let sector = Plan {
        labels: vec![(text("A"), "agriculture".to_owned())],
        missing: vec![text("x")],
        ..Plan::text("SECTOR", 4)
    };
    let long = Plan {
        labels: vec![(text("vermeld"), "as it says".to_owned())],
        missing: vec![text("geen")],
        ..Plan::text("OPMERKING", 300)
    };
    let case = |age, sector: &str, note: &str| vec![Cell::Number(age), text(sector), text(note)];
    let cases = vec![
        case(41.0, "A", "vermeld"),
        case(98.0, "x", "geen"),
        case(-1.0, "B", ""),
        vec![Cell::SystemMissing, text(""), text(&"n".repeat(300))],
        case(12.5, " C", "\u{20ac} 5 \u{e9}\u{e9}n"),
    ];
    Sav::new(vec![age, sector, long], cases)
}

const COLUMNS: &str = r#"
    { name = "age", header = "LEEFTIJD", type = "decimal(4,1)", keep_reason = true },
    { name = "sector_code", header = "sector", type = "text", keep_reason = true },
    { name = "note", header = "Opmerking", type = "text", keep_reason = true },"#;

fn expected() -> Vec<Row> {
    vec![
        some(&["41.0", "-", "A", "-", "vermeld", "-"]),
        some(&["-", "user-missing 98", "-", "user-missing x", "-", "user-missing geen"]),
        some(&["-", "user-missing -1", "B", "-", "-", "empty"]),
        some(&["-", "empty", "-", "empty", &"n".repeat(300), "-"]),
        some(&["12.5", "-", " C", "-", "\u{20ac} 5 \u{e9}\u{e9}n", "-"]),
    ]
}

#[test]
fn codes_of_the_codebook_are_values() {
    let columns = r#"
        { name = "age", header = "LEEFTIJD", type = "decimal(4,1)", keep_reason = true, missing = ["098.00", "12.50"], special = { "-1.0" = "before birth" } },
        { name = "sector_code", header = "sector", type = "text" },
        { name = "note", header = "Opmerking", type = "text" },"#;
    for user_missing in ["null", "value"] {
        let reading = read(&small().bytes(), &codebook(user_missing, columns)).unwrap();
        let ages: Vec<[Option<&str>; 2]> =
            reading.rows.iter().map(|row| [row[0].as_deref(), row[1].as_deref()]).collect();
        assert_eq!(
            ages,
            [
                [Some("41.0"), None],
                [None, Some("missing")],
                [None, Some("before birth")],
                [None, Some("empty")],
                [None, Some("missing")],
            ]
        );
    }
}

#[test]
fn every_compression_and_byte_order_gives_the_same_rows() {
    let codebook = codebook("null", COLUMNS);
    for (is_big_endian, compression) in [false, true].into_iter().zip([0, 1, 2]).chain([
        (true, 0),
        (false, 1),
        (false, 2),
        (true, 2),
    ]) {
        let sav = Sav { is_big_endian, compression, ..small() };
        let name = if compression == 2 { "file.zsav" } else { "file.sav" };
        let reading = read_as(name, &sav.bytes(), &codebook, 2, 1 << 20).unwrap();
        assert_eq!(reading.rows, expected(), "big endian {is_big_endian}, {compression}");
        assert_eq!(reading.outcome.warnings, [] as [&str; 0]);
    }
}

#[test]
fn user_missing_may_be_taken_as_values() {
    let reading = read(&small().bytes(), &codebook("value", COLUMNS)).unwrap();
    assert_eq!(reading.rows[1], some(&["98.0", "-", "x", "-", "geen", "-"]));
    assert_eq!(reading.rows[2], some(&["-1.0", "-", "B", "-", "-", "empty"]));
}

#[test]
fn codes_of_the_codebook_go_before_those_of_the_file() {
    let columns = r#"
        { name = "age", header = "LEEFTIJD", type = "integer", keep_reason = true,
          surplus_decimals = "round", special = { "98" = "would not say" }, missing = ["12.5"] },"#;
    let reading = read(&small().bytes(), &codebook("null", columns)).unwrap();
    assert_eq!(reading.rows[1], some(&["-", "would not say"]));
    assert_eq!(reading.rows[2], some(&["-", "user-missing -1"]));
    assert_eq!(reading.rows[4], some(&["-", "missing"]));
}

#[test]
fn a_mandatory_value_that_is_missing_in_any_way_rejects_the_case() {
    let columns = r#"
        { name = "age", header = "LEEFTIJD", type = "decimal(4,1)", mandatory = true },"#;
    let reading = read(&small().bytes(), &codebook("null", columns)).unwrap();
    assert_eq!(reading.rows, [some(&["41.0"]), some(&["12.5"])]);
    let rule = "mandatory value missing";
    let shown = [(2, "98;x;geen"), (3, "-1;B;")].map(|(case, text)| (case, text.to_owned()));
    let long = (4, format!(";;{}", "n".repeat(300)));
    let wanted: Vec<_> = shown
        .into_iter()
        .chain([long])
        .map(|(case, text)| (case, "age".to_owned(), rule.to_owned(), text))
        .collect();
    assert_eq!(reading.rejects, wanted);
}

#[test]
fn numbers_are_what_they_would_be_in_a_file_of_text() {
    let variables = vec![
        Plan { format: DATE, ..Plan::number("DAG") },
        Plan { format: DATETIME, ..Plan::number("MOMENT") },
        Plan { format: (16, 6, 0), ..Plan::number("GEMEENTE") },
        Plan::number("LOON"),
        Plan::number("VLAG"),
    ];
    let number = Cell::Number;
    let cases = vec![
        vec![
            number(AFTERNOON - 55_800.0),
            number(AFTERNOON),
            number(363.0),
            number(1234.5),
            number(1.0),
        ],
        vec![number(2e15), number(AFTERNOON), number(0.5), number(0.1 + 0.2), number(0.0)],
    ];
    let bytes = Sav::new(variables, cases).bytes();
    let columns = r#"
        { name = "day_text", header = "DAG", type = "text" },
        { name = "moment_text", header = "MOMENT", type = "text" },
        { name = "moment", type = "date" },
        { name = "seconds", header = "MOMENT", type = "integer" },
        { name = "gemeente", type = "text" },
        { name = "loon", type = "text" },
        { name = "wage_eur", header = "LOON", type = "decimal(9,2)", surplus_decimals = "round" },
        { name = "vlag", type = "boolean" },"#;
    let reading = read(&bytes, &codebook("null", columns)).unwrap();
    let first = ["20181001", "20181001", "2018-10-01", "13757787000", "000363", "1234.5"];
    assert_eq!(reading.rows[0], some(&[&first[..], &["1234.50", "true"]].concat()));
    let second = ["2000000000000000", "20181001", "2018-10-01", "13757787000", "0.5"];
    let rest = ["0.30000000000000004", "0.30", "false"];
    assert_eq!(reading.rows[1], some(&[&second[..], &rest].concat()));
    let column = r#"{ name = "day", header = "DAG", type = "date" },"#;
    let reading = read(&bytes, &codebook("null", column)).unwrap();
    assert_eq!(reading.rows, [some(&["2018-10-01"])]);
    assert_eq!(reading.rejects[0].2, "not a date");
    let column = r#"{ name = "wage_eur", header = "LOON", type = "integer" },"#;
    let reading = read(&bytes, &codebook("null", column)).unwrap();
    assert_eq!(reading.rejects[0].2, "not an integer");
}

#[test]
fn text_is_decoded_by_the_encoding_that_the_file_names() {
    for (encoding, code_page, bytes, wanted) in [
        (Some("windows-1252"), 1252, &b"caf\xe9 \x80"[..], "caf\u{e9} \u{20ac}"),
        (None, 1252, b"caf\xe9", "caf\u{e9}"),
        (None, 1250, b"\xb3\xf3d\x9f", "\u{142}\u{f3}d\u{17a}"),
        (Some("Shift_JIS"), 932, b"\x93\xfa\x96\x7b", "\u{65e5}\u{672c}"),
        (Some("KOI8-R"), 20866, b"\xcd\xc9\xd2", "\u{43c}\u{438}\u{440}"),
        (Some("UTF-8"), 65001, "na\u{ef}ef".as_bytes(), "na\u{ef}ef"),
    ] {
        let cases = vec![vec![Cell::Text(bytes.to_vec())]];
        let encoding = encoding.map(str::to_owned);
        let sav = Sav { encoding, code_page, ..Sav::new(vec![Plan::text("TEKST", 12)], cases) };
        let columns = r#"{ name = "tekst", type = "text" },"#;
        let reading = read(&sav.bytes(), &codebook("null", columns)).unwrap();
        assert_eq!(reading.rows, [some(&[wanted])], "{:?}", sav.encoding);
    }
}

#[test]
fn text_that_is_none_in_the_file_s_encoding_rejects_its_case() {
    let cases =
        [&b"good"[..], b"b\xffd", b"n\0l", b"nul\0\0"].map(|text| vec![Cell::Text(text.to_vec())]);
    let bytes = Sav::new(vec![Plan::text("TEKST", 8)], cases.to_vec()).bytes();
    let columns = r#"{ name = "tekst", type = "text" },"#;
    let reading = read(&bytes, &codebook("null", columns)).unwrap();
    assert_eq!(reading.rows, [some(&["good"]), some(&["nul"])], "NUL bytes may pad text");
    let rules: Vec<_> =
        reading.rejects.iter().map(|(case, _, rule, raw)| (*case, &**rule, &**raw)).collect();
    assert_eq!(rules, [(2, "not valid text", "b\u{fffd}d"), (3, "NUL byte", "n\0l")]);
}

#[test]
fn the_dictionary_says_what_the_file_says() {
    let mut sav = small();
    sav.has_other_records = true;
    sav.variables[0].missing_range = Some(((-f64::MAX).next_up(), 0.0));
    let reading = read(&sav.bytes(), &codebook("null", COLUMNS)).unwrap();
    let json = serde_json::to_value(&reading.outcome.dictionary).unwrap();
    insta::assert_snapshot!(format!("{json:#}"), @r#"
    {
      "format": "spss",
      "encoding": "utf-8",
      "label": "a file",
      "columns": [
        {
          "name": "Leeftijd",
          "label": "age at the reference day",
          "type": "number",
          "format": "F3.0",
          "codes": [
            {
              "code": "98",
              "label": "refused"
            }
          ],
          "user_missing": [
            {
              "from": null,
              "to": "0"
            },
            {
              "code": "-1"
            }
          ]
        },
        {
          "name": "SECTOR",
          "type": "text(4)",
          "format": "A4",
          "codes": [
            {
              "code": "A",
              "label": "agriculture"
            }
          ],
          "user_missing": [
            {
              "code": "x"
            }
          ]
        },
        {
          "name": "OPMERKING",
          "type": "text(300)",
          "format": "A300",
          "codes": [
            {
              "code": "vermeld",
              "label": "as it says"
            }
          ],
          "user_missing": [
            {
              "code": "geen"
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn the_layout_is_what_the_dictionary_declares() {
    let born = Plan { format: DATE, ..Plan::number("BORN") };
    let mut file = small();
    file.variables.push(born);
    file.cases.iter_mut().for_each(|case| case.push(Cell::SystemMissing));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.sav");
    std::fs::write(&path, file.bytes()).unwrap();
    let file =
        RawFile { path, name: "file.sav".to_owned(), year: None, part: None, version: Vec::new() };
    let (codebook, stop) = (codebook("null", COLUMNS), AtomicU8::new(0));
    let request = Request { file: &file, codebook: &codebook, threads: 1, stop: &stop };
    let columns = crate::ingest::read_layout(&request).unwrap().columns;
    let shown: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {} {:?}", column.name, column.kind, column.width))
        .collect();
    let wanted = [
        "Leeftijd number None",
        "SECTOR text Some(4)",
        "OPMERKING text Some(300)",
        "BORN date None",
    ];
    assert_eq!(shown, wanted);
}

#[test]
fn of_thousands_of_variables_those_of_the_codebook_are_kept() {
    let value = |case: usize, variable: usize| case * 7_919 % (variable + 1);
    let variables = (0..3_000).map(|variable| Plan::number(&format!("V{variable}"))).collect();
    let case = |case| (0..3_000).map(move |variable| Cell::Number(value(case, variable) as f64));
    let file = Sav::new(variables, (0..100).map(|number| case(number).collect()).collect());
    let column = |variable| format!("{{ name = \"v{variable}\", type = \"integer\" }},");
    let kept = [2_999, 17, 1_500];
    let reading = read(&file.bytes(), &codebook("null", &kept.map(column).concat())).unwrap();
    let row = |case| kept.map(|variable| Some(value(case, variable).to_string())).to_vec();
    assert_eq!(reading.rows, (0..100).map(row).collect::<Vec<_>>());
}

#[test]
fn a_file_holds_about_what_its_first_blocks_promise() {
    let cases = (0..60_000_u32).map(|case| {
        // Half of it is noise, which does not pack.
        let noise = f64::from(case.wrapping_mul(2_654_435_761)) / 3.0;
        vec![Cell::Number(noise), Cell::Number(7.25), text("the same in each case")]
    });
    let variables = vec![Plan::number("a"), Plan::number("b"), Plan::text("c", 40)];
    let sav =
        |compression| Sav { compression, ..Sav::new(variables.clone(), cases.clone().collect()) };
    let (plain, zsav) = (sav(1).bytes(), sav(2).bytes());
    assert!(zsav.len() * 3 < plain.len() && zsav.len() > 512 * 1024, "{}", zsav.len());
    let folder = tempfile::tempdir().unwrap();
    let likely = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        likely_bytes(&path, &codebook("null", r#"{ name = "a", type = "text" },"#).format)
    };
    let holds = |likely: u64| likely.abs_diff(plain.len() as u64) * 20 < plain.len() as u64;
    assert_eq!(likely("file.sav", &plain), plain.len() as u64);
    assert!(holds(likely("file.zsav", &zsav)));
    let packed = zstd::encode_all(zsav.as_slice(), 1).unwrap();
    assert!(holds(likely("file.zsav.zst", &packed)));
    // What is no whole file is for ingest to say.
    assert_eq!(likely("half.zsav", &zsav[..100]), 100);
    assert_eq!(likely("none.zsav", &zsav[..0]), 0);
}
