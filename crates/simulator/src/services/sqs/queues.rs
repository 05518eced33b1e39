//! Queues: made, found, listed, emptied, deleted.

use std::collections::{BTreeMap, VecDeque};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::attributes::{check_redrive, redrive, set};
use super::find::{arn, invalid, name_of, not_there, queue, url};
use super::state::{Queue, Sqs};
use crate::base::here::Here;
use crate::wire::{Tags, page, with_token};
use crate::{ApiError, Millis};

/// "You must wait 60 seconds after deleting a queue", and between two purges [MODEL].
const REST_MS: Millis = 60_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateQueue {
    queue_name: String,
    #[serde(default)]
    attributes: Map<String, Value>,
    #[serde(rename = "tags")]
    tags: Option<Tags>,
}

/// A standard queue has nothing of what orders a FIFO queue, not even as false (LocalStack's
/// `test_create_standard_queue_with_fifo_attribute_raises_error`, recorded on AWS [OBS]).
fn are_of_kind(attributes: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if attributes.get("FifoQueue").is_some_and(|it| it == "true") {
        return Ok(());
    }
    let refused = |message: String| Err(ApiError::client("InvalidAttributeName", message));
    for name in ["FifoQueue", "ContentBasedDeduplication"] {
        if attributes.contains_key(name) {
            return refused(format!("Unknown Attribute {name}."));
        }
    }
    for name in ["DeduplicationScope", "FifoThroughputLimit"] {
        if attributes.contains_key(name) {
            return refused(format!(
                "You can specify the {name} only when FifoQueue is set to true."
            ));
        }
    }
    Ok(())
}

/// The queue that is there is answered again, unless it differs in what is given [MODEL].
pub(super) fn create(here: &mut Here<'_, Sqs>, request: CreateQueue) -> Result<Value, ApiError> {
    let name = request.queue_name;
    let mut attributes = BTreeMap::new();
    set(&mut attributes, &request.attributes)?;
    check_name(&name, attributes.get("FifoQueue").map(String::as_str))?;
    are_of_kind(&attributes)?;
    check_redrive(here, &request.attributes, &attributes)?;
    let answer = json!({ "QueueUrl": url(here, &name) });
    if let Some(known) = here.own.queues.get(&name) {
        let differs = attributes.iter().find(|(attribute, value)| {
            let known = known.attributes.get(*attribute).map(String::as_str);
            known.or_else(|| super::attributes::usual(attribute)) != Some(value.as_str())
        });
        return match differs {
            None => Ok(answer),
            Some((attribute, _)) => Err(ApiError::client(
                "QueueAlreadyExists",
                format!(
                    "A queue already exists with the same name and a different value for attribute {attribute}"
                ),
            )),
        };
    }
    let gone_ms = here.own.gone.remove(&name);
    if let Some(gone_ms) = gone_ms.filter(|gone_ms| gone_ms.saturating_add(REST_MS) > here.now_ms) {
        here.own.gone.insert(name, gone_ms);
        return Err(ApiError::client(
            "AWS.SimpleQueueService.QueueDeletedRecently",
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
        ));
    }
    let made = Queue {
        attributes,
        tags: request.tags.unwrap_or_default(),
        created_ms: here.now_ms,
        modified_ms: here.now_ms,
        purged_ms: None,
        messages: VecDeque::new(),
        numbered: 0,
        taken: BTreeMap::new(),
        turns: BTreeMap::new(),
        last_turn: 0,
    };
    here.own.queues.insert(name, made);
    Ok(answer)
}

