//! The one form of a task definition that is sent, hashed and compared: without what cannot be sent, and without what means
//! nothing.

use serde_json::Value;

use super::hash::ordered_text;

/// Members that a cloud adds when a definition is read back; they cannot be registered again (trap 27).
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "registeredBy",
    "deleteRequestedAt",
];

/// Members that are lists whose order has no meaning, with the member they are sorted by.
const UNORDERED: [(&str, &str); 6] = [
    ("tags", "key"),
    ("environment", "name"),
    ("secrets", "name"),
    ("volumes", "name"),
    ("mountPoints", "sourceVolume"),
    ("portMappings", "containerPort"),
];

/// All lists whose order has no meaning. Containers start as `dependsOn` says, wherever they stand.
const ORDER_FREE: [&str; 20] = [
    "add",
    "containerDefinitions",
    "dependsOn",
    "drop",
    "environment",
    "extraHosts",
    "mountPoints",
    "placementConstraints",
    "portMappings",
    "properties",
    "requiresCompatibilities",
    "resourceRequirements",
    "secretOptions",
    "secrets",
    "systemControls",
    "tags",
    "tmpfs",
    "ulimits",
    "volumes",
    "volumesFrom",
];

/// Members whose own members are named by people: nothing in them is a default.
pub(super) const FREE_FORM: [&str; 4] = ["options", "dockerLabels", "driverOpts", "labels"];

/// What a cloud fills in where this member is left out.
fn filled_in(name: &str, container_port: Option<&Value>) -> Option<Value> {
    match name {
        "essential" => Some(Value::Bool(true)),
        "cpu" => Some(Value::from(0)),
        "protocol" => Some(Value::from("tcp")),
        "readOnly" => Some(Value::Bool(false)),
        "hostPort" => container_port.cloned(),
        _ => None,
    }
}

pub(super) fn canonical(document: Value) -> Value {
    let mut document = document;
    if let Value::Object(members) = &mut document {
        for name in READ_ONLY {
            members.remove(name);
        }
        for size in ["cpu", "memory"] {
            if let Some(found) = members.get(size).map(task_size) {
                members.insert(size.to_owned(), Value::String(found));
            }
        }
    }
    tidy(document)
}

/// The document with every list whose order has no meaning in one order.
pub(super) fn order_free(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| (name.clone(), order_free_member(name, member)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(order_free).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn order_free_member(name: &str, member: &Value) -> Value {
    if FREE_FORM.contains(&name) {
        return member.clone();
    }
    let mut member = order_free(member);
    if let Value::Array(items) = &mut member
        && has_no_order(name)
    {
        items.sort_by_cached_key(ordered_text);
    }
    member
}

/// Whether the order of a list of this name has no meaning.
pub(super) fn has_no_order(name: &str) -> bool {
    ORDER_FREE.binary_search(&name).is_ok()
}

/// "1 vCPU", "2 GB", 1024 and "1024" are the same size; the cloud normalises to integers in a string.
fn task_size(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let lower = text.to_ascii_lowercase();
    let unit = lower
        .strip_suffix("vcpu")
        .or_else(|| lower.strip_suffix("gb"));
    match unit.and_then(|number| number.trim().parse::<f64>().ok()) {
        Some(number) => format!("{:.0}", number * 1024.0),
        None => text,
    }
}

fn tidy(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let port = members.get("containerPort").cloned();
            Value::Object(
                members
                    .into_iter()
                    .map(|(name, member)| {
                        if FREE_FORM.contains(&name.as_str()) {
                            return (name, member);
                        }
                        let member = sorted(&name, tidy(member));
                        (name, member)
                    })
                    .filter(|(name, member)| !is_default(name, member, port.as_ref()))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(tidy).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn sorted(name: &str, member: Value) -> Value {
    let Some((_, by)) = UNORDERED.iter().find(|(list, _)| *list == name) else {
        return member;
    };
    match member {
        Value::Array(mut items) => {
            items.sort_by_key(|item| item.get(by).map(Value::to_string).unwrap_or_default());
            Value::Array(items)
        }
        other => other,
    }
}

fn is_default(name: &str, member: &Value, container_port: Option<&Value>) -> bool {
    let empty = match member {
        Value::Null => true,
        // An empty command or entry point overrides the image's; other empty lists mean nothing.
        Value::Array(items) => items.is_empty() && name != "command" && name != "entryPoint",
        Value::Object(members) => members.is_empty() && name != "options",
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    empty || filled_in(name, container_port).as_ref() == Some(member)
}
