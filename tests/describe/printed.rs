//! What `honkvast describe` prints: its findings as JSON, no rare value, the
//! columns that a layout places.

use super::{codebook, kept};
use crate::canary::{HEADER, MARKED, is_silent, plain};
use crate::raw_form::Packing;
use crate::workplace::{Workplace, stderr};

#[test]
fn findings_can_be_had_as_json_and_a_missing_file_is_an_error() {
    let place = Workplace::new();
    let row = |n: usize| {
        format!("{n};{};{}\n", ["A", "B", "C"][n % 3], if n == 7 { "KANARIE77" } else { "" })
    };
    let text = "id;sector;note\n".to_owned() + &(0..200).map(row).collect::<String>();
    std::fs::write(place.path("a.csv"), text).unwrap();
    let found = place.output(&["--log-level", "trace", "describe", "a.csv", "--json"]);
    assert!(found.status.success());
    let printed = String::from_utf8(found.stdout.clone()).unwrap();
    assert!(!printed.contains("KANARIE77") && !stderr(&found).contains("KANARIE77"));
    insta::assert_snapshot!(printed, @r#"
    {
      "file": "a.csv",
      "format": {
        "kind": "delimited",
        "encoding": "utf-8",
        "has_byte_order_mark": false,
        "delimiter": ";",
        "quote": "\"",
        "multiline": false,
        "lacks_last_line_end": false,
        "header": true,
        "decimal": ".",
        "ragged": false
      },
      "records": 200,
      "is_sample": false,
      "unfit": {},
      "warnings": [],
      "columns": [
        {
          "name": "id",
          "header": "id",
          "type": "integer",
          "blank": 0,
          "missing": [],
          "special": [],
          "codes": [],
          "notes": [],
          "suspicious": []
        },
        {
          "name": "sector",
          "header": "sector",
          "type": "text",
          "blank": 0,
          "missing": [],
          "special": [],
          "codes": [
            {
              "code": "A",
              "count": 67
            },
            {
              "code": "B",
              "count": 67
            },
            {
              "code": "C",
              "count": 66
            }
          ],
          "notes": [],
          "suspicious": []
        },
        {
          "name": "note",
          "header": "note",
          "type": "text",
          "blank": null,
          "missing": [],
          "special": [],
          "codes": [],
          "notes": [],
          "suspicious": []
        }
      ]
    }
    "#);
    insta::assert_snapshot!(place.fail(2, &["describe", "none.csv"]), @"error: there is no file none.csv");
    insta::assert_snapshot!(place.fail(2, &["describe", "a.csv", "--threshold", "0"]), @"
    error: invalid value '0' for '--threshold <N>': 0 is not in 1..18446744073709551615

    For more information, try '--help'.
    ");
}

#[test]
fn a_draft_shows_no_value_that_few_have() {
    let place = Workplace::new();
    let file = HEADER.to_owned() + &MARKED.repeat(2) + &plain(500);
    for (name, content) in [
        ("a.csv", file.clone().into_bytes()),
        ("a.csv.gz", Packing::Gzip.pack(file.as_bytes())),
        ("no_header.csv", (MARKED.to_owned() + &plain(500)).into_bytes()),
    ] {
        std::fs::write(place.path(name), content).unwrap();
        let output = place.output(&["--log-level", "trace", "describe", name]);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert!(memchr::memmem::find(&output.stdout, b"[[columns]]").is_some(), "{name}");
        is_silent(name, &output);
    }
}

#[test]
fn a_layout_says_where_columns_stand() {
    let place = Workplace::new();
    let row =
        |person: u32| format!("{person:04}{}{:05}\n", ["A", "B"][person as usize % 2], person * 25);
    let records: String = (1..=60).map(row).collect();
    std::fs::write(place.path("a.dat"), &records).unwrap();
    let variable = |name: &str, first: u32, last: u32, decimals: u32| {
        format!(
            "<var name=\"{name}\" dcml=\"{decimals}\"><location StartPos=\"{first}\" \
             EndPos=\"{last}\"/></var>"
        )
    };
    let variables =
        [variable("RIN", 1, 4, 0), variable("SECTOR", 5, 5, 0), variable("WAGE", 6, 10, 2)];
    let layout = format!("<codeBook><dataDscr>{}</dataDscr></codeBook>", variables.concat());
    std::fs::write(place.path("a.xml"), layout).unwrap();
    let draft = place.succeed(&["describe", "a.dat", "--layout", "a.xml"]);
    assert_eq!(kept(&place.path("a.dat"), &codebook(draft.clone())), 60);
    assert!(draft.contains("name = \"wage\"") && draft.contains("implied_decimals = 2"), "{draft}");
    std::fs::write(place.path("a.sps"), "data list file = 'a.dat' / RIN 1-4 (A).\n").unwrap();
    insta::assert_snapshot!(place.fail(2, &["describe", "a.dat", "--layout", "a.sps"]), @"
    error: a.sps:1:1: the layout is not well-formed XML
      hint: a layout is read from DDI Codebook (XML); those of SPSS (`data list`) and of SAS (`input`) are not
    ");
    insta::assert_snapshot!(place.fail(2, &["describe", "a.dat", "--layout", "b.xml"]), @"error: there is no file b.xml");
}
