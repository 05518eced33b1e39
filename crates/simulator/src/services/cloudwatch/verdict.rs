//! From the datapoints of an evaluation range to an alarm's state, and the words for it. Pure.

use serde::{Deserialize, Serialize};

use super::state::AlarmState;
use crate::Millis;

/// ComparisonOperator, without those of anomaly detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::enum_variant_names, reason = "the words of AWS")]
pub(super) enum Comparison {
    GreaterThanOrEqualToThreshold,
    GreaterThanThreshold,
    LessThanThreshold,
    LessThanOrEqualToThreshold,
}

/// TreatMissingData.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::enum_variant_names, reason = "the words of AWS")]
pub(super) enum Missing {
    Breaching,
    NotBreaching,
    Ignore,
    #[default]
    Missing,
}

/// What an alarm compares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) evaluation_periods: usize,
    pub(super) datapoints_to_alarm: usize,
    pub(super) comparison: Comparison,
    pub(super) threshold: f64,
    pub(super) missing: Missing,
}

/// The outcome of one evaluation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) state: AlarmState,
    pub(super) reason: String,
    /// Values that were compared, newest first.
    pub(super) compared: Vec<(Millis, f64)>,
}

impl Comparison {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::GreaterThanOrEqualToThreshold,
            "GreaterThanOrEqualToThreshold",
            "greater than or equal to",
        ),
        (
            Self::GreaterThanThreshold,
            "GreaterThanThreshold",
            "greater than",
        ),
        (Self::LessThanThreshold, "LessThanThreshold", "less than"),
        (
            Self::LessThanOrEqualToThreshold,
            "LessThanOrEqualToThreshold",
            "less than or equal to",
        ),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known, _)| *known == name)?;
        Some(found.0)
    }

    pub(super) fn as_str(self) -> &'static str {
        let found = Self::ALL.iter().find(|(known, ..)| *known == self);
        found.map_or("", |(_, name, _)| name)
    }

    fn words(self) -> &'static str {
        let found = Self::ALL.iter().find(|(known, ..)| *known == self);
        found.map_or("", |(.., words)| words)
    }

    fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::GreaterThanThreshold => value > threshold,
            Self::LessThanThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }
}

impl Missing {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "breaching" => Some(Self::Breaching),
            "notBreaching" => Some(Self::NotBreaching),
            "ignore" => Some(Self::Ignore),
            "missing" => Some(Self::Missing),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
            Self::Ignore => "ignore",
            Self::Missing => "missing",
        }
    }
}

/// Periods that are looked at beyond EvaluationPeriods, so that late data does not count as missing; AWS's own table has
/// five for three [DOC].
pub(super) const BEYOND: usize = 2;

/// The state that the datapoints (newest first, each with its period's start) ask for; `None`: it stays as it is.
///
/// With as many datapoints as EvaluationPeriods only these count, however old. With fewer, what is missing is filled in as
/// TreatMissingData says; under `missing` an alarm also goes to ALARM when every datapoint is breaching and the oldest is at
/// least DatapointsToAlarm periods old [DOC].
pub(super) fn judge(terms: Terms, points: &[(Millis, Option<f64>)]) -> Option<Verdict> {
    let known = points
        .iter()
        .enumerate()
        .filter_map(|(age, (at_ms, value))| Some((age, *at_ms, (*value)?)));
    let known: Vec<(usize, Millis, f64)> = known.take(terms.evaluation_periods).collect();
    let filled = terms.evaluation_periods - known.len();
    let breaches = |value: f64| terms.comparison.breaches(value, terms.threshold);
    let breaching = known.iter().filter(|(.., value)| breaches(*value)).count();
    let all_breach = breaching == known.len();
    let oldest_age = known.last().map_or(0, |(age, ..)| age + 1);
    let alarm_at = terms.datapoints_to_alarm;
    let state = if breaching >= alarm_at {
        AlarmState::Alarm
    } else if filled == 0 {
        AlarmState::Ok
    } else {
        match terms.missing {
            Missing::Breaching if breaching + filled >= alarm_at => AlarmState::Alarm,
            Missing::Breaching | Missing::NotBreaching => AlarmState::Ok,
            Missing::Ignore | Missing::Missing if !all_breach => AlarmState::Ok,
            Missing::Ignore => return None,
            Missing::Missing if known.is_empty() => AlarmState::InsufficientData,
            Missing::Missing if oldest_age >= alarm_at => AlarmState::Alarm,
            Missing::Missing => return None,
        }
    };
    let compared: Vec<(Millis, f64)> = known.iter().map(|(_, at, value)| (*at, *value)).collect();
    Some(Verdict {
        reason: reason(terms, state, &compared, breaching, filled),
        state,
        compared,
    })
}

