//! HOOGSTEOPLTAB: highest education at 1 October of each year, for the part
//! of the population that registers or the survey know, with a weight.

use std::path::{Path, PathBuf};

use super::calendar::{Window, reference_day};
use super::employer::World;
use super::hazards::{Hazard, Hazards};
use super::person::Person;
use super::quirks::{Counts, Quirk};
use super::raw_file::{Cells, RawFile};
use super::sectors::Trade;
use crate::error::Result;

/// The names of columns changed with the classification of levels.
const NEW_NAMES_FROM: i32 = 2019;
const OLD_HEADER: &str = "RINPERSOONS;RINPERSOON;OPLNIVSOI2016AGG4HBMETNIRWO;\
RICHTDETAILISCEDF2013HBMETNIRWO;GEWICHTHOOGSTEOPL";
const NEW_HEADER: &str = "RINPERSOONS;RINPERSOON;OPLNIVSOI2021AGG4HBmetNIRWO;\
RICHTSOI2021SCEDF2013HBNIRWO;GEWICHTHOOGSTEOPL";

const LEVELS: [&str; 18] = [
    "1111", "1112", "1211", "1212", "1213", "1221", "1222", "2111", "2112", "2121", "2131", "2132",
    "3111", "3112", "3113", "3211", "3212", "3213",
];
const TECHNICAL_FIELDS: [&str; 12] = [
    "0711", "0712", "0713", "0714", "0715", "0716", "0721", "0722", "0731", "0732", "0533", "0541",
];
const ICT_FIELDS: [&str; 3] = ["0611", "0612", "0613"];
const OTHER_FIELDS: [&str; 14] = [
    "0011", "0113", "0114", "0213", "0311", "0411", "0413", "0416", "0421", "0811", "0913", "0923",
    "1013", "1041",
];
/// What is not known, as files write it.
const MISSING: &str = "----";
/// What no list knows.
const UNKNOWN_LEVEL: &str = "4111";
const UNKNOWN_FIELD: &str = "0777";

/// What a record says; none where it is written as missing or no list knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Education {
    /// Place among the 18 levels of the SOI.
    level: Option<usize>,
    /// Field of the ISCED-F 2013, detailed.
    pub(super) field: Option<&'static str>,
}

impl Education {
    /// Low, middle or high.
    pub(super) fn level_group(self) -> &'static str {
        match self.level.map(|level| LEVELS[level].as_bytes()[0]) {
            Some(b'1') => "low",
            Some(b'2') => "middle",
            Some(_) => "high",
            None => "unknown",
        }
    }
}

/// A record as it is written.
struct Record {
    level: &'static str,
    field: &'static str,
    /// What a reader can make of it.
    education: Education,
    hundredths: i64,
}

/// The files of highest education, one a year.
pub(super) struct Hoogsteopl(Vec<(i32, RawFile)>);

impl Hoogsteopl {
    /// Creates the files.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn create(out: &Path, world: &World) -> Result<Self> {
        let create = |year| {
            let path = format!("HOOGSTEOPLTAB/HOOGSTEOPL{year}TABV1.csv");
            let header = if year < NEW_NAMES_FROM { OLD_HEADER } else { NEW_HEADER };
            Ok((year, RawFile::create(out, path, header)?))
        };
        Ok(Hoogsteopl(world.window.years().map(create).collect::<Result<_>>()?))
    }

    /// Writes what there is of a person in every year.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(
        &mut self,
        world: &World,
        person: &Person,
        counts: &mut Counts,
    ) -> Result<()> {
        for (year, file) in &mut self.0 {
            for record in records(world, person, *year) {
                counts.add(Quirk::MissingEducation, u64::from(record.level == MISSING));
                let line = file.record();
                line.text(&[person.kind]);
                line.padded(person.rin, 9);
                line.text(record.level.as_bytes());
                line.text(record.field.as_bytes());
                line.decimal(record.hundredths);
                file.end_record()?;
            }
        }
        Ok(())
    }

    /// Ends the files; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, u64, u64)>> {
        self.0.into_iter().map(|(_, file)| file.finish()).collect()
    }
}

