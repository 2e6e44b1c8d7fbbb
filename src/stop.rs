//! The wish to stop: set by a signal, looked at by everything that takes long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures::FutureExt;
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Error, Result};

/// For so long a command may take to stop by itself.
const PATIENCE: Duration = Duration::from_secs(7);
/// How often a waiting task looks at the flag.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Holds the number of the signal that asked to stop; zero for none.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Listens to SIGINT and SIGTERM from now on, on a thread of its own: the
    /// others may all be busy. A command that makes something gets the wish to
    /// stop and a few seconds for it, and a second signal ends the process at
    /// once; one that makes nothing ends by the first.
    ///
    /// # Errors
    /// [`Error::Internal`] where the system offers no signals.
    pub fn listen(makes_something: bool) -> Result<Self> {
        let stop = Stop::default();
        let flag = Arc::clone(&stop.0);
        let no_signals = |error: std::io::Error| Error::internal(format!("no signals: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let runtime = runtime.map_err(no_signals)?;
        let (mut interrupt, mut terminate) = {
            let _inside = runtime.enter();
            let listen = |kind| signal(kind).map_err(no_signals);
            (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?)
        };
        let heed = async move {
            loop {
                let number = tokio::select! {
                    _ = interrupt.recv() => 2,
                    _ = terminate.recv() => 15,
                };
                if !makes_something || flag.swap(number, Ordering::SeqCst) != 0 {
                    std::process::exit(128 + i32::from(number));
                }
                tracing::warn!("signal {number}: stopping; slices that are done are kept");
                // An operator of the engine may compute on without looking up. What
                // is half done then is swept as after a kill.
                std::thread::spawn(move || {
                    std::thread::sleep(PATIENCE);
                    std::process::exit(128 + i32::from(number));
                });
            }
        };
        std::thread::spawn(move || runtime.block_on(heed));
        Ok(stop)
    }

    /// Waits for a future, but not after a signal has come.
    ///
    /// # Errors
    /// Of the future; [`Error::Interrupted`].
    pub async fn or<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            done = future => done,
            interrupted = self.come() => Err(interrupted),
        }
    }

    /// The flag itself, for code that knows nothing of signals.
    pub fn flag(&self) -> &AtomicU8 {
        &self.0
    }

    /// Waits until a signal comes; the error that it asks for.
    pub async fn come(&self) -> Error {
        loop {
            match self.check() {
                Ok(()) => tokio::time::sleep(LOOK_EVERY).await,
                Err(interrupted) => return interrupted,
            }
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
