//! GetMetricStatistics and ListMetrics.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::find::{Input, combination, invalid};
use super::metric::{Dimension, Metric, Sample};
use super::statistic::Statistic;
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::{Moment, Whole, instant, map, page};
use crate::{ApiError, Millis};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetMetricStatistics {
    namespace: String,
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    start_time: Moment,
    end_time: Moment,
    period: Whole,
    #[serde(default)]
    statistics: Vec<String>,
    #[serde(default)]
    extended_statistics: Vec<String>,
    unit: Option<String>,
}

impl Input for GetMetricStatistics {}

/// One call answers this many datapoints [MODEL].
const MOST_DATAPOINTS: u64 = 1_440;

pub(super) fn statistics(
    here: &mut Here<'_, CloudWatch>,
    request: GetMetricStatistics,
) -> Result<Value, ApiError> {
    let period_ms = period_ms(request.period)?;
    let (Moment(start_ms), Moment(end_ms)) = (request.start_time, request.end_time);
    if start_ms / 1_000 >= end_ms / 1_000 {
        // LocalStack's `test_invalid_amount_of_datapoints`, recorded on AWS [OBS].
        return Err(invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let wanted = (end_ms - start_ms) / period_ms;
    if wanted > MOST_DATAPOINTS {
        return Err(combination(format!(
            "You have requested up to {wanted} datapoints, which exceeds the limit of {MOST_DATAPOINTS}. You may reduce the \
             datapoints requested by increasing Period, or decreasing the time range."
        )));
    }
    let named = named(&request.statistics, &request.extended_statistics)?;
    let metric = Metric {
        namespace: request.namespace,
        metric_name: request.metric_name,
        dimensions: request.dimensions,
    };
    let metric = metric.normal()?;
    let samples = here.samples(&metric, start_ms - start_ms % period_ms, end_ms);
    // Each unit has a datapoint of its own (LocalStack's `test_handle_different_units`, recorded on AWS [OBS]).
    let mut periods: BTreeMap<(Millis, Option<&str>), Vec<&Sample>> = BTreeMap::new();
    for (at_ms, sample) in &samples {
        if request.unit.is_none() || request.unit == sample.unit {
            let period = (at_ms - at_ms % period_ms, sample.unit.as_deref());
            periods.entry(period).or_default().push(sample);
        }
    }
    let points: Vec<Value> = periods
        .iter()
        .map(|((at_ms, _), samples)| datapoint(*at_ms, samples, &named))
        .collect();
    Ok(json!({ "Label": metric.metric_name, "Datapoints": points }))
}

/// 1, 5, 10, 20, 30 or a multiple of 60 [MODEL].
pub(super) fn period_ms(period: Whole) -> Result<Millis, ApiError> {
    let Whole(seconds) = period;
    if [1, 5, 10, 20, 30].contains(&seconds) || (seconds > 0 && seconds % 60 == 0) {
        let seconds = Millis::try_from(seconds).unwrap_or_default();
        return Ok(seconds.saturating_mul(1_000));
    }
    Err(invalid(
        "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
    ))
}

fn named(plain: &[String], extended: &[String]) -> Result<Vec<(String, Statistic)>, ApiError> {
    if plain.is_empty() && extended.is_empty() {
        return Err(ApiError::client(
            "MissingParameter",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ));
    }
    let read = |name: &String| match Statistic::named(name) {
        Some(statistic) => Ok((name.clone(), statistic)),
        None => Err(invalid(format!(
            "the simulator does not know the statistic {name}"
        ))),
    };
    plain.iter().chain(extended).map(read).collect()
}

fn datapoint(at_ms: Millis, samples: &[&Sample], named: &[(String, Statistic)]) -> Value {
    let mut point = Map::new();
    let mut percentiles = Map::new();
    point.insert("Timestamp".to_owned(), instant(at_ms));
    for (name, statistic) in named {
        let Some(value) = statistic.of(samples.iter().copied()) else {
            continue;
        };
        match statistic {
            Statistic::Percentile(_) => percentiles.insert(name.clone(), json!(value)),
            _ => point.insert(name.clone(), json!(value)),
        };
    }
    if !percentiles.is_empty() {
        point.insert("ExtendedStatistics".to_owned(), map(percentiles));
    }
    let unit = samples.first().and_then(|sample| sample.unit.clone());
    let unit = unit.unwrap_or_else(|| "None".to_owned());
    point.insert("Unit".to_owned(), Value::from(unit));
    Value::Object(point)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListMetrics {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<DimensionFilter>,
    next_token: Option<String>,
    recently_active: Option<String>,
}

impl Input for ListMetrics {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DimensionFilter {
    name: String,
    value: Option<String>,
}

/// 500 to a page [MODEL].
pub(super) fn list(
    here: &mut Here<'_, CloudWatch>,
    request: &ListMetrics,
) -> Result<Value, ApiError> {
    let recent_ms = request
        .recently_active
        .as_ref()
        .map(|_| here.now_ms.saturating_sub(3 * 3_600_000));
    let own = here.own.series.values().filter(|series| {
        recent_ms.is_none_or(|recent_ms| series.samples.range(recent_ms..).next().is_some())
    });
    let mut metrics: Vec<Metric> = own.map(|series| series.metric.clone()).collect();
    metrics.extend(here.load_balancer_metrics());
    metrics.retain(|metric| {
        let wanted = |filter: &DimensionFilter| {
            let found = metric.dimension(&filter.name);
            found.is_some_and(|found| filter.value.as_ref().is_none_or(|value| value == found))
        };
        request
            .namespace
            .as_ref()
            .is_none_or(|wanted| *wanted == metric.namespace)
            && request
                .metric_name
                .as_ref()
                .is_none_or(|wanted| *wanted == metric.metric_name)
            && request.dimensions.iter().all(wanted)
    });
    let metrics: Vec<Value> = metrics.iter().map(Metric::json).collect();
    let (metrics, next) = page(&metrics, None, request.next_token.as_deref(), 500)
        .map_err(|_| invalid("Request parameter NextToken is invalid"))?;
    Ok(json!({ "Metrics": metrics, "NextToken": next }))
}
