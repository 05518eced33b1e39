//! CloudFront Functions: stored, published, given back. Nothing runs them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::CloudFront;
use super::consistent::consistent;
use super::defaults::filled;
use super::find::{Told, conflict, if_match, location, missing, names, paged, text};
use super::old_markup;
use super::state::version_text;
use super::tags::pairs;
use crate::base::arn::global_arn;
use crate::base::here::Here;
use crate::wire::instant;
use crate::{ApiError, Millis};

/// A function: what is being developed, and what is live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Function {
    created_ms: Millis,
    development: Stage,
    live: Option<Stage>,
}

/// A function's code and configuration in one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stage {
    #[serde(deserialize_with = "old_markup::document")]
    config: Value,
    /// Base64, as it came.
    code: String,
    change: u64,
    modified_ms: Millis,
}

fn arn(here: &Here<'_, CloudFront>, name: &str) -> String {
    let name = format_args!("function/{name}");
    global_arn("cloudfront", here.region, here.account, name)
}

fn no_function() -> ApiError {
    let message = "The specified function does not exist.";
    missing("NoSuchFunctionExists", message)
}

pub(super) fn create(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "Name");
    if here.own.functions.contains_key(name) {
        let message = "A function with the same name already exists in this account.";
        return Err(conflict("FunctionAlreadyExists", message));
    }
    let stage = stage(here, input)?;
    let mut answer = answer(here, name, "DEVELOPMENT", &stage);
    let function = Function {
        created_ms: here.now_ms,
        development: stage,
        live: None,
    };
    here.own.functions.insert(name.to_owned(), function);
    let arn = arn(here, name);
    here.own.tag(&arn, pairs(&input["Tags"]));
    answer["Location"] = json!(location(&format!("function/{arn}")));
    Ok(answer)
}

pub(super) fn update(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    is_current(here, input)?;
    let stage = stage(here, input)?;
    let name = text(input, "Name");
    let answer = answer(here, name, "DEVELOPMENT", &stage);
    if let Some(function) = here.own.functions.get_mut(name) {
        function.development = stage;
    }
    Ok(answer)
}

pub(super) fn publish(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    is_current(here, input)?;
    let name = text(input, "Name");
    let function = here.own.functions.get_mut(name).ok_or_else(no_function)?;
    let live = function.development.clone();
    function.live = Some(live.clone());
    Ok(json!({ "FunctionSummary": summary(here, name, "LIVE", &live) }))
}

/// A function that some cache behaviour calls cannot be deleted [MODEL].
pub(super) fn delete(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    is_current(here, input)?;
    let name = text(input, "Name");
    let arn = arn(here, name);
    let mut configs = here.own.configs();
    if configs.any(|config| names(config, "FunctionARN", &arn)) {
        let message =
            "Cannot delete the function because it's attached to one or more cache behaviors.";
        return Err(conflict("FunctionInUse", message));
    }
    drop(configs);
    here.own.functions.remove(name);
    here.own.tags.remove(&arn);
    Ok(json!({}))
}

pub(super) fn describe(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let (stage_name, stage) = staged(here, input)?;
    Ok(answer(here, text(input, "Name"), stage_name, &stage))
}

pub(super) fn get(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let (_, stage) = staged(here, input)?;
    Ok(json!({
        "FunctionCode": stage.code,
        "ContentType": "application/octet-stream",
        "ETag": version_text(text(input, "Name"), stage.change),
    }))
}

pub(super) fn list(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let stage_name = match text(input, "Stage") {
        "LIVE" => "LIVE",
        _ => "DEVELOPMENT",
    };
    let functions = here.own.functions.iter();
    let all: Vec<(&String, &Stage)> = functions
        .filter_map(|(name, function)| match stage_name {
            "LIVE" => Some((name, function.live.as_ref()?)),
            _ => Some((name, &function.development)),
        })
        .collect();
    let page = paged(input, &all)?;
    let summaries = page.items.iter();
    let summaries = summaries.map(|(name, stage)| summary(here, name, stage_name, stage));
    let summaries = summaries.collect();
    Ok(json!({ "FunctionList": page.list(summaries, Told::WithoutMarker) }))
}

/// The stage that a call asks for; DEVELOPMENT where it does not say.
fn staged(here: &Here<'_, CloudFront>, input: &Value) -> Result<(&'static str, Stage), ApiError> {
    let function = here.own.functions.get(text(input, "Name"));
    let function = function.ok_or_else(no_function)?;
    match text(input, "Stage") {
        "LIVE" => function
            .live
            .clone()
            .map(|stage| ("LIVE", stage))
            .ok_or_else(no_function),
        _ => Ok(("DEVELOPMENT", function.development.clone())),
    }
}

fn is_current(here: &Here<'_, CloudFront>, input: &Value) -> Result<(), ApiError> {
    let name = text(input, "Name");
    let function = here.own.functions.get(name).ok_or_else(no_function)?;
    if_match(input, &version_text(name, function.development.change))
}

fn stage(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Stage, ApiError> {
    let config = &input["FunctionConfig"];
    consistent(config)?;
    let code = text(input, "FunctionCode").trim().to_owned();
    if STANDARD.decode(&code).is_err() {
        let message = "The function code is not valid.";
        return Err(ApiError::client("InvalidArgument", message));
    }
    Ok(Stage {
        config: filled("FunctionConfig", config.clone()),
        code,
        change: here.own.next_change(),
        modified_ms: here.now_ms,
    })
}

fn answer(here: &Here<'_, CloudFront>, name: &str, stage_name: &str, stage: &Stage) -> Value {
    json!({
        "FunctionSummary": summary(here, name, stage_name, stage),
        "ETag": version_text(name, stage.change),
    })
}

fn summary(here: &Here<'_, CloudFront>, name: &str, stage_name: &str, stage: &Stage) -> Value {
    let known = here.own.functions.get(name);
    let published = known.and_then(|function| function.live.as_ref()) == Some(stage);
    let status = if published { "DEPLOYED" } else { "UNPUBLISHED" };
    let created_ms = known.map_or(stage.modified_ms, |function| function.created_ms);
    json!({
        "Name": name,
        "Status": status,
        "FunctionConfig": stage.config,
        "FunctionMetadata": {
            "FunctionARN": arn(here, name),
            "Stage": stage_name,
            "CreatedTime": instant(created_ms),
            "LastModifiedTime": instant(stage.modified_ms),
        },
    })
}
