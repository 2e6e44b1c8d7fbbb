//! What a respondent of the survey answers on an interview day, and what the
//! coder makes of it.

use super::calendar::Day;
use super::dice::Dice;
use super::employer::World;
use super::person::{Job, Person};
use super::secm;
use super::sectors::{SECTORS, draw_occupation};
use super::survey::{Coding, Participation};
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
    /// Occupation as coded.
    pub(super) occupation: Occupation,
}

/// The answer of a respondent on a day.
pub(super) fn answer<'a>(
    world: &World,
    person: &'a Person,
    survey: &Participation,
    on: Day,
) -> Answer<'a> {
    let open = open_jobs(world, person, on);
    let main = main_job(&open).map(|(job, _)| job);
    let (job, employer) = (main.map(|main| main.job), main.and_then(|main| main.employer));
    let background = person.background_on(on);
    let is_self_employed = secm::is_self_employed(background);
    let works = match job {
        Some(job) => !is_forgotten(person, job),
        None => is_self_employed,
    };
    let group = match job {
        Some(job) => job.occupation,
        None => own_occupation(world, person),
    };
    let occupation = match (works, survey.coding) {
        (false, _) => Occupation::NotApplicable,
        (true, Coding::OccupationUnknown) => Occupation::Unknown,
        (true, Coding::OccupationRefused) => Occupation::Refused,
        (true, Coding::Full | Coding::SbiMissing) => Occupation::Known(group),
    };
    Answer { job, employer, works, background, occupation }
}

/// Some do not call a job of less than twelve hours a week work.
fn is_forgotten(person: &Person, job: &Job) -> bool {
    job.hours_per_day_hundredths < 171 && person.salt.is_multiple_of(9)
}

/// The occupation of the self-employed, who have no job in the register.
fn own_occupation(world: &World, person: &Person) -> u16 {
    let mut dice = Dice::new(world.seed, 30, person.index);
    let sector = world.odds.draw_sector(&mut dice, person.trade);
    draw_occupation(&mut dice, &SECTORS[sector], person.trade)
}
