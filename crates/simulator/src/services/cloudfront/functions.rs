//! CloudFront Functions: stored, published, given back. Nothing runs them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response};
use serde::{Deserialize, Serialize};

use super::reply::{document, empty, if_match, located, parameter, tagged};
use super::shape::Kind::{Of, OneOf, Text};
use super::shape::{Member, counted, filled, may, must, normal};
use super::state::version_text;
use super::tags::{TAGS, pairs};
use super::tree::Element;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::cloudfront::CloudFront;
use crate::wire::{Xml, iso8601, page};
use crate::{ApiError, Millis};

/// A function: what is being developed, and what is live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Function {
    created_ms: Millis,
    development: Stage,
    live: Option<Stage>,
}

/// A function's code and configuration in one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stage {
    config: Element,
    /// Base64, as it came.
    code: String,
    change: u64,
    modified_ms: Millis,
}

const CONFIG: &[Member] = &[
    must("Comment", Text),
    must(
        "Runtime",
        OneOf(&["cloudfront-js-1.0", "cloudfront-js-2.0"]),
    ),
    filled(
        "KeyValueStoreAssociations",
        counted!(
            "KeyValueStoreAssociation",
            Of(&[must("KeyValueStoreARN", Text)])
        ),
    ),
];
const CREATE: &[Member] = &[
    must("Name", Text),
    must("FunctionConfig", Of(CONFIG)),
    must("FunctionCode", Text),
    may("Tags", Of(TAGS)),
];
const UPDATE: &[Member] = &[
    must("FunctionConfig", Of(CONFIG)),
    must("FunctionCode", Text),
];

/// The operation that a call under `/function` is.
pub(super) fn operation(method: &Method, path: &[&str]) -> Option<&'static str> {
    Some(match (method, path) {
        (&Method::POST, []) => "CreateFunction",
        (&Method::GET, []) => "ListFunctions",
        (&Method::GET, [_]) => "GetFunction",
        (&Method::GET, [_, "describe"]) => "DescribeFunction",
        (&Method::PUT, [_]) => "UpdateFunction",
        (&Method::POST, [_, "publish"]) => "PublishFunction",
        (&Method::DELETE, [_]) => "DeleteFunction",
        _ => return None,
    })
}

pub(super) fn serve(
    here: &mut Here<'_, CloudFront>,
    operation: &str,
    name: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    match operation {
        "CreateFunction" => create(here, request.body()),
        "ListFunctions" => list(here, request),
        "DescribeFunction" => {
            let (stage_name, stage) = staged(here, name, request)?;
            Ok(described(here, name, stage_name, &stage, 200))
        }
        "GetFunction" => {
            let (_, stage) = staged(here, name, request)?;
            let code = STANDARD.decode(&stage.code).unwrap_or_default();
            let mut reply = Response::new(Bytes::from(code));
            let octets = HeaderValue::from_static("application/octet-stream");
            reply.headers_mut().insert(CONTENT_TYPE, octets);
            Ok(tagged(reply, &version_text(name, stage.change)))
        }
        "UpdateFunction" => update(here, name, request),
        "PublishFunction" => publish(here, name, request),
        "DeleteFunction" => delete(here, name, request),
        _ => Err(not_implemented(&format!("cloudfront.{operation}"))),
    }
}

fn arn(account: &str, name: &str) -> String {
    format!("arn:aws:cloudfront::{account}:function/{name}")
}

fn missing() -> ApiError {
    ApiError {
        code: "NoSuchFunctionExists",
        message: "The specified function does not exist.".to_owned(),
        status: 404,
    }
}

fn conflict(code: &'static str, message: &str) -> ApiError {
    ApiError {
        code,
        message: message.to_owned(),
        status: 409,
    }
}

fn create(here: &mut Here<'_, CloudFront>, body: &[u8]) -> Result<Response<Bytes>, ApiError> {
    let given = normal(Element::parse(body)?, CREATE)?;
    let name = given.text_of("Name").to_owned();
    if here.own.functions.contains_key(&name) {
        let message = "A function with the same name already exists in this account.";
        return Err(conflict("FunctionAlreadyExists", message));
    }
    let stage = stage(here, &given)?;
    let reply = described(here, &name, "DEVELOPMENT", &stage, 201);
    let function = Function {
        created_ms: here.now_ms,
        development: stage,
        live: None,
    };
    here.own.functions.insert(name.clone(), function);
    let tags = given.child("Tags").map(pairs).unwrap_or_default();
    let arn = arn(&here.account, &name);
    here.own.tag(&arn, tags);
    Ok(located(reply, &format!("function/{arn}")))
}

fn update(
    here: &mut Here<'_, CloudFront>,
    name: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    is_current(here, name, request)?;
    let given = normal(Element::parse(request.body())?, UPDATE)?;
    let stage = stage(here, &given)?;
    let reply = described(here, name, "DEVELOPMENT", &stage, 200);
    if let Some(function) = here.own.functions.get_mut(name) {
        function.development = stage;
    }
    // The SDKs read the new version from a header of this name [MODEL].
    let mut reply = reply;
    if let Some(etag) = reply.headers().get(http::header::ETAG).cloned() {
        reply.headers_mut().insert("ETtag", etag);
    }
    Ok(reply)
}

