//! `honkvast demo`: invented raw files, the study techniek on them, a result.

use super::arguments::{DemoArguments, Global};
use super::output::{print, print_rows};
use super::tables::{ask, manifest, open_lake};
use crate::error::Result;
use crate::run::{RunRequest, Setup};
use crate::stop::Stop;
use crate::synth::{Options, generate};

const YEARS: (i32, i32) = (2016, 2019);

/// What the demo shows: the share that changed employer, by sector group.
const RESULT: &str = "\
select from_year, sector_group, \
    sum(switch_count) as switch_count, sum(base_count) as base_count, \
    cast(round(100.0 * sum(switch_count) / sum(base_count), 1) as decimal(5, 1)) as percent \
from out.employer_switches group by from_year, sector_group order by from_year, sector_group";

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

/// Runs the study and shows a result.
pub(super) async fn demo(setup: &Setup, stop: &Stop) -> Result<u8> {
    let request = RunRequest { command: super::run::command_line(), ..RunRequest::default() };
    let outcome = crate::run::run(setup, &request, stop, &super::progress::show).await;
    super::progress::done();
    let outcome = outcome?;
    let lake = open_lake(setup)?;
    let rows = ask(setup, &lake, &manifest(&lake, None)?, RESULT).await?;
    print("Workers who changed employer within a year, by the sector they start in\n")?;
    print("(synthetic data about nobody):\n\n")?;
    print_rows(&rows, super::arguments::TableForm::Table)?;
    let release = outcome.release.map(|path| path.display().to_string()).unwrap_or_default();
    print(&format!(
        "\n{} slices made in {:.1} s; the release lies in {release}\n",
        outcome.made.len(),
        outcome.seconds
    ))?;
    Ok(0)
}
