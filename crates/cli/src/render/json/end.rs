//! The last object of a deployment: how it ended and what it cost.

use std::collections::BTreeMap;

use backstay_domain::journal::Outcome;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{object, value};
use crate::render::outcome::last_words;

/// What a deployment cost.
#[derive(Clone, Debug)]
pub struct End {
    /// How long it took.
    pub took: SignedDuration,
    /// Calls by operation, for example `ecs.DescribeServices`, where they were counted.
    pub calls: Option<BTreeMap<String, u64>>,
}

/// How a deployment ended.
#[must_use]
pub fn end(outcome: &Outcome, exit_code: u8, end: &End) -> Value {
    let (text, _) = last_words(None, outcome);
    let details = value(outcome);
    object(
        "end",
        json!({
            "exit_code": exit_code,
            "outcome": details.get("outcome"),
            "text": text,
            "details": details,
            "calls": end.calls,
            "seconds": end.took.as_secs_f64(),
        }),
    )
}
