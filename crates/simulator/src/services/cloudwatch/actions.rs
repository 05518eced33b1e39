//! What an alarm does when its state changes: SNS topics get its message, any other action is only written down.

use serde_json::{Value, json};

use super::evaluate::long_time;
use super::find::alarm_arn;
use super::history::{self, ItemKind};
use super::put_alarm::Watched;
use super::state::{Alarm, AlarmRule};
use crate::World;

pub(super) fn act(world: &mut World, name: &str, before: &Alarm, after: &Alarm) {
    if !after.actions.enabled {
        return;
    }
    for action in after.actions_now() {
        let (state, summary) = if action.starts_with("arn:aws:sns:") {
            let message = message(world, name, before, after).to_string();
            let subject = format!("{}: \"{name}\" in {}", after.state.as_str(), world.region);
            if world.publish(action, &subject, &message) {
                (
                    "Succeeded",
                    format!("Successfully executed action {action}"),
                )
            } else {
                ("Failed", format!("Failed to execute action {action}"))
            }
        } else {
            let summary = format!("The simulator does not carry out action {action}");
            ("Failed", summary)
        };
        let data = json!({ "actionState": state, "notificationResource": action });
        history::add(world, name, ItemKind::Action, summary, &data);
    }
}

/// What an alarm writes to a topic (its shape [OBS]).
fn message(world: &World, name: &str, before: &Alarm, after: &Alarm) -> Value {
    let mut message = json!({
        "AlarmName": name,
        "AlarmDescription": after.description,
        "AWSAccountId": world.account,
        "AlarmConfigurationUpdatedTimestamp": long_time(after.configured_ms),
        "NewStateValue": after.state.as_str(),
        "NewStateReason": after.reason,
        "StateChangeTime": long_time(after.since_ms),
        "Region": world.region,
        "AlarmArn": alarm_arn(world, name),
        "OldStateValue": before.state.as_str(),
        "OKActions": after.actions.ok,
        "AlarmActions": after.actions.alarm,
        "InsufficientDataActions": after.actions.insufficient_data,
    });
    match &after.rule {
        AlarmRule::Composite(rule) => message["AlarmRule"] = json!(rule),
        AlarmRule::Metric(rule) => {
            let mut trigger = json!({
                "Period": rule.watched.period_ms() / 1_000,
                "EvaluationPeriods": rule.evaluation_periods,
                "ComparisonOperator": rule.comparison.as_str(),
                "Threshold": rule.threshold,
                "TreatMissingData": rule.missing.unwrap_or_default().as_str(),
                "EvaluateLowSampleCountPercentile": "",
            });
            if let Some(wanted) = rule.datapoints_to_alarm {
                trigger["DatapointsToAlarm"] = json!(wanted);
            }
            match &rule.watched {
                Watched::Single {
                    metric,
                    statistic,
                    unit,
                    ..
                } => {
                    let dimensions = metric.dimensions.iter();
                    let dimensions: Vec<Value> = dimensions
                        .map(|it| json!({ "value": it.value, "name": it.name }))
                        .collect();
                    trigger["MetricName"] = json!(metric.metric_name);
                    trigger["Namespace"] = json!(metric.namespace);
                    trigger["StatisticType"] = json!("Statistic");
                    trigger["Statistic"] = json!(statistic.to_uppercase());
                    trigger["Unit"] = json!(unit);
                    trigger["Dimensions"] = json!(dimensions);
                }
                Watched::Math(queries) => {
                    let queries: Vec<Value> = queries.iter().map(|query| query.json()).collect();
                    trigger["Metrics"] = json!(queries);
                }
            }
            message["Trigger"] = trigger;
        }
    }
    message
}
