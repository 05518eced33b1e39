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
    /// What only a rehearsal knows.
    pub rehearsed: Option<Rehearsed>,
}

/// What is known of a deployment whose cloud can be asked afterwards.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// Calls by operation, for example `ecs.DescribeServices`.
    pub calls: BTreeMap<String, u64>,
    /// The faults that made no difference, as they were typed.
    pub never_struck: Vec<String>,
    /// Services that had fewer healthy tasks than their minimum, with when.
    pub below_minimum: Vec<String>,
}

/// How a deployment ended.
#[must_use]
pub fn end(outcome: &Outcome, exit_code: u8, end: &End) -> Value {
    let (text, _) = last_words(None, outcome);
    let details = value(outcome);
    let mut ended = object(
        "end",
        json!({
            "exit_code": exit_code,
            "outcome": details.get("outcome"),
            "text": text,
            "details": details,
            "calls": null,
            "seconds": end.took.as_secs_f64(),
        }),
    );
    if let Some(rehearsed) = &end.rehearsed {
        ended["calls"] = json!(rehearsed.calls);
        ended["never_struck"] = json!(rehearsed.never_struck);
        ended["below_minimum"] = json!(rehearsed.below_minimum);
    }
    ended
}
