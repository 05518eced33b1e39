//! SIGINT and SIGTERM: the first asks the deployment to stop, the second leaves at once.

use std::cell::RefCell;
use std::io;

use backstay_adapters::turn;
use backstay_domain::ports::Interrupts;
use tokio::sync::Notify;

/// The signals that this process received.
#[derive(Debug, Default)]
pub struct Signals {
    first: RefCell<Option<String>>,
    heard: Notify,
}

/// The first signal, for what has nothing to take back.
///
/// # Errors
/// When it cannot be listened for.
pub async fn first() -> Result<String, io::Error> {
    Ok(received()?.next().await)
}

impl turn::Signals for Signals {
    /// Listens until the second signal, and returns its name.
    async fn second(&self) -> Result<String, io::Error> {
        let mut received = received()?;
        let first = received.next().await;
        self.first.replace(Some(first));
        self.heard.notify_waiters();
        Ok(received.next().await)
    }
}

impl Interrupts for Signals {
    fn pending(&self) -> Option<String> {
        self.first.borrow().clone()
    }

    async fn wait(&self) {
        if self.pending().is_none() {
            self.heard.notified().await;
        }
    }
}

#[cfg(unix)]
struct Received {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
fn received() -> Result<Received, io::Error> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Received {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
    })
}

#[cfg(unix)]
impl Received {
    async fn next(&mut self) -> String {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT".to_owned(),
            _ = self.terminate.recv() => "SIGTERM".to_owned(),
        }
    }
}

#[cfg(not(unix))]
struct Received;

#[cfg(not(unix))]
fn received() -> Result<Received, io::Error> {
    Ok(Received)
}

#[cfg(not(unix))]
impl Received {
    async fn next(&mut self) -> String {
        // Where it cannot be listened for, it ends the process as it always did.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C".to_owned()
    }
}