fn publish(
    here: &mut Here<'_, CloudFront>,
    name: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    is_current(here, name, request)?;
    let function = here.own.functions.get_mut(name).ok_or_else(missing)?;
    let live = function.development.clone();
    function.live = Some(live.clone());
    Ok(described(here, name, "LIVE", &live, 200))
}

/// A function that some cache behaviour calls cannot be deleted [MODEL].
fn delete(
    here: &mut Here<'_, CloudFront>,
    name: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    is_current(here, name, request)?;
    let arn = arn(&here.account, name);
    let uses = |config: &Element| config.any(&|it| it.name == "FunctionARN" && it.text == arn);
    let mut configs = here
        .own
        .distributions
        .values()
        .filter_map(|it| it.config.as_ref());
    if configs.any(uses) {
        let message =
            "Cannot delete the function because it's attached to one or more cache behaviors.";
        return Err(conflict("FunctionInUse", message));
    }
    here.own.functions.remove(name);
    here.own.tags.remove(&arn);
    Ok(empty(204))
}

fn list(
    here: &Here<'_, CloudFront>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let live = parameter(request, "Stage").is_some_and(|stage| stage == "LIVE");
    let all: Vec<(&String, &Stage)> = here
        .own
        .functions
        .iter()
        .filter_map(|(name, function)| {
            let stage = if live {
                function.live.as_ref()?
            } else {
                &function.development
            };
            Some((name, stage))
        })
        .collect();
    let size = parameter(request, "MaxItems").and_then(|size| size.parse().ok());
    let marker = parameter(request, "Marker").filter(|marker| !marker.is_empty());
    let (items, next) = page(&all, size, marker.as_deref(), 100)?;
    let stage_name = if live { "LIVE" } else { "DEVELOPMENT" };
    let summaries = items
        .iter()
        .map(|(name, stage)| summary(here, name, stage_name, stage));
    let xml = Xml::new()
        .maybe("NextMarker", next)
        .text("MaxItems", size.unwrap_or(100))
        .text("Quantity", items.len())
        .list("Items", "FunctionSummary", summaries);
    Ok(document(200, "FunctionList", &xml))
}

/// The stage that a call asks for; DEVELOPMENT where it does not say.
fn staged(
    here: &Here<'_, CloudFront>,
    name: &str,
    request: &Request<Bytes>,
) -> Result<(&'static str, Stage), ApiError> {
    let function = here.own.functions.get(name).ok_or_else(missing)?;
    match parameter(request, "Stage").as_deref() {
        Some("LIVE") => function
            .live
            .clone()
            .map(|stage| ("LIVE", stage))
            .ok_or_else(missing),
        _ => Ok(("DEVELOPMENT", function.development.clone())),
    }
}

fn is_current(
    here: &Here<'_, CloudFront>,
    name: &str,
    request: &Request<Bytes>,
) -> Result<(), ApiError> {
    let function = here.own.functions.get(name).ok_or_else(missing)?;
    if_match(request, &version_text(name, function.development.change))
}

fn stage(here: &mut Here<'_, CloudFront>, given: &Element) -> Result<Stage, ApiError> {
    let code = given.text_of("FunctionCode").trim().to_owned();
    if STANDARD.decode(&code).is_err() {
        let message = "The function code is not valid.";
        return Err(ApiError::client("InvalidArgument", message));
    }
    Ok(Stage {
        config: given.child("FunctionConfig").cloned().unwrap_or_default(),
        code,
        change: here.own.next_change(),
        modified_ms: here.now_ms,
    })
}

fn described(
    here: &Here<'_, CloudFront>,
    name: &str,
    stage_name: &str,
    stage: &Stage,
    status: u16,
) -> Response<Bytes> {
    let xml = summary(here, name, stage_name, stage);
    let reply = document(status, "FunctionSummary", &xml);
    tagged(reply, &version_text(name, stage.change))
}

fn summary(here: &Here<'_, CloudFront>, name: &str, stage_name: &str, stage: &Stage) -> Xml {
    let known = here.own.functions.get(name);
    let published = known.and_then(|function| function.live.as_ref()) == Some(stage);
    let status = if published { "DEPLOYED" } else { "UNPUBLISHED" };
    let created_ms = known.map_or(stage.modified_ms, |function| function.created_ms);
    let metadata = Xml::new()
        .text("FunctionARN", arn(&here.account, name))
        .text("Stage", stage_name)
        .text("CreatedTime", iso8601(created_ms))
        .text("LastModifiedTime", iso8601(stage.modified_ms));
    Xml::new()
        .text("Name", name)
        .text("Status", status)
        .nested("FunctionConfig", &stage.config.inner())
        .nested("FunctionMetadata", &metadata)
}
