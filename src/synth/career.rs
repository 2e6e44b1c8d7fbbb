//! Working lives: study, work of one of several kinds, retirement; jobs that
//! begin and end on drawn days, second jobs, gaps, and what one lives on
//! besides work. Everything stays within the years asked for, but for the
//! start of the jobs that were already open.

use super::calendar::{Day, day, month_first, month_last};
use super::dice::Dice;
use super::employer::World;
use super::person::{JOBS_A_PERSON, Job, Person};
use super::secm;
use super::sectors::{self, Trade, draw_occupation};

/// What a person does between study and pension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Track {
    Worker,
    Director,
    /// Lives on a source other than wages; now and then has a small job.
    Aside(u8),
}

/// What a new job should be like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Trade of the job.
    pub(super) trade: Trade,
    /// Place of the sector it should be in, where that is settled.
    pub(super) sector: Option<usize>,
    /// Employer it must be at, where that is settled.
    pub(super) employer: Option<u64>,
    /// Whether it has few hours and low pay.
    pub(super) small: bool,
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
            let end = (start + dice.between(60, 1_400)).min(last);
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
            let end = (next + dice.between(40, 700)).min(to + dice.below(90));
            let end = end.min(person.last_day);
            small_job(world, dice, person, next, end);
            next = end + 1;
        }
        next += dice.between(20, 400);
    }
}

fn work(world: &World, dice: &mut Dice, person: &mut Person, from: Day, to: Day) {
    match draw_track(dice, person, from) {
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
            push(person, job);
        }
        Track::Aside(code) => {
            person.background.push((from, code));
            if dice.chance(1_200) {
                let start = from + dice.below(300);
                let end = (start + dice.between(60, 1_200)).min(to);
                small_job(world, dice, person, start, end);
            }
        }
    }
}

fn draw_track(dice: &mut Dice, person: &Person, from: Day) -> Track {
    let age = super::calendar::date(from).0 - person.birth_year;
    let woman = i32::from(person.sex == 2);
    let odds = [
        (if age < 25 { 200 } else { 950 }, Track::Aside(secm::ENTREPRENEUR)),
        (150, Track::Aside(secm::FREELANCE)),
        (30, Track::Aside(secm::FAMILY_WORKER)),
        (if age < 30 { 20 } else { 150 }, Track::Director),
        (if age < 50 { 300 } else { 800 }, Track::Aside(secm::DISABLED)),
        (350, Track::Aside(secm::ASSISTANCE)),
        (50, Track::Aside(secm::OTHER_BENEFIT)),
        (250 + 500 * woman, Track::Aside(secm::NO_INCOME)),
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
        let end = draw_end(dice, person, trade, open_from, to);
        let wanted = Wanted { trade, sector: Some(sector), employer: None, small: false };
        let job = draw_job(world, dice, person, wanted, next, end);
        if dice.chance(1_800) {
            second_job(world, dice, person, &job, open_from);
        }
        push_under_ids(dice, person, job, open_from);
        if end >= to {
            break;
        }
        match draw_next(dice) {
            Next::Job { gap } => next = end + 1 + gap,
            Next::Benefit { gap } => {
                person.background.push((end + 1, secm::UNEMPLOYED));
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
            let end = match dice.below(10) {
                0..5 => month_last(drawn),
                5 => month_first(drawn),
                _ => drawn,
            };
            return end.clamp(from, to);
        }
        quarter += 91;
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

/// Adds a job; now and then its id changes on the first of a month while the
/// employer stays, and sometimes the occupation changes with it.
fn push_under_ids(dice: &mut Dice, person: &mut Person, mut job: Job, from: Day) {
    let days = job.end - from;
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

/// Adds a job under a job id of its own.
pub(super) fn push(person: &mut Person, mut job: Job) {
    let count = person.jobs.len() as u64;
    if count < JOBS_A_PERSON && job.start <= job.end {
        let number = 7_777_777 + person.index * JOBS_A_PERSON + count;
        job.ikvid = super::dice::scatter(number, 1_000_000_000_000);
        person.jobs.push(job);
    }
}

/// Draws a job; its id is given by [`push`].
pub(super) fn draw_job(
    world: &World,
    dice: &mut Dice,
    person: &Person,
    wanted: Wanted,
    start: Day,
    end: Day,
) -> Job {
    let sector = wanted.sector.unwrap_or_default();
    let index = wanted.employer.unwrap_or_else(|| world.draw_employer(dice, sector));
    let employer = world.employer(index);
    let hours_a_week = draw_hours(dice, person, wanted.small);
    let cents_an_hour = draw_wage(dice, person, start, wanted.small);
    let hours_per_day_hundredths = hours_a_week * 100 / 7;
    let occupation = draw_occupation(dice, employer.sector(), wanted.trade);
    let kind = match (employer.sector().division, dice.below(100)) {
        (78, 0..80) => b'4',
        (_, 0..4) => b'5',
        (_, 4) => b'2',
        (87, 5..12) => b'3',
        _ => b'9',
    };
    Job {
        ikvid: 0,
        employer_index: index,
        employer,
        start,
        end,
        wage_per_day_cents: cents_an_hour * hours_per_day_hundredths / 100,
        hours_per_day_hundredths,
        occupation,
        kind,
        contract: draw_contract(dice, wanted.small),
        may_pause: true,
    }
}

fn draw_hours(dice: &mut Dice, person: &Person, small: bool) -> i64 {
    let hours = if small {
        dice.between(3, 16)
    } else if dice.chance(if person.sex == 1 { 7_500 } else { 3_000 }) {
        dice.between(36, 40)
    } else {
        dice.between(14, 34)
    };
    i64::from(hours)
}

fn draw_wage(dice: &mut Dice, person: &Person, start: Day, small: bool) -> i64 {
    let age = (super::calendar::date(start).0 - person.birth_year).clamp(15, 55);
    let spread = if small { 400 } else { 2_400 };
    i64::from(700 + 22 * (age - 15) + dice.below(spread))
}

fn draw_contract(dice: &mut Dice, small: bool) -> u8 {
    match dice.below(1_000) {
        0..15 => b'b',
        15..30 => b'o',
        30..50 => b'N',
        drawn if drawn < if small { 750 } else { 300 } => b'B',
        _ => b'O',
    }
}
