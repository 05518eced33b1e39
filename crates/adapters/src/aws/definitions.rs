//! Task definitions: read whole, and registered where neither a recorded revision nor the newest active one is the same.

use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_sdk_ecs::types::{ContainerDefinition, TaskDefinitionField};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::DefinitionRef;
use backstay_domain::definition::Definition;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use backstay_domain::registered::Revisions;
use serde_json::Value;

use super::AwsCloud;
use super::error::{Call, failure, refusal};
use super::raw::{AnswerBody, replace_body};
use crate::pace::Category;

const DESCRIBE: &str = "ecs.DescribeTaskDefinition";
const REGISTER: &str = "ecs.RegisterTaskDefinition";

impl<T> AwsCloud<T> {
    /// The recorded revision for which a definition was sent, if it is still ACTIVE.
    pub(super) async fn registered_definition(
        &self,
        definition: &Definition,
        known: &Revisions,
    ) -> Result<Option<DefinitionRef>, PortFailure> {
        for revision in known.of(definition) {
            if let Some(read) = self.read_definition(revision.as_str()).await?
                && is_active(&read)
                && known.stands_for(revision, &Definition::new(read), definition)
            {
                return Ok(Some(revision.clone()));
            }
        }
        Ok(None)
    }

    /// Registers a definition unless a recorded revision or the family's newest active one stands for it.
    pub(super) async fn register_definition(
        &self,
        definition: &Definition,
        known: &Revisions,
    ) -> Result<DefinitionRef, PortFailure> {
        let family = definition.family();
        if family.is_empty() {
            return Err(refusal(
                REGISTER,
                FailureKind::Rejected,
                "the task definition has no family",
            ));
        }
        if let Some(recorded) = self.registered_definition(definition, known).await? {
            return Ok(recorded);
        }
        if let Some(newest) = self.read_definition(family).await?
            && is_active(&newest)
            && let Some(handle) = handle_of(&newest)
            && known.stands_for(&handle, &Definition::new(newest), definition)
        {
            return Ok(handle);
        }
        self.pace.turn(Category::DefinitionModify).await;
        let body = definition.document.to_string();
        let reply = self
            .ecs
            .register_task_definition()
            .family(family)
            .container_definitions(ContainerDefinition::builder().build())
            .customize()
            .config_override(
                aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .mutate_request(move |request| replace_body(request, &body))
            .send()
            .await
            .map_err(|error| failure(REGISTER, Call::Once, &error))?;
        let arn = reply
            .task_definition()
            .and_then(|registered| registered.task_definition_arn());
        arn.and_then(|arn| DefinitionRef::parse(arn).ok())
            .ok_or_else(|| PortFailure {
                effect: Effect::Applied,
                ..refusal(REGISTER, FailureKind::Unavailable, "the answer has no ARN")
            })
    }

    /// Which revision a handle means, and what that is.
    pub(super) async fn revision_of(
        &self,
        definition: &DefinitionRef,
    ) -> Result<Option<(DefinitionRef, Definition)>, PortFailure> {
        let document = self.read_definition(definition.as_str()).await?;
        Ok(document.and_then(|document| Some((handle_of(&document)?, Definition::new(document)))))
    }

    /// A task definition's whole document, by ARN or family; `None` when there is none.
    pub(super) async fn read_definition(&self, name: &str) -> Result<Option<Value>, PortFailure> {
        self.pace.turn(Category::DefinitionRead).await;
        let answer = AnswerBody::default();
        let sent = self
            .ecs
            .describe_task_definition()
            .task_definition(name)
            .include(TaskDefinitionField::Tags)
            .customize()
            .interceptor(answer.clone())
            .send()
            .await;
        match sent {
            Ok(_) => answer.json().and_then(whole).map(Some).ok_or_else(|| {
                refusal(
                    DESCRIBE,
                    FailureKind::Unavailable,
                    "the answer has no document",
                )
            }),
            // ECS has no code of its own for a family or revision that does not exist.
            Err(error) if error.code() == Some("ClientException") => Ok(None),
            Err(error) => Err(failure(DESCRIBE, Call::Read, &error)),
        }
    }

    /// The document of a revision, which is asked for once: revisions do not change.
    pub(super) async fn document(
        &self,
        definition: &DefinitionRef,
    ) -> Result<Arc<Value>, PortFailure> {
        if let Some(known) = self.memory.document(definition) {
            return Ok(known);
        }
        let read = self.read_definition(definition.as_str()).await?;
        let found =
            read.ok_or_else(|| refusal(DESCRIBE, FailureKind::NotFound, definition.short()))?;
        let document = Arc::new(found);
        self.memory
            .remember_document(definition, Arc::clone(&document));
        Ok(document)
    }
}

/// The document of an answer, with its tags: they are sent as a member, and answered beside the rest.
fn whole(mut answer: Value) -> Option<Value> {
    let tags = answer.get_mut("tags").map(Value::take);
    let mut document = answer.get_mut("taskDefinition").map(Value::take)?;
    let members = document.as_object_mut()?;
    members.extend(tags.map(|tags| ("tags".to_owned(), tags)));
    Some(document)
}

/// Whether tasks of it can be started.
pub(super) fn is_active(document: &Value) -> bool {
    document
        .get("status")
        .and_then(Value::as_str)
        .is_none_or(|status| status == "ACTIVE")
}

fn handle_of(document: &Value) -> Option<DefinitionRef> {
    let arn = document.get("taskDefinitionArn").and_then(Value::as_str)?;
    DefinitionRef::parse(arn).ok()
}
