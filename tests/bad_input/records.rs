//! Records that do not fit, in every form of text: one counted reject each, by
//! its rule, line and column.

use super::*;

/// A bad record behind a hundred good ones; its last character is the line end.
struct Bad {
    record: fn(Form) -> Vec<u8>,
    /// Column and rule of its reject.
    rejected: fn(Form) -> (&'static str, &'static str),
}

fn line(form: Form, record: [&str; 4]) -> Vec<u8> {
    (form.record(record) + "\n").into_bytes()
}

/// A fault of the line, which has another name in each format.
fn by_format(
    form: Form,
    delimited: &'static str,
    fixed: &'static str,
) -> (&'static str, &'static str) {
    ("-", if form.is_fixed { fixed } else { delimited })
}

const BAD: [Bad; 11] = [
    // A number too large for its type.
    Bad {
        record: |form| line(form, [CANARY, "A", "9223372036854775808", "20200101"]),
        rejected: |_| ("hour_count", "integer too large"),
    },
    // A number that is none.
    Bad {
        record: |form| line(form, [CANARY, "A", "KANARIE77", "20200101"]),
        rejected: |_| ("hour_count", "not an integer"),
    },
    // An impossible date.
    Bad {
        record: |form| line(form, [CANARY, "A", "1", "20210229"]),
        rejected: |_| ("began_on", "not a date"),
    },
    Bad {
        record: |form| line(form, ["", "A", "1", "20200101"]),
        rejected: |_| ("person_id", "mandatory value missing"),
    },
    Bad {
        record: |form| line(form, [CANARY, "\0", "1", "20200101"]),
        rejected: |_| ("-", "NUL byte"),
    },
    Bad { record: |_| b"\n".to_vec(), rejected: |_| ("-", "empty line") },
    // A truncated last line.
    Bad {
        record: |form| {
            line(form, [CANARY, "A", "1", "20200101"])
                [..form.record([CANARY, "A", "", ""]).len() / 2]
                .to_vec()
        },
        rejected: |form| by_format(form, "too few fields", "line too short"),
    },
    Bad {
        record: |form| (form.record([CANARY, "A", "1", "20200101"]) + ";\n").into_bytes(),
        rejected: |form| by_format(form, "too many fields", "line too long"),
    },
    Bad {
        record: |form| {
            let mut bytes = line(form, [CANARY, "A", "1", "20200101"]);
            bytes[2] = 0xe9;
            bytes
        },
        rejected: |_| ("-", "not UTF-8"),
    },
    // A field of 10 MB.
    Bad {
        record: |form| line(form, [CANARY, &"KANARIE77".repeat(1_111_111), "1", "20200101"]),
        rejected: |_| ("-", "record too long"),
    },
    // A stray quote; in fixed width text a quote is a character as others, and
    // the record has another fault.
    Bad {
        record: |form| {
            line(form, [CANARY, "A\"B", if form.is_fixed { "\"" } else { "1" }, "20200101"])
        },
        rejected: |form| match form.is_fixed {
            true => ("hour_count", "not an integer"),
            false => ("-", "quote inside a field"),
        },
    },
];

fn each_bad_record_is_counted(form: Form) {
    let scene = Scene::of(form, "utf-8");
    let good = form.text(borrowed(&good_records(100)));
    for bad in &BAD {
        // An empty line at the end would be no record: a good one follows.
        let mut text = good.clone().into_bytes();
        text.extend((bad.record)(form));
        if (bad.rejected)(form).1 == "empty line" {
            text.extend(line(form, ["P999", "A", "10", "20200101"]));
        }
        let (said, found) = scene.refusal_of(form, 4, &text);
        let (column, rule) = (bad.rejected)(form);
        let wanted = format!("FILE, {column}, {rule}: 1 from line {}", form.line(101));
        assert_eq!(found, [wanted], "{form:?}");
        let read = 101 + usize::from(rule == "empty line");
        let wanted = format!(
            "error: raw.jobs 2021 (FILE): 1 of {read} records rejected, over the limit of 0.1 %\n  \
             hint: `honkvast rejects --run last` shows which rules and lines\n"
        );
        assert_eq!(said, wanted, "{form:?}");
    }
}

#[test]
fn each_bad_record_of_delimited_text_is_counted() {
    each_bad_record_is_counted(Form { is_fixed: false, packing: Packing::Plain });
}

#[test]
fn each_bad_record_of_gzipped_delimited_text_is_counted() {
    each_bad_record_is_counted(Form { is_fixed: false, packing: Packing::Gzip });
}

#[test]
fn each_bad_record_of_zstd_packed_delimited_text_is_counted() {
    each_bad_record_is_counted(Form { is_fixed: false, packing: Packing::Zstd });
}

#[test]
fn each_bad_record_of_fixed_width_text_is_counted() {
    each_bad_record_is_counted(Form { is_fixed: true, packing: Packing::Plain });
}

#[test]
fn each_bad_record_of_gzipped_fixed_width_text_is_counted() {
    each_bad_record_is_counted(Form { is_fixed: true, packing: Packing::Gzip });
}

#[test]
fn each_bad_record_of_zstd_packed_fixed_width_text_is_counted() {
    each_bad_record_is_counted(Form { is_fixed: true, packing: Packing::Zstd });
}

#[test]
fn a_million_empty_lines_are_counted_in_every_form() {
    for form in Form::all() {
        let scene = Scene::of(form, "utf-8");
        let text = form.text(borrowed(&good_records(100))) + &"\n".repeat(1_000_000);
        form.write(
            &scene.study,
            2021,
            2,
            (text + &form.record(["P999", "A", "1", ""]) + "\n").as_bytes(),
        );
        let said = scene.study.fail(4, &["run"]);
        scene.stands();
        let found = rejects(&scene.study, &["--run", "last"]);
        let (file, line) = (form.file(2021, 2), form.line(101));
        if form.packing == Packing::Zstd {
            // How many records are still to come, nobody knows before they came.
            assert!(said.contains("1000000 of 1000101 records rejected"), "{said}");
            assert_eq!(found, [format!("{file}, -, empty line: 1000000 from line {line}")]);
            continue;
        }
        let (count, rest) = said.split_once(" of the first ").unwrap();
        let count: u64 = count.rsplit_once(' ').unwrap().1.parse().unwrap();
        assert!((100_000..=1_000_000).contains(&count), "{said}");
        let read: u64 = rest.split(' ').next().unwrap().parse().unwrap();
        assert!((count + 100..=1_000_101).contains(&read), "{said}");
        assert_eq!(found, [format!("{file}, -, empty line: {count} from line {line}")]);
    }
}

#[test]
fn a_width_that_is_another_files_is_named() {
    let form = Form { is_fixed: true, packing: Packing::Plain };
    let scene = Scene::of(form, "utf-8");
    let text = format!("{CANARY}A   1\n").repeat(20);
    let (said, found) = scene.refusal_of(form, 4, text.as_bytes());
    insta::assert_snapshot!(said, @"
    error: raw.jobs 2021 (FILE): 20 of 20 records rejected, over the limit of 0.1 %
      hint: no line has as many characters as `width` in the codebook says
    ");
    assert_eq!(found, ["FILE, -, line too short: 20 from line 1"]);
}
