//! Writes what was found in a file as a codebook, with comments for people.

use std::fmt::Write;

use super::{ColumnDescription, Count, Description, FormatFound, PlaceFound};

/// A codebook to edit: valid as it stands, with what was found as comments.
pub fn draft(found: &Description) -> String {
    let mut text = String::new();
    let records = match found.is_sample {
        true => format!("the first {} records", found.records),
        false => format!("{} records", found.records),
    };
    comment(&mut text, &format!("Drafted from {records} of {}: a guess to correct.", found.file));
    comment(&mut text, "Codes stand here with the records that have them, no other values.");
    for warning in &found.warnings {
        comment(&mut text, &format!("WARNING: {warning}"));
    }
    for (rule, count) in &found.unfit {
        comment(&mut text, &format!("{count} records do not fit: {rule}"));
    }
    line(&mut text, "title", &quoted(&found.file));
    format(&mut text, &found.format);
    for column in &found.columns {
        describe(&mut text, column);
    }
    text
}

fn format(text: &mut String, format: &FormatFound) {
    text.push_str("\n[format]\n");
    line(text, "kind", &quoted(format.kind));
    if let Some(delimiter) = format.delimiter {
        line(text, "delimiter", &quoted(&delimiter.to_string()));
    }
    if let Some(quote) = format.quote.as_deref().filter(|quote| *quote != "\"") {
        line(text, "quote", &quoted(quote));
    }
    if format.multiline {
        line(text, "multiline", "true");
    }
    if format.lacks_last_line_end {
        line(text, "last_line_end", "false");
    }
    if format.header == Some(false) {
        line(text, "header", "false");
    }
    if format.ragged {
        line(text, "ragged", "true");
    }
    if let Some(width) = format.width {
        line(text, "width", &width.to_string());
    }
    if let Some(skip_lines) = format.skip_lines {
        line(text, "skip_lines", &skip_lines.to_string());
    }
    match &format.encoding {
        Some(encoding) if format.kind == "spss" => {
            comment(text, &format!("the file's own encoding: {encoding}"));
        }
        Some(encoding) => line(text, "encoding", &quoted(encoding)),
        None => {}
    }
    if format.has_byte_order_mark {
        comment(text, "it begins with a byte-order mark, which is passed over");
    }
    if let Some(decimal) = format.decimal {
        line(text, "decimal", &quoted(&decimal.to_string()));
    }
}

fn describe(text: &mut String, column: &ColumnDescription) {
    text.push_str("\n[[columns]]\n");
    line(text, "name", &quoted(&column.name));
    let label = column.label.as_deref().unwrap_or_default();
    line(text, "label", &quoted(label));
    if let Some(header) =
        column.header.as_ref().filter(|header| header.to_lowercase() != column.name)
    {
        line(text, "header", &quoted(header));
    }
    match &column.position {
        Some(PlaceFound::Characters(position)) => line(text, "position", &quoted(position)),
        Some(PlaceFound::Field(number)) => line(text, "position", &number.to_string()),
        None => {}
    }
    line(text, "type", &quoted(&column.kind));
    if let Some(format) = column.date_format {
        line(text, "format", &quoted(format));
    }
    if let Some(decimals) = column.implied_decimals {
        line(text, "implied_decimals", &decimals.to_string());
    }
    let list =
        |codes: &[String]| codes.iter().map(|code| quoted(code)).collect::<Vec<_>>().join(", ");
    if !column.missing.is_empty() {
        line(text, "missing", &format!("[{}]", list(&column.missing)));
    }
    if !column.special.is_empty() {
        let entry = |code: &String| format!("{} = \"to be described\"", quoted(code));
        let entries: Vec<String> = column.special.iter().map(entry).collect();
        line(text, "special", &format!("{{ {} }}", entries.join(", ")));
    }
    match column.blank {
        Some(Count::Exactly(0)) | None => {}
        Some(Count::Exactly(count)) => comment(text, &format!("blank: {count} records")),
        Some(Count::Few { fewer_than }) => {
            comment(text, &format!("blank: fewer than {fewer_than} records"));
        }
    }
    if !column.codes.is_empty() || column.other_codes.is_some() {
        comment(text, &format!("codes: {}", codes(column)));
    }
    for note in &column.notes {
        comment(text, note);
    }
    for suspicion in &column.suspicious {
        comment(text, &format!("SUSPICIOUS: {}: {} values", suspicion.kind, suspicion.count));
    }
}

fn codes(column: &ColumnDescription) -> String {
    let code = |code: &super::CodeCount| match &code.label {
        Some(label) => format!("{} {label} ({})", code.code, code.count),
        None => format!("{} ({})", code.code, code.count),
    };
    let other = column.other_codes.map(|count| match column.blank {
        None => format!("other codes and blank ({count} together)"),
        Some(_) => format!("other codes ({count} together)"),
    });
    column.codes.iter().map(code).chain(other).collect::<Vec<_>>().join(", ")
}

/// A comment on one line: line ends and control characters become blanks.
fn comment(text: &mut String, words: &str) {
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let words: String = words.chars().map(plain).collect();
    text.push_str(&format!("# {words}\n"));
}

fn line(text: &mut String, key: &str, value: &str) {
    text.push_str(&format!("{key} = {value}\n"));
}

/// A basic string of TOML.
fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            letter if letter.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04X}", u32::from(letter));
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}
