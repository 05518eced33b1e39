//! When a metric alarm is evaluated, and with which datapoints.

use serde_json::json;

use super::actions;
use super::metric::Metric;
use super::put_alarm::{MetricRule, Watched};
use super::state::{Alarm, AlarmRule, AlarmState};
use super::traffic::is_continuous;
use super::transition::Change;
use super::verdict::{BEYOND, Terms, Verdict, judge};
use crate::Millis;
use crate::base::agenda::Due;
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::iso8601;

/// An alarm is evaluated at the end of every minute, one with a shorter period every ten seconds [DOC]. The window slides: it
/// ends with the evaluation [MODEL].
const USUAL_MS: Millis = 60_000;
const HIGH_RESOLUTION_MS: Millis = 10_000;

/// Evaluates an alarm at the next full minute, unless it is planned already.
pub(super) fn plan(here: &mut Here<'_, CloudWatch>, name: &str) {
    let now_ms = here.now_ms;
    let Some(rule) = metric_rule(here, name) else {
        return;
    };
    if rule.next_look_ms.is_some_and(|at_ms| at_ms > now_ms) {
        return;
    }
    let step_ms = step_ms(rule);
    let at_ms = (now_ms / step_ms + 1) * step_ms;
    rule.next_look_ms = Some(at_ms);
    here.agenda.add(at_ms, Due::Alarm(name.into()));
}

fn step_ms(rule: &MetricRule) -> Millis {
    if rule.watched.period_ms() < USUAL_MS {
        HIGH_RESOLUTION_MS
    } else {
        USUAL_MS
    }
}

/// Whether a minute of its state is over since the evaluation before this one.
fn a_minute_is_over(alarm: &Alarm, step_ms: Millis, now_ms: Millis) -> bool {
    let lasts_ms = now_ms.saturating_sub(alarm.since_ms);
    lasts_ms / USUAL_MS > lasts_ms.saturating_sub(step_ms) / USUAL_MS
}

/// A metric has a new datapoint: the alarms that watch it are evaluated again.
pub(super) fn wake(here: &mut Here<'_, CloudWatch>, metric: &Metric) {
    wake_those(here, |watched| watched == metric);
}

/// A metric of a namespace has a new datapoint.
pub(super) fn wake_namespace(here: &mut Here<'_, CloudWatch>, namespace: &str) {
    wake_those(here, |watched| watched.namespace == namespace);
}

fn wake_those(here: &mut Here<'_, CloudWatch>, is_meant: impl Fn(&Metric) -> bool) {
    let watching = here
        .own
        .alarms
        .iter()
        .filter(|(_, alarm)| match &alarm.rule {
            AlarmRule::Metric(rule) => rule.watched.metrics().into_iter().any(&is_meant),
            AlarmRule::Composite(_) => false,
        });
    let names: Vec<String> = watching.map(|(name, _)| name.clone()).collect();
    for name in names {
        plan(here, &name);
    }
}

/// Evaluates an alarm, if it is still the evaluation that was planned. One whose datapoints have all passed is not planned
/// again: nothing but a new datapoint, or SetAlarmState, can change its state.
pub(crate) fn look(here: &mut Here<'_, CloudWatch>, name: &str) {
    let now_ms = here.now_ms;
    let Some(rule) = metric_rule(here, name) else {
        return;
    };
    if rule.next_look_ms != Some(now_ms) {
        return;
    }
    rule.next_look_ms = None;
    let rule = rule.clone();
    for metric in rule.watched.metrics() {
        here.measure_hosts(metric);
    }
    let points = points(here, &rule);
    let is_held = |alarm: &Alarm| alarm.held;
    if !here.own.alarms.get(name).is_some_and(is_held)
        && let Some(verdict) = judge(terms(&rule), &points)
    {
        let data = reason_data(here, &rule, &verdict);
        let newest = verdict.compared.first().map(|(_, value)| *value);
        let Verdict { state, reason, .. } = verdict;
        let alarm = here.own.alarms.get(name).filter(|it| it.state == state);
        if alarm.is_some_and(|alarm| a_minute_is_over(alarm, step_ms(&rule), now_ms)) {
            actions::scale_again(here, name, newest);
        }
        here.change_alarm(
            name,
            Change {
                state,
                reason,
                data: Some(data),
            },
        );
    }
    let goes_on = points.iter().any(|(_, value)| value.is_some())
        || rule.watched.metrics().into_iter().any(is_continuous)
        || rule
            .watched
            .metrics()
            .into_iter()
            .any(|metric| ahead(here, metric));
    if goes_on {
        plan(here, name);
    }
}

