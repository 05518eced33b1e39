//! PutEvents: every entry succeeds or fails by itself.

use serde::Deserialize;
use serde_json::{Value, json};

use super::bus;
use super::state::{Told, put_event};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::events::EventBridge;
use crate::wire::Moment;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    time: Option<Moment>,
    source: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    #[serde(rename = "TraceHeader")]
    _trace: Option<String>,
}

/// The size of an entry [DOC].
const LARGEST: usize = 1 << 20;

pub(super) fn put(here: &mut Here<'_, EventBridge>, request: PutEvents) -> Result<Value, ApiError> {
    let mut answers = Vec::new();
    let mut failed = 0;
    for entry in request.entries {
        answers.push(match one(here, entry) {
            Ok(id) => json!({ "EventId": id }),
            Err((code, message)) => {
                failed += 1;
                json!({ "ErrorCode": code, "ErrorMessage": message })
            }
        });
    }
    Ok(json!({ "FailedEntryCount": failed, "Entries": answers }))
}

fn one(here: &mut Here<'_, EventBridge>, entry: Entry) -> Result<String, (&'static str, String)> {
    let needed = |value: Option<String>, name: &str| {
        value.filter(|value| !value.is_empty()).ok_or_else(|| {
            let message =
                format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            ("InvalidArgument", message)
        })
    };
    let source = needed(entry.source, "Source")?;
    let detail_type = needed(entry.detail_type, "DetailType")?;
    let detail = needed(entry.detail, "Detail")?;
    if source.starts_with("aws.") {
        return Err((
            "NotAuthorizedForSource",
            "Not authorized for the source.".to_owned(),
        ));
    }
    if detail.len() + source.len() + detail_type.len() > LARGEST {
        return Err((
            "InvalidArgument",
            "Total size of the entry is larger than the maximum allowed size.".to_owned(),
        ));
    }
    let malformed = || ("MalformedDetail", "Detail is malformed.".to_owned());
    let detail: Value = serde_json::from_str(&detail).map_err(|_| malformed())?;
    if !detail.is_object() {
        return Err(malformed());
    }
    let bus = bus::known(here, entry.event_bus_name.as_deref())
        .map_err(|error| ("InvalidArgument", error.message))?;
    let told = Told {
        at_ms: entry.time.map_or(here.now_ms, |moment| moment.0),
        source,
        detail_type,
        resources: entry.resources,
        detail,
    };
    Ok(put_event(here, &bus, told))
}
