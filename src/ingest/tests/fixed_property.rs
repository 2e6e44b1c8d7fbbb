//! Random records of fixed width, random damage, random bytes. The planted
//! records and the slow reader must both agree.

use proptest::collection::vec;
use proptest::prelude::*;

use super::cells::*;
use super::oracle::read_slowly;
use super::*;

const COLUMNS: &str = r#"
    columns = [
        { name = "began_on", type = "date", position = "1-9", special = { "88888888" = "before" }, keep_reason = true },
        { name = "amount_eur", type = "decimal(9,2)", position = "71-80", implied_decimals = 2, surplus_decimals = "round" },
        { name = "person_id", type = "text", position = { "..2015" = "1-6", "2016.." = "10-21" }, mandatory = true, missing = ["---------"] },
        { name = "hour_count", type = "integer", position = "22-43", missing = ["----", "999"] },
        { name = "first_digit", type = "text", position = "22" },
        { name = "wage_eur", type = "decimal(5,2)", position = "44-55", keep_reason = true, missing = ["-"] },
        { name = "rate", type = "decimal(3,1)", position = "56-63", surplus_decimals = "round" },
        { name = "is_open", type = "boolean", position = "64-65", keep_reason = true },
        { name = "note", type = "text", position = { "..2009" = "66-70" }, keep_reason = true },
    ]"#;
const WIDTH: usize = 80;

/// First character and width of each cell of a record.
const PLACES: [(usize, usize); 8] =
    [(0, 9), (9, 12), (21, 22), (43, 12), (55, 8), (63, 2), (65, 5), (70, 10)];

#[derive(Debug, Clone, Copy)]
struct Layout {
    is_utf8: bool,
    is_ragged: bool,
    has_mark: bool,
    skip_lines: usize,
    line_end: &'static str,
}

fn layout() -> impl Strategy<Value = Layout> {
    (any::<bool>(), any::<bool>(), any::<bool>(), 0..3usize, line_end()).prop_map(
        |(is_utf8, is_ragged, has_mark, skip_lines, line_end)| Layout {
            is_utf8,
            is_ragged,
            has_mark: has_mark && is_utf8,
            skip_lines,
            line_end,
        },
    )
}

impl Layout {
    fn codebook(&self, width: usize, columns: &str) -> Codebook {
        let encoding = if self.is_utf8 { "utf-8" } else { "latin-1" };
        codebook(&format!(
            "title = 'x'\nformat = {{ kind = 'fixed', width = {width}, decimal = ',', \
             encoding = '{encoding}', ragged = {}, skip_lines = {} }}\n{columns}",
            self.is_ragged, self.skip_lines
        ))
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        match self.is_utf8 {
            true => text.as_bytes().to_vec(),
            false => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        }
    }

