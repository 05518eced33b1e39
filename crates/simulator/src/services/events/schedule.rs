//! Schedule expressions: `rate(5 minutes)` and `cron(0 12 * * ? *)`. Kept and never played; what AWS refuses is refused.

use std::ops::RangeInclusive;

/// Whether AWS takes an expression [DOC] (LS `test_put_rule_with_invalid_schedule_rate`, `..._cron`).
pub(super) fn is_valid(expression: &str) -> bool {
    let inside = |name: &str| expression.strip_prefix(name)?.strip_suffix(')');
    match (inside("rate("), inside("cron(")) {
        (Some(rate), _) => is_rate(rate),
        (_, Some(cron)) => is_cron(cron),
        (None, None) => false,
    }
}

/// A number above 0 and its unit, in the singular for 1 alone.
fn is_rate(rate: &str) -> bool {
    let Some((count, unit)) = rate.split_once(' ') else {
        return false;
    };
    let digits = count.bytes().all(|byte| byte.is_ascii_digit());
    match count.parse::<u64>() {
        Ok(1) if digits => ["minute", "hour", "day"].contains(&unit),
        Ok(2..) if digits => ["minutes", "hours", "days"].contains(&unit),
        _ => false,
    }
}

/// A field of a cron expression.
struct Field {
    numbers: RangeInclusive<u32>,
    /// Names that stand for its numbers.
    names: &'static [&'static str],
    /// What only this field may have besides `,`, `-`, `*` and `/`.
    wildcards: &'static str,
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Minutes, hours, day of month, month, day of week, year [DOC].
const FIELDS: [Field; 6] = [
    field(0..=59, &[], ""),
    field(0..=23, &[], ""),
    field(1..=31, &[], "?LW"),
    field(1..=12, &MONTHS, ""),
    field(1..=7, &DAYS, "?L#"),
    field(1970..=2199, &[], ""),
];

const fn field(
    numbers: RangeInclusive<u32>,
    names: &'static [&'static str],
    wildcards: &'static str,
) -> Field {
    Field {
        numbers,
        names,
        wildcards,
    }
}

fn is_cron(cron: &str) -> bool {
    let given: Vec<&str> = cron.split(' ').filter(|part| !part.is_empty()).collect();
    // "You can't specify the Day-of-month and Day-of-week fields in the same cron expression" [DOC].
    given.len() == FIELDS.len()
        && FIELDS
            .iter()
            .zip(&given)
            .all(|(field, given)| field.takes(given))
        && [2, 4].iter().filter(|place| given[**place] == "?").count() == 1
}

impl Field {
    fn takes(&self, given: &str) -> bool {
        if given == "?" {
            return self.wildcards.contains('?');
        }
        given.split(',').all(|part| self.takes_part(part))
    }

    /// `*`, `5`, `MON-FRI`, `0/15`, `L`, `15W`, `6#3`.
    fn takes_part(&self, part: &str) -> bool {
        if let Some((start, step)) = part.split_once('/') {
            let starts = start == "*" || self.takes_span(start);
            return starts && step.parse::<u32>().is_ok_and(|step| step > 0);
        }
        if let Some((day, week)) = part.split_once('#') {
            let week = week
                .parse::<u32>()
                .is_ok_and(|week| (1..=5).contains(&week));
            return self.wildcards.contains('#') && self.takes_one(day) && week;
        }
        part == "*" || self.takes_last(part) || self.takes_span(part)
    }

    fn takes_last(&self, part: &str) -> bool {
        let last = |letter: char| {
            let before = part
                .strip_suffix(letter)
                .filter(|_| self.wildcards.contains(letter));
            before
                .is_some_and(|before| before.is_empty() && letter == 'L' || self.takes_one(before))
        };
        last('L') || last('W') || (part == "LW" && self.wildcards.contains('W'))
    }

    fn takes_span(&self, part: &str) -> bool {
        match part.split_once('-') {
            Some((first, last)) => self.takes_one(first) && self.takes_one(last),
            None => self.takes_one(part),
        }
    }

    fn takes_one(&self, part: &str) -> bool {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        let number = part.parse().ok().filter(|_| is_number);
        number.is_some_and(|number| self.numbers.contains(&number))
            || self
                .names
                .iter()
                .any(|name| part.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

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
        ] {
            assert!(is_valid(expression), "{expression}");
        }
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
            " rate(10 minutes)",
            "cron(0 1 * * * *)",
            "cron(7 20 * * NOT *)",
            "cron(INVALID)",
            "cron(0 dummy ? * MON-FRI *)",
            "cron(71 8 1 * ? *)",
            "cron()",
            "cron(0 12 ? * ? *)",
            "at(2026-01-01T00:00:00)",
            "",
        ] {
            assert!(!is_valid(expression), "{expression}");
        }
    }
}
