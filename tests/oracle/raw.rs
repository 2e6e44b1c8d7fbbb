//! Reading the raw files cell by cell, and what they say about a person on a
//! day.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) type Record = HashMap<String, String>;
pub(super) type Key = (String, String);

/// A pay-period row; dates as YYYYMMDD, which sort as text.
pub(super) struct PayRow {
    ikvid: String,
    beid: String,
    from: String,
    to: String,
    wage_cents: i64,
    hours_hundredths: i64,
}

/// Everything the raw files say.
pub(super) struct Raw {
    pub(super) births: BTreeMap<Key, (Option<i32>, Option<i32>)>,
    deaths: HashMap<Key, String>,
    emigrations: HashMap<Key, String>,
    pub(super) rows: HashMap<Key, Vec<PayRow>>,
    owners: HashMap<String, Key>,
    pub(super) sectors: HashMap<(i32, String), String>,
    spells: HashMap<Key, Vec<(String, String, String)>>,
    pub(super) waves: HashMap<String, BTreeMap<String, Record>>,
}

pub(super) fn split(line: &str, delimiter: char) -> Vec<String> {
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

pub(super) fn read(path: &Path, delimiter: char) -> Vec<Record> {
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

pub(super) fn key(record: &Record) -> Key {
    (record["RINPERSOONS"].clone(), record["RINPERSOON"].clone())
}

pub(super) fn hundredths(text: &str) -> i64 {
    let (whole, part) = text.split_once(',').unwrap();
    assert_eq!(part.len(), 2);
    whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap()
}

fn dated(path: &Path, column: &str) -> HashMap<Key, String> {
    read(path, ';').iter().map(|record| (key(record), record[column].clone())).collect()
}

pub(super) fn read_raw(out: &Path, first_year: i32, last_year: i32) -> Raw {
    let mut raw = Raw {
        births: BTreeMap::new(),
        deaths: dated(&newest(out.join("GBAOVERLIJDENTAB"), "GBAOV"), "GBADATUMOVERLIJDEN"),
        emigrations: dated(&newest(out.join("GBAMIGRATIEBUS"), "GBAM"), "GBADATUMEMIGRATIE"),
        rows: HashMap::new(),
        owners: HashMap::new(),
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
        let owner = raw.owners.entry(row.ikvid.clone()).or_insert_with(|| key(&record));
        assert_eq!(*owner, key(&record), "a job id belongs to one person");
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
    pub(super) fn main_employer(&self, key: &Key, day: &str) -> Option<String> {
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

    pub(super) fn sector(&self, year: i32, employer: Option<&String>) -> String {
        let Some(employer) = employer else { return "none".to_owned() };
        let sector = self.sectors.get(&(year, employer.clone()));
        sector.map_or("unknown".to_owned(), String::clone)
    }

    pub(super) fn secm(&self, key: &Key, day: &str) -> String {
        let spells = self.spells.get(key).map_or(&[][..], Vec::as_slice);
        let mut found =
            spells.iter().filter(|spell| spell.0.as_str() <= day && day <= spell.1.as_str());
        let code = found.next().map_or("unknown".to_owned(), |spell| spell.2.clone());
        assert!(found.next().is_none(), "spells overlap");
        code
    }

    pub(super) fn has_died(&self, key: &Key, day: &str) -> bool {
        self.deaths.get(key).is_some_and(|death| death.as_str() <= day)
    }

    pub(super) fn has_emigrated(&self, key: &Key, day: &str) -> bool {
        self.emigrations.get(key).is_some_and(|emigration| emigration.as_str() <= day)
    }

    pub(super) fn is_resident(&self, key: &Key, day: &str) -> bool {
        key.0 == "R" && !self.has_died(key, day) && !self.has_emigrated(key, day)
    }

    pub(super) fn age_group(&self, key: &Key, year: i32) -> String {
        let (Some(birth_year), month) = self.births[key] else { return "unknown".to_owned() };
        let age = year - birth_year - i32::from(month.unwrap_or(7) >= 10);
        if !(15..75).contains(&age) {
            return "other".to_owned();
        }
        let low = (age + 5) / 10 * 10 - 5;
        format!("{low}-{}", low + 9)
    }
}
