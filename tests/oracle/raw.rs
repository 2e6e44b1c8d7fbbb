//! Reading the raw files cell by cell.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) type Record = HashMap<String, String>;
pub(super) type Key = (String, String);

/// A record of the payroll; dates as YYYYMMDD, which sort as text.
pub(super) struct PayRecord {
    pub(super) ikvid: String,
    pub(super) beid: Option<String>,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) wage_cents: Option<i64>,
    pub(super) hours_hundredths: Option<i64>,
    pub(super) kind: String,
    pub(super) relation: String,
    pub(super) hours_class: String,
    pub(super) contract: String,
    pub(super) original_start: String,
}

/// A record of the education file: level, field, weight in hundredths.
pub(super) struct Attained {
    pub(super) level: String,
    pub(super) field: String,
    pub(super) weight: i64,
}

/// Everything the raw files say.
pub(crate) struct Raw {
    pub(super) births: BTreeMap<Key, (Option<i32>, Option<i32>)>,
    pub(super) deaths: HashMap<Key, String>,
    pub(super) movements: HashMap<Key, Vec<(String, String)>>,
    pub(super) pay: HashMap<Key, Vec<PayRecord>>,
    pub(super) sectors: HashMap<(i32, String), String>,
    pub(super) sizes: HashMap<(i32, String), String>,
    pub(super) spells: HashMap<Key, Vec<(String, String, String)>>,
    pub(super) education: HashMap<(i32, Key), Vec<Attained>>,
    /// By the tail of the survey key and the wave: year of the file, record.
    pub(super) waves: HashMap<String, BTreeMap<String, (i32, Record)>>,
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

pub(super) fn read(path: &Path) -> Vec<Record> {
    let text: String = fs::read(path).unwrap().into_iter().map(char::from).collect();
    assert!(text.ends_with('\n'));
    let mut lines = text.lines();
    let header = split(lines.next().unwrap(), ';');
    let records = lines.map(|line| {
        let cells = split(line, ';');
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
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    whole.parse::<i64>().unwrap() * 100 + sign * part.parse::<i64>().unwrap()
}

fn amount(text: &str) -> Option<i64> {
    (text != "9999999999").then(|| hundredths(text))
}

pub(crate) fn read_raw(out: &Path, first_year: i32, last_year: i32) -> Raw {
    let mut raw = Raw {
        births: BTreeMap::new(),
        deaths: HashMap::new(),
        movements: HashMap::new(),
        pay: HashMap::new(),
        sectors: HashMap::new(),
        sizes: HashMap::new(),
        spells: HashMap::new(),
        education: HashMap::new(),
        waves: HashMap::new(),
    };
    for record in read(&newest(out.join("GBAPERSOONTAB"), "GBAP")) {
        let birth =
            (record["GBAGEBOORTEJAAR"].parse().ok(), record["GBAGEBOORTEMAAND"].parse().ok());
        assert!(raw.births.insert(key(&record), birth).is_none());
    }
    for record in read(&newest(out.join("GBAOVERLIJDENTAB"), "GBAOV")) {
        raw.deaths.insert(key(&record), record["GBADATUMOVERLIJDEN"].clone());
    }
    for record in read(&newest(out.join("GBAMIGRATIEBUS"), "GBAM")) {
        let movement =
            (record["GBADATUMAANVANGMIGRATIE"].clone(), record["GBASOORTMIGRATIE"].clone());
        raw.movements.entry(key(&record)).or_default().push(movement);
    }
    for record in read(&newest(out.join("SECMBUS"), "SECMBUS")) {
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
    for record in read(&newest(out.join(format!("SPOLISBUS/{year}")), "SPOLIS")) {
        let is_missing = ["", "00000000"].contains(&record["SBEID"].as_str());
        let pay = PayRecord {
            ikvid: record["IKVID"].clone(),
            beid: (!is_missing).then(|| record["SBEID"].clone()),
            from: record["SDATUMAANVANGIKO"].clone(),
            to: record["SDATUMEINDEIKO"].clone(),
            wage_cents: amount(&record["SBASISLOON"]),
            hours_hundredths: amount(&record["SBASISUREN"]),
            kind: record["SSOORTBAAN"].clone(),
            relation: record["SSRTIV"].clone(),
            hours_class: record["SWEKARBDUURKLASSE"].clone(),
            contract: record["SCONTRACTSOORT"].clone(),
            original_start: record["SDATUMAANVANGIKVORG"].clone(),
        };
        assert_eq!(pay.from[..6], pay.to[..6], "a record lies within a month");
        raw.pay.entry(key(&record)).or_default().push(pay);
    }
    for record in read(&newest(out.join("HOOGSTEOPLTAB"), &format!("HOOGSTEOPL{year}"))) {
        let of = |names: [&str; 2]| record[names[usize::from(year > 2018)]].clone();
        let attained = Attained {
            level: of(["OPLNIVSOI2016AGG4HBMETNIRWO", "OPLNIVSOI2021AGG4HBmetNIRWO"]),
            field: of(["RICHTDETAILISCEDF2013HBMETNIRWO", "RICHTSOI2021SCEDF2013HBNIRWO"]),
            weight: hundredths(&record["GEWICHTHOOGSTEOPL"]),
        };
        raw.education.entry((year, key(&record))).or_default().push(attained);
    }
    read_employers(raw, &newest(out.join("BETAB"), &format!("BE{year}")), year);
    for record in read(&newest(out.join("EBBnw"), &format!("EBBnw{year}"))) {
        let tail = record["SLEUTELEBB"][8..].to_owned();
        let wave = record["EBBSTKPEILINGNUMMER"].clone();
        assert!(record["EBBGEWJAARGEWICHTP1A"].is_empty() || wave == "1");
        assert!(raw.waves.entry(tail).or_default().insert(wave, (year, record)).is_none());
    }
}

pub(super) fn read_employers(raw: &mut Raw, path: &Path, year: i32) {
    for record in read(path) {
        let sbi = &record[&format!("SBI2008V{year}")];
        raw.sizes.insert((year, record["BEID"].clone()), record["GKSBS"].clone());
        if sbi.len() == 5 && sbi[..4].bytes().all(|byte| byte.is_ascii_digit()) {
            raw.sectors.insert((year, record["BEID"].clone()), sbi[..2].to_owned());
        }
    }
}
