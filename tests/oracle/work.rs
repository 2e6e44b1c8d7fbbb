//! What the raw files say of a person on a day, by the definitions of the
//! study, read day by day and record by record.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::Date;

use super::raw::{Key, PayRecord, Raw};

/// Days without pay within a job that are bridged.
const GAP_DAYS: i32 = 31;

/// A number as numerator and denominator.
type Fraction = (i128, i128);

fn plus(one: Fraction, other: Fraction) -> Fraction {
    (one.0 * other.1 + other.0 * one.1, one.1 * other.1)
}

/// Pay of a job for some days, all records together.
struct Period {
    from: i32,
    to: i32,
    employers: Vec<String>,
    wage: Option<i128>,
    hours: Option<i128>,
}

impl Period {
    fn is_paid(&self) -> bool {
        self.wage.is_none_or(|wage| wage > 0) || self.hours.is_none_or(|hours| hours > 0)
    }

    fn days(&self) -> i128 {
        i128::from(self.to - self.from + 1)
    }
}

/// A job of which a record covers a day, or that goes on over it.
pub(super) struct Job {
    pub(super) ikvid: String,
    /// As what it counts.
    pub(super) counted: &'static str,
    pub(super) employer: Option<String>,
    wage: Option<Fraction>,
    hours: Option<Fraction>,
    hours_class: String,
}

impl Job {
    fn counts(&self) -> bool {
        ["employee", "director"].contains(&self.counted)
    }
}

/// What a person is on a reference day in the population.
pub(super) struct State {
    pub(super) code: &'static str,
    pub(super) employer: Option<String>,
    pub(super) secm: String,
    pub(super) has_job: bool,
}

impl State {
    pub(super) fn is_employed(&self) -> bool {
        ["employee", "director"].contains(&self.code)
    }
}

pub(super) fn number(day: &str) -> i32 {
    let part = |range: std::ops::Range<usize>| day[range].parse::<i16>().unwrap();
    let month = i8::try_from(day[4..6].parse::<i16>().unwrap()).unwrap();
    let day_of_month = i8::try_from(day[6..8].parse::<i16>().unwrap()).unwrap();
    let date = Date::new(part(0..4), month, day_of_month).unwrap();
    Date::constant(1970, 1, 1).until(date).unwrap().get_days()
}

/// The day of a number as YYYYMMDD.
pub(super) fn date_text(number: i32) -> String {
    let day = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(number)).unwrap();
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

fn periods(records: &[&PayRecord]) -> Vec<Period> {
    let mut periods: BTreeMap<(i32, i32), Period> = BTreeMap::new();
    for record in records {
        let (from, to) = (number(&record.from), number(&record.to));
        let period = periods.entry((from, to)).or_insert_with(|| Period {
            from,
            to,
            employers: Vec::new(),
            wage: Some(0),
            hours: Some(0),
        });
        let add = |sum: Option<i128>, more: Option<i64>| Some(sum? + i128::from(more?));
        period.wage = add(period.wage, record.wage_cents);
        period.hours = add(period.hours, record.hours_hundredths);
        period.employers.extend(record.beid.clone());
    }
    periods.into_values().collect()
}

/// The most frequent, then the smallest.
fn most_frequent(names: &[String], weights: &[i128]) -> Option<String> {
    let mut counts: BTreeMap<&String, i128> = BTreeMap::new();
    for (name, weight) in names.iter().zip(weights) {
        *counts.entry(name).or_default() += weight;
    }
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|&(_, count)| count == most).map(|(name, _)| name.clone())
}

fn employer_of(period: &Period) -> Option<String> {
    most_frequent(&period.employers, &vec![1; period.employers.len()])
}

/// The spell of paid periods that holds on a day, found by walking from the
/// period before the day to both sides.
fn spell_on(periods: &[Period], on: i32) -> Option<Vec<&Period>> {
    let paid: Vec<&Period> = periods.iter().filter(|period| period.is_paid()).collect();
    let known_before = |place: usize| paid[..place].iter().rev().find_map(|it| employer_of(it));
    // Whether the period at a place is of one spell with the one before it.
    let goes_on = |place: usize| {
        let gap = paid[place].from - paid[place - 1].to - 1;
        let same = match (known_before(place), employer_of(paid[place])) {
            (Some(before), Some(own)) => before == own,
            _ => true,
        };
        gap <= GAP_DAYS && same
    };
    let at = paid.iter().rposition(|period| period.from <= on)?;
    let is_open =
        on <= paid[at].to || at + 1 < paid.len() && goes_on(at + 1) && on < paid[at + 1].from;
    if !is_open {
        return None;
    }
    let first = (0..=at).rev().find(|&place| place == 0 || !goes_on(place)).unwrap();
    let behind = (at + 1..paid.len()).find(|&place| !goes_on(place)).unwrap_or(paid.len());
    Some(paid[first..behind].to_vec())
}

