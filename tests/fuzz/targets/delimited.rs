//! Delimited text. The first byte chooses how it is said to be written.
#![no_main]

use libfuzzer_sys::fuzz_target;

const HEADER: &[u8] = b"c0;c1;c2;c3;c4;c5;c6\n";

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
    let mut content = if choice & 8 == 0 { HEADER.to_vec() } else { Vec::new() };
    content.extend_from_slice(text);
    honkvast_fuzz::read(&codebook, "fuzz.csv", &content);
});
