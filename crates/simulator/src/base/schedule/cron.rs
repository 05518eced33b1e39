//! Cron expressions of AWS: minutes, hours, day of month, month, day of week, year [DOC].

use std::ops::RangeInclusive;

use super::zone::{day_after, day_of_week, length_of_month};
use super::{LocalTime, Zone};
use crate::Millis;

/// A cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: Vec<u32>,
    hours: Vec<u32>,
    days: Days,
    months: Vec<u32>,
    years: Vec<u32>,
}

/// Which days of a month: "You can't specify the Day-of-month and Day-of-week fields in the same cron expression" [DOC].
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<OfMonth>),
    OfWeek(Vec<OfWeek>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OfMonth {
    Day(u32),
    /// `L`.
    Last,
    /// `15W`: the weekday that is nearest, in the same month.
    WeekdayNear(u32),
    /// `LW`.
    LastWeekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OfWeek {
    Day(u32),
    /// `6L`.
    LastInMonth(u32),
    /// `6#3`: the third one of the month.
    Nth(u32, u32),
}

/// A field of a cron expression.
struct Field {
    numbers: RangeInclusive<u32>,
    /// Names that stand for its numbers, the first for the lowest.
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const MINUTE: Field = field(0..=59, &[]);
const HOUR: Field = field(0..=23, &[]);
const DAY_OF_MONTH: Field = field(1..=31, &[]);
const MONTH: Field = field(1..=12, &MONTHS);
const DAY_OF_WEEK: Field = field(1..=7, &DAYS);
const YEAR: Field = field(1970..=2199, &[]);

const fn field(numbers: RangeInclusive<u32>, names: &'static [&'static str]) -> Field {
    Field { numbers, names }
}

type Date = (i32, u32, u32);

impl Cron {
    /// What stands between the parentheses of `cron(...)`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(' ').filter(|part| !part.is_empty()).collect();
        let [minutes, hours, of_month, months, of_week, years] = parts.try_into().ok()?;
        let days = match (of_month, of_week) {
            ("?", "?") => return None,
            ("?", of_week) => Days::OfWeek(list(of_week, days_of_week)?),
            (of_month, "?") => Days::OfMonth(list(of_month, days_of_month)?),
            _ => return None,
        };
        Some(Self {
            minutes: MINUTE.list(minutes)?,
            hours: HOUR.list(hours)?,
            days,
            months: MONTH.list(months)?,
            years: YEAR.list(years)?,
        })
    }

    /// When it is due next, later than `after_ms`.
    pub(crate) fn next(&self, after_ms: Millis, zone: Zone) -> Option<Millis> {
        let mut date = zone.date(after_ms)?;
        let last = self
            .years
            .last()
            .and_then(|year| i32::try_from(*year).ok())?;
        while date.0 <= last {
            if !self.is_in_year(date) {
                date = (date.0 + 1, 1, 1);
                continue;
            }
            if self.is_on(date)
                && let Some(found) = self.on(date, after_ms, zone)
            {
                return Some(found);
            }
            date = day_after(date)?;
        }
        None
    }

    fn is_in_year(&self, date: Date) -> bool {
        u32::try_from(date.0).is_ok_and(|year| self.years.contains(&year))
    }

    fn is_on(&self, date: Date) -> bool {
        self.months.contains(&date.1)
            && match &self.days {
                Days::OfMonth(days) => days.iter().any(|day| day.is_on(date)),
                Days::OfWeek(days) => days.iter().any(|day| day.is_on(date)),
            }
    }

    /// The first time of that day that is later.
    fn on(&self, date: Date, after_ms: Millis, zone: Zone) -> Option<Millis> {
        let times = self.hours.iter().flat_map(|hour| {
            let minutes = self.minutes.iter();
            minutes.map(move |minute| (*hour, *minute, 0))
        });
        let instants = times.filter_map(|time| zone.instant(LocalTime { date, time }));
        instants.filter(|at_ms| *at_ms > after_ms).min()
    }
}

impl OfMonth {
    fn is_on(self, (year, month, day): Date) -> bool {
        let last = length_of_month(year, month);
        match self {
            Self::Day(wanted) => day == wanted,
            Self::Last => day == last,
            Self::LastWeekday => day == weekday_near(year, month, last),
            Self::WeekdayNear(wanted) => wanted <= last && day == weekday_near(year, month, wanted),
        }
    }
}

/// Monday to Friday, as near as possible and within the month.
fn weekday_near(year: i32, month: u32, day: u32) -> u32 {
    let last = length_of_month(year, month);
    match day_of_week((year, month, day)) {
        // A Sunday's Monday, or the Friday before it where the month is over.
        1 if day < last => day + 1,
        1 => day.saturating_sub(2),
        7 if day > 1 => day - 1,
        7 => day + 2,
        _ => day,
    }
}

impl OfWeek {
    fn is_on(self, date: Date) -> bool {
        let (year, month, day) = date;
        let is = |wanted: u32| day_of_week(date) == wanted;
        match self {
            Self::Day(wanted) => is(wanted),
            Self::LastInMonth(wanted) => is(wanted) && day + 7 > length_of_month(year, month),
            Self::Nth(wanted, nth) => is(wanted) && day.div_ceil(7) == nth,
        }
    }
}

fn list<T>(text: &str, part: fn(&str) -> Option<Vec<T>>) -> Option<Vec<T>> {
    let mut all = Vec::new();
    for one in text.split(',') {
        all.extend(part(one)?);
    }
    Some(all)
}

fn days_of_month(part: &str) -> Option<Vec<OfMonth>> {
    if let Some(before) = part.strip_suffix('W') {
        return Some(vec![match before {
            "L" => OfMonth::LastWeekday,
            day => OfMonth::WeekdayNear(DAY_OF_MONTH.one(day)?),
        }]);
    }
    if part == "L" {
        return Some(vec![OfMonth::Last]);
    }
    let days = DAY_OF_MONTH.part(part)?;
    Some(days.into_iter().map(OfMonth::Day).collect())
}

fn days_of_week(part: &str) -> Option<Vec<OfWeek>> {
    if let Some((day, nth)) = part.split_once('#') {
        let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth))?;
        return Some(vec![OfWeek::Nth(DAY_OF_WEEK.one(day)?, nth)]);
    }
    match part.strip_suffix('L') {
        // The last day of a week is Saturday.
        Some("") => return Some(vec![OfWeek::Day(7)]),
        Some(day) => return Some(vec![OfWeek::LastInMonth(DAY_OF_WEEK.one(day)?)]),
        None => {}
    }
    let days = DAY_OF_WEEK.part(part)?;
    Some(days.into_iter().map(OfWeek::Day).collect())
}

