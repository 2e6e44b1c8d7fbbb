//! SECMBUS: one longitudinal file of socio-economic spells with a flag for
//! each source of income. It holds register persons and those of kind S.

use std::path::{Path, PathBuf};

use super::employer::World;
use super::person::Person;
use super::raw_file::{Cells, RawFile};
use super::secm::{
    ASSISTANCE, DIRECTOR, DISABLED, EMPLOYEE, ENTREPRENEUR, FAMILY_WORKER, FREELANCE,
    OTHER_BENEFIT, PENSION, PUPIL, STUDENT, Spell, UNEMPLOYED,
};
use crate::error::Result;

const HEADER: &str = "RINPERSOONS;RINPERSOON;AANVSECM;EINDSECM;SECM;XKOPPELWERKNSECM;\
XKOPPELDGASECM;XKOPPELZELFSTSECM;XKOPPELOVACTIEFSECM;XKOPPELMEEWERKENDSECM;\
XKOPPELWERKLUITKSECM;XKOPPELBIJSTANDSECM;XKOPPELSOCVOORZOVSECM;XKOPPELZIEKTEAOSECM;\
XKOPPELPENSIOENSECM;XKOPPELSCHOLSTUDSECM";

/// The file of spells.
pub(super) struct Secmbus(RawFile);

impl Secmbus {
    /// Creates the file.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn create(out: &Path, world: &World) -> Result<Self> {
        let path = format!("SECMBUS/SECMBUS{}V1.csv", world.window.last_year);
        Ok(Secmbus(RawFile::create(out, path, HEADER)?))
    }

    /// Writes the spells of a person.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&mut self, person: &Person) -> Result<()> {
        if !matches!(person.kind, b'R' | b'S') {
            return Ok(());
        }
        for spell in &person.secm {
            let line = self.0.record();
            line.text(&[person.kind]);
            line.padded(person.rin, 9);
            line.day(spell.from);
            line.day(spell.to);
            line.number(i64::from(spell.code));
            for flag in flags(spell) {
                line.number(i64::from(flag));
            }
            self.0.end_record()?;
        }
        Ok(())
    }

    /// Ends the file; relative path, records and bytes.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn finish(self) -> Result<(PathBuf, u64, u64)> {
        self.0.finish()
    }
}

fn flags(spell: &Spell) -> [bool; 11] {
    let is = |code| spell.code == code;
    [
        is(EMPLOYEE) || spell.has_job && !is(DIRECTOR),
        is(DIRECTOR),
        is(ENTREPRENEUR),
        is(FREELANCE),
        is(FAMILY_WORKER),
        is(UNEMPLOYED),
        is(ASSISTANCE),
        is(OTHER_BENEFIT),
        is(DISABLED),
        is(PENSION),
        is(STUDENT) || is(PUPIL),
    ]
}
