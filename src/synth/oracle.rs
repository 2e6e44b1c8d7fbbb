//! A slow second way to the truth: reads the raw files cell by cell with plain
//! Rust, applies the definitions to what they say and compares every table
//! with `truth/`. Uses nothing of the generator but its public interface.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Options, generate};

type Record = HashMap<String, String>;
type Key = (String, String);
type Table = BTreeMap<Vec<String>, Vec<i64>>;

/// A pay-period row; dates as YYYYMMDD, which sort as text.
struct PayRow {
    ikvid: String,
    beid: String,
    from: String,
    to: String,
    wage_cents: i64,
    hours_hundredths: i64,
}

/// Everything the raw files say.
struct Raw {
    births: BTreeMap<Key, (Option<i32>, Option<i32>)>,
    deaths: HashMap<Key, String>,
    emigrations: HashMap<Key, String>,
    rows: HashMap<Key, Vec<PayRow>>,
    sectors: HashMap<(i32, String), String>,
    spells: HashMap<Key, Vec<(String, String, String)>>,
    waves: HashMap<String, BTreeMap<String, Record>>,
}

fn split(line: &str, delimiter: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let cell = cells.last_mut().unwrap();
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' => is_quoted = !is_quoted,
            other if other == delimiter && !is_quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    assert!(!is_quoted, "a quote is left open");
    cells
}

fn read(path: &Path, delimiter: char) -> Vec<Record> {
    let text: String = fs::read(path).unwrap().into_iter().map(char::from).collect();
    assert!(text.ends_with('\n'));
    let mut lines = text.lines();
    let header = split(lines.next().unwrap(), delimiter);
    let records = lines.map(|line| {
        let cells = split(line, delimiter);
        assert_eq!(cells.len(), header.len(), "{}: {line}", path.display());
        header.iter().cloned().zip(cells).collect()
    });
    records.collect()
}

/// The file of a folder with the largest version whose name begins so.
fn newest(folder: PathBuf, begin: &str) -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with(begin) {
            let version = name.rsplit('V').next().unwrap().trim_end_matches(".csv");
            found.push((version.parse().unwrap(), path));
        }
    }
    found.into_iter().max().unwrap().1
}

fn key(record: &Record) -> Key {
    (record["RINPERSOONS"].clone(), record["RINPERSOON"].clone())
}

fn hundredths(text: &str) -> i64 {
    let (whole, part) = text.split_once(',').unwrap();
    assert_eq!(part.len(), 2);
    whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap()
}

fn dated(path: &Path, column: &str) -> HashMap<Key, String> {
    read(path, ';').iter().map(|record| (key(record), record[column].clone())).collect()
}

fn read_raw(out: &Path, first_year: i32, last_year: i32) -> Raw {
    let mut raw = Raw {
        births: BTreeMap::new(),
        deaths: dated(&newest(out.join("GBAOVERLIJDENTAB"), "GBAOV"), "GBADATUMOVERLIJDEN"),
        emigrations: dated(&newest(out.join("GBAMIGRATIEBUS"), "GBAM"), "GBADATUMEMIGRATIE"),
        rows: HashMap::new(),
        sectors: HashMap::new(),
        spells: HashMap::new(),
        waves: HashMap::new(),
    };
    for record in read(&newest(out.join("GBAPERSOONTAB"), "GBAP"), ';') {
        let birth =
            (record["GBAGEBOORTEJAAR"].parse().ok(), record["GBAGEBOORTEMAAND"].parse().ok());
        assert!(raw.births.insert(key(&record), birth).is_none());
    }
    for record in read(&newest(out.join("SECMBUS"), "SECMBUS"), ';') {
        let spell =
            (record["AANVSECM"].clone(), record["EINDSECM"].clone(), record["SECM"].clone());
        raw.spells.entry(key(&record)).or_default().push(spell);
    }
    for year in first_year..=last_year {
        read_year(&mut raw, out, year);
    }
    raw
}

