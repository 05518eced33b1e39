//! The server's one clock: it runs, faster or slower than life, or it stands until it is told to go on.

use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::{Millis, SimulatedTime};

/// How time passes on a server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// This many virtual seconds per second, from 0.1 to 100,000.
    Running(f64),
    /// It stands still until the control API advances it. Nobody waits for a slow reply.
    Manual,
}

/// A text that is no [`Pace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`real`, `manual`, or a speed from 0.1x to 100000x, for example `300x`")]
pub struct PaceError;

impl FromStr for Pace {
    type Err = PaceError;

    fn from_str(text: &str) -> Result<Self, PaceError> {
        match text {
            "real" => Ok(Self::Running(1.0)),
            "manual" => Ok(Self::Manual),
            _ => {
                let speed = text.strip_suffix('x').ok_or(PaceError)?;
                let speed = speed.parse::<f64>().map_err(|_| PaceError)?;
                match (0.1..=100_000.0).contains(&speed) {
                    true => Ok(Self::Running(speed)),
                    false => Err(PaceError),
                }
            }
        }
    }
}

/// Virtual now, for all worlds of a server.
#[derive(Debug)]
pub(super) struct ServerClock {
    now: Mutex<Now>,
    /// Somebody has set it.
    moved: Notify,
}

#[derive(Clone, Copy, Debug)]
enum Now {
    Running { time: SimulatedTime, speed: f64 },
    Standing(Millis),
}

impl Now {
    fn starting_at(now_ms: Millis, pace: Pace) -> Self {
        match pace {
            Pace::Manual => Self::Standing(now_ms),
            Pace::Running(speed) => Self::Running {
                time: SimulatedTime::starting_at(now_ms, speed),
                speed,
            },
        }
    }

    fn pace(self) -> Pace {
        match self {
            Self::Running { speed, .. } => Pace::Running(speed),
            Self::Standing(_) => Pace::Manual,
        }
    }

    fn ms(self) -> Millis {
        match self {
            Self::Running { time, .. } => time.now_ms(),
            Self::Standing(now_ms) => now_ms,
        }
    }
}

impl ServerClock {
    pub(super) fn starting_at(now_ms: Millis, pace: Pace) -> Self {
        Self {
            now: Mutex::new(Now::starting_at(now_ms, pace)),
            moved: Notify::new(),
        }
    }

    pub(super) fn now_ms(&self) -> Millis {
        self.now().ms()
    }

    pub(super) fn pace(&self) -> Pace {
        self.now().pace()
    }

    /// Virtual seconds per second; 1 while it stands.
    pub(super) fn speed(&self) -> f64 {
        match self.pace() {
            Pace::Running(speed) => speed,
            Pace::Manual => 1.0,
        }
    }

    /// Goes on from another moment, at the same pace.
    pub(super) fn set(&self, to_ms: Millis) {
        let mut now = self.now();
        *now = Now::starting_at(to_ms, now.pace());
        self.moved.notify_waiters();
    }

    /// Goes on to a moment; never back.
    pub(super) fn advance(&self, to_ms: Millis) {
        let mut now = self.now();
        if to_ms > now.ms() {
            *now = Now::starting_at(to_ms, now.pace());
            self.moved.notify_waiters();
        }
    }

    /// Waits until a moment has come, also while only the control API makes time pass; or until time goes back.
    pub(super) async fn until(&self, moment_ms: Millis) {
        let mut last_ms = self.now_ms();
        loop {
            let moved = self.moved.notified();
            let now = *self.now();
            if !(last_ms..moment_ms).contains(&now.ms()) {
                return;
            }
            last_ms = now.ms();
            match now {
                Now::Standing(_) => moved.await,
                Now::Running { time, .. } => {
                    let left = Duration::from_millis(moment_ms - now.ms());
                    tokio::select! {
                        () = moved => {}
                        () = time.sleep(left) => {}
                    }
                }
            }
        }
    }

    /// Waits until virtual time has passed, unless only the control API makes it pass.
    pub(super) async fn wait(&self, delay: Duration) {
        let now = *self.now();
        if let Now::Running { time, .. } = now
            && !delay.is_zero()
        {
            time.sleep(delay).await;
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces() {
        for (text, expected) in [
            ("real", Ok(Pace::Running(1.0))),
            ("manual", Ok(Pace::Manual)),
            ("300x", Ok(Pace::Running(300.0))),
            ("0.5x", Ok(Pace::Running(0.5))),
            ("300", Err(PaceError)),
            ("0x", Err(PaceError)),
            ("-1x", Err(PaceError)),
            ("NaNx", Err(PaceError)),
            ("1e9x", Err(PaceError)),
            ("", Err(PaceError)),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }
}
