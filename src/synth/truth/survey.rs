//! The survey as a census: what everybody of the frame answers, or would have
//! answered, who was asked or not.

use std::path::{Path, PathBuf};

use super::register::{Counts, add};
use super::{SectorCode, age_on};
use crate::error::Result;
use crate::synth::answer::{Answer, Occupation, answer};
use crate::synth::calendar::{Day, date, day};
use crate::synth::dice::Dice;
use crate::synth::ebbnw::labour_position;
use crate::synth::employer::World;
use crate::synth::hoogsteopl::{self, Education};
use crate::synth::person::Person;
use crate::synth::raw_file::RawFile;
use crate::synth::secm;
use crate::synth::survey::{Coding, WAVES};

const TOPIC: u64 = 50;
/// No person is asked in more years.
const MOST_YEARS: u64 = 64;

/// Days of a first interview, a year later, and of the fifth.
#[derive(Debug, Clone, Copy)]
struct Days {
    first: Day,
    later: Day,
    fifth: Day,
}

/// The counts of the census.
#[derive(Default)]
pub(super) struct Survey {
    population: Counts,
    education: Counts,
}

impl Survey {
    /// Counts a person in every year in which it would be a respondent.
    pub(super) fn count(&mut self, world: &World, person: &Person) {
        if !person.is_registered() {
            return;
        }
        for year in world.window.years() {
            let days = days(world, person, year);
            let is_of_age = age_on(person, days.first).is_some_and(|age| (15..75).contains(&age));
            if is_of_age && person.is_present(days.first) {
                let cell = cell(world, person, year, days);
                let cell: Vec<&str> = cell.iter().map(String::as_str).collect();
                add(&mut self.population, &cell);
                let on = (cell[0], days.first);
                add(&mut self.education, &education_cell(world, person, on));
            }
        }
    }

    /// Writes the tables; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&self, out: &Path) -> Result<[(PathBuf, u64, u64); 2]> {
        let population = "year,work_code,sector_code,is_technical,scope_code,is_same_employer,\
                          to_work_code,to_sector_code,to_is_technical,to_is_technical_as_coded,\
                          person_count";
        let education = "year,education_level,education_field_code,position_code,is_technical,\
                         person_count";
        Ok([
            write(&self.population, out, "truth/survey_population.csv", population)?,
            write(&self.education, out, "truth/education_match.csv", education)?,
        ])
    }
}

fn write(counts: &Counts, out: &Path, name: &str, header: &str) -> Result<(PathBuf, u64, u64)> {
    let mut file = RawFile::create(out, name, header)?;
    for (cell, count) in counts {
        let count = count.to_string();
        let cells = cell.iter().map(String::as_str).chain([count.as_str()]);
        file.comma_record(&cells.collect::<Vec<&str>>())?;
    }
    file.finish()
}

/// The days on which a person is or would be asked first in a year, and then.
fn days(world: &World, person: &Person, year: i32) -> Days {
    if let Some(survey) = person.survey.as_ref().filter(|it| it.first_year == year) {
        let (first, fifth) = (survey.interview(1), survey.interview(WAVES));
        return Days { first, later: first + 364, fifth };
    }
    let asked = person.index * MOST_YEARS + u64::from(year.unsigned_abs()) % MOST_YEARS;
    let mut dice = Dice::new(world.seed, TOPIC, asked);
    let (month, day_of_month) = (dice.between(1, 12), dice.between(1, 28));
    let first = day(year, month, day_of_month);
    Days { first, later: first + 364, fifth: day(year + 1, month, day_of_month) }
}

fn cell(world: &World, person: &Person, year: i32, days: Days) -> [String; 10] {
    let begin = answer(world, person, Coding::Full, (1, days.first));
    let scope = if days.later.max(days.fifth) > world.window.last {
        "not_observed"
    } else if person.death.is_some_and(|death| death <= days.later) {
        "died"
    } else if !person.is_present(days.later) {
        "emigrated"
    } else {
        "in_scope"
    };
    let from_sector = sector(world, &begin, &[date(days.first).0]);
    let mut cell = [const { String::new() }; 10];
    cell[0] = year.to_string();
    cell[1] = work_code(&begin).to_owned();
    cell[2].clone_from(&from_sector);
    cell[3] = flag(is_technical(&begin)).to_owned();
    cell[4] = scope.to_owned();
    if scope != "in_scope" {
        return cell;
    }
    let later = answer(world, person, Coding::Full, (1, days.later));
    let end = answer(world, person, Coding::Full, (WAVES, days.fifth));
    let same = |then: &Answer| begin.employer.zip(then.employer).map(|(one, it)| one == it);
    cell[5] = flag(same(&later)).to_owned();
    cell[6] = work_code(&end).to_owned();
    cell[7] = match same(&end) {
        Some(true) => from_sector,
        _ => sector(world, &end, &[year, date(days.fifth).0]),
    };
    cell[8] = flag(is_technical(&end)).to_owned();
    cell[9] = flag(is_technical_as_coded(&end)).to_owned();
    cell
}

fn education_cell<'a>(world: &World, person: &Person, (year, on): (&'a str, Day)) -> [&'a str; 5] {
    let (day_year, month, _) = date(on);
    let filed = hoogsteopl::education(world, person, day_year - i32::from(month < 10));
    let given = answer(world, person, Coding::Full, (1, on));
    [
        year,
        filed.map_or("unknown", Education::level_group),
        filed.and_then(|it| it.field).unwrap_or_default(),
        labour_position(&given),
        flag(is_technical(&given)),
    ]
}

fn work_code(given: &Answer) -> &'static str {
    match given.job {
        Some(_) => "employee",
        None if given.works_unregistered => "unknown",
        None if given.works && secm::is_self_employed(given.background) => "self_employed",
        None => "not_working",
    }
}

/// Of an employee that of the register, of the self-employed the answer.
fn sector(world: &World, given: &Answer, years: &[i32]) -> String {
    match (given.job, given.works) {
        (Some(_), _) => SectorCode::of_employer(world, given.employer, years),
        (None, true) => SectorCode::Division(given.activity.0 / 1000),
        (None, false) => SectorCode::None,
    }
    .to_string()
}

fn is_technical_group(group: u16) -> bool {
    (711..=781).contains(&group)
}

/// Whether the function is technical, whatever the coder makes of it.
fn is_technical(given: &Answer) -> Option<bool> {
    given.works.then(|| is_technical_group(given.group))
}

fn is_technical_as_coded(given: &Answer) -> Option<bool> {
    match given.occupation {
        Occupation::Known(group) => Some(is_technical_group(group)),
        Occupation::NotApplicable | Occupation::Unknown | Occupation::Refused => None,
    }
}

fn flag(is: Option<bool>) -> &'static str {
    match is {
        None => "",
        Some(false) => "0",
        Some(true) => "1",
    }
}
