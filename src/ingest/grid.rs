//! The records of one chunk of delimited text, split into fields. Of a file with
//! thousands of columns only those up to the last wanted one are noted.

use std::borrow::Cow;

use super::chunks::Chunk;
use super::line_ends::LineEnd;
use super::rejects::Rule;
use super::text::{Place, Records};

/// Records of a chunk that have all their fields, and those that have not.
pub(crate) struct Grid<'c> {
    /// The chunk's bytes, or copies of its fields without their quotes.
    text: Cow<'c, [u8]>,
    /// Fields that a record must have.
    field_count: usize,
    /// Fields of each record that are noted, from the first.
    wanted: usize,
    /// For each record where its wanted fields begin, and where one more would:
    /// field `n` ends one byte before field `n + 1` begins.
    starts: Vec<u32>,
    /// The records, in order.
    records: Vec<Place>,
    /// Records that have no fields to speak of.
    refused: Vec<(Place, Rule)>,
}

impl<'c> Grid<'c> {
    /// A grid that is filled with [`Grid::add`].
    pub(crate) fn new(field_count: usize, wanted: usize) -> Self {
        Grid {
            text: Cow::Owned(Vec::new()),
            field_count,
            wanted,
            starts: Vec::new(),
            records: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Splits a chunk in which no quote stands and every line is a record.
    /// It must have so many fields, of which so many are wanted. Longer records
    /// than `record_bytes` are refused.
    pub(crate) fn split(
        chunk: &'c Chunk,
        delimiter: u8,
        counts: (usize, usize),
        record_bytes: usize,
    ) -> Self {
        // The byte sought is a constant in the loop over all bytes.
        match chunk.ends.line_end {
            LineEnd::Lf | LineEnd::CrLf => {
                Self::split_at::<b'\n'>(chunk, delimiter, counts, record_bytes)
            }
            LineEnd::Cr => Self::split_at::<b'\r'>(chunk, delimiter, counts, record_bytes),
        }
    }

    /// The same; `LAST` is the last byte of its line ends.
    fn split_at<const LAST: u8>(
        chunk: &'c Chunk,
        delimiter: u8,
        (field_count, wanted): (usize, usize),
        record_bytes: usize,
    ) -> Self {
        let bytes = chunk.bytes.as_slice();
        let lines = chunk.lines as usize;
        let mut grid = Grid {
            text: Cow::Borrowed(bytes),
            field_count,
            wanted,
            starts: Vec::with_capacity(lines.saturating_mul(wanted + 1).min(bytes.len() + 64)),
            records: Vec::with_capacity(lines),
            refused: Vec::new(),
        };
        let mut begun = Begun { line: chunk.first_line, start: 0, first: 0, fields: 0 };
        grid.starts.push(0);
        let length = chunk.ends.line_end.bytes().len();
        for_each_of_two(bytes, delimiter, LAST, |at, is_last| {
            begun.fields += 1;
            if begun.fields <= wanted {
                grid.starts.push(at as u32 + 1);
            }
            if is_last {
                grid.end_record(&mut begun, at + 1 - length, at + 1, record_bytes);
            }
        });
        if begun.start < bytes.len() {
            let end = bytes.len();
            begun.fields += 1;
            if begun.fields <= wanted {
                grid.starts.push(end as u32 + 1);
            }
            grid.end_record(&mut begun, end, bytes.len(), record_bytes);
        }
        grid
    }

    /// Ends the record whose last field's end has been noted.
    fn end_record(&mut self, begun: &mut Begun, end: usize, next: usize, record_bytes: usize) {
        let place = Place::new(begun.line, begun.start, end);
        let rule = if end == begun.start {
            Some(Rule::EmptyLine)
        } else if end - begun.start > record_bytes {
            Some(Rule::RecordTooLong)
        } else {
            field_count_rule(begun.fields, self.field_count)
        };
        match rule {
            None => {
                // The last field ends before a carriage return.
                if self.wanted == self.field_count
                    && let Some(last) = self.starts.last_mut()
                {
                    *last = end as u32 + 1;
                }
                self.records.push(place);
            }
            Some(rule) => {
                self.refused.push((place, rule));
                self.starts.truncate(begun.first);
            }
        }
        *begun = Begun { line: begun.line + 1, start: next, first: self.starts.len(), fields: 0 };
        self.starts.push(next as u32);
    }

    /// Adds a record by copies of its wanted fields where it has as many fields as
    /// it should, and by the rule that it breaks otherwise.
    pub(crate) fn add<'f>(
        &mut self,
        place: Place,
        count: Result<usize, Rule>,
        wanted: impl Iterator<Item = &'f [u8]>,
    ) {
        let rule = count.map_or_else(Some, |count| field_count_rule(count, self.field_count));
        if let Some(rule) = rule {
            self.refused.push((place, rule));
            return;
        }
        let text = self.text.to_mut();
        for field in wanted {
            self.starts.push(text.len() as u32);
            text.extend_from_slice(field);
            text.push(0);
        }
        self.starts.push(text.len() as u32);
        self.records.push(place);
    }
}

impl Records for Grid<'_> {
    fn text(&self) -> &[u8] {
        &self.text
    }

