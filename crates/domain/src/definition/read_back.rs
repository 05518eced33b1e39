//! What a cloud answers, as it counts against what would be sent: *sent ⊆ read*. Only for revisions of which nobody
//! recorded what was sent. The list of what a cloud fills in is open, and grows: what it added is no difference.
//!
//! In doubt it is one: registering once more is harmless, starting the wrong revision is not.

use serde_json::{Map, Value, json};

use super::canonical::{FREE_FORM, canonical, has_no_order};
use super::document::Definition;
use super::members::is_settable;

/// Members by which the entries of a list are told apart, the first that an entry has.
const KEYS: [&str; 9] = [
    "name",
    "key",
    "containerName",
    "containerPort",
    "sourceVolume",
    "sourceContainer",
    "namespace",
    "hostname",
    "type",
];

/// Members of which false and 0 are not what leaving them out means.
const MEANT: [&str; 5] = [
    "essential",
    "maxSwap",
    "startTimeout",
    "stopTimeout",
    "swappiness",
];

impl Definition {
    /// The answer of a cloud, without what it added by itself to `self`. It says the same as `self` when a revision
    /// with this answer may stand for it.
    #[must_use]
    pub fn read_back(&self, answer: &Value) -> Self {
        let read = canonical(answer.clone());
        Self::of_canonical(aligned("", &self.document, read))
    }
}

/// `read` in the order of `sent`, without additions.
fn aligned(name: &str, sent: &Value, read: Value) -> Value {
    match (sent, read) {
        (Value::Object(_), read) if FREE_FORM.contains(&name) => read,
        (Value::Object(sent), Value::Object(read)) => {
            let unsaid = sent
                .iter()
                .filter(|(member, value)| !read.contains_key(*member) && is_nothing(member, value));
            let unsaid: Vec<(String, Value)> = unsaid
                .map(|(member, value)| (member.clone(), value.clone()))
                .collect();
            let kept = read.into_iter().filter_map(|(member, value)| {
                let value = match sent.get(&member) {
                    Some(expected) => aligned(&member, expected, value),
                    None if is_added(name, &member, &value, sent) => return None,
                    None => value,
                };
                Some((member, value))
            });
            Value::Object(kept.chain(unsaid).collect())
        }
        (Value::Array(sent), Value::Array(read)) => Value::Array(list(name, sent, read)),
        (Value::Number(sent), Value::Number(read)) if sent.as_f64() == read.as_f64() => {
            Value::Number(sent.clone())
        }
        (_, read) => read,
    }
}

/// Entries in the order they were sent in, each with its own; then those that were not sent.
fn list(name: &str, sent: &[Value], read: Vec<Value>) -> Vec<Value> {
    let mut rest: Vec<Option<Value>> = read.into_iter().map(Some).collect();
    let mut found = Vec::new();
    for (place, expected) in sent.iter().enumerate() {
        let equal = |one: &Option<Value>| one.as_ref() == Some(expected);
        let same = |one: &Option<Value>| one.as_ref().is_some_and(|one| is_same(expected, one));
        let at = match has_no_order(name) {
            true => rest.iter().position(equal).or(rest.iter().position(same)),
            false => Some(place),
        };
        let taken = at.and_then(|at| rest.get_mut(at)).and_then(Option::take);
        found.extend(taken.map(|one| aligned("", expected, one)));
    }
    let rest = rest.into_iter().flatten();
    found.extend(rest.filter(|one| !is_cloud_tag(name, one)));
    found
}

fn is_same(sent: &Value, read: &Value) -> bool {
    match key(sent) {
        Some(key) => read.get(key) == sent.get(key) && also_same(sent, read),
        None => sent == read,
    }
}

/// What has the same port or the same volume may still be another.
fn also_same(sent: &Value, read: &Value) -> bool {
    ["containerPath", "protocol"].iter().all(|member| {
        let (Some(sent), Some(read)) = (sent.get(member), read.get(member)) else {
            return true;
        };
        sent == read
    })
}

fn key(entry: &Value) -> Option<&'static str> {
    let has = |key: &&&str| entry.get(**key).is_some();
    KEYS.iter().find(has).copied()
}

/// Tags that nobody but the cloud can set.
fn is_cloud_tag(list: &str, entry: &Value) -> bool {
    let key = entry.get("key").and_then(Value::as_str).unwrap_or_default();
    list == "tags" && key.starts_with("aws:")
}

/// Whether a member that was not sent is the cloud's own addition.
fn is_added(of: &str, member: &str, value: &Value, sent: &Map<String, Value>) -> bool {
    let silent = is_nothing(member, value) && !MEANT.contains(&member);
    !is_settable(member) || silent || is_filled_in(of, member, value, sent)
}

/// A value that says nothing: what is meant when the member is left out.
fn is_nothing(member: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(on) => !on,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) if FREE_FORM.contains(&member) => members.is_empty(),
        Value::Object(members) => members
            .iter()
            .all(|(name, value)| !is_settable(name) || is_nothing(name, value)),
    }
}

/// Defaults that are documented and say something.
fn is_filled_in(of: &str, member: &str, value: &Value, sent: &Map<String, Value>) -> bool {
    let default = match (of, member) {
        ("healthCheck", "interval") => json!(30),
        ("healthCheck", "timeout") => json!(5),
        ("healthCheck", "retries") => json!(3),
        ("efsVolumeConfiguration" | "s3filesVolumeConfiguration", "rootDirectory") => json!("/"),
        ("efsVolumeConfiguration", "transitEncryption") | (_, "iam") => json!("DISABLED"),
        ("dockerVolumeConfiguration", "scope") => json!("task"),
        ("restartPolicy", "restartAttemptPeriod") => json!(300),
        ("runtimePlatform", "cpuArchitecture") => json!("X86_64"),
        ("runtimePlatform", "operatingSystemFamily") => json!("LINUX"),
        ("", "runtimePlatform") => {
            json!({"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"})
        }
        ("", "ephemeralStorage") => json!({"sizeInGiB": 20}),
        ("", "networkMode") => json!("bridge"),
        (_, "essential") => json!(true),
        (_, "protocol") => json!("tcp"),
        (_, "versionConsistency") => json!("enabled"),
        (_, "hostPort") => sent.get("containerPort").cloned().unwrap_or_default(),
        _ => return false,
    };
    *value == default
}
