//! A slow second way to the tables: reads the raw files cell by cell with plain
//! Rust and applies the definitions to what they say. It is compared with what
//! the generator planted, and row by row with what the pipeline makes.

mod education;
mod estimates;
mod raw;
mod reasons;
mod redirectable;
mod scores;
mod survey;
mod work;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use raw::{Key, Raw, read_employers, split};
use work::State;

pub(crate) use education::EducationSectors;
pub(crate) use estimates::{Estimate, Name, Survey};
pub(crate) use raw::read_raw;
pub(crate) use reasons::{Reasons, rates};
pub(crate) use redirectable::OutsideSectors;

use crate::chain::Chain;
use crate::rows::{Row, rows};

type Table = BTreeMap<Vec<String>, Vec<i64>>;

fn add(table: &mut Table, cell: &[&str], numbers: &[i64]) {
    let cell = cell.iter().map(|part| (*part).to_owned()).collect();
    let sums = table.entry(cell).or_insert_with(|| vec![0; numbers.len()]);
    for (sum, number) in sums.iter_mut().zip(numbers) {
        *sum += number;
    }
}

/// A person at the two ends of a pair of years, as the raw files have it.
struct Pair {
    from: Option<State>,
    to: Option<State>,
    from_sector: String,
    /// By the first year's list of employers.
    to_sector: String,
    next_sector: String,
    is_same_employer: Option<bool>,
    arrival: Option<&'static str>,
    transition: Option<String>,
}

fn pair(raw: &Raw, key: &Key, year: i32) -> Option<Pair> {
    let (from, to) = (raw.state(key, year), raw.state(key, year + 1));
    if from.is_none() && to.is_none() {
        return None;
    }
    let employer = |state: &Option<State>| state.as_ref().and_then(|it| it.employer.clone());
    let (one, other) = (employer(&from), employer(&to));
    let is_same_employer = one.as_ref().zip(other.as_ref()).map(|(one, other)| one == other);
    let from_sector = raw.sector(one.as_ref(), &[year]);
    let to_sector = match is_same_employer {
        Some(true) => from_sector.clone(),
        _ => raw.sector(other.as_ref(), &[year, year + 1]),
    };
    let next_sector = raw.sector(other.as_ref(), &[year + 1]);
    let arrival = from.is_none().then(|| raw.arrival(key, year));
    let has_died = raw.has_died(key, &format!("{}1001", year + 1));
    let transition = from.as_ref().map(|from| match &to {
        None if has_died => "died".to_owned(),
        None => "emigrated".to_owned(),
        Some(to) => transition(from, to, is_same_employer, &from_sector, &to_sector),
    });
    Some(Pair {
        from,
        to,
        from_sector,
        to_sector,
        next_sector,
        is_same_employer,
        arrival,
        transition,
    })
}

fn transition(
    from: &State,
    to: &State,
    is_same_employer: Option<bool>,
    from_sector: &str,
    to_sector: &str,
) -> String {
    let code = if from.is_employed() && to.is_employed() {
        match is_same_employer {
            None => "employer_unknown",
            Some(true) => "stay",
            _ if (from.code, to.code) == ("employee", "director") => "to_self_employment",
            _ if [from_sector, to_sector].contains(&"unknown") => "other_employer_sector_unknown",
            _ if from_sector == to_sector => "other_employer_same_sector",
            _ => "other_employer_other_sector",
        }
    } else if from.is_employed() {
        match to.code {
            "self_employed" => "to_self_employment",
            "unclear_work" => "to_unclear_work",
            code => return format!("out_{code}"),
        }
    } else if from.code == "self_employed" {
        match to.code {
            "self_employed" => "self_stays",
            _ if to.is_employed() => "self_to_employee",
            _ => "self_out",
        }
    } else if to.is_employed() || to.code == "self_employed" {
        "enters"
    } else {
        "stays_out"
    };
    code.to_owned()
}

/// The sector of who works for an employer, else what kind of state it is.
fn cell(state: &State, sector: &str) -> String {
    match state.code {
        _ if state.is_employed() => sector.to_owned(),
        "self_employed" | "unclear_work" => state.code.to_owned(),
        _ => "not_working".to_owned(),
    }
}

