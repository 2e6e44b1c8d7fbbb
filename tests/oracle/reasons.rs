//! What goes with changing employer and leaving work, person by person.

use std::collections::{BTreeMap, BTreeSet};

use super::raw::{Key, PayRecord, Raw};
use super::survey::Links;
use super::work::State;

/// First year, sector group, characteristic, value, event and age group: with how
/// many it came about, and of how many.
pub(crate) type Reasons = BTreeMap<[String; 6], [i64; 2]>;

/// The same without age group, and the rate by the ages of all together.
pub(crate) type Rates = BTreeMap<[String; 5], ([i64; 2], Option<f64>)>;

const AGES: [&str; 6] = ["15-24", "25-34", "35-44", "45-54", "55-64", "65-74"];

/// An employee or director at the start of a pair of years.
struct Start {
    group: &'static str,
    age: String,
    /// Characteristics and their values, but for the fifth of wages.
    values: Vec<(&'static str, String)>,
    /// In cents.
    wage_per_hour: Option<i64>,
    has_switched: Option<bool>,
    has_left: Option<bool>,
}

impl Raw {
    pub(super) fn reasons(
        &self,
        technical: &BTreeSet<String>,
        links: &Links,
        (first_year, last_year): (i32, i32),
    ) -> Reasons {
        let mut reasons = Reasons::new();
        for year in first_year..last_year {
            let starts: Vec<Start> = self
                .births
                .keys()
                .filter_map(|key| self.start(key, year, technical, links))
                .collect();
            let mut wages: Vec<i64> = starts.iter().filter_map(|it| it.wage_per_hour).collect();
            wages.sort_unstable();
            for start in starts {
                let fifth = start.wage_per_hour.map(|wage| {
                    let lower = wages.partition_point(|other| *other < wage);
                    (5 * lower / wages.len() + 1).to_string()
                });
                let mut values = start.values.clone();
                values.push(("wage_fifth", fifth.unwrap_or("unknown".to_owned())));
                count(&mut reasons, year, &start, &values);
            }
        }
        reasons
    }

    fn start(
        &self,
        key: &Key,
        year: i32,
        technical: &BTreeSet<String>,
        links: &Links,
    ) -> Option<Start> {
        let from = self.state(key, year).filter(State::is_employed)?;
        let age = self.age_group(key, year);
        if !AGES.contains(&age.as_str()) {
            return None;
        }
        let to = self.state(key, year + 1);
        let sector = self.sector(from.employer.as_ref(), &[year]);
        let group = match sector.as_str() {
            "unknown" => "unknown",
            sector if technical.contains(sector) => "technical",
            _ => "other",
        };
        let works_later = to.as_ref().filter(|to| to.is_employed());
        let employers = from.employer.as_ref().zip(works_later.and_then(|to| to.employer.as_ref()));
        let has_switched = employers.map(|(one, other)| {
            one != other && !links.contains(&(year, one.clone(), other.clone()))
        });
        let has_left = to.and_then(|to| match to.code {
            "employee" | "director" => Some(false),
            "unclear_work" => None,
            _ => Some(true),
        });
        let (mut values, wage_per_hour) = self.terms(key, year, from.employer.as_ref());
        values.extend([
            ("all", "all".to_owned()),
            ("age_group", age.clone()),
            ("education_match", self.education_match(key, year, group)),
            (
                "personnel_supply",
                match sector.as_str() {
                    "unknown" => "unknown",
                    "78" => "personnel_supply",
                    _ => "other",
                }
                .to_owned(),
            ),
        ]);
        Some(Start { group, age, values, wage_per_hour, has_switched, has_left })
    }

    fn education_match(&self, key: &Key, year: i32, group: &str) -> String {
        match (self.education_kind(key, &format!("{year}1001")), group) {
            ("other", _) => "other",
            ("technical", "technical") => "technical_in_technical_sector",
            ("technical", "other") => "technical_elsewhere",
            _ => "unknown",
        }
        .to_owned()
    }

