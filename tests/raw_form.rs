//! The forms in which the tiny study's raw files can come: delimited or fixed
//! width, plain or packed.

use std::io::Write;

use crate::tiny_study::{CODEBOOK_FILE, TinyStudy};

/// Person, sector, hours and first day of one record.
pub(crate) type Record<'a> = [&'a str; 4];

/// Places of the fields in fixed width text: first character and width.
const PLACES: [(usize, usize); 4] = [(1, 9), (10, 4), (14, 20), (34, 8)];
const WIDTH: usize = 41;
const NAMES: [&str; 4] = ["PERSON", "SECTOR", "HOURS", "BEGAN"];

/// How a raw file is written and packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) is_fixed: bool,
    pub(crate) packing: Packing,
}

/// How a raw file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    pub(crate) const ALL: [Packing; 3] = [Packing::Plain, Packing::Gzip, Packing::Zstd];

    /// What a file's name ends in.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Packing::Plain => "",
            Packing::Gzip => ".gz",
            Packing::Zstd => ".zst",
        }
    }

    pub(crate) fn pack(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Packing::Plain => bytes.to_vec(),
            Packing::Gzip => {
                let level = flate2::Compression::fast();
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Packing::Zstd => {
                let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
                encoder.include_checksum(true).unwrap();
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
        }
    }
}

impl Form {
    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Form> {
        let packed = |is_fixed| Packing::ALL.map(|packing| Form { is_fixed, packing });
        packed(false).into_iter().chain(packed(true))
    }

    /// Name of a raw file in this form, in the raw folder.
    pub(crate) fn file(self, year: i32, version: u32) -> String {
        let kind = if self.is_fixed { "asc" } else { "csv" };
        format!("jobs{year}V{version}.{kind}{}", self.packing.ending())
    }

    /// The physical line of a record, both counted from one.
    pub(crate) fn line(self, record: usize) -> usize {
        record + usize::from(!self.is_fixed)
    }

    /// The line of a record, without its line end.
    pub(crate) fn record(self, record: Record<'_>) -> String {
        if !self.is_fixed {
            return record.join(";");
        }
        let fields = record.iter().zip(PLACES);
        fields.map(|(field, (_, width))| format!("{field:<width$}")).collect()
    }

    /// A file's text before it is packed.
    pub(crate) fn text<'a>(self, records: impl IntoIterator<Item = Record<'a>>) -> String {
        let records = records.into_iter().map(|record| self.record(record) + "\n");
        self.header() + &records.collect::<String>()
    }

    /// What stands before the records.
    pub(crate) fn header(self) -> String {
        if self.is_fixed { String::new() } else { NAMES.join(";") + "\n" }
    }

    /// Writes a packed file.
    pub(crate) fn write(self, study: &TinyStudy, year: i32, version: u32, text: &[u8]) {
        study.write(&format!("raw/{}", self.file(year, version)), self.packing.pack(text));
    }

    /// Writes the codebook in an encoding, and a hundred good persons for both
    /// years of the study.
    pub(crate) fn write_good_years(self, study: &TinyStudy, encoding: &str) {
        self.write_codebook(study, encoding);
        let text = self.text(borrowed(&good_records(100)));
        let text = match encoding {
            "utf-8" => text.into_bytes(),
            _ => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        };
        self.write(study, 2020, 1, &text);
        self.write(study, 2021, 1, &text);
    }

    /// Writes the codebook of such files.
    pub(crate) fn write_codebook(self, study: &TinyStudy, encoding: &str) {
        let format = match self.is_fixed {
            true => format!("kind = \"fixed\", width = {WIDTH}, encoding = \"{encoding}\""),
            false => format!("kind = \"delimited\", delimiter = \";\", encoding = \"{encoding}\""),
        };
        let place = |column: usize| match self.is_fixed {
            true => {
                let (first, width) = PLACES[column];
                format!("position = \"{first}-{}\"", first + width - 1)
            }
            false => format!("header = \"{}\"", NAMES[column]),
        };
        let columns = [
            ("person_id", "type = \"text\"\nmandatory = true"),
            ("sector_code", "type = \"text\""),
            ("hour_count", "type = \"integer\""),
            ("began_on", "type = \"date\""),
        ];
        let columns: String = columns
            .iter()
            .enumerate()
            .map(|(at, (name, more))| {
                format!("\n[[columns]]\nname = \"{name}\"\n{}\n{more}\n", place(at))
            })
            .collect();
        study.write(
            CODEBOOK_FILE,
            format!("title = \"Jobs\"\nformat = {{ {format}, last_line_end = false }}\n{columns}"),
        );
    }
}

/// So many good records: two sectors, days of 2020.
pub(crate) fn good_records(persons: usize) -> Vec<[String; 4]> {
    let record = |person: usize| {
        let day = format!("2020{:02}{:02}", 1 + person % 12, 1 + person % 28);
        let sector = ["A", "Zoë"][person % 2].to_owned();
        [format!("P{person:03}"), sector, (10 + person % 30).to_string(), day]
    };
    (1..=persons).map(record).collect()
}

/// The records as they are handed to [`Form::text`].
pub(crate) fn borrowed(records: &[[String; 4]]) -> impl Iterator<Item = Record<'_>> {
    records.iter().map(|record| record.each_ref().map(String::as_str))
}
