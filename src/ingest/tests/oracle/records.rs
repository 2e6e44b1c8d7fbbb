//! Where records end, one character at a time.

use crate::pipeline::codebook::Delimited;

/// The next record.
pub(super) struct Next {
    /// Behind its line end.
    pub(super) end: usize,
    /// A rule that it breaks as a whole.
    pub(super) rule: Option<&'static str>,
    /// A line end of another kind is in it.
    pub(super) is_stray: bool,
}

/// The line end that stands first.
pub(super) fn found_ends(text: &[u8]) -> &'static [u8] {
    let first = text.iter().position(|byte| b"\r\n".contains(byte)).map(|at| &text[at..]);
    match first {
        Some(first) if first.starts_with(b"\r\n") => b"\r\n",
        Some(first) if first.starts_with(b"\r") => b"\r",
        _ => b"\n",
    }
}

/// The same where line ends inside quotes are text: as many line ends as a text
/// has outside them, the first counts; a text that has none there ends in LF, or
/// in CR where that is its last byte.
pub(super) fn found_ends_outside(text: &[u8], format: &Delimited) -> &'static [u8] {
    let (mut in_quotes, mut at_field_start) = (false, true);
    for (at, byte) in text.iter().enumerate() {
        let is_quote = Some(*byte) == format.quote;
        if in_quotes {
            in_quotes = !is_quote;
        } else if is_quote && (at_field_start || text[at - 1] == *byte) {
            in_quotes = true;
        } else if b"\r\n".contains(byte) {
            return found_ends(&text[at..]);
        }
        at_field_start = !in_quotes && *byte == format.delimiter;
    }
    if text.ends_with(b"\r") { b"\r" } else { b"\n" }
}

/// The end of the first line, behind its line end.
pub(super) fn line_end(text: &[u8], ends: &[u8]) -> usize {
    text.iter().position(|byte| ends.ends_with(&[*byte])).map_or(text.len(), |end| end + 1)
}

/// Whether more than the line end behind it ends lines in a record, or a line of
/// it begins with the end mark of DOS.
pub(super) fn has_stray(record: &[u8], ends: &[u8]) -> bool {
    content(record, ends).iter().any(|byte| b"\r\n".contains(byte)) || has_mark(record, ends)
}

fn has_mark(record: &[u8], ends: &[u8]) -> bool {
    let begins_line = |at: usize| at == 0 || ends.ends_with(&[record[at - 1]]);
    (0..record.len()).any(|at| record[at] == 0x1a && begins_line(at))
}

/// The record at the front of a text.
pub(super) fn next_record(text: &[u8], format: &Delimited, limit: usize, ends: &[u8]) -> Next {
    let last = *ends.last().unwrap();
    let line_end = line_end(text, ends);
    let plain = |rule| Next { end: line_end, rule, is_stray: has_stray(&text[..line_end], ends) };
    let (mut in_quotes, mut at_field_start, mut end) = (false, true, text.len());
    // What stands outside quotes.
    let mut outside = Vec::new();
    if !format.has_multiline_fields {
        end = line_end;
    } else {
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            if in_quotes {
                if Some(byte) == format.quote {
                    if text.get(at + 1).copied() == format.quote {
                        at += 1;
                    } else {
                        in_quotes = false;
                    }
                }
            } else {
                outside.push(byte);
                if at_field_start && Some(byte) == format.quote {
                    in_quotes = true;
                } else if byte == last {
                    end = at + 1;
                    break;
                }
            }
            at_field_start = !in_quotes && byte == format.delimiter;
            at += 1;
        }
    }
    let record = &text[..end];
    let is_overlong = content(record, ends).len() > limit;
    let is_open = in_quotes && record.contains(&last);
    if !(is_overlong || is_open) {
        return match format.has_multiline_fields {
            true => {
                let is_stray = has_stray(&outside, ends) || has_mark(record, ends);
                Next { end, rule: None, is_stray }
            }
            false => plain(None),
        };
    }
    if format.has_multiline_fields && line_end <= limit && text[..line_end].ends_with(&[last]) {
        return plain(Some("unclosed quote"));
    }
    plain(Some("record too long"))
}

/// A line without its line end.
pub(super) fn content<'a>(line: &'a [u8], ends: &[u8]) -> &'a [u8] {
    line.strip_suffix(ends).unwrap_or(line)
}