/// StateReason (its shapes [OBS]).
fn reason(
    terms: Terms,
    state: AlarmState,
    compared: &[(Millis, f64)],
    breaching: usize,
    filled: usize,
) -> String {
    if state == AlarmState::InsufficientData {
        let periods = terms.evaluation_periods;
        return match periods {
            1 => "Insufficient Data: 1 datapoint was unknown.".to_owned(),
            _ => format!("Insufficient Data: {periods} datapoints were unknown."),
        };
    }
    if compared.is_empty() {
        let treated = match terms.missing {
            Missing::Breaching => "Breaching",
            _ => "NonBreaching",
        };
        let (periods, missing, were) = match filled {
            1 => (
                "1 period".to_owned(),
                "1 missing datapoint".to_owned(),
                "was",
            ),
            many => (
                format!("{many} periods"),
                format!("{many} missing datapoints"),
                "were",
            ),
        };
        return format!(
            "Threshold Crossed: no datapoints were received for {periods} and {missing} {were} treated as [{treated}]."
        );
    }
    let alarmed = state == AlarmState::Alarm;
    let (count, needed, transition) = if alarmed {
        (breaching, terms.datapoints_to_alarm, "OK -> ALARM")
    } else {
        let needed = terms.evaluation_periods + 1 - terms.datapoints_to_alarm;
        (compared.len() - breaching, needed, "ALARM -> OK")
    };
    let shown = compared
        .iter()
        .filter(|(_, value)| terms.comparison.breaches(*value, terms.threshold) == alarmed)
        .map(|(at_ms, value)| format!("{value:?} ({})", day_and_time(*at_ms)));
    let shown: Vec<String> = shown.take(5).collect();
    let plural = if compared.len() == 1 { "" } else { "s" };
    format!(
        "Threshold Crossed: {count} out of the last {last} datapoint{s} [{shown}] {were} {not}{words} the threshold \
         ({threshold:?}) (minimum {needed} datapoint{plural} for {transition} transition).",
        last = compared.len(),
        s = if compared.len() == 1 { "s" } else { plural },
        shown = shown.join(", "),
        were = if count == 1 { "was" } else { "were" },
        not = if alarmed { "" } else { "not " },
        words = terms.comparison.words(),
        threshold = terms.threshold,
        plural = if needed == 1 { "" } else { "s" },
    )
}

