//! Arguments of the commands that read the lake.

use clap::{Args, ValueEnum};

use crate::pipeline::years::YearRange;

/// Arguments of `history`.
#[derive(Debug, Clone, Args)]
pub(super) struct HistoryArguments {
    /// At most so many runs.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) most: usize,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `show`.
#[derive(Debug, Clone, Args)]
pub(super) struct ShowArguments {
    /// The run, as `honkvast history` names it, or `last`.
    #[arg(value_name = "RUN")]
    pub(super) run: String,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `labels`.
#[derive(Debug, Clone, Args)]
pub(super) struct LabelsArguments {
    /// The source.
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    /// Only files of these years, as 2017..2018.
    #[arg(long, value_name = "YEARS")]
    pub(super) years: Option<YearRange>,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `vintages`.
#[derive(Debug, Clone, Args)]
pub(super) struct VintagesArguments {
    /// Only this source.
    #[arg(value_name = "SOURCE")]
    pub(super) source: Option<String>,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `rejects`.
#[derive(Debug, Clone, Args)]
pub(super) struct RejectsArguments {
    /// Only this source.
    #[arg(value_name = "SOURCE")]
    pub(super) source: Option<String>,
    /// Of this run, or of `last`, instead of the current tables.
    #[arg(long, value_name = "RUN")]
    pub(super) run: Option<String>,
    /// The rejected records themselves: microdata.
    #[arg(long)]
    pub(super) rows: bool,
    /// Form of the output.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub(super) format: TableForm,
    /// The same as --format json.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `protect`.
#[derive(Debug, Clone, Args)]
pub(super) struct ProtectArguments {
    /// The counts of this table that are not shown, and why.
    #[arg(long, value_name = "TABLE")]
    pub(super) explain: Option<String>,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Form of a printed table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TableForm {
    /// For people.
    Table,
    /// Comma-separated values.
    Csv,
    /// One JSON object a row.
    Json,
}

/// Arguments of `sql`.
#[derive(Debug, Clone, Args)]
pub(super) struct SqlArguments {
    /// The query.
    #[arg(value_name = "QUERY")]
    pub(super) query: String,
    /// Over the candidate of this run, or of `last`, instead of what is current.
    #[arg(long, value_name = "RUN")]
    pub(super) run: Option<String>,
    /// Form of the output.
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub(super) format: TableForm,
    /// The same as --format json.
    #[arg(long)]
    pub(super) json: bool,
}
