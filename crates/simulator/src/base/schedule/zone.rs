//! Time zones, by the names of the tz database.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

use super::LocalTime;
use crate::Millis;

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zone(Tz);

impl Zone {
    /// `America/New_York`; `None` for a name that the tz database does not have.
    pub(crate) fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// When the clocks there show this: the first time where they do so twice, never where they skip it ([DOC] EventBridge Scheduler,
    /// daylight savings time).
    pub(crate) fn instant(self, at: LocalTime) -> Option<Millis> {
        let found = self.0.from_local_datetime(&naive(at)?).earliest()?;
        Millis::try_from(found.timestamp_millis()).ok()
    }

    /// The date that a calendar shows there.
    pub(super) fn date(self, at_ms: Millis) -> Option<(i32, u32, u32)> {
        let at_ms = i64::try_from(at_ms).ok()?;
        let local = DateTime::from_timestamp_millis(at_ms)?.with_timezone(&self.0);
        Some((local.year(), local.month(), local.day()))
    }
}

fn naive(at: LocalTime) -> Option<NaiveDateTime> {
    let ((year, month, day), (hour, minute, second)) = (at.date, at.time);
    NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second)
}

/// Whether a calendar and a clock can show it.
pub(super) fn is_real(at: LocalTime) -> bool {
    naive(at).is_some()
}

/// The next day.
pub(super) fn day_after((year, month, day): (i32, u32, u32)) -> Option<(i32, u32, u32)> {
    let next = NaiveDate::from_ymd_opt(year, month, day)?.succ_opt()?;
    Some((next.year(), next.month(), next.day()))
}

/// 1 for Sunday to 7 for Saturday, as AWS counts.
pub(super) fn day_of_week((year, month, day): (i32, u32, u32)) -> u32 {
    let date = NaiveDate::from_ymd_opt(year, month, day);
    date.map_or(0, |date| date.weekday().num_days_from_sunday() + 1)
}

/// How many days a month has.
pub(super) fn length_of_month(year: i32, month: u32) -> u32 {
    (28..=31)
        .rev()
        .find(|day| NaiveDate::from_ymd_opt(year, month, *day).is_some())
        .unwrap_or(28)
}
