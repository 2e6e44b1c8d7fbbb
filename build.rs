//! Builds anew when a study is added, for the binary embeds `pipelines` and `sql`,
//! and names the build by what it is made from.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

fn main() -> std::io::Result<()> {
    for path in ["pipelines", "sql", "src", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let mut hasher = DefaultHasher::new();
    hash_all(Path::new("src"), &mut hasher)?;
    hash_all(Path::new("Cargo.lock"), &mut hasher)?;
    println!("cargo:rustc-env=HONKVAST_BUILD={:016x}", hasher.finish());
    Ok(())
}

/// Names and contents of a file, or of all files in a folder.
fn hash_all(path: &Path, hasher: &mut impl Hasher) -> std::io::Result<()> {
    path.hash(hasher);
    if path.is_file() {
        std::fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let entries = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| hash_all(entry, hasher))
}