/// What the file of a year says of a person: of several records the one of the
/// highest known level. None where there is no record, or no file.
pub(super) fn education(world: &World, person: &Person, year: i32) -> Option<Education> {
    let Window { first_year, last_year, .. } = world.window;
    let records = if (first_year..=last_year).contains(&year) {
        records(world, person, year)
    } else {
        Vec::new()
    };
    records.into_iter().map(|record| record.education).max_by_key(|it| it.level)
}

/// Whether a hazard is planted, of ten thousand persons in so many.
fn has(world: &World, person: &Person, hazard: Hazard, chance: i32) -> bool {
    let mut dice = Hazards::dice(world.seed, hazard, person.index);
    world.hazards.has(hazard) && dice.chance(chance)
}

/// Whether the file of a year holds a person.
fn has_record(world: &World, person: &Person, year: i32, age: i32) -> bool {
    let is_of_somebody = age >= 15 && person.is_resident(reference_day(year));
    let years = u64::try_from(world.window.years().count()).unwrap_or(1);
    let only_year = world.window.first_year + i32::try_from(person.salt % years).unwrap_or(0);
    is_covered(person, age)
        && (is_of_somebody || has(world, person, Hazard::EducationOfNobody, 100))
        && (year == only_year || !has(world, person, Hazard::EducationInOneYear, 200))
}

/// The records of a person in the file of a year.
fn records(world: &World, person: &Person, year: i32) -> Vec<Record> {
    let age = person.true_age(year, 10);
    if !has_record(world, person, year, age) {
        return Vec::new();
    }
    let hundredths = weight_hundredths(person, age);
    let record = |level: &'static str, field: &'static str| Record {
        level,
        field,
        education: Education {
            level: LEVELS.iter().position(|known| *known == level),
            field: (![MISSING, UNKNOWN_FIELD].contains(&field)).then_some(field),
        },
        hundredths,
    };
    if person.salt.is_multiple_of(97) || person.index == 53 {
        return vec![record(MISSING, MISSING)];
    }
    let (level, field) = drawn(person, age);
    if has(world, person, Hazard::UnknownEducationCodes, 100) {
        let is_field = person.salt.is_multiple_of(2);
        let (level, field) =
            if is_field { (LEVELS[level], UNKNOWN_FIELD) } else { (UNKNOWN_LEVEL, field) };
        return vec![record(level, field)];
    }
    let is_later = year != world.window.first_year;
    let has_fallen = is_later && has(world, person, Hazard::FallingEducation, 200);
    let mut records = vec![record(LEVELS[if has_fallen { level / 2 } else { level }], field)];
    if has(world, person, Hazard::TwoEducations, 100) {
        records.push(record(LEVELS[level.saturating_sub(1)], OTHER_FIELDS[0]));
    }
    records
}

/// The old and those born abroad are covered less.
fn is_covered(person: &Person, age: i32) -> bool {
    let by_age = if age < 45 { 90 } else { 60 };
    let percent = if person.generation == 1 { by_age / 2 } else { by_age };
    person.index < super::cast::SIZE || person.salt % 100 < percent
}

/// Registers count once; respondents of the survey stand for several.
fn weight_hundredths(person: &Person, age: i32) -> i64 {
    let is_sampled = age >= 45 && person.salt.is_multiple_of(3);
    if is_sampled { 200 + (person.salt % 611) as i64 } else { 100 }
}

/// Level, as high as the age allows, and field as drawn.
fn drawn(person: &Person, age: i32) -> (usize, &'static str) {
    let draw = (person.salt >> 20) as usize;
    let reached = (age - 8).clamp(3, 17) as usize;
    // A good half of technicians learned it; some others did too.
    let is_technical = match person.trade {
        Trade::Technician => draw % 100 < 57,
        _ => draw % 100 < 9,
    };
    let choice = draw / 128;
    let field = match (is_technical, person.trade) {
        (true, _) => TECHNICAL_FIELDS[choice % TECHNICAL_FIELDS.len()],
        (false, Trade::Ict) => ICT_FIELDS[choice % ICT_FIELDS.len()],
        _ => OTHER_FIELDS[choice % OTHER_FIELDS.len()],
    };
    ((draw % LEVELS.len()).min(reached), field)
}
