//! Rules: what of a bus goes to targets.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bus;
use super::find::{missing, paged, validation};
use super::pattern;
use super::state::DEFAULT;
use super::tags::{self, Tag};
use super::targets::Target;
use crate::base::agenda::Due;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::base::schedule::{Expression, Units, Zone};
use crate::services::events::EventBridge;
use crate::{ApiError, Millis};

/// A rule and its targets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Rule {
    /// As it was given.
    pub(super) pattern: Option<String>,
    schedule: Option<String>,
    /// What a rate counts from.
    #[serde(default)]
    made_ms: Millis,
    /// When its schedule is due next.
    #[serde(default)]
    next_ms: Option<Millis>,
    /// ENABLED, DISABLED or ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.
    state: String,
    description: Option<String>,
    role: Option<String>,
    pub(super) targets: Vec<Target>,
}

impl EventBridge {
    /// What starts tasks of ECS, by bus, rule and target: which TaskDefinitionArn, and whether it is enabled.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (String, String, bool)> {
        let rules = self.rules.iter().flat_map(|(bus, rules)| {
            let named = move |(name, rule)| (format!("{bus}/{name}"), rule);
            rules.iter().map(named)
        });
        rules.flat_map(|(name, rule): (String, &Rule)| {
            let enabled = rule.state != "DISABLED";
            let targets = rule.targets.iter().filter_map(move |target| {
                let place = format!("{name}/{}", target.id());
                Some((place, target.task_definition()?.to_owned(), enabled))
            });
            targets.collect::<Vec<_>>()
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutRule {
    name: String,
    schedule_expression: Option<String>,
    event_pattern: Option<String>,
    state: Option<String>,
    description: Option<String>,
    role_arn: Option<String>,
    event_bus_name: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// An update replaces everything but the targets and the tags [MODEL].
pub(super) fn put(here: &mut Here<'_, EventBridge>, request: PutRule) -> Result<Value, ApiError> {
    let name = request.name;
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    // Terraform sends an empty expression beside a pattern, and AWS takes it (LS `TestS3NotificationsToEventBridge`).
    let schedule = request.schedule_expression.filter(|text| !text.is_empty());
    // And an empty pattern beside a schedule, as public programs have sent it for years (moto's `test_update_rule_with_targets` [CODE]).
    let event_pattern = request.event_pattern.filter(|text| !text.is_empty());
    match &event_pattern {
        Some(text) => {
            pattern::read(text)?;
        }
        None if schedule.is_none() => {
            return Err(validation(
                "Parameter(s) EventPattern or ScheduleExpression must be specified.",
            ));
        }
        None => {}
    }
    if let Some(schedule) = &schedule {
        scheduled(schedule, &bus)?;
    }
    let state = request.state.unwrap_or_else(|| "ENABLED".to_owned());
    let arn = arn(here, &bus, &name);
    let now_ms = here.now_ms;
    let rules = here.own.rules.entry(bus).or_default();
    // 300 rules per bus [DOC].
    if rules.len() >= 300 && !rules.contains_key(&name) {
        return Err(ApiError::client(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        ));
    }
    let is_new = !rules.contains_key(&name);
    let rule = rules.entry(name.clone()).or_default();
    let made_ms = if is_new { now_ms } else { rule.made_ms };
    *rule = Rule {
        pattern: event_pattern,
        schedule,
        made_ms,
        next_ms: None,
        state,
        description: request.description,
        role: request.role_arn,
        targets: std::mem::take(&mut rule.targets),
    };
    if is_new {
        tags::put(here, &arn, request.tags);
    }
    plan(here, &name);
    Ok(json!({ "RuleArn": arn }))
}

/// The next time of a rule with a schedule goes into the agenda; only the default bus has such rules. A disabled one has none.
pub(super) fn plan(here: &mut Here<'_, EventBridge>, name: &str) {
    let now_ms = here.now_ms;
    let rules = here.own.rules.get_mut(DEFAULT);
    let Some(rule) = rules.and_then(|rules| rules.get_mut(name)) else {
        return;
    };
    rule.next_ms = rule.next_after(now_ms);
    if let Some(at_ms) = rule.next_ms {
        here.agenda.add(at_ms, Due::Rule(name.into()));
    }
}

/// Rules of a saved world that is older than their schedules have not been planned.
pub(crate) fn plan_older(here: &mut Here<'_, EventBridge>) {
    let rules = here.own.rules.get(DEFAULT).into_iter().flatten();
    let unplanned = rules.filter(|(_, rule)| rule.next_ms.is_none());
    let names: Vec<String> = unplanned.map(|(name, _)| name.clone()).collect();
    for name in names {
        plan(here, &name);
    }
}

fn scheduled(schedule: &str, bus: &str) -> Result<(), ApiError> {
    if bus != DEFAULT {
        return Err(validation(
            "ScheduleExpression is supported only on the default event bus.",
        ));
    }
    // Rules have no `at(...)` [DOC].
    match Expression::parse(schedule, Units::Agreeing) {
        Some(expression) if !expression.is_once() => Ok(()),
        _ => Err(validation("Parameter ScheduleExpression is not valid.")),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ByName {
    name: String,
    event_bus_name: Option<String>,
    #[serde(rename = "Force")]
    _force: Option<bool>,
}

pub(super) fn describe(here: &Here<'_, EventBridge>, request: &ByName) -> Result<Value, ApiError> {
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    let rule = known(here, &bus, &request.name)?;
    let mut described = described(here, &bus, &request.name, rule);
    described["CreatedBy"] = json!(here.account);
    Ok(described)
}

/// A rule that is not there is deleted already; one with targets stays [OBS].
pub(super) fn delete(
    here: &mut Here<'_, EventBridge>,
    request: &ByName,
) -> Result<Value, ApiError> {
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    let arn = arn(here, &bus, &request.name);
    if let Some(rules) = here.own.rules.get_mut(&bus) {
        let rule = rules.get(&request.name);
        if rule.is_some_and(|rule| !rule.targets.is_empty()) {
            return Err(validation("Rule can't be deleted since it has targets."));
        }
        rules.remove(&request.name);
    }
    here.own.tags.remove(&arn);
    Ok(json!({}))
}

pub(super) fn set_state(
    here: &mut Here<'_, EventBridge>,
    request: &ByName,
    state: &str,
) -> Result<Value, ApiError> {
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    let rule = known_mut(here, &bus, &request.name)?;
    state.clone_into(&mut rule.state);
    if bus == DEFAULT {
        plan(here, &request.name);
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListRules {
    name_prefix: Option<String>,
    event_bus_name: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

pub(super) fn list(here: &Here<'_, EventBridge>, request: &ListRules) -> Result<Value, ApiError> {
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    let prefix = request.name_prefix.as_deref().unwrap_or_default();
    let rules = here.own.rules.get(&bus).into_iter().flatten();
    let rules = rules.filter(|(name, _)| name.starts_with(prefix));
    let rules: Vec<Value> = rules
        .map(|(name, rule)| described(here, &bus, name, rule))
        .collect();
    paged(
        "Rules",
        &rules,
        request.limit,
        request.next_token.as_deref(),
    )
}

fn described(here: &Here<'_, EventBridge>, bus: &str, name: &str, rule: &Rule) -> Value {
    let mut described = json!({
        "Name": name,
        "Arn": arn(here, bus, name),
        "State": rule.state,
        "EventBusName": bus,
    });
    for (member, value) in [
        ("EventPattern", &rule.pattern),
        ("ScheduleExpression", &rule.schedule),
        ("Description", &rule.description),
        ("RoleArn", &rule.role),
    ] {
        if let Some(value) = value {
            described[member] = json!(value);
        }
    }
    described
}

impl Rule {
    fn next_after(&self, now_ms: Millis) -> Option<Millis> {
        let schedule = self
            .schedule
            .as_deref()
            .filter(|_| self.state != "DISABLED")?;
        let utc = Zone::named("UTC")?;
        Expression::parse(schedule, Units::Agreeing)?.next(self.made_ms, now_ms, utc)
    }

    /// Whether its schedule is due now: if it is still the time that was planned.
    pub(super) fn is_due(&self, now_ms: Millis) -> bool {
        self.next_ms == Some(now_ms)
    }

    /// Whether it takes an event.
    pub(super) fn takes(&self, event: &Value) -> bool {
        let written = self.pattern.as_deref().filter(|_| self.state != "DISABLED");
        written
            .and_then(|text| pattern::read(text).ok())
            .is_some_and(|pattern| pattern.matches(event))
    }
}

pub(super) fn known<'a>(
    here: &'a Here<'_, EventBridge>,
    bus: &str,
    name: &str,
) -> Result<&'a Rule, ApiError> {
    let rule = here.own.rules.get(bus).and_then(|rules| rules.get(name));
    rule.ok_or_else(|| absent(bus, name))
}

pub(super) fn known_mut<'a>(
    here: &'a mut Here<'_, EventBridge>,
    bus: &str,
    name: &str,
) -> Result<&'a mut Rule, ApiError> {
    let rules = here.own.rules.get_mut(bus);
    rules
        .and_then(|rules| rules.get_mut(name))
        .ok_or_else(|| absent(bus, name))
}

fn absent(bus: &str, name: &str) -> ApiError {
    missing(format!("Rule {name} does not exist on EventBus {bus}."))
}

/// The default bus is not named.
pub(super) fn arn(here: &Here<'_, EventBridge>, bus: &str, name: &str) -> String {
    let path = if bus == DEFAULT {
        name.to_owned()
    } else {
        format!("{bus}/{name}")
    };
    regional_arn(
        "events",
        here.region,
        here.account,
        format_args!("rule/{path}"),
    )
}
