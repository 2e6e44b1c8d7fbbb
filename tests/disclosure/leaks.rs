//! Leaks that are planted in protected tables: one suppressed count shown again.
//! Where trying out all numbers finds a count, the attacker must have found it.

use std::collections::{BTreeMap, BTreeSet};

use honkvast::attack::{Rules, Spot, attack};
use honkvast::pipeline::published::{Published, declaration};
use honkvast::pipeline::toml_reader::DefinitionText;
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::brute_force::Knowledge;
use super::random_tables::{LEAST, MOST, linked};
use super::tables::{Counts, Shown, at_least, protected, shown};

/// The file of a table with what is shown of it.
fn csv(table: &Counts, shown: &Shown) -> Vec<u8> {
    let mut text = table.dimensions.join(",") + ",person_count,person_count_status\n";
    for (codes, count) in shown {
        let (count, status) = match count {
            Some(count) => (count.to_string(), "published"),
            None => (String::new(), "suppressed"),
        };
        text.push_str(&format!("{},{count},{status}\n", codes.join(",")));
    }
    text.into_bytes()
}

/// Whether an attack finds something in tables that are shown so.
fn is_found(tables: &[(&Counts, Shown)]) -> bool {
    let declarations: Vec<(String, Published)> =
        tables.iter().map(|(table, _)| (table.name.clone(), table.declaration())).collect();
    let files: BTreeMap<String, Vec<u8>> =
        tables.iter().map(|(table, shown)| (table.name.clone(), csv(table, shown))).collect();
    let names = tables.iter().map(|(table, _)| (table.name.clone(), "person_count".to_owned()));
    let rules = Rules {
        tables: declarations.iter().map(|(name, it)| (name.clone(), it)).collect(),
        thresholds: at_least(LEAST),
        never_zero: names.collect::<BTreeSet<_>>(),
        ..Rules::default()
    };
    !attack(&files, &rules).unwrap().leaks.is_empty()
}

/// Whether a count is below the threshold for certain, or nearly known.
fn is_leak(tables: &[(&Counts, Shown)]) -> bool {
    let is_narrow = |[low, high]: &[i64; 2]| high - low < LEAST && *low < LEAST;
    let is_shown =
        |(_, rows): &(&Counts, Shown)| rows.values().flatten().any(|count| *count < LEAST);
    tables.iter().any(is_shown) || Knowledge::of(tables, MOST).intervals().values().any(is_narrow)
}

/// What an attack finds in one file, where contributors know some rows.
fn found_in(more: &str, file: &str, contributors: &[(usize, i64)]) -> Vec<(String, &'static str)> {
    let text = format!(
        "family = \"register\"\ndimensions = [\"sector\"]\ntotals = [\"sector\"]\n{more}\n[protect]\n\
         counts = {{ person_count = \"persons\" }}"
    );
    let declaration = declaration(&DefinitionText { file: "persons".into(), text }).unwrap();
    let files = BTreeMap::from([("persons".to_owned(), file.as_bytes().to_vec())]);
    let spot = |row| Spot { table: "persons".to_owned(), row, measure: "person_count".to_owned() };
    let rules = Rules {
        tables: BTreeMap::from([("persons".to_owned(), &declaration)]),
        contributors: contributors
            .iter()
            .map(|(row, value)| (*row, BTreeMap::from([(spot(*row), *value)])))
            .collect(),
        ..Rules::default()
    };
    let leaks = attack(&files, &rules).unwrap().leaks;
    let words = |it: Spot| format!("{} {}", it.measure, it.row);
    leaks.into_iter().map(|leak| (leak.spot.map(words).unwrap_or_default(), leak.why)).collect()
}

const ONE: &str = "measures = [\"person_count\"]";

#[test]
fn what_a_contributor_can_subtract_is_found() {
    // 38 in a and b together, of whom the one employer of a knows its thirty.
    let file = "sector,person_count,person_count_status\na,,suppressed\nb,,suppressed\n\
                c,60,published\ntotal,98,published\n";
    assert_eq!(found_in(ONE, file, &[]), []);
    let why = "the contributor of another count can find it";
    assert_eq!(found_in(ONE, file, &[(0, 30)]), [("person_count 1".to_owned(), why)]);
}

#[test]
fn a_count_that_is_shown_though_it_is_small_is_found() {
    let file = "sector,person_count,person_count_status\na,9,published\n";
    let why = "it is shown, and is below the least count";
    assert_eq!(found_in(ONE, file, &[]), [("person_count 0".to_owned(), why)]);
    let file = "sector,person_count,person_count_status\na,30,suppressed\n";
    let why = "a value stands beside a status that says it does not";
    assert_eq!(found_in(ONE, file, &[]), [("person_count 0".to_owned(), why)]);
}

#[test]
fn a_figure_that_is_shown_without_its_count_is_found() {
    let measures = "measures = [\"person_count\"]\n\
                    rates = { share = [\"person_count\", \"person_count\"] }";
    let file = "sector,person_count,person_count_status,share,share_status\n\
                a,,suppressed,0.04,published\n";
    let why = "it is shown, and a count that it tells is not";
    for status in ["published", "unreliable"] {
        let found =
            found_in(measures, &file.replace("0.04,published", &format!("0.04,{status}")), &[]);
        assert!(found.contains(&("share 0".to_owned(), why)), "{found:?}");
    }
}

proptest! {
    #![proptest_config(Config { cases: 25, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_planted_leak_is_found_every_time(tables in linked()) {
        let protected = protected(&tables, &at_least(LEAST)).unwrap();
        let shown: Vec<(&Counts, Shown)> =
            tables.iter().map(|table| (table, shown(table, &protected))).collect();
        prop_assert!(!is_found(&shown), "what is protected is safe");
        for (number, table) in tables.iter().enumerate() {
            for (codes, count) in table.rows() {
                let mut leaky = shown.clone();
                if leaky[number].1.insert(codes.clone(), Some(count)) == Some(None) {
                    let (found, leak) = (is_found(&leaky), is_leak(&leaky));
                    prop_assert!(found || !leak, "{} {codes:?} shown again", table.name);
                }
            }
        }
    }
}
