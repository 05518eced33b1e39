//! Targets of EventBridge's rules.

use aws_config::retry::RetryConfig;
use aws_sdk_eventbridge::types::RuleState;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::scheduled::{Reschedule, Started, TriggerState};
use serde_json::{Value, json};

use super::{Change, changed, revision_of};
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};
use crate::aws::raw::{AnswerBody, replace_body};

const DESCRIBE: &str = "events.DescribeRule";
const LIST: &str = "events.ListTargetsByRule";
const PUT: &str = "events.PutTargets";

/// EventBridge's word for what is not there.
const MISSING: &str = "ResourceNotFoundException";

impl<T> AwsCloud<T> {
    pub(super) async fn started_by_rule(
        &self,
        (bus, rule): (&str, &str),
        target: Option<&str>,
    ) -> Result<Option<Started>, PortFailure> {
        let sent = self.events.describe_rule().name(rule).event_bus_name(bus);
        let described = match sent.send().await {
            Ok(described) => described,
            Err(error) if error.code() == Some(MISSING) => return Ok(None),
            Err(error) => return Err(failure(DESCRIBE, Call::Read, &error)),
        };
        let Some(target) = self.target((bus, rule), target).await? else {
            return Ok(None);
        };
        Ok(Some(Started {
            definition: revision_of(&target, LIST)?,
            state: match described.state() {
                Some(RuleState::Disabled) => TriggerState::Disabled,
                Some(_) | None => TriggerState::Enabled,
            },
        }))
    }

    pub(super) async fn change_target(
        &self,
        (bus, rule): (&str, &str),
        target: Option<&str>,
        request: &Reschedule,
    ) -> Result<(), PortFailure> {
        let found = self.target((bus, rule), target).await?;
        let found = found.ok_or_else(|| {
            let message = format!("there is no {}", request.trigger);
            refusal(LIST, FailureKind::NotFound, message)
        })?;
        let Change::Write(target) = changed(found, request, PUT)? else {
            return Ok(());
        };
        let body = json!({ "Rule": rule, "EventBusName": bus, "Targets": [target] }).to_string();
        let once = aws_sdk_eventbridge::config::Builder::new();
        let sent = self
            .events
            .put_targets()
            .rule(rule)
            .set_targets(Some(vec![]));
        let reply = sent
            .customize()
            .config_override(once.retry_config(RetryConfig::disabled()))
            .mutate_request(move |request| replace_body(request, &body))
            .send()
            .await
            .map_err(|error| failure(PUT, Call::Once, &error))?;
        // An entry that failed is no error of the call.
        match reply.failed_entries().first() {
            None => Ok(()),
            Some(entry) => {
                let kind = match entry.error_code() {
                    Some("ConcurrentModificationException" | "InternalException") => {
                        FailureKind::Unavailable
                    }
                    Some("ManagedRuleException") | Some(_) | None => FailureKind::Rejected,
                };
                let message = entry.error_message().unwrap_or("it was not written");
                Err(refusal(PUT, kind, message))
            }
        }
    }

    /// One target of a rule, whole: by its id, or the only one that starts a task of ECS.
    async fn target(
        &self,
        (bus, rule): (&str, &str),
        id: Option<&str>,
    ) -> Result<Option<Value>, PortFailure> {
        let mut found: Vec<Value> = Vec::new();
        let mut page: Option<String> = None;
        loop {
            let answer = AnswerBody::default();
            let asked = self.events.list_targets_by_rule();
            let asked = asked.rule(rule).event_bus_name(bus).set_next_token(page);
            let sent = asked.customize().interceptor(answer.clone()).send().await;
            let reply = match sent {
                Ok(reply) => reply,
                Err(error) if error.code() == Some(MISSING) => return Ok(None),
                Err(error) => return Err(failure(LIST, Call::Read, &error)),
            };
            let body = answer.json().unwrap_or_default();
            found.extend(body["Targets"].as_array().into_iter().flatten().cloned());
            page = reply.next_token.filter(|token| !token.is_empty());
            if page.is_none() {
                break;
            }
        }
        found.retain(|target| match id {
            Some(id) => target["Id"] == id,
            None => target["EcsParameters"].is_object(),
        });
        if found.len() > 1 {
            let message = format!(
                "rule {rule} has {} targets that start tasks of ECS: `target` has to name one",
                found.len()
            );
            return Err(refusal(LIST, FailureKind::Rejected, message));
        }
        Ok(found.pop())
    }
}
