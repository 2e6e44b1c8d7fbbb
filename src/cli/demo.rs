//! `honkvast demo`: invented raw files, the study techniek on them, its findings.

use super::arguments::{DemoArguments, Global};
use super::output::print;
use super::tables::{manifest, open_lake};
use crate::error::Result;
use crate::run::{RunRequest, Setup};
use crate::stop::Stop;
use crate::synth::{Hazards, Options, generate};

const YEARS: (i32, i32) = (2016, 2019);

/// Invents the raw files and gives the options with which the study runs on
/// them.
///
/// # Errors
/// Of the generator.
pub(super) fn prepare(global: &Global, arguments: &DemoArguments) -> Result<Global> {
    let raw = arguments.out.join("raw");
    tracing::info!("inventing {} persons in {}", arguments.persons, raw.display());
    generate(&Options {
        persons: arguments.persons,
        first_year: YEARS.0,
        last_year: YEARS.1,
        seed: arguments.seed,
        hazards: Hazards::ALL,
        out: raw.clone(),
    })?;
    Ok(Global {
        study: "techniek".to_owned(),
        raw: Some(raw),
        lake: global.lake.clone().or_else(|| Some(arguments.out.join("lake"))),
        release: global.release.clone().or_else(|| Some(arguments.out.join("release"))),
        ..global.clone()
    })
}

/// Runs the study and shows the statements of the letter.
pub(super) async fn demo(setup: &Setup, stop: &Stop) -> Result<u8> {
    let request = RunRequest { command: super::run::command_line(), ..RunRequest::default() };
    let outcome = crate::run::run(setup, &request, stop, &super::progress::show).await;
    super::progress::done();
    let outcome = outcome?;
    let lake = open_lake(setup)?;
    print("Statements of the letter, as these files have them (synthetic data about nobody):\n\n")?;
    super::findings::print_findings(setup, &lake, &manifest(&lake, None)?).await?;
    let release = outcome.release.map(|path| path.display().to_string()).unwrap_or_default();
    print(&format!(
        "\n{} slices made in {:.1} s; the release lies in {release}\n",
        outcome.made.len(),
        outcome.seconds
    ))?;
    Ok(0)
}
