//! Delimited text. The first byte chooses how it is said to be written.
#![no_main]

use libfuzzer_sys::fuzz_target;

const HEADER: &str = "c0;c1;c2;c3;c4;c5;c6";
const LINE_ENDS: [&str; 4] = ["\n", "\r\n", "\r", "\r\r\n"];

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else { return };
    // Columns go by the names of the first line, or by the numbers of their fields.
    let is_numbered = choice & 64 != 0;
    let place = |index: usize| match is_numbered {
        true => format!("position = {}\nrequired = {}", index + 1, index < 2),
        false => String::new(),
    };
    let codebook = format!(
        "title = \"fuzz\"\nreject_limit = 1.0\n[format]\nkind = \"delimited\"\ndelimiter = \";\"\n\
         encoding = \"{}\"\nmultiline = {}\ndecimal = \"{}\"\nheader = {}\nlast_line_end = {}\n{}",
        if choice & 1 == 0 { "utf-8" } else { "windows-1252" },
        choice & 2 != 0,
        if choice & 4 == 0 { "," } else { "." },
        !is_numbered,
        choice & 128 != 0,
        honkvast_fuzz::columns(place),
    );
    let line_end = LINE_ENDS[usize::from(choice >> 4 & 3)];
    let header = if choice & 8 == 0 { [HEADER, line_end].concat() } else { String::new() };
    let mut content = header.into_bytes();
    content.extend_from_slice(text);
    honkvast_fuzz::read(&codebook, "fuzz.csv", &content);
});
