//! A slow second way to the truth: reads the raw files cell by cell with plain
//! Rust, applies the definitions to what they say and compares every table
//! with `truth/`. Uses nothing of the generator but its public interface.

mod raw;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use raw::{Key, Raw, Record, hundredths, key, read, read_raw, split};

use super::{Options, generate};

type Table = BTreeMap<Vec<String>, Vec<i64>>;

fn add(table: &mut Table, cell: &[&str], numbers: &[i64]) {
    let cell = cell.iter().map(|part| (*part).to_owned()).collect();
    let sums = table.entry(cell).or_insert_with(|| vec![0; numbers.len()]);
    for (sum, number) in sums.iter_mut().zip(numbers) {
        *sum += number;
    }
}

/// The register's four tables in the order of their names in `compare`.
fn register_tables(raw: &Raw, first_year: i32, last_year: i32) -> [Table; 4] {
    let [mut persons, mut states, mut transitions, mut switches] = [const { BTreeMap::new() }; 4];
    for key in raw.births.keys() {
        for year in first_year..=last_year {
            let (day, later) = (format!("{year}1001"), format!("{}1001", year + 1));
            if !raw.is_resident(key, &day) {
                continue;
            }
            let now = raw.main_employer(key, &day);
            let (sector, age) = (raw.sector(year, now.as_ref()), raw.age_group(key, year));
            let year_text = year.to_string();
            let is_employed = if now.is_some() { "1" } else { "0" };
            add(&mut persons, &[&year_text, &sector, &age], &[1]);
            add(&mut states, &[&year_text, &raw.secm(key, &day), is_employed], &[1]);
            if year == last_year {
                continue;
            }
            let then = raw.main_employer(key, &later);
            let class = transition(raw, key, year, now.as_ref(), then.as_ref());
            add(&mut transitions, &[&year_text, &sector, &age, &class], &[1]);
            if raw.is_resident(key, &later) && now.is_some() && then.is_some() {
                let is_switch = i64::from(now != then);
                add(&mut switches, &[&year_text, &sector, &age], &[is_switch, 1]);
            }
        }
    }
    [persons, states, transitions, switches]
}

fn transition(
    raw: &Raw,
    key: &Key,
    year: i32,
    now: Option<&String>,
    then: Option<&String>,
) -> String {
    let later = format!("{}1001", year + 1);
    let sectors = (raw.sector(year, now), raw.sector(year + 1, then));
    let class = match (now, then) {
        _ if raw.has_died(key, &later) => "died",
        _ if raw.has_emigrated(key, &later) => "emigrated",
        (None, None) => "not_employed_stays",
        (None, Some(_)) => "enters",
        (Some(_), None) => return format!("out_{}", raw.secm(key, &later)),
        (Some(one), Some(other)) if one == other => "same_employer",
        _ if sectors.0 == sectors.1 && sectors.0 != "unknown" => "other_employer_same_sector",
        _ => "other_sector",
    };
    class.to_owned()
}

/// What one wave says: year, employer of the main job, sector, technical.
fn wave(raw: &Raw, record: &Record) -> (i32, Option<String>, String, &'static str) {
    let day = &record["SLEUTELEBB"][..8];
    let year: i32 = day[..4].parse().unwrap();
    let employer = raw.main_employer(&key(record), day);
    let sector = raw.sector(year, employer.as_ref());
    let is_technical = match record["BRC2014BEROEPSGROEP"].as_str() {
        "9997" | "9998" | "9999" => "",
        group if ("0711"..="0781").contains(&group) => "1",
        _ => "0",
    };
    (year, employer, sector, is_technical)
}

