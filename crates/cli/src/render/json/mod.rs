//! Versioned JSON objects, one per line. They are an interface: members are added, never changed. Task definitions are never
//! in them, only how they differ.

mod answers;
mod end;
mod every;
mod images;
mod jobs;
mod past;
mod plan;
mod record;
mod revisions;

use serde::Serialize;
use serde_json::{Map, Value, json};

pub use answers::{
    answered, checked, failure, listening, nothing_to_do, nothing_to_resume, problems, prune,
    refusals, status, unlocked, web_closed, web_opened,
};
pub use end::{End, Rehearsed, end};
pub use every::{all_played, fault_played};
pub use images::image;
pub use jobs::{job_ended, job_line, job_started, printed};
pub use past::{audited, history, release_diff, shown};
pub use plan::plan;
pub use record::{JsonLines, record};
pub use revisions::revisions;

use super::clean::clean_value;

/// The version of every object.
pub const VERSION: u32 = 1;

/// An object of one type: `v` and `type`, then its members, cleaned of credentials.
fn object(kind: &str, members: Value) -> Value {
    let mut all = Map::new();
    all.insert("v".to_owned(), json!(VERSION));
    all.insert("type".to_owned(), json!(kind));
    if let Value::Object(members) = clean_value(&members) {
        all.extend(members);
    }
    Value::Object(all)
}

/// Domain values always have a JSON form; if one ever does not, the line says so instead of failing a deployment.
fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_else(|error| json!({ "unprintable": error.to_string() }))
}