/// Whether a client has put samples whose time is still to come.
fn ahead(here: &Here<'_, CloudWatch>, metric: &Metric) -> bool {
    let series = here.own.series.get(&metric.key());
    series.is_some_and(|series| series.samples.range(here.now_ms..).next().is_some())
}

fn metric_rule<'a>(here: &'a mut Here<'_, CloudWatch>, name: &str) -> Option<&'a mut MetricRule> {
    match &mut here.own.alarms.get_mut(name)?.rule {
        AlarmRule::Metric(rule) => Some(rule),
        AlarmRule::Composite(_) => None,
    }
}

fn terms(rule: &MetricRule) -> Terms {
    let evaluation_periods = rule.evaluation_periods as usize;
    Terms {
        evaluation_periods,
        datapoints_to_alarm: rule
            .datapoints_to_alarm
            .map_or(evaluation_periods, |wanted| wanted as usize),
        comparison: rule.comparison,
        threshold: rule.threshold,
        missing: rule.missing.unwrap_or_default(),
    }
}

/// Newest first, each with the start of its period. At most a week of periods of ten seconds: PutMetricAlarm saw to that.
fn points(here: &Here<'_, CloudWatch>, rule: &MetricRule) -> Vec<(Millis, Option<f64>)> {
    let period_ms = rule.watched.period_ms();
    let periods = rule.evaluation_periods as u64 + BEYOND as u64;
    let ends = (0..periods).map_while(|age| here.now_ms.checked_sub(age * period_ms));
    ends.map(|end_ms| {
        let start_ms = end_ms.saturating_sub(period_ms);
        let value = match &rule.watched {
            Watched::Single {
                metric,
                statistic,
                unit,
                ..
            } => here.statistic(metric, statistic, unit.as_deref(), start_ms, end_ms),
            Watched::Math(queries) => queries
                .iter()
                .find(|query| query.returned)
                .and_then(|query| here.value_of(queries, query, end_ms)),
        };
        (start_ms, value)
    })
    .collect()
}

/// StateReasonData (its shape [OBS]).
fn reason_data(here: &Here<'_, CloudWatch>, rule: &MetricRule, verdict: &Verdict) -> String {
    let recent: Vec<f64> = verdict.compared.iter().map(|(_, value)| *value).collect();
    let evaluated = verdict
        .compared
        .iter()
        .take(20)
        .map(|(at_ms, value)| json!({ "timestamp": long_time(*at_ms), "value": value }));
    let mut data = json!({
        "version": "1.0",
        "queryDate": long_time(here.now_ms),
        "period": rule.watched.period_ms() / 1_000,
        "recentDatapoints": recent.iter().rev().take(100).collect::<Vec<_>>(),
        "threshold": rule.threshold,
        "evaluatedDatapoints": evaluated.collect::<Vec<_>>(),
    });
    if let Watched::Single {
        statistic, unit, ..
    } = &rule.watched
    {
        data["statistic"] = json!(statistic);
        if let Some(unit) = unit {
            data["unit"] = json!(unit);
        }
    }
    if let Some((oldest_ms, _)) = verdict.compared.last() {
        data["startDate"] = json!(long_time(*oldest_ms));
    }
    if verdict.state == AlarmState::InsufficientData {
        data["recentDatapoints"] = json!([]);
    }
    data.to_string()
}

/// `2026-01-01T00:00:00.000+0000`, as alarms write times.
pub(super) fn long_time(at_ms: Millis) -> String {
    let whole = iso8601(at_ms - at_ms % 1_000);
    format!("{}.{:03}+0000", whole.trim_end_matches('Z'), at_ms % 1_000)
}
