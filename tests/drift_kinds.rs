//! Columns whose values are of another kind than in the vintage before, and
//! records of another width: what stops a frozen source and what is noise.

use crate::drift::{events, freeze};
use crate::raw_form::Packing;
use crate::tiny_study::{CODEBOOK_FILE, TinyStudy, jobs};
use crate::workplace::stderr;

/// The value of a column by the number of its person.
type Values<'a> = &'a dyn Fn(usize) -> String;

/// What a frozen source says of a column of 2021 with these values, after the
/// hours of 2020; nothing where the run goes on.
fn retyped(before: Values<'_>, now: Values<'_>) -> Option<String> {
    let study = TinyStudy::new();
    freeze(&study);
    let codebook = std::fs::read_to_string(study.place.path(CODEBOOK_FILE)).unwrap();
    let column = "[[columns]]\nname = \"code\"\ntype = \"text\"\n";
    study.write(CODEBOOK_FILE, format!("{codebook}\n{column}"));
    let file = |value: Values<'_>| {
        let row = |person| format!("P{person:03};A;7;{}\n", value(person));
        "PERSON;SECTOR;HOURS;CODE\n".to_owned() + &(1..=100).map(row).collect::<String>()
    };
    study.write("raw/jobs2020V1.csv", file(before));
    study.write("raw/jobs2021V1.csv.gz", Packing::Gzip.pack(file(now).as_bytes()));
    let output = study.output("error", &["run"]);
    let said = stderr(&output);
    if output.status.success() {
        return None;
    }
    assert_eq!(output.status.code(), Some(5), "{said}");
    Some(said.lines().next().unwrap().split_once("V1.csv: ").unwrap().1.to_owned())
}

#[test]
fn a_clear_change_of_kind_is_one_and_noise_is_none() {
    let digits = |person: usize| format!("{}", person * 7);
    let letters = |person: usize| format!("A{person}");
    let decimals = |person: usize| format!("{person}.5");
    let days = |person: usize| format!("2016{:02}{:02}", 1 + person % 12, 1 + person % 28);
    assert_eq!(retyped(&digits, &letters).as_deref(), Some("retyped code (integer, now text)"));
    assert_eq!(retyped(&digits, &decimals).as_deref(), Some("retyped code (integer, now decimal)"));
    assert_eq!(retyped(&days, &digits).as_deref(), Some("retyped code (date, now integer)"));
    assert_eq!(retyped(&letters, &days).as_deref(), Some("retyped code (text, now date)"));
    let empty = |_: usize| String::new();
    let dashes =
        |person: usize| if person.is_multiple_of(2) { "----".to_owned() } else { digits(person) };
    let some_letters = |person: usize| if person < 30 { letters(person) } else { digits(person) };
    let some_decimals = |person: usize| if person < 30 { decimals(person) } else { digits(person) };
    let mostly_open =
        |person: usize| if person < 90 { "99999999".to_owned() } else { days(person) };
    for (before, now) in [
        (&digits as Values<'_>, &empty as Values<'_>),
        (&empty, &letters),
        (&digits, &dashes),
        (&digits, &some_letters),
        (&some_letters, &letters),
        (&digits, &some_decimals),
        (&some_decimals, &decimals),
        (&days, &mostly_open),
    ] {
        assert_eq!(retyped(before, now), None);
    }
}

#[test]
fn fixed_width_text_drifts_where_its_records_change_their_width_or_values() {
    let study = TinyStudy::new();
    freeze(&study);
    let columns = [
        ("person_id", "text", "1-4"),
        ("sector_code", "text", "6"),
        ("hour_count", "integer", "8-9"),
    ];
    let column = |(name, kind, position): (&str, &str, &str)| {
        format!("[[columns]]\nname = \"{name}\"\ntype = \"{kind}\"\nposition = \"{position}\"\n")
    };
    let columns: String = columns.into_iter().map(column).collect();
    let widths = "{ \"..2020\" = 9, \"2021..\" = 10 }";
    let format = format!("format = {{ kind = \"fixed\", width = {widths} }}\n");
    study.write(CODEBOOK_FILE, format!("title = \"Jobs\"\n{format}\n{columns}"));
    let lines = |end: &str| {
        let text = jobs(100).replace(';', " ");
        text.lines().skip(1).map(|line| format!("{line}{end}\n")).collect::<String>()
    };
    study.write("raw/jobs2020V1.txt", lines(""));
    study.write("raw/jobs2021V1.txt", lines("x"));
    study.succeed(&["run"]);
    assert!(events(&study, "drifted").is_empty(), "the codebook says the width");
    study.write("raw/jobs2021V2.txt", lines("xyz"));
    let digits = |letters: &str| letters.replace(" A ", " 1 ").replace(" B ", " 2 ");
    study.write("raw/jobs2020V2.txt", digits(&lines("")));
    insta::assert_snapshot!(study.fail(5, &["run"]), @"
    error: raw/jobs2020V2.txt: the source jobs is frozen, and its columns are not those of jobs2020V1.txt: retyped sector_code (text, now integer)
    raw/jobs2021V2.txt: the source jobs is frozen, and its columns are not those of jobs2021V1.txt: records of 12 characters, before 10
      hint: a column of another name or place goes into the codebook, under `header` or `position`; to take the files as they are: `honkvast run --accept-drift jobs`
    ");
}
