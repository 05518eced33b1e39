//! What an alarm does when its state changes: SNS topics get its message, scaling policies are triggered, any other action is only
//! written down.

use serde_json::{Value, json};

use super::evaluate::long_time;
use super::find::alarm_arn;
use super::history::{self, ItemKind};
use super::put_alarm::Watched;
use super::state::{Actions, Alarm, AlarmRule, Said};
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;
use backstay_aws_model::regions::is_arn_of;

pub(super) fn act(here: &mut Here<'_, CloudWatch>, name: &str, before: &Alarm, after: &Alarm) {
    if !after.actions.enabled {
        return;
    }
    for action in after.actions_now() {
        let outcome = if is_arn_of(action, "sns") {
            let said = Said::Message {
                alarm: name.to_owned(),
                topic: action.clone(),
                subject: format!("{}: \"{name}\" in {}", after.state.as_str(), here.region),
                message: message(here, name, before, after).to_string(),
            };
            here.own.outbox.push(said);
            Outcome::Sent
        } else if is_arn_of(action, "autoscaling") {
            here.own
                .outbox
                .push(scaling(name, after, action, newest(after)));
            Outcome::Sent
        } else {
            Outcome::NotCarriedOut
        };
        let (summary, data) = outcome.told(action);
        history::add(here, name, ItemKind::Action, summary, &data);
    }
}

/// "For Auto Scaling actions, the alarm continues to invoke the action once per minute that the alarm remains in the new state" [DOC].
pub(super) fn scale_again(here: &mut Here<'_, CloudWatch>, name: &str, value: Option<f64>) {
    let Some(alarm) = here
        .own
        .alarms
        .get(name)
        .filter(|alarm| alarm.actions.enabled)
    else {
        return;
    };
    let policies = alarm.actions_now().iter();
    let policies = policies.filter(|action| is_arn_of(action, "autoscaling"));
    let again: Vec<Said> = policies
        .map(|policy| scaling(name, alarm, policy, value))
        .collect();
    here.own.outbox.extend(again);
}

fn scaling(name: &str, alarm: &Alarm, policy: &str, value: Option<f64>) -> Said {
    let threshold = match &alarm.rule {
        AlarmRule::Metric(rule) => Some(rule.threshold),
        AlarmRule::Composite(_) => None,
    };
    Said::Scaling {
        alarm: name.to_owned(),
        policy: policy.to_owned(),
        state: alarm.state.as_str(),
        value,
        threshold,
    }
}

/// The newest datapoint that has brought an alarm into its state.
fn newest(alarm: &Alarm) -> Option<f64> {
    let data: Value = serde_json::from_str(alarm.reason_data.as_deref()?).ok()?;
    data.get("recentDatapoints")?.as_array()?.last()?.as_f64()
}

/// What became of an action.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Sent,
    NotSent,
    NotCarriedOut,
}

impl Outcome {
    /// What is written down of it.
    fn told(self, action: &str) -> (String, Value) {
        let (state, summary) = match self {
            Self::Sent => ("Succeeded", "Successfully executed action"),
            Self::NotSent => ("Failed", "Failed to execute action"),
            Self::NotCarriedOut => ("Failed", "The simulator does not carry out action"),
        };
        let data = json!({ "actionState": state, "notificationResource": action });
        (format!("{summary} {action}"), data)
    }
}

/// An action of an alarm could not be carried out: there is no such topic, or no such policy.
pub(crate) fn not_sent(own: &mut CloudWatch, alarm: &str, action: &str) {
    let (_, sent) = Outcome::Sent.told(action);
    let (summary, data) = Outcome::NotSent.told(action);
    history::correct(own, alarm, &sent, (summary, &data));
}

/// A Region as people call it, which is what alarms write (LocalStack's `test_put_metric_alarm`, recorded on AWS [OBS]; names [DOC]).
fn region_name(region: &str) -> &str {
    match region {
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        "ca-central-1" => "Canada (Central)",
        "sa-east-1" => "South America (Sao Paulo)",
        "eu-west-1" => "EU (Ireland)",
        "eu-west-2" => "EU (London)",
        "eu-west-3" => "EU (Paris)",
        "eu-central-1" => "EU (Frankfurt)",
        "eu-north-1" => "EU (Stockholm)",
        "eu-south-1" => "EU (Milan)",
        "ap-south-1" => "Asia Pacific (Mumbai)",
        "ap-southeast-1" => "Asia Pacific (Singapore)",
        "ap-southeast-2" => "Asia Pacific (Sydney)",
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "ap-northeast-2" => "Asia Pacific (Seoul)",
        "ap-northeast-3" => "Asia Pacific (Osaka)",
        "af-south-1" => "Africa (Cape Town)",
        "me-south-1" => "Middle East (Bahrain)",
        other => other,
    }
}

/// What an alarm writes to a topic (its shape [OBS]).
fn message(here: &Here<'_, CloudWatch>, name: &str, before: &Alarm, after: &Alarm) -> Value {
    let mut message = json!({
        "AlarmName": name,
        "AlarmDescription": after.description,
        "AWSAccountId": here.account,
        "AlarmConfigurationUpdatedTimestamp": long_time(after.configured_ms),
        "NewStateValue": after.state.as_str(),
        "NewStateReason": after.reason,
        "StateChangeTime": long_time(after.since_ms),
        "Region": region_name(here.region),
        "AlarmArn": alarm_arn(here, name),
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

/// Alarms that have scaling policies as their actions: action, name and ARN of each.
pub(crate) fn alarms_of_policies(here: &Here<'_, CloudWatch>) -> Vec<(String, String, String)> {
    let alarms = here.own.alarms.iter().flat_map(|(name, alarm)| {
        let Actions {
            ok,
            alarm,
            insufficient_data,
            ..
        } = &alarm.actions;
        let actions = ok.iter().chain(alarm).chain(insufficient_data);
        actions.map(move |action| (action, name))
    });
    let policies = alarms.filter(|(action, _)| is_arn_of(action, "autoscaling"));
    policies
        .map(|(action, name)| (action.clone(), name.clone(), alarm_arn(here, name)))
        .collect()
}
