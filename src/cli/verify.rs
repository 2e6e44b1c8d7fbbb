//! `honkvast verify`.

use serde_json::{Value, json};

use super::command_line::command_line;
use super::output::{print, print_json};
use super::upkeep::VerifyArguments;
use crate::error::{Result, printable};
use crate::lake::{Damage, Remedy};
use crate::run::Setup;
use crate::run::verify::{VerifyRequest, verify as look};
use crate::stop::Stop;

/// Exit code where something is damaged, or stays so.
const DAMAGED: u8 = 1;

pub(super) fn verify(setup: &Setup, arguments: &VerifyArguments, stop: &Stop) -> Result<u8> {
    let repairs = arguments.repair;
    let request = VerifyRequest { repairs, wait: arguments.wait, command: command_line() };
    let found = tokio::task::block_in_place(|| look(setup, &request, stop))?;
    if arguments.json {
        print_json(&Value::from(found.iter().map(as_json).collect::<Vec<_>>()))?;
    } else {
        print(&found.iter().map(|damage| as_text(damage, repairs)).collect::<String>())?;
        print(summary(&found, repairs))?;
    }
    let stays = |damage: &Damage| !repairs || damage.remedy == Remedy::None;
    Ok(if found.iter().any(stays) { DAMAGED } else { 0 })
}

fn remedy(damage: &Damage) -> &'static str {
    match damage.remedy {
        Remedy::SetAside(_) => "set aside, and made again by the next run where it is needed",
        Remedy::KeepEvents | Remedy::KeepVintages => "its whole lines are kept",
        Remedy::TellLost(_) => "told to be lost",
        Remedy::Claim => "written again",
        Remedy::NextRun => "made again by the next run",
        Remedy::None => "nothing makes it again",
    }
}

fn as_text(damage: &Damage, repairs: bool) -> String {
    let remedy = if repairs { format!("; {}", remedy(damage)) } else { String::new() };
    format!("{}: {}{remedy}\n", printable(&damage.path), damage.what)
}

fn as_json(damage: &Damage) -> Value {
    json!({ "path": damage.path, "what": damage.what, "remedy": remedy(damage) })
}

fn summary(found: &[Damage], repairs: bool) -> &'static str {
    match (found.is_empty(), repairs) {
        (true, _) => "all is as it was written\n",
        (false, true) => "`honkvast run` makes again what is needed\n",
        (false, false) => "`honkvast verify --repair` makes room for the next run to mend it\n",
    }
}
