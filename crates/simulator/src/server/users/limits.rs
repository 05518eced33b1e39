//! How long real programs are waited for: what AWS would wait, at the server's pace.

use std::time::Duration;

use crate::Millis;
use crate::server::clock::Pace;
use crate::server::request::Shared;

/// Programs do not run faster because the server's time does: they have at least so long.
const LEAST: Duration = Duration::from_secs(2);

/// Real time for so much of the world's. In manual time, as long as it would be in life.
pub(super) fn within(shared: &Shared, limit_ms: Millis) -> Duration {
    scaled(shared.clock.pace(), limit_ms)
}

fn scaled(pace: Pace, limit_ms: Millis) -> Duration {
    let limit = Duration::from_millis(limit_ms);
    match pace {
        Pace::Manual => limit,
        Pace::Running(speed) if speed > 1.0 => limit.div_f64(speed).max(LEAST.min(limit)),
        Pace::Running(speed) => limit.div_f64(speed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_the_pace_but_not_below_what_a_program_needs() {
        for (pace, limit_ms, expected_ms) in [
            (Pace::Running(1.0), 60_000, 60_000),
            (Pace::Running(10.0), 60_000, 6_000),
            (Pace::Running(300.0), 60_000, 2_000),
            (Pace::Running(300.0), 200, 200),
            (Pace::Running(0.5), 1_000, 2_000),
            (Pace::Manual, 5_000, 5_000),
        ] {
            let expected = Duration::from_millis(expected_ms);
            assert_eq!(scaled(pace, limit_ms), expected, "{pace:?} {limit_ms}");
        }
    }
}
