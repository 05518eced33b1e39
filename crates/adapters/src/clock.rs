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
