//! PutMetricAlarm, and what a metric alarm is told to watch.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::find::{Input, alarm_arn, combination, validation};
use super::history;
use super::metric::{Dimension, Metric};
use super::query::{MetricDataQuery, Query, queries};
use super::state::{Actions, Alarm, AlarmRule, AlarmState};
use super::statistic::Statistic;
use super::tags::{self, Tag};
use super::verdict::{Comparison, Missing};
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::{Flag, Real, Whole};
use crate::{ApiError, Millis};

/// What decides the state of a metric alarm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MetricRule {
    pub(super) watched: Watched,
    pub(super) evaluation_periods: u32,
    pub(super) datapoints_to_alarm: Option<u32>,
    pub(super) threshold: f64,
    pub(super) comparison: Comparison,
    pub(super) missing: Option<Missing>,
    /// When it is evaluated next.
    pub(super) next_look_ms: Option<Millis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Watched {
    Single {
        metric: Metric,
        /// As it was given.
        statistic: String,
        period_ms: Millis,
        unit: Option<String>,
    },
    /// The first one whose data is returned is compared.
    Math(Vec<Query>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutMetricAlarm {
    alarm_name: String,
    alarm_description: Option<String>,
    actions_enabled: Option<Flag>,
    #[serde(default, rename = "OKActions")]
    ok_actions: Vec<String>,
    #[serde(default)]
    alarm_actions: Vec<String>,
    #[serde(default)]
    insufficient_data_actions: Vec<String>,
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    period: Option<Whole>,
    unit: Option<String>,
    evaluation_periods: Option<Whole>,
    datapoints_to_alarm: Option<Whole>,
    threshold: Option<Real>,
    comparison_operator: String,
    treat_missing_data: Option<String>,
    evaluate_low_sample_count_percentile: Option<String>,
    #[serde(default)]
    metrics: Vec<MetricDataQuery>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Input for PutMetricAlarm {}

/// A new alarm starts in INSUFFICIENT_DATA; an updated one keeps its state [MODEL].
pub(super) fn put(
    here: &mut Here<'_, CloudWatch>,
    request: PutMetricAlarm,
) -> Result<Value, ApiError> {
    let name = request.alarm_name.clone();
    let earlier = here.own.alarms.get(&name);
    if earlier.is_some_and(|alarm| matches!(alarm.rule, AlarmRule::Composite(_))) {
        return Err(validation(format!(
            "Alarm with name {name} already exists as a composite alarm"
        )));
    }
    let actions = Actions {
        enabled: request.actions_enabled.is_none_or(|flag| flag.0),
        ok: request.ok_actions.clone(),
        alarm: request.alarm_actions.clone(),
        insufficient_data: request.insufficient_data_actions.clone(),
    };
    checked(&actions)?;
    let description = request.alarm_description.clone();
    let given_tags = request.tags.clone();
    let rule = AlarmRule::Metric(Box::new(rule(request)?));
    if here.configure(&name, description, actions, rule) {
        tags::put(here, alarm_arn(here, &name), given_tags);
    }
    super::evaluate::plan(here, &name);
    Ok(json!({}))
}

/// Every one an ARN [MODEL].
pub(super) fn checked(actions: &Actions) -> Result<(), ApiError> {
    for list in [&actions.ok, &actions.alarm, &actions.insufficient_data] {
        if let Some(action) = list.iter().find(|action| !action.starts_with("arn:")) {
            return Err(validation(format!("Invalid arn syntax: {action}")));
        }
    }
    Ok(())
}

impl Here<'_, CloudWatch> {
    /// Makes or changes an alarm; true when it is new.
    pub(super) fn configure(
        &mut self,
        name: &str,
        description: Option<String>,
        actions: Actions,
        rule: AlarmRule,
    ) -> bool {
        let now_ms = self.now_ms;
        let earlier = self.own.alarms.get(name).cloned();
        let is_new = earlier.is_none();
        let alarm = Alarm {
            description,
            actions,
            rule,
            held: false,
            configured_ms: now_ms,
            ..earlier.unwrap_or_else(|| Alarm::new(now_ms))
        };
        self.own.alarms.insert(name.to_owned(), alarm);
        history::configured(self, name, if is_new { "created" } else { "updated" });
        is_new
    }
}

impl Alarm {
    /// In INSUFFICIENT_DATA, watching nothing.
    pub(super) fn new(now_ms: Millis) -> Self {
        Self {
            state: AlarmState::InsufficientData,
            since_ms: now_ms,
            updated_ms: now_ms,
            configured_ms: now_ms,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            reason_data: None,
            held: false,
            description: None,
            actions: Actions::default(),
            rule: AlarmRule::Composite("FALSE".to_owned()),
        }
    }
}

fn rule(request: PutMetricAlarm) -> Result<MetricRule, ApiError> {
    let evaluation_periods =
        count(request.evaluation_periods).ok_or_else(|| null("evaluationPeriods"))?;
    let datapoints_to_alarm = count(request.datapoints_to_alarm);
    if datapoints_to_alarm.is_some_and(|wanted| wanted > evaluation_periods) {
        return Err(validation(
            "Datapoints to alarm must be less than or equal to evaluation periods",
        ));
    }
    let operator = &request.comparison_operator;
    let comparison = Comparison::named(operator)
        .ok_or_else(|| not_implemented(&format!("cloudwatch alarms that compare by {operator}")))?;
    let missing = match request.treat_missing_data.as_deref() {
        None => None,
        Some(name) => Some(Missing::named(name).ok_or_else(|| {
            validation(format!(
                "Invalid value for TreatMissingData. It must be one of the following: breaching, notBreaching, ignore, missing. \
                 Found: {name}"
            ))
        })?),
    };
    if let Some(low) = request.evaluate_low_sample_count_percentile.as_deref()
        && low != "evaluate"
    {
        return Err(validation(format!(
            "the simulator does not know EvaluateLowSampleCountPercentile {low}"
        )));
    }
    let Real(threshold) = request.threshold.ok_or_else(|| null("threshold"))?;
    let watched = watched(request)?;
    looks_back(watched.period_ms(), evaluation_periods)?;
    Ok(MetricRule {
        watched,
        evaluation_periods,
        datapoints_to_alarm,
        threshold,
        comparison,
        missing,
        next_look_ms: None,
    })
}

/// A day, and a week with periods of an hour or more [DOC].
fn looks_back(period_ms: Millis, evaluation_periods: u32) -> Result<(), ApiError> {
    let (longest_ms, words) = if period_ms < 3_600_000 {
        (
            86_400_000,
            "a day (EvaluationPeriods * Period must be <= 86400)",
        )
    } else {
        (
            7 * 86_400_000,
            "a week (EvaluationPeriods * Period must be <= 604800)",
        )
    };
    if period_ms.saturating_mul(evaluation_periods.into()) <= longest_ms {
        return Ok(());
    }
    Err(validation(format!(
        "Metrics cannot be checked across more than {words}"
    )))
}

fn watched(request: PutMetricAlarm) -> Result<Watched, ApiError> {
    if !request.metrics.is_empty() {
        if request.metric_name.is_some() || request.namespace.is_some() || request.period.is_some()
        {
            return Err(combination(
                "MetricName, Namespace, Dimensions, Period, Unit, Statistic and ExtendedStatistic cannot be used together with Metrics",
            ));
        }
        let queries = queries(request.metrics)?;
        let returned = queries.iter().filter(|query| query.returned).count();
        if returned != 1 {
            return Err(validation(
                "Exactly one element of the metrics list should return data.",
            ));
        }
        return Ok(Watched::Math(queries));
    }
    let statistic = match (request.statistic, request.extended_statistic) {
        (Some(statistic), None) | (None, Some(statistic)) => statistic,
        (None, None) => {
            return Err(validation(
                "Exactly one of Statistic and ExtendedStatistic must be specified",
            ));
        }
        (Some(_), Some(_)) => {
            return Err(combination(
                "Statistic and ExtendedStatistic cannot be used together",
            ));
        }
    };
    if Statistic::named(&statistic).is_none() {
        return Err(validation(format!(
            "the simulator does not know the statistic {statistic}"
        )));
    }
    let period = request.period.ok_or_else(|| null("period"))?;
    let period_ms = super::read_data::period_ms(period)
        .ok()
        .filter(|period_ms| *period_ms >= 10_000)
        .ok_or_else(|| validation("Period must be 10, 20, 30 or a multiple of 60"))?;
    let metric = Metric {
        namespace: request.namespace.ok_or_else(|| null("namespace"))?,
        metric_name: request.metric_name.ok_or_else(|| null("metricName"))?,
        dimensions: request.dimensions,
    };
    Ok(Watched::Single {
        metric: metric.normal()?,
        statistic,
        period_ms,
        unit: request.unit,
    })
}

impl Watched {
    /// Of an expression: the shortest period of its metrics.
    pub(super) fn period_ms(&self) -> Millis {
        match self {
            Self::Single { period_ms, .. } => *period_ms,
            Self::Math(queries) => {
                let periods = queries.iter().filter_map(|query| query.period_ms());
                periods.min().unwrap_or(60_000)
            }
        }
    }

    pub(super) fn metrics(&self) -> Vec<&Metric> {
        match self {
            Self::Single { metric, .. } => vec![metric],
            Self::Math(queries) => queries.iter().filter_map(Query::metric).collect(),
        }
    }
}

fn count(given: Option<Whole>) -> Option<u32> {
    given.map(|Whole(count)| u32::try_from(count).unwrap_or_default())
}

fn null(name: &str) -> ApiError {
    validation(format!("The request must contain the parameter {name}."))
}
