//! Schedule expressions of AWS, `at(...)`, `rate(...)` and `cron(...)`, in time zones: when one is due next. Knows no service.

mod cron;
mod zone;

use serde::{Deserialize, Serialize};

pub(crate) use self::cron::Cron;
pub(crate) use self::zone::Zone;
use crate::Millis;

/// The end of the year 9999: what comes later has no text, and is in no world.
const LAST_MS: Millis = 253_402_300_799_999;

/// When something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// `at(2026-01-01T08:30:00)`: once, in the zone of the schedule.
    At(LocalTime),
    /// `rate(5 minutes)`: again and again, in milliseconds.
    Rate(Millis),
    /// `cron(0 12 * * ? *)`.
    Cron(Box<Cron>),
}

/// Year, month, day, hour, minute, second, as a clock on the wall shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalTime {
    pub(crate) date: (i32, u32, u32),
    pub(crate) time: (u32, u32, u32),
}

/// Whether `rate(1 minutes)` is one: EventBridge's rules refuse it (LS `test_put_rule_with_invalid_schedule_rate`), Scheduler and
/// Application Auto Scaling name only the plural [DOC].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Units {
    Agreeing,
    Either,
}

impl Expression {
    /// What AWS takes; `None` for anything else.
    pub(crate) fn parse(text: &str, units: Units) -> Option<Self> {
        let inside = |name: &str| text.strip_prefix(name)?.strip_suffix(')');
        if let Some(rate) = inside("rate(") {
            return rate_ms(rate, units).map(Self::Rate);
        }
        if let Some(cron) = inside("cron(") {
            return Cron::parse(cron).map(|cron| Self::Cron(Box::new(cron)));
        }
        LocalTime::parse(inside("at(")?).map(Self::At)
    }

    /// When it is due next, later than `after_ms`; a rate counts from `start_ms`.
    pub(crate) fn next(&self, start_ms: Millis, after_ms: Millis, zone: Zone) -> Option<Millis> {
        let next_ms = match self {
            Self::At(at) => zone.instant(*at).filter(|at_ms| *at_ms > after_ms),
            Self::Rate(every_ms) => {
                let passed = after_ms.saturating_sub(start_ms) / every_ms;
                Some(start_ms.saturating_add((passed + 1).saturating_mul(*every_ms)))
            }
            Self::Cron(cron) => cron.next(after_ms, zone),
        };
        next_ms.filter(|at_ms| *at_ms <= LAST_MS)
    }

    /// Whether it is due only once.
    pub(crate) fn is_once(&self) -> bool {
        matches!(self, Self::At(_))
    }
}

/// A schedule that goes on: what it says, from when on and until when, and when it is due next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Course {
    /// As it was given.
    pub(crate) expression: String,
    /// As it was given; UTC where nothing is said.
    pub(crate) zone: Option<String>,
    pub(crate) start_ms: Option<Millis>,
    pub(crate) end_ms: Option<Millis>,
    /// What a rate counts from where no start is given.
    pub(crate) made_ms: Millis,
    pub(crate) next_ms: Option<Millis>,
}

impl Course {
    /// When it is due next, later than `after_ms`, not before its start and not after its end. What is due only once has neither: "EventBridge
    /// Scheduler ignores StartDate for one-time schedules" [DOC].
    pub(crate) fn later_than(&self, after_ms: Millis, units: Units) -> Option<Millis> {
        let expression = Expression::parse(&self.expression, units)?;
        let zone = Zone::named(self.zone.as_deref().unwrap_or("UTC"))?;
        let start_ms = self.start_ms.unwrap_or(self.made_ms);
        if expression.is_once() {
            return expression.next(start_ms, after_ms, zone);
        }
        let next_ms = match &expression {
            // The first one is at the start itself.
            Expression::Rate(_) if self.start_ms.is_some_and(|start_ms| start_ms > after_ms) => {
                start_ms
            }
            expression => {
                let after_ms = match self.start_ms {
                    Some(start_ms) => after_ms.max(start_ms.saturating_sub(1)),
                    None => after_ms,
                };
                expression.next(start_ms, after_ms, zone)?
            }
        };
        (self.end_ms.is_none_or(|end_ms| next_ms <= end_ms)).then_some(next_ms)
    }
}

/// A number above 0 and its unit.
fn rate_ms(rate: &str, units: Units) -> Option<Millis> {
    let (count, unit) = rate.split_once(' ')?;
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = count.parse::<u64>().ok().filter(|count| *count > 0)?;
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let agrees = (count == 1) == (unit == singular);
    if units == Units::Agreeing && !agrees {
        return None;
    }
    let unit_ms: Millis = match singular {
        "minute" => 60_000,
        "hour" => 3_600_000,
        "day" => 86_400_000,
        _ => return None,
    };
    count.checked_mul(unit_ms).filter(|ms| *ms < 1 << 50)
}

