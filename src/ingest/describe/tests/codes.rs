//! Which codes are shown, and that no small count follows from what is shown.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A file with one column of codes by their counts, and one of numbers.
fn file(counts: &[(&str, usize)]) -> String {
    let mut text = "code;id\n".to_owned();
    let codes = counts.iter().flat_map(|(code, count)| std::iter::repeat_n(code, *count));
    codes.enumerate().for_each(|(number, code)| text.push_str(&format!("{code};{number}\n")));
    text
}

/// Codes shown with their counts, blank and the sum of the others.
fn shown(counts: &[(&str, usize)]) -> (Vec<(String, u64)>, Option<String>, Option<u64>) {
    let found = drafted("a.csv", file(counts).as_bytes());
    let column = &found.columns[0];
    let codes = column.codes.iter().map(|code| (code.code.clone(), code.count)).collect();
    let blank = column.blank.map(|count| serde_json::to_string(&count).unwrap());
    (codes, blank, column.other_codes)
}

fn pairs(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    counts.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
}

#[test]
fn codes_under_the_threshold_are_summed_and_take_the_next_smallest_with_them() {
    let zero = Some("0".to_owned());
    assert_eq!(
        shown(&[("A", 500), ("B", 10), ("C", 300)]),
        (pairs(&[("A", 500), ("C", 300), ("B", 10)]), zero.clone(), None)
    );
    // Two rare ones that make a group of ten.
    assert_eq!(
        shown(&[("A", 500), ("B", 9), ("C", 3)]),
        (pairs(&[("A", 500)]), zero.clone(), Some(12))
    );
    // One alone would be the difference, and so it does not stay alone.
    assert_eq!(
        shown(&[("A", 500), ("B", 300), ("C", 9)]),
        (pairs(&[("A", 500)]), zero.clone(), Some(309))
    );
    // Two that are few together would both be known to be few.
    assert_eq!(
        shown(&[("A", 500), ("B", 300), ("C", 2), ("D", 3)]),
        (pairs(&[("A", 500)]), zero.clone(), Some(305))
    );
    assert_eq!(shown(&[("A", 500), ("C", 9)]), (Vec::new(), zero, Some(509)));
    // What is blank counts as a code.
    assert_eq!(shown(&[("A", 500), ("B", 300), ("", 9)]), (pairs(&[("A", 500)]), None, Some(309)));
    assert_eq!(
        shown(&[("A", 500), ("B", 300), ("", 11), ("C", 1)]),
        (pairs(&[("A", 500), ("B", 300)]), None, Some(12))
    );
    assert_eq!(
        shown(&[("A", 500), ("B", 300), ("", 11)]),
        (pairs(&[("A", 500), ("B", 300)]), Some("11".to_owned()), None)
    );
}

#[test]
fn values_of_near_unique_columns_are_never_shown() {
    let names: Vec<String> = (0..90).map(|number| format!("{CANARY}{number}")).collect();
    let few = |count| names.iter().map(|name| (name.as_str(), count)).collect::<Vec<_>>();
    // Each name stands for one record, and for enough records to pass alone.
    assert!(shown(&few(1)).0.is_empty());
    assert!(shown(&few(9)).0.is_empty());
    assert!(shown(&few(29)).0.is_empty(), "long codes need three times the threshold");
    // Persons with many records each.
    let ids: Vec<String> = (0..50).map(|number| format!("{:09}", 77_000_000 + number)).collect();
    let often: Vec<(&str, usize)> = ids.iter().map(|id| (id.as_str(), 200)).collect();
    assert!(shown(&often).0.is_empty());
    // More values than a code list has.
    let many: Vec<String> = (0..101).map(|number| format!("c{number}")).collect();
    let many: Vec<(&str, usize)> = many.iter().map(|code| (code.as_str(), 20)).collect();
    assert!(shown(&many).0.is_empty());
}

#[test]
fn the_threshold_can_be_given() {
    let text = file(&[("A", 40), ("B", 4), ("C", 3)]);
    let found = look_with("a.csv", text.as_bytes(), |options| options.threshold = 3).unwrap();
    assert_eq!(found.columns[0].codes.len(), 3);
    let found = look_with("a.csv", text.as_bytes(), |options| options.threshold = 41).unwrap();
    assert!(found.columns[0].codes.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whoever sees the codes shown, their counts and the number of records
    /// learns of no code that fewer than ten records have it: the records left
    /// could be those of other codes, ten and more each, or of one more code.
    #[test]
    fn no_small_count_follows_from_what_is_shown(
        counts in proptest::collection::vec(prop_oneof![0..25usize, 0..400usize], 1..12),
    ) {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", ""];
        let counts: Vec<(&str, usize)> = names.iter().rev().copied().zip(counts).collect();
        prop_assume!(counts.iter().filter(|(_, count)| *count > 0).count() > 0);
        let all: BTreeMap<&str, u64> =
            counts.iter().map(|(code, count)| (*code, *count as u64)).filter(|(_, n)| *n > 0).collect();
        prop_assume!(all.keys().any(|code| !code.is_empty()));
        let (codes, blank, other) = shown(&counts);
        let records: u64 = all.values().sum();
        for (code, count) in &codes {
            prop_assert!(*count >= 10);
            prop_assert_eq!(all.get(code.as_str()), Some(count));
        }
        let blank_shown: u64 = blank.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0);
        let left = records - codes.iter().map(|(_, count)| count).sum::<u64>() - blank_shown;
        if !codes.is_empty() || other.is_some() {
            prop_assert_eq!(other.unwrap_or(0), left);
            let hidden = all.len() - codes.len() - usize::from(blank_shown > 0);
            prop_assert!(left == 0 || (left >= 10 && hidden >= 2), "{} in {}", left, hidden);
        }
    }
}
