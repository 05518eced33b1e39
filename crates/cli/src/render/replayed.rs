//! A recorded deployment through a view once more: which records one view shows, and the pauses between them.

use std::time::Duration;

use backstay_adapters::clock::SystemClock;
use backstay_domain::journal::{Event, Record};
use backstay_domain::ports::{Clock, Report};

use crate::args::Speed;
use crate::shell::Shell;

/// From where to where one view shows the records. The first record is known to every view: it holds the plan.
#[must_use]
pub fn sittings(records: &[Record]) -> Vec<(usize, usize)> {
    let mut sittings = Vec::new();
    let mut from = 1.min(records.len());
    for (place, record) in records.iter().enumerate() {
        let last = place + 1 == records.len();
        if last || matches!(record.event, Event::Finished { .. }) {
            sittings.push((from, place + 1));
            from = place + 1;
        }
    }
    sittings
}

/// Tells the records from a place on.
pub async fn play<R: Report>(
    shell: &Shell,
    report: &R,
    records: &[Record],
    from: usize,
    speed: Speed,
) {
    let clock = SystemClock;
    for (place, record) in records.iter().enumerate().skip(from) {
        let before = place.checked_sub(1).and_then(|place| records.get(place));
        let pause = before.map_or(Duration::ZERO, |before| pause(before, record, speed));
        if !pause.is_zero() {
            clock.sleep_until(clock.now() + pause).await;
        }
        report.recorded(record);
        if shell.reader_gone() {
            return;
        }
    }
}

/// How long to wait for a record. While nobody worked on the deployment there was nothing to see.
fn pause(before: &Record, record: &Record, speed: Speed) -> Duration {
    let nobody = matches!(
        record.event,
        Event::Resumed { .. } | Event::Unlocked { .. } | Event::Abandoned { .. }
    );
    let passed = record.at.duration_since(before.at);
    match (speed, Duration::try_from(passed)) {
        (Speed::Times(times), Ok(passed)) if !nobody => passed.div_f64(times),
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use backstay_domain::journal::{Cause, Outcome};
    use backstay_domain::operator::Operator;
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn record(second: i64, event: Event) -> Record {
        Record {
            sequence: 0,
            at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second),
            deployment: "d-7f3a".parse().unwrap(),
            event,
        }
    }

    fn interrupted(second: i64) -> Record {
        let (signal, then) = ("SIGTERM".to_owned(), Default::default());
        record(second, Event::Interrupted { signal, then })
    }

    fn resumed(second: i64) -> Record {
        record(
            second,
            Event::Resumed {
                by: None,
                operator: Operator::default(),
                fence: 2,
            },
        )
    }

    fn finished(second: i64) -> Record {
        let cause = Cause::Interrupted {
            signal: "SIGTERM".to_owned(),
        };
        let proofs = vec![];
        let outcome = Outcome::RolledBack {
            cause,
            proofs,
            schema: None,
        };
        record(second, Event::Finished { outcome })
    }

    #[test]
    fn pauses_are_the_recorded_ones_divided_by_the_speed() {
        let rows = [
            (interrupted(0), interrupted(80), Speed::Times(40.0), 2_000),
            (interrupted(0), interrupted(80), Speed::Max, 0),
            (interrupted(0), resumed(8_000), Speed::Times(1.0), 0),
            (interrupted(80), interrupted(0), Speed::Times(1.0), 0),
        ];
        for (before, after, speed, expected_ms) in rows {
            let found = pause(&before, &after, speed);
            assert_eq!(found.as_millis(), expected_ms, "{after:?}");
        }
    }

    #[test]
    fn what_went_on_after_its_end_is_shown_in_a_view_of_its_own() {
        let records = [
            interrupted(0),
            interrupted(1),
            finished(2),
            resumed(3),
            finished(4),
        ];
        assert_eq!(sittings(&records), [(1, 3), (3, 5)]);
        assert_eq!(sittings(&records[..2]), [(1, 2)]);
        assert_eq!(sittings(&[]), []);
    }
}
