//! What the name of a raw file says of its packing: plain, one that is read, or
//! one that is not.

/// How names of packed files end.
pub const PACKED_ENDINGS: [&str; 2] = [".gz", ".zst"];

/// What a name says of a file's packing: its ending in lower case, none for a
/// plain file.
pub fn packed_ending(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    PACKED_ENDINGS.into_iter().find(|ending| name.ends_with(ending))
}

/// How names of files end whose packing is not read, with its name.
const UNREAD_ENDINGS: [(&str, &str); 10] = [
    (".bz2", "bzip2"),
    (".xz", "xz"),
    (".zip", "zip"),
    (".7z", "7z"),
    (".rar", "rar"),
    (".lz4", "lz4"),
    (".z", "compress"),
    (".tar", "tar"),
    (".tar.gz", "tar"),
    (".tgz", "tar"),
];

/// The packing that a name tells of and that is not read.
pub fn unread_packing(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let found = UNREAD_ENDINGS.into_iter().find(|(ending, _)| name.ends_with(ending));
    found.map(|(_, packing)| packing)
}

/// What to say of a packing that is not read, and what to do about it.
pub fn say_unread(packing: &str) -> (String, &'static str) {
    let message = format!("is packed with {packing}, which is not read");
    (message, "unpack it, or pack it with gzip or zstd")
}
