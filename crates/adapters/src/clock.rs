//! The present, from the machine.

use std::time::Duration;

use backstay_domain::ports::Clock;
use jiff::Timestamp;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one room that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one room that sleeps")]
    async fn sleep_until(&self, moment: Timestamp) {
        let left = moment.duration_since(self.now());
        if let Ok(left) = Duration::try_from(left) {
            tokio::time::sleep(left).await;
        }
    }
}

/// How long something is ago, by this machine alone: whichever says more of a clock that nobody can set, but that may
/// stand still while the machine sleeps, and the one that people see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch {
    steady: tokio::time::Instant,
    wall: Timestamp,
}

impl Stopwatch {
    /// From now on.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one room that reads the clock"
    )]
    pub(crate) fn started() -> Self {
        Self {
            steady: tokio::time::Instant::now(),
            wall: Timestamp::now(),
        }
    }

    /// Since then.
    pub(crate) fn elapsed(&self) -> Duration {
        let wall = SystemClock.now().duration_since(self.wall);
        self.steady
            .elapsed()
            .max(Duration::try_from(wall).unwrap_or_default())
    }
}

/// Waits, in tokio's time.
#[expect(clippy::disallowed_methods, reason = "the one room that sleeps")]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Waits as long as people's clocks do, also where tokio's time jumps.
#[expect(clippy::disallowed_methods, reason = "the one room that sleeps")]
pub(crate) async fn really_pause(duration: Duration) {
    // Tokio's time does not jump meanwhile. A thread that could not be had is as good as one that has waited.
    let _ = tokio::task::spawn_blocking(move || std::thread::sleep(duration)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    #[expect(clippy::disallowed_methods, reason = "tokio's paused time")]
    async fn a_moment_that_has_passed_returns_at_once() {
        let before = tokio::time::Instant::now();
        let clock = SystemClock;
        clock
            .sleep_until(clock.now() - Duration::from_secs(60))
            .await;
        assert_eq!(before.elapsed(), Duration::ZERO);
        clock
            .sleep_until(clock.now() + Duration::from_secs(60))
            .await;
        assert!(before.elapsed() > Duration::from_secs(59));
    }
}
