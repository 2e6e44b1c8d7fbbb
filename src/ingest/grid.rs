//! The records of one chunk, split into fields: where they lie in the text,
//! nothing of what they mean. Types are read from it column by column.

use std::borrow::Cow;

use super::chunks::Chunk;
use super::fields::without_line_end;
use super::rejects::Rule;

/// Records of a chunk that have all their fields, and those that have not.
pub(crate) struct Grid<'c> {
    /// The chunk's bytes, or copies of its fields without their quotes.
    text: Cow<'c, [u8]>,
    field_count: usize,
    /// For each record where its fields begin, and where one more would: field
    /// `n` ends one byte before field `n + 1` begins.
    starts: Vec<u32>,
    /// The records, in order.
    pub(crate) records: Vec<Place>,
    /// Records that have no fields to speak of.
    pub(crate) refused: Vec<(Place, Rule)>,
}

/// Where a record lies in its chunk, without its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Physical line at which it begins, counted from one.
    pub(crate) line: u64,
    start: u32,
    end: u32,
}

impl Place {
    /// A record of a chunk; chunks are far smaller than what 32 bits count.
    pub(crate) fn new(line: u64, start: usize, end: usize) -> Self {
        Place { line, start: start as u32, end: end as u32 }
    }

    /// The record's bytes.
    pub(crate) fn bytes(self, chunk: &Chunk) -> &[u8] {
        chunk.bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl<'c> Grid<'c> {
    /// A grid that is filled with [`Grid::add`].
    pub(crate) fn new(field_count: usize) -> Self {
        Grid {
            text: Cow::Owned(Vec::new()),
            field_count,
            starts: Vec::new(),
            records: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Splits a chunk in which no quote stands and every line is a record.
    /// Longer records than `record_bytes` are refused.
    pub(crate) fn split(
        chunk: &'c Chunk,
        delimiter: u8,
        field_count: usize,
        record_bytes: usize,
    ) -> Self {
        let bytes = chunk.bytes.as_slice();
        let lines = chunk.lines as usize;
        let mut grid = Grid {
            text: Cow::Borrowed(bytes),
            field_count,
            starts: Vec::with_capacity(lines.saturating_mul(field_count + 1).min(bytes.len() + 64)),
            records: Vec::with_capacity(lines),
            refused: Vec::new(),
        };
        let mut begun = Begun { line: chunk.first_line, start: 0, first: 0 };
        grid.starts.push(0);
        for_each_of_two(bytes, delimiter, b'\n', |at| {
            grid.starts.push(at as u32 + 1);
            if bytes.get(at) == Some(&b'\n') {
                let has_return = at > begun.start && bytes.get(at - 1) == Some(&b'\r');
                grid.end_record(&mut begun, at - usize::from(has_return), at + 1, record_bytes);
            }
        });
        if begun.start < bytes.len() {
            let end = begun.start + without_line_end(&bytes[begun.start..]).len();
            grid.starts.push(end as u32 + 1);
            grid.end_record(&mut begun, end, bytes.len(), record_bytes);
        }
        grid
    }

    /// Ends the record whose last field's end has been noted.
    fn end_record(&mut self, begun: &mut Begun, end: usize, next: usize, record_bytes: usize) {
        let place = Place::new(begun.line, begun.start, end);
        let fields = self.starts.len() - begun.first - 1;
        let rule = if end == begun.start {
            Some(Rule::EmptyLine)
        } else if end - begun.start > record_bytes {
            Some(Rule::RecordTooLong)
        } else {
            field_count_rule(fields, self.field_count)
        };
        match rule {
            None => {
                if let Some(last) = self.starts.last_mut() {
                    *last = end as u32 + 1;
                }
                self.records.push(place);
            }
            Some(rule) => {
                self.refused.push((place, rule));
                self.starts.truncate(begun.first);
            }
        }
        *begun = Begun { line: begun.line + 1, start: next, first: self.starts.len() };
        self.starts.push(next as u32);
    }

    /// Adds a record by copies of its fields, or says what they break.
    pub(crate) fn add<'f>(
        &mut self,
        place: Place,
        fields: impl ExactSizeIterator<Item = &'f [u8]>,
    ) -> Result<(), Rule> {
        if let Some(rule) = field_count_rule(fields.len(), self.field_count) {
            return Err(rule);
        }
        let text = self.text.to_mut();
        for field in fields {
            self.starts.push(text.len() as u32);
            text.extend_from_slice(field);
            text.push(0);
        }
        self.starts.push(text.len() as u32);
        self.records.push(place);
        Ok(())
    }

    /// The text in which the places of fields lie.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where a field lies in each record, in order.
    pub(crate) fn column(&self, field: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let bounds = self.starts.chunks_exact(self.field_count + 1);
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
}

fn field_count_rule(fields: usize, wanted: usize) -> Option<Rule> {
    match fields.cmp(&wanted) {
        std::cmp::Ordering::Less => Some(Rule::TooFewFields),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(Rule::TooManyFields),
    }
}

/// Calls `found` with each place of one of two bytes, in order. Fields are
/// short: eight bytes are compared at once, without a call per field.
fn for_each_of_two(bytes: &[u8], one: u8, other: u8, mut found: impl FnMut(usize)) {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let mut places = places_of(word, one) | places_of(word, other);
        while places != 0 {
            found(index * 8 + (places.trailing_zeros() / 8) as usize);
            places &= places - 1;
        }
    }
    let behind = words.len() * 8;
    for (index, byte) in rest.iter().enumerate() {
        if *byte == one || *byte == other {
            found(behind + index);
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
                for_each_of_two(&bytes[..end], one, other, |at| found.push(at));
                let is_sought = |at: &usize| bytes[*at] == one || bytes[*at] == other;
                assert_eq!(found, (0..end).filter(is_sought).collect::<Vec<_>>());
            }
        }
    }
}
