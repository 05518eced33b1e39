//! Composite alarms: PutCompositeAlarm, and what a change of a child means for them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{Input, alarm_arn, validation};
use super::put_alarm::checked;
use super::rule::Rule;
use super::state::{Actions, AlarmRule, AlarmState};
use super::tags::{self, Tag};
use super::transition::Change;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::Flag;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutCompositeAlarm {
    alarm_name: String,
    alarm_rule: String,
    alarm_description: Option<String>,
    actions_enabled: Option<Flag>,
    #[serde(default, rename = "OKActions")]
    ok_actions: Vec<String>,
    #[serde(default)]
    alarm_actions: Vec<String>,
    #[serde(default)]
    insufficient_data_actions: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Input for PutCompositeAlarm {}

/// Its children must be there [MEM]; it is evaluated at once.
pub(super) fn put(
    here: &mut Here<'_, CloudWatch>,
    request: PutCompositeAlarm,
) -> Result<Value, ApiError> {
    let name = request.alarm_name;
    let rule = Rule::parse(&request.alarm_rule).map_err(validation)?;
    let children = rule.children();
    if children.len() > 100 {
        return Err(validation("AlarmRule must not have more than 100 children"));
    }
    let alarms = &here.own.alarms;
    let unknown = children
        .iter()
        .filter(|child| !alarms.contains_key(**child));
    let unknown: Vec<&str> = unknown.copied().collect();
    if !unknown.is_empty() {
        return Err(validation(format!(
            "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
            unknown.join(", ")
        )));
    }
    if alarms
        .get(&name)
        .is_some_and(|alarm| matches!(alarm.rule, AlarmRule::Metric(_)))
    {
        return Err(validation(format!(
            "Alarm with name {name} already exists as a metric alarm"
        )));
    }
    let actions = Actions {
        enabled: request.actions_enabled.is_none_or(|flag| flag.0),
        ok: request.ok_actions,
        alarm: request.alarm_actions,
        insufficient_data: request.insufficient_data_actions,
    };
    checked(&actions)?;
    let rule = AlarmRule::Composite(request.alarm_rule);
    let is_new = here.configure(&name, request.alarm_description, actions, rule);
    let arn = alarm_arn(here, &name);
    if is_new {
        tags::put(here, arn.clone(), request.tags);
    }
    let what = if is_new { "created" } else { "updated" };
    evaluate(here, &name, |state| {
        format!(
            "{arn} was {what} and its alarm rule evaluates to {}",
            state.as_str()
        )
    });
    Ok(json!({}))
}

/// The composite alarms that ask for this one are evaluated at once. A cycle ends by itself: nothing happens when an alarm
/// already is in its state, and one that flips for ever is stopped by the depth, as AWS stops at a cycle [MODEL].
pub(super) fn children_changed(here: &mut Here<'_, CloudWatch>, child: &str) {
    let (Some(deeper), Some(state)) = (here.own.deeper(), here.own.alarm_state(child)) else {
        return;
    };
    here.own.depth = deeper;
    let arn = alarm_arn(here, child);
    let at = in_words(here.now_ms);
    for parent in parents(here, child) {
        evaluate(here, &parent, |_| {
            format!("{arn} transitioned to {} at {at}", state.as_str())
        });
    }
    here.own.depth = deeper - 1;
}

/// The composite alarms that ask for an alarm.
pub(super) fn parents(here: &Here<'_, CloudWatch>, child: &str) -> Vec<String> {
    let alarms = here.own.alarms.iter();
    let asking = alarms.filter(|(_, alarm)| children(&alarm.rule).iter().any(|name| name == child));
    asking.map(|(name, _)| name.clone()).collect()
}

/// The alarms that a composite alarm asks for.
pub(super) fn children(rule: &AlarmRule) -> Vec<String> {
    let AlarmRule::Composite(text) = rule else {
        return Vec::new();
    };
    let Ok(rule) = Rule::parse(text) else {
        return Vec::new();
    };
    rule.children().into_iter().map(str::to_owned).collect()
}

pub(super) fn evaluate(
    here: &mut Here<'_, CloudWatch>,
    name: &str,
    reason: impl Fn(AlarmState) -> String,
) {
    let Some(alarm) = here.own.alarms.get(name).filter(|it| !it.held) else {
        return;
    };
    let AlarmRule::Composite(text) = &alarm.rule else {
        return;
    };
    let Ok(rule) = Rule::parse(text) else {
        return;
    };
    let state = if rule.holds(&|child| here.own.alarm_state(child)) {
        AlarmState::Alarm
    } else {
        AlarmState::Ok
    };
    let triggering: Vec<Value> = rule
        .children()
        .iter()
        .filter_map(|child| Some((child, here.own.alarms.get(*child)?)))
        .map(|(child, alarm)| {
            json!({
                "arn": alarm_arn(here, child),
                "state": { "value": alarm.state.as_str(), "timestamp": super::evaluate::long_time(alarm.since_ms) },
            })
        })
        .collect();
    let data = json!({ "triggeringAlarms": triggering }).to_string();
    let reason = reason(state);
    here.change_alarm(
        name,
        Change {
            state,
            reason,
            data: Some(data),
        },
    );
}

/// `Friday 04 August, 2023 12:54:46 UTC` [OBS].
fn in_words(at_ms: crate::Millis) -> String {
    // Fri, 04 Aug 2023 12:54:46 GMT
    let date = crate::wire::http_date(at_ms);
    let date = date.to_str().unwrap_or_default();
    let mut parts = date.split([',', ' ']).filter(|part| !part.is_empty());
    let mut next = || parts.next().unwrap_or_default();
    let (day, number, month, year, time) = (next(), next(), next(), next(), next());
    let long = |short: &str, names: &[&'static str]| -> String {
        let found = names.iter().find(|name| name.starts_with(short));
        found.map_or_else(|| short.to_owned(), |name| (*name).to_owned())
    };
    let day = long(day, &DAYS);
    let month = long(month, &MONTHS);
    format!("{day} {number} {month}, {year} {time} UTC")
}

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
