//! Two vintages and what changed from the one to the other.

use super::*;
use crate::pipeline::toml_reader::DefinitionText;

fn layout(columns: &[&str]) -> Layout {
    let column =
        |name: &&str| LayoutColumn { name: (*name).to_owned(), kind: Kind::Text, width: None };
    Layout { record_width: None, columns: columns.iter().map(column).collect() }
}

/// What a codebook that knows `columns` says of two vintages whose names stand
/// in a dictionary.
fn drift(before: (i32, &[&str]), now: (i32, &[&str]), columns: &str) -> String {
    drift_of("{ kind = \"spss\" }", before, now, columns)
}

fn drift_of(format: &str, before: (i32, &[&str]), now: (i32, &[&str]), columns: &str) -> String {
    let text = format!("title = \"x\"\nformat = {format}\ncolumns = [{columns}]\n");
    let codebook = Codebook::read(&DefinitionText { file: "x.toml".into(), text }).unwrap();
    let layouts = (layout(before.1), layout(now.1));
    let before = Dated { year: Some(before.0), layout: &layouts.0 };
    let now = Dated { year: Some(now.0), layout: &layouts.1 };
    compare(before, now, &codebook).to_string()
}

#[test]
fn names_are_the_same_without_regard_to_case_order_and_their_own_year() {
    let known = "{ name = \"a\", type = \"text\" }";
    let columns: [(i32, &[&str]); 2] = [
        (2008, &["A", "SBI2008V2008", "x2008y2008", "Note"]),
        (2009, &["note", "x2009y2009", "a", "SBI2008V2009"]),
    ];
    assert_eq!(drift(columns[0], columns[1], known), "");
    assert_eq!(drift(columns[1], columns[0], known), "");
    let years: [(i32, &[&str]); 2] =
        [(2016, &["a", "base2016", "wage2016"]), (2017, &["a", "base2016", "wage2017"])];
    assert_eq!(drift(years[0], years[1], known), "");
    assert_eq!(
        drift((2016, &["a", "w2015"]), (2017, &["a", "w2014"]), known),
        "new w2014; lost w2015"
    );
}

#[test]
fn a_codebooks_names_of_vintages_are_one_column() {
    let known = "{ name = \"a\", type = \"text\", header = { \"..2009\" = \"OLD\", \"2010..\" = \"NEW\" } }";
    assert_eq!(drift((2009, &["old"]), (2010, &["New"]), known), "");
    assert_eq!(drift((2009, &["old"]), (2010, &["old"]), known), "", "late, and missed by ingest");
    assert_eq!(drift((2008, &["old"]), (2009, &["new"]), known), "new new; lost old");
    let ends = "{ name = \"a\", type = \"text\", header = { \"..2009\" = \"OLD\" } }, \
                { name = \"b\", type = \"text\", header = { \"2010..\" = \"NEW\" } }";
    assert_eq!(drift((2009, &["old"]), (2010, &["new"]), ends), "");
    assert_eq!(drift((2010, &["new"]), (2011, &["x"]), ends), "new x; lost new");
}

#[test]
fn of_a_first_line_only_names_of_the_codebook_are_told() {
    let drift = |before: &[&str], now: &[&str], columns: &str| {
        let format = "{ kind = \"delimited\", delimiter = \";\" }";
        drift_of(format, (2016, before), (2017, now), columns)
    };
    let known = "{ name = \"a\", type = \"text\" }";
    assert_eq!(drift(&["A", "note2016"], &["note2017", "a"], known), "");
    assert_eq!(
        drift(&["a", "Jansen"], &["a", "Pieterse"], known),
        "new [name of 8 characters]; lost [name of 6 characters]"
    );
    assert_eq!(
        drift(&["a", "x"], &["a", "1", "2", "3", "40"], known),
        "new [name of 1 characters] (2 times), [name of 2 characters]"
    );
    assert_eq!(drift(&["A", "b"], &["b"], known), "lost a");
    // A codebook that learned a name, or forgot one, is no change of files.
    let learned = "{ name = \"a\", type = \"text\" }, { name = \"bc\", type = \"text\" }";
    assert_eq!(drift(&["a", "[name of 2 characters]"], &["a", "BC"], learned), "");
    assert_eq!(drift(&["a", "bc"], &["a", "[name of 2 characters]"], known), "");
    // A name that the codebook knows is not any name of that length.
    assert_eq!(drift(&["a", "bc"], &["a", "xy"], learned), "new [name of 2 characters]; lost bc");
}

#[test]
fn widths_are_told_and_long_lists_are_cut() {
    let known = "{ name = \"a\", type = \"text\" }";
    let many: Vec<String> = (0..25).map(|number| format!("c{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let said = drift((2016, &[]), (2017, &many), known);
    assert!(said.ends_with("c18, c19 and 5 more"), "{said}");
    let (mut before, mut now) = (layout(&["a"]), layout(&["a"]));
    before.columns[0].width = Some(4);
    now.columns[0].width = Some(8);
    let text = "title = \"x\"\nformat = { kind = \"spss\" }\ncolumns = [{ name = \"a\", type = \"text\" }]\n";
    let text = DefinitionText { file: "x.toml".into(), text: text.to_owned() };
    let codebook = Codebook::read(&text).unwrap();
    let compared = |before: &Layout, now: &Layout| {
        let dated = [before, now].map(|layout| Dated { year: None, layout });
        compare(dated[0], dated[1], &codebook)
    };
    let drift = compared(&before, &now);
    assert!(drift.is_none());
    assert_eq!(drift.to_string(), "resized a (4 bytes, now 8)");
    now.columns[0].kind = Kind::Number;
    (before.record_width, now.record_width) = (Some(80), Some(84));
    let drift = compared(&before, &now);
    assert!(!drift.is_none());
    assert_eq!(
        drift.to_string(),
        "retyped a (text, now number); records of 84 characters, before 80"
    );
}
