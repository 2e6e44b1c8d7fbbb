//! The planted truth: tables counted from the persons' own histories by the
//! definitions of the study, never from the raw files and never with the
//! pipeline's code. `truth/README.txt` states the definitions.

mod census;
mod employers;
mod reasons;
mod register;
mod survey;

use std::fmt;
use std::path::{Path, PathBuf};

use super::calendar::{Day, date, reference_day};
use super::employer::World;
use super::person::Person;
use super::quirks::Counts;
use super::raw_file::RawFile;
use super::work::State;
use crate::error::{IoContext, Result};

/// Everything counted so far.
pub(super) struct Truth {
    register: register::Register,
    survey: survey::Survey,
}

impl Truth {
    /// Nothing counted yet.
    pub(super) fn new() -> Self {
        Truth { register: register::Register::default(), survey: survey::Survey::default() }
    }

    /// Counts a person in every table, and the quirks of its history.
    pub(super) fn count(&mut self, world: &World, person: &Person, counts: &mut Counts) {
        self.register.count(world, person);
        self.survey.count(world, person);
        census::count(world, person, counts);
    }

    /// Writes the tables; relative path, records and bytes of each file.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(
        self,
        out: &Path,
        world: &World,
        counts: &Counts,
    ) -> Result<Vec<(PathBuf, u64, u64)>> {
        let mut files = self.register.write(out, world)?;
        files.extend(self.survey.write(out)?);
        let mut quirks = RawFile::create(out, "truth/quirks.csv", "quirk,count")?;
        for (name, count) in counts.named() {
            quirks.comma_record(&[&name, &count.to_string()])?;
        }
        files.push(quirks.finish()?);
        let readme = PathBuf::from("truth/README.txt");
        let path = out.join(&readme);
        std::fs::write(&path, README).at("write", &path)?;
        files.push((readme, 0, README.len() as u64));
        Ok(files)
    }
}

/// The sector of a main job as the truth tables write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SectorCode {
    /// Two digits of SBI 2008.
    Division(i32),
    /// Not employed.
    None,
    /// Employed, but the employer or its SBI is not known.
    Unknown,
}

impl SectorCode {
    /// Of a person in a state, by the first of the years in which BETAB knows
    /// the employer's.
    fn of(world: &World, state: &State, years: &[i32]) -> Self {
        if state.is_employed() {
            SectorCode::of_employer(world, state.employer, years)
        } else {
            SectorCode::None
        }
    }

    /// Of an employer, by the first of the years in which BETAB knows its.
    fn of_employer(world: &World, employer: Option<u64>, years: &[i32]) -> Self {
        let employer = employer.map(|index| world.employer(index));
        let known = employer.and_then(|it| years.iter().find_map(|&year| it.known_division(year)));
        known.map_or(SectorCode::Unknown, SectorCode::Division)
    }
}

impl fmt::Display for SectorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SectorCode::Division(division) => write!(f, "{division:02}"),
            SectorCode::None => f.write_str("none"),
            SectorCode::Unknown => f.write_str("unknown"),
        }
    }
}

/// Age on a day by birth as registered: completed years, a birthday counts from
/// the month after birth, an unknown month is July.
fn age_on(person: &Person, on: Day) -> Option<i32> {
    let (year, month, _) = date(on);
    let had_birthday = person.known_birth_month.unwrap_or(7) < month;
    Some(year - person.known_birth_year? - i32::from(!had_birthday))
}

/// Age group on the reference day of a year.
fn age_group(person: &Person, year: i32) -> &'static str {
    match age_on(person, reference_day(year)) {
        None => "unknown",
        Some(15..=24) => "15-24",
        Some(25..=34) => "25-34",
        Some(35..=44) => "35-44",
        Some(45..=54) => "45-54",
        Some(55..=64) => "55-64",
        Some(65..=74) => "65-74",
        Some(_) => "other",
    }
}

const README: &str = include_str!("README.txt");
