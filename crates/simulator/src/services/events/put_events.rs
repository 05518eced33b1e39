//! PutEvents: every entry succeeds or fails by itself.

use serde::Deserialize;
use serde_json::{Value, json};

use super::bus;
use super::detail::Detail;
use super::find::validation;
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

/// The size of all entries [DOC].
const LARGEST: usize = 1 << 20;

pub(super) fn put(here: &mut Here<'_, EventBridge>, request: PutEvents) -> Result<Value, ApiError> {
    // LocalStack `test_put_event_with_too_big_detail`, recorded on AWS 06-12-2024 [OBS].
    if request.entries.iter().map(Entry::size).sum::<usize>() > LARGEST {
        return Err(validation(
            "Total size of the entries in the request is over the limit.",
        ));
    }
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
    let malformed = || ("MalformedDetail", "Detail is malformed.".to_owned());
    let detail: Value = serde_json::from_str(&detail).map_err(|_| malformed())?;
    if !detail.is_object() {
        return Err(malformed());
    }
    let told = Told {
        at_ms: entry.time.map_or(here.now_ms, |moment| moment.0),
        source,
        detail_type,
        resources: entry.resources,
        detail: Detail::of(&detail),
    };
    Ok(match bus::known(here, entry.event_bus_name.as_deref()) {
        Ok(bus) => put_event(here, &bus, told),
        // Taken, and nobody hears of it (LocalStack `test_put_events_nonexistent_event_bus`, recorded on AWS 06-12-2024 [OBS]).
        Err(_) => here.random.uuid(),
    })
}

impl Entry {
    /// What counts of its size ([DOC] "Calculating PutEvents event entry size").
    fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let time = if self.time.is_some() { 14 } else { 0 };
        let resources = self.resources.iter().map(String::len).sum::<usize>();
        texts.into_iter().flatten().map(String::len).sum::<usize>() + time + resources
    }
}