    fn whole(&self) -> &[Place] {
        &self.records
    }

    fn refused(&self) -> &[(Place, Rule)] {
        &self.refused
    }

    fn column(&self, field: usize) -> impl Iterator<Item = (usize, usize)> {
        let bounds = self.starts.chunks_exact(self.wanted + 1);
        bounds.map(move |starts| match starts.get(field..field + 2) {
            Some(&[start, next]) => (start as usize, next as usize - 1),
            _ => (0, 0),
        })
    }
}

/// A record of which fields are being found.
struct Begun {
    line: u64,
    start: usize,
    /// Where its first field stands in `starts`.
    first: usize,
    /// Its fields so far.
    fields: usize,
}

fn field_count_rule(fields: usize, wanted: usize) -> Option<Rule> {
    match fields.cmp(&wanted) {
        std::cmp::Ordering::Less => Some(Rule::TooFewFields),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(Rule::TooManyFields),
    }
}

/// Calls `found` with each place of one of two bytes, in order, and whether it is
/// the other one. Fields are short: eight bytes are compared at once, without a
/// call per field.
fn for_each_of_two(bytes: &[u8], one: u8, other: u8, mut found: impl FnMut(usize, bool)) {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let others = places_of(word, other);
        let mut places = places_of(word, one) | others;
        while places != 0 {
            let place = places.trailing_zeros();
            found(index * 8 + (place / 8) as usize, others >> place & 1 == 1);
            places &= places - 1;
        }
    }
    let behind = words.len() * 8;
    for (index, byte) in rest.iter().enumerate() {
        if *byte == one || *byte == other {
            found(behind + index, *byte == other);
        }
    }
}

/// Sets the high bit of each byte of a word that is the byte sought, and no other.
fn places_of(word: u64, sought: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let differs = word ^ (u64::from(sought) * 0x0101_0101_0101_0101);
    // No byte carries into the next: the high bits are set apart.
    !(((differs & LOW) + LOW) | differs | LOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_two_bytes_are_those_that_a_slow_look_finds() {
        let bytes: Vec<u8> =
            (0..4000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for (one, other) in [(b';', b'\n'), (0, 255), (128, 127), (1, 0)] {
            for end in [0, 1, 7, 8, 9, 3999] {
                let mut found = Vec::new();
                for_each_of_two(&bytes[..end], one, other, |at, is| found.push((at, is)));
                let is_sought = |at: &usize| bytes[*at] == one || bytes[*at] == other;
                let sought = (0..end).filter(is_sought).map(|at| (at, bytes[at] == other));
                assert_eq!(found, sought.collect::<Vec<_>>());
            }
        }
    }
}
