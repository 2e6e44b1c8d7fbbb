//! Arguments of the commands that look after the lake, its releases and the shell.

use std::time::Duration;

use clap::Args;

use crate::pipeline::study_reader::duration;
use crate::pipeline::years::YearRange;

/// Arguments of `gc`.
#[derive(Debug, Clone, Args)]
pub(super) struct GcArguments {
    /// Keep all that was written, or was current, in so many days. With 0,
    /// queries over tables that were current a moment ago may fail.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(super) keep_days: u32,
    /// Keep what so many of the newest runs left, however old.
    #[arg(long, value_name = "RUNS", default_value_t = 10)]
    pub(super) keep_runs: usize,
    /// Say what would go, and remove nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Wait so long for a run to end, as 10m or 30s.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) wait: Option<Duration>,
    /// Print what goes as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `prove`.
#[derive(Debug, Clone, Args)]
pub(super) struct ProveArguments {
    /// A stage, a layer or a table, as in `run`. Nothing selects everything.
    #[arg(value_name = "SELECT")]
    pub(super) select: Vec<String>,
    /// Only slices of these years, as 2017..2018.
    #[arg(long, value_name = "YEARS")]
    pub(super) years: Option<YearRange>,
    /// Wait so long for a run to end, as 10m or 30s.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) wait: Option<Duration>,
    /// Print the outcome as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `verify`.
#[derive(Debug, Clone, Args)]
pub(super) struct VerifyArguments {
    /// Set aside what is damaged, so that the next run makes it again.
    #[arg(long)]
    pub(super) repair: bool,
    /// Wait so long for a run to end, as 10m or 30s.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) wait: Option<Duration>,
    /// Print what was found as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `report`.
#[derive(Debug, Clone, Args)]
pub(super) struct ReportArguments {
    /// The key of a release [default: the current one].
    #[arg(value_name = "KEY", conflicts_with = "run")]
    pub(super) key: Option<String>,
    /// The candidate that a run left, by its name or `last`: its report stays in
    /// the lake.
    #[arg(long, value_name = "RUN")]
    pub(super) run: Option<String>,
    /// Wait so long for a run to end, as 10m or 30s.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) wait: Option<Duration>,
}

/// Arguments of `completions`.
#[derive(Debug, Clone, Args)]
pub(super) struct CompletionsArguments {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
}

/// Arguments of `adopt`.
#[derive(Debug, Clone, Args)]
pub(super) struct AdoptArguments {
    /// Make every slice anew that is to be adopted, not one a table: as much
    /// work as making all again, and a proof of all.
    #[arg(long)]
    pub(super) all_slices: bool,
    /// Prove, say what would be adopted, and change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Wait so long for a run to end, as 10m or 30s.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) wait: Option<Duration>,
    /// Print the outcome as JSON.
    #[arg(long)]
    pub(super) json: bool,
}
