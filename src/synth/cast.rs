//! The first persons have written histories, so that every quirk is present
//! with any seed and any number of persons. All of it happens in the first
//! year, as there may be only one.

use super::calendar::{Day, day};
use super::career::{Wanted, draw_job, push};
use super::dice::Dice;
use super::employer::{
    GOVERNMENT, MACHINE_WORKS, METAL_WORKS, OTHER_METAL_WORKS, SHOP, UNLISTED_F, UNLISTED_P,
    WITHOUT_SBI, World, usual_trade,
};
use super::person::{Job, Person, limit_last_day};
use super::secm::{self, Spell};
use super::survey::{Coding, Link, Participation, WAVES, usual_weight_hundredths};

/// How many persons have written histories.
pub(super) const SIZE: u64 = 64;

/// RINPERSOONS of a scripted person.
pub(super) fn kind(index: u64) -> u8 {
    match index {
        31 => b'A',
        34 => b'O',
        36 => b'S',
        _ => b'R',
    }
}

/// Writes the history of a scripted person.
pub(super) fn script(world: &World, dice: &mut Dice, person: &mut Person) {
    let first = world.window.first;
    person.birth_year = world.window.first_year - 32 - (person.index % 25) as i32;
    person.birth_month = 1 + (person.index % 9) as i32;
    person.knows_sex = person.index != 23;
    script_birth(person);
    script_leaving(world, person);
    let background = match person.index {
        41 | 42 => secm::ENTREPRENEUR,
        49 => secm::DISABLED,
        _ => secm::NO_INCOME,
    };
    person.background.push((first, background));
    match person.index {
        5..=8 => script_tie(world, dice, person),
        9..=14 | 44 | 46 | 47 | 50 => script_change(world, dice, person),
        41 | 42 => {}
        _ => script_other(world, dice, person),
    }
}

fn script_birth(person: &mut Person) {
    match person.index {
        29 => person.birth_month = 10,
        30 => person.birth_month = 9,
        _ => {}
    }
    person.known_birth_year = (person.index != 21).then_some(person.birth_year);
    person.known_birth_month = (person.index != 22).then_some(person.birth_month);
}

fn script_leaving(world: &World, person: &mut Person) {
    let date = |month, day_of_month| Some(day(world.window.first_year, month, day_of_month));
    match person.index {
        15 => person.death = date(10, 1),
        16 => person.death = date(10, 2),
        17 => person.death = date(9, 30),
        18 => person.emigration = date(10, 1),
        19 => person.emigration = date(10, 2),
        20 => {
            person.emigration = date(5, 14);
            person.death = date(7, 3);
        }
        _ => {}
    }
    limit_last_day(person);
}

/// Two jobs with equal wage per calendar day; for 5 and 6 the hours decide,
/// for 7 and 8 the job id; 6 and 8 set months beside four weeks.
fn script_tie(world: &World, dice: &mut Dice, person: &mut Person) {
    let (first, last) = (world.window.first, world.window.last);
    let other = if matches!(person.index, 6 | 8) { 0 } else { MACHINE_WORKS };
    let one = job_at(world, dice, person, METAL_WORKS, first - 900, last);
    let mut two = job_at(world, dice, person, other, first - 300, last);
    if person.index <= 6 {
        two.hours_per_day_hundredths -= 114;
    }
    push(person, two);
    push(person, one);
}

/// A job that ends and another that begins in the first year; with two years
/// or more, 46, 47 and 50 change in the second.
fn script_change(world: &World, dice: &mut Dice, person: &mut Person) {
    let year = world.window.first_year;
    let later = (year + 1).min(world.window.last_year);
    let (end, begin) = match person.index {
        9 => (day(year, 9, 30), Some(day(year, 10, 1))),
        10 => (day(year, 10, 1), Some(day(year, 10, 2))),
        11 => (day(year, 10, 16), Some(day(year, 10, 17))),
        12 => (day(year, 9, 14), Some(day(year, 10, 20))),
        13 => (world.window.first - 1, Some(day(year, 11, 3))),
        14 => (day(year, 6, 18), None),
        44 => (day(year, 8, 31), Some(day(year, 9, 1))),
        46 => (day(later, 9, 30), Some(day(later, 10, 1))),
        47 => (day(later, 10, 1), Some(day(later, 10, 2))),
        _ => (day(later, 3, 9), Some(day(later, 3, 10))),
    };
    let job = job_at(world, dice, person, METAL_WORKS, world.window.first - 400, end);
    push(person, job);
    person.background.push((end + 1, secm::UNEMPLOYED));
    if let Some(begin) = begin {
        let next = if person.index.is_multiple_of(2) { OTHER_METAL_WORKS } else { SHOP };
        let job = job_at(world, dice, person, next, begin, world.window.last);
        push(person, job);
    }
}

