//! The layout of a raw file from its start: the columns that it has and, by a
//! bounded sample of its records, what their values look like.

use std::collections::BTreeMap;

use super::chunks::{Cutter, Limits};
use super::codes::Codes;
use super::delimited;
use super::fields::Fields;
use super::fixed;
use super::flow::Chunks;
use super::forms::{Form, count, form};
use super::text::each_record;
use super::{RawFile, Request, spss};
use crate::error::Result;
use crate::lake::FileColumn;
use crate::pipeline::codebook::{
    Codebook, Column, Delimited, Fixed, Format, Position, TextEncoding,
};
use crate::pipeline::layout::{FormCounts, Kind, Layout, LayoutColumn};
use crate::pipeline::told_names::folded;

/// Records looked at, of those that stand in the first chunk of the file.
const SAMPLE_RECORDS: usize = 5000;

/// Print formats of SPSS that show a day or a period.
const DATE_FORMATS: [&str; 10] =
    ["DATE", "DATETIME", "ADATE", "JDATE", "MOYR", "QYR", "WKYR", "EDATE", "SDATE", "YMDHMS"];

/// Reads the layout of a file. Of a first line only the names of the codebook
/// are in it, of others their length, and no value of the data.
///
/// # Errors
/// As of [`super::read`] for a file that cannot be opened or is not as its
/// codebook says; columns may be missing.
pub fn read_layout(request: &Request<'_>) -> Result<Layout> {
    match &request.codebook.format {
        Format::Delimited(format) => read_delimited(request, format),
        Format::Fixed(format) => read_fixed(request, format),
        Format::Spss(_) => {
            let dictionary = spss::read_dictionary(&request.file.path, request.stop)?;
            let columns = dictionary.columns.iter().map(declared).collect();
            Ok(Layout { record_width: None, columns })
        }
    }
}

fn read_delimited(request: &Request<'_>, format: &Delimited) -> Result<Layout> {
    let Request { file, codebook, .. } = *request;
    let (mut cutter, header) = delimited::begin(request, format, Limits::DEFAULT)?;
    let names = header.told(codebook, file);
    let known = names.iter().map(|name| known_column(name, file, codebook)).collect();
    let mut sample = Sample::new(known, format.encoding, format.decimal_mark);
    let mut fields = Fields::default();
    sampled(&mut cutter, |record| {
        let count = fields.split(record, format.delimiter, format.quote, usize::MAX);
        if count == Ok(names.len()) {
            sample.add((0..names.len()).map(|index| fields.get(record, index)));
        }
    })?;
    Ok(Layout { record_width: None, columns: sample.columns(names) })
}

/// The columns are the codebook's; what the file has of its own is the length
/// of its lines.
fn read_fixed(request: &Request<'_>, format: &Fixed) -> Result<Layout> {
    let Request { file, codebook, .. } = *request;
    let mut cutter = fixed::begin(request, format, Limits::DEFAULT)?;
    let placed = |column| Some((column, Column::position(column, file.year)?));
    let placed: Vec<(&Column, Position)> = codebook.columns.iter().filter_map(placed).collect();
    let known = placed.iter().map(|(column, _)| Some(*column)).collect();
    let mut sample = Sample::new(known, format.encoding, format.decimal_mark);
    let mut lengths: BTreeMap<usize, u64> = BTreeMap::new();
    let is_utf8 = format.encoding == TextEncoding::Utf8;
    sampled(&mut cutter, |record| {
        let starts: Vec<usize> = (0..=record.len())
            .filter(|at| !is_utf8 || record.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80))
            .collect();
        *lengths.entry(starts.len() - 1).or_default() += 1;
        let place = |at: u32| starts.get(at as usize).copied().unwrap_or(record.len());
        let value = |position: Position| place(position.first - 1)..place(position.last);
        let values = placed.iter().map(|(_, position)| record.get(value(*position)));
        sample.add(values.map(Option::unwrap_or_default));
    })?;
    let usual = lengths.into_iter().max_by_key(|(_, lines)| *lines);
    let record_width = usual.filter(|_| !format.is_ragged).map(|(length, _)| length as u64);
    let names = placed.iter().map(|(column, _)| column.name.clone()).collect();
    Ok(Layout { record_width, columns: sample.columns(names) })
}

/// Says whether a print format of SPSS shows days or periods.
pub(super) fn shows_days(format: &str) -> bool {
    let name = format.trim_end_matches(|end: char| end.is_ascii_digit() || end == '.');
    DATE_FORMATS.contains(&name)
}

/// A column as an SPSS dictionary declares it.
fn declared(column: &FileColumn) -> LayoutColumn {
    let text = column.kind.as_deref().and_then(|kind| kind.strip_prefix("text("));
    let width = text.and_then(|text| text.strip_suffix(')')?.parse().ok());
    let kind = match text {
        Some(_) => Kind::Text,
        None if column.format.as_deref().is_some_and(shows_days) => Kind::Date,
        None => Kind::Number,
    };
    LayoutColumn { name: column.name.clone(), kind, width }
}

/// Shows the first records of a file.
fn sampled(cutter: &mut Cutter<'_>, mut show: impl FnMut(&[u8])) -> Result<()> {
    let chunk = cutter.next_chunk()?.filter(|chunk| chunk.lost.is_none());
    if let Some(chunk) = &chunk {
        each_record(chunk).take(SAMPLE_RECORDS).for_each(|(_, record)| show(record));
    }
    Ok(())
}

/// The codebook's column that goes by this name in a file.
fn known_column<'a>(name: &str, file: &RawFile, codebook: &'a Codebook) -> Option<&'a Column> {
    let is_named = |column: &&Column| {
        let own = column.name_in_layout(file.year);
        own.is_some_and(|own| folded(&own) == folded(name))
    };
    codebook.columns.iter().find(is_named)
}

/// Looks of the values of each column.
struct Sample {
    decimal_mark: u8,
    counts: Vec<FormCounts>,
    /// The codebook's codes for each column of the file that it knows.
    codes: Vec<Option<Codes>>,
}

impl Sample {
    fn new(known: Vec<Option<&Column>>, encoding: TextEncoding, decimal_mark: u8) -> Self {
        let codes = |column: Option<&Column>| Some(Codes::new(column?, encoding, decimal_mark));
        let codes: Vec<Option<Codes>> = known.into_iter().map(codes).collect();
        Sample { decimal_mark, counts: vec![FormCounts::default(); codes.len()], codes }
    }

    fn add<'v>(&mut self, values: impl Iterator<Item = &'v [u8]>) {
        for ((counts, codes), value) in self.counts.iter_mut().zip(&self.codes).zip(values) {
            let value = value.trim_ascii();
            let is_code = codes.as_ref().is_some_and(|codes| codes.reason(value).is_some());
            let looks = if is_code { Form::Blank } else { form(value, self.decimal_mark) };
            count(counts, looks);
        }
    }

    fn columns(self, names: Vec<String>) -> Vec<LayoutColumn> {
        let column = |(name, counts): (String, FormCounts)| LayoutColumn {
            name,
            kind: counts.kind(),
            width: None,
        };
        names.into_iter().zip(self.counts).map(column).collect()
    }
}
