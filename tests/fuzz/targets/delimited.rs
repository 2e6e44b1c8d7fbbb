//! Delimited text. The first byte chooses how it is said to be written.
#![no_main]

use libfuzzer_sys::fuzz_target;

const HEADER: &str = "c0;c1;c2;c3;c4;c5;c6";
const LINE_ENDS: [&str; 4] = ["\n", "\r\n", "\r", "\r\r\n"];

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else { return };
    let codebook = format!(
        "title = \"fuzz\"\nreject_limit = 1.0\n[format]\nkind = \"delimited\"\ndelimiter = \";\"\n\
         encoding = \"{}\"\nmultiline = {}\ndecimal = \"{}\"\n{}",
        if choice & 1 == 0 { "utf-8" } else { "windows-1252" },
        choice & 2 != 0,
        if choice & 4 == 0 { "," } else { "." },
        honkvast_fuzz::columns(|_| String::new()),
    );
    let line_end = LINE_ENDS[usize::from(choice >> 4 & 3)];
    let header = if choice & 8 == 0 { [HEADER, line_end].concat() } else { String::new() };
    let mut content = header.into_bytes();
    content.extend_from_slice(text);
    honkvast_fuzz::read(&codebook, "fuzz.csv", &content);
});
