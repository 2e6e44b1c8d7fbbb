//! Log lines on stderr: plain for people, JSON for machines; and the progress
//! line on a terminal, which log lines must not tear.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use indicatif::ProgressBar;
use tracing_subscriber::fmt::MakeWriter;

use super::Cli;
use super::arguments::LogForm;

static BAR: OnceLock<ProgressBar> = OnceLock::new();

/// The progress line: drawn on a terminal, nothing elsewhere.
pub(super) fn bar() -> &'static ProgressBar {
    BAR.get_or_init(ProgressBar::hidden)
}

impl Cli {
    /// Says whether log lines are JSON.
    pub fn logs_json(&self) -> bool {
        self.global.log == LogForm::Json
    }
}

/// Starts logging as the command line asks for it.
pub fn start_logging(cli: &Cli) {
    let global = &cli.global;
    let builder = tracing_subscriber::fmt()
        .with_max_level(global.log_level)
        .with_target(false)
        .with_writer(AroundBar);
    let is_terminal = std::io::stderr().is_terminal();
    let started = match global.log {
        LogForm::Json => builder.json().flatten_event(true).try_init(),
        LogForm::Text => {
            if is_terminal {
                let _ = BAR.set(ProgressBar::new(0));
            }
            builder.with_ansi(is_terminal).try_init()
        }
    };
    // Logging that another caller started goes on.
    drop(started);
    // What a fault says may quote data: its place is enough to report it.
    std::panic::set_hook(Box::new(|fault| {
        let place = fault.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!("internal fault at {place}; please report it");
    }));
}

/// Writes to stderr while the progress line steps aside.
struct AroundBar;

impl<'a> MakeWriter<'a> for AroundBar {
    type Writer = AroundBar;

    fn make_writer(&'a self) -> AroundBar {
        AroundBar
    }
}

impl Write for AroundBar {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        bar().suspend(|| std::io::stderr().write(line))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}