    /// What stands before the records.
    fn beginning(&self) -> Vec<u8> {
        let mark: &[u8] = if self.has_mark { b"\xef\xbb\xbf" } else { b"" };
        let line = [b"no record", self.line_end.as_bytes()].concat();
        [mark, &line.repeat(self.skip_lines)].concat()
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Damage {
    None,
    /// Cut behind so many characters.
    Cut(usize),
    ExtraCharacter,
    NulByte,
    NotUtf8,
    /// Cell, column, text, rule.
    Value(usize, &'static str, &'static str, &'static str),
    EmptyLine,
}

fn damage() -> impl Strategy<Value = Damage> {
    let values = vec![
        Damage::Value(1, "person_id", "---------", "mandatory value missing"),
        Damage::Value(1, "person_id", "  ", "mandatory value missing"),
        Damage::Value(2, "hour_count", "1,5", "not an integer"),
        Damage::Value(2, "hour_count", "9223372036854775808", "integer too large"),
        Damage::Value(3, "wage_eur", "1.0", "not a decimal"),
        Damage::Value(3, "wage_eur", "1,001", "too many decimals"),
        Damage::Value(3, "wage_eur", "1000", "decimal too large"),
        Damage::Value(4, "rate", "-99,95", "decimal too large"),
        Damage::Value(0, "began_on", "20170229", "not a date"),
        Damage::Value(5, "is_open", "2", "not a boolean code"),
        Damage::Value(7, "amount_eur", "12 34", "not a decimal"),
    ];
    prop_oneof![
        6 => Just(Damage::None),
        1 => (1..WIDTH).prop_map(Damage::Cut),
        1 => prop::sample::select(vec![
            Damage::ExtraCharacter, Damage::NulByte, Damage::NotUtf8, Damage::EmptyLine,
        ]),
        3 => prop::sample::select(values),
    ]
}

/// Digits without a mark, or with one.
fn amount() -> impl Strategy<Value = Cell> {
    prop_oneof![
        3 => (-99_999_999..=999_999_999i64)
            .prop_map(|cents| cell(cents.to_string(), Some(&cents.to_string()))),
        1 => (0..99_999i64, 0..10u8).prop_map(|(whole, tenth)| {
            let cents = whole * 100 + i64::from(tenth) * 10;
            cell(format!("{whole},{tenth}"), Some(&cents.to_string()))
        }),
        1 => Just(cell("", None)),
    ]
}

#[derive(Debug, Clone)]
struct Record {
    cells: Vec<Cell>,
    /// Blanks stand in front of the value.
    is_right: Vec<bool>,
    damage: Damage,
}

fn record() -> impl Strategy<Value = Record> {
    let person = "[0-9a-zé€ ]{0,4}[a-z][0-9é;\" ]{0,4}";
    let person = person.prop_map(|text| cell(text.clone(), Some(text.trim())));
    let filler = "[0-9é ]{0,5}".prop_map(|text| (text, Vec::new()));
    let cells = (day(), person, hours(), wage(), rate(), is_open(), filler, amount());
    (cells, vec(any::<bool>(), 8), damage()).prop_map(|(cells, is_right, damage)| {
        let (day, person, hours, wage, rate, is_open, filler, amount) = cells;
        let cells = vec![day, person, hours, wage, rate, is_open, filler, amount];
        Record { cells, is_right, damage }
    })
}

impl Record {
    fn characters(&self) -> Vec<char> {
        let mut line = vec![' '; WIDTH];
        for (place, (start, width)) in PLACES.into_iter().enumerate() {
            let text = match self.damage {
                Damage::Value(damaged, _, text, _) if damaged == place => text,
                _ => self.cells[place].0.as_str(),
            };
            let count = text.chars().count();
            assert!(count <= width, "{text:?}");
            let behind = if self.is_right[place] { width - count } else { 0 };
            let target = line[start + behind..].iter_mut();
            target.zip(text.chars()).for_each(|(place, character)| *place = character);
        }
        line
    }

    fn bytes(&self, layout: Layout) -> Vec<u8> {
        let mut characters = self.characters();
        if self.damage == Damage::NulByte {
            characters[65] = '\0';
        }
        let mut line: String = characters.into_iter().collect();
        match self.damage {
            Damage::EmptyLine => line.clear(),
            Damage::Cut(count) => line = line.chars().take(count).collect(),
            Damage::ExtraCharacter => line.push('é'),
            Damage::NulByte => {}
            _ => {
                let trimmed = line.trim_end_matches(' ');
                if layout.is_ragged && !trimmed.is_empty() {
                    line.truncate(trimmed.len());
                }
            }
        }
        let mut bytes = layout.encode(&line);
        if self.damage == Damage::NotUtf8 {
            bytes.insert(0, 0xff);
        }
        bytes
    }

    /// The row that must come out, or the column and rule that reject it; nothing
    /// where only the slow reader knows.
    fn expected(&self, layout: Layout) -> Option<Result<Row, (Option<&str>, &str)>> {
        Some(match self.damage {
            Damage::None => {
                let value = |place: usize| self.cells[place].1.clone();
                let digit = self.characters()[21].to_string();
                let digit = (!digit.trim().is_empty()).then_some(digit);
                let row = [value(0), value(7), value(1), value(2), vec![digit]];
                let rest = [value(3), value(4), value(5), vec![None, Some("absent".to_owned())]];
                Ok(row.into_iter().chain(rest).flatten().collect())
            }
            // Of a ragged line the rest counts as blank.
            Damage::Cut(_) if layout.is_ragged => return None,
            Damage::Cut(_) => Err((None, "line too short")),
            Damage::ExtraCharacter => Err((None, "line too long")),
            Damage::NulByte => Err((None, "NUL byte")),
            Damage::NotUtf8 if layout.is_utf8 => Err((None, "not UTF-8")),
            // It is a letter of windows-1252, and shifts all others.
            Damage::NotUtf8 if layout.is_ragged => return None,
            Damage::NotUtf8 => Err((None, "line too long")),
            Damage::EmptyLine => Err((None, "empty line")),
            Damage::Value(_, column, _, rule) => Err((Some(column), rule)),
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kept_rows_of_fixed_width_are_exactly_the_undamaged_records(
        records in vec(record(), 1..60),
        layout in layout(),
        ends_with_line_end in any::<bool>(),
        packed in packed(),
        threads in 1..5usize,
        chunk_bytes in 1..600usize,
    ) {
        let codebook = layout.codebook(WIDTH, COLUMNS);
        let lines: Vec<_> = records.iter().map(|record| record.bytes(layout)).collect();
        let is_last_empty = lines.last().unwrap().is_empty();
        let mut file = layout.beginning();
        file.extend(lines.join(layout.line_end.as_bytes()));
        // An empty last line is no record, with or without a line end.
        if ends_with_line_end || is_last_empty {
            file.extend_from_slice(layout.line_end.as_bytes());
        }
        let counted = records.len() - usize::from(is_last_empty);
        let limits = Limits { chunk_bytes, ..Limits::DEFAULT };
        let reading = read_packed(&file, packed, &codebook, threads, limits).unwrap();
        prop_assert_eq!(reading.rows.len() + reading.rejects.len(), counted);

        let mut rows = reading.rows.iter();
        let mut rejects = rules(&reading).into_iter().peekable();
        for (line, record) in (1 + layout.skip_lines as i64..).zip(&records[..counted]) {
            let reject = rejects.next_if(|reject| reject.0 == line);
            let row = if reject.is_none() { rows.next() } else { None };
            match record.expected(layout) {
                Some(Ok(expected)) => prop_assert_eq!(row, Some(&expected)),
                Some(Err((column, rule))) => prop_assert_eq!(reject, Some((line, column, rule))),
                None => {}
            }
        }
        prop_assert_eq!(Some(reading), read_slowly(&file, &codebook, limits.record_bytes));
    }

    #[test]
    fn any_bytes_of_fixed_width_are_read_as_the_slow_reader_reads_them(
        pieces in vec(
            prop::sample::select(vec![
                "\n", "\n", "\0", "é", "\x1a", "€", "Ã©", "-", ",", " ", "0", "1", "7,25",
                "20160101", "20160101é 1\n", "        ab-5\n", "20160101ééé5\n", "20160101a \n",
            ]),
            0..120,
        ),
        stray in stray(),
        invalid_at in prop::option::of(0..200usize),
        layout in layout(),
        packed in packed(),
        threads in 1..4usize,
        chunk_bytes in 1..200usize,
        record_bytes in 20..120usize,
    ) {
        let codebook = layout.codebook(12, r#"columns = [
            { name = "day", type = "date", position = "1-8", keep_reason = true },
            { name = "note", type = "text", position = "8-10", mandatory = true },
            { name = "cents", type = "decimal(3,1)", position = "11-12", implied_decimals = 1 },
        ]"#);
        let mut body = layout.encode(&with_line_ends(&pieces, layout.line_end, stray));
        if let Some(at) = invalid_at && at < body.len() {
            body[at] = 0xe9;
        }
        // Something must be there.
        let file = [layout.beginning().as_slice(), b"x", layout.line_end.as_bytes(), &body].concat();
        let limits = Limits { chunk_bytes, record_bytes, ..Limits::DEFAULT };
        let reading = read_packed(&file, packed, &codebook, threads, limits);
        prop_assert_eq!(reading.ok(), read_slowly(&file, &codebook, limits.record_bytes));
    }
}
