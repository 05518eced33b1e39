//! PutMetricData.

use serde::Deserialize;
use serde_json::{Value, json};

use super::evaluate::wake;
use super::find::{Input, combination, invalid};
use super::metric::{Dimension, Metric, Numbers, Sample, Series};
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::{Moment, Real, Whole};
use crate::{ApiError, Millis};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutMetricData {
    namespace: String,
    #[serde(default)]
    metric_data: Vec<Datum>,
    #[serde(rename = "StrictEntityValidation")]
    _strict: Option<Value>,
}

impl Input for PutMetricData {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Datum {
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    timestamp: Option<Moment>,
    value: Option<Real>,
    statistic_values: Option<StatisticSet>,
    #[serde(default)]
    values: Vec<Real>,
    #[serde(default)]
    counts: Vec<Real>,
    unit: Option<String>,
    storage_resolution: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StatisticSet {
    sample_count: Real,
    sum: Real,
    minimum: Real,
    maximum: Real,
}

/// Two weeks back and two hours ahead [MODEL].
const OLDEST_MS: Millis = 14 * 86_400_000;
const NEWEST_MS: Millis = 2 * 3_600_000;

/// All or nothing: one wrong datum refuses them all.
pub(super) fn put(
    here: &mut Here<'_, CloudWatch>,
    request: PutMetricData,
) -> Result<Value, ApiError> {
    if request.metric_data.len() > 1_000 {
        return Err(invalid(
            "The collection MetricData must not have a size greater than 1000.",
        ));
    }
    if request.namespace.starts_with("AWS/") {
        return Err(invalid(
            "The value AWS/ for parameter Namespace is invalid: it must not start with \"AWS/\".",
        ));
    }
    let mut read = Vec::new();
    for (datum, number) in request.metric_data.into_iter().zip(1..) {
        let named = |error: ApiError| ApiError {
            message: error.message.replace("{N}", &number.to_string()),
            ..error
        };
        read.push(sample(here.now_ms, &request.namespace, datum).map_err(named)?);
    }
    for (metric, at_ms, sample) in read {
        let series = here.own.series.entry(metric.key());
        series
            .or_insert_with(|| Series::of(metric.clone()))
            .add(at_ms, sample);
        wake(here, &metric);
    }
    Ok(json!({}))
}

/// `{N}` in a refusal is the datum's number.
fn sample(
    now_ms: Millis,
    namespace: &str,
    datum: Datum,
) -> Result<(Metric, Millis, Sample), ApiError> {
    let at_ms = datum.timestamp.map_or(now_ms, |moment| moment.0);
    if at_ms.saturating_add(OLDEST_MS) < now_ms || at_ms > now_ms.saturating_add(NEWEST_MS) {
        return Err(invalid(
            "The parameter MetricData.member.{N}.Timestamp must specify a time no more than two weeks in the past and no more \
             than two hours in the future.",
        ));
    }
    if let Some(Whole(resolution)) = datum.storage_resolution
        && ![1, 60].contains(&resolution)
    {
        return Err(invalid("StorageResolution must be 1 or 60."));
    }
    let numbers = numbers(&datum)?;
    let metric = Metric {
        namespace: namespace.to_owned(),
        metric_name: datum.metric_name,
        dimensions: datum.dimensions,
    };
    let unit = datum.unit;
    Ok((metric.normal()?, at_ms, Sample { unit, numbers }))
}

fn numbers(datum: &Datum) -> Result<Numbers, ApiError> {
    // LocalStack `test_put_metric_data_validation`, validated on AWS [OBS]; where there is none [MEM].
    let given = [
        ("Value", datum.value.is_some()),
        ("Values", !datum.values.is_empty()),
        ("StatisticValues", datum.statistic_values.is_some()),
    ];
    let mut given = given.into_iter().filter(|(_, given)| *given);
    match (given.next(), given.next()) {
        // "For some strange reason" AWS takes both (the same test): the statistics count.
        (Some(("Values", _)), Some(_)) => {}
        (Some((one, _)), Some((other, _))) => {
            return Err(combination(format!(
                "The parameters MetricData.member.{{N}}.{one} and MetricData.member.{{N}}.{other} are mutually exclusive and you have \
                 specified both."
            )));
        }
        (None, _) => {
            return Err(ApiError::client(
                "MissingParameter",
                "At least one of the parameters MetricData.member.{N}.Value or MetricData.member.{N}.StatisticValues must be specified.",
            ));
        }
        (Some(_), None) => {}
    }
    if let Some(Real(value)) = datum.value {
        return Ok(Numbers::Values(vec![(value, 1.0)]));
    }
    if let Some(set) = &datum.statistic_values {
        return Ok(Numbers::Set {
            count: set.sample_count.0,
            sum: set.sum.0,
            minimum: set.minimum.0,
            maximum: set.maximum.0,
        });
    }
    if datum.values.len() > 150 {
        return Err(invalid(
            "The collection MetricData.member.{N}.Values must not have a size greater than 150.",
        ));
    }
    if !datum.counts.is_empty() && datum.counts.len() != datum.values.len() {
        return Err(invalid(
            "The parameters MetricData.member.{N}.Values and MetricData.member.{N}.Counts must be of the same size.",
        ));
    }
    let counts = datum.counts.iter().map(|count| count.0);
    let counts = counts.chain(std::iter::repeat(1.0));
    let values = datum.values.iter().map(|value| value.0);
    Ok(Numbers::Values(values.zip(counts).collect()))
}

/// A service of AWS tells one value of a metric of its own.
pub(crate) fn record(here: &mut Here<'_, CloudWatch>, at_ms: Millis, told: Told<'_>) {
    let dimensions = told.dimensions.iter().map(|(name, value)| Dimension {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    });
    let metric = Metric {
        namespace: told.namespace.to_owned(),
        metric_name: told.name.to_owned(),
        dimensions: dimensions.collect(),
    };
    let sample = Sample {
        unit: Some(told.unit.to_owned()),
        numbers: Numbers::Values(vec![(told.value, 1.0)]),
    };
    let Ok(metric) = metric.normal() else { return };
    let series = here.own.series.entry(metric.key());
    series
        .or_insert_with(|| Series::of(metric.clone()))
        .add(at_ms, sample);
    wake(here, &metric);
}

/// One value of a metric.
pub(crate) struct Told<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) dimensions: &'a [(&'a str, &'a str)],
    pub(crate) unit: &'a str,
    pub(crate) value: f64,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::front::{Service, ask};
    use crate::{Weather, World};

