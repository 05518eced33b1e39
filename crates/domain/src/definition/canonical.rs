//! The one form of a task definition that is sent, hashed and compared: without what cannot be sent, and without what means
//! nothing.

use serde_json::Value;

use super::hash::{write_items, write_members, write_ordered};

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
    tidy(&mut document);
    document
}

/// A document as text, with its members in order of their names and every list whose order has no meaning in one order.
pub(super) fn order_free_text(document: &Value) -> String {
    let mut text = String::with_capacity(2 * 1024);
    write_order_free(document, &mut text);
    text
}

fn write_order_free(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => write_members(members, text, write_order_free_member),
        Value::Array(items) => write_items(items, text, write_order_free),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            write_ordered(value, text);
        }
    }
}

fn write_order_free_member(name: &str, member: &Value, text: &mut String) {
    match member {
        _ if FREE_FORM.contains(&name) => write_ordered(member, text),
        Value::Array(items) if has_no_order(name) => {
            let mut texts: Vec<String> = items.iter().map(order_free_text).collect();
            texts.sort_unstable();
            text.push('[');
            text.push_str(&texts.join(","));
            text.push(']');
        }
        _ => write_order_free(member, text),
    }
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

fn tidy(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let port = members.get("containerPort").cloned();
            let port = port.as_ref();
            for (name, member) in members.iter_mut() {
                if !FREE_FORM.contains(&name.as_str()) {
                    tidy(member);
                    sort(name, member);
                }
            }
            if members.iter().any(|(name, it)| is_default(name, it, port)) {
                members.retain(|name, it| !is_default(name, it, port));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn sort(name: &str, member: &mut Value) {
    let by = UNORDERED.iter().find(|(list, _)| *list == name);
    if let (Some((_, by)), Value::Array(items)) = (by, member) {
        items.sort_by_cached_key(|item| item.get(by).map(Value::to_string).unwrap_or_default());
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
