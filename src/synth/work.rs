//! The work of a person on a day, by the definitions of the study and from the
//! histories: which jobs are open, which of them counts for what, which is the
//! main one, and in what state the person is.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::calendar::{Day, date, day};
use super::employer::World;
use super::pay::{PayQuirk, PayRow, rows_of_month};
use super::person::{Job, Person};
use super::secm;

/// Days without pay within a job that are bridged.
pub(super) const GAP_DAYS: i32 = 31;
/// Hours a week, in hundredths, from which the self-employed are employees.
const SMALL_JOB_HUNDREDTHS: i128 = 1_200;

/// As what a job counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counted {
    Employee,
    Director,
    Intern,
    Benefit,
    NothingPaid,
}

impl Counted {
    /// The code that the tables have.
    pub(super) fn code(self) -> &'static str {
        match self {
            Counted::Employee => "employee",
            Counted::Director => "director",
            Counted::Intern => "intern",
            Counted::Benefit => "benefit",
            Counted::NothingPaid => "nothing_paid",
        }
    }

    /// Whether the job makes the person an employee or a director.
    pub(super) fn is_in(self) -> bool {
        matches!(self, Counted::Employee | Counted::Director)
    }
}

/// So many per so many days.
#[derive(Debug, Clone, Copy)]
struct Rate {
    amount: i64,
    days: i64,
}

/// A job that is open on a day.
pub(super) struct OpenJob<'a> {
    /// The job, or the part of it that lies at one employer.
    pub(super) job: &'a Job,
    /// As what it counts.
    pub(super) counted: Counted,
    /// Index of its employer, where any record of the spell names it.
    pub(super) employer: Option<u64>,
    /// Whether the day lies in a gap without pay.
    pub(super) is_bridged: bool,
    wage: Option<Rate>,
    hours: Option<Rate>,
}

/// The jobs of a person that are open on a day, with those that do not count.
pub(super) fn open_jobs<'a>(world: &World, person: &'a Person, on: Day) -> Vec<OpenJob<'a>> {
    let covering = person.jobs.iter().filter(|job| job.covers(on));
    covering.map(|job| open_job(world, person, job, on)).collect()
}

/// The pay rows of a year under a job id, each with its part of the job.
fn rows_of_year<'a>(
    world: &World,
    person: &'a Person,
    ikvid: u64,
    year: i32,
) -> Vec<(&'a Job, PayRow)> {
    let mut parts: Vec<&Job> = person.jobs.iter().filter(|it| it.ikvid == ikvid).collect();
    parts.sort_by_key(|part| part.start);
    let mut rows: Vec<(&Job, PayRow)> = Vec::new();
    for part in parts {
        let (from, to) = (part.start.max(day(year, 1, 1)), part.end.min(day(year, 12, 31)));
        for month in world.window.months_within(from, to) {
            rows.extend(rows_of_month(world, part, month).map(|row| (part, row)));
        }
    }
    rows
}

fn open_job<'a>(world: &World, person: &'a Person, job: &'a Job, on: Day) -> OpenJob<'a> {
    let rows = rows_of_year(world, person, job.ikvid, date(on).0);
    let Some(spell) = spell_on(&rows, on) else {
        let counted = Counted::NothingPaid;
        let (employer, is_bridged) = (None, false);
        return OpenJob { job, counted, employer, is_bridged, wage: None, hours: None };
    };
    let holding = spell.iter().rev().find(|(_, row)| row.from <= on).map(|(_, row)| *row);
    let amount = |of: fn(&PayRow) -> Option<i64>| {
        let own = holding.and_then(|row| Some(Rate { amount: of(&row)?, days: row.days() }));
        own.or_else(|| average(&spell, of))
    };
    OpenJob {
        job,
        counted: counted(job),
        is_bridged: holding.is_some_and(|row| row.to < on),
        employer: employer_of(&spell),
        wage: amount(PayRow::net_wage_cents),
        hours: amount(PayRow::net_hours_hundredths),
    }
}