fn script_other(world: &World, dice: &mut Dice, person: &mut Person) {
    let (first, last) = (world.window.first, world.window.last);
    let employer = match person.index {
        0..=3 => person.index,
        24 => WITHOUT_SBI,
        25 => UNLISTED_F,
        26 => UNLISTED_P,
        40 => GOVERNMENT,
        _ => [METAL_WORKS, MACHINE_WORKS, SHOP][(person.index % 3) as usize],
    };
    let mut job = job_at(world, dice, person, employer, first - 700, last);
    match person.index {
        4 => {
            let mut second = job_at(world, dice, person, SHOP, first + 31, last);
            second.wage_per_day_cents = 2_100;
            push(person, second);
        }
        27 => job.wage_per_day_cents = 0,
        28 => {
            let mut second = job_at(world, dice, person, SHOP, first - 60, last);
            second.wage_per_day_cents = 0;
            push(person, second);
        }
        45 => {
            let change = first + 182;
            let mut renamed = job.clone();
            renamed.start = change;
            job.end = change - 1;
            push(person, renamed);
        }
        // Those who share digits with the person before earn more elsewhere.
        31 | 34 | 36 => job.wage_per_day_cents = 15_000,
        48 => job.kind = b'1',
        49 => job.wage_per_day_cents = 1_900,
        51 => job.contract = b'b',
        _ => {}
    }
    push(person, job);
}

fn job_at(
    world: &World,
    dice: &mut Dice,
    person: &Person,
    employer: u64,
    start: Day,
    end: Day,
) -> Job {
    let trade = usual_trade(&world.employer(employer));
    let sector = Some(world.employer(employer).sector);
    let wanted = Wanted { trade, sector, employer: Some(employer), small: false };
    let mut job = draw_job(world, dice, person, wanted, start, end);
    job.wage_per_day_cents = 11_000;
    job.hours_per_day_hundredths = 514;
    job.kind = b'9';
    job.contract = b'O';
    job.may_pause = false;
    job
}

/// Lets scripted persons take part in the survey, and takes a piece out of
/// the SECM spells of one.
pub(super) fn script_survey(world: &World, person: &mut Person) {
    let year = world.window.first_year;
    if person.index == 52 {
        person.secm = without_autumn(&person.secm, day(year, 9, 1), day(year, 11, 30));
    }
    person.survey = None;
    if !(35..=44).contains(&person.index) {
        return;
    }
    person.survey = Some(Participation {
        first_year: year,
        first_quarter: (person.index % 4) as i32,
        month_of_quarter: 1,
        day_of_month: 1 + (person.index % 28) as i32,
        answered: if person.index == 38 { 2 } else { WAVES },
        link: if person.index == 37 { Link::Unlinked } else { Link::Own },
        coding: match person.index {
            38 => Coding::OccupationUnknown,
            39 => Coding::SbiMissing,
            _ => Coding::Full,
        },
        weight_hundredths: usual_weight_hundredths(world) + 7 * (person.index % 7) as i64,
        remark: (person.index - 35) as usize,
    });
}

fn without_autumn(spells: &[Spell], from: Day, to: Day) -> Vec<Spell> {
    let mut left = Vec::new();
    for spell in spells {
        let before = Spell { to: spell.to.min(from - 1), ..*spell };
        let after = Spell { from: spell.from.max(to + 1), ..*spell };
        left.extend([before, after].into_iter().filter(|part| part.from <= part.to));
    }
    left
}
