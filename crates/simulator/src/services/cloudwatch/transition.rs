//! An alarm comes into a state: it is written down, told, acted on, and the composite alarms above it are asked again.

use serde_json::{Value, json};

use super::evaluate::long_time;
use super::find::alarm_arn;
use super::history::{self, ItemKind};
use super::metric::Metric;
use super::put_alarm::{MetricRule, Watched};
use super::state::{Alarm, AlarmRule, AlarmState, Said};
use super::verdict::{Comparison, Missing};
use super::{actions, composite};
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;

/// A state and why.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) state: AlarmState,
    pub(super) reason: String,
    pub(super) data: Option<String>,
}

impl Here<'_, CloudWatch> {
    /// A world fault puts an alarm into a state, where it stays until a client sets it or configures it anew. It is made if
    /// there is none of this name.
    pub(crate) fn set_alarm(&mut self, name: &str, state: AlarmState, reason: &str) {
        if !self.own.alarms.contains_key(name) {
            let mut made = Alarm::new(self.now_ms);
            made.rule = AlarmRule::Metric(Box::new(nothing(name)));
            self.own.alarms.insert(name.to_owned(), made);
            history::configured(self, name, "created");
        }
        if let Some(alarm) = self.own.alarms.get_mut(name) {
            alarm.held = true;
        }
        let reason = reason.to_owned();
        let data = None;
        self.change_alarm(
            name,
            Change {
                state,
                reason,
                data,
            },
        );
    }

    /// Nothing happens when it is in this state already: actions are for changes only [MODEL].
    pub(super) fn change_alarm(&mut self, name: &str, change: Change) {
        let now_ms = self.now_ms;
        let Some(alarm) = self.own.alarms.get_mut(name) else {
            return;
        };
        if alarm.state == change.state {
            return;
        }
        let before = alarm.clone();
        alarm.state = change.state;
        alarm.since_ms = now_ms;
        alarm.updated_ms = now_ms;
        alarm.reason = change.reason;
        alarm.reason_data = change.data;
        let after = alarm.clone();
        let summary = format!(
            "Alarm updated from {} to {}",
            before.state.as_str(),
            after.state.as_str()
        );
        let data = json!({
            "version": "1.0",
            "oldState": history_state(&before),
            "newState": history_state(&after),
        });
        history::add(self, name, ItemKind::StateUpdate, summary, &data);
        tell(self, name, &before, &after);
        actions::act(self, name, &before, &after);
        composite::children_changed(self, name);
    }
}

/// An alarm on a metric that nobody has.
fn nothing(name: &str) -> MetricRule {
    MetricRule {
        watched: Watched::Single {
            metric: Metric {
                namespace: "Simulator".to_owned(),
                metric_name: name.to_owned(),
                dimensions: Vec::new(),
            },
            statistic: "Sum".to_owned(),
            period_ms: 60_000,
            unit: None,
        },
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        threshold: 0.0,
        comparison: Comparison::GreaterThanThreshold,
        missing: Some(Missing::Ignore),
        next_look_ms: None,
    }
}

fn history_state(alarm: &Alarm) -> Value {
    json!({ "stateValue": alarm.state.as_str(), "stateReason": alarm.reason, "stateReasonData": parsed(alarm) })
}

fn parsed(alarm: &Alarm) -> Option<Value> {
    serde_json::from_str(alarm.reason_data.as_deref()?).ok()
}

/// "CloudWatch Alarm State Change" [DOC].
fn tell(here: &mut Here<'_, CloudWatch>, name: &str, before: &Alarm, after: &Alarm) {
    let state = |alarm: &Alarm| {
        let mut state = json!({
            "value": alarm.state.as_str(),
            "reason": alarm.reason,
            "timestamp": long_time(alarm.updated_ms),
        });
        if let Some(data) = &alarm.reason_data {
            state["reasonData"] = json!(data);
        }
        state
    };
    let mut configuration = match &after.rule {
        AlarmRule::Metric(rule) => json!({ "metrics": watched(&rule.watched) }),
        AlarmRule::Composite(rule) => json!({ "alarmRule": rule }),
    };
    if let Some(description) = &after.description {
        configuration["description"] = json!(description);
    }
    let detail = json!({
        "alarmName": name,
        "configuration": configuration,
        "previousState": state(before),
        "state": state(after),
    });
    let resources = vec![alarm_arn(here, name)];
    here.own.outbox.push(Said::Event { resources, detail });
}

fn watched(watched: &Watched) -> Vec<Value> {
    let stat = |metric: &Metric, period_ms: u64, statistic: &str| {
        let dimensions = metric.dimensions.iter();
        let dimensions: serde_json::Map<String, Value> = dimensions
            .map(|it| (it.name.clone(), json!(it.value)))
            .collect();
        json!({
            "metric": { "dimensions": dimensions, "name": metric.metric_name, "namespace": metric.namespace },
            "period": period_ms / 1_000,
            "stat": statistic,
        })
    };
    match watched {
        Watched::Single {
            metric,
            statistic,
            period_ms,
            ..
        } => {
            vec![
                json!({ "id": "m1", "metricStat": stat(metric, *period_ms, statistic), "returnData": true }),
            ]
        }
        Watched::Math(queries) => queries
            .iter()
            .map(|query| {
                let mut written = json!({ "id": query.id, "returnData": query.returned });
                match &query.source {
                    super::query::Source::Metric {
                        metric,
                        period_ms,
                        statistic,
                        ..
                    } => written["metricStat"] = stat(metric, *period_ms, statistic),
                    super::query::Source::Expression(text) => written["expression"] = json!(text),
                }
                written
            })
            .collect(),
    }
}