fn employer_of(spell: &[(&Job, PayRow)]) -> Option<u64> {
    spell.iter().find_map(|(part, row)| known_employer(part, row))
}

fn known_employer(job: &Job, row: &PayRow) -> Option<u64> {
    (row.quirk != PayQuirk::EmployerMissing).then_some(job.employer_index)
}

fn average(spell: &[(&Job, PayRow)], of: fn(&PayRow) -> Option<i64>) -> Option<Rate> {
    let known = spell.iter().filter_map(|(_, row)| Some((of(row)?, row.days())));
    let (amount, days) =
        known.fold((0, 0), |sums, (amount, days)| (sums.0 + amount, sums.1 + days));
    (days > 0).then_some(Rate { amount, days })
}

/// The paid rows of the spell that holds on a day.
fn spell_on<'a>(rows: &[(&'a Job, PayRow)], on: Day) -> Option<Vec<(&'a Job, PayRow)>> {
    spells(rows).into_iter().find(|spell| spell[0].1.from <= on && on <= end_of(spell))
}

/// The paid rows by spells: no more than the gap without pay between them, and
/// one employer as far as is known.
fn spells<'a>(rows: &[(&'a Job, PayRow)]) -> Vec<Vec<(&'a Job, PayRow)>> {
    let mut spells: Vec<Vec<(&Job, PayRow)>> = Vec::new();
    let mut last_known = None;
    for &(job, row) in rows.iter().filter(|(_, row)| row.is_paid()) {
        let employer = known_employer(job, &row);
        let is_other = employer.is_some() && last_known.is_some() && employer != last_known;
        last_known = employer.or(last_known);
        match spells.last_mut() {
            Some(spell) if !is_other && row.from - end_of(spell) - 1 <= GAP_DAYS => {
                spell.push((job, row));
            }
            _ => spells.push(vec![(job, row)]),
        }
    }
    spells
}

/// Most days in a row, from one day to another of the year after, on which no
/// job with an employer counts.
pub(super) fn longest_gap(
    world: &World,
    person: &Person,
    employer: u64,
    from: Day,
    to: Day,
) -> i32 {
    let counting = person.jobs.iter().filter(|job| counted(job).is_in());
    let ikvids: BTreeSet<u64> = counting.map(|job| job.ikvid).collect();
    let mut held: Vec<(Day, Day)> = Vec::new();
    for ikvid in ikvids {
        for year in [date(from).0, date(to).0] {
            let spells = spells(&rows_of_year(world, person, ikvid, year));
            let spells = spells.iter().filter(|spell| employer_of(spell) == Some(employer));
            held.extend(spells.map(|spell| (spell[0].1.from, end_of(spell))));
        }
    }
    held.sort_unstable();
    let (mut longest, mut until) = (0, Day::MIN);
    for (start, end) in held {
        if until >= from && start <= to {
            longest = longest.max(start - until - 1);
        }
        until = until.max(end);
    }
    longest
}

fn end_of(spell: &[(&Job, PayRow)]) -> Day {
    spell.last().map_or(Day::MIN, |(_, row)| row.to)
}

fn counted(job: &Job) -> Counted {
    match (job.kind, job.relation[0], &job.relation) {
        (_, b'2' | b'3', _) => Counted::Benefit,
        (b'2', ..) => Counted::Intern,
        (b'1', ..) | (_, _, b"17") => Counted::Director,
        _ => Counted::Employee,
    }
}

/// How the main job of a day was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// One job only, or one with a higher wage per calendar day.
    Wage,
    /// Equal wages, more hours per calendar day.
    Hours,
    /// Equal wages and hours, smallest job id.
    JobId,
}

