//! How one task definition differs from another: path, old, new. Values that may be secret are never in it, only that they
//! changed.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::definition::Definition;
use serde::Serialize;
use serde_json::Value;

use crate::render::clean::clean;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where, in the cloud's own words: `containerDefinitions.web.image`.
    pub path: String,
    /// Whether it is new, gone or another.
    #[serde(rename = "change")]
    pub how: How,
    /// What it was, where that may be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it will be, where that may be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// How something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It was not there.
    Added,
    /// It is another.
    Changed,
    /// It is gone.
    Removed,
}

impl How {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// All differences, in path order.
#[must_use]
pub fn changes(old: &Definition, new: &Definition) -> Vec<Change> {
    let mut found = Vec::new();
    walk(
        &mut Vec::new(),
        Some(&old.document),
        Some(&new.document),
        &mut found,
    );
    found
}

/// Members of a task definition or a container whose values may be shown: sizes, counts, names, ports, references. Of everything else
/// only the name is: commands and their arguments, the environment, labels, options of drivers, health check commands, and
/// whatever the cloud thinks of next. `*` stands for any one name.
const SHOWN: [&[&str]; 43] = [
    &["cpu"],
    &["dependsOn", "*", "condition"],
    &["dependsOn", "*", "containerName"],
    &["ephemeralStorage", "sizeInGiB"],
    &["essential"],
    &["executionRoleArn"],
    &["family"],
    &["healthCheck", "interval"],
    &["healthCheck", "retries"],
    &["healthCheck", "startPeriod"],
    &["healthCheck", "timeout"],
    &["image"],
    &["interactive"],
    &["ipcMode"],
    &["logConfiguration", "logDriver"],
    &["logConfiguration", "secretOptions", "*", "name"],
    &["logConfiguration", "secretOptions", "*", "valueFrom"],
    &["memory"],
    &["memoryReservation"],
    &["mountPoints", "*", "containerPath"],
    &["mountPoints", "*", "readOnly"],
    &["mountPoints", "*", "sourceVolume"],
    &["name"],
    &["networkMode"],
    &["pidMode"],
    &["portMappings", "*", "appProtocol"],
    &["portMappings", "*", "containerPort"],
    &["portMappings", "*", "hostPort"],
    &["portMappings", "*", "name"],
    &["portMappings", "*", "protocol"],
    &["pseudoTerminal"],
    &["readonlyRootFilesystem"],
    &["requiresCompatibilities"],
    &["runtimePlatform", "*"],
    &["secrets", "*", "name"],
    &["secrets", "*", "valueFrom"],
    &["startTimeout"],
    &["stopTimeout"],
    &["taskRoleArn"],
    &["ulimits", "*", "*"],
    &["versionConsistency"],
    &["volumes", "*", "efsVolumeConfiguration", "fileSystemId"],
    &["volumes", "*", "name"],
];

/// Options of log drivers that name places and sizes.
const SHOWN_OPTIONS: [&str; 6] = [
    "awslogs-create-group",
    "awslogs-group",
    "awslogs-region",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
];

/// Members by which the entries of a list are told apart, the first that all entries have.
const KEYS: [&str; 4] = ["name", "containerName", "containerPort", "sourceVolume"];

/// Longer values are cut.
const LONGEST: usize = 160;

type Members<'a> = BTreeMap<String, &'a Value>;

/// A member that is missing is walked like an empty one: what is new or gone is named to the last leaf.
fn walk(path: &mut Vec<String>, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Change>) {
    if old == new {
        return;
    }
    let Some((old_members, new_members)) = members(old, new).filter(|_| !is_variable(path)) else {
        return found.push(change(path, old, new));
    };
    let names: BTreeSet<&String> = old_members.keys().chain(new_members.keys()).collect();
    for name in names {
        path.push(name.clone());
        let (old, new) = (old_members.get(name), new_members.get(name));
        walk(path, old.copied(), new.copied(), found);
        path.pop();
    }
}

/// An entry of `environment`: its name is all that is said of it.
fn is_variable(path: &[String]) -> bool {
    matches!(path, [.., list, _] if list == "environment")
}

/// Both sides by member name, or by the key that tells their entries apart. Nothing when they are compared as a whole.
fn members<'a>(
    old: Option<&'a Value>,
    new: Option<&'a Value>,
) -> Option<(Members<'a>, Members<'a>)> {
    match (old, new) {
        (Some(Value::Object(_)) | None, Some(Value::Object(_)) | None) => {
            let all = |value: Option<&'a Value>| -> Members<'a> {
                let members = value.and_then(Value::as_object).into_iter().flatten();
                members
                    .map(|(name, member)| (name.clone(), member))
                    .collect()
            };
            Some((all(old), all(new)))
        }
        (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) => KEYS
            .iter()
            .find_map(|key| Some((keyed(old, key)?, keyed(new, key)?))),
        _ => None,
    }
}

fn keyed<'a>(list: Option<&'a Value>, key: &str) -> Option<Members<'a>> {
    let entries = list
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let mut members = Members::new();
    for entry in entries {
        let name = match entry.get(key)? {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        };
        members.insert(name, entry);
    }
    // Two entries with the same key cannot be told apart by it.
    (members.len() == entries.len()).then_some(members)
}

fn change(path: &[String], old: Option<&Value>, new: Option<&Value>) -> Change {
    let how = match (old, new) {
        (None, _) => How::Added,
        (Some(_), None) => How::Removed,
        (Some(_), Some(_)) => How::Changed,
    };
    let show = |value: Option<&Value>| value.filter(|_| is_shown(path)).map(|v| words(path, v));
    Change {
        path: path.join("."),
        how,
        from: show(old),
        to: show(new),
    }
}

fn is_shown(path: &[String]) -> bool {
    let inside = match path {
        [list, _, inside @ ..] if list == "containerDefinitions" => inside,
        whole => whole,
    };
    if let [log, options, option] = inside
        && log == "logConfiguration"
        && options == "options"
    {
        return SHOWN_OPTIONS.contains(&option.as_str());
    }
    let is = |shown: &[&str]| {
        shown.len() == inside.len()
            && shown
                .iter()
                .zip(inside)
                .all(|(may, name)| *may == "*" || may == name)
    };
    SHOWN.iter().any(|shown| is(shown))
}

fn words(path: &[String], value: &Value) -> String {
    let text = match value {
        Value::String(text) if path.last().is_some_and(|name| name == "image") => image(text),
        Value::String(text) => clean(text),
        other => clean(&other.to_string()),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A pinned image by its digest's first digits, another by its name and tag.
fn image(reference: &str) -> String {
    match reference.split_once('@') {
        Some((_, digest)) => digest.get(..15).unwrap_or(digest).to_owned(),
        None => clean(reference.rsplit('/').next().unwrap_or(reference)),
    }
}
