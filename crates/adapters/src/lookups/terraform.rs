//! Terraform's states, as they are written since 0.12: outputs, and the attributes of resources.

use backstay_domain::lookup::Trouble;
use serde_json::Value;

/// The format that is known.
const VERSION: u64 = 4;

/// An output's value.
///
/// # Errors
/// Where there is none, or a sensitive one.
pub(super) fn output(state: &Value, name: &str) -> Result<Value, Trouble> {
    is_readable(state)?;
    let outputs = state.get("outputs").and_then(Value::as_object);
    let Some(found) = outputs.and_then(|outputs| outputs.get(name)) else {
        let known = outputs.into_iter().flat_map(|outputs| outputs.keys());
        return Err(missing("output", name, known.cloned().collect()));
    };
    match found.get("sensitive").and_then(Value::as_bool) {
        Some(true) => Err(Trouble::Secret("a sensitive output")),
        Some(false) | None => Ok(found.get("value").cloned().unwrap_or_default()),
    }
}

/// A resource's attributes, without those that are sensitive.
///
/// # Errors
/// Where there is no such resource.
pub(super) fn resource(state: &Value, address: &str) -> Result<Value, Trouble> {
    is_readable(state)?;
    let resources = state.get("resources").and_then(Value::as_array);
    let mut known = Vec::new();
    for resource in resources.into_iter().flatten() {
        let instances = resource.get("instances").and_then(Value::as_array);
        for instance in instances.into_iter().flatten() {
            let called = address_of(resource, instance);
            if called == address {
                return Ok(shown(instance));
            }
            known.push(called);
        }
    }
    Err(missing("resource", address, known))
}

fn is_readable(state: &Value) -> Result<(), Trouble> {
    if state.get("encrypted_data").is_some() {
        return Err(Trouble::Failed("the state is encrypted".to_owned()));
    }
    match state.get("version").and_then(Value::as_u64) {
        Some(VERSION) => Ok(()),
        Some(other) => {
            let message = format!("the state has format {other}, and {VERSION} is known");
            Err(Trouble::Failed(message))
        }
        None => Err(Trouble::Failed("it is no state of Terraform".to_owned())),
    }
}

/// As Terraform writes it: `module.network.aws_lb.main[0]`.
fn address_of(resource: &Value, instance: &Value) -> String {
    let text = |member: &str| resource.get(member).and_then(Value::as_str);
    let module = text("module").map(|module| format!("{module}."));
    let data = (text("mode") == Some("data")).then_some("data.");
    let index = match instance.get("index_key") {
        Some(Value::Number(number)) => format!("[{number}]"),
        Some(Value::String(key)) => format!("[\"{key}\"]"),
        Some(_) | None => String::new(),
    };
    format!(
        "{}{}{}.{}{index}",
        module.unwrap_or_default(),
        data.unwrap_or_default(),
        text("type").unwrap_or_default(),
        text("name").unwrap_or_default()
    )
}

fn shown(instance: &Value) -> Value {
    let mut attributes = instance.get("attributes").cloned().unwrap_or_default();
    let sensitive = instance
        .get("sensitive_attributes")
        .and_then(Value::as_array);
    for path in sensitive.into_iter().flatten() {
        let first = path
            .get(0)
            .and_then(|step| step.get("value"))
            .and_then(Value::as_str);
        if let (Some(name), Some(members)) = (first, attributes.as_object_mut()) {
            members.remove(name);
        }
    }
    attributes
}

/// Nobody reads a list of forty.
const SHOWN: usize = 12;

fn missing(what: &str, name: &str, mut known: Vec<String>) -> Trouble {
    known.sort();
    let list = match known.len() {
        0 => ": there are none".to_owned(),
        some if some <= SHOWN => format!(": there are {}", known.join(", ")),
        _ => String::new(),
    };
    Trouble::Missing(format!("{what} `{name}`{list}"))
}
