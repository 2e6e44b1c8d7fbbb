//! `honkvast synth`.

use std::path::Path;

use serde_json::json;

use super::arguments::SynthArguments;
use super::output::{aligned, print, print_json};
use crate::durable::files;
use crate::durable::identity::{self, Former, Holds};
use crate::error::{Error, Result};
use crate::synth::{Options, PERSONS_OF_SCENES, Summary, check, generate};

/// The study for which raw files are invented.
pub(super) const INVENTED_FOR: &str = "techniek";

pub(super) fn synth(arguments: &SynthArguments) -> Result<u8> {
    let (Some(first_year), Some(last_year)) = (arguments.years.first, arguments.years.last) else {
        return Err(Error::usage("--years needs both ends, as 2016..2019"));
    };
    let options = Options {
        persons: arguments.persons,
        first_year,
        last_year,
        seed: arguments.seed,
        hazards: arguments.hazards,
        out: arguments.out.clone(),
    };
    let summary = invent(&options)?;
    if arguments.json {
        print_json(&as_json(&summary))?;
    } else {
        print(&as_text(&summary, &arguments.out))?;
    }
    Ok(0)
}

/// Writes invented files where nothing else lies, or earlier ones of theirs.
///
/// # Errors
/// [`Error::Usage`] for a folder with other things in it; of the generator.
pub(super) fn invent(options: &Options) -> Result<Summary> {
    check(options)?;
    take(&options.out, Holds::InventedFiles, &options.out)?;
    generate(options)
}

/// Takes a folder for what is invented; `files` is where the files lie in it.
/// Real deliveries have no `truth/`, by which folders of former versions are
/// known.
pub(super) fn take(folder: &Path, holds: Holds, files: &Path) -> Result<()> {
    let folder = files::open_top(folder, files::PUBLIC_DIR)?;
    identity::claim(&folder, holds, INVENTED_FOR, || match files.join("truth").is_dir() {
        true => Former::Nameless,
        false => Former::None,
    })
}

fn as_json(summary: &Summary) -> serde_json::Value {
    let file = |(path, records, bytes): &(std::path::PathBuf, u64, u64)| json!({"file": path, "records": records, "bytes": bytes});
    let quirks: serde_json::Map<String, serde_json::Value> =
        summary.quirks.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
    json!({"synthetic": true, "files": summary.files.iter().map(file).collect::<Vec<_>>(), "quirks": quirks, "unplanted": summary.unplanted})
}

fn as_text(summary: &Summary, out: &Path) -> String {
    let mut rows = vec![["file", "records", "bytes"].map(str::to_owned).to_vec()];
    for (path, records, bytes) in &summary.files {
        rows.push(vec![path.display().to_string(), records.to_string(), bytes.to_string()]);
    }
    let unplanted = match summary.unplanted.as_slice() {
        [] => String::new(),
        names => format!(
            "Below {PERSONS_OF_SCENES} persons nothing is planted of {}.\n",
            names.join(", ")
        ),
    };
    format!(
        "{}\nSynthetic data about nobody, in {}; truth/ holds what was planted.\n{unplanted}",
        aligned(&rows),
        out.display()
    )
}