/// Names of the register's tables and of how many measures each has.
const REGISTER: [(&str, usize); 6] = [
    ("residence", 1),
    ("person_years", 1),
    ("state_contradictions", 1),
    ("register_transitions", 1),
    ("flows", 1),
    ("job_inclusion", 2),
];

fn register_tables(raw: &Raw, first_year: i32, last_year: i32) -> [Table; 6] {
    let mut tables = [const { BTreeMap::new() }; 6];
    for (key, (birth_year, _)) in &raw.births {
        for year in first_year..=last_year {
            let (year_text, age) = (year.to_string(), raw.age_group(key, year));
            if birth_year.is_none_or(|birth| birth <= year) {
                add(&mut tables[0], &[&year_text, raw.residence(key, year), &age], &[1]);
            }
            if let Some(state) = raw.state(key, year) {
                let sector = raw.sector(state.employer.as_ref(), &[year]);
                let sector = if state.is_employed() { &sector } else { "none" };
                add(&mut tables[1], &[&year_text, state.code, sector, &age], &[1]);
                let has_job = state.has_job.to_string();
                add(&mut tables[2], &[&year_text, state.code, &state.secm, &has_job], &[1]);
            }
            let mut reasons: BTreeMap<&str, i64> = BTreeMap::new();
            for job in raw.jobs(key, &format!("{year}1001")) {
                *reasons.entry(job.counted).or_default() += 1;
            }
            for (reason, count) in reasons {
                add(&mut tables[5], &[&year_text, reason], &[count, 1]);
            }
            if year < last_year
                && let Some(pair) = pair(raw, key, year)
            {
                add_pair(&mut tables, &pair, &year_text, &age);
            }
        }
    }
    tables
}

