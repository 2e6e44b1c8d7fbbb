//! The encoding of an SPSS file's text, from the name or the code page that it
//! declares.

use std::path::Path;

use encoding_rs::{Encoding, WINDOWS_1252};

use crate::error::{Error, Result};

const EBCDIC: i32 = 1;

/// The encoding of a file: by its record of a name, else by its code page, else
/// windows-1252.
pub(super) fn find(
    name: Option<&str>,
    code_page: Option<i32>,
    path: &Path,
) -> Result<&'static Encoding> {
    let found = match (name, code_page) {
        (Some(name), _) => by_name(name),
        // 7-bit and 8-bit ASCII: what old versions write of any text.
        (None, None | Some(2 | 3)) => Some(WINDOWS_1252),
        (None, Some(page)) => by_code_page(page),
    };
    found.ok_or_else(|| {
        let shown = match (name, code_page) {
            (Some(name), _) => shown(name),
            (None, Some(EBCDIC)) => "EBCDIC".to_owned(),
            (None, page) => format!("code page {}", page.unwrap_or_default()),
        };
        let message = format!("its text is encoded in {shown}, which cannot be read");
        Error::raw_input(path, message).with_hint("save it as UTF-8 (SPSS: SET UNICODE ON)")
    })
}

/// The name, as far as it is one.
fn shown(name: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_graphic() || *c == ' ';
    let name: String = name.chars().filter(is_plain).take(40).collect();
    if name.is_empty() { "an unknown way".to_owned() } else { format!("`{name}`") }
}

fn by_name(name: &str) -> Option<&'static Encoding> {
    let name = name.trim_matches([' ', '\0']).to_ascii_lowercase().replace('_', "-");
    let page = name.strip_prefix("cp").or(name.strip_prefix("ibm-")).unwrap_or(&name);
    let by_label = Encoding::for_label_no_replacement(name.as_bytes());
    let found = by_label.or_else(|| by_code_page(page.parse().ok()?));
    found.filter(|encoding| encoding.is_ascii_compatible())
}

fn by_code_page(page: i32) -> Option<&'static Encoding> {
    let label = match page {
        20127 => "us-ascii".to_owned(),
        65001 => "utf-8".to_owned(),
        936 => "gbk".to_owned(),
        54936 => "gb18030".to_owned(),
        932 => "shift_jis".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        20932 | 51932 => "euc-jp".to_owned(),
        51949 => "euc-kr".to_owned(),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        10000 => "macintosh".to_owned(),
        28591..=28606 => format!("iso-8859-{}", page - 28590),
        866 => "ibm866".to_owned(),
        874 | 1250..=1258 => format!("windows-{page}"),
        _ => return None,
    };
    Encoding::for_label_no_replacement(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Result<&'static str> {
        find(Some(name), Some(1252), Path::new("a.sav")).map(Encoding::name)
    }

    fn paged(page: Option<i32>) -> Result<&'static str> {
        find(None, page, Path::new("a.sav")).map(Encoding::name)
    }

    #[test]
    fn the_names_that_programs_write_are_known() {
        for (name, encoding) in [
            ("UTF-8", "UTF-8"),
            ("utf8", "UTF-8"),
            ("WINDOWS-1252", "windows-1252"),
            ("windows-1252\0", "windows-1252"),
            ("cp1251", "windows-1251"),
            ("CP936", "GBK"),
            ("ISO_8859-15", "ISO-8859-15"),
            ("Shift_JIS", "Shift_JIS"),
            ("SJIS", "Shift_JIS"),
            ("EUC-KR", "EUC-KR"),
            ("Big5", "Big5"),
            ("gb18030", "gb18030"),
            ("KOI8-R", "KOI8-R"),
            ("us-ascii", "windows-1252"),
            ("1250", "windows-1250"),
        ] {
            assert_eq!(named(name).unwrap(), encoding, "{name}");
        }
    }

    #[test]
    fn code_pages_are_taken_where_no_name_is_written() {
        assert_eq!(paged(None).unwrap(), "windows-1252");
        assert_eq!(paged(Some(2)).unwrap(), "windows-1252");
        assert_eq!(paged(Some(1250)).unwrap(), "windows-1250");
        assert_eq!(paged(Some(28591)).unwrap(), "windows-1252");
        assert_eq!(paged(Some(65001)).unwrap(), "UTF-8");
    }

    #[test]
    fn an_encoding_that_cannot_be_read_is_named() {
        for name in ["cp850", "IBM-037", "utf-16le", "ISO-2022-JP", "\u{1}\u{2}", "x-nonsense"] {
            assert!(named(name).is_err(), "{name}");
        }
        let said = paged(Some(1)).unwrap_err().to_string();
        assert_eq!(said, "a.sav: its text is encoded in EBCDIC, which cannot be read");
        let said = paged(Some(850)).unwrap_err().to_string();
        assert_eq!(said, "a.sav: its text is encoded in code page 850, which cannot be read");
    }
}