fn read_year(raw: &mut Raw, out: &Path, year: i32) {
    for record in read(&newest(out.join(format!("SPOLISBUS/{year}")), "SPOLIS"), ';') {
        let row = PayRow {
            ikvid: record["IKVID"].clone(),
            beid: record["SBEID"].clone(),
            from: record["SDATUMAANVANGIKO"].clone(),
            to: record["SDATUMEINDEIKO"].clone(),
            wage_cents: hundredths(&record["SBASISLOON"]),
            hours_hundredths: hundredths(&record["SBASISUREN"]),
        };
        assert_eq!(row.from[..6], row.to[..6], "a row lies within a month");
        assert_eq!(record["SBAANDAGEN"], days(&row).to_string());
        raw.rows.entry(key(&record)).or_default().push(row);
    }
    for record in read(&newest(out.join("BETAB"), &format!("BE{year}")), ';') {
        let sbi = &record[&format!("SBI2008V{year}")];
        if !sbi.is_empty() {
            raw.sectors.insert((year, record["BEID"].clone()), sbi[..2].to_owned());
        }
    }
    for record in read(&newest(out.join("EBBnw"), &format!("EBBnw{year}")), ';') {
        assert_eq!(record["SLEUTELEBB"][..4], year.to_string());
        let tail = record["SLEUTELEBB"][8..].to_owned();
        let wave = record["EBBSTKPEILINGNUMMER"].clone();
        assert_eq!(record["EBBGEWJAARGEWICHTP1A"].is_empty(), wave != "1");
        assert!(raw.waves.entry(tail).or_default().insert(wave, record).is_none());
    }
}

fn days(row: &PayRow) -> i64 {
    row.to.parse::<i64>().unwrap() - row.from.parse::<i64>().unwrap() + 1
}

impl Raw {
    /// Employer of the main job on a day.
    fn main_employer(&self, key: &Key, day: &str) -> Option<String> {
        let mut jobs: BTreeMap<&str, (i64, i64, i64, &str)> = BTreeMap::new();
        for row in self.rows.get(key).into_iter().flatten() {
            if row.from.as_str() <= day && day <= row.to.as_str() {
                let job = jobs.entry(&row.ikvid).or_insert((0, 0, 0, &row.beid));
                job.0 += row.wage_cents;
                job.1 += row.hours_hundredths;
                job.2 += days(row);
            }
        }
        // Ascending job ids: an equal later one does not replace the first.
        let mut best: Option<(i64, i64, i64, &str)> = None;
        for job in jobs.into_values() {
            let is_better = best.is_none_or(|best| {
                (job.0 * best.2, job.1 * best.2) > (best.0 * job.2, best.1 * job.2)
            });
            best = if is_better { Some(job) } else { best };
        }
        best.map(|job| job.3.to_owned())
    }

    fn sector(&self, year: i32, employer: Option<&String>) -> String {
        let Some(employer) = employer else { return "none".to_owned() };
        let sector = self.sectors.get(&(year, employer.clone()));
        sector.map_or("unknown".to_owned(), String::clone)
    }

    fn secm(&self, key: &Key, day: &str) -> String {
        let spells = self.spells.get(key).map_or(&[][..], Vec::as_slice);
        let mut found =
            spells.iter().filter(|spell| spell.0.as_str() <= day && day <= spell.1.as_str());
        let code = found.next().map_or("unknown".to_owned(), |spell| spell.2.clone());
        assert!(found.next().is_none(), "spells overlap");
        code
    }

    fn has_died(&self, key: &Key, day: &str) -> bool {
        self.deaths.get(key).is_some_and(|death| death.as_str() <= day)
    }

    fn has_emigrated(&self, key: &Key, day: &str) -> bool {
        self.emigrations.get(key).is_some_and(|emigration| emigration.as_str() <= day)
    }

    fn is_resident(&self, key: &Key, day: &str) -> bool {
        key.0 == "R" && !self.has_died(key, day) && !self.has_emigrated(key, day)
    }

    fn age_group(&self, key: &Key, year: i32) -> String {
        let (Some(birth_year), month) = self.births[key] else { return "unknown".to_owned() };
        let age = year - birth_year - i32::from(month.unwrap_or(7) >= 10);
        if !(15..75).contains(&age) {
            return "other".to_owned();
        }
        let low = (age + 5) / 10 * 10 - 5;
        format!("{low}-{}", low + 9)
    }
}

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
