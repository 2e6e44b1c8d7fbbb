//! The population register: GBAPERSOONTAB in two versions, the older one
//! stale, GBAOVERLIJDENTAB with deaths and GBAMIGRATIEBUS with movements.

use std::path::{Path, PathBuf};

use super::employer::World;
use super::person::Person;
use super::quirks::{Counts, Quirk};
use super::raw_file::{Cells, RawFile};
use super::residence::movements;
use crate::error::Result;

const PERSON_HEADER: &str = "RINPERSOONS;RINPERSOON;GBAGEBOORTEJAAR;GBAGEBOORTEMAAND;GBAGESLACHT;\
GBAGEBOORTELANDNL;GBAHERKOMSTLAND;GBAGENERATIE";

/// The files of the population register.
pub(super) struct Gba {
    stale_persons: RawFile,
    persons: RawFile,
    deaths: RawFile,
    movements: RawFile,
}

impl Gba {
    /// Creates the files.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn create(out: &Path, world: &World) -> Result<Self> {
        let year = world.window.last_year;
        let person_path = |version| format!("GBAPERSOONTAB/GBAPERSOON{year}TABV{version}.csv");
        Ok(Gba {
            stale_persons: RawFile::create(out, person_path(1), PERSON_HEADER)?,
            persons: RawFile::create(out, person_path(3), PERSON_HEADER)?,
            deaths: RawFile::create(
                out,
                format!("GBAOVERLIJDENTAB/GBAOVERLIJDEN{year}TABV1.csv"),
                "RINPERSOONS;RINPERSOON;GBADATUMOVERLIJDEN",
            )?,
            movements: RawFile::create(
                out,
                format!("GBAMIGRATIEBUS/GBAMIGRATIE{year}BUSV1.csv"),
                "RINPERSOONS;RINPERSOON;GBADATUMAANVANGMIGRATIE;GBADATUMEINDEMIGRATIE;\
                 GBASOORTMIGRATIE",
            )?,
        })
    }

    /// Writes a person, if the register holds it.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&mut self, person: &Person, counts: &mut Counts) -> Result<()> {
        if !person.is_registered() {
            return Ok(());
        }
        self.write_newest(person, counts)?;
        self.write_stale(person, counts)?;
        if let Some(day) = person.death {
            let line = self.deaths.record();
            push_key(line, person);
            line.day(day);
            self.deaths.end_record()?;
        }
        for movement in movements(person) {
            let line = self.movements.record();
            push_key(line, person);
            line.day(movement.from);
            match movement.to {
                Some(to) => line.day(to),
                None => line.text(b"99999999"),
            }
            line.text(&[movement.code]);
            self.movements.end_record()?;
        }
        Ok(())
    }

    fn write_newest(&mut self, person: &Person, counts: &mut Counts) -> Result<()> {
        let line = self.persons.record();
        push_key_and_birth(line, person, person.known_birth_year, person.known_birth_month);
        line.text(sex(person));
        push_origin(line, person, person.origin);
        counts.add(Quirk::MissingBirthYears, u64::from(person.known_birth_year.is_none()));
        counts.add(Quirk::MissingBirthMonths, u64::from(person.known_birth_month.is_none()));
        counts.add(Quirk::MissingSex, u64::from(!person.knows_sex));
        counts.add(Quirk::LeadingZeros, u64::from(person.rin < 100_000_000));
        self.persons.end_record()
    }

    /// The older version lacks some persons and knows others differently.
    fn write_stale(&mut self, person: &Person, counts: &mut Counts) -> Result<()> {
        let salt = if person.index == 54 { 50 } else { person.salt % 1_000 };
        let year = person.known_birth_year;
        if salt < 20 {
            return Ok(());
        }
        let (year, month, origin) = match salt {
            20..50 => (None, None, person.origin),
            50..80 => (year.map(|year| year - 11), person.known_birth_month, person.origin),
            80..100 => (year, person.known_birth_month, 6030),
            _ => (year, person.known_birth_month, person.origin),
        };
        counts.add(Quirk::StaleRows, u64::from(salt < 100));
        let line = self.stale_persons.record();
        push_key_and_birth(line, person, year, month);
        line.text(sex(person));
        push_origin(line, person, origin);
        self.stale_persons.end_record()
    }

    /// Ends the files; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, u64, u64)>> {
        [self.stale_persons, self.persons, self.deaths, self.movements]
            .into_iter()
            .map(RawFile::finish)
            .collect()
    }
}

fn push_key(line: &mut Vec<u8>, person: &Person) {
    line.text(&[person.kind]);
    line.padded(person.rin, 9);
}

fn push_key_and_birth(line: &mut Vec<u8>, person: &Person, year: Option<i32>, month: Option<i32>) {
    push_key(line, person);
    match year {
        Some(year) => line.number(i64::from(year)),
        None => line.text(b"----"),
    }
    match month {
        Some(month) => line.padded(u64::from(month.unsigned_abs()), 2),
        None => line.text(b"--"),
    }
}

fn sex(person: &Person) -> &'static [u8] {
    match (person.knows_sex, person.sex) {
        (false, _) => b"-",
        (true, 1) => b"1",
        (true, _) => b"2",
    }
}

fn push_origin(line: &mut Vec<u8>, person: &Person, origin: i32) {
    let born_here: &[u8] = match (person.salt % 500, person.generation) {
        (3, _) => b"-",
        (_, 1) => b"0",
        _ => b"1",
    };
    line.text(born_here);
    line.number(i64::from(origin));
    line.number(i64::from(person.generation));
}
