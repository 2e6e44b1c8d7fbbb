//! Writes to stdout: text, JSON, tables for people. A closed pipe ends the
//! output, not the program.

use std::io::{ErrorKind, Write};
use std::ops::ControlFlow;

use serde_json::Value;

use crate::error::{Error, Result};

/// Writes text to stdout as it is.
///
/// # Errors
/// [`Error::Output`] for anything but a closed pipe.
pub(super) fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes()).map(|_| ())
}

/// Writes bytes to stdout; breaks where nobody reads on.
///
/// # Errors
/// As [`print()`].
pub(super) fn print_bytes(bytes: &[u8]) -> Result<ControlFlow<()>> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(source) if source.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(source) => Err(Error::Output { source }),
    }
}

/// Writes a JSON value, indented.
///
/// # Errors
/// As [`print()`].
pub(super) fn print_json(value: &Value) -> Result<()> {
    print(&format!("{value:#}\n"))
}

/// Lines up rows of text under their header: numbers to the right.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    Alignment::of(rows).lines(rows)
}

/// The widths of the columns of a table for people, and which are of numbers.
pub(super) struct Alignment(Vec<(usize, bool)>);

impl Alignment {
    /// That of rows of text, of which the first is the header.
    pub(super) fn of(rows: &[Vec<String>]) -> Self {
        let columns = rows.first().map_or(0, Vec::len);
        let cells = |column: usize| rows.iter().map(move |row| row.get(column).map_or("", |c| c));
        let width = |column| cells(column).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let is_number = |column| {
            let mut values = cells(column).skip(1).filter(|value| !value.is_empty()).peekable();
            values.peek().is_some() && values.all(|value| value.parse::<f64>().is_ok())
        };
        Alignment((0..columns).map(|column| (width(column), is_number(column))).collect())
    }

    /// Rows of text as lines.
    pub(super) fn lines(&self, rows: &[Vec<String>]) -> String {
        let mut text = String::new();
        for row in rows {
            let cells = self.0.iter().enumerate().map(|(column, (width, is_number))| {
                let value = row.get(column).map_or("", |cell| cell);
                if *is_number { format!("{value:>width$}") } else { format!("{value:<width$}") }
            });
            text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_text_to_the_left() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = aligned(&[row(["sector", "n"]), row(["a", "5"]), row(["bcd", "123"])]);
        assert_eq!(text, "sector    n\na         5\nbcd     123\n");
    }
}
