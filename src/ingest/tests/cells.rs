//! Fields as they stand in a file, with what is to be read from them, and files
//! packed in any way.

use proptest::prelude::*;

use super::*;

/// A field as it stands in the file, and as it should be read.
pub(super) type Cell = (String, Vec<Option<String>>);

pub(super) fn cell(text: impl Into<String>, value: Option<&str>) -> Cell {
    (text.into(), vec![value.map(str::to_owned)])
}

pub(super) fn cell_with_reason(text: &str, value: Option<&str>, reason: Option<&str>) -> Cell {
    (text.to_owned(), vec![value.map(str::to_owned), reason.map(str::to_owned)])
}

/// Whole numbers; 999 is a missing code, however it is written.
pub(super) fn hours() -> impl Strategy<Value = Cell> {
    let missing = prop::sample::select(vec!["", "  ", "----", " 999", "999 ", "+0999"]);
    let hour_count = |text: String, value: i64| {
        let expected = (value != 999).then(|| value.to_string());
        cell(text, expected.as_deref())
    };
    prop_oneof![
        4 => any::<i64>().prop_map(move |value| hour_count(value.to_string(), value)),
        1 => (0..2000i64).prop_map(move |value| hour_count(format!(" +{value:08} "), value)),
        1 => missing.prop_map(|text| cell(text, None)),
    ]
}

pub(super) fn wage() -> impl Strategy<Value = Cell> {
    let value = -99_999..=99_999i32;
    prop_oneof![
        4 => (value, 0..3usize).prop_map(|(cents, zeros)| {
            let sign = if cents < 0 { "-" } else { "" };
            let (euros, rest) = (cents.abs() / 100, cents.abs() % 100);
            let text = format!("{sign}{euros},{rest:02}{}", "0".repeat(zeros));
            cell_with_reason(&text, Some(&cents.to_string()), None)
        }),
        1 => Just(cell_with_reason("-", None, Some("missing"))),
        1 => Just(cell_with_reason("", None, Some("empty"))),
    ]
}

pub(super) fn rate() -> impl Strategy<Value = Cell> {
    (0..99u32, 0..10u32, 0..10u32, any::<bool>()).prop_map(
        |(whole, tenth, surplus, is_negative)| {
            let units = i64::from(whole * 10 + tenth + u32::from(surplus >= 5));
            let (sign, units) = if is_negative { ("-", -units) } else { ("", units) };
            cell(format!("{sign}{whole},{tenth}{surplus}3"), Some(&units.to_string()))
        },
    )
}

pub(super) fn day() -> impl Strategy<Value = Cell> {
    let special = cell_with_reason(" 88888888", None, Some("before"));
    prop_oneof![
        4 => (-700_000..2_900_000i32).prop_map(|days| {
            let date = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days);
            let text = date.strftime("%Y%m%d").to_string();
            cell_with_reason(&text, Some(&days.to_string()), None)
        }),
        1 => Just(special),
        1 => Just(cell_with_reason("\t", None, Some("empty"))),
    ]
}

pub(super) fn is_open() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(cell_with_reason("1", Some("true"), None)),
        Just(cell_with_reason(" 0", Some("false"), None)),
        Just(cell_with_reason("", None, Some("empty"))),
    ]
}

/// How the lines of a file end.
pub(super) fn line_end() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["\n", "\r\n", "\r"])
}

/// Pieces of text with line ends of one kind, but for one that may be another or
/// an end mark of DOS.
pub(super) fn with_line_ends(pieces: &[&str], line_end: &str, stray: Stray) -> String {
    let mut text: Vec<String> = pieces.iter().map(|piece| piece.replace('\n', line_end)).collect();
    if let Some((at, stray)) = stray {
        text.insert(at.min(text.len()), stray.to_owned());
    }
    text.concat()
}

/// A piece, and where it stands among the others.
pub(super) type Stray = Option<(usize, &'static str)>;

pub(super) fn stray() -> impl Strategy<Value = Stray> {
    let piece = prop::sample::select(vec!["\n", "\r", "\r\n", "\x1a", "\r\r\n", "\n\x1a"]);
    prop::option::weighted(0.3, (0..120usize, piece))
}

/// How a file is packed; a place where the packing begins anew.
#[derive(Debug, Clone, Copy)]
pub(super) enum Packed {
    Plain,
    Gzip(usize),
    Zstd(usize),
}

pub(super) fn packed() -> impl Strategy<Value = Packed> {
    prop_oneof![
        Just(Packed::Plain),
        (0..2000usize).prop_map(Packed::Gzip),
        (0..2000usize).prop_map(Packed::Zstd),
    ]
}

/// Packs the bytes, reads them, or says how their encoding or their line ends
/// are refused.
pub(super) fn read_packed(
    bytes: &[u8],
    packed: Packed,
    codebook: &Codebook,
    threads: usize,
    limits: Limits,
) -> Result<Reading, String> {
    let parts = |at: usize| bytes.split_at(at.min(bytes.len()));
    let (name, bytes) = match packed {
        Packed::Plain => ("file.txt", bytes.to_vec()),
        Packed::Gzip(at) => ("file.txt.gz", [gzip(parts(at).0), gzip(parts(at).1)].concat()),
        Packed::Zstd(at) => ("file.txt.zst", [zstd(parts(at).0), zstd(parts(at).1)].concat()),
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    match read_path(&path, codebook, threads, limits) {
        Ok((reading, _)) => Ok(reading),
        Err(error) => {
            let shown = error.to_string();
            let known =
                ["the text ", " of the line", "the first record ", "is empty", "begins with"];
            let is_known = known.iter().any(|part| shown.contains(part));
            assert!(is_known, "{shown}");
            Err(shown)
        }
    }
}
