//! Times as people read them: whole seconds since the start, sizes, limits.

use std::time::Duration;

use jiff::Timestamp;

/// `+45s`, `+1m15s`, `+2h00m05s`; what is less than a second is dropped.
#[must_use]
pub fn since(start: Timestamp, at: Timestamp) -> String {
    let all = at.duration_since(start).as_secs().max(0);
    match (all / 3600, all / 60 % 60, all % 60) {
        (0, 0, seconds) => format!("+{seconds}s"),
        (0, minutes, seconds) => format!("+{minutes}m{seconds:02}s"),
        (hours, minutes, seconds) => format!("+{hours}h{minutes:02}m{seconds:02}s"),
    }
}

/// `2026-01-05 09:00:00 UTC`: a list is compared in one time zone.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A duration in whole seconds: `45s`, `1m15s`, `2h03m`.
#[must_use]
pub fn limit(duration: Duration) -> String {
    let all = duration.as_secs();
    match (all / 3600, all / 60 % 60, all % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, 0) => format!("{minutes}m"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, 0, 0) => format!("{hours}h"),
        (hours, minutes, 0) => format!("{hours}h{minutes:02}m"),
        (hours, minutes, seconds) => format!("{hours}h{minutes:02}m{seconds:02}s"),
    }
}

/// `512 B`, `1.2 kB`, `34 MB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let mut unit = 1_u64;
    for (name, next) in [("B", 1_000), ("kB", 1_000_000), ("MB", 1_000_000_000)] {
        if bytes < next {
            return in_unit(bytes, unit, name);
        }
        unit = next;
    }
    in_unit(bytes, unit, "GB")
}

fn in_unit(bytes: u64, unit: u64, name: &str) -> String {
    let (whole, tenth) = (bytes / unit, bytes % unit * 10 / unit);
    if whole >= 10 || tenth == 0 {
        format!("{whole} {name}")
    } else {
        format!("{whole}.{tenth} {name}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};

    use super::{limit, size};

    #[test]
    fn times_since_the_start_keep_their_seconds() {
        let at = |millis| {
            super::since(
                Timestamp::UNIX_EPOCH,
                Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis),
            )
        };
        assert_eq!(
            [at(-5), at(999), at(60_000), at(75_400), at(7_205_000)].join(" "),
            "+0s +0s +1m00s +1m15s +2h00m05s"
        );
    }

    #[test]
    fn durations_and_sizes_are_short() {
        let durations = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (75, "1m15s"),
            (3600, "1h"),
            (3725, "1h02m05s"),
            (7380, "2h03m"),
        ];
        for (seconds, expected) in durations {
            assert_eq!(limit(Duration::from_secs(seconds)), expected);
        }
        let sizes = [
            (0, "0 B"),
            (999, "999 B"),
            (1_234, "1.2 kB"),
            (34_000_000, "34 MB"),
            (5_600_000_000, "5.6 GB"),
        ];
        for (bytes, expected) in sizes {
            assert_eq!(size(bytes), expected);
        }
    }
}
