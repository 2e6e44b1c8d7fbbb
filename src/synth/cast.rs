//! The first persons have written histories, so that every quirk is present
//! with any seed and any number of persons. All of it happens in the first
//! year, as there may be only one.

use super::calendar::{Day, day, reference_day};
use super::dice::Dice;
use super::employer::{
    GOVERNMENT, MACHINE_WORKS, METAL_WORKS, OTHER_METAL_WORKS, SHOP, UNLISTED_F, UNLISTED_P,
    WITHOUT_SBI, World, usual_trade,
};
use super::hazards::Hazard;
use super::household::Household;
use super::job::{Wanted, draw_job, push};
use super::pay::{PayQuirk, PayScript};
use super::person::{Job, Person, limit_last_day};
use super::residence::{self, Absence};
use super::secm::{self, Spell};
use super::survey::{Coding, Link, NewYear, Participation, WAVES};

/// How many persons have written histories.
pub(super) const SIZE: u64 = 100;

/// Who works in a sector near the threshold of technical ones, five in each.
const NEAR_TECHNICAL_SHARE: std::ops::Range<u64> = 80..95;
/// Their weights in hundredths, two technicians first: 39, 40 and 41 percent.
const NEAR_WEIGHTS: [[i64; 5]; 3] =
    [[95, 100, 100, 100, 105], [100, 100, 100, 100, 100], [105, 100, 100, 100, 95]];

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
        _ if person.birth_year >= world.window.first_year => {}
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
        18 => leave(person, date(10, 1), None),
        19 => leave(person, date(10, 2), None),
        20 => {
            leave(person, date(5, 14), None);
            person.death = date(7, 3);
        }
        _ => script_hazards(world, person),
    }
    limit_last_day(person);
}

/// Absences, arrivals and births around the reference day of the first year.
fn script_hazards(world: &World, person: &mut Person) {
    let year = world.window.first_year;
    let on_the_day = reference_day(year);
    let hazards = world.hazards;
    let before = Some(day(year, 2, 20));
    match person.index {
        55 if hazards.has(Hazard::OnTheDay) => leave(person, before, Some(on_the_day - 1)),
        56 if hazards.has(Hazard::OnTheDay) => leave(person, before, Some(on_the_day)),
        57 if hazards.has(Hazard::OnTheDay) => leave(person, None, Some(on_the_day - 1)),
        58 if hazards.has(Hazard::Returners) => {
            leave(person, Some(day(year - 6, 3, 2)), Some(day(year - 4, 8, 9)));
        }
        59 if hazards.has(Hazard::AdministrativeMovements) => {
            leave(person, before, Some(day(year, 11, 2)));
            person.absences.iter_mut().for_each(|absence| absence.is_administrative = true);
        }
        60 if hazards.has(Hazard::BriefAbsences) => leave(person, before, Some(day(year, 9, 3))),
        61 if hazards.has(Hazard::Immigrants) => leave(person, None, Some(day(year, 5, 5))),
        62 | 63 if hazards.has(Hazard::Births) => {
            person.birth_year = year;
            person.birth_month = person.index as i32 - 53;
            person.known_birth_year = Some(person.birth_year);
            person.known_birth_month = Some(person.birth_month);
        }
        _ => {}
    }
}

fn leave(person: &mut Person, from: Option<Day>, to: Option<Day>) {
    residence::add(person, Absence { from, to, is_administrative: false });
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
        48 => (job.kind, job.relation) = (b'1', *b"17"),
        49 => job.wage_per_day_cents = 1_900,
        51 => job.contract = b'b',
        80..95 => script_near_share(world, person, &mut job),
        64.. => script_pay(world, person, &mut job),
        _ => {}
    }
    push(person, job);
}

/// Work in a sector with few others, of which two in five are technicians.
fn script_near_share(world: &World, person: &Person, job: &mut Job) {
    if world.has_of_many(Hazard::NearTechnicalShare) {
        let place = person.index - NEAR_TECHNICAL_SHARE.start;
        job.employer_index = world.near_share_employer(place / 5);
        job.employer = world.employer(job.employer_index);
        job.occupation = if place % 5 < 2 { 722 } else { 431 };
    }
}

