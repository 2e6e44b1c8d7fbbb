//! What a drawn job is like: hours, pay, kind, contract, occupation.

use super::calendar::Day;
use super::dice::Dice;
use super::employer::World;
use super::hazards::Hazard;
use super::pay::PayScript;
use super::person::{JOBS_A_PERSON, Job, Person};
use super::sectors::{Trade, draw_occupation};

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

/// Adds a job under a job id of its own.
pub(super) fn push(person: &mut Person, mut job: Job) {
    if person.job_ids < JOBS_A_PERSON && job.start <= job.end {
        let number = 7_777_777 + person.index * JOBS_A_PERSON + person.job_ids;
        job.ikvid = super::dice::scatter(number, 1_000_000_000_000);
        job.began = job.start;
        person.job_ids += 1;
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
    let has_low_pay = wanted.small && !world.hazards.has(Hazard::UnequalExits);
    let drawn = draw_wage(dice, person, start, has_low_pay);
    let cents_an_hour = if world.hazards.has(Hazard::WageTies) && drawn % 5 == 0 {
        drawn / 500 * 500 + 250
    } else {
        drawn
    };
    let hours_per_day_hundredths = hours_a_week * 100 / 7;
    let occupation = draw_occupation(dice, employer.sector(), wanted.trade);
    let kind = match (employer.sector().division, dice.below(100)) {
        (78, 0..80) => b'4',
        (_, 0..4) => b'5',
        (_, 4..6) if world.hazards.has(Hazard::ExcludedJobs) => b'2',
        (87, 6..12) => b'3',
        (_, 12) if world.hazards.has(Hazard::UnknownCodes) => b'7',
        _ => b'9',
    };
    let relation = match dice.below(1_000) {
        0..50 => *b"11",
        50..55 if world.hazards.has(Hazard::Directors) => *b"17",
        55..60 if world.hazards.has(Hazard::UnknownCodes) => *b"99",
        _ => *b"15",
    };
    Job {
        ikvid: 0,
        employer_index: index,
        employer,
        began: start,
        start,
        end,
        wage_per_day_cents: cents_an_hour * hours_per_day_hundredths / 100,
        hours_per_day_hundredths,
        occupation,
        kind,
        relation,
        contract: draw_contract(dice, wanted.small),
        pay_script: PayScript::Drawn,
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