/// `05/09/18 07:09:00`.
fn day_and_time(at_ms: Millis) -> String {
    // 2018-09-05T07:09:00Z
    let text = crate::wire::iso8601(at_ms - at_ms % 1_000);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    format!(
        "{}/{}/{} {}",
        part(8, 10),
        part(5, 7),
        part(2, 4),
        part(11, 19)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's own tables: datapoints oldest first, `X` breaches, `0` does not, `-` is missing [DOC].
    #[test]
    fn missing_data() {
        use AlarmState as S;
        let stays = None;
        for (text, alarm_at, [missing, ignore, breaching, not_breaching]) in [
            ("0-X-X", 3, [Some(S::Ok); 4]),
            ("----0", 3, [Some(S::Ok); 4]),
            (
                "-----",
                3,
                [
                    Some(S::InsufficientData),
                    stays,
                    Some(S::Alarm),
                    Some(S::Ok),
                ],
            ),
            ("0XX-X", 3, [Some(S::Alarm); 4]),
            (
                "--X--",
                3,
                [Some(S::Alarm), stays, Some(S::Alarm), Some(S::Ok)],
            ),
            ("0-X-X", 2, [Some(S::Alarm); 4]),
            ("00X0X", 2, [Some(S::Alarm); 4]),
            (
                "0-X--",
                2,
                [Some(S::Ok), Some(S::Ok), Some(S::Alarm), Some(S::Ok)],
            ),
            (
                "----0",
                2,
                [Some(S::Ok), Some(S::Ok), Some(S::Alarm), Some(S::Ok)],
            ),
            ("----X", 3, [stays, stays, Some(S::Alarm), Some(S::Ok)]),
            ("0000X", 1, [Some(S::Alarm); 4]),
        ] {
            let points: Vec<(Millis, Option<f64>)> = text
                .chars()
                .rev()
                .map(|point| match point {
                    'X' => (0, Some(9.0)),
                    '0' => (0, Some(1.0)),
                    _ => (0, None),
                })
                .collect();
            for (treat, expected) in [
                (Missing::Missing, missing),
                (Missing::Ignore, ignore),
                (Missing::Breaching, breaching),
                (Missing::NotBreaching, not_breaching),
            ] {
                let terms = Terms {
                    evaluation_periods: 3,
                    datapoints_to_alarm: alarm_at,
                    comparison: Comparison::GreaterThanThreshold,
                    threshold: 5.0,
                    missing: treat,
                };
                let found = judge(terms, &points).map(|verdict| verdict.state);
                assert_eq!(found, expected, "{text} {alarm_at} {treat:?}");
            }
        }
    }

    #[test]
    fn reasons() {
        let terms = |periods, alarm_at, missing| Terms {
            evaluation_periods: periods,
            datapoints_to_alarm: alarm_at,
            comparison: Comparison::GreaterThanThreshold,
            threshold: 0.0,
            missing,
        };
        let at_ms = 1_536_131_340_000;
        for (terms, points, expected) in [
            (
                terms(1, 1, Missing::Missing),
                vec![(at_ms, Some(3.0))],
                "Threshold Crossed: 1 out of the last 1 datapoints [3.0 (05/09/18 07:09:00)] was greater than the threshold \
                 (0.0) (minimum 1 datapoint for OK -> ALARM transition).",
            ),
            (
                terms(1, 1, Missing::Missing),
                vec![(at_ms, Some(0.0))],
                "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (05/09/18 07:09:00)] was not greater than the \
                 threshold (0.0) (minimum 1 datapoint for ALARM -> OK transition).",
            ),
            (
                terms(3, 2, Missing::Missing),
                vec![
                    (at_ms, Some(2.5)),
                    (at_ms - 60_000, Some(0.0)),
                    (at_ms - 120_000, Some(1.0)),
                ],
                "Threshold Crossed: 2 out of the last 3 datapoints [2.5 (05/09/18 07:09:00), 1.0 (05/09/18 07:07:00)] were \
                 greater than the threshold (0.0) (minimum 2 datapoints for OK -> ALARM transition).",
            ),
            (
                terms(1, 1, Missing::Breaching),
                vec![(at_ms, None)],
                "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].",
            ),
            (
                terms(2, 2, Missing::NotBreaching),
                vec![(at_ms, None), (at_ms, None)],
                "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as \
                 [NonBreaching].",
            ),
            (
                terms(1, 1, Missing::Missing),
                vec![(at_ms, None)],
                "Insufficient Data: 1 datapoint was unknown.",
            ),
        ] {
            assert_eq!(judge(terms, &points).unwrap().reason, expected);
        }
    }
}
