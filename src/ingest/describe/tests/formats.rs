//! How files are written: delimiters, quotes, encodings, header lines, lines of
//! one length; types of columns.

use super::*;
use crate::ingest::describe::PlaceFound;

/// A file of fifty persons, its fields between these delimiters.
fn persons(delimiter: char) -> String {
    let row = |number: u32| {
        let fields = [
            format!("{number:06}"),
            format!("{}", 1950 + number),
            format!("{},{:02}", number * 37, number),
            format!("2016{:02}{:02}", 1 + number % 12, 1 + number % 28),
            ["A", "B"][number as usize % 2].to_owned(),
            if number.is_multiple_of(3) { "--".to_owned() } else { number.to_string() },
            String::new(),
            "caf\u{e9}".to_owned(),
        ];
        fields.join(&delimiter.to_string()) + "\n"
    };
    let names = ["Rin Persoon", "JAAR", "loon", "Datum", "SECT\u{c9}", "maand", "leeg", "_2tekst"];
    names.join(&delimiter.to_string()) + "\n" + &(1..=50).map(row).collect::<String>()
}

const TYPES: [&str; 8] = [
    "rin_persoon text",
    "jaar integer",
    "loon decimal(8,2)",
    "datum date",
    "secte text",
    "maand integer",
    "leeg text",
    "column_2tekst text",
];

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn windows(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

#[test]
fn delimiters_encodings_and_packings_are_found() {
    for delimiter in [';', '\t', '|'] {
        let text = persons(delimiter);
        let found = drafted("a.csv", text.as_bytes());
        assert_eq!(types(&found), TYPES, "{delimiter:?}");
        assert_eq!(found.format.delimiter, Some(delimiter));
        assert_eq!(found.format.encoding.as_deref(), Some("utf-8"));
        assert_eq!((found.format.decimal, found.format.header), (Some(','), Some(true)));
        assert_eq!(found.columns[5].missing, ["--"]);
        assert_eq!(found.columns[6].notes, ["no record has a value"]);
        assert_eq!(found.records, 50);
        let packed = crate::ingest::tests::gzip(text.as_bytes());
        assert_eq!(drafted("a.csv.gz", &packed).columns, found.columns);
        assert_eq!(drafted("a.csv.zst", &zstd(text.as_bytes())).columns, found.columns);
        let marked = drafted("a.csv", format!("\u{feff}{text}").as_bytes());
        assert!(marked.format.has_byte_order_mark && marked.columns == found.columns);
        let old = drafted("a.csv", &windows(&text));
        assert_eq!(old.format.encoding.as_deref(), Some("windows-1252"));
        assert_eq!(old.columns, found.columns);
        let lines = drafted("a.csv", text.replace('\n', "\r\n").as_bytes());
        assert_eq!(lines.columns, found.columns);
    }
    let points = persons(',').replace("\u{e9}", "e").replace("\u{c9}", "E");
    let text: String = points.lines().map(|line| line.replacen(",0", ".0", 0) + "\n").collect();
    let quoted =
        text.lines().map(|line| line.replace(',', "\",\"")).map(|line| format!("\"{line}\"\n"));
    // A decimal comma makes one field more than the header has.
    let found = look("a.csv", quoted.collect::<String>().as_bytes()).unwrap();
    assert_eq!(found.unfit.get("too many fields"), Some(&50));
}

#[test]
fn quotes_are_found_also_around_line_ends() {
    let row = |number: u32| format!("{number},\"Jan, {number}\",\"a\nb \"\"c\"\"\",1.5\n");
    let text = "id,name,note,pay\n".to_owned() + &(1..=40).map(row).collect::<String>();
    let found = drafted("a.csv", text.as_bytes());
    assert!(found.format.multiline);
    assert_eq!(types(&found), ["id integer", "name text", "note text", "pay decimal(4,1)"]);
    let apostrophes = "id;name\n".to_owned()
        + &(1..=40).map(|number| format!("{number};'de; {number}'\n")).collect::<String>();
    let found = drafted("a.csv", apostrophes.as_bytes());
    assert_eq!(found.format.quote.as_deref(), Some("'"));
    let inches = "id;size\n".to_owned()
        + &(1..=40).map(|number| format!("{number};{number}\" pipe\n")).collect::<String>();
    let found = drafted("a.csv", inches.as_bytes());
    assert_eq!(found.format.quote.as_deref(), Some(""), "stray quotes are no quotes");
    assert_eq!(suspicions(&found), ["size: quotes inside values: 40"]);
}

#[test]
fn a_first_line_that_may_hold_data_shows_nothing() {
    let rows =
        |prefix: &str| (1..=40).map(|n| format!("{prefix}{n};X{}\n", n * 7)).collect::<String>();
    let data = format!("{CANARY};Amsterdam\n{}", rows("P"));
    let numbers =
        format!("{CANARY};5\n{}", (1..=40).map(|n| format!("Jan{n};6\n")).collect::<String>());
    for text in [&data, &numbers.replace(";5", ";17"), &format!("1;{CANARY}\n{}", rows("2"))] {
        let found = drafted("a.csv", text.as_bytes());
        assert_eq!((found.format.header, found.records), (Some(false), 41), "{text}");
        assert_eq!(found.columns[0].name, "column_1");
        assert_eq!(found.columns[1].position, Some(PlaceFound::Field(2)));
        assert!(found.warnings[0].starts_with("the first line does not look like a header line"));
    }
    // Somebody who knows better may say so.
    let text = format!("name;place\n{}", rows("P"));
    assert_eq!(look("a.csv", text.as_bytes()).unwrap().format.header, Some(false));
    let found = look_with("a.csv", text.as_bytes(), |options| options.has_header = true).unwrap();
    assert_eq!(types(&found), ["name text", "place text"]);
}

#[test]
fn lines_of_one_length_get_positions_between_their_blanks() {
    let row = |n: u32| {
        format!(
            "{n:05} {:>4} {}  {:>6},{} \u{e9}\n",
            1900 + n,
            ["AB", "C "][n as usize % 2],
            n * 3,
            n % 10
        )
    };
    let text = (1..=60).map(row).collect::<String>();
    for (bytes, encoding) in [(text.as_bytes().to_vec(), "utf-8"), (windows(&text), "windows-1252")]
    {
        let found = drafted("a.txt", &bytes);
        assert_eq!((found.format.kind, found.format.width), ("fixed", Some(25)));
        assert_eq!(found.format.encoding.as_deref(), Some(encoding));
        let positions: Vec<_> = found.columns.iter().flat_map(|c| c.position.clone()).collect();
        let wanted = ["1-5", "7-10", "12-13", "19-23", "25"];
        assert_eq!(positions, wanted.map(|place| PlaceFound::Characters(place.to_owned())));
        let types: Vec<&str> = found.columns.iter().map(|column| column.kind.as_str()).collect();
        assert_eq!(types, ["text", "integer", "text", "decimal(6,1)", "text"]);
        assert!(found.warnings.iter().any(|warning| warning.ends_with("a guess")));
    }
    let titled = drafted("a.txt", format!("a title\n{text}").as_bytes());
    assert_eq!((titled.format.skip_lines, titled.records), (Some(1), 60));
}

#[test]
fn types_are_as_narrow_as_all_values_allow() {
    let values: [(&str, &[&str]); 12] = [
        ("integer", &["1", "-20", "+3"]),
        ("text", &["1", "007"]),
        ("text", &["1", "9999999999999999999"]),
        ("integer", &["0", "10", ""]),
        ("decimal(6,3)", &["1.5", "-2", "0.125"]),
        ("text", &["1.5", "1,5"]),
        ("date", &["20160101", "88888888", "20790606", ""]),
        ("integer", &["20160101", "20160231"]),
        ("integer", &["20160101", "5"]),
        ("text", &["1.234,50", "1.5"]),
        ("text", &["1", "x"]),
        ("integer", &["-", "5", "--", "."]),
    ];
    for (wanted, column) in values {
        let rows = column.iter().cycle().take(60).map(|value| format!("{value};7.25\n"));
        let text = "value;pay\n".to_owned() + &rows.collect::<String>();
        let found = drafted("a.csv", text.as_bytes());
        assert_eq!(found.columns[0].kind, wanted, "{column:?}");
    }
}

#[test]
fn what_looks_suspicious_is_counted_and_not_shown() {
    let mut rows: Vec<String> =
        (0..300).map(|n| format!("{n};2016010{};{}.5;{n}", 1 + n % 9, n)).collect();
    rows[0] = "1;20160231;7,5;a\u{1}KANARIE77".to_owned();
    rows[1] = "123456789012;20161301;8,5;b".to_owned();
    rows[2] = "2;20160101;1.234,5;c".to_owned();
    let text = "id;day;pay;note\n".to_owned() + &rows.join("\n") + "\nKANARIE77;1\n";
    let found = look("a.csv", text.as_bytes()).unwrap();
    assert_eq!(
        suspicions(&found),
        [
            "id: numbers far out of the rest: 1",
            "day: impossible dates: 2",
            "pay: the other decimal mark: 2",
            "pay: marks of thousands: 1",
            "pay: text among numbers: 1",
            "note: text among numbers: 3",
            "note: control characters: 1",
        ]
    );
    assert_eq!(found.unfit.get("too few fields"), Some(&1));
    assert!(!draft(&found).contains("20160231"));
}

#[test]
fn wrong_encodings_are_warned_of() {
    let doubled = encoding_rs::WINDOWS_1252.decode_without_bom_handling("caf\u{e9}".as_bytes()).0;
    let row = |n: u32| format!("{n};{doubled}\n");
    let text = "id;name\n".to_owned() + &(0..50).map(row).collect::<String>();
    let found = look("a.csv", text.as_bytes()).unwrap();
    assert!(found.warnings.iter().any(|warning| warning.contains("encoded twice")), "{found:?}");
    // Only behind the beginning it shows that a file is windows-1252.
    let rows = (0..200_000).map(|n| format!("{n};naam\n")).collect::<String>();
    let text = windows(&format!("id;name\n{rows}1;caf\u{e9}\n"));
    assert_eq!(drafted("a.csv", &text).format.encoding.as_deref(), Some("windows-1252"));
}

#[test]
fn threads_do_not_show_and_a_sample_is_one() {
    let text = persons(';') + &"000051;2001;1,00;20160101;A;1;;x\n".repeat(100_000);
    let one = look_with("a.csv", text.as_bytes(), |options| options.threads = 1).unwrap();
    let four = look_with("a.csv", text.as_bytes(), |options| options.threads = 4).unwrap();
    assert_eq!(one, four);
    assert_eq!(one.records, 100_050);
    let sample = look_with("a.csv", text.as_bytes(), |options| options.records = Some(70)).unwrap();
    assert_eq!((sample.records, sample.is_sample), (70, true));
    assert!(draft(&sample).starts_with("# Drafted from the first 70 records of a.csv"));
}

#[test]
fn names_that_cannot_stand_are_made_to() {
    let rows = "1;2;3;4;5;6\n".repeat(20);
    let text = format!("A b;a_b;A-B;dup;DUP;\n{rows}");
    let found = drafted("a.csv", text.as_bytes());
    assert_eq!(types(&found), ["a_b integer", "a_b_2 integer", "a_b_3 integer"]);
    assert!(found.warnings[0].starts_with("3 columns have no name, or one that stands twice"));
    let quoted = drafted(
        "a.csv",
        format!("\"He said \\\";n\n{}", "1;2\n".repeat(20)).replace('\\', "").as_bytes(),
    );
    assert_eq!(quoted.columns.len(), 2);
}

#[test]
fn what_is_no_text_is_refused() {
    assert_eq!(look("a.csv", b"").unwrap_err().exit_code(), 5);
    assert_eq!(look("a.csv", b"a;b\0\n1;2\n").unwrap_err().exit_code(), 5);
    assert_eq!(look("a.csv", b"\xff\xfea\0;\0").unwrap_err().exit_code(), 5);
    assert_eq!(look("a.sav", b"$FL2@(#) half").unwrap_err().exit_code(), 5);
}

#[test]
fn a_file_without_a_header_line_is_described_by_the_numbers_of_its_fields() {
    let line_ends = ["\n", "\r\n", "\r"];
    for (delimiter, line_end) in [';', '\t', '|'].into_iter().zip(line_ends) {
        let (_, records) =
            persons(delimiter).split_once('\n').map(|(h, r)| (h.to_owned(), r.to_owned())).unwrap();
        let found = drafted("a.csv", records.replace('\n', line_end).as_bytes());
        assert_eq!((found.format.header, found.records), (Some(false), 50));
        let kinds: Vec<&str> = found.columns.iter().map(|column| column.kind.as_str()).collect();
        let named: Vec<&str> = TYPES.iter().map(|named| named.split_once(' ').unwrap().1).collect();
        assert_eq!(kinds, named, "as with a header line");
        let places: Vec<_> = found.columns.iter().map(|column| column.position.clone()).collect();
        assert_eq!(places, (1..=8).map(|n| Some(PlaceFound::Field(n))).collect::<Vec<_>>());
    }
    // A first record with a stray quote.
    let rows: String = (1..=40).map(|n| format!("a{n}\" pipe;{n}\n")).collect();
    let found = drafted("a.csv", rows.as_bytes());
    assert_eq!((found.format.quote.as_deref(), found.records), (Some(""), 40));
}

#[test]
fn days_in_other_forms_and_exponents_are_known() {
    let row = |n: u32| {
        let (day, month) = (1 + n % 28, 1 + n % 12);
        [
            format!("{n}"),
            format!("2016-{month:02}-{day:02}"),
            format!("{day:02}-{month:02}-1999"),
            format!("{month:02}/{day:02}/2020"),
            if n == 7 { "-".to_owned() } else { format!("{day:02}.{month:02}.2020") },
            format!("{month:02}/{:02}/2020", 1 + n % 11),
            if n == 7 { "2016-02-30".to_owned() } else { format!("2016-{month:02}-{day:02}") },
            format!("{n}.5E+{}", n % 5),
            format!("e{n}"),
        ]
        .join(";")
            + "\n"
    };
    let header = "n;iso;dutch;american;german;either;broken;large;text\n";
    let text = header.to_owned() + &(1..=100).map(row).collect::<String>();
    let found = drafted("a.csv", text.as_bytes());
    let formats: Vec<_> = found.columns.iter().map(|column| column.date_format).collect();
    let [iso, dutch, american, german] = ["%Y-%m-%d", "%d-%m-%Y", "%m/%d/%Y", "%d.%m.%Y"].map(Some);
    assert_eq!(formats, [None, iso, dutch, american, german, None, None, None, None]);
    assert_eq!(found.columns[4].missing, ["-"]);
    let either = "days: `type = \"date\"` with `format = \"%d/%m/%Y\" or \"%m/%d/%Y\"`";
    assert_eq!(found.columns[5].notes, [either]);
    assert_eq!(types(&found)[5..], ["either text", "broken text", "large text", "text text"]);
    let told = "large: numbers with an exponent, which are read as text alone: 100";
    assert_eq!(suspicions(&found), [told]);
    let draft = draft(&found);
    assert!(draft.contains("type = \"date\"\nformat = \"%Y-%m-%d\"\n"), "{draft}");
    assert!(draft.contains("# SUSPICIOUS: numbers with an exponent"), "{draft}");
}
