//! What rules of EventBridge and schedules of its Scheduler call when it is time: tasks of ECS, topics, queues, buses, any operation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::base::agenda::Due;
use crate::base::here::here;
use crate::base::timings::RULE_TARGET;
use crate::front::{Service, ask};
use crate::services::cloudwatch::{self, Told};
use crate::services::events;
use crate::services::scheduler::{self, Invoked};
use crate::world::universal;
use crate::{ApiError, World};
use backstay_aws_model::regions::is_arn_of;

/// So long is `startedBy` at most, whatever else a name says (`chronos-schedule/gold-coast-data-lak` [OBS]; of rules [INF]).
const LONGEST_STARTER: usize = 36;
/// What of an input is an override of a task; the rest of it is for whoever else gets it.
const OVERRIDES: [&str; 6] = [
    "containerOverrides",
    "cpu",
    "memory",
    "ephemeralStorage",
    "executionRoleArn",
    "taskRoleArn",
];

/// What rules have to call still. It takes them a moment: a rule that starts a task because a task was started does so again and
/// again, but never twice at one time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct OnCall {
    numbered: u64,
    calls: BTreeMap<u64, ForRule>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct ForRule {
    rule: String,
    target: Value,
    message: String,
}

/// A target, and what it is given.
pub(super) struct Called<'a> {
    /// As EventBridge or its Scheduler keeps it.
    pub(super) target: &'a Value,
    pub(super) message: &'a str,
    pub(super) started_by: String,
}

impl World {
    /// A schedule of the Scheduler is due.
    pub(super) fn schedule_is_due(&mut self, arn: &str) {
        scheduler::schedule_is_due(&mut here!(self.scheduler), arn);
        for invoked in std::mem::take(&mut self.scheduler.outbox) {
            let Invoked {
                group,
                name,
                target,
                message,
            } = invoked;
            let started_by = format!("chronos-schedule/{name}");
            let called = Called {
                target: &target,
                message: &message,
                started_by,
            };
            let outcome = self.call_target(&called);
            self.count_call(
                "AWS/Scheduler",
                ["InvocationAttemptCount", "TargetErrorCount"],
                ("ScheduleGroup", &group),
                &outcome,
            );
        }
    }

    /// A rule with a schedule is due.
    pub(super) fn rule_is_due(&mut self, name: &str) {
        events::rule_is_due(&mut here!(self.events), name);
        self.carry_events();
    }

    /// A target of a rule is called in a moment.
    pub(super) fn call_soon(&mut self, rule: String, target: Value, message: String) {
        let at_ms = self.now_ms + RULE_TARGET.draw(self.weather, &mut self.random);
        self.on_call.numbered += 1;
        let number = self.on_call.numbered;
        let call = ForRule {
            rule,
            target,
            message,
        };
        self.on_call.calls.insert(number, call);
        self.agenda.add(at_ms, Due::Call(number));
    }

    /// Calls a target of a rule.
    pub(super) fn call_for_rule(&mut self, number: u64) {
        let Some(call) = self.on_call.calls.remove(&number) else {
            return;
        };
        let ForRule {
            rule,
            target,
            message,
        } = &call;
        let called = Called {
            target,
            message,
            started_by: format!("events-rule/{rule}"),
        };
        let outcome = self.call_target(&called);
        self.count_call(
            "AWS/Events",
            ["Invocations", "FailedInvocations"],
            ("RuleName", rule),
            &outcome,
        );
    }

    /// How often it was called and failed is a metric [DOC]; what failed goes to the dead letter queue, at once: nothing is tried again.
    fn count_call(
        &mut self,
        namespace: &str,
        [called, failed]: [&str; 2],
        dimension: (&str, &str),
        outcome: &Result<(), ApiError>,
    ) {
        let names = [Some(called), outcome.as_ref().err().map(|_| failed)];
        for name in names.into_iter().flatten() {
            let told = Told {
                namespace,
                name,
                dimensions: &[dimension],
                unit: "Count",
                value: 1.0,
            };
            let at_ms = self.now_ms;
            cloudwatch::record(&mut here!(self.cloudwatch), at_ms, told);
        }
    }

