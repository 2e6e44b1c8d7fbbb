//! Tells the encoding of text by what stands in it: marks at its beginning, and
//! evidence over all that lies beyond ASCII. A codebook that says otherwise
//! would quietly turn names into nonsense.
//!
//! Evidence is counted by runs: bytes beyond ASCII in a row. Text in
//! windows-1252 has hardly a run that happens to be UTF-8, and next to none that
//! begins as western letters, `€` and quotes do there (bytes C2, C3, E2).

use std::path::Path;
use std::sync::LazyLock;

use crate::error::{Error, Result};
use crate::pipeline::codebook::TextEncoding;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What to do about a wrong encoding.
pub(crate) const HINT: &str = "correct `encoding` in the codebook, or convert the file";

/// The character of each byte in windows-1252; five bytes without one stand for
/// control characters, as they do in latin-1.
static CHARACTERS: LazyLock<Vec<char>> = LazyLock::new(|| {
    let bytes: Vec<u8> = (0..=255).collect();
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.chars().collect()
});

/// Adds text in windows-1252 to a string; every byte is a character there.
pub(crate) fn decode_windows_1252(bytes: &[u8], text: &mut String) {
    text.extend(bytes.iter().filter_map(|byte| CHARACTERS.get(usize::from(*byte))));
}

/// Adds text to bytes in windows-1252 (control characters as in latin-1); false
/// where it has another character.
fn encode_windows_1252(text: &str, bytes: &mut Vec<u8>) -> bool {
    text.chars().all(|character| {
        let byte = u8::try_from(character).ok().or_else(|| {
            let place = CHARACTERS.iter().position(|known| *known == character)?;
            u8::try_from(place).ok()
        });
        bytes.extend(byte);
        byte.is_some()
    })
}

/// The length of the byte-order mark at the beginning of a file's text.
///
/// # Errors
/// [`Error::RawInput`] for a mark that the codebook does not agree with.
pub(crate) fn mark_length(text: &[u8], path: &Path, encoding: TextEncoding) -> Result<usize> {
    let refuse = |message: &str, hint: &str| {
        Err(Error::RawInput {
            file: Some(path.to_path_buf()),
            line: Some(1),
            column: None,
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
        })
    };
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        let message = "the file is UTF-16, which cannot be read";
        return refuse(message, "convert it to UTF-8 or windows-1252");
    }
    match (text.starts_with(BYTE_ORDER_MARK), encoding) {
        (false, _) => Ok(0),
        (true, TextEncoding::Utf8) => Ok(BYTE_ORDER_MARK.len()),
        (true, TextEncoding::Windows1252) => {
            let message =
                "the file begins with the mark of UTF-8, but its codebook says windows-1252";
            refuse(message, HINT)
        }
    }
}

/// Runs of bytes beyond ASCII, by what they look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Those that are no UTF-8.
    not_utf8: u64,
    /// Those that are UTF-8.
    utf8: u64,
    /// Those that are UTF-8 and begin as its western characters do.
    western: u64,
    /// Those that are UTF-8 once more after one decoding.
    doubled: u64,
    /// Those of them that begin as western characters do after it.
    doubled_western: u64,
}

/// What the evidence of a whole file says against its codebook.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Agrees,
    /// The file cannot be read so.
    Refused(&'static str, &'static str),
    /// It can, but somebody should look.
    Doubted(String),
    /// Its rejects have this cause.
    Rejected(String),
}

impl Evidence {
    /// Looks at some whole records.
    pub(crate) fn of(bytes: &[u8]) -> Evidence {
        let mut evidence = Evidence::default();
        let mut once = Vec::new();
        let mut at = 0;
        while let Some(start) = next_beyond_ascii(bytes, at) {
            let rest = bytes.get(start..).unwrap_or_default();
            let run = rest.iter().position(u8::is_ascii).map_or(rest, |end| &rest[..end]);
            at = start + run.len();
            let Ok(text) = std::str::from_utf8(run) else {
                evidence.not_utf8 += 1;
                continue;
            };
            evidence.utf8 += 1;
            if !begins_western(run) {
                continue;
            }
            evidence.western += 1;
            once.clear();
            if encode_windows_1252(text, &mut once) && std::str::from_utf8(&once).is_ok() {
                evidence.doubled += 1;
                evidence.doubled_western += u64::from(begins_western(&once));
            }
        }
        evidence
    }

    /// Adds what stands in further records.
    pub(crate) fn add(&mut self, other: Evidence) {
        self.not_utf8 += other.not_utf8;
        self.utf8 += other.utf8;
        self.western += other.western;
        self.doubled += other.doubled;
        self.doubled_western += other.doubled_western;
    }

