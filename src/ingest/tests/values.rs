//! Values of one field: integers, decimals, days.

use crate::ingest::rejects::Rule;
use crate::ingest::values::*;
use crate::pipeline::codebook::SurplusDecimals;

fn form(precision: u8, scale: u8, mark: u8, surplus: SurplusDecimals) -> DecimalForm {
    DecimalForm { precision, scale, mark, implied: 0, surplus }
}

#[test]
fn digits_without_a_mark_have_implied_decimals() {
    let two = DecimalForm { implied: 2, ..form(6, 2, b',', SurplusDecimals::Reject) };
    for (text, value) in [
        ("12345", 12_345),
        ("000005", 5),
        ("5", 5),
        ("-5", -5),
        ("12,5", 1250),
        ("12,", 1200),
        ("0001234567", 0),
    ] {
        let expected = if value == 0 { Err(Rule::DecimalTooLarge) } else { Ok(value) };
        assert_eq!(decimal(text.as_bytes(), &two), expected, "{text}");
    }
    for text in ["", "-", "1 2", "1.5"] {
        assert_eq!(decimal(text.as_bytes(), &two), Err(Rule::NotADecimal), "{text}");
    }
    let four = DecimalForm { implied: 4, ..two.clone() };
    assert_eq!(decimal(b"123400", &four), Ok(1234));
    assert_eq!(decimal(b"123456", &four), Err(Rule::TooManyDecimals));
    let rounded = DecimalForm { surplus: SurplusDecimals::Round, ..four };
    assert_eq!(decimal(b"123456", &rounded), Ok(1235));
    assert_eq!(decimal(b"50", &rounded), Ok(1));
    let one = DecimalForm { implied: 1, ..two };
    assert_eq!(decimal(b"15", &one), Ok(150));
    let widest = DecimalForm { implied: 38, ..form(38, 38, b'.', SurplusDecimals::Reject) };
    assert_eq!(decimal(b"7", &widest), Ok(7));
    assert_eq!(decimal("9".repeat(38).as_bytes(), &widest), Ok(10i128.pow(38) - 1));
    assert_eq!(decimal("9".repeat(39).as_bytes(), &widest), Err(Rule::DecimalTooLarge));
}

#[test]
fn integers_have_a_sign_and_leading_zeros_and_end_at_64_bits() {
    let form = DecimalForm::of_integers(b',', SurplusDecimals::Reject);
    let integer = |text: &[u8]| integer(text, &form);
    assert_eq!(integer(b"-0012"), Ok(-12));
    assert_eq!(integer(b"+7"), Ok(7));
    assert_eq!(integer(b"9223372036854775807"), Ok(i64::MAX));
    assert_eq!(integer(b"-9223372036854775808"), Ok(i64::MIN));
    assert_eq!(integer(b"0000000000000000000000000000001"), Ok(1));
    for text in ["9223372036854775808", "-9223372036854775809", "99999999999999999999"] {
        assert_eq!(integer(text.as_bytes()), Err(Rule::IntegerTooLarge), "{text}");
    }
    for text in ["", "-", "+-1", "1 2", "1.0", "1,000", "0x1", "1e3", "\u{663}"] {
        assert_eq!(integer(text.as_bytes()), Err(Rule::NotAnInteger), "{text}");
    }
}

#[test]
fn decimals_are_exact() {
    let mut form = form(5, 2, b',', SurplusDecimals::Reject);
    for (text, value) in
        [("1,5", 150), ("-001,50000", -150), (",5", 50), ("5,", 500), ("999,99", 99_999), ("-0", 0)]
    {
        assert_eq!(decimal(text.as_bytes(), &form), Ok(value), "{text}");
    }
    for text in ["", ",", "-", "1.5", "1,5,5", "1e2", "1 000", "--1"] {
        assert_eq!(decimal(text.as_bytes(), &form), Err(Rule::NotADecimal), "{text}");
    }
    assert_eq!(decimal(b"1,005", &form), Err(Rule::TooManyDecimals));
    assert_eq!(decimal(b"1000", &form), Err(Rule::DecimalTooLarge));
    form.surplus = SurplusDecimals::Round;
    for (text, value) in
        [("1,005", 101), ("-1,005", -101), ("1,00499999999999999999999999999999999", 100)]
    {
        assert_eq!(decimal(text.as_bytes(), &form), Ok(value), "{text}");
    }
    assert_eq!(decimal(b"999,995", &form), Err(Rule::DecimalTooLarge));
}

