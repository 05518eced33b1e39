//! Schedules of EventBridge Scheduler.

use std::time::UNIX_EPOCH;

use aws_config::retry::RetryConfig;
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, Target};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::scheduled::{Reschedule, Started, TriggerState};
use serde_json::Value;

use super::{Change, changed, revision_of};
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};
use crate::aws::raw::{AnswerBody, replace_body};

const GET: &str = "scheduler.GetSchedule";
const UPDATE: &str = "scheduler.UpdateSchedule";

/// What GetSchedule answers and UpdateSchedule does not take [MODEL]; the name is in the path.
const ONLY_READ: [&str; 4] = ["Arn", "Name", "CreationDate", "LastModificationDate"];

impl<T> AwsCloud<T> {
    pub(super) async fn started_by_schedule(
        &self,
        (group, name): (&str, &str),
    ) -> Result<Option<Started>, PortFailure> {
        let Some(schedule) = self.schedule((group, name)).await? else {
            return Ok(None);
        };
        Ok(Some(Started {
            definition: revision_of(&schedule["Target"], GET)?,
            state: match schedule["State"].as_str() {
                Some("DISABLED") => TriggerState::Disabled,
                Some(_) | None => TriggerState::Enabled,
            },
        }))
    }

    pub(super) async fn change_schedule(
        &self,
        (group, name): (&str, &str),
        request: &Reschedule,
    ) -> Result<(), PortFailure> {
        let found = self.schedule((group, name)).await?;
        let mut schedule = found.ok_or_else(|| {
            let message = format!("there is no {}", request.trigger);
            refusal(GET, FailureKind::NotFound, message)
        })?;
        let Change::Write(target) = changed(schedule["Target"].take(), request, UPDATE)? else {
            return Ok(());
        };
        schedule["Target"] = target;
        if let Some(members) = schedule.as_object_mut() {
            members.retain(|member, _| !ONLY_READ.contains(&member.as_str()));
            // One that has begun is as if none were written, and AWS takes none that is more than five minutes old (moto#8172 [OBS]).
            let begins = members.get("StartDate").and_then(Value::as_f64);
            let now = self
                .time
                .now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            if begins.is_some_and(|begins| begins <= now.as_secs_f64()) {
                members.remove("StartDate");
            }
        }
        let body = schedule.to_string();
        let once = aws_sdk_scheduler::config::Builder::new();
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off);
        let sent = self.scheduler.update_schedule().name(name);
        // What is sent is the document; these only have to be there.
        let sent = sent
            .schedule_expression("-")
            .flexible_time_window(window.build().map_err(unbuilt)?)
            .target(
                Target::builder()
                    .arn("-")
                    .role_arn("-")
                    .build()
                    .map_err(unbuilt)?,
            );
        sent.customize()
            .config_override(once.retry_config(RetryConfig::disabled()))
            .mutate_request(move |request| replace_body(request, &body))
            .send()
            .await
            .map(drop)
            .map_err(|error| failure(UPDATE, Call::Once, &error))
    }

    /// A schedule, whole.
    async fn schedule(&self, (group, name): (&str, &str)) -> Result<Option<Value>, PortFailure> {
        let answer = AnswerBody::default();
        let asked = self.scheduler.get_schedule().name(name).group_name(group);
        match asked.customize().interceptor(answer.clone()).send().await {
            Ok(_) => {
                let unread = || refusal(GET, FailureKind::Unavailable, "the answer is no JSON");
                answer.json().map(Some).ok_or_else(unread)
            }
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(failure(GET, Call::Read, &error)),
        }
    }
}

fn unbuilt(error: impl Into<BoxError>) -> PortFailure {
    refusal(UPDATE, FailureKind::Rejected, error.into().to_string())
}
