//! Counts the quirks that lie in a person's history rather than in one row.

use crate::synth::calendar::{Day, date, reference_day};
use crate::synth::employer::World;
use crate::synth::person::Person;
use crate::synth::quirks::{Counts, Quirk};
use crate::synth::secm;
use crate::synth::work::{Decision, State, main_job, open_jobs};

/// Counts the quirks of a person's history.
pub(super) fn count(world: &World, person: &Person, counts: &mut Counts) {
    count_person(person, counts);
    count_absences(world, person, counts);
    count_job_changes(world, person, counts);
    for year in world.window.years() {
        count_reference_day(world, person, reference_day(year), counts);
    }
    let first = world.window.first;
    let unlisted =
        person.jobs.iter().filter(|job| !job.employer.listed && job.end >= first).count();
    counts.add(Quirk::UnknownEmployers, unlisted as u64);
}

fn count_person(person: &Person, counts: &mut Counts) {
    counts.add(Quirk::NonRPersons, u64::from(!person.is_registered()));
    counts.add(Quirk::NonRPersonsSharingDigits, u64::from(person.shares_digits));
    if let Some(day) = person.death {
        counts.plant(Quirk::Deaths);
        counts.add(Quirk::DeathsOnReferenceDay, u64::from(is_reference_day(day)));
    }
}

fn is_reference_day(on: Day) -> bool {
    on == reference_day(date(on).0)
}

fn count_absences(world: &World, person: &Person, counts: &mut Counts) {
    let is_birth_within = person.birth_year >= world.window.first_year;
    counts.add(Quirk::BirthsWithinYears, u64::from(is_birth_within));
    for absence in &person.absences {
        counts.add(Quirk::AdministrativeMovements, u64::from(absence.is_administrative));
        match (absence.from, absence.to) {
            (Some(from), _) => {
                counts.plant(Quirk::Emigrants);
                counts.add(Quirk::EmigrantsOnReferenceDay, u64::from(is_reference_day(from)));
            }
            (None, _) => counts.plant(Quirk::Immigrants),
        }
        let Some(to) = absence.to else { continue };
        counts.add(Quirk::ArrivalsOnReferenceDay, u64::from(is_reference_day(to + 1)));
        let Some(from) = absence.from else { continue };
        counts.plant(Quirk::Returners);
        let mut days = world.window.years().map(reference_day);
        let touches_a_day = days.any(|day| absence.covers(day));
        let quirk = if to < world.window.first {
            Quirk::AbsencesBeforeFirstYear
        } else {
            Quirk::AbsencesBetweenReferenceDays
        };
        counts.add(quirk, u64::from(!touches_a_day && from <= world.window.last));
    }
}

/// A job that begins the day after another ended: at another employer it is a
/// change, on the reference day if either day is, at the same a change of id.
fn count_job_changes(world: &World, person: &Person, counts: &mut Counts) {
    let window = &world.window;
    for next in person.jobs.iter().filter(|job| job.start > window.first) {
        let Some(before) = person.jobs.iter().find(|job| job.end + 1 == next.start) else {
            continue;
        };
        counts.plant(if before.ikvid == next.ikvid {
            Quirk::EmployerChangesWithinJobs
        } else if before.employer_index == next.employer_index {
            Quirk::JobIdChanges
        } else if is_reference_day(next.start) || is_reference_day(before.end) {
            Quirk::JobChangesOnReferenceDay
        } else {
            Quirk::JobChangesOffReferenceDay
        });
    }
}

fn count_reference_day(world: &World, person: &Person, day: Day, counts: &mut Counts) {
    let open = person.jobs.iter().filter(|job| job.covers(day)).count();
    counts.add(Quirk::SecondJobs, open.saturating_sub(1) as u64);
    let counted = open_jobs(world, person, day);
    let excluded = counted.iter().filter(|job| !job.counted.is_in()).count();
    counts.add(Quirk::ExcludedJobs, excluded as u64);
    let bridged = counted.iter().filter(|job| job.is_bridged).count();
    counts.add(Quirk::BridgedJobs, bridged as u64);
    if person.is_resident(day) {
        let state = State::on(world, person, day);
        let is_self_employed = state.secm.is_some_and(secm::is_self_employed);
        counts.add(Quirk::SelfEmployedWithJobs, u64::from(is_self_employed && state.has_job));
        counts.add(Quirk::UnclearWork, u64::from(state.code == "unclear_work"));
    }
    match main_job(&counted) {
        Some((_, decision)) => {
            let wage_ties = decision != Decision::Wage;
            counts.add(Quirk::MainJobTiesByWage, u64::from(wage_ties));
            counts.add(Quirk::MainJobTiesByHours, u64::from(decision == Decision::JobId));
            count_other_secm(person, day, counts);
        }
        None => {
            let before = person.jobs.iter().any(|job| job.covers(day - 30));
            let after = person.jobs.iter().any(|job| job.covers(day + 30));
            let gap = before && after;
            counts.add(Quirk::GapsOverReferenceDay, u64::from(gap));
        }
    }
    let is_missing = person.is_resident(day) && secm::code_on(person, day).is_none();
    counts.add(Quirk::MissingSecm, u64::from(is_missing));
}

fn count_other_secm(person: &Person, day: Day, counts: &mut Counts) {
    let code = secm::code_on(person, day);
    let is_other = person.is_resident(day)
        && code.is_some_and(|code| code != secm::EMPLOYEE && code != secm::DIRECTOR);
    counts.add(Quirk::WorkersWithOtherSecm, u64::from(is_other));
}
