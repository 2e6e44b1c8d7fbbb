//! Packed files that are not whole, not sound, or not what their names say.

use super::*;

/// What a packed file gives that was `spoilt`, by format.
fn refusal_of(packing: Packing, spoil: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<String> {
    let of_format = |is_fixed| {
        let form = Form { is_fixed, packing };
        let scene = Scene::of(form, "utf-8");
        let records = good_records(900);
        let canary = form.record([CANARY, "A", "1", "20200101"]) + "\n";
        let whole = packing.pack((form.text(borrowed(&records)) + &canary).as_bytes());
        let name = form.file(2021, 2);
        scene.study.write(&format!("raw/{name}"), spoil(whole));
        scene.refusal(5).replace(&name, "FILE")
    };
    [false, true].map(of_format).to_vec()
}

#[test]
fn truncated_streams_are_refused_in_every_form() {
    let cut = |whole: Vec<u8>| whole[..whole.len() - 1].to_vec();
    insta::assert_snapshot!(refusal_of(Packing::Gzip, cut).join(""), @"
    error: raw/FILE: the gzip stream ends early after 18499 bytes of text; the copy is probably incomplete
      hint: copy the file again
    error: raw/FILE: the gzip stream ends early after 38292 bytes of text; the copy is probably incomplete
      hint: copy the file again
    ");
    insta::assert_snapshot!(refusal_of(Packing::Zstd, cut).join(""), @"
    error: raw/FILE: the zstd stream ends early after 18499 bytes of text; the copy is probably incomplete
      hint: copy the file again
    error: raw/FILE: the zstd stream ends early after 38292 bytes of text; the copy is probably incomplete
      hint: copy the file again
    ");
    let half = |whole: Vec<u8>| whole[..whole.len() / 2].to_vec();
    for packing in [Packing::Gzip, Packing::Zstd] {
        for said in refusal_of(packing, half) {
            assert!(said.contains("stream ends early after "), "{said}");
        }
    }
}

#[test]
fn damaged_streams_are_refused_in_every_form() {
    let checksum = |behind: usize| {
        move |mut whole: Vec<u8>| {
            let at = whole.len() - behind;
            whole[at] ^= 1;
            whole
        }
    };
    // A gzip stream ends in checksum and size, a zstd stream in its checksum.
    insta::assert_snapshot!(refusal_of(Packing::Gzip, checksum(8)).join(""), @"
    error: raw/FILE: the gzip stream is damaged after 18499 bytes of text
      hint: copy the file again
    error: raw/FILE: the gzip stream is damaged after 38292 bytes of text
      hint: copy the file again
    ");
    insta::assert_snapshot!(refusal_of(Packing::Zstd, checksum(4)).join(""), @"
    error: raw/FILE: the zstd stream is damaged after 18499 bytes of text
      hint: copy the file again
    error: raw/FILE: the zstd stream is damaged after 38292 bytes of text
      hint: copy the file again
    ");
    let more = |whole: Vec<u8>| [whole, CANARY.as_bytes().to_vec()].concat();
    insta::assert_snapshot!(refusal_of(Packing::Zstd, more).join(""), @"
    error: raw/FILE: the zstd stream is damaged after 18499 bytes of text
      hint: copy the file again
    error: raw/FILE: the zstd stream is damaged after 38292 bytes of text
      hint: copy the file again
    ");
}

#[test]
fn a_stream_under_another_name_is_refused() {
    let text = Form { is_fixed: false, packing: Packing::Plain }.text([[CANARY, "A", "1", ""]]);
    let packed = |by: Packing| move |_| by.pack(text.as_bytes());
    insta::assert_snapshot!(the_same(refusal_of(Packing::Gzip, packed.clone()(Packing::Plain)).into_iter()), @"
    error: raw/FILE: is named .gz but holds no gzip stream
      hint: take the .gz off its name, or deliver it again
    ");
    insta::assert_snapshot!(the_same(refusal_of(Packing::Zstd, packed.clone()(Packing::Plain)).into_iter()), @"
    error: raw/FILE: is named .zst but holds no zstd stream
      hint: take the .zst off its name, or deliver it again
    ");
    insta::assert_snapshot!(the_same(refusal_of(Packing::Zstd, packed.clone()(Packing::Gzip)).into_iter()), @"
    error: raw/FILE: is named .zst but holds no zstd stream
      hint: take the .zst off its name, or deliver it again
    ");
    insta::assert_snapshot!(the_same(refusal_of(Packing::Plain, packed.clone()(Packing::Gzip)).into_iter()), @"
    error: raw/FILE: holds a gzip stream but is not named .gz
      hint: add .gz to its name
    ");
    insta::assert_snapshot!(the_same(refusal_of(Packing::Plain, packed(Packing::Zstd)).into_iter()), @"
    error: raw/FILE: holds a zstd stream but is not named .zst
      hint: add .zst to its name
    ");
}
