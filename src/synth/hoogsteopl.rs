//! HOOGSTEOPLTAB: highest education at 1 October of each year, for the part
//! of the population that registers or the survey know, with a weight.

use std::path::{Path, PathBuf};

use super::calendar::reference_day;
use super::employer::World;
use super::person::Person;
use super::quirks::{Counts, Quirk};
use super::raw_file::{Cells, RawFile};
use super::sectors::Trade;
use crate::error::Result;

const HEADER: &str = "RINPERSOONS;RINPERSOON;OPLNIVSOI2016AGG4HBMETNIRWO;\
RICHTDETAILISCEDF2013HBMETNIRWO;GEWICHTHOOGSTEOPL";

const LEVELS: [&[u8]; 18] = [
    b"1111", b"1112", b"1211", b"1212", b"1213", b"1221", b"1222", b"2111", b"2112", b"2121",
    b"2131", b"2132", b"3111", b"3112", b"3113", b"3211", b"3212", b"3213",
];
const TECHNICAL_FIELDS: [&[u8]; 12] = [
    b"0711", b"0712", b"0713", b"0714", b"0715", b"0716", b"0721", b"0722", b"0731", b"0732",
    b"0533", b"0541",
];
const ICT_FIELDS: [&[u8]; 3] = [b"0611", b"0612", b"0613"];
const OTHER_FIELDS: [&[u8]; 14] = [
    b"0011", b"0113", b"0114", b"0213", b"0311", b"0411", b"0413", b"0416", b"0421", b"0811",
    b"0913", b"0923", b"1013", b"1041",
];

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
            Ok((year, RawFile::create(out, path, HEADER)?))
        };
        Ok(Hoogsteopl(world.window.years().map(create).collect::<Result<_>>()?))
    }

    /// Writes a person in every year in which it is resident and covered.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&mut self, person: &Person, counts: &mut Counts) -> Result<()> {
        for (year, file) in &mut self.0 {
            let age = person.true_age(*year, 10);
            if age < 15 || !person.is_resident(reference_day(*year)) || !is_covered(person, age) {
                continue;
            }
            let line = file.record();
            line.text(&[person.kind]);
            line.padded(person.rin, 9);
            push_education(line, person, age, counts);
            line.decimal(weight_hundredths(person, age));
            file.end_record()?;
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

fn push_education(line: &mut Vec<u8>, person: &Person, age: i32, counts: &mut Counts) {
    if person.salt.is_multiple_of(97) || person.index == 53 {
        line.text(b"----");
        line.text(b"----");
        counts.plant(Quirk::MissingEducation);
        return;
    }
    let draw = (person.salt >> 20) as usize;
    let reached = (age - 8).clamp(3, 17) as usize;
    line.text(LEVELS[(draw % LEVELS.len()).min(reached)]);
    // A good half of technicians learned it; some others did too.
    let is_technical = match person.trade {
        Trade::Technician => draw % 100 < 57,
        _ => draw % 100 < 9,
    };
    let choice = draw / 128;
    line.text(match (is_technical, person.trade) {
        (true, _) => TECHNICAL_FIELDS[choice % TECHNICAL_FIELDS.len()],
        (false, Trade::Ict) => ICT_FIELDS[choice % ICT_FIELDS.len()],
        _ => OTHER_FIELDS[choice % OTHER_FIELDS.len()],
    });
}
