//! Packed files: gzip and zstd streams around delimited text, spoilt anywhere.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    let codebook = format!(
        "title = \"fuzz\"\nreject_limit = 1.0\n[format]\nkind = \"delimited\"\ndelimiter = \";\"\n{}",
        honkvast_fuzz::columns(|_| "required = false".to_owned()),
    );
    let name = if choice & 1 == 0 { "fuzz.csv.gz" } else { "fuzz.csv.zst" };
    honkvast_fuzz::read(&codebook, name, content);
});
