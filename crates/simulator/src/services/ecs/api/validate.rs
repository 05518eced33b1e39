//! What RegisterTaskDefinition refuses: what the model does not have, and ECS's rules, of which both know `backstay_aws_model`.

use backstay_aws_model::task_definition::{
    Code, ECR_NEEDS_EXECUTION_ROLE, Oddity, Pointer, Problem, Strangeness, oddities, refusals,
};
use serde_json::Value;

use super::lookup::{invalid, refused};
use crate::ApiError;
use crate::world::ExecutionRoles;

/// Members that the model asks for, and that ECS misses in words of its own.
const MISSED_BY_RULES: [&str; 3] = ["family", "containerDefinitions", "command"];

/// Refuses a RegisterTaskDefinition input that ECS would refuse, or that has a member nobody knows.
pub(super) fn definition(input: &Value, roles: ExecutionRoles) -> Result<(), ApiError> {
    for oddity in oddities(input) {
        if let Some(error) = not_as_modelled(&oddity) {
            return Err(error);
        }
    }
    let waived = |problem: &Problem| {
        roles == ExecutionRoles::Lent && problem.rule == ECR_NEEDS_EXECUTION_ROLE
    };
    match refusals(input).find(|problem| !waived(problem)) {
        None => Ok(()),
        Some(problem) => Err(match problem.code {
            Code::Client => refused(problem.text),
            Code::InvalidParameter => invalid(problem.text),
        }),
    }
}

fn not_as_modelled(oddity: &Oddity) -> Option<ApiError> {
    let error = match &oddity.what {
        // ECS ignores it, and its own clients never send it: here nothing is ignored silently.
        Strangeness::Unknown { name, .. } => {
            let holder = oddity.at.holder().unwrap_or_default();
            let of = match holder.as_str() {
                "" => "RegisterTaskDefinition".to_owned(),
                place => format!("RegisterTaskDefinition at {place}"),
            };
            refused(format!(
                "the simulator does not know member '{name}' of {of}"
            ))
        }
        Strangeness::Type { text, .. } => ApiError::client("SerializationException", text),
        Strangeness::NotAllowed { found, allowed } => refused(format!(
            "1 validation error detected: Value '{found}' at '{}' failed to satisfy constraint: Member must satisfy enum value \
             set: [{}]",
            member_path(&oddity.at),
            allowed.join(", ")
        )),
        Strangeness::Missing { name } if MISSED_BY_RULES.contains(name) => return None,
        Strangeness::Missing { name } => refused(format!(
            "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
            member_path(&oddity.at.member(name))
        )),
    };
    Some(error)
}

/// A place as AWS's validation names it: `containerDefinitions.1.member.name`.
fn member_path(at: &Pointer) -> String {
    let parts = at.as_str().split('/').skip(1);
    let named = parts.map(|part| match part.parse::<usize>() {
        Ok(index) => format!("{}.member", index + 1),
        Err(_) => part.to_owned(),
    });
    named.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::definition;
    use crate::world::ExecutionRoles;

    #[test]
    fn what_the_model_does_not_have() {
        let container = |more: serde_json::Value| {
            let mut container = json!({ "name": "web", "image": "nginx", "memory": 64 });
            for (name, value) in more.as_object().expect("members") {
                container[name] = value.clone();
            }
            json!({ "family": "f", "containerDefinitions": [container] })
        };
        for (input, expected) in [
            (container(json!({})), None),
            (container(json!({ "healthCheck": null })), None),
            (
                container(json!({ "gpu": 1 })),
                Some(
                    "ClientException the simulator does not know member 'gpu' of RegisterTaskDefinition at /containerDefinitions/0",
                ),
            ),
            (
                json!({ "family": "f", "colour": 1, "containerDefinitions": [] }),
                Some(
                    "ClientException the simulator does not know member 'colour' of RegisterTaskDefinition",
                ),
            ),
            (
                container(json!({ "environment": [{ "name": "PORT", "value": 6379 }] })),
                Some("SerializationException NUMBER_VALUE can not be converted to a String"),
            ),
            (
                container(json!({ "versionConsistency": "on" })),
                Some(
                    "ClientException 1 validation error detected: Value 'on' at 'containerDefinitions.1.member.versionConsistency' \
                     failed to satisfy constraint: Member must satisfy enum value set: [enabled, disabled]",
                ),
            ),
            (
                container(json!({ "secrets": [{ "name": "S" }] })),
                Some(
                    "ClientException 1 validation error detected: Value null at \
                     'containerDefinitions.1.member.secrets.1.member.valueFrom' failed to satisfy constraint: Member must not be \
                     null",
                ),
            ),
            (
                json!({ "containerDefinitions": [] }),
                Some("ClientException Family should not be null or empty."),
            ),
        ] {
            let found = definition(&input, ExecutionRoles::Asked).err();
            let found = found.map(|error| format!("{} {}", error.code, error.message));
            assert_eq!(found.as_deref(), expected, "{input}");
        }
    }
}
