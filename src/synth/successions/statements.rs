//! What registers of employers say: BDK, one number after another, and the
//! events of the ABR. Beside the scenes there are former employers, and births
//! and deaths of ordinary ones, so that both files have rows with any options.

use std::path::{Path, PathBuf};

use super::scenes::{Named, What, When};
use super::{Staging, Successions};
use crate::error::Result;
use crate::synth::calendar::{Day, day, reference_day};
use crate::synth::dice::Dice;
use crate::synth::employer::{World, number};
use crate::synth::quirks::{Counts, Quirk};
use crate::synth::raw_file::{Cells, RawFile};

/// A number of an employer.
type Number = [u8; 8];

/// One thing said on a day.
#[derive(Debug, Clone)]
pub(in crate::synth) struct Statement {
    /// Type of an event of the ABR; none for a pair of BDK.
    pub(in crate::synth) event: Option<u8>,
    /// The day it says.
    pub(in crate::synth) day: Day,
    /// Who goes on as another.
    pub(in crate::synth) donors: Vec<Number>,
    /// Who goes on.
    pub(in crate::synth) receivers: Vec<Number>,
}

/// Index from which numbers belong to nobody.
const NOBODY: u64 = 90_000_000;
/// How many former employers BDK knows.
const FORMER: u64 = 24;
/// One in so many ordinary employers has an event of its own.
const ONE_IN: usize = 40;

const TOPIC: u64 = 60;
const FORMER_TOPIC: u64 = 61;

impl Successions {
    /// Everything that is said, in the order of its own.
    pub(in crate::synth) fn statements(&self, world: &World) -> Vec<Statement> {
        let mut all: Vec<Statement> = former(world).collect();
        all.extend(ordinary(world));
        for staging in &self.stagings {
            all.extend(staging.statements(world));
        }
        all.retain(|it| it.day <= world.window.last);
        all
    }
}

impl Staging {
    fn statements(&self, world: &World) -> impl Iterator<Item = Statement> {
        self.scene.says.iter().map(|says| {
            let day = match says.when {
                When::Change(days) => self.change(0) + days,
                When::Later(leg) => self.change(leg),
                When::FirstReferenceDay => reference_day(self.from_year),
                When::LongBefore => day(world.window.first_year - 3, 2, 11),
            };
            let numbers = |named: &[Named]| {
                let indices = named.iter().map(|named| match named {
                    Named::Firm(firm) => world.scene_employer(self.first_firm + firm),
                    Named::Nobody => NOBODY + 1_000 + self.first_firm,
                });
                indices.map(|index| world.employer_number(index)).collect()
            };
            let event = match says.what {
                What::Link => None,
                What::Event(kind) => Some(kind),
            };
            let (donors, receivers) = (numbers(says.donors), numbers(says.receivers));
            Statement { event, day, donors, receivers }
        })
    }
}

/// Employers that were no more before the first year.
fn former(world: &World) -> impl Iterator<Item = Statement> {
    let mut dice = Dice::new(world.seed, FORMER_TOPIC, 0);
    let from = day(world.window.first_year - 8, 1, 1);
    (0..FORMER).map(move |place| {
        let day = from + dice.below(2_500);
        let (donors, receivers) = (vec![number(NOBODY + place)], vec![number(NOBODY + place + 1)]);
        Statement { event: None, day, donors, receivers }
    })
}

/// Births, deaths and other events of ordinary employers.
fn ordinary(world: &World) -> impl Iterator<Item = Statement> {
    (0..world.scene_employer(0)).step_by(ONE_IN).map(|index| {
        let mut dice = Dice::new(world.seed, TOPIC, index);
        let day =
            world.window.first - 400 + dice.below(world.window.last - world.window.first + 400);
        let own = vec![world.employer_number(index)];
        match dice.one_of(&[4, 5, 13]) {
            5 => Statement { event: Some(5), day, donors: own, receivers: Vec::new() },
            kind => Statement { event: Some(kind), day, donors: Vec::new(), receivers: own },
        }
    })
}

/// Writes BDK and the events of the ABR; relative path, records and bytes of
/// each file.
///
/// # Errors
/// `Io` where the system refuses.
pub(in crate::synth) fn write(
    out: &Path,
    world: &World,
    counts: &mut Counts,
) -> Result<Vec<(PathBuf, u64, u64)>> {
    let year = world.window.last_year;
    let path = format!("BDK/BDK{year}V1.csv");
    let mut links = RawFile::create(out, path, "BEID_OUD;BEID_NIEUW;DATUMAANVANG;DATUMEINDE")?;
    let path = format!("ABREVENTS/EVENTBIJDRAGEN{year}V1.csv");
    let header = "EVENTID;EVENTTYPE;EVENTDATUM;BEID;ROL";
    let mut events = RawFile::create(out, path, header)?;
    for (place, it) in world.successions.statements(world).iter().enumerate() {
        let Some(kind) = it.event else {
            push_link(&mut links, it)?;
            counts.plant(Quirk::EmployerLinks);
            continue;
        };
        let sides = [(&it.donors, b"D"), (&it.receivers, b"O")];
        for (numbers, role) in sides {
            for number in numbers {
                let line = events.record();
                line.padded(place as u64 + 1, 9);
                line.number(i64::from(kind));
                line.day(it.day);
                line.text(number);
                line.text(role);
                events.end_record()?;
                counts.plant(Quirk::EmployerEvents);
            }
        }
    }
    Ok(vec![links.finish()?, events.finish()?])
}

fn push_link(file: &mut RawFile, link: &Statement) -> Result<()> {
    let line = file.record();
    for number in link.donors.iter().chain(&link.receivers) {
        line.text(number);
    }
    line.day(link.day);
    line.text(b"20790606");
    file.end_record()
}