/// Jobs whose pay, kind or employer is odd around 1 October.
fn script_pay(world: &World, person: &mut Person, job: &mut Job) {
    let written = PayScript::Written;
    match person.index {
        64 => job.pay_script = written(PayQuirk::Unpaid, 10, 10),
        65 => job.pay_script = written(PayQuirk::Unpaid, 9, 10),
        66 => job.pay_script = written(PayQuirk::TakenBack, 9, 12),
        67 => job.pay_script = written(PayQuirk::Corrected, 9, 10),
        68 => job.pay_script = written(PayQuirk::WageAndHoursMissing, 9, 10),
        69 => job.pay_script = written(PayQuirk::EmployerMissing, 10, 10),
        70 => job.pay_script = written(PayQuirk::EmployerMissing, 1, 12),
        71 if world.hazards.has(Hazard::ExcludedJobs) => job.kind = b'2',
        72 if world.hazards.has(Hazard::ExcludedJobs) => job.relation = *b"31",
        73 if world.hazards.has(Hazard::Directors) => job.relation = *b"17",
        74 if world.hazards.has(Hazard::UnknownCodes) => job.kind = b'7',
        75 if world.hazards.has(Hazard::EmployerChangesWithinJobs) => {
            let change = day(world.window.first_year, 8, 1);
            let (end, employer_index) = (change - 1, METAL_WORKS);
            let employer = world.employer(employer_index);
            push(person, Job { end, employer_index, employer, ..job.clone() });
            let ikvid = person.jobs.last().map_or(0, |first| first.ikvid);
            let (start, employer_index, employer) = (change, SHOP, world.employer(SHOP));
            person.jobs.push(Job { ikvid, start, employer_index, employer, ..job.clone() });
            job.end = job.start - 1;
        }
        76 if world.hazards.has(Hazard::SelfEmployedWithJobs) => {
            person.background.push((world.window.first, secm::ENTREPRENEUR));
            job.hours_per_day_hundredths = 150;
            job.wage_per_day_cents = 3_000;
        }
        77 if world.hazards.has(Hazard::SelfEmployedWithJobs) => {
            person.background.push((world.window.first, secm::ENTREPRENEUR));
            job.wage_per_day_cents = 6_000;
        }
        78 if world.hazards.has(Hazard::UnclearWork) => {
            person.background.push((world.window.first, secm::EMPLOYEE));
            job.end = job.start - 1;
        }
        79 if world.hazards.has(Hazard::WorkingStudents) => {
            person.background.push((world.window.first, secm::PUPIL));
        }
        _ => {}
    }
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
    job.relation = *b"15";
    job.pay_script = PayScript::Written(PayQuirk::None, 1, 12);
    job
}

/// Takes a piece out of the SECM spells of one.
pub(super) fn script_secm(world: &World, person: &mut Person) {
    let year = world.window.first_year;
    if person.index == 52 {
        person.secm = without_autumn(&person.secm, day(year, 9, 1), day(year, 11, 30));
    }
}

/// The participation of those who are asked whatever is drawn, so that each
/// stands for no more than one; none for the others, who are drawn like anybody.
pub(super) fn script_survey(world: &World, person: &Person) -> Option<Participation> {
    let is_near = world.has_of_many(Hazard::NearTechnicalShare)
        && NEAR_TECHNICAL_SHARE.contains(&person.index);
    if !(35..=44).contains(&person.index) && !is_near {
        return None;
    }
    let near = person.index.saturating_sub(NEAR_TECHNICAL_SHARE.start) as usize;
    let weight_hundredths = if is_near { NEAR_WEIGHTS[near / 5 % 3][near % 5] } else { 100 };
    // One is asked on 1 October.
    let on_the_day = person.index == 43;
    Some(Participation {
        first_year: world.window.first_year,
        first_quarter: (person.index % 4) as i32,
        month_of_quarter: if on_the_day { 0 } else { 1 },
        day_of_month: if on_the_day { 1 } else { 1 + (person.index % 28) as i32 },
        answered: if person.index == 38 { 2 } else { WAVES },
        link: if person.index == 37 { Link::Unlinked } else { Link::Own },
        coding: match person.index {
            38 => Coding::OccupationUnknown,
            39 => Coding::SbiMissing,
            _ => Coding::Full,
        },
        weight_hundredths,
        written_hundredths: Some(weight_hundredths),
        household: Household::of(world, person.index),
        new_year: NewYear::Plain,
        remark: person.index.saturating_sub(35) as usize,
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::calendar::Window;
    use crate::synth::hazards::Hazards;
    use crate::synth::person::imagine;

    /// Seeds over which chance evens out: its standard error is one percent.
    const SEEDS: u64 = 400;

    #[test]
    fn scripted_persons_stand_for_as_many_as_they_are() {
        let mut hundredths = 0;
        for seed in 0..SEEDS {
            let world = World::new(seed, 200, Window::new(2016, 2017), Hazards::NONE);
            let surveys = (0..SIZE).filter_map(|index| imagine(&world, index).survey);
            let first = surveys.filter(|survey| survey.first_year == 2016);
            hundredths += first.map(|survey| survey.weight_hundredths).sum::<i64>();
        }
        let ratio = hundredths as f64 / (100 * SIZE * SEEDS) as f64;
        // Of a hundred, six die or leave within the year, some before they are asked.
        assert!((0.94..1.02).contains(&ratio), "{ratio}");
    }
}