fn add_pair(tables: &mut [Table; 6], pair: &Pair, year: &str, age: &str) {
    let gone = pair.transition.clone().unwrap_or_default();
    let to = pair.to.as_ref();
    let to_cell = to.map_or(gone.clone(), |to| cell(to, &pair.to_sector));
    let next_cell = to.map_or(gone, |to| cell(to, &pair.next_sector));
    let from_cell = match (&pair.from, pair.arrival) {
        (Some(from), _) => cell(from, &pair.from_sector),
        (None, arrival) => arrival.unwrap().to_owned(),
    };
    let same = pair.is_same_employer.map_or(String::new(), |same| same.to_string());
    add(&mut tables[4], &[year, &from_cell, &to_cell, &next_cell, &same], &[1]);
    if let (Some(from), Some(transition)) = (&pair.from, &pair.transition) {
        let sector = if from.is_employed() { &pair.from_sector } else { "none" };
        add(&mut tables[3], &[year, sector, age, transition, &to_cell], &[1]);
    }
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
fn person_years_by_digits(mut raw: Raw, year: i32) -> Table {
    for ((_, digits), records) in std::mem::take(&mut raw.pay) {
        raw.pay.entry(("R".to_owned(), digits)).or_default().extend(records);
    }
    let [_, persons, ..] = register_tables(&raw, year, year);
    persons
}

/// Person-years if the version that is last in the order of text were taken.
fn person_years_by_text_order(mut raw: Raw, out: &Path, year: i32) -> Table {
    raw.sectors.clear();
    read_employers(&mut raw, &out.join(format!("BETAB/BE{year}TABV2.csv")), year);
    let [_, persons, ..] = register_tables(&raw, year, year);
    persons
}

fn invented(persons: u64, years: (i32, i32), seed: u64) -> Chain {
    let (persons, seed) = (persons.to_string(), seed.to_string());
    let years = format!("{}..{}", years.0, years.1);
    Chain::techniek_with(&["--persons", &persons, "--years", &years, "--seed", &seed])
}

#[test]
fn the_classical_mistakes_change_the_tables() {
    for seed in 1..=3 {
        let chain = invented(200, (2016, 2016), seed);
        let out = &chain.path("raw");
        let truth = read_truth(out, "person_years", 1);
        let by_digits = person_years_by_digits(read_raw(out, 2016, 2016), 2016);
        assert_ne!(by_digits, truth, "a join on RINPERSOON alone");
        let by_text = person_years_by_text_order(read_raw(out, 2016, 2016), out, 2016);
        assert_ne!(by_text, truth, "V2 taken for newer than V125");
    }
}

fn compare(persons: u64, years: (i32, i32), seed: u64) {
    let chain = invented(persons, years, seed);
    let out = &chain.path("raw");
    let raw = read_raw(out, years.0, years.1);
    let register = register_tables(&raw, years.0, years.1);
    for (table, (name, measures)) in register.iter().zip(REGISTER) {
        let truth = if name == "register_transitions" || name == "flows" {
            let has_pairs = years.0 < years.1;
            if has_pairs { read_truth(out, name, measures) } else { Table::new() }
        } else {
            read_truth(out, name, measures)
        };
        assert_eq!(*table, truth, "{name}, seed {seed}");
    }
    assert!(register[1].len() > 20);
}

#[test]
fn the_truth_is_what_the_raw_files_say() {
    for seed in 1..=4 {
        compare(700, (2016, 2019), seed);
    }
}

#[test]
fn the_truth_holds_for_other_years_and_sizes() {
    compare(200, (2016, 2016), 7);
    compare(331, (2023, 2024), 8);
    compare(2_500, (2019, 2021), 9);
}

/// Rows that a query gives on the lake.
fn asked(chain: &Chain, sql: &str) -> Vec<Row> {
    rows(&chain.succeed("one", &["sql", sql, "--format", "csv"]))
}

fn person_key(id: &str) -> Key {
    (id[..1].to_owned(), id[1..].to_owned())
}

fn text(of: Option<&String>) -> String {
    of.cloned().unwrap_or_default()
}

/// A sector as the lake has it: null, here blank, where it is not known.
fn lake_sector(state: Option<&State>, sector: &str) -> String {
    let is_known = state.is_some_and(State::is_employed) && sector != "unknown";
    if is_known { sector.to_owned() } else { String::new() }
}

#[test]
fn states_and_transitions_are_row_by_row_what_the_raw_files_say() {
    let chain = invented(2_000, (2016, 2019), 21);
    chain.succeed("one", &["run", "core.transitions"]);
    let raw = read_raw(&chain.path("raw"), 2016, 2019);
    let sql = "select year, person_id, state_code, employer_id, sector_code, has_job \
               from core.person_years";
    let found = asked(&chain, sql);
    let residents = |year| raw.births.keys().map(move |key| (key, year));
    let expected = (2016..=2019).flat_map(residents);
    let expected = expected.filter(|(key, year)| raw.residence(key, *year) == "resident").count();
    assert_eq!(found.len(), expected);
    for row in found {
        let (key, year) = (person_key(&row["person_id"]), row["year"].parse().unwrap());
        let state = raw.state(&key, year).unwrap();
        let sector = raw.sector(state.employer.as_ref(), &[year]);
        let sector = lake_sector(Some(&state), &sector);
        let has_job = state.has_job.to_string();
        let expected = [state.code.to_owned(), text(state.employer.as_ref()), sector, has_job];
        let columns = ["state_code", "employer_id", "sector_code", "has_job"];
        assert_eq!(columns.map(|column| row[column].clone()), expected, "{row:?}");
    }
    transitions_are_row_by_row(&chain, &raw);
}

fn transitions_are_row_by_row(chain: &Chain, raw: &Raw) {
    let sql = "select from_year, person_id, transition_code, arrival_code, is_same_employer, \
               from_sector_code, to_sector_code from core.transitions";
    let found = asked(chain, sql);
    let years = 2016..=2018;
    let pairs =
        years.flat_map(|year| raw.births.keys().filter_map(move |key| pair(raw, key, year)));
    assert_eq!(found.len(), pairs.count());
    for row in found {
        let (key, year) = (person_key(&row["person_id"]), row["from_year"].parse().unwrap());
        let pair = pair(raw, &key, year).unwrap();
        let same = pair.is_same_employer.map_or(String::new(), |same| same.to_string());
        let expected = [
            pair.transition.clone().unwrap_or_default(),
            pair.arrival.unwrap_or_default().to_owned(),
            same,
            lake_sector(pair.from.as_ref(), &pair.from_sector),
            lake_sector(pair.to.as_ref(), &pair.to_sector),
        ];
        let columns = [
            "transition_code",
            "arrival_code",
            "is_same_employer",
            "from_sector_code",
            "to_sector_code",
        ];
        assert_eq!(columns.map(|column| row[column].clone()), expected, "{row:?}");
    }
}
