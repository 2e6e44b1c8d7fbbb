//! Contiguous fixed width text by a layout of DDI.

use super::*;
use crate::ingest::describe::PlaceFound;
use crate::lake::UserMissing;

/// A codebook of DDI with these variables.
fn ddi(variables: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <codeBook xmlns=\"ddi:codebook:2_5\">\n<dataDscr>\n{variables}\n</dataDscr>\n</codeBook>\n"
    )
}

const VARIABLES: &str = r#"<var ID="YEAR" name="YEAR" files="F1" dcml="0">
  <location StartPos="1" EndPos="4" width="4"/><labl>Survey
    year</labl></var>
<var name="Serial" files="F1"><location StartPos="5" EndPos="10"/></var>
<var name="SEX" files="F1"><location StartPos="11" width="1"/><labl>Sex &amp; gender</labl>
  <catgry><catValu>1</catValu><labl>Male</labl></catgry>
  <catgry><catValu>2</catValu><labl>Female</labl></catgry>
  <catgry missing="Y"><catValu>9</catValu><labl>Unknown</labl></catgry></var>
<var name="WEIGHT" files="F1" dcml="2"><location StartPos="12" EndPos="17"/><labl>Weight</labl></var>
<var name="Town" files="F1"><location StartPos="18" EndPos="23"/></var>"#;

fn record(number: u32) -> String {
    let town = ["Assen ", "Zoé   "][number as usize % 2];
    format!("2016{number:06}{}{:06}{town}", 1 + number % 2, number * 7)
}

fn text(records: u32) -> String {
    (1..=records).map(|number| record(number) + "\n").collect()
}

/// Describes a text by a layout.
fn look_by(text: &[u8], layout: &str) -> Result<Description> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layout.xml");
    std::fs::write(&path, layout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.dat");
    std::fs::write(&file, text).unwrap();
    let stop = AtomicU8::new(0);
    describe(&file, &Options { layout: Some(&path), ..options(&stop) })
}

