//! SPSS files, compressed in any way or not. The first byte chooses names and
//! what becomes of user-missing values.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    let names = ["v0", "v1", "v2", "v3", "v4", "v5", "v6"];
    let codebook = format!(
        "title = \"fuzz\"\nreject_limit = 1.0\n[format]\nkind = \"spss\"\nuser_missing = \"{}\"\n{}",
        if choice & 1 == 0 { "null" } else { "value" },
        honkvast_fuzz::columns(|index| format!("header = \"{}\"\nrequired = false", names[index])),
    );
    let name = if choice & 2 == 0 { "fuzz.sav" } else { "fuzz.zsav" };
    honkvast_fuzz::read(&codebook, name, content);
});
