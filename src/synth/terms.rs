//! Terms of employment that go with leaving: contract and tenure. Where jobs end
//! by them, a contract is drawn anew on each reference day, whatever the tenure,
//! the age and the wage, so that the planted ratios of leaving can be found again.

use super::calendar::{Day, date, day, reference_day};
use super::dice::mixed_below;
use super::employer::World;
use super::hazards::Hazard;
use super::person::Job;

const TOPIC: u64 = 60;
/// No contract is drawn in more years.
const MOST_YEARS: u64 = 64;
/// Of a hundred contracts so many are temporary.
const TEMPORARY: u64 = 30;

/// How often a job ends, in percent of what is usual at that age: permanent,
/// temporary.
const BY_CONTRACT: [i32; 2] = [80, 160];
/// The same by completed years of tenure: from so many on.
const BY_TENURE: [(i32, i32); 5] = [(10, 60), (5, 80), (2, 100), (1, 120), (0, 150)];

/// Year whose reference day is the last one up to a day.
pub(super) fn reference_year(on: Day) -> i32 {
    let (year, _, _) = date(on);
    year - i32::from(on < reference_day(year))
}

/// Whether somebody's contract is temporary in the year from a reference day on.
fn is_temporary(world: &World, index: u64, year: i32) -> bool {
    let place = index * MOST_YEARS + u64::from(year.unsigned_abs()) % MOST_YEARS;
    mixed_below(world.seed, TOPIC, place, 100) < TEMPORARY
}

/// Percent of the usual rate at which a job ends in the year from a reference
/// day on.
pub(super) fn end_percent(world: &World, index: u64, year: i32, start: Day) -> i32 {
    let tenure = completed_years(start, reference_day(year));
    let by_tenure = BY_TENURE.iter().find(|&&(from, _)| tenure >= from).map_or(150, |it| it.1);
    BY_CONTRACT[usize::from(is_temporary(world, index, year))] * by_tenure / 100
}

/// Completed years from a day to another, none before it.
fn completed_years(start: Day, on: Day) -> i32 {
    let ((from_year, from_month, from_day), (year, month, day_of_month)) = (date(start), date(on));
    (year - from_year - i32::from((from_month, from_day) > (month, day_of_month))).max(0)
}

/// Class of the completed years since a job began, on a day.
pub(super) fn tenure(job: &Job, on: Day) -> &'static str {
    match completed_years(job.began, on) {
        ..1 => "under_1",
        1 => "1_to_2",
        2..5 => "2_to_5",
        5..10 => "5_to_10",
        _ => "10_or_more",
    }
}

/// SCONTRACTSOORT of a job on a day, in either case.
pub(super) fn contract(world: &World, index: u64, job: &Job, on: Day) -> u8 {
    if !world.hazards.has(Hazard::UnequalExits) || job.contract == b'N' {
        return job.contract;
    }
    let code = if is_temporary(world, index, reference_year(on)) { b'B' } else { b'O' };
    if job.contract.is_ascii_lowercase() { code.to_ascii_lowercase() } else { code }
}

/// SDATUMAANVANGIKVORG of a job in a row that ends on a day; none where it is
/// missing. What began long ago may be cut to a later 1 January, up to 2012.
pub(super) fn original_start(world: &World, job: &Job, row_to: Day) -> Option<Day> {
    if !world.hazards.has(Hazard::CutStarts) {
        return Some(job.began);
    }
    let (year, _, _) = date(job.began);
    match job.ikvid % 100 {
        0 => None,
        1 => Some(row_to + 40),
        2..50 if year < 2012 => {
            let later = i32::try_from(job.ikvid % 7).unwrap_or(0);
            Some(day((year + 1 + later).min(2012), 1, 1))
        }
        _ => Some(job.began),
    }
}
