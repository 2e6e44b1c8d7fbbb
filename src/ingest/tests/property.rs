//! Random records, random damage, random bytes; any chunk size, any number of
//! threads. The planted records and the slow reader must both agree.

use proptest::collection::vec;
use proptest::prelude::*;

use super::cells::*;
use super::oracle::read_slowly;
use super::*;
use crate::pipeline::codebook::{SurplusDecimals, TextEncoding};

const CODEBOOK: &str = r#"
    title = "random"
    format = { kind = "delimited", delimiter = ";", decimal = "," }
    columns = [
        { name = "began_on", type = "date", header = "DAG", special = { "88888888" = "before" }, keep_reason = true },
        { name = "person_id", type = "text", header = "RIN", mandatory = true, missing = ["---------"] },
        { name = "hour_count", type = "integer", header = "UREN", missing = ["----", "999"] },
        { name = "wage_eur", type = "decimal(5,2)", header = "LOON", keep_reason = true, missing = ["-"] },
        { name = "rate", type = "decimal(3,1)", header = "RENTE", surplus_decimals = "round" },
        { name = "is_open", type = "boolean", header = "OPEN", keep_reason = true },
        { name = "note", type = "text", header = "NOTE", required = false, keep_reason = true },
    ]"#;
const HEADER: [&str; 7] = ["RIN", "EXTRA", "UREN", "LOON", "OPEN", "DAG", "RENTE"];

fn planted_codebook(is_multiline: bool, encoding: TextEncoding) -> Codebook {
    let mut codebook = codebook(CODEBOOK);
    let format = delimited(&mut codebook);
    (format.has_multiline_fields, format.encoding) = (is_multiline, encoding);
    codebook
}

/// The same, of files without a header line. Random records may have few fields.
fn by_fields(mut codebook: Codebook) -> Codebook {
    delimited(&mut codebook).has_header = false;
    for column in &mut codebook.columns {
        let (years, header) = column.headers.remove(0);
        let place = HEADER.iter().position(|name| *name == header);
        // Behind the last one, where a file may have none.
        column.fields = vec![(years, place.unwrap_or(HEADER.len()) as u32 + 1)];
        column.is_required = false;
    }
    codebook
}

/// What is done to a record, and the rule that must find it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Damage {
    None,
    CutBehind(usize),
    ExtraField,
    NulByte,
    NotUtf8,
    OpenQuote,
    TextAfterQuote,
    StrayQuote,
    Value(usize, &'static str, &'static str, &'static str),
    EmptyLine,
}

fn damage() -> impl Strategy<Value = Damage> {
    let values = vec![
        Damage::Value(0, "person_id", "---------", "mandatory value missing"),
        Damage::Value(0, "person_id", "  ", "mandatory value missing"),
        Damage::Value(2, "hour_count", "1,5", "not an integer"),
        Damage::Value(2, "hour_count", "9223372036854775808", "integer too large"),
        Damage::Value(3, "wage_eur", "1.0", "not a decimal"),
        Damage::Value(3, "wage_eur", "1,001", "too many decimals"),
        Damage::Value(3, "wage_eur", "1000", "decimal too large"),
        Damage::Value(6, "rate", "-99,95", "decimal too large"),
        Damage::Value(5, "began_on", "20170229", "not a date"),
        Damage::Value(4, "is_open", "2", "not a boolean code"),
    ];
    prop_oneof![
        6 => Just(Damage::None),
        1 => (0..6usize).prop_map(Damage::CutBehind),
        1 => prop::sample::select(vec![
            Damage::ExtraField, Damage::NulByte, Damage::NotUtf8, Damage::OpenQuote,
            Damage::TextAfterQuote, Damage::StrayQuote, Damage::EmptyLine,
        ]),
        3 => prop::sample::select(values),
    ]
}

#[derive(Debug, Clone)]
struct Record {
    /// The fields in the order of the file.
    cells: Vec<Cell>,
    quoted: Vec<bool>,
    damage: Damage,
}

fn record() -> impl Strategy<Value = Record> {
    let person = "[0-9a-zé€ ]{0,4}[a-z\"][0-9 ;\"]{0,4}";
    let person = person.prop_map(|text| cell(text.clone(), Some(text.trim_matches(' '))));
    // A column that the codebook does not know.
    let extra = "[0-9;\"]{0,5}".prop_map(|text| (text, Vec::new()));
    let cells = (person, extra, hours(), wage(), is_open(), day(), rate());
    (cells, vec(any::<bool>(), 7), damage()).prop_map(|(cells, quoted, damage)| {
        let (person, extra, hours, wage, is_open, day, rate) = cells;
        Record { cells: vec![person, extra, hours, wage, is_open, day, rate], quoted, damage }
    })
}