    /// Holds the whole against the codebook: "practically all" is 99 of 100, and
    /// one of 100 is worth a word.
    pub(crate) fn verdict(&self, encoding: TextEncoding) -> Verdict {
        let all = self.not_utf8 + self.utf8;
        let is_all = |count: u64| count > 0 && count * 100 >= all * 99;
        let is_some = |count: u64| count > 0 && count * 100 >= all;
        let of_all = |count: u64| format!("{count} of {all} places beyond ASCII");
        match encoding {
            TextEncoding::Windows1252 if is_all(self.utf8) && self.western > 0 => {
                Verdict::Refused("the text is UTF-8, but its codebook says windows-1252", HINT)
            }
            TextEncoding::Windows1252 if is_all(self.utf8) || is_some(self.western) => {
                let count = of_all(self.utf8);
                Verdict::Doubted(format!("{count} look like UTF-8, not like windows-1252"))
            }
            TextEncoding::Utf8 if is_all(self.doubled) && self.doubled_western > 0 => {
                Verdict::Refused(
                    "the text was encoded twice: its UTF-8 was taken for windows-1252 on the way",
                    "undo one step (`iconv -f utf-8 -t windows-1252`), or have it delivered again",
                )
            }
            TextEncoding::Utf8 if self.not_utf8 > self.utf8 + 99 * self.western => {
                Verdict::Rejected(format!(
                    "{} are not UTF-8; is the file windows-1252? Then correct `encoding`",
                    of_all(self.not_utf8)
                ))
            }
            TextEncoding::Utf8 if is_some(self.doubled_western) => {
                let count = of_all(self.doubled);
                Verdict::Doubted(format!("{count} look like text that was encoded twice"))
            }
            _ => Verdict::Agrees,
        }
    }
}

fn begins_western(run: &[u8]) -> bool {
    matches!(run.first(), Some(0xc2 | 0xc3 | 0xe2))
}

/// The next byte beyond ASCII, many bytes at a time: most text has few.
fn next_beyond_ascii(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let (words, _) = rest.as_chunks::<32>();
    let ascii_words = words.iter().take_while(|word| word.is_ascii()).count();
    let at = ascii_words * 32;
    let behind = rest.get(at..)?.iter().position(|byte| !byte.is_ascii())?;
    Some(from + at + behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TextEncoding::{Utf8, Windows1252};

    fn windows(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
    }

    /// UTF-8 taken for windows-1252 and written as UTF-8.
    fn doubled(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.as_bytes().to_vec()
    }

    const HONEST: &str = "Zoë;Café Bürger\nFrançois;“CAFÉ”;€ 5\nœuvre;ÁÉ\n";

    #[test]
    fn honest_text_agrees_with_its_codebook() {
        for text in [HONEST, "", "no such thing", "“CAFÉ”", "日本語 и так далее", "ß"]
        {
            assert_eq!(Evidence::of(text.as_bytes()).verdict(Utf8), Verdict::Agrees, "{text}");
        }
        for text in [HONEST, "", "“CAFÉ”", "1½ à 2½ °C", "ß"] {
            assert_eq!(
                Evidence::of(&windows(text)).verdict(Windows1252),
                Verdict::Agrees,
                "{text}"
            );
        }
    }

    #[test]
    fn text_in_another_encoding_is_found_by_one_letter() {
        for text in [HONEST, "Zoë", "€", &(" ".repeat(100) + "ü" + &" ".repeat(100))] {
            let utf8 = Evidence::of(text.as_bytes()).verdict(Windows1252);
            assert!(
                matches!(
                    utf8,
                    Verdict::Refused("the text is UTF-8, but its codebook says windows-1252", _)
                ),
                "{text}"
            );
            let twice = Evidence::of(&doubled(text)).verdict(Utf8);
            assert!(
                matches!(twice, Verdict::Refused(message, _) if message.contains("twice")),
                "{text}"
            );
            let Verdict::Rejected(hint) = Evidence::of(&windows(text)).verdict(Utf8) else {
                panic!("{text}");
            };
            assert!(hint.contains("places beyond ASCII are not UTF-8"), "{hint}");
        }
    }

    #[test]
    fn mixed_text_is_doubted_and_a_coincidence_is_not_refused() {
        let mixed = [windows(&"Zoë ".repeat(90)), "Zoë ".repeat(10).into_bytes()].concat();
        let verdict = Evidence::of(&mixed).verdict(Windows1252);
        let shown = "10 of 100 places beyond ASCII look like UTF-8, not like windows-1252";
        assert_eq!(verdict, Verdict::Doubted(shown.to_owned()));
        let mixed = ["Zoë ".repeat(95).into_bytes(), doubled(&"Zoë ".repeat(5))].concat();
        let verdict = Evidence::of(&mixed).verdict(Utf8);
        let shown = "5 of 100 places beyond ASCII look like text that was encoded twice";
        assert_eq!(verdict, Verdict::Doubted(shown.to_owned()));
        // An upper-case letter before a closing quote is UTF-8 by coincidence.
        let verdict = Evidence::of(&windows("GRÜSSŽ”")).verdict(Windows1252);
        assert_eq!(verdict, Verdict::Agrees);
        let verdict = Evidence::of(&windows("Ó”")).verdict(Windows1252);
        assert!(matches!(verdict, Verdict::Doubted(_)), "{verdict:?}");
    }

    #[test]
    fn a_cut_character_at_the_end_changes_no_verdict() {
        let mut text = HONEST.repeat(40).into_bytes();
        text.extend_from_slice(b"Zo\xc3");
        let verdict = Evidence::of(&text).verdict(Windows1252);
        assert!(matches!(verdict, Verdict::Refused(..)), "{verdict:?}");
    }
}