#[test]
fn the_widest_decimals_fit() {
    let form = form(38, 38, b'.', SurplusDecimals::Round);
    let nines = "9".repeat(38);
    assert_eq!(decimal(format!("0.{nines}").as_bytes(), &form), Ok(10i128.pow(38) - 1));
    assert_eq!(decimal(format!("0.{nines}9").as_bytes(), &form), Err(Rule::DecimalTooLarge));
    assert_eq!(decimal(b"1", &form), Err(Rule::DecimalTooLarge));
    let whole = DecimalForm { scale: 0, ..form };
    assert_eq!(decimal(nines.as_bytes(), &whole), Ok(10i128.pow(38) - 1));
    assert_eq!(decimal(b"0.5", &whole), Ok(1));
}

#[test]
fn integers_may_be_written_with_decimals_that_say_nothing() {
    let form = |surplus| DecimalForm::of_integers(b'.', surplus);
    let read = |text: &str, surplus| integer(text.as_bytes(), &form(surplus));
    for (text, value) in
        [("1957.0", 1957), ("-1200.000", -1200), ("+7.", 7), (".0", 0), ("12.0000", 12)]
    {
        assert_eq!(read(text, SurplusDecimals::Reject), Ok(value), "{text}");
        assert_eq!(read(text, SurplusDecimals::Round), Ok(value), "{text}");
    }
    for (text, value) in [("1957.5", 1958), ("-1957.5", -1958), ("1957.49", 1957)] {
        assert_eq!(read(text, SurplusDecimals::Reject), Err(Rule::NotAnInteger), "{text}");
        assert_eq!(read(text, SurplusDecimals::Round), Ok(value), "{text}");
    }
    for text in ["1.000", "-12.000", "123.000"] {
        assert_eq!(read(text, SurplusDecimals::Reject), Err(Rule::NotAnInteger), "{text}");
    }
    assert_eq!(read("123.000", SurplusDecimals::Round), Ok(123));
    for text in ["1957,0", "1.957.0", "1e3", ".", "", "-", "0x10"] {
        assert_eq!(read(text, SurplusDecimals::Round), Err(Rule::NotAnInteger), "{text}");
    }
    assert_eq!(read("9223372036854775807.0", SurplusDecimals::Reject), Ok(i64::MAX));
    for text in ["9223372036854775808.0", &("9".repeat(40) + ".0")] {
        assert_eq!(read(text, SurplusDecimals::Reject), Err(Rule::IntegerTooLarge), "{text}");
    }
    assert_eq!(read("9223372036854775807.5", SurplusDecimals::Round), Err(Rule::IntegerTooLarge));
}

#[test]
fn a_date_in_another_form_is_the_same_day() {
    for number in (-700_000..2_900_000).step_by(977) {
        let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(number);
        let (year, month, of_month) = (day.year(), day.month(), day.day());
        let plain = format!("{year:04}{month:02}{of_month:02}");
        assert_eq!(date(plain.as_bytes()), Ok(number));
        for (format, text) in [
            ("%Y-%m-%d", format!("{year:04}-{month:02}-{of_month:02}")),
            ("%d/%m/%Y", format!("{of_month:02}/{month:02}/{year:04}")),
            ("%-d.%-m.%Y", format!("{of_month}.{month}.{year:04}")),
        ] {
            assert_eq!(date_as(text.as_bytes(), format), Ok(number), "{text}");
        }
    }
    for text in [
        "2016-1-02",
        "16-01-02",
        "2016-13-01",
        "2017-02-29",
        "20160102",
        "2016-01-02 ",
        "",
        "2016-01-02T00:00:00",
        "+2016-01-02",
        "0000-01-01",
        "-001-01-01",
        "2016/01/02",
    ] {
        assert_eq!(date_as(text.as_bytes(), "%Y-%m-%d"), Err(Rule::NotADate), "{text}");
    }
    assert_eq!(date_as(b"2016-01-\xff2", "%Y-%m-%d"), Err(Rule::NotADate));
}

#[test]
fn dates_are_those_of_the_calendar() {
    let epoch = jiff::civil::date(1970, 1, 1);
    let mut day = jiff::civil::date(1, 1, 1);
    while day.year() < 9999 {
        let text = day.strftime("%Y%m%d").to_string();
        let days = (day - epoch).get_days();
        assert_eq!(date(text.as_bytes()), Ok(days), "{text}");
        day = day.checked_add(jiff::Span::new().days(97)).unwrap();
    }
    for text in [
        "20170229", "19000229", "20161301", "20160431", "20160100", "00000101", "2016010",
        "2016-1-1", "88888888",
    ] {
        assert_eq!(date(text.as_bytes()), Err(Rule::NotADate), "{text}");
    }
    // Bytes that are no digits, in every place.
    for byte in (0..=255u8).filter(|byte| !byte.is_ascii_digit()) {
        assert_eq!(date(&[byte; 8]), Err(Rule::NotADate), "{byte}");
        for place in 0..8 {
            let mut text = *b"20160101";
            text[place] = byte;
            assert_eq!(date(&text), Err(Rule::NotADate), "{byte} at {place}");
        }
    }
    assert!(date(b"20000229").is_ok());
}
