//! Splits one record of delimited text into its fields.

use memchr::{memchr, memchr_iter};

use super::rejects::Rule;

/// The fields of one record. Kept between records for its memory.
#[derive(Default)]
pub(crate) struct Fields {
    /// Start and end of each field, in the record or in `unescaped`.
    bounds: Vec<(usize, usize)>,
    /// The record without its quotes, where it has some.
    unescaped: Vec<u8>,
    has_quotes: bool,
}

impl Fields {
    /// Splits a record, given without its line end, and says how many fields it
    /// has. Only the first `wanted` of them can be taken afterwards: a record may
    /// have thousands.
    pub(crate) fn split(
        &mut self,
        record: &[u8],
        delimiter: u8,
        quote: Option<u8>,
        wanted: usize,
    ) -> Result<usize, Rule> {
        self.bounds.clear();
        let quote = quote.filter(|quote| memchr(*quote, record).is_some());
        self.has_quotes = quote.is_some();
        match quote {
            Some(quote) => self.split_quoted(record, delimiter, quote, wanted),
            None => Ok(self.split_plain(record, delimiter, wanted)),
        }
    }

    /// A field of the record that was split last; empty where there is none.
    pub(crate) fn get<'a>(&'a self, record: &'a [u8], index: usize) -> &'a [u8] {
        let text = if self.has_quotes { &self.unescaped } else { record };
        self.bounds.get(index).and_then(|(start, end)| text.get(*start..*end)).unwrap_or_default()
    }

    fn split_plain(&mut self, record: &[u8], delimiter: u8, wanted: usize) -> usize {
        let mut delimiters = memchr_iter(delimiter, record);
        let mut start = 0;
        while self.bounds.len() < wanted {
            let Some(end) = delimiters.next() else {
                self.bounds.push((start, record.len()));
                return self.bounds.len();
            };
            self.bounds.push((start, end));
            start = end + 1;
        }
        self.bounds.len() + delimiters.count() + 1
    }

    fn split_quoted(
        &mut self,
        record: &[u8],
        delimiter: u8,
        quote: u8,
        wanted: usize,
    ) -> Result<usize, Rule> {
        self.unescaped.clear();
        let (mut at, mut count) = (0, 0);
        loop {
            let start = self.unescaped.len();
            if record.get(at) == Some(&quote) {
                at = self.unescape(record, at + 1, quote)?;
                if record.get(at).is_some_and(|byte| *byte != delimiter) {
                    return Err(Rule::TextAfterQuote);
                }
            } else {
                let rest = record.get(at..).unwrap_or_default();
                let length = memchr(delimiter, rest).unwrap_or(rest.len());
                // Perhaps the rest of a field that goes over several lines.
                if memchr(quote, &rest[..length]).is_some() {
                    return Err(Rule::StrayQuote);
                }
                self.unescaped.extend_from_slice(&rest[..length]);
                at += length;
            }
            if count < wanted {
                self.bounds.push((start, self.unescaped.len()));
            } else {
                self.unescaped.truncate(start);
            }
            count += 1;
            if at >= record.len() {
                return Ok(count);
            }
            at += 1;
        }
    }

    /// Copies a quoted field; gives the place behind its closing quote.
    fn unescape(&mut self, record: &[u8], mut at: usize, quote: u8) -> Result<usize, Rule> {
        loop {
            let rest = record.get(at..).unwrap_or_default();
            let length = memchr(quote, rest).ok_or(Rule::UnclosedQuote)?;
            self.unescaped.extend_from_slice(&rest[..length]);
            at += length + 1;
            if record.get(at) != Some(&quote) {
                return Ok(at);
            }
            self.unescaped.push(quote);
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(record: &str) -> Result<Vec<String>, Rule> {
        let mut fields = Fields::default();
        let count = fields.split(record.as_bytes(), b';', Some(b'"'), usize::MAX)?;
        let text = |index| String::from_utf8_lossy(fields.get(record.as_bytes(), index)).into();
        let texts: Vec<String> = (0..count).map(text).collect();
        // Whoever wants fewer fields gets these alike, and the same count.
        for wanted in 0..count {
            let counted = fields.split(record.as_bytes(), b';', Some(b'"'), wanted)?;
            assert_eq!((counted, fields.bounds.len()), (count, wanted));
            let kept = (0..wanted).map(|index| fields.get(record.as_bytes(), index));
            assert!(kept.eq(texts[..wanted].iter().map(String::as_bytes)));
        }
        Ok(texts)
    }

    #[test]
    fn a_fault_behind_the_wanted_fields_is_found() {
        let mut fields = Fields::default();
        let mut split = |record: &str| fields.split(record.as_bytes(), b';', Some(b'"'), 1);
        assert_eq!(split("a;\"b"), Err(Rule::UnclosedQuote));
        assert_eq!(split("a;\"b\";x\"y"), Err(Rule::StrayQuote));
    }

    #[test]
    fn quotes_follow_the_rules_of_csv() {
        assert_eq!(split("a;b;").unwrap(), ["a", "b", ""]);
        assert_eq!(split("").unwrap(), [""]);
        assert_eq!(split(r#""a;b";"say ""hi""";"";"#).unwrap(), ["a;b", r#"say "hi""#, "", ""]);
        assert_eq!(split(r#"5" pipe;x"#), Err(Rule::StrayQuote));
        assert_eq!(split(r#"a; "x""#), Err(Rule::StrayQuote));
        assert_eq!(split(r#"a;"b"#), Err(Rule::UnclosedQuote));
        assert_eq!(split(r#"a;"b"""#), Err(Rule::UnclosedQuote));
        assert_eq!(split(r#""a"b;c"#), Err(Rule::TextAfterQuote));
        assert_eq!(split(r#""a" ;c"#), Err(Rule::TextAfterQuote));
    }
}
