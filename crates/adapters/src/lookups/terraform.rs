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
                return shown(resource, instance);
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

/// Kinds that hold a secret. States hold marks of providers' own schemas only since Terraform 1.10: older ones, and those of OpenTofu, say of a
/// generated password that nothing of it is sensitive.
const SECRETS: [&str; 8] = [
    "random_password",
    "random_bytes",
    "tls_private_key",
    "aws_iam_access_key",
    "aws_secretsmanager_secret_version",
    "aws_secretsmanager_random_password",
    "aws_rds_cluster_password",
    "kubernetes_secret",
];

/// How attributes end that are one, whether a state marks them or not: `password`, and not `password_wo_version` or `secret_arn`.
const SECRET_ENDS: [&str; 7] = [
    "password",
    "secret",
    "token",
    "private_key",
    "secret_key",
    "secret_string",
    "secret_binary",
];

/// The attributes that may be shown.
fn shown(resource: &Value, instance: &Value) -> Result<Value, Trouble> {
    let mut attributes = instance.get("attributes").cloned().unwrap_or_default();
    let kind = resource
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let kind_of_secret = SECRETS.contains(&kind) || kind.starts_with("vault_");
    // A parameter is one where it says so.
    let secure = attributes.get("type").and_then(Value::as_str) == Some("SecureString");
    if kind_of_secret || (kind == "aws_ssm_parameter" && secure) {
        return Err(Trouble::Secret("a resource that holds a secret"));
    }
    let sensitive = instance
        .get("sensitive_attributes")
        .and_then(Value::as_array);
    for path in sensitive.into_iter().flatten() {
        let first = path.get(0).and_then(|step| step.get("value"));
        let name = first.and_then(Value::as_str);
        let (Some(name), Some(members)) = (name, attributes.as_object_mut()) else {
            return Err(Trouble::Secret(
                "a resource of which nobody can tell what is sensitive",
            ));
        };
        members.remove(name);
    }
    if let Some(members) = attributes.as_object_mut() {
        members.retain(|name, _| !SECRET_ENDS.iter().any(|end| name.ends_with(end)));
    }
    Ok(attributes)
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