fn counted_as(record: &PayRecord) -> &'static str {
    match (record.kind.as_str(), record.relation.as_str()) {
        (_, "21" | "22" | "23" | "24" | "31" | "32") => "benefit",
        ("2", _) => "intern",
        ("1", _) | (_, "17") => "director",
        _ => "employee",
    }
}

impl Raw {
    /// The jobs of a person that a record of the year covers on a day, or whose
    /// spell goes over it.
    pub(super) fn jobs(&self, key: &Key, day: &str) -> Vec<Job> {
        let mut by_id: BTreeMap<&str, Vec<&PayRecord>> = BTreeMap::new();
        for record in self.pay.get(key).into_iter().flatten() {
            if record.from[..4] == day[..4] {
                by_id.entry(&record.ikvid).or_default().push(record);
            }
        }
        by_id.into_values().filter_map(|records| job(&records, number(day))).collect()
    }

    pub(super) fn main_job<'a>(&self, jobs: &'a [Job]) -> Option<&'a Job> {
        let order = |one: &&Job, other: &&Job| {
            compare(one.wage, other.wage)
                .then(compare(one.hours, other.hours))
                .then(other.ikvid.cmp(&one.ikvid))
        };
        jobs.iter().filter(|job| job.counts()).max_by(order)
    }

    pub(super) fn state(&self, key: &Key, year: i32) -> Option<State> {
        let day = format!("{year}1001");
        if self.residence(key, year) != "resident" {
            return None;
        }
        let jobs = self.jobs(key, &day);
        let main = self.main_job(&jobs);
        let secm = self.secm(key, &day);
        let is_small = ["13", "14", "15"].contains(&secm.as_str()) && has_few_hours(&jobs);
        let code = match main {
            Some(job) if job.counted == "director" => "director",
            Some(_) if !is_small => "employee",
            _ => state_without_job(&secm),
        };
        let has_employer = main.is_some() && ["employee", "director"].contains(&code);
        let employer = main.filter(|_| has_employer).and_then(|job| job.employer.clone());
        Some(State { code, employer, secm, has_job: main.is_some() })
    }

    fn secm(&self, key: &Key, day: &str) -> String {
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

    /// Whether the movements leave the person away on the day: 1 and 3 are
    /// entries, 2 and 4 are not.
    fn is_away(&self, key: &Key, day: &str) -> bool {
        let Some(movements) = self.movements.get(key) else { return false };
        let last = movements.iter().filter(|(from, _)| from.as_str() <= day).max();
        match (last, movements.iter().min()) {
            (Some((_, code)), _) => code == "2" || code == "4",
            (None, Some((_, code))) => code == "1" || code == "3",
            (None, None) => false,
        }
    }

    /// Whether the last movement by the day is a departure.
    pub(super) fn has_left(&self, key: &Key, day: &str) -> bool {
        let movements = self.movements.get(key).into_iter().flatten();
        let last = movements.filter(|(from, _)| from.as_str() <= day).max();
        last.is_some_and(|(_, code)| code == "2" || code == "4")
    }

    /// What the activity says on a day, where no job counts.
    pub(super) fn state_without_job_on(&self, key: &Key, day: &str) -> &'static str {
        state_without_job(&self.secm(key, day))
    }

    pub(super) fn residence(&self, key: &Key, year: i32) -> &'static str {
        let day = format!("{year}1001");
        let was_here = self
            .movements
            .get(key)
            .is_none_or(|movements| movements.iter().any(|(from, _)| *from <= day));
        let (birth_year, birth_month) = self.births[key];
        let is_born = birth_year.is_none_or(|birth| (birth, birth_month.unwrap_or(7)) < (year, 10));
        match (self.has_died(key, &day), self.is_away(key, &day), was_here, is_born) {
            (true, ..) => "dead",
            (_, true, true, _) => "abroad",
            (_, true, false, _) => "not_yet_arrived",
            (.., false) => "unborn",
            _ => "resident",
        }
    }

    /// How someone who was not here a year before came in by the day.
    pub(super) fn arrival(&self, key: &Key, year: i32) -> &'static str {
        let later = format!("{}1001", year + 1);
        let movements = self.movements.get(key).into_iter().flatten();
        let last = movements.filter(|(from, _)| *from <= later).max();
        match (self.residence(key, year), last.map(|(_, code)| code.as_str())) {
            ("abroad", _) => "returned",
            (_, Some("3")) => "entered_otherwise",
            (_, Some(_)) => "immigrated",
            (_, None) => "born",
        }
    }

    pub(super) fn age_group(&self, key: &Key, year: i32) -> String {
        self.age_group_on(key, &format!("{year}1001"))
    }

    /// In completed years on a day; the birthday counts from the month after birth.
    pub(super) fn age_on(&self, key: &Key, day: &str) -> Option<i32> {
        let (birth_year, birth_month) = self.births[key];
        let (year, month): (i32, i32) = (day[..4].parse().unwrap(), day[4..6].parse().unwrap());
        Some(year - birth_year? - i32::from(birth_month.unwrap_or(7) >= month))
    }

    pub(super) fn age_group_on(&self, key: &Key, day: &str) -> String {
        let Some(age) = self.age_on(key, day) else {
            return "unknown".to_owned();
        };
        if !(15..75).contains(&age) {
            return "other".to_owned();
        }
        let low = (age + 5) / 10 * 10 - 5;
        format!("{low}-{}", low + 9)
    }

    /// The sector of an employer by the first of the years that knows it.
    pub(super) fn sector(&self, employer: Option<&String>, years: &[i32]) -> String {
        let known = employer.and_then(|beid| {
            years.iter().find_map(|&year| self.sectors.get(&(year, beid.clone())))
        });
        known.cloned().unwrap_or_else(|| "unknown".to_owned())
    }
}

