//! Virtual time: milliseconds since the Unix epoch, read from tokio's clock, which tests pause and speed scales.

use std::time::Duration;

/// Milliseconds since the Unix epoch, in virtual time.
pub type Millis = u64;

/// Maps tokio's clock to virtual time. Under a paused tokio clock, virtual time costs no real time at all.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedTime {
    base_ms: Millis,
    started: tokio::time::Instant,
    speed: f64,
}

impl SimulatedTime {
    /// Virtual time that reads `base_ms` now and then runs `speed` virtual seconds per tokio second.
    ///
    /// Must be called inside a tokio runtime with the time driver enabled.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one room that reads tokio's clock"
    )]
    pub fn starting_at(base_ms: Millis, speed: f64) -> Self {
        Self {
            base_ms,
            started: tokio::time::Instant::now(),
            speed,
        }
    }

    /// Virtual now, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> Millis {
        let elapsed = self.started.elapsed().mul_f64(self.speed);
        self.base_ms + u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    }

    /// How long tokio has to wait for `virtual_time` to pass.
    #[must_use]
    pub fn real(&self, virtual_time: Duration) -> Duration {
        virtual_time.div_f64(self.speed)
    }

    /// Waits until `virtual_time` has passed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one room that waits for tokio's clock"
    )]
    pub async fn sleep(&self, virtual_time: Duration) {
        tokio::time::sleep(self.real(virtual_time)).await;
    }
}
