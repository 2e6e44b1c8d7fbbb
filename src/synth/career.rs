//! Working lives: study, work of one of several kinds, retirement; jobs that
//! begin and end on drawn days, second jobs, gaps, and what one lives on
//! besides work. Everything stays within the years asked for, but for the
//! start of the jobs that were already open.

use super::calendar::{Day, day, month_first, month_last, reference_day};
use super::dice::Dice;
use super::employer::{GOVERNMENT, World};
use super::hazards::Hazard;
use super::job::{Wanted, draw_job, push};
use super::person::{Job, Person};
use super::secm;
use super::sectors::{self, Trade, draw_occupation};
use super::terms::{end_percent, reference_year};

/// What a person does between study and pension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Track {
    Worker,
    Director,
    /// Lives on a source other than wages; now and then has a small job.
    Aside(u8),
}

/// Fills in the working life of a person.
pub(super) fn live(world: &World, dice: &mut Dice, person: &mut Person) {
    let first = world.window.first;
    let last = person.last_day.min(world.window.last);
    if last < first {
        return;
    }
    let study_end = day(person.birth_year + dice.between(17, 25), 7, dice.between(1, 31));
    let pension = day(person.birth_year + dice.between(63, 67), person.birth_month, 1);
    if study_end >= first {
        study(world, dice, person, study_end.min(last));
    }
    let work_from = first.max(study_end + 1);
    let work_to = last.min(pension - 1);
    if work_from <= work_to {
        work(world, dice, person, work_from, work_to);
    }
    if pension <= last {
        let from = first.max(pension);
        person.background.push((from, secm::PENSION));
        if dice.chance(1_400) {
            let start = from + dice.below(last - from + 1);
            let end = draw_small_end(world, dice, person, (start, last), (60, 1_400));
            small_job(world, dice, person, start, end);
        }
    }
}

fn study(world: &World, dice: &mut Dice, person: &mut Person, to: Day) {
    let first = world.window.first;
    let school = day(person.birth_year + 4, person.birth_month, 1);
    if first < school {
        person.background.push((first, secm::NO_INCOME));
    }
    person.background.push((first.max(school), secm::PUPIL));
    let mut next = first.max(day(person.birth_year + 15, person.birth_month, 20));
    while next <= to {
        if dice.chance(4_500) {
            let latest = (to + dice.below(90)).min(person.last_day);
            let end = draw_small_end(world, dice, person, (next, latest), (40, 700));
            if world.hazards.has(Hazard::WorkingStudents) {
                small_job(world, dice, person, next, end);
            }
            next = end + 1;
        }
        next += dice.between(20, 400);
    }
}

fn work(world: &World, dice: &mut Dice, person: &mut Person, from: Day, to: Day) {
    match draw_track(world, dice, person, from) {
        Track::Worker => {
            person.background.push((from, secm::NO_INCOME));
            career(world, dice, person, from, to);
        }
        Track::Director => {
            person.background.push((from, secm::NO_INCOME));
            let sector = Some(world.odds.draw_sector(dice, person.trade));
            let wanted = Wanted { trade: person.trade, sector, employer: None, small: false };
            let start = from - dice.between(0, 4_000);
            let mut job = draw_job(world, dice, person, wanted, start, to);
            job.kind = b'1';
            let is_plain = dice.chance(5_000) || !world.hazards.has(Hazard::Directors);
            job.relation = if is_plain { *b"17" } else { *b"15" };
            push(person, job);
        }
        Track::Aside(code) => {
            person.background.push((from, code));
            if secm::is_self_employed(code) {
                if world.hazards.has(Hazard::SelfEmployedWithJobs) {
                    job_beside_a_business(world, dice, person, from, to);
                }
            } else if dice.chance(1_200) {
                let start = from + dice.below(300);
                let end = draw_small_end(world, dice, person, (start, to), (60, 1_200));
                small_job(world, dice, person, start, end);
            }
        }
    }
}

/// A job of few hours, or one of many that pays less than the business.
fn job_beside_a_business(world: &World, dice: &mut Dice, person: &mut Person, from: Day, to: Day) {
    let start = from + dice.below(300);
    let end = draw_small_end(world, dice, person, (start, to), (60, 1_200));
    match dice.below(100) {
        0..12 => small_job(world, dice, person, start, end),
        12..22 => {
            let sector = Some(world.odds.draw_sector(dice, person.trade));
            let wanted = Wanted { trade: person.trade, sector, employer: None, small: false };
            let mut job = draw_job(world, dice, person, wanted, start, end);
            job.wage_per_day_cents = job.wage_per_day_cents.min(6_000);
            push(person, job);
        }
        _ => {}
    }
}