/// The main one of the jobs that count: the highest base wage per calendar day,
/// then hours per calendar day, then the smallest job id.
pub(super) fn main_job<'a, 'b>(open: &'b [OpenJob<'a>]) -> Option<(&'b OpenJob<'a>, Decision)> {
    let mut best: Option<&OpenJob> = None;
    let mut decision = Decision::Wage;
    for job in open.iter().filter(|job| job.counted.is_in()) {
        let Some(other) = best else {
            best = Some(job);
            continue;
        };
        let (order, by) = compare(job, other);
        // A tie counts where it decides between the winner and the next.
        decision = if order == Ordering::Greater || by != Decision::Wage { by } else { decision };
        if order == Ordering::Greater {
            best = Some(job);
        }
    }
    best.map(|job| (job, decision))
}

fn compare(one: &OpenJob, other: &OpenJob) -> (Ordering, Decision) {
    let wage = compare_rates(one.wage, other.wage);
    if wage != Ordering::Equal {
        return (wage, Decision::Wage);
    }
    let hours = compare_rates(one.hours, other.hours);
    if hours != Ordering::Equal {
        return (hours, Decision::Hours);
    }
    (other.job.ikvid.cmp(&one.job.ikvid), Decision::JobId)
}

/// What is not known comes last.
fn compare_rates(one: Option<Rate>, other: Option<Rate>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => (one.amount * other.days).cmp(&(other.amount * one.days)),
        _ => one.is_some().cmp(&other.is_some()),
    }
}

/// What a person is on a day.
pub(super) struct State {
    /// The code of the state.
    pub(super) code: &'static str,
    /// Employer of an employee or director, where known.
    pub(super) employer: Option<u64>,
    /// Category of the day, where one is registered.
    pub(super) secm: Option<u8>,
    /// Whether any job counts, whatever the state.
    pub(super) has_job: bool,
}

impl State {
    /// The state of a person who is in the population on the day.
    pub(super) fn on(world: &World, person: &Person, on: Day) -> Self {
        let open = open_jobs(world, person, on);
        let main = main_job(&open).map(|(job, _)| job);
        let secm = secm::code_on(person, on);
        let is_self_employed = secm.is_some_and(secm::is_self_employed);
        let (code, job) = match main {
            Some(job) if job.counted == Counted::Director => ("director", main),
            Some(_) if !is_self_employed || !has_few_hours(&open) => ("employee", main),
            _ => (without_job(secm), None),
        };
        let employer = job.and_then(|job| job.employer);
        State { code, employer, secm, has_job: main.is_some() }
    }

    /// Whether it is work for an employer.
    pub(super) fn is_employed(&self) -> bool {
        matches!(self.code, "employee" | "director")
    }
}

fn without_job(code: Option<u8>) -> &'static str {
    match code {
        Some(secm::DIRECTOR) => "director",
        Some(code) if secm::is_self_employed(code) => "self_employed",
        Some(secm::EMPLOYEE) => "unclear_work",
        Some(secm::UNEMPLOYED) => "unemployment",
        Some(secm::ASSISTANCE) => "assistance",
        Some(secm::OTHER_BENEFIT) => "other_benefit",
        Some(secm::DISABLED) => "disability",
        Some(secm::PENSION) => "pension",
        Some(secm::STUDENT | secm::PUPIL) => "student",
        Some(secm::NO_INCOME) => "no_income",
        _ => "unknown",
    }
}

/// Whether the jobs that count have less than twelve hours a week together.
fn has_few_hours(open: &[OpenJob]) -> bool {
    let rates: Vec<Rate> =
        open.iter().filter(|job| job.counted.is_in()).map(hours_or_class).collect();
    let common: i128 = rates.iter().map(|rate| i128::from(rate.days)).product();
    let sum: i128 =
        rates.iter().map(|rate| i128::from(rate.amount) * common / i128::from(rate.days)).sum();
    sum * 7 < SMALL_JOB_HUNDREDTHS * common
}

/// Hours of a job, or the least of its class of weekly hours where no record
/// of the spell knows them.
fn hours_or_class(job: &OpenJob) -> Rate {
    let week = job.job.hours_per_day_hundredths * 7;
    let least = [3_500, 3_000, 2_500, 2_000, 1_200].into_iter().find(|&least| week >= least);
    job.hours.unwrap_or(Rate { amount: least.unwrap_or(0), days: 7 })
}
