//! What a slice is made from, apart from its upstream slices: each ingredient
//! has a name that a reason can quote and a value that a change shows in.

use std::collections::BTreeMap;

use crate::pipeline::codebook::{
    Codebook, Column, ColumnType, Delimited, Fixed, Format, Spss, SurplusDecimals, TextEncoding,
    UserMissing,
};
use crate::pipeline::digest::{OUTPUT_VERSION, digest};
use crate::pipeline::study::{Model, Study};

/// The ingredient that says by which output version a slice is made.
pub const OUTPUT_VERSION_NAME: &str = "output version";

/// Ingredients by name.
pub type Ingredients = BTreeMap<String, String>;

/// A raw file as an ingredient.
#[derive(Debug, Clone)]
pub struct RawFileFacts {
    /// Its name below the raw folder.
    pub name: String,
    /// blake3 of its bytes, in hex.
    pub hash: String,
}

/// Ingredients of a raw slice read from these files, in the order of their names.
pub fn of_raw_files(
    codebook: &Codebook,
    year: Option<i32>,
    files: impl IntoIterator<Item = RawFileFacts>,
) -> Ingredients {
    let codebook = digest(&codebook_text(codebook, year));
    let mut ingredients = BTreeMap::from([output_version(), ("codebook".to_owned(), codebook)]);
    ingredients.extend(files.into_iter().map(|file| (file_name(&file.name), file.hash)));
    ingredients
}

/// The name of a raw file as an ingredient.
pub fn file_name(file: &str) -> String {
    format!("file {file}")
}

/// Ingredients of a code list.
pub fn of_codelist(text: &str) -> Ingredients {
    BTreeMap::from([output_version(), ("code list".to_owned(), digest(text))])
}

/// Ingredients of a model's slice.
pub fn of_model(study: &Study, model: &Model) -> Ingredients {
    let mut ingredients = BTreeMap::from([
        output_version(),
        (model.query.file(), digest(&model.query.tokens)),
        ("key".to_owned(), model.key.join(", ")),
    ]);
    for name in &model.query.parameters {
        if let Some(parameter) = study.parameters.get(name) {
            ingredients.insert(format!("parameter {name}"), parameter.literal());
        }
    }
    ingredients
}

fn output_version() -> (String, String) {
    (OUTPUT_VERSION_NAME.to_owned(), OUTPUT_VERSION.to_string())
}

/// Says whether ingredients differ in the output version and in nothing else.
pub fn differ_in_output_version_only(one: &Ingredients, other: &Ingredients) -> bool {
    let rest = |ingredients: &Ingredients| {
        let mut rest = ingredients.clone();
        (rest.remove(OUTPUT_VERSION_NAME), rest)
    };
    let ((one_version, one), (other_version, other)) = (rest(one), rest(other));
    one == other && one_version != other_version && one_version.is_some() && other_version.is_some()
}

/// The part of a codebook that decides what a file of the year becomes: titles
/// and labels do not, nor do names of other vintages. All fields are named here,
/// so that none is forgotten.
fn codebook_text(codebook: &Codebook, year: Option<i32>) -> String {
    let Codebook {
        title: _,
        format,
        columns,
        is_strict,
        reject_limit_ppm,
        provisional_versions: _,
    } = codebook;
    let mut text = format_text(format, year);
    text.push_str(&format!("|strict {is_strict}|rejects {reject_limit_ppm}"));
    for column in columns {
        text.push_str(&column_text(column, year));
        if !column.is_trimmed && matches!(format, Format::Delimited(_)) {
            text.push_str(" untrimmed");
        }
    }
    text
}

fn column_text(column: &Column, year: Option<i32>) -> String {
    let Column {
        name,
        label: _,
        // By `place_text`.
        headers: _,
        positions: _,
        fields: _,
        implied_decimals: _,
        kind,
        is_required,
        is_mandatory,
        missing,
        special,
        keeps_reason,
        surplus_decimals,
        date_format,
        // By `codebook_text`: of delimited text alone.
        is_trimmed: _,
    } = column;
    let kind = match kind {
        ColumnType::Text => "text".to_owned(),
        ColumnType::Integer => "integer".to_owned(),
        ColumnType::Decimal { precision, scale } => format!("decimal {precision} {scale}"),
        ColumnType::Date => "date".to_owned(),
        ColumnType::Boolean { true_codes, false_codes } => {
            format!("boolean {true_codes:?} {false_codes:?}")
        }
    };
    let surplus = match surplus_decimals {
        SurplusDecimals::Reject => "reject",
        SurplusDecimals::Round => "round",
    };
    let place = place_text(column, year);
    let mut text = format!(
        "\n{name} {place} {kind} required {is_required} mandatory {is_mandatory} \
         missing {missing:?} special {special:?} reason {keeps_reason} {surplus}"
    );
    // Named only where it is not what is done without it, as the format's.
    if let Some(format) = date_format {
        text.push_str(&format!(" days {format:?}"));
    }
    text
}

/// Where a column stands in the files of the year.
fn place_text(column: &Column, year: Option<i32>) -> String {
    match (column.position(year), column.field(year)) {
        (Some(position), _) => format!(
            "position {}-{} implied {}",
            position.first, position.last, column.implied_decimals
        ),
        (None, Some(field)) => format!("field {field}"),
        (None, None) => format!("{:?}", column.header(year)),
    }
}

fn format_text(format: &Format, year: Option<i32>) -> String {
    match format {
        Format::Delimited(format) => delimited_text(format),
        Format::Fixed(format) => fixed_text(format, year),
        Format::Spss(Spss { user_missing: UserMissing::Null }) => {
            "spss user missing null".to_owned()
        }
        Format::Spss(Spss { user_missing: UserMissing::Value }) => {
            "spss user missing value".to_owned()
        }
    }
}

fn delimited_text(format: &Delimited) -> String {
    let Delimited {
        has_header,
        delimiter,
        quote,
        has_multiline_fields,
        needs_last_line_end,
        encoding,
        decimal_mark,
    } = format;
    let encoding = encoding_text(*encoding);
    let text = format!(
        "delimited {delimiter} quote {quote:?} multiline {has_multiline_fields} {encoding} \
         decimal {decimal_mark}"
    );
    let header = if *has_header { "" } else { " no header" };
    text + header + last_line_end_text(*needs_last_line_end)
}

fn fixed_text(format: &Fixed, year: Option<i32>) -> String {
    let Fixed { widths: _, is_ragged, skip_lines, needs_last_line_end, encoding, decimal_mark } =
        format;
    let (width, encoding) = (format.width(year), encoding_text(*encoding));
    let text = format!(
        "fixed {width:?} ragged {is_ragged} skip {skip_lines} {encoding} decimal {decimal_mark}"
    );
    text + last_line_end_text(*needs_last_line_end)
}

fn last_line_end_text(needs_last_line_end: bool) -> &'static str {
    if needs_last_line_end { "" } else { " open last line" }
}

fn encoding_text(encoding: TextEncoding) -> &'static str {
    match encoding {
        TextEncoding::Utf8 => "utf-8",
        TextEncoding::Windows1252 => "windows-1252",
    }
}

/// The fingerprint of the ingredients alone, 16 hexadecimal digits.
pub fn own_fingerprint(ingredients: &Ingredients) -> String {
    let text: Vec<String> =
        ingredients.iter().map(|(name, value)| format!("{name}={value}")).collect();
    digest(&text.join("\n"))[..16].to_owned()
}
