//! From a bus to targets: topics, queues, log groups, buses and clusters of ECS get the event, every other target is only written down.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::detail::Detail;
use super::envelope::{envelope, id, id_of};
use super::rules;
use super::state::{DEFAULT, EventBridge, Told};
use super::targets::Target;
use crate::Millis;
use crate::base::here::Here;
use backstay_aws_model::regions::is_arn_of;

/// An event that came to a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) at_ms: Millis,
    pub(super) rule: String,
    pub(super) target: String,
    pub(super) message: String,
}

/// Longer messages are not delivered [DOC].
const LARGEST: usize = 1 << 20;

/// An event on its way to a target that another service keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// To a target of a rule, by the rule's name: the target as it was given.
    Target {
        rule: String,
        target: Value,
        message: String,
    },
    LogGroup {
        group: String,
        stream: String,
        message: String,
    },
}

/// How an event has come to its bus: what another bus has sent on goes to no third one [DOC].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Put,
    SentOn,
}

/// To every target of the rules that take it; what other services keep is in `outbox` then.
pub(super) fn deliver(
    here: &mut Here<'_, EventBridge>,
    bus: &str,
    number: u64,
    (told, way): (&Told, Way),
) {
    let Some(rules) = here.own.rules.get(bus).filter(|rules| !rules.is_empty()) else {
        return;
    };
    let event = envelope(here, &id_of(here, number), told);
    let takers = rules.iter().filter(|(_, rule)| rule.takes(&event));
    let takers: Vec<String> = takers.map(|(name, _)| name.clone()).collect();
    for name in takers {
        hand_over(here, bus, &name, (&event, way));
    }
}

/// A rule with a schedule is due: its own targets get an event that says so [DOC].
pub(crate) fn rule_is_due(here: &mut Here<'_, EventBridge>, name: &str) {
    let rules = here.own.rules.get(DEFAULT);
    let rule = rules.and_then(|rules| rules.get(name));
    if !rule.is_some_and(|rule| rule.is_due(here.now_ms)) {
        return;
    }
    let told = Told {
        at_ms: here.now_ms,
        source: "aws.events".to_owned(),
        detail_type: "Scheduled Event".to_owned(),
        resources: vec![rules::arn(here, DEFAULT, name)],
        detail: Detail::of(&json!({})),
    };
    here.own.numbered += 1;
    let event_id = id_of(here, here.own.numbered);
    let event = envelope(here, &event_id, &told);
    hand_over(here, DEFAULT, name, (&event, Way::Put));
    rules::plan(here, name);
}

/// To every target of a rule.
fn hand_over(here: &mut Here<'_, EventBridge>, bus: &str, name: &str, (event, way): (&Value, Way)) {
    let rule_arn = rules::arn(here, bus, name);
    let rule = here.own.rules.get(bus).and_then(|rules| rules.get(name));
    let targets = rule.map(|rule| rule.targets.clone()).unwrap_or_default();
    for target in targets {
        if way == Way::SentOn && is_bus(&target) {
            continue;
        }
        let message = message(&target, event, name, &rule_arn);
        if message.len() > LARGEST {
            continue;
        }
        here.own
            .outbox
            .push(sent(&rule_arn, name, &target, &message));
        here.own.remember_delivery(Delivery {
            at_ms: here.now_ms,
            rule: rule_arn.clone(),
            target: target.arn().to_owned(),
            message,
        });
    }
}

/// What goes on to another service.
fn sent(rule_arn: &str, rule: &str, target: &Target, message: &str) -> Sent {
    let message = message.to_owned();
    if let Some((_, group)) = target.arn().split_once(":log-group:") {
        let group = group.trim_end_matches(":*").to_owned();
        let stream = id(rule_arn);
        return Sent::LogGroup {
            group,
            stream,
            message,
        };
    }
    Sent::Target {
        rule: rule.to_owned(),
        target: target.json(),
        message,
    }
}

fn is_bus(target: &Target) -> bool {
    is_arn_of(target.arn(), "events") && target.arn().contains(":event-bus/")
}

/// The whole event, unless the target wants something else; a bus gets it as it is [DOC].
fn message(target: &Target, event: &Value, rule: &str, rule_arn: &str) -> String {
    if is_bus(target) {
        return event.to_string();
    }
    if let Some(input) = target.text("Input") {
        return input.to_owned();
    }
    if let Some(path) = target.text("InputPath") {
        return at_path(event, path).map_or_else(String::new, Value::to_string);
    }
    match target.transformer() {
        Some(transformer) => transformed(transformer, event, rule, rule_arn),
        None => event.to_string(),
    }
}

/// `$.detail.items[0]`.
fn at_path<'a>(event: &'a Value, path: &str) -> Option<&'a Value> {
    let steps = path.strip_prefix('$')?;
    let steps = steps.split(['.', '[', ']']).filter(|step| !step.is_empty());
    steps.into_iter().try_fold(event, |place, step| {
        let step = step.trim_matches(['\'', '"']);
        match place {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            place => place.get(step),
        }
    })
}

/// `<name>` in the template is the value at the name's path: within quotes as text, elsewhere as JSON [DOC].
fn transformed(
    transformer: &Map<String, Value>,
    event: &Value,
    rule: &str,
    rule_arn: &str,
) -> String {
    let template = transformer.get("InputTemplate").and_then(Value::as_str);
    let mut rest = template.unwrap_or_default();
    let mut written = String::new();
    let mut quoted = false;
    while let Some(next) = rest.chars().next() {
        if next == '<'
            && let Some((name, after)) = rest.get(1..).and_then(|rest| rest.split_once('>'))
            && let Some(value) = variable(transformer, event, rule, rule_arn, name)
        {
            match &value {
                Value::String(text) if quoted => {
                    let escaped = Value::from(text.as_str()).to_string();
                    let inner = escaped.len().saturating_sub(1);
                    written.push_str(escaped.get(1..inner).unwrap_or_default());
                }
                value => written.push_str(&value.to_string()),
            }
            rest = after;
            continue;
        }
        quoted ^= next == '"' && !written.ends_with('\\');
        written.push(next);
        rest = rest.get(next.len_utf8()..).unwrap_or_default();
    }
    written
}

fn variable(
    transformer: &Map<String, Value>,
    event: &Value,
    rule: &str,
    rule_arn: &str,
    name: &str,
) -> Option<Value> {
    match name {
        "aws.events.rule-name" => Some(Value::from(rule)),
        "aws.events.rule-arn" => Some(Value::from(rule_arn)),
        "aws.events.event" | "aws.events.event.json" => Some(event.clone()),
        "aws.events.event.ingestion-time" => event.get("time").cloned(),
        name => {
            let path = transformer.get("InputPathsMap")?.get(name)?.as_str()?;
            // A path that leads nowhere is an empty text.
            Some(
                at_path(event, path)
                    .cloned()
                    .unwrap_or_else(|| Value::from("")),
            )
        }
    }
}