/// The name of a FIFO queue ends in `.fifo`, and no other's does [DOC].
fn check_name(name: &str, fifo: Option<&str>) -> Result<(), ApiError> {
    let stem = name.strip_suffix(".fifo");
    let bare = stem.unwrap_or(name);
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if name.is_empty() || name.len() > 80 || !bare.chars().all(letters) {
        return Err(invalid(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ));
    }
    if stem.is_some() != (fifo == Some("true")) {
        return Err(invalid(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix \
             and be 1 to 80 in length",
        ));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetQueueUrl {
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

pub(super) fn get_url(here: &Here<'_, Sqs>, request: &GetQueueUrl) -> Result<Value, ApiError> {
    let ours = request
        .owner
        .as_deref()
        .is_none_or(|owner| owner == here.account);
    if !ours || !here.own.queues.contains_key(&request.queue_name) {
        return Err(not_there());
    }
    Ok(json!({ "QueueUrl": url(here, &request.queue_name) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListQueues {
    queue_name_prefix: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// A token only for who asks for pages [MODEL].
pub(super) fn list(here: &Here<'_, Sqs>, request: &ListQueues) -> Result<Value, ApiError> {
    let prefix = request.queue_name_prefix.as_deref().unwrap_or_default();
    let names = here
        .own
        .queues
        .keys()
        .filter(|name| name.starts_with(prefix));
    let urls: Vec<String> = names.map(|name| url(here, name)).collect();
    let token = request.next_token.as_deref();
    let size = size(request.max_results)?;
    let (urls, next) =
        page(&urls, size, token, 1_000).map_err(|_| invalid("Invalid or expired next token."))?;
    if urls.is_empty() {
        return Ok(json!({}));
    }
    let next = next.filter(|_| size.is_some());
    Ok(with_token(json!({ "QueueUrls": urls }), "NextToken", next))
}

/// 1 to 1000 [MODEL].
fn size(given: Option<i64>) -> Result<Option<usize>, ApiError> {
    let Some(given) = given else {
        return Ok(None);
    };
    let read = usize::try_from(given)
        .ok()
        .filter(|size| (1..=1_000).contains(size));
    read.map(Some).ok_or_else(|| {
        invalid("Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.")
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OfQueue {
    queue_url: String,
}

pub(super) fn delete(here: &mut Here<'_, Sqs>, request: &OfQueue) -> Result<Value, ApiError> {
    let (name, _) = queue(here, &request.queue_url)?;
    here.own.queues.remove(&name);
    let now_ms = here.now_ms;
    here.own.gone.insert(name, now_ms);
    Ok(json!({}))
}

pub(super) fn purge(here: &mut Here<'_, Sqs>, request: &OfQueue) -> Result<Value, ApiError> {
    let now_ms = here.now_ms;
    let (name, queue) = queue(here, &request.queue_url)?;
    if queue
        .purged_ms
        .is_some_and(|at_ms| at_ms.saturating_add(REST_MS) > now_ms)
    {
        return Err(ApiError {
            status: 403,
            ..ApiError::client(
                "AWS.SimpleQueueService.PurgeQueueInProgress",
                format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds."),
            )
        });
    }
    queue.purged_ms = Some(now_ms);
    queue.messages.clear();
    // What was sent before may be sent again (LocalStack's `test_purge_queue_clears_fifo_deduplication_cache`, validated on AWS [OBS]).
    queue.taken.clear();
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListSources {
    queue_url: String,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// ListDeadLetterSourceQueues.
pub(super) fn sources(here: &mut Here<'_, Sqs>, request: &ListSources) -> Result<Value, ApiError> {
    let (name, _) = queue(here, &request.queue_url)?;
    let arn = arn(here, &name);
    let sending = here.own.queues.iter().filter(|(_, queue)| {
        let policy = queue.attributes.get("RedrivePolicy");
        policy
            .and_then(|policy| redrive(policy))
            .is_some_and(|(target, _)| target == arn || name_of(&target) == name)
    });
    let urls: Vec<String> = sending.map(|(name, _)| url(here, name)).collect();
    let token = request.next_token.as_deref();
    let size = size(request.max_results)?;
    let (urls, next) =
        page(&urls, size, token, 1_000).map_err(|_| invalid("Invalid or expired next token."))?;
    let next = next.filter(|_| size.is_some());
    Ok(with_token(json!({ "queueUrls": urls }), "NextToken", next))
}