/// The same; the draft must read every record.
fn drafted_by(text: &[u8], layout: &str) -> Description {
    let found = look_by(text, layout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.dat");
    std::fs::write(&file, text).unwrap();
    assert_eq!(kept_by(&file, &draft(&found)), found.records, "{}", draft(&found));
    found
}

#[test]
fn contiguous_columns_stand_where_the_layout_says() {
    // Without it there is nothing to see but one column.
    assert_eq!(drafted("a.dat", text(100).as_bytes()).columns.len(), 1);
    let windows = encoding_rs::WINDOWS_1252.encode(&text(100)).0.into_owned();
    for text in [text(100).into_bytes(), text(100).replace('\n', "\r\n").into_bytes(), windows] {
        let found = drafted_by(&text, &ddi(VARIABLES));
        assert_eq!((found.records, found.format.width), (100, Some(23)));
        let names: Vec<String> = types(&found);
        let wanted =
            ["year integer", "serial text", "sex integer", "weight decimal(6,2)", "town text"];
        assert_eq!(names, wanted);
        let places: Vec<_> = found.columns.iter().map(|column| column.position.clone()).collect();
        let wanted = ["1-4", "5-10", "11", "12-17", "18-23"];
        assert_eq!(places, wanted.map(|place| Some(PlaceFound::Characters(place.to_owned()))));
        let labels: Vec<_> = found.columns.iter().map(|column| column.label.as_deref()).collect();
        assert_eq!(labels, [Some("Survey year"), None, Some("Sex & gender"), Some("Weight"), None]);
        assert_eq!(found.columns[3].implied_decimals, Some(2));
        let sex = &found.columns[2];
        let codes: Vec<_> =
            sex.codes.iter().map(|code| (code.code.as_str(), code.label.as_deref())).collect();
        assert_eq!(codes, [("1", Some("Male")), ("2", Some("Female"))]);
        assert_eq!(sex.notes, ["user-missing: 9", "value labels: 9 Unknown"]);
        assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    }
    let draft = draft(&drafted_by(text(100).as_bytes(), &ddi(VARIABLES)));
    let weight = "name = \"weight\"\nlabel = \"Weight\"\nposition = \"12-17\"\n\
                  type = \"decimal(6,2)\"\nimplied_decimals = 2\n";
    assert!(draft.contains(weight), "{draft}");
}

#[test]
fn lines_may_be_longer_than_the_layout_or_end_in_blanks_that_are_not_written() {
    let longer = text(40).replace('\n', "xy\n");
    let found = drafted_by(longer.as_bytes(), &ddi(VARIABLES));
    assert_eq!((found.format.width, found.format.ragged), (Some(25), false));
    let ragged: String = text(40).lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    let found = drafted_by(ragged.as_bytes(), &ddi(VARIABLES));
    assert_eq!((found.format.width, found.format.ragged), (Some(23), true));
    assert!(draft(&found).contains("ragged = true\nwidth = 23\n"));
    let plain = text(40).replace('é', "e");
    let short: String = plain.lines().map(|line| line[..20].to_owned() + "\n").collect();
    let error = look_by(short.as_bytes(), &ddi(VARIABLES)).unwrap_err();
    assert_eq!(error.exit_code(), 5);
    let said = "its lines have 20 characters, and the layout ends at 23";
    assert!(error.to_string().ends_with(said), "{error}");
}

#[test]
fn decimals_are_implied_for_digits_alone() {
    let layout = ddi("<var name=\"a\" dcml=\"2\"><location StartPos=\"1\" EndPos=\"5\"/></var>\
         <var name=\"b\" dcml=\"1\"><location StartPos=\"6\" EndPos=\"9\"/></var>\
         <var name=\"c\" dcml=\"3\"><location StartPos=\"10\" EndPos=\"11\"/></var>");
    let row = |n: u32| {
        let a = if n == 3 { "-----".to_owned() } else { format!("{:05}", n * 10) };
        format!("{a}{:>4.1}{:02}\n", f64::from(n) / 2.0, n % 7)
    };
    let text: String = (1..=60).map(row).collect();
    let found = drafted_by(text.as_bytes(), &layout);
    assert_eq!(types(&found), ["a decimal(5,2)", "b decimal(5,1)", "c decimal(3,3)"]);
    assert_eq!(found.columns[0].missing, ["-----"]);
    assert_eq!(found.columns[1].notes, ["the layout says 1 implied decimals"]);
}

#[test]
fn what_is_no_layout_is_one_error_with_its_line() {
    let said = |layout: &str| {
        let error = look_by(text(10).as_bytes(), layout).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
        let shown = error.to_string();
        let (_, behind) = shown.split_once("layout.xml").unwrap();
        match error.hint() {
            Some(hint) => format!("layout.xml{behind} | {hint}"),
            None => format!("layout.xml{behind}"),
        }
    };
    insta::assert_snapshot!(said("data list file = 'a.dat' / YEAR 1-4."), @"layout.xml:1:1: the layout is not well-formed XML | a layout is read from DDI Codebook (XML); those of SPSS (`data list`) and of SAS (`input`) are not");
    insta::assert_snapshot!(said("data x;\ninput @0001 Ano $4.;\n"), @"layout.xml:1:1: the layout is not well-formed XML | a layout is read from DDI Codebook (XML); those of SPSS (`data list`) and of SAS (`input`) are not");
    insta::assert_snapshot!(said("<codeBook>\n<var></codeBook>"), @"layout.xml:2:1: the layout is not well-formed XML | a layout is read from DDI Codebook (XML); those of SPSS (`data list`) and of SAS (`input`) are not");
    insta::assert_snapshot!(said("<DDIInstance/>"), @"layout.xml:1:1: the layout is not of DDI Codebook | a layout is read from DDI Codebook (XML); those of SPSS (`data list`) and of SAS (`input`) are not");
    insta::assert_snapshot!(said(&ddi("")), @"layout.xml:2:1: the layout has no variables | a layout is read from DDI Codebook (XML); those of SPSS (`data list`) and of SAS (`input`) are not");
    insta::assert_snapshot!(said(&ddi("<var><location StartPos=\"1\" EndPos=\"2\"/></var>")), @"layout.xml:4:1: the variable has no `name`");
    let of = |place: &str| said(&ddi(&format!("<var name=\"a\">{place}</var>")));
    insta::assert_snapshot!(of(""), @"layout.xml:4:1: the variable must have one `location` in fixed width text");
    insta::assert_snapshot!(of("<location/>"), @"layout.xml:4:15: `StartPos` with `EndPos` or `width` must say where the variable stands");
    insta::assert_snapshot!(of("<location StartPos=\"0\" EndPos=\"2\"/>"), @"layout.xml:4:15: `StartPos` must be a whole number from 1 on");
    insta::assert_snapshot!(of("<location StartPos=\"3\" EndPos=\"2\"/>"), @"layout.xml:4:15: `StartPos` with `EndPos` or `width` must say where the variable stands");
    insta::assert_snapshot!(of("<location StartPos=\"1\" EndPos=\"2\" width=\"3\"/>"), @"layout.xml:4:15: `StartPos` with `EndPos` or `width` must say where the variable stands");
    insta::assert_snapshot!(of("<location StartPos=\"1\" EndPos=\"2\" RecSegNo=\"2\"/>"), @"layout.xml:4:15: the variable stands in a further line of its record, which is not read");
    let two = "<var name=\"a\" files=\"F1\"><location StartPos=\"1\" EndPos=\"2\"/></var>\n\
               <var name=\"b\" files=\"F2\"><location StartPos=\"1\" EndPos=\"2\"/></var>";
    insta::assert_snapshot!(said(&ddi(two)), @"layout.xml:5:1: the layout has variables of several files; leave those of one");
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><codeBook>&b;</codeBook>";
    insta::assert_snapshot!(said(bomb), @"layout.xml:1:1: the layout has a document type (`<!DOCTYPE`), which is not read | take it out of the layout");
}

#[test]
fn codes_that_mean_no_value_are_told_apart() {
    let layout = ddi(VARIABLES);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layout.xml");
    std::fs::write(&path, layout).unwrap();
    let columns = crate::ingest::describe::ddi::read_layout(&path).unwrap();
    assert_eq!(columns[2].column.user_missing, [UserMissing::Code { code: "9".to_owned() }]);
}
