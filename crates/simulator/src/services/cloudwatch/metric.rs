//! A metric's identity and its samples.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{ApiError, Millis};

/// Samples of one metric that are kept; the oldest are forgotten first.
const KEPT: usize = 20_000;

/// Namespace, name and dimensions: another set of dimensions is another metric [MODEL].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) metric_name: String,
    #[serde(default)]
    pub(super) dimensions: Vec<Dimension>,
}

/// One name and value of a metric's identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Dimension {
    pub(super) name: String,
    pub(super) value: String,
}

/// Samples of one metric by time; several of one instant stay apart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Series {
    pub(super) metric: Metric,
    pub(super) samples: BTreeMap<Millis, Vec<Sample>>,
    kept: usize,
}

/// What one datum of PutMetricData says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    pub(super) unit: Option<String>,
    pub(super) numbers: Numbers,
}

/// Numbers with their counts, or only their statistics, of which no percentile can be known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Numbers {
    Values(Vec<(f64, f64)>),
    Set {
        count: f64,
        sum: f64,
        minimum: f64,
        maximum: f64,
    },
}

impl Metric {
    /// Dimensions have no order.
    pub(super) fn normal(mut self) -> Result<Self, ApiError> {
        if self.dimensions.len() > 30 {
            return Err(ApiError::client(
                "InvalidParameterValue",
                "The collection Dimensions must not have a size greater than 30.",
            ));
        }
        self.dimensions.sort();
        Ok(self)
    }

    pub(super) fn key(&self) -> String {
        let mut key = format!("{}\u{1f}{}", self.namespace, self.metric_name);
        for Dimension { name, value } in &self.dimensions {
            key.push_str(&format!("\u{1f}{name}={value}"));
        }
        key
    }

    pub(super) fn dimension(&self, name: &str) -> Option<&str> {
        let found = self
            .dimensions
            .iter()
            .find(|dimension| dimension.name == name)?;
        Some(&found.value)
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "Namespace": self.namespace,
            "MetricName": self.metric_name,
            "Dimensions": self.dimensions,
        })
    }
}

impl Series {
    pub(super) fn of(metric: Metric) -> Self {
        Self {
            metric,
            samples: BTreeMap::new(),
            kept: 0,
        }
    }

    pub(super) fn add(&mut self, at_ms: Millis, sample: Sample) {
        self.samples.entry(at_ms).or_default().push(sample);
        self.kept += 1;
        while self.kept > KEPT {
            let Some((_, oldest)) = self.samples.pop_first() else {
                return;
            };
            self.kept = self.kept.saturating_sub(oldest.len());
        }
    }
}

impl Sample {
    /// One value without a unit.
    pub(super) fn one(value: f64) -> Self {
        Self {
            unit: Some("Count".to_owned()),
            numbers: Numbers::Values(vec![(value, 1.0)]),
        }
    }
}
