//! Files that are no SPSS files, or damaged ones: one clear error, no panic.

use proptest::prelude::*;

use super::*;

const COLUMNS: &str = r#"
    { name = "number", type = "text" },
    { name = "word", type = "text" },"#;

/// Numbers and words enough for several blocks.
fn plain(compression: i32) -> Sav {
    let cases = (0..500).map(|case| {
        let number = Cell::Number(f64::from(case) * 0.5);
        vec![number, text(&format!("word {case}"))]
    });
    let variables = vec![Plan::number("NUMBER"), Plan::text("WORD", 300)];
    let sav = Sav::new(variables, cases.collect());
    Sav { compression, block_bytes: 4096, ..sav }
}

fn refused(bytes: &[u8]) -> String {
    refusal("file.sav", bytes, &codebook("null", COLUMNS))
}

#[test]
fn what_is_no_sav_is_named() {
    insta::assert_snapshot!(refused(b"RINPERSOON;UREN\n1;2\n"), @"file.sav: is no SPSS file (.sav or .zsav): it does not begin as one | is the codebook's `format` right, and the file one of this source?");
    insta::assert_snapshot!(refused(b"$F"), @"file.sav: is no SPSS file (.sav or .zsav): it does not begin as one | is the codebook's `format` right, and the file one of this source?");
    insta::assert_snapshot!(refused(b""), @"file.sav: is empty | deliver the file again, or take it away");
    insta::assert_snapshot!(refused(&[0x5b, 0xc6, 0xd3, 0xf2, 1]), @"file.sav: is encoded in EBCDIC, which cannot be read | save it with a current version of SPSS");
    insta::assert_snapshot!(refused(b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV\x15\0\0\0"), @"file.sav: is encrypted with a password | save it in SPSS without a password");
    insta::assert_snapshot!(refused(&b"ASCII SPSS PORT FILE".repeat(12)), @"file.sav: is a portable file of SPSS (.por), which cannot be read | save it in SPSS as .sav");
}

#[test]
fn headers_and_records_that_cannot_be_are_named() {
    let good = plain(1).bytes();
    let with = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        refused(&file)
    };
    insta::assert_snapshot!(with(64, &[9, 9, 9, 9]), @"file.sav: the header has an unknown layout (before byte 68); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(72, &[2]), @"file.sav: the header has an unknown compression (before byte 76); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(84, &f64::NAN.to_le_bytes()), @"file.sav: the header has no bias (before byte 92); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(176, &[77]), @"file.sav: the dictionary has an unknown record (before byte 180); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(180, &[0, 1]), @"file.sav: a variable has an impossible width (before byte 184); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(188, &[4]), @"file.sav: a variable has an impossible number of missing values (before byte 208); the file is damaged | copy the file again, or ask for a new delivery");
}

#[test]
fn columns_that_are_not_there_are_named_as_in_a_header() {
    let bytes = plain(0).bytes();
    let said = |columns: &str| refusal("file.sav", &bytes, &codebook("null", columns));
    let missing = r#"{ name = "number", type = "text" }, { name = "words", type = "text" },"#;
    insta::assert_snapshot!(said(missing), @"file.sav: column words: is missing in the dictionary | the file has `word`");
    insta::assert_snapshot!(said(r#"{ name = "person_id", type = "text" },"#), @"file.sav: no name of the codebook stands in the dictionary | is the file one of this source?");
    let mut strict = codebook("null", r#"{ name = "word", type = "text" },"#);
    strict.is_strict = true;
    insta::assert_snapshot!(refusal("file.sav", &bytes, &strict), @"file.sav: column number: is not in the codebook, which is strict | add it to the codebook, or take `strict` off");
    let mut twice = plain(0);
    twice.variables[1].name = "Number".to_owned();
    let column = codebook("null", r#"{ name = "number", type = "text" },"#);
    insta::assert_snapshot!(refusal("file.sav", &twice.bytes(), &column), @"file.sav: column number: stands twice in the dictionary");
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    for compression in [0, 1, 2] {
        let good = plain(compression).bytes();
        let codebook = codebook("null", COLUMNS);
        assert_eq!(read(&good, &codebook).unwrap().rows.len(), 500);
        let start = plain(compression).dictionary().len();
        let ends = (1..start).step_by(37).chain((start..good.len()).step_by(41));
        for end in ends.chain([good.len() - 1]) {
            let error = read(&good[..end], &codebook).unwrap_err();
            assert!(matches!(error, Error::RawInput { .. }), "{compression}, {end}: {error}");
        }
    }
    insta::assert_snapshot!(refused(&plain(0).bytes()[..400]), @"file.sav: the file ends within its dictionary, at byte 400 | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(refused(&plain(0).bytes()[..20_000]), @"file.sav: the file declares 500 cases and has 58; the copy is probably incomplete | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(refused(&plain(1).bytes()[..9_000]), @"file.sav: the file declares 500 cases and has 141; the copy is probably incomplete | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(refused(&plain(2).bytes()[..4_000]), @"file.sav: the file ends within its data, at byte 4000; the copy is probably incomplete | copy the file again, or ask for a new delivery");
    let mut undeclared = plain(0);
    undeclared.declared = -1;
    insta::assert_snapshot!(refused(&undeclared.bytes()[..20_000]), @"file.sav: the file ends within its data, after 58 whole cases; the copy is probably incomplete | copy the file again, or ask for a new delivery");
    undeclared.compression = 1;
    insta::assert_snapshot!(refused(&undeclared.bytes()[..9_003]), @"file.sav: the file ends within its data, after 141 whole cases; the copy is probably incomplete | copy the file again, or ask for a new delivery");
}

#[test]
fn a_wrong_number_of_cases_is_refused() {
    for compression in [0, 1, 2] {
        for (declared, wanted) in
            [(501, "the file declares 501 cases and has 500"), (499, "499 cases and has more")]
        {
            let said = refused(&Sav { declared, ..plain(compression) }.bytes());
            assert!(said.contains(wanted), "{said}");
        }
        let reading =
            read(&Sav { declared: -1, ..plain(compression) }.bytes(), &codebook("null", COLUMNS));
        assert_eq!(reading.unwrap().rows.len(), 500);
    }
}

#[test]
fn blocks_that_do_not_fit_their_directory_are_refused() {
    let good = plain(2).bytes();
    let with = |at: usize| {
        let mut file = good.clone();
        file[at] ^= 1;
        refused(&file)
    };
    let start = plain(2).dictionary().len();
    insta::assert_snapshot!(with(start), @"file.sav: the header of its blocks is not one (before byte 1624); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(start + 8), @"file.sav: its blocks run into their directory (before byte 9268); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(start + 16), @"file.sav: the header of its blocks is not one (before byte 1624); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(start + 30), @"file.sav: a block cannot be unpacked (before byte 1624); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(good.len() - 1), @"file.sav: the directory of its blocks does not fit them (before byte 9461); the file is damaged | copy the file again, or ask for a new delivery");
    insta::assert_snapshot!(with(good.len() - 23), @"file.sav: the directory of its blocks does not fit them (before byte 9461); the file is damaged | copy the file again, or ask for a new delivery");
}

#[test]
fn a_name_that_does_not_fit_the_content_is_a_warning() {
    let codebook = codebook("null", COLUMNS);
    let warnings = |name: &str, compression| {
        read_as(name, &plain(compression).bytes(), &codebook, 2, 4096).unwrap().outcome.warnings
    };
    assert_eq!(warnings("a.zsav", 1), ["it is named .zsav but is a .sav, and was read as one"]);
    assert_eq!(warnings("a.SAV", 2), ["it is named .sav but is a .zsav, and was read as one"]);
    assert_eq!(warnings("a.sav", 0), [] as [&str; 0]);
    assert_eq!(warnings("a.zsav", 2), [] as [&str; 0]);
}

#[test]
fn bytes_behind_the_data_are_a_warning() {
    let mut file = Sav { writes_end: true, ..plain(1) }.bytes();
    file.extend(b"something");
    let reading = read(&file, &codebook("null", COLUMNS)).unwrap();
    assert_eq!(reading.rows.len(), 500);
    assert_eq!(reading.outcome.warnings, ["9 bytes behind the end of its data are not read"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_changed_at_random_are_read_or_refused(
        compression in 0..3i32,
        is_big_endian in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..6),
    ) {
        let mut sav = Sav { is_big_endian, has_other_records: true, ..plain(compression) };
        sav.cases.truncate(40);
        sav.declared = 40;
        let mut file = sav.bytes();
        let dictionary = sav.dictionary().len();
        for (place, byte, is_in_dictionary) in changes {
            let within = if is_in_dictionary { dictionary } else { file.len() };
            file[place.index(within)] = byte;
        }
        match read(&file, &codebook("null", COLUMNS)) {
            Ok(_) | Err(Error::RawInput { .. }) => {}
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
