//! Random deliveries in parts: any number of parts, versions, line ends,
//! packings, damaged records, with and without header lines. What must come out
//! is written down beside what goes in.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::no_header::take_header_off;
use crate::parts::{HEADER, by_parts, rows_of};
use crate::raw_form::Packing;
use crate::rows::rows;
use crate::tiny_study::{CODEBOOK_FILE, TinyStudy};

/// A record, and the line that is kept of it; none where it is rejected.
type Record = (String, bool);

/// One version of a part.
#[derive(Debug, Clone)]
struct Version {
    records: Vec<Record>,
    line_end: &'static str,
    packing: Packing,
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        5 => (1..=168u32).prop_map(|hours| (format!("P;A;{hours}"), true)),
        1 => prop::sample::select(vec!["P;A;x", "P;A", "P;A;1;1", "", ";A;1", "P;\0;1"])
            .prop_map(|text| (text.to_owned(), false)),
    ]
}

fn version() -> impl Strategy<Value = Version> {
    let line_end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let packing = prop::sample::select(Packing::ALL.to_vec());
    (vec(record(), 0..30), line_end, packing).prop_map(|(records, line_end, packing)| {
        // The first record says how many fields there are, where no line of names does;
        // an empty last line is no record.
        let whole = || std::iter::once(("P;A;7".to_owned(), true));
        Version { records: whole().chain(records).chain(whole()).collect(), line_end, packing }
    })
}

/// Parts of a year by their names, each with its versions by their numbers.
fn parts() -> impl Strategy<Value = BTreeMap<String, BTreeMap<u32, Version>>> {
    btree_map("[a-z0-9]{1,3}(-[a-z0-9])?", btree_map(1..200u32, version(), 1..3), 1..6)
}

impl Version {
    /// Names its persons after its part, so that no two are alike.
    fn lines(&self, part: &str) -> Vec<Record> {
        let named = |(number, (text, is_kept)): (usize, &Record)| {
            (text.replacen('P', &format!("{part}.{number}"), 1), *is_kept)
        };
        self.records.iter().enumerate().map(named).collect()
    }

    fn write(&self, study: &TinyStudy, year: i32, part: &str, number: u32, has_header: bool) {
        let header = has_header.then(|| HEADER.trim_end().to_owned());
        let lines = self.lines(part).into_iter().map(|(text, _)| text);
        let text: String =
            header.into_iter().chain(lines).map(|line| line + self.line_end).collect();
        let ending = self.packing.ending();
        let name = format!("raw/PNADC_{part}{year}_{number}.txt{ending}");
        study.write(&name, self.packing.pack(text.as_bytes()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_of_a_slice_are_the_kept_records_of_the_newest_versions_in_order(
        years in vec(parts(), 2),
        has_header in any::<bool>(),
    ) {
        let study = by_parts();
        let column = "[[columns]]\nname = \"person_id\"";
        study.replace(CODEBOOK_FILE, column, &format!("reject_limit = 1\n{column}"));
        if !has_header {
            take_header_off(&study, &["PERSON", "SECTOR", "HOURS"]);
        }
        let mut wanted_rejects = BTreeMap::new();
        for (year, parts) in (2020..).zip(&years) {
            for (part, versions) in parts {
                for (number, version) in versions {
                    version.write(&study, year, part, *number, has_header);
                }
            }
        }
        let output = study.output("error", &["run", "--accept-volume", "jobs"]);
        prop_assert!(output.status.success(), "{}", crate::workplace::stderr(&output));
        for (year, parts) in (2020..).zip(&years) {
            // In the order of the names of the files.
            let newest = parts.iter().map(|(part, versions)| {
                let (number, version) = versions.last_key_value().unwrap();
                let ending = version.packing.ending();
                (format!("PNADC_{part}{year}_{number}.txt{ending}"), (part, version))
            });
            let mut kept = String::new();
            for (name, (part, version)) in newest.collect::<BTreeMap<_, _>>() {
                let lines = version.lines(part);
                let is_kept = |(_, is_kept): &&Record| *is_kept;
                kept.extend(lines.iter().filter(is_kept).map(|(text, _)| format!("{text}\n")));
                let rejected = lines.len() - lines.iter().filter(is_kept).count();
                if rejected > 0 {
                    wanted_rejects.insert(name, rejected as u64);
                }
            }
            prop_assert_eq!(rows_of(&study, year), kept);
        }
        let mut rejects = BTreeMap::new();
        for row in rows(&study.succeed(&["rejects", "--format", "csv"])) {
            *rejects.entry(row["file"].clone()).or_insert(0) += row["record_count"].parse::<u64>().unwrap();
        }
        prop_assert_eq!(rejects, wanted_rejects);
    }
}
