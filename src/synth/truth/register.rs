//! Tables of the register: persons, categories, transitions and switches at
//! the reference days.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{SectorCode, age_group};
use crate::error::Result;
use crate::synth::calendar::{Day, reference_day};
use crate::synth::employer::World;
use crate::synth::pay::main_job;
use crate::synth::person::Person;
use crate::synth::raw_file::RawFile;
use crate::synth::secm;

/// What became of a person a year later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Transition {
    SameEmployer,
    OtherEmployerSameSector,
    OtherSector,
    Out(Option<u8>),
    NotEmployedStays,
    Enters,
    Died,
    Emigrated,
}

impl Transition {
    fn code(self) -> String {
        match self {
            Transition::SameEmployer => "same_employer".to_owned(),
            Transition::OtherEmployerSameSector => "other_employer_same_sector".to_owned(),
            Transition::OtherSector => "other_sector".to_owned(),
            Transition::Out(Some(code)) => format!("out_{code}"),
            Transition::Out(None) => "out_unknown".to_owned(),
            Transition::NotEmployedStays => "not_employed_stays".to_owned(),
            Transition::Enters => "enters".to_owned(),
            Transition::Died => "died".to_owned(),
            Transition::Emigrated => "emigrated".to_owned(),
        }
    }
}

type Cell = (i32, SectorCode, &'static str);

/// The counts of the register.
#[derive(Default)]
pub(super) struct Register {
    person_years: BTreeMap<Cell, u64>,
    secm_states: BTreeMap<(i32, Option<u8>, bool), u64>,
    transitions: BTreeMap<(Cell, Transition), u64>,
    switches: BTreeMap<Cell, (u64, u64)>,
}

/// A person on a reference day.
struct State {
    employer: Option<u64>,
    sector: SectorCode,
    secm: Option<u8>,
}

impl State {
    fn on(world: &World, person: &Person, day: Day) -> Self {
        let job = main_job(&world.window, person, day).map(|(job, _)| job);
        State {
            employer: job.map(|job| job.employer_index),
            sector: SectorCode::of(job.map(|job| &job.employer)),
            secm: secm::code_on(person, day),
        }
    }
}

impl Register {
    /// Counts a person in every year.
    pub(super) fn count(&mut self, world: &World, person: &Person) {
        let mut next = None;
        for year in world.window.years() {
            let day = reference_day(year);
            if !person.is_resident(day) {
                return;
            }
            let state = next.take().unwrap_or_else(|| State::on(world, person, day));
            let cell = (year, state.sector, age_group(person, year));
            *self.person_years.entry(cell).or_default() += 1;
            let secm_state = (year, state.secm, state.employer.is_some());
            *self.secm_states.entry(secm_state).or_default() += 1;
            if year < world.window.last_year {
                let later = reference_day(year + 1);
                let then = State::on(world, person, later);
                self.count_pair(person, cell, &state, &then, later);
                next = Some(then);
            }
        }
    }

    fn count_pair(&mut self, person: &Person, cell: Cell, now: &State, then: &State, later: Day) {
        let transition = transition(person, now, then, later);
        *self.transitions.entry((cell, transition)).or_default() += 1;
        if person.is_resident(later)
            && let (Some(one), Some(other)) = (now.employer, then.employer)
        {
            let counts = self.switches.entry(cell).or_default();
            counts.0 += u64::from(one != other);
            counts.1 += 1;
        }
    }

    /// Writes the tables; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&self, out: &Path) -> Result<Vec<(PathBuf, u64, u64)>> {
        Ok(vec![
            self.write_person_years(out)?,
            self.write_secm_states(out)?,
            self.write_transitions(out)?,
            self.write_switches(out)?,
        ])
    }

    fn write_person_years(&self, out: &Path) -> Result<(PathBuf, u64, u64)> {
        let header = "year,sector_code,age_group,person_count";
        let mut file = RawFile::create(out, "truth/person_years.csv", header)?;
        for (&(year, sector, age_group), count) in &self.person_years {
            let [year, sector, count] = [year.to_string(), sector.to_string(), count.to_string()];
            file.comma_record(&[&year, &sector, age_group, &count])?;
        }
        file.finish()
    }

    fn write_secm_states(&self, out: &Path) -> Result<(PathBuf, u64, u64)> {
        let header = "year,secm_code,is_employed,person_count";
        let mut file = RawFile::create(out, "truth/secm_states.csv", header)?;
        for (&(year, code, is_employed), count) in &self.secm_states {
            let code = code.map_or("unknown".to_owned(), |code| code.to_string());
            let is_employed = if is_employed { "1" } else { "0" };
            file.comma_record(&[&year.to_string(), &code, is_employed, &count.to_string()])?;
        }
        file.finish()
    }

    fn write_transitions(&self, out: &Path) -> Result<(PathBuf, u64, u64)> {
        let header = "from_year,from_sector_code,age_group,transition,person_count";
        let mut file = RawFile::create(out, "truth/register_transitions.csv", header)?;
        for (&((year, sector, age_group), transition), count) in &self.transitions {
            let [year, sector, count] = [year.to_string(), sector.to_string(), count.to_string()];
            file.comma_record(&[&year, &sector, age_group, &transition.code(), &count])?;
        }
        file.finish()
    }

    fn write_switches(&self, out: &Path) -> Result<(PathBuf, u64, u64)> {
        let header = "from_year,from_sector_code,age_group,switch_count,base_count";
        let mut file = RawFile::create(out, "truth/employer_switches.csv", header)?;
        for (&(year, sector, age_group), (switches, base)) in &self.switches {
            let [year, sector] = [year.to_string(), sector.to_string()];
            let [switches, base] = [switches.to_string(), base.to_string()];
            file.comma_record(&[&year, &sector, age_group, &switches, &base])?;
        }
        file.finish()
    }
}

fn transition(person: &Person, now: &State, then: &State, later: Day) -> Transition {
    if person.death.is_some_and(|death| death <= later) {
        return Transition::Died;
    }
    if person.emigration.is_some_and(|emigration| emigration <= later) {
        return Transition::Emigrated;
    }
    match (now.employer, then.employer) {
        (None, None) => Transition::NotEmployedStays,
        (None, Some(_)) => Transition::Enters,
        (Some(_), None) => Transition::Out(then.secm),
        (Some(one), Some(other)) if one == other => Transition::SameEmployer,
        _ if now.sector == then.sector && now.sector != SectorCode::Unknown => {
            Transition::OtherEmployerSameSector
        }
        _ => Transition::OtherSector,
    }
}