    fn call_target(&mut self, called: &Called<'_>) -> Result<(), ApiError> {
        let outcome = self.call_once(called);
        let dead_letters = called.target["DeadLetterConfig"]["Arn"].as_str();
        if let (Err(_), Some(queue)) = (&outcome, dead_letters) {
            self.send_to_queue(queue, called.message, None);
        }
        outcome
    }

    fn call_once(&mut self, called: &Called<'_>) -> Result<(), ApiError> {
        let target = called.target;
        let arn = target["Arn"].as_str().unwrap_or_default();
        let absent = || {
            ApiError::client(
                "ResourceNotFoundException",
                format!("{arn} does not exist."),
            )
        };
        if let Some(named) = universal::named(arn) {
            return universal::call(self, named, called.message);
        }
        match () {
            () if is_arn_of(arn, "ecs") => self.start_task(called),
            () if is_arn_of(arn, "sns") => {
                let is_there = self.publish(arn, "", called.message);
                is_there.then_some(()).ok_or_else(absent)
            }
            () if is_arn_of(arn, "sqs") => {
                let group = target["SqsParameters"]["MessageGroupId"].as_str();
                let is_there = self.send_to_queue(arn, called.message, group);
                is_there.then_some(()).ok_or_else(absent)
            }
            () if is_arn_of(arn, "events") => self.put_event_for(called),
            // What nobody here is, is only called.
            () => Ok(()),
        }
    }

    /// RunTask, as the service asks for it. What Fargate launches has an end, so that a rule that feeds itself has one, too.
    fn start_task(&mut self, called: &Called<'_>) -> Result<(), ApiError> {
        let input = run_task(called);
        let reply = ask(self, Service::Ecs, "RunTask", &input)?;
        let failures = reply["failures"].as_array();
        match failures.and_then(|failures| failures.first()) {
            None => Ok(()),
            Some(failure) => {
                let reason = failure["reason"].as_str().unwrap_or_default();
                Err(ApiError::client("ECS.RunTaskFailure", reason))
            }
        }
    }

    /// A rule's event goes on as it is; a schedule's input becomes the detail of one.
    fn put_event_for(&mut self, called: &Called<'_>) -> Result<(), ApiError> {
        let parameters = &called.target["EventBridgeParameters"];
        if parameters.is_null() {
            let bus = called.target["Arn"].as_str().unwrap_or_default();
            let event = serde_json::from_str(called.message).unwrap_or_default();
            events::forward(&mut here!(self.events), bus, &event)?;
            self.carry_events();
            return Ok(());
        }
        let entry = json!({
            "Source": parameters["Source"],
            "DetailType": parameters["DetailType"],
            "Detail": called.message,
            "EventBusName": called.target["Arn"],
        });
        let reply = ask(
            self,
            Service::Events,
            "PutEvents",
            &json!({ "Entries": [entry] }),
        )?;
        match reply["Entries"][0]["ErrorMessage"].as_str() {
            None => Ok(()),
            Some(message) => Err(ApiError::client("InvalidArgument", message)),
        }
    }
}

/// The input of RunTask that `EcsParameters` is.
fn run_task(called: &Called<'_>) -> Value {
    let target = called.target;
    let started_by: String = called.started_by.chars().take(LONGEST_STARTER).collect();
    let mut input = json!({ "cluster": target["Arn"], "startedBy": started_by });
    for (name, value) in target["EcsParameters"].as_object().into_iter().flatten() {
        let member = match name.as_str() {
            "TaskDefinitionArn" => "taskDefinition".to_owned(),
            "TaskCount" => "count".to_owned(),
            other => small(other),
        };
        input[member] = with_small_letters(value);
    }
    let given: Value = serde_json::from_str(called.message).unwrap_or_default();
    let given = given.as_object().into_iter().flatten();
    let overrides: Map<String, Value> = given
        .filter(|(name, _)| OVERRIDES.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if overrides.contains_key("containerOverrides") {
        input["overrides"] = Value::Object(overrides);
    }
    input
}

/// `enableECSManagedTags` of `EnableECSManagedTags`.
fn small(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn with_small_letters(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(name, value)| (small(name), with_small_letters(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(with_small_letters).collect(),
        other => other.clone(),
    }
}