fn survey_tables(raw: &Raw) -> [Table; 2] {
    let [mut pairs, mut workers] = [const { BTreeMap::new() }; 2];
    for waves in raw.waves.values() {
        let Some(first) = waves.get("1") else { continue };
        if !raw.births.contains_key(&key(first)) {
            continue;
        }
        let weight = hundredths(&first["EBBGEWJAARGEWICHTP1A"]);
        let (year, from, from_sector, from_technical) = wave(raw, first);
        let year_text = year.to_string();
        if from.is_some() && !from_technical.is_empty() {
            let group = first["BRC2014BEROEPSGROEP"].as_str();
            add(&mut workers, &[&year_text, &from_sector, group], &[1, weight]);
        }
        let Some(last) = waves.get("5") else { continue };
        assert_eq!(key(first), key(last));
        let (_, to, to_sector, to_technical) = wave(raw, last);
        let same = match (&from, &to) {
            (Some(one), Some(other)) if one == other => "1",
            (Some(_), Some(_)) => "0",
            _ => "",
        };
        let age = raw.age_group(&key(first), year);
        let cell = [
            year_text.as_str(),
            &from_sector,
            &to_sector,
            from_technical,
            to_technical,
            same,
            &age,
        ];
        add(&mut pairs, &cell, &[1, weight]);
    }
    [pairs, workers]
}

fn read_truth(out: &Path, name: &str, measures: usize) -> Table {
    let text = fs::read_to_string(out.join(format!("truth/{name}.csv"))).unwrap();
    let mut table = Table::new();
    for line in text.lines().skip(1) {
        let mut cell = split(line, ',');
        let numbers = cell.split_off(cell.len() - measures);
        let numbers = numbers.iter().map(|number| number.parse().unwrap()).collect();
        assert!(table.insert(cell, numbers).is_none(), "{name}: {line} stands twice");
    }
    table
}

/// Person-years if persons were known by their digits alone.
fn person_years_by_digits(mut raw: Raw, first_year: i32, last_year: i32) -> Table {
    let rows = std::mem::take(&mut raw.rows);
    for ((_, digits), rows) in rows {
        raw.rows.entry(("R".to_owned(), digits)).or_default().extend(rows);
    }
    let [persons, ..] = register_tables(&raw, first_year, last_year);
    persons
}

/// Person-years if the version that is last in the order of text were taken.
fn person_years_by_text_order(mut raw: Raw, out: &Path, year: i32) -> Table {
    raw.sectors.clear();
    for record in read(&out.join(format!("BETAB/BE{year}TABV2.csv")), ';') {
        let sbi = &record[&format!("SBI2008V{year}")];
        if !sbi.is_empty() {
            raw.sectors.insert((year, record["BEID"].clone()), sbi[..2].to_owned());
        }
    }
    let [persons, ..] = register_tables(&raw, year, year);
    persons
}

#[test]
fn the_classical_mistakes_change_the_tables() {
    for seed in 1..=3 {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let options = Options {
            persons: 200,
            first_year: 2016,
            last_year: 2016,
            seed,
            out: out.to_path_buf(),
        };
        generate(&options).unwrap();
        let truth = read_truth(out, "person_years", 1);
        let by_digits = person_years_by_digits(read_raw(out, 2016, 2016), 2016, 2016);
        assert_ne!(by_digits, truth, "a join on RINPERSOON alone");
        let by_text = person_years_by_text_order(read_raw(out, 2016, 2016), out, 2016);
        assert_ne!(by_text, truth, "V2 taken for newer than V125");
    }
}

fn compare(persons: u64, first_year: i32, last_year: i32, seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let options = Options { persons, first_year, last_year, seed, out: out.to_path_buf() };
    generate(&options).unwrap();
    let raw = read_raw(out, first_year, last_year);
    let register = register_tables(&raw, first_year, last_year);
    let names = ["person_years", "secm_states", "register_transitions", "employer_switches"];
    for ((table, name), measures) in register.iter().zip(names).zip([1, 1, 1, 2]) {
        assert_eq!(*table, read_truth(out, name, measures), "{name}, seed {seed}");
    }
    let survey = survey_tables(&raw);
    for (table, name) in survey.iter().zip(["survey_pairs", "survey_workers"]) {
        assert_eq!(*table, read_truth(out, name, 2), "{name}, seed {seed}");
    }
    assert!(register[0].len() > 20 && survey[1].len() > 5);
}

#[test]
fn the_truth_is_what_the_raw_files_say() {
    for seed in 1..=4 {
        compare(700, 2016, 2019, seed);
    }
}

#[test]
fn the_truth_holds_for_other_years_and_sizes() {
    compare(200, 2016, 2016, 7);
    compare(331, 2023, 2024, 8);
    compare(2_500, 2019, 2021, 9);
}
