//! Tables of the register: residence, states, jobs, and what became of each
//! person from one reference day to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::employers::Employers;
use super::reasons::Reasons;
use super::{SectorCode, age_group};
use crate::error::Result;
use crate::synth::calendar::{Day, reference_day};
use crate::synth::employer::World;
use crate::synth::person::Person;
use crate::synth::raw_file::RawFile;
use crate::synth::work::{State, open_jobs};

/// The counts of the register: by cells of text, each a table's first columns.
#[derive(Default)]
pub(super) struct Register {
    residence: Counts,
    states: Counts,
    contradictions: Counts,
    transitions: Counts,
    flows: Counts,
    inclusion: BTreeMap<(i32, &'static str), (u64, u64)>,
    employers: Employers,
    reasons: Reasons,
}

pub(super) type Counts = BTreeMap<Vec<String>, u64>;

pub(super) fn add(counts: &mut Counts, cell: &[&str]) {
    let cell = cell.iter().map(|part| (*part).to_owned()).collect();
    *counts.entry(cell).or_default() += 1;
}

/// What is known of a person on a reference day in the population.
pub(super) struct PersonYear {
    pub(super) state: State,
    pub(super) sector: SectorCode,
}

impl PersonYear {
    fn of(world: &World, person: &Person, year: i32) -> Option<Self> {
        let on = reference_day(year);
        person.is_resident(on).then(|| {
            let state = State::on(world, person, on);
            let sector = SectorCode::of(world, &state, &[year]);
            PersonYear { state, sector }
        })
    }

    /// The sector of who works for an employer, else what kind of state it is.
    fn cell(&self, sector: SectorCode) -> String {
        match self.state.code {
            "employee" | "director" => sector.to_string(),
            "self_employed" | "unclear_work" => self.state.code.to_owned(),
            _ => "not_working".to_owned(),
        }
    }
}

impl Register {
    /// Counts a person in every year.
    pub(super) fn count(&mut self, world: &World, person: &Person) {
        if !person.is_registered() {
            return;
        }
        let mut now = None;
        for year in world.window.years() {
            let then = now.take().or_else(|| PersonYear::of(world, person, year));
            self.count_year(world, person, year, then.as_ref());
            if year < world.window.last_year {
                let next = PersonYear::of(world, person, year + 1);
                self.count_pair(world, person, year, then.as_ref(), next.as_ref());
                now = next;
            }
        }
    }

    fn count_year(&mut self, world: &World, person: &Person, year: i32, it: Option<&PersonYear>) {
        let (on, year_text) = (reference_day(year), year.to_string());
        let age_group = age_group(person, year);
        if person.known_birth_year.is_none_or(|birth| birth <= year) {
            add(&mut self.residence, &[&year_text, residence_code(person, on), age_group]);
        }
        let mut counted = BTreeSet::new();
        for job in open_jobs(world, person, on) {
            let counts = self.inclusion.entry((year, job.counted.code())).or_default();
            counts.0 += 1;
            counts.1 += u64::from(counted.insert(job.counted));
        }
        let Some(it) = it else { return };
        let sector = it.sector.to_string();
        add(&mut self.states, &[&year_text, it.state.code, &sector, age_group]);
        let secm = it.state.secm.map_or("unknown".to_owned(), |code| code.to_string());
        let has_job = if it.state.has_job { "true" } else { "false" };
        add(&mut self.contradictions, &[&year_text, it.state.code, &secm, has_job]);
    }

    fn count_pair(
        &mut self,
        world: &World,
        person: &Person,
        year: i32,
        now: Option<&PersonYear>,
        then: Option<&PersonYear>,
    ) {
        let later = reference_day(year + 1);
        let gone = person.death.is_some_and(|death| death <= later);
        let gone = if gone { "died" } else { "emigrated" };
        let same = now.zip(then).and_then(|(now, then)| is_same_employer(&now.state, &then.state));
        // Classified as in the first year, where the employer was known then.
        let to_sector = match (now, then) {
            (Some(now), Some(_)) if same == Some(true) => now.sector,
            (_, Some(then)) => SectorCode::of(world, &then.state, &[year, year + 1]),
            _ => SectorCode::None,
        };
        let year_text = year.to_string();
        let from_cell = match now {
            Some(now) => now.cell(now.sector),
            None if then.is_some() => arrival(person, reference_day(year), later).to_owned(),
            None => return,
        };
        let to_cell = then.map_or(gone.to_owned(), |then| then.cell(to_sector));
        let next_cell = then.map_or(gone.to_owned(), |then| then.cell(then.sector));
        let same_text = same.map_or("", |same| if same { "true" } else { "false" });
        add(&mut self.flows, &[&year_text, &from_cell, &to_cell, &next_cell, same_text]);
        if let Some(now) = now {
            self.reasons.count(world, person, year, (now, then));
            let code = match then {
                Some(then) => transition(now, then, to_sector),
                None => gone.to_owned(),
            };
            let (from, to) = (now.sector.to_string(), to_cell.as_str());
            let from = if now.state.is_employed() { from.as_str() } else { "none" };
            let age_group = age_group(person, year);
            add(&mut self.transitions, &[&year_text, from, age_group, &code, to]);
            if let Some(then) = then {
                self.employers.count(world, person, year, [now, then], [&code, to]);
            }
        }
    }