    fn refusal(datum: &Value) -> (&'static str, String) {
        let mut world = World::new(
            "123456789012",
            "sa-east-1",
            1,
            Weather::Calm,
            1_800_000_000_000,
        );
        let good = json!({ "MetricName": "m", "Value": 1.0 });
        let input = json!({ "Namespace": "shop", "MetricData": [good, datum] });
        let refused = ask(&mut world, Service::CloudWatch, "PutMetricData", &input);
        let refused = refused.expect_err("refused");
        (refused.code, refused.message)
    }

    #[test]
    fn a_datum_has_one_kind_of_value() {
        let both = json!({ "MetricName": "m", "Value": 1.0, "Values": [1.0] });
        let words = "The parameters MetricData.member.2.Value and MetricData.member.2.Values are mutually exclusive and you have \
                     specified both.";
        assert_eq!(
            refusal(&both),
            ("InvalidParameterCombination", words.to_owned())
        );
        let set = json!({ "SampleCount": 1.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0 });
        let other = json!({ "MetricName": "m", "Value": 1.0, "StatisticValues": set });
        assert!(
            refusal(&other)
                .1
                .contains("Value and MetricData.member.2.StatisticValues")
        );
        let none = json!({ "MetricName": "m" });
        assert_eq!(refusal(&none).0, "MissingParameter");
    }
}
