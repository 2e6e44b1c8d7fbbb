//! Writes CBS-shaped raw files about an invented population, and beside them
//! `truth/`: what was planted, by the generator's own accounts.
//!
//! **Everything here is synthetic: invented, about nobody.** Names, variables
//! and codes are those of the real deliveries; persons, employers, wages and
//! shares are drawn from a seed and stand for no one. No result from these
//! files says anything about the labour market.
//!
//! A person's history is a pure function of the seed and the person's index,
//! an employer's of the seed and the employer's index. One pass over the
//! persons writes all files at once; memory does not grow with the rows. The
//! same options give the same bytes. The first persons have scripted histories
//! so that every quirk is present at any seed and size. Nothing here uses the
//! pipeline, and the pipeline uses nothing of this.

mod answer;
mod betab;
mod calendar;
mod career;
mod cast;
mod dice;
mod ebbnw;
mod employer;
mod gba;
mod hazards;
mod hoogsteopl;
mod household;
mod job;
mod pay;
mod person;
mod quirks;
mod raw_file;
mod residence;
mod secm;
mod secmbus;
mod sectors;
mod spolisbus;
mod successions;
mod survey;
mod terms;
#[cfg(test)]
mod tests;
mod truth;
mod work;

use std::path::PathBuf;

use crate::error::{Error, Result};
use calendar::Window;
use employer::World;
use hazards::Hazard;
pub use hazards::Hazards;
use quirks::Counts;

/// The least number of persons: the scripted ones and enough beside them.
pub const LEAST_PERSONS: u64 = 200;
/// The largest number of persons for which all numbers stay distinct.
pub const MOST_PERSONS: u64 = 50_000_000;
/// The least number of persons with which employers go on under another number,
/// of whom so many are needed beside each set of these scenes, and with which
/// there are households of several and sectors near the threshold.
pub const PERSONS_OF_SCENES: u64 = 1_500;
/// The earliest year.
pub const EARLIEST_YEAR: i32 = 2016;
/// The largest number of years at once.
pub const MOST_YEARS: i32 = 20;

/// What to write.
#[derive(Debug, Clone)]
pub struct Options {
    /// Persons, those outside the register included; [`LEAST_PERSONS`] or more.
    pub persons: u64,
    /// First year, [`EARLIEST_YEAR`] or later.
    pub first_year: i32,
    /// Last year, not before the first.
    pub last_year: i32,
    /// Seed of all draws.
    pub seed: u64,
    /// What is planted beside plain histories.
    pub hazards: Hazards,
    /// Folder to write to; files of the same names are overwritten.
    pub out: PathBuf,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Every file: path below the folder, records without the header, bytes.
    pub files: Vec<(PathBuf, u64, u64)>,
    /// Every quirk with how often it was planted; each is above zero.
    pub quirks: Vec<(String, u64)>,
    /// Hazards that were asked for and need [`PERSONS_OF_SCENES`] to be planted.
    pub unplanted: Vec<&'static str>,
}

/// Writes the raw files and the truth beside them.
///
/// # Errors
/// `Usage` for numbers outside the limits, `Io` where the system refuses.
pub fn generate(options: &Options) -> Result<Summary> {
    check(options)?;
    let window = Window::new(options.first_year, options.last_year);
    let world = World::new(options.seed, options.persons, window, options.hazards);
    let out = options.out.as_path();
    let mut counts = Counts::new();
    counts.plant(quirks::Quirk::StaleVersions); // GBAPERSOONTAB

    let mut gba = gba::Gba::create(out, &world)?;
    let mut spolisbus = spolisbus::Spolisbus::create(out, &world, &mut counts)?;
    let mut secmbus = secmbus::Secmbus::create(out, &world)?;
    let mut hoogsteopl = hoogsteopl::Hoogsteopl::create(out, &world)?;
    let mut ebbnw = ebbnw::Ebbnw::create(out, &world)?;
    let mut truth = truth::Truth::new();
    for index in 0..options.persons {
        let person = person::imagine(&world, index);
        gba.write(&person, &mut counts)?;
        spolisbus.write(&world, &person, &mut counts)?;
        secmbus.write(&person)?;
        hoogsteopl.write(&world, &person, &mut counts)?;
        ebbnw.write(&world, &person, &mut counts)?;
        truth.count(&world, &person, &mut counts);
    }

    let mut files = betab::write(out, &world, &mut counts)?;
    files.extend(successions::write(out, &world, &mut counts)?);
    files.extend(gba.finish()?);
    files.extend(spolisbus.finish()?);
    files.push(secmbus.finish()?);
    files.extend(hoogsteopl.finish()?);
    files.extend(ebbnw.finish()?);
    files.extend(truth.write(out, &world, &counts)?);
    files.sort();
    let mut unplanted = world.successions.unplayed(options.hazards);
    let of_many = [Hazard::Households, Hazard::NearTechnicalShare];
    let missing = options.hazards.named().filter(|(hazard, _)| of_many.contains(hazard));
    unplanted.extend(missing.filter(|_| !world.is_large).map(|(_, name)| name));
    Ok(Summary { files, quirks: counts.named(), unplanted })
}

/// Says whether these options can be.
///
/// # Errors
/// `Usage` for numbers outside the limits.
pub fn check(options: &Options) -> Result<()> {
    let Options { persons, first_year, last_year, .. } = *options;
    if !(LEAST_PERSONS..=MOST_PERSONS).contains(&persons) {
        let message = format!("{persons} persons: from {LEAST_PERSONS} to {MOST_PERSONS} can be");
        return Err(Error::usage(message));
    }
    if first_year < EARLIEST_YEAR {
        return Err(Error::usage(format!("year {first_year}: {EARLIEST_YEAR} is the earliest")));
    }
    if last_year < first_year {
        let message = format!("the years {first_year}..{last_year} end before they begin");
        return Err(Error::usage(message));
    }
    if last_year - first_year >= MOST_YEARS {
        let message = format!("the years {first_year}..{last_year} are more than {MOST_YEARS}");
        return Err(Error::usage(message));
    }
    Ok(())
}
