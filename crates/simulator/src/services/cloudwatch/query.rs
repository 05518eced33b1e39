//! GetMetricData, and the queries that it shares with alarms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::expression::Expression;
use super::find::{Input, validation};
use super::metric::Metric;
use super::read_data::period_ms;
use super::statistic::Statistic;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::{Flag, Moment, Whole, instant};
use crate::{ApiError, Millis};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct MetricDataQuery {
    id: String,
    metric_stat: Option<MetricStat>,
    expression: Option<String>,
    label: Option<String>,
    return_data: Option<Flag>,
    #[serde(rename = "Period")]
    _period: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MetricStat {
    metric: Metric,
    period: Whole,
    stat: String,
    unit: Option<String>,
}

/// A metric's statistic, or an expression over other queries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) label: Option<String>,
    /// ReturnData.
    pub(super) returned: bool,
    pub(super) source: Source,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Source {
    Metric {
        metric: Metric,
        period_ms: Millis,
        /// As it was given.
        statistic: String,
        unit: Option<String>,
    },
    Expression(String),
}

/// Checks and reads queries: every expression must only name queries that are there.
pub(super) fn queries(given: Vec<MetricDataQuery>) -> Result<Vec<Query>, ApiError> {
    let mut read: Vec<Query> = Vec::new();
    for query in given {
        if read.iter().any(|other| other.id == query.id) {
            return Err(validation(format!("The id {} is used twice.", query.id)));
        }
        read.push(Query {
            source: source(&query)?,
            id: query.id,
            label: query.label,
            returned: query.return_data.is_none_or(|flag| flag.0),
        });
    }
    for query in &read {
        if let Source::Expression(text) = &query.source {
            // Metrics Insights is another language [DOC].
            if text
                .trim_start()
                .to_ascii_uppercase()
                .starts_with("SELECT ")
            {
                return Err(not_implemented("Metrics Insights queries"));
            }
            let expression = Expression::parse(text).map_err(validation)?;
            let unknown = expression.names().into_iter().find(|name| {
                // Only of metrics: an expression over expressions could go round in circles.
                !read
                    .iter()
                    .any(|other| other.id == *name && other.metric().is_some())
            });
            if let Some(name) = unknown {
                return Err(validation(format!(
                    "Error in expression '{}': the id {name} is not that of a metric in the request",
                    query.id
                )));
            }
        }
    }
    Ok(read)
}

fn source(query: &MetricDataQuery) -> Result<Source, ApiError> {
    match (&query.metric_stat, &query.expression) {
        (Some(stat), None) => {
            if Statistic::named(&stat.stat).is_none() {
                return Err(validation(format!(
                    "the simulator does not know the statistic {}",
                    stat.stat
                )));
            }
            Ok(Source::Metric {
                metric: stat.metric.clone().normal()?,
                period_ms: period_ms(stat.period)?,
                statistic: stat.stat.clone(),
                unit: stat.unit.clone(),
            })
        }
        (None, Some(text)) => Ok(Source::Expression(text.clone())),
        _ => Err(validation(
            "Exactly one of MetricStat and Expression must be specified in a metric data query.",
        )),
    }
}

impl Query {
    pub(super) fn metric(&self) -> Option<&Metric> {
        match &self.source {
            Source::Metric { metric, .. } => Some(metric),
            Source::Expression(_) => None,
        }
    }

    pub(super) fn period_ms(&self) -> Option<Millis> {
        match &self.source {
            Source::Metric { period_ms, .. } => Some(*period_ms),
            Source::Expression(_) => None,
        }
    }

    /// As DescribeAlarms repeats it.
    pub(super) fn json(&self) -> Value {
        let (stat, expression) = match &self.source {
            Source::Metric {
                metric,
                period_ms,
                statistic,
                unit,
            } => {
                let stat = json!({
                    "Metric": metric.json(),
                    "Period": period_ms / 1_000,
                    "Stat": statistic,
                    "Unit": unit,
                });
                (Some(stat), None)
            }
            Source::Expression(text) => (None, Some(text)),
        };
        json!({
            "Id": self.id,
            "MetricStat": stat,
            "Expression": expression,
            "Label": self.label,
            "ReturnData": self.returned,
        })
    }
}

impl Here<'_, CloudWatch> {
    /// The value of a returned query in the period that ends at `end_ms`.
    pub(super) fn value_of(&self, queries: &[Query], query: &Query, end_ms: Millis) -> Option<f64> {
        match &query.source {
            Source::Metric {
                metric,
                period_ms,
                statistic,
                unit,
            } => {
                let start_ms = end_ms.saturating_sub(*period_ms);
                self.statistic(metric, statistic, unit.as_deref(), start_ms, end_ms)
            }
            Source::Expression(text) => Expression::parse(text).ok()?.value(&|name| {
                let named = queries.iter().find(|query| query.id == name)?;
                self.value_of(queries, named, end_ms)
            }),
        }
    }

    pub(super) fn statistic(
        &self,
        metric: &Metric,
        statistic: &str,
        unit: Option<&str>,
        start_ms: Millis,
        end_ms: Millis,
    ) -> Option<f64> {
        let samples = self.samples(metric, start_ms, end_ms);
        let samples = samples.iter().map(|(_, sample)| sample);
        let samples = samples.filter(|sample| unit.is_none() || unit == sample.unit.as_deref());
        Statistic::named(statistic)?.of(samples)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetMetricData {
    metric_data_queries: Vec<MetricDataQuery>,
    start_time: Moment,
    end_time: Moment,
    scan_by: Option<String>,
    max_datapoints: Option<Whole>,
    next_token: Option<String>,
}

impl Input for GetMetricData {}

/// Datapoints that one call answers [MODEL]; here it also bounds the periods that are looked at.
const MOST_DATAPOINTS: u64 = 100_800;

pub(super) fn get(
    here: &mut Here<'_, CloudWatch>,
    request: GetMetricData,
) -> Result<Value, ApiError> {
    let (Moment(start_ms), Moment(end_ms)) = (request.start_time, request.end_time);
    // Whole seconds count; the words moto's `cloudwatch` [CODE].
    if start_ms / 1_000 == end_ms / 1_000 {
        return Err(validation(
            "The parameter StartTime must not equal parameter EndTime.",
        ));
    }
    if start_ms > end_ms {
        return Err(validation(
            "The parameter EndTime must be greater than StartTime.",
        ));
    }
    if request.metric_data_queries.len() > 500 {
        return Err(validation(
            "The collection MetricDataQueries must not have a size greater than 500.",
        ));
    }
    let queries = queries(request.metric_data_queries)?;
    let shortest_ms = queries.iter().filter_map(Query::period_ms).min();
    let shortest_ms = shortest_ms.unwrap_or(60_000);
    if (end_ms - start_ms) / shortest_ms > MOST_DATAPOINTS {
        return Err(validation(format!(
            "the simulator answers at most {MOST_DATAPOINTS} periods of one query"
        )));
    }
    let ascending = request.scan_by.as_deref() == Some("TimestampAscending");
    // Pages are counted over the datapoints of all queries (LocalStack's `test_get_metric_data_pagination`, validated on AWS [OBS]).
    let most = request
        .max_datapoints
        .map_or(MOST_DATAPOINTS, |Whole(most)| {
            u64::try_from(most)
                .unwrap_or(MOST_DATAPOINTS)
                .min(MOST_DATAPOINTS)
        });
    let mut left = usize::try_from(most).unwrap_or(usize::MAX);
    let before = match request.next_token.as_deref().map(str::parse::<usize>) {
        None => 0,
        Some(Ok(before)) => before,
        Some(Err(_)) => return Err(validation("The token supplied is invalid")),
    };
    let (mut skipped, mut next) = (before, None);
    let results: Vec<Value> = queries
        .iter()
        .filter(|query| query.returned)
        .map(|query| {
            let mut points = here.points(&queries, query, start_ms, end_ms, shortest_ms);
            if !ascending {
                points.reverse();
            }
            let past = skipped.min(points.len());
            skipped -= past;
            points.drain(..past);
            let is_whole = points.len() <= left;
            points.truncate(left);
            left -= points.len();
            if !is_whole {
                next = usize::try_from(most)
                    .ok()
                    .map(|most| (before + most).to_string());
            }
            let label = query.label.clone();
            json!({
                "Id": query.id,
                "Label": label.unwrap_or_else(|| own_label(&queries, query)),
                "Timestamps": points.iter().map(|(at_ms, _)| instant(*at_ms)).collect::<Vec<_>>(),
                "Values": points.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
                "StatusCode": if is_whole { "Complete" } else { "PartialData" },
            })
        })
        .collect();
    Ok(json!({ "MetricDataResults": results, "Messages": [], "NextToken": next }))
}

/// The label of a query that has none: the metric's name, and what tells the queries apart: statistic, then period in seconds, each where
/// the queries differ in it (LocalStack `test_label_generation`, recorded on AWS [OBS]; the order [MEM]).
fn own_label(queries: &[Query], query: &Query) -> String {
    let measured = |query: &Query| match &query.source {
        Source::Metric {
            metric,
            period_ms,
            statistic,
            ..
        } => Some((metric.metric_name.clone(), statistic.clone(), *period_ms)),
        Source::Expression(_) => None,
    };
    let Some((mut label, statistic, period_ms)) = measured(query) else {
        return query.id.clone();
    };
    let all: Vec<_> = queries.iter().filter_map(measured).collect();
    if all.iter().any(|(_, other, _)| *other != statistic) {
        label.push_str(&format!(" {statistic}"));
    }
    if all.iter().any(|(_, _, other_ms)| *other_ms != period_ms) {
        label.push_str(&format!(" {}", period_ms / 1_000));
    }
    label
}

impl Here<'_, CloudWatch> {
    /// Oldest first; periods without a value are left out.
    fn points(
        &self,
        queries: &[Query],
        query: &Query,
        start_ms: Millis,
        end_ms: Millis,
        shortest_ms: Millis,
    ) -> Vec<(Millis, f64)> {
        let period_ms = query.period_ms().unwrap_or(shortest_ms);
        let start_ms = start_ms - start_ms % period_ms;
        let names = match &query.source {
            Source::Metric { .. } => vec![query.id.clone()],
            Source::Expression(text) => {
                Expression::parse(text).map_or_else(|_| Vec::new(), |it| it.names())
            }
        };
        // Only periods in which some metric has a sample can have a value.
        let mut periods = BTreeMap::new();
        let metrics = queries.iter().filter(|query| names.contains(&query.id));
        for metric in metrics.filter_map(Query::metric) {
            for (at_ms, _) in self.samples(metric, start_ms, end_ms) {
                periods.insert(at_ms - at_ms % period_ms, ());
            }
        }
        let starts = periods.into_keys();
        starts
            .filter_map(|at_ms| Some((at_ms, self.value_of(queries, query, at_ms + period_ms)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::front::{Service, ask};
    use crate::{Weather, World};

    fn labels(queries: &[(&str, &str, u64, Option<&str>)]) -> Vec<String> {
        let mut world = World::new(
            "123456789012",
            "sa-east-1",
            1,
            Weather::Calm,
            1_800_000_000_000,
        );
        let queries = queries.iter().zip(1..).map(|((name, stat, period, label), number)| {
            let stat = json!({ "Metric": { "Namespace": "shop", "MetricName": name }, "Period": period, "Stat": stat });
            let mut query = json!({ "Id": format!("q{number}"), "MetricStat": stat });
            if let Some(label) = label {
                query["Label"] = json!(label);
            }
            query
        });
        let input = json!({ "MetricDataQueries": queries.collect::<Vec<Value>>(), "StartTime": 1_799_990_000, "EndTime": 1_800_000_000 });
        let answer =
            ask(&mut world, Service::CloudWatch, "GetMetricData", &input).expect("an answer");
        let results = answer["MetricDataResults"]
            .as_array()
            .expect("results")
            .iter();
        results
            .map(|one| one["Label"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn a_label_tells_queries_apart() {
        for (queries, expected) in [
            (&[("orders", "Sum", 60, None)][..], &["orders"][..]),
            (
                &[("orders", "Sum", 60, None), ("refunds", "Sum", 60, None)],
                &["orders", "refunds"],
            ),
            (
                &[("orders", "Sum", 60, None), ("orders", "Maximum", 60, None)],
                &["orders Sum", "orders Maximum"],
            ),
            (
                &[("orders", "Sum", 60, None), ("orders", "Sum", 300, None)],
                &["orders 60", "orders 300"],
            ),
            (
                &[
                    ("orders", "Sum", 60, None),
                    ("orders", "Maximum", 300, Some("most")),
                ],
                &["orders Sum 60", "most"],
            ),
        ] {
            assert_eq!(labels(queries), expected, "{queries:?}");
        }
    }
}
