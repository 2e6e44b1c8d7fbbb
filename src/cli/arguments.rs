//! The arguments of all commands; their doc comments are the help texts.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::argument_values::{memory, size, threads};
use super::reading::{
    HistoryArguments, LabelsArguments, ProtectArguments, RejectsArguments, ShowArguments,
    SqlArguments, VintagesArguments,
};
use super::upkeep::{
    AdoptArguments, CompletionsArguments, GcArguments, ProveArguments, ReportArguments,
    VerifyArguments,
};
use crate::pipeline::study_reader::duration;
use crate::pipeline::years::YearRange;
use crate::synth::Hazards;

/// From raw, CBS-shaped microdata to publishable tables on how workers move
/// between employers, functions and sectors.
///
/// A study (`pipelines/<study>.toml` with its SQL in `sql/<study>/`) says what
/// is read, made and published. `honkvast demo` shows all of it on invented
/// data; `honkvast -p STUDY plan` says what a run would do and why.
#[derive(Debug, Parser)]
#[command(name = "honkvast", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What every command shares.
    #[command(flatten)]
    pub(super) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done or nothing to do · 1 a stage failed (machine, disk, \
engine) · 2 usage or definition · 3 a check stopped it · 4 rejects over the limit · 5 raw input \
missing or not as its codebook says · 6 protection stopped it · 9 the lake is held by another run \
· 10 work is pending (plan --exit-code) · 130, 143 stopped by a signal";