impl Record {
    fn bytes(&self) -> Vec<u8> {
        if self.damage == Damage::EmptyLine {
            return Vec::new();
        }
        let text = |place: usize| -> String {
            let text = match self.damage {
                Damage::Value(damaged, _, text, _) if damaged == place => text,
                _ => self.cells[place].0.as_str(),
            };
            if self.quoted[place] || text.contains([';', '"']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let mut fields: Vec<String> = (0..self.cells.len()).map(text).collect();
        match self.damage {
            Damage::CutBehind(last) => fields.truncate(last + 1),
            Damage::ExtraField => fields.push("x".to_owned()),
            Damage::OpenQuote => fields[6] = "\"x".to_owned(),
            Damage::StrayQuote => fields[1] = "x\"y".to_owned(),
            Damage::TextAfterQuote => fields[6] = "\"x\"y".to_owned(),
            Damage::NulByte => fields[1] = "\0".to_owned(),
            _ => {}
        }
        let mut bytes = fields.join(";").into_bytes();
        if self.damage == Damage::NotUtf8 {
            bytes.insert(0, 0xff);
        }
        bytes
    }

    /// The row that must come out, or the column and rule that reject it.
    fn expected(&self) -> Result<Row, (Option<&str>, &str)> {
        match self.damage {
            Damage::None => {
                // In the codebook's order; the last column is in no file.
                let row =
                    [5, 0, 2, 3, 6, 4].into_iter().flat_map(|place| self.cells[place].1.clone());
                Ok(row.chain([None, Some("absent".to_owned())]).collect())
            }
            Damage::CutBehind(_) => Err((None, "too few fields")),
            Damage::ExtraField => Err((None, "too many fields")),
            Damage::NulByte => Err((None, "NUL byte")),
            Damage::NotUtf8 => Err((None, "not UTF-8")),
            Damage::OpenQuote => Err((None, "unclosed quote")),
            Damage::TextAfterQuote => Err((None, "text after quote")),
            Damage::StrayQuote => Err((None, "quote inside a field")),
            Damage::EmptyLine => Err((None, "empty line")),
            Damage::Value(_, column, _, rule) => Err((Some(column), rule)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kept_rows_are_exactly_the_undamaged_records(
        mut records in vec(record(), 1..60),
        line_end in line_end(),
        ends_with_line_end in any::<bool>(),
        has_header in any::<bool>(),
        packed in packed(),
        threads in 1..5usize,
        chunk_bytes in 1..600usize,
    ) {
        let mut codebook = planted_codebook(false, TextEncoding::Utf8);
        if !has_header {
            // The first record says how many fields there are.
            records[0].damage = Damage::None;
            codebook = by_fields(codebook);
        }
        let mut lines: Vec<Vec<u8>> = records.iter().map(Record::bytes).collect();
        if has_header {
            lines.insert(0, HEADER.join(";").into_bytes());
        }
        // An empty last line is no record, with or without a line end.
        let ends_with_line_end = ends_with_line_end || lines.last().unwrap().is_empty();
        let mut file = lines.join(line_end.as_bytes());
        if ends_with_line_end {
            file.extend_from_slice(line_end.as_bytes());
        }
        let counted = records.len() - usize::from(lines.last().unwrap().is_empty());
        let limits = Limits { chunk_bytes, ..Limits::DEFAULT };
        let reading = read_packed(&file, packed, &codebook, threads, limits).unwrap();

        prop_assert_eq!(reading.rows.len() + reading.rejects.len(), counted);
        let planted: Vec<_> = records[..counted].iter().map(Record::expected).collect();
        let undamaged: Vec<_> = planted.iter().filter_map(|row| row.clone().ok()).collect();
        prop_assert_eq!(&reading.rows, &undamaged);
        let damaged: Vec<_> = (1 + i64::from(has_header)..)
            .zip(&planted)
            .filter_map(|(line, row)| row.as_ref().err().map(|(column, rule)| (line, *column, *rule)))
            .collect();
        prop_assert_eq!(rules(&reading), damaged);
        prop_assert_eq!(reading, read_slowly(&file, &codebook, limits.record_bytes).unwrap());
    }

    #[test]
    fn any_bytes_are_read_as_the_slow_reader_reads_them(
        pieces in vec(
            prop::sample::select(vec![
                "\"", "\"\"", ";", ";\"", "\";\"", "\n", "\0", "é", "-", ",", " ", "\x1a0",
                "0", "1", "7,25", "3,000", "20160101", "88888888", "999", "a", "a;;1;1,5;1;20160101;1\n",
                "\"b\n;c\";x;;;0;;-2,55\n",
            ]),
            0..120,
        ),
        line_end in line_end(),
        stray in stray(),
        invalid_at in prop::option::of(0..200usize),
        is_multiline in any::<bool>(),
        is_trimmed in any::<bool>(),
        has_header in any::<bool>(),
        rounds in any::<bool>(),
        is_utf8 in any::<bool>(),
        packed in packed(),
        threads in 1..4usize,
        chunk_bytes in 1..200usize,
        record_bytes in 1..120usize,
    ) {
        let encoding = if is_utf8 { TextEncoding::Utf8 } else { TextEncoding::Windows1252 };
        let mut codebook = planted_codebook(is_multiline, encoding);
        codebook.columns[1].is_trimmed = is_trimmed;
        if rounds {
            codebook.columns[2].surplus_decimals = SurplusDecimals::Round;
        }
        if !has_header {
            codebook = by_fields(codebook);
        }
        let mut body = with_line_ends(&pieces, line_end, stray).into_bytes();
        if let Some(at) = invalid_at && at < body.len() {
            body[at] = 0xe9;
        }
        let header = [HEADER.join(";").as_bytes(), line_end.as_bytes()].concat();
        let file = if has_header { [header, body].concat() } else { body };
        // The header must fit.
        let limits = Limits { chunk_bytes, record_bytes: record_bytes + 40, ..Limits::DEFAULT };
        let reading = read_packed(&file, packed, &codebook, threads, limits);
        prop_assert_eq!(reading.ok(), read_slowly(&file, &codebook, limits.record_bytes));
    }
}
