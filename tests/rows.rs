//! Delimited text as rows of named cells, read in the plainest way.

use std::collections::BTreeMap;
use std::path::Path;

/// One row by the names of its columns.
pub(crate) type Row = BTreeMap<String, String>;

/// Rows of comma-separated text with a header; quotes as RFC 4180 has them.
pub(crate) fn rows(text: &str) -> Vec<Row> {
    let mut lines = records(text).into_iter();
    let header = lines.next().expect("a header");
    let row = |cells: Vec<String>| {
        assert_eq!(cells.len(), header.len(), "{cells:?}");
        header.iter().cloned().zip(cells).collect()
    };
    lines.map(row).collect()
}

/// Rows of a file of comma-separated text.
pub(crate) fn file_rows(path: &Path) -> Vec<Row> {
    rows(&std::fs::read_to_string(path).unwrap())
}

fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            other => cell.push(other),
        }
    }
    assert!(cell.is_empty() && record.is_empty(), "the text ends with a line feed");
    records
}

/// Sums of a count by the cells of some columns.
pub(crate) fn sums(rows: &[Row], by: &[&str], count: &str) -> BTreeMap<Vec<String>, i64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let key = by.iter().map(|column| row[*column].clone()).collect();
        *sums.entry(key).or_default() += row[count].parse::<i64>().unwrap();
    }
    sums
}

/// A raw file of semicolon-separated text without quotes, of which single
/// cells are read and changed; its bytes may be of any one-byte encoding.
pub(crate) struct RawText {
    lines: Vec<Vec<String>>,
}

impl RawText {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Self {
        Self::read_delimited(path, ';')
    }

    /// Reads a file with this delimiter.
    pub(crate) fn read_delimited(path: &Path, delimiter: char) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let text: String = bytes.into_iter().map(char::from).collect();
        assert!(!text.contains('"'), "quotes are not understood here");
        let cells = |line: &str| line.split(delimiter).map(str::to_owned).collect();
        RawText { lines: text.lines().map(cells).collect() }
    }

    /// Writes it, semicolon-separated, each line ended by a line feed.
    pub(crate) fn write(&self, path: &Path) {
        self.write_delimited(path, ";");
    }

    /// Writes it with this delimiter.
    pub(crate) fn write_delimited(&self, path: &Path, delimiter: &str) {
        let text: String =
            self.lines.iter().map(|line| format!("{}\n", line.join(delimiter))).collect();
        let byte = |character| u8::try_from(u32::from(character)).unwrap();
        std::fs::write(path, text.chars().map(byte).collect::<Vec<u8>>()).unwrap();
    }

    /// Numbers of the records.
    pub(crate) fn records(&self) -> std::ops::Range<usize> {
        1..self.lines.len()
    }

    /// A cell.
    pub(crate) fn cell(&self, record: usize, column: &str) -> &str {
        &self.lines[record][self.column(column)]
    }

    /// Puts another value into a cell.
    pub(crate) fn set(&mut self, record: usize, column: &str, value: &str) {
        let column = self.column(column);
        assert_ne!(self.lines[record][column], value, "that is no change");
        value.clone_into(&mut self.lines[record][column]);
    }

    /// Adds a record behind the others.
    pub(crate) fn add(&mut self, cells: &[&str]) {
        assert_eq!(cells.len(), self.lines[0].len());
        self.lines.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
    }

    fn column(&self, name: &str) -> usize {
        self.lines[0].iter().position(|column| column == name).unwrap()
    }
}