/// Options of all commands.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// The study: a name (`techniek` is pipelines/techniek.toml, or the one in
    /// the binary) or the path of its file.
    #[arg(short = 'p', long = "pipeline", value_name = "STUDY", global = true)]
    #[arg(env = "HONKVAST_PIPELINE", default_value = "techniek")]
    pub(super) study: String,
    /// Folder of the raw files [default: the study's own, else ./data/STUDY/raw].
    #[arg(long, value_name = "DIR", global = true, env = "HONKVAST_RAW")]
    pub(super) raw: Option<PathBuf>,
    /// Folder of the lake, which holds microdata [default: ./data/STUDY/lake].
    #[arg(long, value_name = "DIR", global = true, env = "HONKVAST_LAKE")]
    pub(super) lake: Option<PathBuf>,
    /// Folder of the releases [default: ./data/STUDY/release].
    #[arg(long, value_name = "DIR", global = true, env = "HONKVAST_RELEASE")]
    pub(super) release: Option<PathBuf>,
    /// Threads [default: one a core].
    #[arg(long, value_name = "N", global = true, env = "HONKVAST_THREADS", value_parser = threads)]
    pub(super) threads: Option<usize>,
    /// Memory limit of the process, as 4GiB or 512MiB [default: 60 % of the machine's, or of what its control group allows].
    #[arg(long, value_name = "SIZE", global = true, env = "HONKVAST_MEMORY", value_parser = memory)]
    pub(super) memory: Option<u64>,
    /// Room that the rejects of a run may take, before they are packed.
    #[arg(long, value_name = "SIZE", global = true, env = "HONKVAST_REJECT_SPACE")]
    #[arg(default_value = "1GiB", value_parser = size)]
    pub(super) reject_space: u64,
    /// How log lines are written.
    #[arg(
        long,
        value_name = "FORM",
        global = true,
        env = "HONKVAST_LOG_FORM",
        default_value = "text"
    )]
    pub(super) log: LogForm,
    /// How much is logged: error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", global = true, env = "HONKVAST_LOG", default_value = "info")]
    pub(super) log_level: tracing::Level,
    /// Write log lines to this file, not to stderr; at 10 MiB it becomes
    /// FILE.1, and four such files are kept.
    #[arg(long, value_name = "FILE", global = true, env = "HONKVAST_LOG_FILE")]
    pub(super) log_file: Option<PathBuf>,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogForm {
    /// Lines for people, with progress bars on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make what is out of date, check it, and publish.
    ///
    /// Without a selection everything is made that changed files, SQL,
    /// parameters or codebooks ask for, and nothing else; a second run does
    /// nothing.
    Run(RunArguments),
    /// Say what a run would make, and why. Reads only.
    Plan(PlanArguments),
    /// Check the definition: study, codebooks, code lists and SQL. No data.
    Validate(Form),
    /// What is current and published, and whether work is pending.
    Status(Form),
    /// Past runs, the newest first.
    History(HistoryArguments),
    /// One run: its plan with reasons, slices, checks and outcome.
    Show(ShowArguments),
    /// Rejected records by source, file, rule and column.
    Rejects(RejectsArguments),
    /// Which columns each raw file had that was ingested, with their kinds, and
    /// what was new, lost or retyped in it.
    Vintages(VintagesArguments),
    /// What the current raw files say of themselves: labels of columns and codes,
    /// formats, user-missing. No data.
    Labels(LabelsArguments),
    /// What disclosure control left of the current tables: how many counts are
    /// shown, and with --explain which are not, by which rule, what hides them and
    /// how far they stay open. Inside information.
    Protect(ProtectArguments),
    /// The published findings.
    Findings(Form),
    /// Write the report of a release again, and print its path.
    ///
    /// Each release has a `report.html`, which shows its tables. This writes it by
    /// the present version of honkvast, from the release alone; all its other files
    /// stay as they were. With --run it shows what a run left and did not publish.
    Report(ReportArguments),
    /// A query over the current tables.
    ///
    /// Tables are named `layer.name`, as in the SQL of the study; each is
    /// seen over all its years.
    Sql(SqlArguments),
    /// Remove from the lake what is old and no kept run names.
    ///
    /// Kept are: the current tables; what the newest runs (--keep-runs) made,
    /// left as a candidate, rejected or checked, and what the newest run did
    /// that ended well; tables that were current in the last days (--keep-days),
    /// so that whoever reads them reads on; and all that was written in those
    /// days. The ledger and the releases always stay. A run after it makes
    /// nothing again that is current.
    Gc(GcArguments),
    /// Read all of the lake and its releases, and name what is damaged.
    ///
    /// Every slice, its record and its rejects, the snapshots, results of checks,
    /// the ledger, the histories of the sources and each file of a release are
    /// held against what is known of them. With --repair what is damaged is set
    /// aside in the lake's folder `damaged`, and the next run makes it again;
    /// nothing is removed. Exit code 1 where something is damaged or stays so.
    Verify(VerifyArguments),
    /// Keep slices of a former version of honkvast whose output did not change.
    ///
    /// After an upgrade that changes some output, every slice is made again
    /// under a new key. `adopt` takes the current slices of which nothing else
    /// changed, and makes some of them anew by this version, apart: the
    /// smallest that has rows of each table, or with --all-slices each one.
    /// Where all that are made anew have the same content as before, every
    /// current slice of that table is taken over by links, without computing
    /// it; a table of which one differs is made again by the next run, and so
    /// is what rests on it. What is proven is just that: by default, of each
    /// table that it is the same in its smallest slice. What readers see does
    /// not change until the next run.
    Adopt(AdoptArguments),
    /// Prove that slices do not depend on chance.
    ///
    /// Makes the current slices that are selected again, apart: once with one
    /// thread, once with several and what it reads in another order. Names each
    /// of which the content differs, as where the order of a window or of an
    /// aggregate has ties, and changes nothing. Exit code 3 where one differs.
    Prove(ProveArguments),
    /// Look at a raw file and draft its codebook.
    ///
    /// Codes are shown that enough records have, and no other values.
    Describe(DescribeArguments),
    /// Write invented raw files in the shape of CBS deliveries, with the truth
    /// that was planted in them. About nobody.
    Synth(SynthArguments),
    /// Invent raw files, run the study techniek on them and show a result.
    Demo(DemoArguments),
    /// Write a script with which a shell completes commands and options.
    ///
    /// For bash: `honkvast completions bash > ~/.local/share/bash-completion/completions/honkvast`;
    /// for zsh a file `_honkvast` in a folder of $fpath, for fish
    /// `~/.config/fish/completions/honkvast.fish`.
    Completions(CompletionsArguments),
}

