//! Counts the quirks that lie in a person's history rather than in one row.

use crate::synth::calendar::{Day, date, reference_day};
use crate::synth::employer::World;
use crate::synth::pay::{Decision, main_job};
use crate::synth::person::Person;
use crate::synth::quirks::{Counts, Quirk};
use crate::synth::secm;

/// Counts the quirks of a person's history.
pub(super) fn count(world: &World, person: &Person, counts: &mut Counts) {
    count_person(person, counts);
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
    let leaving = [
        (person.death, Quirk::Deaths, Quirk::DeathsOnReferenceDay),
        (person.emigration, Quirk::Emigrants, Quirk::EmigrantsOnReferenceDay),
    ];
    for (day, quirk, on_reference_day) in leaving {
        if let Some(day) = day {
            counts.plant(quirk);
            counts.add(on_reference_day, u64::from(day == reference_day(date(day).0)));
        }
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
        let touches = |day: Day| day == reference_day(date(day).0);
        counts.plant(if before.employer_index == next.employer_index {
            Quirk::JobIdChanges
        } else if touches(next.start) || touches(before.end) {
            Quirk::JobChangesOnReferenceDay
        } else {
            Quirk::JobChangesOffReferenceDay
        });
    }
}

fn count_reference_day(world: &World, person: &Person, day: Day, counts: &mut Counts) {
    let open = person.jobs.iter().filter(|job| job.covers(day)).count();
    counts.add(Quirk::SecondJobs, open.saturating_sub(1) as u64);
    match main_job(&world.window, person, day) {
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
