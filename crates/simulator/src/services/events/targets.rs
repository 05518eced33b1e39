//! Targets of rules.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::find::{paged, validation};
use super::{bus, rules};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::events::EventBridge;

/// Where a rule sends events, as it was given.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Target(Map<String, Value>);

impl Target {
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member).and_then(Value::as_str)
    }

    /// As it was given.
    pub(super) fn json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    pub(super) fn id(&self) -> &str {
        self.text("Id").unwrap_or_default()
    }

    pub(super) fn arn(&self) -> &str {
        self.text("Arn").unwrap_or_default()
    }

    /// What it starts, where that is a task of ECS.
    pub(super) fn task_definition(&self) -> Option<&str> {
        self.0
            .get("EcsParameters")?
            .get("TaskDefinitionArn")?
            .as_str()
    }

    pub(super) fn transformer(&self) -> Option<&Map<String, Value>> {
        self.0.get("InputTransformer").and_then(Value::as_object)
    }
}

/// The members of a target [MODEL].
const MEMBERS: [&str; 17] = [
    "Id",
    "Arn",
    "Input",
    "InputPath",
    "InputTransformer",
    "RoleArn",
    "KinesisParameters",
    "RunCommandParameters",
    "EcsParameters",
    "BatchParameters",
    "SqsParameters",
    "HttpParameters",
    "RedshiftDataParameters",
    "SageMakerPipelineParameters",
    "DeadLetterConfig",
    "RetryPolicy",
    "AppSyncParameters",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutTargets {
    rule: String,
    event_bus_name: Option<String>,
    targets: Vec<Target>,
}

/// A target with a known id is replaced. Five targets per rule [DOC].
pub(super) fn put(
    here: &mut Here<'_, EventBridge>,
    request: PutTargets,
) -> Result<Value, ApiError> {
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    let rule = rules::known_mut(here, &bus, &request.rule)?;
    let mut targets = rule.targets.clone();
    for target in request.targets {
        check(&target)?;
        match targets.iter_mut().find(|known| known.id() == target.id()) {
            Some(known) => *known = target,
            None => targets.push(target),
        }
    }
    if targets.len() > 5 {
        return Err(ApiError::client(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        ));
    }
    rule.targets = targets;
    Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

fn check(target: &Target) -> Result<(), ApiError> {
    if let Some(unknown) = target.0.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
        return Err(validation(format!(
            "the simulator does not know member {unknown} of a target"
        )));
    }
    let id = target.id();
    if id.is_empty() || id.len() > 64 {
        return Err(validation("Parameter Id of a target is not valid."));
    }
    if target.arn().splitn(6, ':').count() < 6 {
        return Err(validation(format!(
            "Parameter {} is not valid. Reason: Provided Arn is not in correct format.",
            target.arn()
        )));
    }
    let inputs = ["Input", "InputPath", "InputTransformer"];
    if inputs
        .iter()
        .filter(|name| target.0.contains_key(**name))
        .count()
        > 1
    {
        return Err(validation(
            "Only one of Input, InputPath, or InputTransformer must be provided",
        ));
    }
    if let Some(input) = target.text("Input")
        && serde_json::from_str::<Value>(input).is_err()
    {
        return Err(validation(format!(
            "JSON syntax error in input for target {id}"
        )));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RemoveTargets {
    rule: String,
    event_bus_name: Option<String>,
    ids: Vec<String>,
    #[serde(rename = "Force")]
    _force: Option<bool>,
}

pub(super) fn remove(
    here: &mut Here<'_, EventBridge>,
    request: &RemoveTargets,
) -> Result<Value, ApiError> {
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    let rule = rules::known_mut(here, &bus, &request.rule)?;
    let known = |id: &&String| rule.targets.iter().any(|target| target.id() == **id);
    let unknown = request.ids.iter().filter(|id| !known(id));
    let failed: Vec<Value> = unknown
        .map(|id| {
            json!({
                "TargetId": id,
                "ErrorCode": "ResourceNotFoundException",
                "ErrorMessage": format!("Rule {} does not have the target {id}.", request.rule),
            })
        })
        .collect();
    rule.targets
        .retain(|target| !request.ids.iter().any(|id| id == target.id()));
    Ok(json!({ "FailedEntryCount": failed.len(), "FailedEntries": failed }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListTargets {
    rule: String,
    event_bus_name: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

pub(super) fn list(here: &Here<'_, EventBridge>, request: &ListTargets) -> Result<Value, ApiError> {
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    let rule = rules::known(here, &bus, &request.rule)?;
    let targets: Vec<Value> = rule.targets.iter().map(|target| json!(target)).collect();
    paged(
        "Targets",
        &targets,
        request.limit,
        request.next_token.as_deref(),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RuleNames {
    target_arn: String,
    event_bus_name: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

pub(super) fn rule_names(
    here: &Here<'_, EventBridge>,
    request: &RuleNames,
) -> Result<Value, ApiError> {
    let bus = bus::known(here, request.event_bus_name.as_deref())?;
    let rules = here.own.rules.get(&bus).into_iter().flatten();
    let aimed = rules.filter(|(_, rule)| {
        let mut targets = rule.targets.iter();
        targets.any(|target| target.arn() == request.target_arn)
    });
    let names: Vec<Value> = aimed.map(|(name, _)| json!(name)).collect();
    paged(
        "RuleNames",
        &names,
        request.limit,
        request.next_token.as_deref(),
    )
}