fn draw_track(world: &World, dice: &mut Dice, person: &Person, from: Day) -> Track {
    let age = super::calendar::date(from).0 - person.birth_year;
    let woman = i32::from(person.sex == 2);
    let unclear = if world.hazards.has(Hazard::UnclearWork) { 150 } else { 0 };
    let odds = [
        (if age < 25 { 200 } else { 950 }, Track::Aside(secm::ENTREPRENEUR)),
        (150, Track::Aside(secm::FREELANCE)),
        (30, Track::Aside(secm::FAMILY_WORKER)),
        (if age < 30 { 20 } else { 150 }, Track::Director),
        (if age < 50 { 300 } else { 800 }, Track::Aside(secm::DISABLED)),
        (350, Track::Aside(secm::ASSISTANCE)),
        (50, Track::Aside(secm::OTHER_BENEFIT)),
        (250 + 500 * woman, Track::Aside(secm::NO_INCOME)),
        (unclear, Track::Aside(secm::EMPLOYEE)),
        (unclear / 3, Track::Aside(secm::DIRECTOR)),
        (if world.hazards.has(Hazard::UnknownCodes) { 40 } else { 0 }, Track::Aside(40)),
    ];
    if !person.is_registered() {
        return Track::Worker;
    }
    let mut drawn = dice.below(10_000);
    for (parts, track) in odds {
        if drawn < parts {
            return track;
        }
        drawn -= parts;
    }
    Track::Worker
}

/// Where a worker goes when a job ends.
enum Next {
    Job { gap: i32 },
    Benefit { gap: i32 },
    Leaves(u8),
}

fn career(world: &World, dice: &mut Dice, person: &mut Person, from: Day, to: Day) {
    let mut trade = person.trade;
    let mut sector = world.odds.draw_sector(dice, trade);
    let mut next = match (from == world.window.first, dice.chance(9_200)) {
        (true, true) => from - draw_tenure(dice, person, from),
        (false, true) => from + dice.below(100),
        _ => from + dice.between(20, 500),
    };
    while next <= to {
        let open_from = next.max(from);
        let end = if world.hazards.has(Hazard::UnequalExits) {
            draw_end_by_terms(world, dice, person, trade, (next, open_from, to))
        } else {
            draw_end(dice, person, trade, open_from, to)
        };
        let wanted = Wanted { trade, sector: Some(sector), employer: None, small: false };
        let job = draw_job(world, dice, person, wanted, next, end);
        if dice.chance(1_800) {
            second_job(world, dice, person, &job, open_from);
        }
        push_under_ids(world, dice, person, job, open_from);
        if end >= to {
            break;
        }
        match draw_next(dice) {
            Next::Job { gap } => next = end + 1 + gap,
            Next::Benefit { gap } => {
                person.background.push((end + 1, secm::UNEMPLOYED));
                if dice.chance(2_500) && world.hazards.has(Hazard::ExcludedJobs) {
                    benefit(world, dice, person, end + 1, (end + gap).min(to));
                }
                next = end + 1 + gap;
                person.background.push((next + 20, secm::NO_INCOME));
            }
            Next::Leaves(code) => {
                person.background.push((end + 1, code));
                if dice.chance(4_000) {
                    break;
                }
                next = end + 1 + dice.between(150, 900);
                person.background.push((next + 20, secm::NO_INCOME));
            }
        }
        if dice.chance(5_500) {
            trade = other_trade(world, dice, trade);
            sector = world.odds.draw_sector(dice, trade);
        }
    }
}

fn draw_tenure(dice: &mut Dice, person: &Person, from: Day) -> i32 {
    let years_of_work = super::calendar::date(from).0 - person.birth_year - 15;
    let first = dice.between(10, 365 * years_of_work.clamp(1, 35));
    dice.between(5, first)
}

/// Most keep their trade; the others may become anything.
fn other_trade(world: &World, dice: &mut Dice, trade: Trade) -> Trade {
    if dice.chance(6_000) { trade } else { world.odds.draw_trade(dice) }
}

/// Chance in ten thousand that a job ends within a quarter of a year.
fn end_rate(person: &Person, trade: Trade, year: i32) -> i32 {
    let by_age = match year - person.birth_year {
        ..25 => 780,
        25..35 => 435,
        35..45 => 330,
        45..55 => 240,
        _ => 210,
    };
    if trade == Trade::Other { by_age } else { by_age * 92 / 100 }
}

fn draw_end(dice: &mut Dice, person: &Person, trade: Trade, from: Day, to: Day) -> Day {
    let mut quarter = from;
    while quarter <= to {
        let (year, _, _) = super::calendar::date(quarter);
        if dice.chance(end_rate(person, trade, year)) {
            let drawn = quarter + dice.below(91);
            return draw_end_near(dice, drawn).clamp(from, to);
        }
        quarter += 91;
    }
    to
}

/// Half of all jobs end with a month, some on its first day.
fn draw_end_near(dice: &mut Dice, drawn: Day) -> Day {
    match dice.below(10) {
        0..5 => month_last(drawn),
        5 => month_first(drawn),
        _ => drawn,
    }
}

