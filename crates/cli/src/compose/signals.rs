//! SIGINT and SIGTERM: the first asks the deployment to stop, the second leaves at once.

use std::cell::RefCell;

use backstay_domain::ports::Interrupts;
use tokio::sync::Notify;

use crate::failure::Failure;

/// The signals that this process received.
#[derive(Debug, Default)]
pub struct Signals {
    first: RefCell<Option<String>>,
    heard: Notify,
}

impl Signals {
    /// Listens until the second signal, and returns its name. Must be polled beside the deployment.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub async fn second(&self) -> Result<String, Failure> {
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
fn received() -> Result<Received, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let file = |source| Failure::File {
        path: "the signals".into(),
        source,
    };
    Ok(Received {
        interrupt: signal(SignalKind::interrupt()).map_err(file)?,
        terminate: signal(SignalKind::terminate()).map_err(file)?,
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
fn received() -> Result<Received, Failure> {
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