impl Field {
    /// In order, each once.
    fn list(&self, text: &str) -> Option<Vec<u32>> {
        let mut numbers = Vec::new();
        for part in text.split(',') {
            numbers.extend(self.part(part)?);
        }
        numbers.sort_unstable();
        numbers.dedup();
        Some(numbers)
    }

    /// `*`, `5`, `MON-FRI`, `0/15`, `8-17/2`.
    fn part(&self, part: &str) -> Option<Vec<u32>> {
        let (least, most) = (*self.numbers.start(), *self.numbers.end());
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => (span, Some(step)),
            None => (part, None),
        };
        let (first, last) = match span.split_once('-') {
            Some((first, last)) => (self.one(first)?, self.one(last)?),
            None if span == "*" => (least, most),
            None => {
                let only = self.one(span)?;
                (only, if step.is_some() { most } else { only })
            }
        };
        let step = match step {
            Some(step) => step.parse().ok().filter(|step| *step > 0)?,
            None => 1,
        };
        // `FRI-MON` goes over the end.
        let all: Vec<u32> = if first <= last {
            (first..=last).collect()
        } else {
            (first..=most).chain(least..=last).collect()
        };
        Some(all.into_iter().step_by(step).collect())
    }

    fn one(&self, text: &str) -> Option<u32> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            return text
                .parse()
                .ok()
                .filter(|number| self.numbers.contains(number));
        }
        let place = self
            .names
            .iter()
            .position(|name| text.eq_ignore_ascii_case(name))?;
        Some(*self.numbers.start() + u32::try_from(place).ok()?)
    }
}
