//! Fixed-width text. The first byte chooses how it is said to be written.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else { return };
    let codebook = format!(
        "title = \"fuzz\"\nreject_limit = 1.0\n[format]\nkind = \"fixed\"\nwidth = 20\n\
         encoding = \"{}\"\nragged = {}\ndecimal = \"{}\"\nskip_lines = {}\nlast_line_end = {}\n{}",
        if choice & 1 == 0 { "utf-8" } else { "windows-1252" },
        choice & 2 != 0,
        if choice & 4 == 0 { "," } else { "." },
        if choice & 8 == 0 { 0 } else { 2 },
        choice & 16 != 0,
        honkvast_fuzz::columns(|index| {
            let places = ["1", "2-3", "4-6", "7-10", "5-20", "11-18", "20"];
            format!("position = \"{}\"", places[index])
        }),
    );
    honkvast_fuzz::read(&codebook, "fuzz.txt", text);
});