impl LocalTime {
    /// `2026-01-01T08:30:00`, without a zone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let numbers = |text: &str, separator: char, widths: [usize; 3]| -> Option<[u32; 3]> {
            let parts: Vec<&str> = text.split(separator).collect();
            let parts: [&str; 3] = parts.try_into().ok()?;
            let mut numbers = [0; 3];
            for ((number, part), width) in numbers.iter_mut().zip(parts).zip(widths) {
                let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
                *number = part.parse().ok().filter(|_| digits)?;
            }
            Some(numbers)
        };
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
        let at = Self {
            date: (i32::try_from(year).ok()?, month, day),
            time: (hour, minute, second),
        };
        zone::is_real(at).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01T00:00:00Z, a Thursday.
    const NEW_YEAR_MS: Millis = 1_767_225_600_000;

    fn at(text: &str) -> Millis {
        Zone::named("UTC")
            .unwrap()
            .instant(LocalTime::parse(text).unwrap())
            .unwrap()
    }

    #[test]
    fn when_expressions_are_due() {
        for (expression, zone, after, expected) in [
            (
                "rate(5 minutes)",
                "UTC",
                "2026-01-01T00:07:00",
                "2026-01-01T00:10:00",
            ),
            (
                "rate(1 hour)",
                "UTC",
                "2026-01-01T00:00:00",
                "2026-01-01T01:00:00",
            ),
            (
                "at(2026-02-01T08:30:00)",
                "UTC",
                "2026-01-01T00:00:00",
                "2026-02-01T08:30:00",
            ),
            (
                "at(2026-02-01T08:30:00)",
                "America/Sao_Paulo",
                "2026-01-01T00:00:00",
                "2026-02-01T11:30:00",
            ),
            (
                "cron(0 12 * * ? *)",
                "UTC",
                "2026-01-01T12:00:00",
                "2026-01-02T12:00:00",
            ),
            (
                "cron(0 9 ? * MON-FRI *)",
                "Europe/Berlin",
                "2026-03-27T08:00:00",
                "2026-03-30T07:00:00",
            ),
            // Half past two does not exist in Berlin on that Sunday, and comes twice in October: it is left out, and taken once [DOC].
            (
                "cron(30 2 * * ? *)",
                "Europe/Berlin",
                "2026-03-28T02:00:00",
                "2026-03-30T00:30:00",
            ),
            (
                "cron(30 2 * * ? *)",
                "Europe/Berlin",
                "2026-10-25T00:30:00",
                "2026-10-26T01:30:00",
            ),
            (
                "cron(0 18 L * ? *)",
                "UTC",
                "2026-02-01T00:00:00",
                "2026-02-28T18:00:00",
            ),
            (
                "cron(0 8 LW * ? *)",
                "UTC",
                "2026-01-01T00:00:00",
                "2026-01-30T08:00:00",
            ),
            (
                "cron(0 8 1W * ? *)",
                "UTC",
                "2026-02-01T00:00:00",
                "2026-02-02T08:00:00",
            ),
            (
                "cron(15 10 ? * 6L 2026-2027)",
                "UTC",
                "2026-01-01T00:00:00",
                "2026-01-30T10:15:00",
            ),
            (
                "cron(0 9 ? * 2#1 *)",
                "UTC",
                "2026-01-06T00:00:00",
                "2026-02-02T09:00:00",
            ),
            (
                "cron(0/15 8-17 ? * SAT,SUN *)",
                "UTC",
                "2026-01-03T17:45:00",
                "2026-01-04T08:00:00",
            ),
            (
                "cron(0 0 29 2 ? *)",
                "UTC",
                "2026-01-01T00:00:00",
                "2028-02-29T00:00:00",
            ),
        ] {
            let parsed = Expression::parse(expression, Units::Agreeing).unwrap();
            let next = parsed.next(NEW_YEAR_MS, at(after), Zone::named(zone).unwrap());
            assert_eq!(
                next,
                Some(at(expected)),
                "{expression} {zone} after {after}"
            );
        }
    }

    #[test]
    fn what_is_never_due_again() {
        for (expression, after) in [
            ("at(2026-01-01T00:00:00)", "2026-01-01T00:00:00"),
            ("cron(0 0 1 1 ? 2025)", "2026-01-01T00:00:00"),
            ("cron(0 0 31 2 ? *)", "2026-01-01T00:00:00"),
        ] {
            let parsed = Expression::parse(expression, Units::Either).unwrap();
            assert_eq!(
                parsed.next(0, at(after), Zone::named("UTC").unwrap()),
                None,
                "{expression}"
            );
        }
    }

    /// A longest rate is 35,000 years, and no saved world may have such a time.
    #[test]
    fn nothing_is_due_after_the_year_9999() {
        let utc = Zone::named("UTC").unwrap();
        for rate in ["rate(10000000 days)", "rate(18000000000 minutes)"] {
            let parsed = Expression::parse(rate, Units::Agreeing).unwrap();
            assert_eq!(parsed.next(NEW_YEAR_MS, NEW_YEAR_MS, utc), None, "{rate}");
        }
        let parsed = Expression::parse("rate(1000000 days)", Units::Agreeing).unwrap();
        let next = parsed.next(NEW_YEAR_MS, NEW_YEAR_MS, utc);
        assert_eq!(next, Some(NEW_YEAR_MS + 1_000_000 * 86_400_000));
    }

    #[test]
    fn a_course_begins_and_ends() {
        let course = |expression: &str| Course {
            expression: expression.to_owned(),
            zone: None,
            start_ms: Some(at("2026-01-02T00:00:00")),
            end_ms: Some(at("2026-01-02T00:10:00")),
            made_ms: NEW_YEAR_MS,
            next_ms: None,
        };
        let rate = course("rate(10 minutes)");
        let first = rate.later_than(NEW_YEAR_MS, Units::Either);
        assert_eq!(first, Some(at("2026-01-02T00:00:00")));
        let second = rate.later_than(at("2026-01-02T00:00:00"), Units::Either);
        assert_eq!(second, Some(at("2026-01-02T00:10:00")));
        assert_eq!(
            rate.later_than(at("2026-01-02T00:10:00"), Units::Either),
            None
        );
        let cron = course("cron(0/5 * * * ? *)").later_than(NEW_YEAR_MS, Units::Either);
        assert_eq!(cron, Some(at("2026-01-02T00:00:00")));
        // What is due once has no bounds.
        for time in ["2026-01-01T12:00:00", "2026-01-03T00:00:00"] {
            let once = course(&format!("at({time})")).later_than(NEW_YEAR_MS, Units::Either);
            assert_eq!(once, Some(at(time)));
        }
    }

    #[test]
    fn what_aws_takes() {
        for expression in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(12 hours)",
            "rate(1 day)",
            "cron(0 12 * * ? *)",
            "cron(5,35 14 * * ? *)",
            "cron(15 10 ? * 6L 2002-2005)",
            "cron(0/15 8-17 ? * MON-FRI *)",
            "cron(0 18 L * ? *)",
            "cron(0 9 ? * 2#1 *)",
            "cron(0 8 3W * ? *)",
            "cron(0 0 1 JAN-jun ? 2026)",
            "cron(*/5 * * * ? *)",
            "at(2026-01-01T00:00:00)",
        ] {
            assert!(
                Expression::parse(expression, Units::Agreeing).is_some(),
                "{expression}"
            );
        }
        assert!(Expression::parse("rate(1 minutes)", Units::Either).is_some());
    }

    #[test]
    fn what_aws_refuses() {
        for expression in [
            "rate(10 seconds)",
            "rate(10 years)",
            "rate(1 minutes)",
            "rate(1 hours)",
            "rate(1 days)",
            "rate(10 minute)",
            "rate(10 hour)",
            "rate(10 day)",
            "rate()",
            "rate(10)",
            "rate(10 minutess)",
            "rate(foo minutes)",
            "rate(0 minutes)",
            "rate(-10 minutes)",
            "rate(10 MINUTES)",
            "rate( 10 minutes )",
            "rate(99999999999999999999 days)",
            " rate(10 minutes)",
            "cron(0 1 * * * *)",
            "cron(7 20 * * NOT *)",
            "cron(INVALID)",
            "cron(0 dummy ? * MON-FRI *)",
            "cron(71 8 1 * ? *)",
            "cron(0/0 8 1 * ? *)",
            "cron()",
            "cron(0 12 ? * ? *)",
            "at(2026-02-30T00:00:00)",
            "at(2026-01-01)",
            "at(2026-1-1T0:0:0)",
            "",
        ] {
            assert!(
                Expression::parse(expression, Units::Agreeing).is_none(),
                "{expression}"
            );
        }
    }

    #[test]
    fn zones_have_the_names_of_the_tz_database() {
        for (name, known) in [
            ("UTC", true),
            ("America/New_York", true),
            ("Berlin", false),
            ("", false),
        ] {
            assert_eq!(Zone::named(name).is_some(), known, "{name}");
        }
    }
}