impl Command {
    /// Says whether the command may leave something half done.
    pub(super) fn makes_something(&self) -> bool {
        match self {
            Command::Run(_)
            | Command::Adopt(_)
            | Command::Prove(_)
            | Command::Report(_)
            | Command::Demo(_) => true,
            Command::Gc(arguments) => !arguments.dry_run,
            Command::Verify(arguments) => arguments.repair,
            _ => false,
        }
    }
}

/// Which slices.
#[derive(Debug, Clone, Args)]
pub(super) struct SelectArguments {
    /// A stage (ingest, transform, check, protect, publish), a layer (raw,
    /// staging, core, out) or a table; `table+` with all that reads it, `+table` with
    /// all it needs. Nothing selects everything.
    #[arg(value_name = "SELECT")]
    pub(super) select: Vec<String>,
    /// Only slices of these years, as 2017..2018.
    #[arg(long, value_name = "YEARS")]
    pub(super) years: Option<YearRange>,
    /// Exactly the selected slices; what they need is taken as it is.
    #[arg(long)]
    pub(super) only: bool,
    /// Make the selected slices though they are up to date; a run reads the files
    /// of selected raw tables anew.
    #[arg(long)]
    pub(super) force: bool,
}

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) select: SelectArguments,
    /// Wait so long for another run to end, as 10m or 30s.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) wait: Option<Duration>,
    /// Take the files of this frozen source though their columns changed; may
    /// be given several times.
    #[arg(long, value_name = "SOURCE")]
    pub(super) accept_drift: Vec<String>,
    /// Take the files of this source though they are much smaller than the
    /// vintage before, or an older version; may be given several times.
    #[arg(long, value_name = "SOURCE")]
    pub(super) accept_volume: Vec<String>,
    /// Let go of this year of a study with an open range of years, though the
    /// lake has it and its raw file is gone; may be given several times.
    #[arg(long, value_name = "YEAR")]
    pub(super) forget_year: Vec<i32>,
    /// Hold each slice that is read against its hash, not once a day.
    #[arg(long)]
    pub(super) verify: bool,
    /// Print the outcome as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `plan`.
#[derive(Debug, Clone, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    pub(super) select: SelectArguments,
    /// Exit with code 10 where work is pending.
    #[arg(long)]
    pub(super) exit_code: bool,
    /// Print the plan as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of commands that only print.
#[derive(Debug, Clone, Args)]
pub(super) struct Form {
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `describe`.
#[derive(Debug, Clone, Args)]
pub(super) struct DescribeArguments {
    /// The file: delimited or fixed width text, or SPSS; perhaps .gz or .zst.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Show codes that at least so many records have.
    #[arg(long, value_name = "N", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) threshold: u64,
    /// Read only the first N records.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) records: Option<u64>,
    /// The first line is a header line, whatever it looks like.
    #[arg(long)]
    pub(super) header: bool,
    /// Where the columns of fixed width text stand, by a codebook of DDI (XML).
    #[arg(long, value_name = "FILE", conflicts_with = "header")]
    pub(super) layout: Option<PathBuf>,
    /// Print what was found as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `synth`.
#[derive(Debug, Clone, Args)]
pub(super) struct SynthArguments {
    /// Persons in the register.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(super) persons: u64,
    /// Years, from 2016 on.
    #[arg(long, value_name = "A..B", default_value = "2016..2019")]
    pub(super) years: YearRange,
    /// Equal seeds give equal files.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(super) seed: u64,
    /// What to plant that a naive reading gets wrong: all, none, or names with
    /// commas between them.
    #[arg(long, value_name = "NAME,…", default_value = "all")]
    pub(super) hazards: Hazards,
    /// Folder to write to.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Print the summary as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `demo`.
#[derive(Debug, Clone, Args)]
pub(super) struct DemoArguments {
    /// Persons in the invented register.
    #[arg(long, value_name = "N", default_value_t = 40_000)]
    pub(super) persons: u64,
    /// Equal seeds give equal files.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(super) seed: u64,
    /// Folder for raw files, lake and release.
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    pub(super) out: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
