//! Durations as people write them: `90s`, `15m`, `1h30m`, `250ms`.

use std::time::Duration;

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Nothing that is waited for takes longer.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Parses a duration; an error is one sentence.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("a duration is missing".to_owned());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after.trim_start(), |c| c.is_alphabetic());
        if digits.is_empty() {
            return Err(format!("a number is expected before `{rest}`"));
        }
        if unit.is_empty() {
            return Err(format!("`{digits}` has no unit"));
        }
        let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("`{unit}` is not a unit: ms, s, m, h, d"));
        };
        let part = digits
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(*factor));
        let sum = part.and_then(|part| total.checked_add(part));
        total = sum
            .filter(|sum| u128::from(*sum) <= LONGEST.as_millis())
            .ok_or("it is longer than 30 days")?;
        rest = after.trim_start();
    }
    Ok(Duration::from_millis(total))
}

fn split(text: &str, take: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !take(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[rstest::rstest]
    #[case("90s", Ok(90_000))]
    #[case("15m", Ok(900_000))]
    #[case("1h30m", Ok(5_400_000))]
    #[case(" 1h 30m ", Ok(5_400_000))]
    #[case("250ms", Ok(250))]
    #[case("0s", Ok(0))]
    #[case("30d", Ok(2_592_000_000))]
    #[case("", Err("a duration is missing"))]
    #[case("15", Err("`15` has no unit"))]
    #[case("1h30", Err("`30` has no unit"))]
    #[case("soon", Err("a number is expected before `soon`"))]
    #[case("-5s", Err("a number is expected before `-5s`"))]
    #[case("1.5h", Err("`1` has no unit"))]
    #[case("3 weeks", Err("`weeks` is not a unit: ms, s, m, h, d"))]
    #[case("31d", Err("it is longer than 30 days"))]
    #[case("99999999999999999999s", Err("it is longer than 30 days"))]
    fn durations(#[case] text: &str, #[case] expected: Result<u128, &str>) {
        assert_eq!(
            parse(text).map(|found| found.as_millis()),
            expected.map_err(str::to_owned)
        );
    }
}
