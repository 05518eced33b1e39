//! Statistics over the samples of one period.

use serde::{Deserialize, Serialize};

use super::metric::{Numbers, Sample};

/// A statistic that the simulator can compute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p99.9`.
    Percentile(f64),
}

impl Statistic {
    /// By its name in the API; `None` for one that is not simulated.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "SampleCount" => Some(Self::SampleCount),
            "Average" => Some(Self::Average),
            "Sum" => Some(Self::Sum),
            "Minimum" => Some(Self::Minimum),
            "Maximum" => Some(Self::Maximum),
            percentile => {
                let rank: f64 = percentile.strip_prefix('p')?.parse().ok()?;
                (0.0..=100.0)
                    .contains(&rank)
                    .then_some(Self::Percentile(rank))
            }
        }
    }

    /// `None` when there is no sample, or a percentile cannot be known: CloudWatch needs the values for it, or a statistic
    /// set of one sample or of equal ones [DOC].
    pub(super) fn of<'a>(self, samples: impl Iterator<Item = &'a Sample>) -> Option<f64> {
        let mut whole = Summary::default();
        for sample in samples {
            whole.take(&sample.numbers);
        }
        if whole.count <= 0.0 {
            return None;
        }
        match self {
            Self::SampleCount => Some(whole.count),
            Self::Average => Some(whole.sum / whole.count),
            Self::Sum => Some(whole.sum),
            Self::Minimum => Some(whole.minimum),
            Self::Maximum => Some(whole.maximum),
            Self::Percentile(rank) => whole.percentile(rank),
        }
    }
}

#[derive(Default)]
struct Summary {
    count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
    values: Vec<(f64, f64)>,
    /// Some values are not known.
    blurred: bool,
}

impl Summary {
    fn take(&mut self, numbers: &Numbers) {
        match numbers {
            Numbers::Values(values) => {
                for (value, count) in values {
                    self.merge(*count, value * count, *value, *value);
                    self.values.push((*value, *count));
                }
            }
            Numbers::Set {
                count,
                sum,
                minimum,
                maximum,
            } => {
                self.merge(*count, *sum, *minimum, *maximum);
                self.blurred |= minimum != maximum;
                self.values.push((*minimum, *count));
            }
        }
    }

    fn merge(&mut self, count: f64, sum: f64, minimum: f64, maximum: f64) {
        let first = self.count <= 0.0;
        self.minimum = if first {
            minimum
        } else {
            self.minimum.min(minimum)
        };
        self.maximum = if first {
            maximum
        } else {
            self.maximum.max(maximum)
        };
        self.count += count;
        self.sum += sum;
    }

    /// The nearest rank.
    fn percentile(mut self, rank: f64) -> Option<f64> {
        if self.blurred {
            return None;
        }
        self.values
            .sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let wanted = (rank / 100.0 * self.count).max(f64::MIN_POSITIVE);
        let mut seen = 0.0;
        for (value, count) in &self.values {
            seen += count;
            if seen + 1e-9 >= wanted {
                return Some(*value);
            }
        }
        self.values.last().map(|(value, _)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_values_and_of_sets() {
        let values = |values: &[f64]| Sample {
            unit: None,
            numbers: Numbers::Values(values.iter().map(|value| (*value, 1.0)).collect()),
        };
        let set = Sample {
            unit: None,
            numbers: Numbers::Set {
                count: 3.0,
                sum: 6.0,
                minimum: -1.0,
                maximum: 5.0,
            },
        };
        let plain = [values(&[4.0, 1.0]), values(&[3.0, 2.0])];
        let mixed = [values(&[4.0]), set];
        for (name, samples, expected) in [
            ("SampleCount", &plain[..], Some(4.0)),
            ("Average", &plain, Some(2.5)),
            ("Sum", &plain, Some(10.0)),
            ("Minimum", &plain, Some(1.0)),
            ("Maximum", &plain, Some(4.0)),
            ("p50", &plain, Some(2.0)),
            ("p99.9", &plain, Some(4.0)),
            ("p0", &plain, Some(1.0)),
            ("Average", &mixed, Some(2.5)),
            ("Minimum", &mixed, Some(-1.0)),
            ("p50", &mixed, None),
            ("Sum", &[], None),
        ] {
            let statistic = Statistic::named(name).unwrap();
            assert_eq!(statistic.of(samples.iter()), expected, "{name}");
        }
        assert_eq!(Statistic::named("tm99"), None);
        assert_eq!(Statistic::named("p101"), None);
    }
}
