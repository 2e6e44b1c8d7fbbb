//! Missing and special codes: values in columns of numbers and dates, texts in
//! columns of text.

use super::*;

/// The first column of a file of one column, and the rules of its rejects.
fn read_column(kind: &str, fields: &[&str]) -> (Vec<String>, Vec<String>) {
    let codebook = codebook(&format!(
        r#"
        title = "x"
        reject_limit = 1
        format = {{ kind = "delimited", delimiter = ";", decimal = "," }}
        columns = [
            {{ name = "value", {kind}, keep_reason = true }},
            {{ name = "other", type = "text" }},
        ]"#
    ));
    let lines = fields.iter().map(|field| format!("{field};x\n"));
    let text = format!("value;other\n{}", lines.collect::<String>());
    let (reading, _) = read_text(text, &codebook).unwrap();
    let cell = |row: &Row| row[0].clone().or_else(|| row[1].clone()).unwrap();
    let rejects = rules(&reading).into_iter().map(|(_, _, rule)| rule.to_owned()).collect();
    (reading.rows.iter().map(cell).collect(), rejects)
}

#[test]
fn a_code_of_numbers_is_a_value_however_it_is_written() {
    let wage =
        r#"type = "decimal(12,2)", missing = ["99999", "-9"], special = { "88888,5" = "capped" }"#;
    let spellings = ["99999", "99999,00", "099999", "99999,0", "99999,", "+99999", " 0099999,000 "];
    let (values, rejects) = read_column(wage, &spellings);
    assert_eq!((values, rejects), (vec!["missing".to_owned(); spellings.len()], Vec::new()));
    let (values, _) =
        read_column(wage, &["-9", "-9,0", "-09,00", "88888,5", "88888,50", "088888,500"]);
    assert_eq!(values, ["missing", "missing", "missing", "capped", "capped", "capped"]);
    // Another value is no code, however near.
    let (values, rejects) = read_column(wage, &["99999,01", "9", "9999,9", "-99999", "99999,001"]);
    assert_eq!(values, ["9999901", "900", "999990", "-9999900"]);
    assert_eq!(rejects, ["too many decimals"]);
    // Nor is one that only rounding makes it.
    let rounded = r#"type = "decimal(12,2)", missing = ["99999"], surplus_decimals = "round""#;
    assert_eq!(read_column(rounded, &["99999,001", "99999,000"]).0, ["9999900", "missing"]);
}

#[test]
fn a_code_that_its_column_could_not_hold_is_one() {
    let small = r#"type = "decimal(5,2)", missing = ["9999999999", "0,12345"]"#;
    let (values, rejects) = read_column(small, &["9999999999,00", "09999999999", "0,123450", "1"]);
    assert_eq!(values, ["missing", "missing", "missing", "100"]);
    assert_eq!(rejects, Vec::<String>::new());
    let (_, rejects) = read_column(small, &["9999999998"]);
    assert_eq!(rejects, ["decimal too large"]);
    let whole = r#"type = "integer", missing = ["99"]"#;
    let (values, rejects) = read_column(whole, &["99", "099", "+99", "99,0", "990"]);
    assert_eq!(values, ["missing", "missing", "missing", "missing", "990"]);
    assert_eq!(rejects, Vec::<String>::new());
}

#[test]
fn a_code_of_dates_is_a_value_too() {
    let day = r#"type = "date", missing = ["0", "99999999"], special = { "20790606" = "open" }"#;
    let fields = ["0", "00000000", "99999999", "099999999", "20790606", "20160229"];
    let (values, rejects) = read_column(day, &fields);
    assert_eq!(values, ["missing", "missing", "missing", "missing", "open", "16860"]);
    assert_eq!(rejects, Vec::<String>::new());
}

#[test]
fn a_code_of_texts_is_a_text() {
    let code = r#"type = "text", missing = ["99", "--"]"#;
    let (values, _) = read_column(code, &["99", " 99 ", "099", "99,0", "--", "-"]);
    assert_eq!(values, ["missing", "missing", "099", "99,0", "missing", "-"]);
    let flag = r#"type = "boolean", true = ["1"], false = ["0"], missing = ["9"]"#;
    let (values, rejects) = read_column(flag, &["9", "1"]);
    assert_eq!(values, ["missing", "true"]);
    assert!(rejects.is_empty());
    let (_, rejects) = read_column(flag, &["09"]);
    assert_eq!(rejects, ["not a boolean code"]);
}

#[test]
fn a_code_in_fixed_width_text_is_read_as_a_field_there() {
    let codebook = codebook(
        r#"
        title = "x"
        format = { kind = "fixed", width = 8, decimal = "," }
        columns = [
            { name = "wage", type = "decimal(9,2)", position = "1-8", implied_decimals = 2, missing = ["99999"] },
        ]"#,
    );
    // With two implied decimals the code is 999.99.
    let text = "   99999\n00099999\n  999,99\n 99999,0\n   99998\n";
    let (reading, _) = read_text(text, &codebook).unwrap();
    let values: Vec<Option<String>> = reading.rows.iter().map(|row| row[0].clone()).collect();
    let read = |value: &str| Some(value.to_owned());
    assert_eq!(values, [None, None, None, read("9999900"), read("99998")]);
}
