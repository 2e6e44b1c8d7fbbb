//! `verify`: reads all of a lake and its releases, names what is not as it was
//! written, and where it is asked to makes room for the next run to make it
//! again.

use std::path::Path;
use std::time::{Duration, Instant};

use super::{Setup, spans};
use crate::error::{Error, Result};
use crate::lake::{Damage, Event, Lake, Remedy, Scratch};
use crate::publish::damage;
use crate::stop::Stop;

/// How a verification is asked for.
#[derive(Debug, Clone)]
pub struct VerifyRequest {
    /// Mends what it can.
    pub repairs: bool,
    /// How long to wait for a run to end.
    pub wait: Option<Duration>,
    /// The command line, for the ledger.
    pub command: String,
}

/// What was set aside may have hidden more.
const MOST_ROUNDS: usize = 5;

/// All damage, in an order in which it can be mended; mended where asked for.
///
/// # Errors
/// [`Error::Usage`] where there is no lake, or one of another study;
/// [`Error::Held`]; [`Error::Interrupted`]; [`Error::Io`].
pub fn verify(setup: &Setup, request: &VerifyRequest, stop: &Stop) -> Result<Vec<Damage>> {
    damage::refuse_another(&setup.release, &setup.study.name)?;
    let Some(lake) = Lake::open_damaged(&setup.lake, &setup.study.name)? else {
        let error = Error::usage(format!("there is no lake at {}", setup.lake.display()));
        return Err(error.with_hint("`honkvast run` makes it"));
    };
    let lake = lake.heeding(stop);
    if !request.repairs {
        return look(setup, &lake);
    }
    let start = Instant::now();
    let mut mended = cleared(&lake, |path| path.ends_with("lock"))?;
    let lock = lake.lock(&request.command, request.wait, stop.flag())?;
    mended.extend(cleared(&lake, |_| true)?);
    let run = lake.next_run()?;
    let _span = spans::of_run(&run).entered();
    let scratch = lake.begin(lock, &run)?;
    let ledger = lake.ledger(&run)?;
    ledger.append(&super::telling::started(setup, &request.command, &run))?;
    let outcome = mend_all(setup, &scratch, stop, &mut |damage| {
        ledger.append(&Event::Mended { path: damage.path.clone(), what: damage.what.clone() })
    });
    mended.extend(super::telling::tell_end(&ledger, outcome, start)?);
    Ok(mended)
}

fn look(setup: &Setup, lake: &Lake) -> Result<Vec<Damage>> {
    let mut found = lake.inspect(&setup.study.name)?;
    found.extend(damage::inspect(&setup.release, &setup.study.name)?);
    Ok(found)
}

fn cleared(lake: &Lake, is_wanted: impl Fn(&Path) -> bool) -> Result<Vec<Damage>> {
    let damage = |(path, what): (std::path::PathBuf, String)| {
        let remedy = Remedy::SetAside(vec![path.clone()]);
        Damage { path, what, remedy }
    };
    Ok(lake.clear_top(is_wanted)?.into_iter().map(damage).collect())
}

fn mend_all(
    setup: &Setup,
    scratch: &Scratch,
    stop: &Stop,
    tell: &mut dyn FnMut(&Damage) -> Result<()>,
) -> Result<Vec<Damage>> {
    let study = &setup.study.name;
    let mut mended: Vec<Damage> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let mut found = look(setup, scratch.lake())?;
        found.retain(|damage| !mended.contains(damage));
        if found.is_empty() {
            break;
        }
        for damage in found {
            stop.check()?;
            tell(&damage)?;
            if damage.path.starts_with(scratch.lake().root()) {
                scratch.mend(&damage, study)?;
            } else {
                damage::mend(&setup.release, &damage, study)?;
            }
            mended.push(damage);
        }
    }
    Ok(mended)
}