fn job(records: &[&PayRecord], on: i32) -> Option<Job> {
    let periods = periods(records);
    let covers = |period: &Period| period.from <= on && on <= period.to;
    let first = records[0];
    let (ikvid, hours_class) = (first.ikvid.clone(), first.hours_class.clone());
    let Some(spell) = spell_on(&periods, on) else {
        let is_covered = periods.iter().any(covers);
        let (counted, employer, wage, hours) = ("nothing_paid", None, None, None);
        return is_covered.then_some(Job { ikvid, counted, employer, wage, hours, hours_class });
    };
    let own = spell.iter().rev().find(|period| period.from <= on).unwrap();
    assert!(spell.iter().filter(|period| covers(period)).count() <= 1, "periods overlap");
    let rate = |of: fn(&Period) -> Option<i128>| {
        let known = spell.iter().filter_map(|period| Some((of(period)?, period.days())));
        let (amount, days) = known.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        let average = (days > 0).then_some((amount, days));
        of(own).map(|amount| (amount, own.days())).or(average)
    };
    let named = spell.iter().filter_map(|period| Some((employer_of(period)?, period.days())));
    let (names, days): (Vec<String>, Vec<i128>) = named.unzip();
    Some(Job {
        ikvid,
        counted: counted_as(first),
        employer: most_frequent(&names, &days),
        wage: rate(|period| period.wage),
        hours: rate(|period| period.hours),
        hours_class,
    })
}

/// What is not known comes last.
fn compare(one: Option<Fraction>, other: Option<Fraction>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => (one.0 * other.1).cmp(&(other.0 * one.1)),
        _ => one.is_some().cmp(&other.is_some()),
    }
}

/// Whether the jobs that count have less than twelve hours a week together.
fn has_few_hours(jobs: &[Job]) -> bool {
    let hours = |job: &Job| {
        let least = match job.hours_class.as_str() {
            "1" => 0,
            "2" => 1_200,
            _ => 2_000,
        };
        job.hours.unwrap_or((least, 7))
    };
    let sum = jobs.iter().filter(|job| job.counts()).map(hours).fold((0, 1), plus);
    sum.0 * 7 < 1_200 * sum.1
}

fn state_without_job(secm: &str) -> &'static str {
    match secm {
        "11" => "unclear_work",
        "12" => "director",
        "13" | "14" | "15" => "self_employed",
        "21" => "unemployment",
        "22" => "assistance",
        "23" => "other_benefit",
        "24" => "disability",
        "25" => "pension",
        "26" | "31" => "student",
        "32" => "no_income",
        _ => "unknown",
    }
}
