//! DescribeAlarms and DescribeAlarmsForMetric.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::composite::parents;
use super::find::{Input, alarm_arn, combination};
use super::history::{invalid_token, page_size};
use super::manage::children_of;
use super::metric::{Dimension, Metric};
use super::put_alarm::Watched;
use super::state::{Alarm, AlarmRule};
use super::statistic::Statistic;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::{Whole, instant, page};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeAlarms {
    alarm_names: Option<Vec<String>>,
    alarm_name_prefix: Option<String>,
    #[serde(default)]
    alarm_types: Vec<String>,
    children_of_alarm_name: Option<String>,
    parents_of_alarm_name: Option<String>,
    state_value: Option<String>,
    action_prefix: Option<String>,
    max_records: Option<Whole>,
    next_token: Option<String>,
}

impl Input for DescribeAlarms {}

/// Without AlarmTypes only metric alarms are answered, even when a composite alarm is asked for by its name (B7 [MODEL]).
pub(super) fn alarms(
    here: &mut Here<'_, CloudWatch>,
    request: &DescribeAlarms,
) -> Result<Value, ApiError> {
    let size = page_size(request.max_records);
    if request.alarm_names.is_some() && request.alarm_name_prefix.is_some() {
        return Err(combination(
            "AlarmNames and AlarmNamePrefix cannot be specified together",
        ));
    }
    if let Some(name) = &request.children_of_alarm_name {
        return relatives(here, children_of(here, name));
    }
    if let Some(name) = &request.parents_of_alarm_name {
        return relatives(here, parents(here, name));
    }
    let types = types(&request.alarm_types);
    let alarms = here.own.alarms.iter();
    let found = alarms.filter(|(name, alarm)| {
        let names = request.alarm_names.as_ref();
        let prefix = request.alarm_name_prefix.as_deref();
        let state = request.state_value.as_deref();
        types.contains(&alarm.kind())
            && names.is_none_or(|names| names.is_empty() || names.contains(name))
            && prefix.is_none_or(|prefix| name.starts_with(prefix))
            && state.is_none_or(|state| state == alarm.state.as_str())
            && acts(alarm, request.action_prefix.as_deref())
    });
    let found: Vec<&String> = found.map(|(name, _)| name).collect();
    let (found, next) = page(&found, Some(size), request.next_token.as_deref(), size)
        .map_err(|_| invalid_token())?;
    let mut metric = Vec::new();
    let mut composite = Vec::new();
    for name in found {
        let Some(alarm) = here.own.alarms.get(name) else {
            continue;
        };
        let list = match alarm.rule {
            AlarmRule::Metric(_) => &mut metric,
            AlarmRule::Composite(_) => &mut composite,
        };
        list.push(described(here, name, alarm));
    }
    Ok(json!({ "MetricAlarms": metric, "CompositeAlarms": composite, "NextToken": next }))
}

fn types(given: &[String]) -> Vec<&str> {
    if given.is_empty() {
        return vec!["MetricAlarm"];
    }
    given.iter().map(String::as_str).collect()
}

fn acts(alarm: &Alarm, prefix: Option<&str>) -> bool {
    let Some(prefix) = prefix else { return true };
    let lists = [
        &alarm.actions.ok,
        &alarm.actions.alarm,
        &alarm.actions.insufficient_data,
    ];
    let mut actions = lists.into_iter().flatten();
    actions.any(|action| action.starts_with(prefix))
}

/// Of relatives only name, ARN, state and time of transition are answered [MODEL].
fn relatives(here: &Here<'_, CloudWatch>, names: Vec<String>) -> Result<Value, ApiError> {
    let mut metric = Vec::new();
    let mut composite = Vec::new();
    for name in names {
        let Some(alarm) = here.own.alarms.get(&name) else {
            continue;
        };
        let relative = json!({
            "AlarmName": name,
            "AlarmArn": alarm_arn(here, &name),
            "StateValue": alarm.state.as_str(),
            "StateTransitionedTimestamp": instant(alarm.since_ms),
        });
        match alarm.rule {
            AlarmRule::Metric(_) => metric.push(relative),
            AlarmRule::Composite(_) => composite.push(relative),
        }
    }
    Ok(json!({ "MetricAlarms": metric, "CompositeAlarms": composite }))
}

