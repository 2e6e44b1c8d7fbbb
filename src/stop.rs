//! The wish to stop: set by a signal, looked at by everything that takes long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures::FutureExt;
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Error, Result};

/// How often a waiting task looks at the flag.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Holds the number of the signal that asked to stop; zero for none.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Listens to SIGINT and SIGTERM from now on. A second signal ends the
    /// process at once.
    ///
    /// # Errors
    /// [`Error::Internal`] where the system offers no signals.
    pub fn listen() -> Result<Self> {
        let stop = Stop::default();
        for (kind, number) in [(SignalKind::interrupt(), 2), (SignalKind::terminate(), 15)] {
            let mut signals =
                signal(kind).map_err(|error| Error::internal(format!("no signals: {error}")))?;
            let flag = Arc::clone(&stop.0);
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    if flag.swap(number, Ordering::SeqCst) != 0 {
                        std::process::exit(128 + i32::from(number));
                    }
                    tracing::warn!("signal {number}: stopping; slices that are done are kept");
                }
            });
        }
        Ok(stop)
    }

    /// The flag itself, for code that knows nothing of signals.
    pub fn flag(&self) -> &AtomicU8 {
        &self.0
    }

    /// Waits until a signal comes.
    pub async fn come(&self) {
        while self.check().is_ok() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Fails once a signal has come.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub fn check(&self) -> Result<()> {
        check(&self.0)
    }
}

/// Waits for a future; a fault in it, which the log tells the place of, is an
/// error as any other.
///
/// # Errors
/// Of the future; [`Error::Internal`] for a fault.
pub async fn unwound<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let caught = std::panic::AssertUnwindSafe(future).catch_unwind().await;
    caught
        .unwrap_or_else(|_| Err(Error::internal("a task ended by a fault; the log has its place")))
}

/// Fails once a flag holds the number of a signal.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn check(flag: &AtomicU8) -> Result<()> {
    match flag.load(Ordering::SeqCst) {
        0 => Ok(()),
        signal => Err(Error::Interrupted { signal }),
    }
}
