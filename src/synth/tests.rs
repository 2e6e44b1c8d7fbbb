//! Tests of the generator as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Hazards, LEAST_PERSONS, Options, PERSONS_OF_SCENES, Summary, generate};
use crate::error::Error;

fn run(out: &Path, persons: u64, first_year: i32, last_year: i32, seed: u64) -> Summary {
    let (hazards, out) = (Hazards::ALL, out.to_path_buf());
    generate(&Options { persons, first_year, last_year, seed, hazards, out }).unwrap()
}

fn bytes_of(out: &Path, summary: &Summary) -> Vec<Vec<u8>> {
    summary.files.iter().map(|(path, _, _)| fs::read(out.join(path)).unwrap()).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [one, two, three] = [0, 1, 2].map(|place: usize| folders[place].path());
    let first = run(one, 400, 2016, 2018, 5);
    let second = run(two, 400, 2016, 2018, 5);
    let other = run(three, 400, 2016, 2018, 6);
    assert_eq!(first, second);
    assert_eq!(bytes_of(one, &first), bytes_of(two, &second));
    let paths = |summary: &Summary| -> Vec<_> {
        summary.files.iter().map(|(path, _, _)| path.clone()).collect()
    };
    assert_eq!(paths(&first), paths(&other));
    assert_ne!(bytes_of(one, &first), bytes_of(three, &other));
}

#[test]
fn every_quirk_is_planted_at_any_seed_size_and_range_of_years() {
    let sizes = [(LEAST_PERSONS, 2016, 2016), (201, 2017, 2018), (450, 2016, 2019)];
    for (persons, first_year, last_year) in sizes {
        for seed in [0, 1, 2, 3, 42, u64::MAX] {
            let folder = tempfile::tempdir().unwrap();
            let summary = run(folder.path(), persons, first_year, last_year, seed);
            for (name, count) in &summary.quirks {
                // Nothing is coded anew within one year.
                let may_lack = first_year == last_year && name == "recoded_employers";
                let planted = *count > 0 || may_lack;
                assert!(planted, "{name} with {persons} persons and seed {seed}");
            }
        }
    }
    for year in 2017..=2035 {
        let folder = tempfile::tempdir().unwrap();
        let summary = run(folder.path(), LEAST_PERSONS, year, year + 1, 11);
        assert!(summary.quirks.iter().all(|(_, count)| *count > 0), "{year}");
    }
}

#[test]
fn hazards_that_need_more_persons_are_told() {
    let told = |persons, names: &str| {
        let folder = tempfile::tempdir().unwrap();
        let (out, hazards) = (folder.path().to_owned(), names.parse().unwrap());
        let (first_year, last_year, seed) = (2016, 2017, 1);
        let options = Options { persons, first_year, last_year, seed, hazards, out };
        generate(&options).unwrap().unplanted
    };
    assert_eq!(told(PERSONS_OF_SCENES - 1, "returners,relabels,mergers"), ["relabels", "mergers"]);
    assert_eq!(told(PERSONS_OF_SCENES - 1, "returners"), [""; 0]);
    assert_eq!(told(PERSONS_OF_SCENES - 1, "households"), ["households"]);
    let near = "near_technical_share";
    assert_eq!(told(PERSONS_OF_SCENES - 1, near), [near]);
    assert_eq!(told(PERSONS_OF_SCENES, "all"), [""; 0]);
}

#[test]
fn the_summary_tells_records_and_bytes_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let summary = run(folder.path(), 300, 2016, 2017, 3);
    for (path, records, bytes) in &summary.files {
        let content = fs::read(folder.path().join(path)).unwrap();
        assert_eq!(content.len() as u64, *bytes, "{}", path.display());
        if path.extension().is_some_and(|extension| extension == "csv") {
            let lines = content.iter().filter(|&&byte| byte == b'\n').count() as u64;
            assert_eq!(lines, records + 1, "{}", path.display());
        }
    }
}

/// Sums the last column of a truth table by its first.
fn totals(out: &Path, name: &str, keep: impl Fn(&[&str]) -> bool) -> BTreeMap<String, u64> {
    let mut totals = BTreeMap::new();
    let text = fs::read_to_string(out.join("truth").join(name)).unwrap();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if keep(&cells) {
            let count: u64 = cells.last().unwrap().parse().unwrap();
            *totals.entry(cells[0].to_owned()).or_default() += count;
        }
    }
    totals
}

#[test]
fn the_accounts_close() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    run(out, 1_500, 2016, 2019, 4);
    let stocks = totals(out, "person_years.csv", |_| true);
    assert_eq!(stocks, totals(out, "state_contradictions.csv", |_| true));
    assert_eq!(stocks, totals(out, "residence.csv", |cells| cells[1] == "resident"));
    let mut begun = stocks.clone();
    begun.remove("2019");
    assert_eq!(begun, totals(out, "register_transitions.csv", |_| true));
    const ARRIVALS: [&str; 4] = ["born", "immigrated", "returned", "entered_otherwise"];
    assert_eq!(begun, totals(out, "flows.csv", |cells| !ARRIVALS.contains(&cells[1])));
    let next = totals(out, "flows.csv", |cells| !["died", "emigrated"].contains(&cells[2]));
    for (year, then) in [("2016", "2017"), ("2017", "2018"), ("2018", "2019")] {
        assert_eq!(next[year], stocks[then]);
    }
    for arrival in ARRIVALS {
        assert!(!totals(out, "flows.csv", |cells| cells[1] == arrival).is_empty(), "{arrival}");
    }
}

#[test]
fn first_wave_weights_sum_about_to_the_population_of_15_to_74() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    run(out, 20_000, 2016, 2019, 2);
    let population = totals(out, "person_years.csv", |cells| cells[3].contains('-'))["2017"];
    let text = fs::read(out.join("EBBnw/EBBnw2017V1.csv")).unwrap();
    let text: String = text.into_iter().map(char::from).collect();
    let weights = text.lines().skip(1).filter_map(|line| {
        let weight = line.split(';').nth(7).unwrap();
        weight.replace(',', ".").parse::<f64>().ok()
    });
    let ratio = weights.sum::<f64>() / population as f64;
    assert!((0.93..1.07).contains(&ratio), "{ratio}");
}

#[test]
fn options_outside_the_limits_are_usage_errors() {
    let folder = tempfile::tempdir().unwrap();
    for (persons, first_year, last_year) in
        [(199, 2016, 2019), (500, 2015, 2019), (500, 2019, 2016), (500, 2016, 2036)]
    {
        let out = folder.path().join("never");
        let hazards = Hazards::NONE;
        let options = Options { persons, first_year, last_year, seed: 1, hazards, out };
        assert!(matches!(generate(&options), Err(Error::Usage { .. })));
    }
    assert!(!folder.path().join("never").exists());
}