    /// Writes the tables; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&self, out: &Path, world: &World) -> Result<Vec<(PathBuf, u64, u64)>> {
        let tables = [
            ("residence", "year,residence_code,age_group", &self.residence),
            ("person_years", "year,state_code,sector_code,age_group", &self.states),
            ("state_contradictions", "year,state_code,secm_code,has_job", &self.contradictions),
            (
                "register_transitions",
                "from_year,sector_code,age_group,transition_code,to_cell",
                &self.transitions,
            ),
            ("flows", "year,from_cell,to_cell,next_cell,is_same_employer", &self.flows),
        ];
        let mut files = Vec::new();
        for (name, columns, counts) in tables {
            files.push(write_counts(out, name, columns, counts)?);
        }
        files.push(self.write_inclusion(out)?);
        files.extend(self.employers.write(out, world)?);
        files.push(self.reasons.write(out)?);
        Ok(files)
    }

    fn write_inclusion(&self, out: &Path) -> Result<(PathBuf, u64, u64)> {
        let header = "year,reason,job_count,person_count";
        let mut file = RawFile::create(out, "truth/job_inclusion.csv", header)?;
        for (&(year, reason), (jobs, persons)) in &self.inclusion {
            let [year, jobs, persons] = [year.to_string(), jobs.to_string(), persons.to_string()];
            file.comma_record(&[&year, reason, &jobs, &persons])?;
        }
        file.finish()
    }
}

pub(super) fn write_counts(
    out: &Path,
    name: &str,
    columns: &str,
    counts: &Counts,
) -> Result<(PathBuf, u64, u64)> {
    let header = format!("{columns},person_count");
    let mut file = RawFile::create(out, format!("truth/{name}.csv"), &header)?;
    for (cell, count) in counts {
        let count = count.to_string();
        let cells: Vec<&str> = cell.iter().map(String::as_str).chain([count.as_str()]).collect();
        file.comma_record(&cells)?;
    }
    file.finish()
}

fn residence_code(person: &Person, on: Day) -> &'static str {
    let away = person.absences.iter().find(|absence| absence.covers(on));
    match away {
        _ if person.death.is_some_and(|death| death <= on) => "dead",
        Some(absence) if absence.from.is_none() => "not_yet_arrived",
        Some(_) => "abroad",
        None if person.is_resident(on) => "resident",
        None => "unborn",
    }
}

/// How someone who is not in the population on a day came into it by a later.
fn arrival(person: &Person, on: Day, later: Day) -> &'static str {
    let last = person.absences.iter().rev().find(|absence| absence.to.is_some_and(|to| to < later));
    match (residence_code(person, on), last) {
        ("abroad", _) => "returned",
        (_, Some(last)) if last.is_administrative => "entered_otherwise",
        (_, Some(_)) => "immigrated",
        (_, None) => "born",
    }
}

/// Null where either end has no employer, or one that is not known.
fn is_same_employer(now: &State, then: &State) -> Option<bool> {
    now.employer.zip(then.employer).map(|(one, other)| one == other)
}

fn transition(now: &PersonYear, then: &PersonYear, to_sector: SectorCode) -> String {
    let (from, to) = (&now.state, &then.state);
    let is_known = |sector| sector != SectorCode::Unknown;
    let code = match (from.code, to.code) {
        ("employee" | "director", "employee" | "director") => match is_same_employer(from, to) {
            None => "employer_unknown",
            Some(true) => "stay",
            _ if from.code == "employee" && to.code == "director" => "to_self_employment",
            _ if !is_known(now.sector) || !is_known(to_sector) => "other_employer_sector_unknown",
            _ if now.sector == to_sector => "other_employer_same_sector",
            _ => "other_employer_other_sector",
        },
        ("employee" | "director", "self_employed") => "to_self_employment",
        ("employee" | "director", "unclear_work") => "to_unclear_work",
        ("employee" | "director", code) => return format!("out_{code}"),
        ("self_employed", "self_employed") => "self_stays",
        ("self_employed", "employee" | "director") => "self_to_employee",
        ("self_employed", _) => "self_out",
        (_, "employee" | "director" | "self_employed") => "enters",
        _ => "stays_out",
    };
    code.to_owned()
}
