//! Tables of employers: who moved from one to another between two reference
//! days, how large they were, and what registers say of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::age_group;
use super::register::{Counts, PersonYear, add, write_counts};
use crate::error::Result;
use crate::synth::calendar::{date, reference_day};
use crate::synth::employer::World;
use crate::synth::person::Person;
use crate::synth::raw_file::RawFile;
use crate::synth::work::{GAP_DAYS, State, longest_gap, open_jobs};

/// Persons at an employer who work for one at both reference days.
#[derive(Default)]
struct Stock {
    at_first: u64,
    at_second: u64,
    at_both: u64,
}

/// The counts of employers by year and index.
#[derive(Default)]
pub(super) struct Employers {
    /// Persons, and those of them whose employer went on as the other.
    moves: BTreeMap<(i32, u64, u64), (u64, u64)>,
    stocks: BTreeMap<(i32, u64), Stock>,
    outcomes: Counts,
}

impl Employers {
    /// Counts a person who works for an employer at both ends of a pair of years.
    pub(super) fn count(
        &mut self,
        world: &World,
        person: &Person,
        year: i32,
        [now, then]: [&PersonYear; 2],
        [transition, to_cell]: [&str; 2],
    ) {
        if !now.state.is_employed() || !then.state.is_employed() {
            return;
        }
        let (outcome, ends) = outcome(world, person, year, &now.state, &then.state);
        let number = |index: Option<u64>| index.map(|it| id(&world.employer_number(it)));
        let [donor, receiver] = ends.map(|index| number(index).unwrap_or_default());
        let [transition, to_cell] = if donor.is_empty() { [""; 2] } else { [transition, to_cell] };
        let kind = employer_kind(world, now.state.employer, year);
        let (year_text, sector) = (year.to_string(), now.sector.to_string());
        let age = age_group(person, year);
        let cell = [
            year_text.as_str(),
            &sector,
            age,
            kind,
            outcome,
            &donor,
            &receiver,
            transition,
            to_cell,
        ];
        add(&mut self.outcomes, &cell);
        if let (Some(donor), Some(receiver)) = (now.state.employer, then.state.employer) {
            self.count_known(world, person, year, donor, receiver);
        }
    }

    fn count_known(
        &mut self,
        world: &World,
        person: &Person,
        year: i32,
        donor: u64,
        receiver: u64,
    ) {
        let is_same = donor == receiver;
        let first = self.stocks.entry((year, donor)).or_default();
        first.at_first += 1;
        first.at_both += u64::from(is_same);
        self.stocks.entry((year, receiver)).or_default().at_second += 1;
        if !is_same {
            let persons = self.moves.entry((year, donor, receiver)).or_default();
            persons.0 += 1;
            persons.1 += u64::from(world.successions.is_succession(person.index));
        }
    }

    /// Writes the tables; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&self, out: &Path, world: &World) -> Result<Vec<(PathBuf, u64, u64)>> {
        let cells = "from_year,sector_code,age_group,employer_kind,outcome,donor_id,receiver_id,\
                     transition_code,to_cell";
        Ok(vec![
            write_counts(out, "employer_switches", cells, &self.outcomes)?,
            self.write_moves(out, world)?,
            self.write_stocks(out, world)?,
            write_statements(out, world)?,
        ])
    }

    fn write_moves(&self, out: &Path, world: &World) -> Result<(PathBuf, u64, u64)> {
        let header = "from_year,donor_id,receiver_id,person_count,succession_count";
        let mut file = RawFile::create(out, "truth/employer_moves.csv", header)?;
        for (&(year, donor, receiver), (persons, along)) in &self.moves {
            let [donor, receiver] =
                [donor, receiver].map(|index| id(&world.employer_number(index)));
            let [year, persons, along] = [year.to_string(), persons.to_string(), along.to_string()];
            file.comma_record(&[&year, &donor, &receiver, &persons, &along])?;
        }
        file.finish()
    }

    fn write_stocks(&self, out: &Path, world: &World) -> Result<(PathBuf, u64, u64)> {
        let header =
            "from_year,employer_id,first_count,second_count,both_count,is_personnel_supply";
        let mut file = RawFile::create(out, "truth/employer_stocks.csv", header)?;
        for (&(year, index), stock) in &self.stocks {
            let employer = world.employer(index);
            let is_supply = [year, year + 1].map(|year| employer.known_division(year) == Some(78));
            let is_supply = is_supply.contains(&true).to_string();
            let counts = [stock.at_first, stock.at_second, stock.at_both].map(|it| it.to_string());
            let [first, second, both] = &counts;
            let (year, employer) = (year.to_string(), id(&employer.beid));
            file.comma_record(&[&year, &employer, first, second, both, &is_supply])?;
        }
        file.finish()
    }
}

/// What became of work for an employer a year later by the numbers of employers
/// alone, and where they differ the two.
fn outcome(
    world: &World,
    person: &Person,
    year: i32,
    now: &State,
    then: &State,
) -> (&'static str, [Option<u64>; 2]) {
    let (from, to) = (reference_day(year), reference_day(year + 1));
    let (Some(donor), Some(receiver)) = (now.employer, then.employer) else {
        return ("employer_unknown", [None; 2]);
    };
    if donor == receiver {
        let is_recall = longest_gap(world, person, donor, from, to) >= GAP_DAYS;
        return (if is_recall { "recall" } else { "stay" }, [None; 2]);
    }
    let has_at = |on, employer| {
        let open = open_jobs(world, person, on);
        open.iter().any(|job| job.counted.is_in() && job.employer == Some(employer))
    };
    let is_swap = has_at(from, receiver) || has_at(to, donor);
    (if is_swap { "swap" } else { "switch" }, [Some(donor), Some(receiver)])
}

fn employer_kind(world: &World, employer: Option<u64>, year: i32) -> &'static str {
    let employer = employer.map(|index| world.employer(index));
    let known = employer.as_ref().and_then(|it| it.known_division(year).zip(it.sbi_in(year)));
    match known {
        None => "unknown",
        Some((78, sbi)) if sbi / 10 == 7830 => "payroll",
        Some((78, _)) => "agency",
        Some(_) => "other",
    }
}

/// One row for each donor and receiver of a statement, as it is said.
fn write_statements(out: &Path, world: &World) -> Result<(PathBuf, u64, u64)> {
    let header = "day,kind,donor_id,receiver_id";
    let mut file = RawFile::create(out, "truth/employer_events.csv", header)?;
    for it in world.successions.statements(world) {
        let (year, month, day_of_month) = date(it.day);
        let day = format!("{year}-{month:02}-{day_of_month:02}");
        let kind = it.event.map_or("link".to_owned(), |kind| format!("event_{kind}"));
        let or_blank = |numbers: &[[u8; 8]]| match numbers {
            [] => vec![String::new()],
            numbers => numbers.iter().map(id).collect(),
        };
        for donor in or_blank(&it.donors) {
            for receiver in or_blank(&it.receivers) {
                file.comma_record(&[&day, &kind, &donor, &receiver])?;
            }
        }
    }
    file.finish()
}

fn id(number: &[u8; 8]) -> String {
    String::from_utf8_lossy(number).into_owned()
}
