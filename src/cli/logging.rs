//! Log lines: plain for people, JSON for machines, on stderr or in a file; and
//! the progress line on a terminal, which log lines must not tear.
//!
//! Whatever happens to where they go, the program goes on: a line that cannot
//! be written is lost, and nothing else.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use indicatif::ProgressBar;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

use super::Cli;
use super::arguments::LogForm;
use super::log_file::LogFile;

static BAR: OnceLock<ProgressBar> = OnceLock::new();

/// The progress line: drawn on a terminal, nothing elsewhere.
pub(super) fn bar() -> &'static ProgressBar {
    BAR.get_or_init(ProgressBar::hidden)
}

impl Cli {
    /// Says whether the error that ends the program is a log line too: for a
    /// machine, or for a file that somebody reads in the morning.
    pub fn logs_last_error(&self) -> bool {
        self.global.log == LogForm::Json || self.global.log_file.is_some()
    }

    /// Says whether that error is printed to stderr for people.
    pub fn prints_last_error(&self) -> bool {
        self.global.log == LogForm::Text || self.global.log_file.is_some()
    }
}

/// Starts logging as the command line asks for it. A log file that cannot be
/// opened is told, and stderr gets what it would have got.
pub fn start_logging(cli: &Cli) {
    let global = &cli.global;
    let is_terminal = std::io::stderr().is_terminal();
    if global.log == LogForm::Text && is_terminal {
        let _ = BAR.set(ProgressBar::new(0));
    }
    let opened = global.log_file.as_deref().map(LogFile::open).transpose();
    let (file, refused) = match opened {
        Ok(file) => (file, None),
        Err(error) => (None, Some(error)),
    };
    let has_colours = is_terminal && file.is_none();
    let lines = Destination { file };
    let layer = match global.log {
        LogForm::Json => json(lines),
        LogForm::Text => text(lines, has_colours),
    };
    let level = LevelFilter::from_level(global.log_level);
    // Logging that another caller started goes on.
    let _ = tracing_subscriber::registry().with(layer.with_filter(level)).try_init();
    // What a fault says may quote data: its place is enough to report it.
    std::panic::set_hook(Box::new(|fault| {
        let place = fault.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!("internal fault at {place}; please report it");
    }));
    if let Some(error) = refused {
        tracing::warn!("{error}; log lines go to stderr");
    }
}

/// One flat object a line: what an event says, and the run and slice that it
/// is of. No event has a field that these have.
fn json(lines: Destination) -> Box<dyn Layer<Registry> + Send + Sync> {
    json_subscriber::fmt::layer()
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false)
        .flatten_event(true)
        .flatten_span_list_on_top_level(true)
        .log_internal_errors(false)
        .with_writer(lines)
        .boxed()
}

/// The messages alone, which say in words what the fields do.
fn text(lines: Destination, has_colours: bool) -> Box<dyn Layer<Registry> + Send + Sync> {
    let message_alone = debug_fn(|writer, field, value| match field.name() {
        "message" => write!(writer, "{value:?}"),
        _ => Ok(()),
    });
    tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(has_colours)
        .fmt_fields(message_alone)
        .log_internal_errors(false)
        .with_writer(lines)
        .with_filter(filter_fn(|metadata| metadata.is_event()))
        .boxed()
}

/// Where lines go: the log file, or stderr where there is none or where it
/// cannot be written.
struct Destination {
    file: Option<LogFile>,
}

impl<'a> MakeWriter<'a> for Destination {
    type Writer = &'a Destination;

    fn make_writer(&'a self) -> &'a Destination {
        self
    }
}

impl Write for &Destination {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        match &self.file {
            Some(file) if file.write_line(line).is_ok() => Ok(line.len()),
            _ => bar().suspend(|| std::io::stderr().write(line)),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}
