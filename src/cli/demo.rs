//! `honkvast demo`: invented raw files, the study techniek on them, its findings.

use super::arguments::{DemoArguments, Global};
use super::output::print;
use super::synth::{INVENTED_FOR, invent, take};
use super::tables::{manifest, open_lake};
use crate::durable::identity::Holds;
use crate::error::Result;
use crate::publish::REPORT_FILE;
use crate::run::{RunRequest, Setup};
use crate::stop::Stop;
use crate::synth::{Hazards, Options};

const YEARS: (i32, i32) = (2016, 2019);

/// Invents the raw files and gives the options with which the study runs on
/// them. All of it stays in the folder of the demo: the lake and the release
/// that the environment or the command line names are those of a real study.
///
/// # Errors
/// [`crate::Error::Usage`] for a folder with other things in it; of the
/// generator.
pub(super) fn prepare(global: &Global, arguments: &DemoArguments) -> Result<Global> {
    let raw = arguments.out.join("raw");
    if global.raw.is_some() || global.lake.is_some() || global.release.is_some() {
        let out = arguments.out.display();
        tracing::warn!(
            "the demo stays in {out}; other folders for raw files, lake and release are left alone"
        );
    }
    take(&arguments.out, Holds::Demo, &raw)?;
    tracing::info!("inventing {} persons in {}", arguments.persons, raw.display());
    invent(&Options {
        persons: arguments.persons,
        first_year: YEARS.0,
        last_year: YEARS.1,
        seed: arguments.seed,
        hazards: Hazards::ALL,
        out: raw.clone(),
    })?;
    Ok(Global {
        study: INVENTED_FOR.to_owned(),
        raw: Some(raw),
        lake: Some(arguments.out.join("lake")),
        release: Some(arguments.out.join("release")),
        ..global.clone()
    })
}

/// Runs the study and shows the statements of the letter.
pub(super) async fn demo(setup: &Setup, stop: &Stop) -> Result<u8> {
    let request =
        RunRequest { command: super::command_line::command_line(), ..RunRequest::default() };
    let outcome = crate::run::run(setup, &request, stop, &super::progress::show).await;
    super::progress::done();
    let outcome = outcome?;
    let lake = open_lake(setup)?;
    print("Statements of the letter, as these files have them (synthetic data about nobody):\n\n")?;
    super::findings::print_findings(setup, &lake, &manifest(&lake, None)?).await?;
    let (made, seconds) = (outcome.made.len(), outcome.seconds);
    print(&format!("\n{made} slices made in {seconds:.1} s; the release and its report:\n"))?;
    let report = outcome.release.map(|release| release.join(REPORT_FILE));
    print(&format!("{}\n", report.unwrap_or_default().display()))?;
    Ok(0)
}
