//! Packed files: by name and content, whole, damaged, and in packings that are
//! not read.

use super::bad_input::refusal;
use super::*;

#[test]
fn broken_and_misnamed_compressed_files_are_refused() {
    let text = "RINPERSOON;UREN\n".to_owned() + &"000000012;38\n".repeat(10_000);
    let packed = gzip(text.as_bytes());
    let refused = |name: &str, bytes: &[u8]| refusal(name, bytes, &two_columns());
    let cut = refused("file.csv.gz", &packed[..packed.len() / 2]);
    assert!(cut.contains("the gzip stream ends early after "), "{cut}");
    assert!(cut.contains(" bytes of text; the copy is probably incomplete"), "{cut}");
    // Without its last byte the text is whole, but nothing vouches for it.
    let cut = refused("file.csv.gz", &packed[..packed.len() - 1]);
    assert!(cut.contains("the gzip stream ends early after 130016 bytes of text"), "{cut}");
    let mut damaged = packed.clone();
    let last = damaged.len() - 6;
    damaged[last] ^= 0xff;
    let shown = refused("file.csv.gz", &damaged);
    assert!(shown.contains("the gzip stream is damaged after"), "{shown}");
    insta::assert_snapshot!(refused("file.csv", &packed), @"file.csv: holds a gzip stream but is not named .gz | add .gz to its name");
    insta::assert_snapshot!(refused("file.csv.gz", text.as_bytes()), @"file.csv.gz: is named .gz but holds no gzip stream | take the .gz off its name, or deliver it again");
    insta::assert_snapshot!(refused("file.csv.gz.", &packed), @"file.csv.gz.: holds a gzip stream but is not named .gz | add .gz to its name");
    insta::assert_snapshot!(refused("file.csv.gz", &gzip(b"")), @"file.csv.gz: is empty | deliver the file again, or take it away");
}

#[test]
fn broken_and_misnamed_zstd_files_are_refused() {
    let text = "RINPERSOON;UREN\n".to_owned() + &"000000012;38\n".repeat(10_000);
    let packed = zstd(text.as_bytes());
    let refused = |name: &str, bytes: &[u8]| refusal(name, bytes, &two_columns());
    let cut = refused("file.csv.zst", &packed[..packed.len() / 2]);
    assert!(cut.contains("the zstd stream ends early after "), "{cut}");
    // Without its last byte the text is whole, but its checksum is not there.
    let cut = refused("file.csv.zst", &packed[..packed.len() - 1]);
    insta::assert_snapshot!(cut, @"file.csv.zst: the zstd stream ends early after 130016 bytes of text; the copy is probably incomplete | copy the file again");
    let mut damaged = packed.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 0xff;
    insta::assert_snapshot!(refused("file.csv.zst", &damaged), @"file.csv.zst: the zstd stream is damaged after 130016 bytes of text | copy the file again");
    let behind = [packed.as_slice(), b"more"].concat();
    insta::assert_snapshot!(refused("file.csv.zst", &behind), @"file.csv.zst: the zstd stream is damaged after 130016 bytes of text | copy the file again");
    insta::assert_snapshot!(refused("file.csv", &packed), @"file.csv: holds a zstd stream but is not named .zst | add .zst to its name");
    insta::assert_snapshot!(refused("file.csv.zst", text.as_bytes()), @"file.csv.zst: is named .zst but holds no zstd stream | take the .zst off its name, or deliver it again");
    insta::assert_snapshot!(refused("file.csv.zst", &gzip(text.as_bytes())), @"file.csv.zst: is named .zst but holds no zstd stream | take the .zst off its name, or deliver it again");
    insta::assert_snapshot!(refused("file.csv.zst", &zstd(b"")), @"file.csv.zst: is empty | deliver the file again, or take it away");
    // A frame that says it needs a window of 2^31 bytes.
    let wide = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00];
    insta::assert_snapshot!(refused("file.csv.zst", &wide), @"file.csv.zst: the zstd stream needs more than 128 MiB to be unpacked | pack it again without `--long`, or unpack it");
}

#[test]
fn packings_that_are_not_read_are_named_whatever_the_file_is_called() {
    let contents: [(&[u8], &str); 7] = [
        (b"BZh91AY&SY\x01\x02", "bzip2"),
        (b"\xfd7zXZ\0\0\x04", "xz"),
        (b"PK\x03\x04\x14\0", "zip"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
        (b"Rar!\x1a\x07\x01\0", "rar"),
        (b"\x04\x22\x4d\x18\x64\x40", "lz4"),
        (b"\x1f\x9d\x90a", "compress"),
    ];
    for (content, packing) in contents {
        for name in ["file.csv", "file.csv.gz", "file.csv.zst", "file.csv.bz2"] {
            let told = refusal(name, content, &two_columns());
            let wanted = format!(
                "{name}: is packed with {packing}, which is not read | \
                 unpack it, or pack it with gzip or zstd"
            );
            assert_eq!(told, wanted);
        }
    }
    // Texts that begin in a like way are texts.
    let mut codebook = two_columns();
    codebook.columns[0].headers[0].1 = "BZh91AY".to_owned();
    let (reading, _) = read_text("BZh91AY;UREN\na;1\n", &codebook).unwrap();
    assert_eq!(reading.rows, [some(&["a", "1"])]);
}