    /// Terms of the main job, by the records whose period holds 1 October.
    fn terms(
        &self,
        key: &Key,
        year: i32,
        employer: Option<&String>,
    ) -> (Vec<(&'static str, String)>, Option<i64>) {
        let day = format!("{year}1001");
        let jobs = self.jobs(key, &day);
        // Who directs by the activity alone has no job.
        let main = self.main_job(&jobs).map(|job| job.ikvid.as_str());
        let holds = |record: &&PayRecord| {
            main == Some(record.ikvid.as_str()) && record.from <= day && day <= record.to
        };
        let records: Vec<&PayRecord> =
            self.pay.get(key).into_iter().flatten().filter(holds).collect();
        let one = |of: &dyn Fn(&PayRecord) -> String| {
            let found: BTreeSet<String> =
                records.iter().map(|record| of(record)).filter(|it| !it.is_empty()).collect();
            if found.len() == 1 { found.into_iter().next() } else { None }
        };
        let contract = match one(&|it| it.contract.to_uppercase()).as_deref() {
            Some("O") => "permanent",
            Some("B") => "temporary",
            Some("N") => "none",
            _ => "unknown",
        };
        let is_cut = |start: &str| start[..4] < *"2013" && start[4..] == *"0101";
        let is_start = |start: &str| start.len() == 8 && !is_cut(start) && start <= day.as_str();
        let has_starts = records.iter().all(|it| is_start(&it.original_start));
        let start = one(&|it| it.original_start.clone()).filter(|_| has_starts);
        let completed = start.map(|start| {
            let years = year - start[..4].parse::<i32>().unwrap();
            years - i32::from(start[4..] > *"1001")
        });
        let tenure = match completed {
            None => "unknown",
            Some(..1) => "under_1",
            Some(1) => "1_to_2",
            Some(2..5) => "2_to_5",
            Some(5..10) => "5_to_10",
            Some(_) => "10_or_more",
        };
        let size = employer.and_then(|employer| self.sizes.get(&(year, employer.clone())));
        let size = match size.map_or("", String::as_str) {
            "" | "--" => "unknown",
            code if code <= "30" => "under_10",
            code if code <= "50" => "10_to_49",
            code if code <= "81" => "50_to_249",
            _ => "250_or_more",
        };
        let unknown = || "unknown".to_owned();
        let values = vec![
            ("contract", contract.to_owned()),
            ("tenure", tenure.to_owned()),
            ("hours_class", one(&|it| it.hours_class.clone()).unwrap_or_else(unknown)),
            ("job_kind", one(&|it| it.kind.clone()).unwrap_or_else(unknown)),
            ("firm_size", size.to_owned()),
        ];
        let wage: Option<i64> = records.iter().map(|it| it.wage_cents).sum();
        let hours: Option<i64> = records.iter().map(|it| it.hours_hundredths).sum();
        let both = wage.zip(hours).filter(|(_, hours)| *hours > 0 && !records.is_empty());
        (values, both.map(|(wage, hours)| rounded(100 * wage, hours)))
    }
}

/// The nearest whole number to a quotient, halves away from zero.
fn rounded(numerator: i64, denominator: i64) -> i64 {
    let half = (2 * numerator.abs() + denominator) / (2 * denominator);
    numerator.signum() * half
}

fn count(reasons: &mut Reasons, year: i32, start: &Start, values: &[(&'static str, String)]) {
    for (event, has) in [("switch", start.has_switched), ("exit", start.has_left)] {
        let Some(has) = has else { continue };
        for (characteristic, value) in values {
            let year = year.to_string();
            let cell = [&year, start.group, characteristic, value, event, &start.age];
            let sums = reasons.entry(cell.map(str::to_owned)).or_default();
            (sums[0], sums[1]) = (sums[0] + i64::from(has), sums[1] + 1);
        }
    }
}

/// Rates by the ages of all, with thin age groups taken with the next older.
pub(crate) fn rates(reasons: &Reasons) -> Rates {
    let mut mixes: BTreeMap<[&str; 3], i64> = BTreeMap::new();
    let mut cells: BTreeMap<[&str; 5], BTreeMap<&str, [i64; 2]>> = BTreeMap::new();
    for ([year, group, characteristic, value, event, age], sums) in reasons {
        if characteristic == "all" {
            *mixes.entry([year, event, age]).or_default() += sums[1];
        }
        let cell = [year, group, characteristic, value, event].map(String::as_str);
        cells.entry(cell).or_default().insert(age, *sums);
    }
    let rate = |(cell, ages): (&[&str; 5], &BTreeMap<&str, [i64; 2]>)| {
        // Mix, events and base of each group of ages.
        let mut groups: Vec<[i64; 3]> = vec![[0; 3]];
        for age in AGES {
            let Some(mix) = mixes.get(&[cell[0], cell[4], age]) else { continue };
            if groups.last().unwrap()[2] >= 10 {
                groups.push([0; 3]);
            }
            let [events, base] = ages.get(age).copied().unwrap_or_default();
            let group = groups.last_mut().unwrap();
            *group = [group[0] + mix, group[1] + events, group[2] + base];
        }
        if groups.len() > 1 && groups.last().unwrap()[2] < 10 {
            let last = groups.pop().unwrap();
            let group = groups.last_mut().unwrap();
            (0..3).for_each(|place| group[place] += last[place]);
        }
        let total: i64 = groups.iter().map(|group| group[0]).sum();
        let part = |[mix, events, base]: &[i64; 3]| {
            *mix as f64 / total as f64 * *events as f64 / *base as f64
        };
        let standardised = (groups.len() > 1).then(|| groups.iter().map(part).sum());
        let sums = ages.values().fold([0; 2], |sums, own| [sums[0] + own[0], sums[1] + own[1]]);
        (cell.map(str::to_owned), (sums, standardised))
    };
    cells.iter().map(rate).collect()
}