/// End of a job of few hours, after so many days from one number to another.
fn draw_small_end(
    world: &World,
    dice: &mut Dice,
    person: &Person,
    (start, to): (Day, Day),
    (least, most): (i32, i32),
) -> Day {
    if start <= to && world.hazards.has(Hazard::UnequalExits) {
        return draw_end_by_terms(world, dice, person, Trade::Other, (start, start, to));
    }
    (start + dice.between(least, most)).min(to)
}

/// End of a job where it goes with tenure and contract as well as age, drawn from
/// one reference day to the next.
fn draw_end_by_terms(
    world: &World,
    dice: &mut Dice,
    person: &Person,
    trade: Trade,
    (start, from, to): (Day, Day, Day),
) -> Day {
    let mut open = from;
    while open <= to {
        let year = reference_year(open);
        let last = (reference_day(year + 1) - 1).min(to);
        let rate = end_rate(person, trade, year) * 4;
        let percent = end_percent(world, person.index, year, start);
        let days = last - open + 1;
        if dice.chance(rate * percent / 100 * days / 365) {
            let drawn = open + dice.below(days);
            return draw_end_near(dice, drawn).clamp(open, last);
        }
        open = last + 1;
    }
    to
}

fn draw_next(dice: &mut Dice) -> Next {
    match dice.below(100) {
        0..58 => Next::Job { gap: 0 },
        58..74 => Next::Job { gap: dice.between(1, 75) },
        74..90 => Next::Benefit { gap: dice.between(40, 600) },
        90..93 => Next::Leaves(secm::NO_INCOME),
        93..95 => Next::Leaves(secm::ASSISTANCE),
        95..97 => Next::Leaves(secm::DISABLED),
        97..98 => Next::Leaves(secm::FREELANCE),
        _ => Next::Leaves(secm::ENTREPRENEUR),
    }
}

fn small_job(world: &World, dice: &mut Dice, person: &mut Person, start: Day, end: Day) {
    if end < start {
        return;
    }
    let trade = if dice.chance(7_000) { Trade::Other } else { person.trade };
    let sector = Some(world.odds.draw_sector(dice, trade));
    let wanted = Wanted { trade, sector, employer: None, small: true };
    let job = draw_job(world, dice, person, wanted, start, end);
    push(person, job);
}

/// A job beside another; some pay exactly the same, a few for the same hours.
fn second_job(world: &World, dice: &mut Dice, person: &mut Person, first: &Job, from: Day) {
    let start = from + dice.below(200);
    let end = (start + dice.between(60, 900)).min(first.end);
    if end < start {
        return;
    }
    let trade = if dice.chance(5_000) { person.trade } else { world.odds.draw_trade(dice) };
    let sector = Some(world.odds.draw_sector(dice, trade));
    let wanted = Wanted { trade, sector, employer: None, small: dice.chance(8_500) };
    let mut job = draw_job(world, dice, person, wanted, start, end);
    if dice.chance(800) {
        job.wage_per_day_cents = first.wage_per_day_cents;
        if dice.chance(4_000) {
            job.hours_per_day_hundredths = first.hours_per_day_hundredths;
        }
    }
    push(person, job);
}

/// A benefit that the payroll holds as an income relation.
fn benefit(world: &World, dice: &mut Dice, person: &mut Person, start: Day, end: Day) {
    let wanted =
        Wanted { trade: Trade::Other, sector: None, employer: Some(GOVERNMENT), small: false };
    let mut job = draw_job(world, dice, person, wanted, start, end);
    (job.kind, job.relation) = (b'9', *b"31");
    push(person, job);
}

/// Adds a job; now and then its id changes on the first of a month while the
/// employer stays, and sometimes the occupation changes with it.
fn push_under_ids(world: &World, dice: &mut Dice, person: &mut Person, mut job: Job, from: Day) {
    let days = job.end - from;
    if days > 120 && dice.chance(200) && world.hazards.has(Hazard::EmployerChangesWithinJobs) {
        let change = month_first(from + 40 + dice.below(days - 80));
        let employer_index = world.draw_employer(dice, job.employer.sector);
        push(person, Job { end: change - 1, ..job });
        let Some(first) = person.jobs.last() else { return };
        let employer = world.employer(employer_index);
        let end = job.end;
        let next = Job { start: change, end, employer_index, employer, ..first.clone() };
        person.jobs.push(next);
        return;
    }
    if days > 120 && dice.chance(days.min(2_000)) {
        let change = month_first(from + 40 + dice.below(days - 80));
        let mut renamed = job.clone();
        renamed.start = change;
        job.end = change - 1;
        if dice.chance(9_000) {
            let trade = sectors::draw_trade_within(dice, job.employer.sector());
            renamed.occupation = draw_occupation(dice, job.employer.sector(), trade);
        }
        push(person, job);
        push(person, renamed);
    } else {
        push(person, job);
    }
}
