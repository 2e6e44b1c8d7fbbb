//! What a respondent of the survey answers on an interview day, and what the
//! coder makes of it.

use super::calendar::Day;
use super::dice::Dice;
use super::employer::World;
use super::hazards::{Hazard, Hazards};
use super::person::{Job, Person};
use super::secm;
use super::sectors::{SECTORS, Sector, draw_occupation, draw_trade_within};
use super::survey::{Coding, WAVES};
use super::work::{main_job, open_jobs};

/// Occupation as coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occupation {
    /// BRC 2014 group.
    Known(u16),
    /// Not employed, 9997.
    NotApplicable,
    /// Unknown, 9998.
    Unknown,
    /// Refused, 9999.
    Refused,
}

/// The answer on one day.
pub(super) struct Answer<'a> {
    /// Main job that day, whether or not the respondent spoke of it.
    pub(super) job: Option<&'a Job>,
    /// Index of its employer, where the payroll names it.
    pub(super) employer: Option<u64>,
    /// Whether the respondent works by its own account of things.
    pub(super) works: bool,
    /// What one lives on besides work.
    pub(super) background: u8,
    /// Whether the respondent works as an employee, and the payroll knows of no
    /// job.
    pub(super) works_unregistered: bool,
    /// Occupation group, whatever the coder makes of it.
    pub(super) group: u16,
    /// Occupation as coded.
    pub(super) occupation: Occupation,
    /// Activity of the firm that one works at, SBI 2008 in five digits, and the
    /// letter of its section.
    pub(super) activity: (i32, u8),
}

/// The answer of a respondent on the day of a wave, coded in this way.
pub(super) fn answer<'a>(
    world: &World,
    person: &'a Person,
    coding: Coding,
    (wave, on): (i32, Day),
) -> Answer<'a> {
    let open = open_jobs(world, person, on);
    let main = main_job(&open).map(|(job, _)| job);
    let (job, employer) = (main.map(|main| main.job), main.and_then(|main| main.employer));
    let background = person.background_on(on);
    let works_unregistered = job.is_none() && works_unregistered(world, person, background);
    let works = match job {
        Some(job) => !is_forgotten(person, job),
        None => secm::is_self_employed(background) || works_unregistered,
    };
    let (own_sector, own_group) = own_work(world, person);
    let (sector, group) = match job {
        Some(job) => (job.employer.sector(), job.occupation),
        None => (own_sector, own_group),
    };
    let coded = coded_group(world, person, wave, sector).unwrap_or(group);
    let occupation = match (works, coding) {
        (false, _) => Occupation::NotApplicable,
        (true, Coding::OccupationUnknown) => Occupation::Unknown,
        (true, Coding::OccupationRefused) => Occupation::Refused,
        (true, Coding::Full | Coding::SbiMissing) => Occupation::Known(coded),
    };
    let activity = activity(world, person, job, sector);
    Answer { job, employer, works, background, works_unregistered, group, occupation, activity }
}

/// Of those without a job and an income of another kind some work as an
/// employee of nobody whom the payroll knows.
fn works_unregistered(world: &World, person: &Person, background: u8) -> bool {
    let mut dice = Hazards::dice(world.seed, Hazard::WorkWithoutJob, person.index);
    let is_free = matches!(background, secm::NO_INCOME | secm::UNEMPLOYED);
    world.hazards.has(Hazard::WorkWithoutJob) && is_free && dice.chance(1_500)
}

/// What the coder makes of a fifth interview that is coded by itself: an
/// occupation as the sector has them, for three of a hundred.
fn coded_group(world: &World, person: &Person, wave: i32, sector: &Sector) -> Option<u16> {
    let mut dice = Hazards::dice(world.seed, Hazard::CodingNoise, person.index);
    let is_anew = world.hazards.has(Hazard::CodingNoise) && wave == WAVES && dice.chance(300);
    is_anew.then(|| {
        let trade = draw_trade_within(&mut dice, sector);
        draw_occupation(&mut dice, sector, trade)
    })
}

/// The activity of the firm that one works at: agency workers name that of the
/// firm which hires them.
fn activity(world: &World, person: &Person, job: Option<&Job>, sector: &Sector) -> (i32, u8) {
    let names_user = world.hazards.has(Hazard::AgencyAnswers) && sector.division == 78;
    let own = job.and_then(|job| job.employer.sbi).filter(|_| !names_user);
    match (own, job) {
        (Some(sbi), _) => (sbi, sector.section),
        (None, Some(job)) if names_user => {
            let mut dice = Hazards::dice(world.seed, Hazard::AgencyAnswers, job.ikvid);
            let user = &SECTORS[world.odds.draw_sector(&mut dice, person.trade)];
            (user.division * 1000 + user.suffixes[0], user.section)
        }
        _ => (sector.division * 1000 + 100, sector.section),
    }
}

/// Some do not call a job of less than twelve hours a week work.
fn is_forgotten(person: &Person, job: &Job) -> bool {
    job.hours_per_day_hundredths < 171 && person.salt.is_multiple_of(9)
}

/// Sector and occupation of work without a job in the register.
fn own_work(world: &World, person: &Person) -> (&'static Sector, u16) {
    let mut dice = Dice::new(world.seed, 30, person.index);
    let sector = &SECTORS[world.odds.draw_sector(&mut dice, person.trade)];
    (sector, draw_occupation(&mut dice, sector, person.trade))
}