fn described(here: &Here<'_, CloudWatch>, name: &str, alarm: &Alarm) -> Value {
    let mut members = Map::new();
    let mut say = |member: &str, value: Value| {
        members.insert(member.to_owned(), value);
    };
    say("AlarmName", json!(name));
    say("AlarmArn", json!(alarm_arn(here, name)));
    say("AlarmDescription", json!(alarm.description));
    say(
        "AlarmConfigurationUpdatedTimestamp",
        instant(alarm.configured_ms),
    );
    say("ActionsEnabled", json!(alarm.actions.enabled));
    say("OKActions", json!(alarm.actions.ok));
    say("AlarmActions", json!(alarm.actions.alarm));
    say(
        "InsufficientDataActions",
        json!(alarm.actions.insufficient_data),
    );
    say("StateValue", json!(alarm.state.as_str()));
    say("StateReason", json!(alarm.reason));
    say("StateReasonData", json!(alarm.reason_data));
    say("StateUpdatedTimestamp", instant(alarm.updated_ms));
    say("StateTransitionedTimestamp", instant(alarm.since_ms));
    match &alarm.rule {
        AlarmRule::Composite(rule) => say("AlarmRule", json!(rule)),
        AlarmRule::Metric(rule) => {
            say("EvaluationPeriods", json!(rule.evaluation_periods));
            say("DatapointsToAlarm", json!(rule.datapoints_to_alarm));
            say("Threshold", json!(rule.threshold));
            say("ComparisonOperator", json!(rule.comparison.as_str()));
            let missing = rule.missing.map(|missing| missing.as_str());
            say("TreatMissingData", json!(missing));
            watched(&rule.watched, &mut say);
        }
    }
    Value::Object(members)
}

fn watched(watched: &Watched, say: &mut impl FnMut(&str, Value)) {
    match watched {
        Watched::Single {
            metric,
            statistic,
            period_ms,
            unit,
        } => {
            say("MetricName", json!(metric.metric_name));
            say("Namespace", json!(metric.namespace));
            say("Dimensions", json!(metric.dimensions));
            say("Period", json!(period_ms / 1_000));
            say("Unit", json!(unit));
            let member = match Statistic::named(statistic) {
                Some(Statistic::Percentile(_)) => "ExtendedStatistic",
                _ => "Statistic",
            };
            say(member, json!(statistic));
        }
        Watched::Math(queries) => {
            let queries: Vec<Value> = queries.iter().map(|query| query.json()).collect();
            say("Metrics", json!(queries));
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeAlarmsForMetric {
    metric_name: String,
    namespace: String,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    period: Option<Whole>,
    unit: Option<String>,
}

impl Input for DescribeAlarmsForMetric {}

/// Only alarms on a metric itself: those on expressions are not found this way [MODEL].
pub(super) fn for_metric(
    here: &mut Here<'_, CloudWatch>,
    request: DescribeAlarmsForMetric,
) -> Result<Value, ApiError> {
    let wanted = Metric {
        namespace: request.namespace,
        metric_name: request.metric_name,
        dimensions: request.dimensions,
    };
    let wanted = wanted.normal()?;
    let by_statistic = request.statistic.or(request.extended_statistic);
    let alarms = here.own.alarms.iter().filter(|(_, alarm)| {
        let AlarmRule::Metric(rule) = &alarm.rule else {
            return false;
        };
        match &rule.watched {
            Watched::Math(_) => false,
            Watched::Single {
                metric,
                statistic,
                period_ms,
                unit,
            } => {
                let seconds = i64::try_from(period_ms / 1_000).unwrap_or_default();
                *metric == wanted
                    && by_statistic.as_ref().is_none_or(|it| it == statistic)
                    && request.period.is_none_or(|period| period.0 == seconds)
                    && (request.unit.is_none() || request.unit == *unit)
            }
        }
    });
    let alarms: Vec<Value> = alarms
        .map(|(name, alarm)| described(here, name, alarm))
        .collect();
    Ok(json!({ "MetricAlarms": alarms }))
}
