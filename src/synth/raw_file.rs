//! One delimited file under the output folder: cells are appended to a buffer
//! in memory, which goes to disk when it is large enough.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::calendar::{Day, date};
use crate::error::{IoContext, Result};

const FLUSH_AT_BYTES: usize = 1 << 18;

/// A file being written, with what went into it so far.
pub(super) struct RawFile {
    relative: PathBuf,
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    records: u64,
    bytes: u64,
}

impl RawFile {
    /// Creates the file and its folders below `out` and writes the header line.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn create(out: &Path, relative: impl Into<PathBuf>, header: &str) -> Result<Self> {
        let relative = relative.into();
        let path = out.join(&relative);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).at("create", folder)?;
        }
        let file = File::create(&path).at("create", &path)?;
        let mut buffer = Vec::with_capacity(FLUSH_AT_BYTES + 4096);
        buffer.extend_from_slice(header.as_bytes());
        buffer.push(b'\n');
        Ok(RawFile { relative, path, file, buffer, records: 0, bytes: 0 })
    }

    /// The buffer, for appending the cells of one record.
    pub(super) fn record(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Ends the record: its last delimiter becomes the end of the line.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn end_record(&mut self) -> Result<()> {
        if let Some(last) = self.buffer.last_mut() {
            *last = b'\n';
        }
        self.records += 1;
        if self.buffer.len() >= FLUSH_AT_BYTES { self.flush() } else { Ok(()) }
    }

    /// Appends one record of ready cells with a comma between them.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn comma_record(&mut self, cells: &[&str]) -> Result<()> {
        for cell in cells {
            self.buffer.extend_from_slice(cell.as_bytes());
            self.buffer.push(b',');
        }
        self.end_record()
    }

    /// Writes what is left; gives relative path, records and bytes.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn finish(mut self) -> Result<(PathBuf, u64, u64)> {
        self.flush()?;
        Ok((self.relative, self.records, self.bytes))
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.buffer).at("write", &self.path)?;
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// Ways to append one cell of a `;`-separated record, delimiter included.
pub(super) trait Cells {
    /// Text that needs no quotes.
    fn text(&mut self, text: &[u8]);
    /// A whole number that is not negative.
    fn number(&mut self, number: i64);
    /// A whole number with leading zeros up to `width` digits.
    fn padded(&mut self, number: u64, width: usize);
    /// Hundredths as a decimal with a comma and two decimals.
    fn decimal(&mut self, hundredths: i64);
    /// A day as YYYYMMDD.
    fn day(&mut self, day: Day);
}

impl Cells for Vec<u8> {
    fn text(&mut self, text: &[u8]) {
        self.extend_from_slice(text);
        self.push(b';');
    }

    fn number(&mut self, number: i64) {
        push_digits(self, number.unsigned_abs(), 1);
        self.push(b';');
    }

    fn padded(&mut self, number: u64, width: usize) {
        push_digits(self, number, width);
        self.push(b';');
    }

    fn decimal(&mut self, hundredths: i64) {
        let absolute = hundredths.unsigned_abs();
        if hundredths < 0 {
            self.push(b'-');
        }
        push_digits(self, absolute / 100, 1);
        self.push(b',');
        push_digits(self, absolute % 100, 2);
        self.push(b';');
    }

    fn day(&mut self, day: Day) {
        let (year, month, day_of_month) = date(day);
        let number = year * 10_000 + month * 100 + day_of_month;
        push_digits(self, u64::from(number.unsigned_abs()), 8);
        self.push(b';');
    }
}

fn push_digits(line: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while number > 0 {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    at = at.min(digits.len() - width);
    line.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_written_as_the_files_have_them() {
        let mut line: Vec<u8> = Vec::new();
        line.text(b"R");
        line.padded(1234, 9);
        line.number(0);
        line.number(605);
        line.decimal(123_405);
        line.decimal(-7);
        line.day(super::super::calendar::day(2016, 3, 1));
        assert_eq!(line, b"R;000001234;0;605;1234,05;-0,07;20160301;");
    }
}
