//! Who left work, by tenure and contract as they are, whatever the files say.

use std::path::{Path, PathBuf};

use super::age_group;
use super::register::{Counts, PersonYear, add, write_counts};
use crate::error::Result;
use crate::synth::calendar::reference_day;
use crate::synth::employer::World;
use crate::synth::person::Person;
use crate::synth::terms;
use crate::synth::work::{main_job, open_jobs};

/// The counts of employees and directors.
#[derive(Default)]
pub(super) struct Reasons(Counts);

impl Reasons {
    /// Counts a person of the population of a year, and what became of it.
    pub(super) fn count(
        &mut self,
        world: &World,
        person: &Person,
        year: i32,
        (now, then): (&PersonYear, Option<&PersonYear>),
    ) {
        if !now.state.is_employed() {
            return;
        }
        let on = reference_day(year);
        let open = open_jobs(world, person, on);
        let job = main_job(&open).map(|(main, _)| main.job);
        let tenure = job.map_or("unknown", |job| terms::tenure(job, on));
        let contract = job.map_or("unknown", |job| {
            match terms::contract(world, person.index, job, on).to_ascii_uppercase() {
                b'O' => "permanent",
                b'B' => "temporary",
                _ => "none",
            }
        });
        let has_left = match then.map(|then| then.state.code) {
            None | Some("unclear_work") => "",
            Some("employee" | "director") => "0",
            Some(_) => "1",
        };
        let (year_text, sector) = (year.to_string(), now.sector.to_string());
        let ages = age_group(person, year);
        add(&mut self.0, &[&year_text, &sector, ages, tenure, contract, has_left]);
    }

    /// Writes the table; relative path, records and bytes.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&self, out: &Path) -> Result<(PathBuf, u64, u64)> {
        let columns = "from_year,sector_code,age_group,tenure,contract,has_left";
        write_counts(out, "reasons", columns, &self.0)
    }
}
