//! A document against the table of members: what nobody knows, what has another type, what is no allowed value, what is missing.

use serde_json::Value;

use super::Pointer;
use super::members::{INPUT, Kind, Member, Presence};

/// Something in a document that is not as the model has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// Where; for a member, its own place.
    pub at: Pointer,
    /// What.
    pub what: Strangeness,
}

/// How something is not as the model has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strangeness {
    /// A member that no structure here has. ECS ignores it.
    Unknown {
        /// Its name.
        name: String,
        /// The members that there are.
        known: Vec<&'static str>,
    },
    /// Another type.
    Type {
        /// What it has to be, for people.
        expected: &'static str,
        /// How ECS refuses it (`SerializationException`).
        text: String,
    },
    /// A text that is none of those allowed.
    NotAllowed {
        /// The text.
        found: String,
        /// Those allowed.
        allowed: &'static [&'static str],
    },
    /// A member that has to be there is not.
    Missing {
        /// Its name.
        name: &'static str,
    },
}

/// Everything in a RegisterTaskDefinition input that is not as the model has it, in reading order.
#[must_use]
pub fn oddities(input: &Value) -> Vec<Oddity> {
    let mut found = Vec::new();
    look(input, Kind::Structure(INPUT), &Pointer::whole(), &mut found);
    found
}

fn look(value: &Value, kind: Kind, at: &Pointer, found: &mut Vec<Oddity>) {
    match (kind, value) {
        // Null is as if it were not there.
        (_, Value::Null) | (Kind::Text, Value::String(_)) | (Kind::TrueOrFalse, Value::Bool(_)) => {
        }
        (Kind::Whole, Value::Number(number)) if number.is_i64() || number.is_u64() => {}
        (Kind::OneOf(allowed), Value::String(text)) => {
            if !allowed.contains(&text.as_str()) {
                let what = Strangeness::NotAllowed {
                    found: text.clone(),
                    allowed,
                };
                found.push(Oddity {
                    at: at.clone(),
                    what,
                });
            }
        }
        (Kind::List(item), Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                look(value, *item, &at.item(index), found);
            }
        }
        (Kind::Map(of), Value::Object(values)) => {
            for (name, value) in values {
                look(value, *of, &at.member(name), found);
            }
        }
        (Kind::Structure(members), Value::Object(values)) => {
            for (name, value) in values {
                let at = at.member(name);
                match members.iter().find(|member| member.name == name) {
                    Some(member) => look(value, member.kind, &at, found),
                    None => found.push(unknown(at, name, members)),
                }
            }
            let missing = members.iter().filter(|member| {
                member.presence == Presence::Required
                    && values.get(member.name).is_none_or(Value::is_null)
            });
            found.extend(missing.map(|member| Oddity {
                at: at.clone(),
                what: Strangeness::Missing { name: member.name },
            }));
        }
        (kind, value) => found.push(Oddity {
            at: at.clone(),
            what: Strangeness::Type {
                expected: kind.for_people(),
                text: kind.refusal_of(value),
            },
        }),
    }
}

fn unknown(at: Pointer, name: &str, members: &'static [Member]) -> Oddity {
    let what = Strangeness::Unknown {
        name: name.to_owned(),
        known: members.iter().map(|member| member.name).collect(),
    };
    Oddity { at, what }
}

impl Kind {
    fn for_people(self) -> &'static str {
        match self {
            Self::Text | Self::OneOf(_) => "a string",
            Self::Whole => "a whole number",
            Self::TrueOrFalse => "true or false",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Structure(_) => "an object",
        }
    }

    /// ECS's words, of which those for scalars and lists are [OBS] (aws-actions/amazon-ecs-deploy-task-definition#610) and those for
    /// objects [MEM].
    fn refusal_of(self, found: &Value) -> String {
        let wanted = match self {
            Self::Text | Self::OneOf(_) => "a String",
            Self::Whole => "an Integer",
            Self::TrueOrFalse => "a Boolean",
            Self::List(_) | Self::Map(_) | Self::Structure(_) => return match found {
                Value::Array(_) => "Unrecognized collection type class com.amazonaws.madison.frontend.RegisterTaskDefinitionRequest".to_owned(),
                Value::Object(_) => "Start of structure or map found where not expected.".to_owned(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    "Unexpected value type in payload".to_owned()
                }
            },
        };
        match found {
            Value::Object(_) => "Start of structure or map found where not expected.".to_owned(),
            Value::Array(_) => "Start of list found where not expected".to_owned(),
            Value::Number(number) if number.is_f64() => {
                format!("FLOAT_VALUE can not be converted to {wanted}")
            }
            Value::Number(_) => format!("NUMBER_VALUE can not be converted to {wanted}"),
            Value::String(_) => format!("STRING_VALUE can not be converted to {wanted}"),
            Value::Bool(true) => format!("TRUE_VALUE can not be converted to {wanted}"),
            Value::Bool(false) => format!("FALSE_VALUE can not be converted to {wanted}"),
            Value::Null => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Strangeness, oddities};

    #[test]
    fn each_is_found_at_its_place() {
        let input = json!({
            "family": "web", "networkMode": "vpc", "volumes": null, "cpu": "256",
            "containerDefinitions": [{
                "name": "web", "image": "nginx", "essential": "true", "memory": 0.5, "secret": [],
                "environment": [{ "name": "A", "values": "x" }, { "name": "B", "value": 1 }],
                "dockerLabels": { "anything": "goes", "but": 1 },
                "secrets": [{ "name": "S" }],
            }],
        });
        let found: Vec<String> = oddities(&input)
            .into_iter()
            .map(|oddity| {
                let what = match oddity.what {
                    Strangeness::Unknown { name, .. } => format!("{name}?"),
                    Strangeness::Type { text, .. } => text,
                    Strangeness::NotAllowed { found, allowed } => format!("{found} of {allowed:?}"),
                    Strangeness::Missing { name } => format!("no {name}"),
                };
                format!("{} {what}", oddity.at)
            })
            .collect();
        assert_eq!(
            found,
            [
                r#"/networkMode vpc of ["bridge", "host", "awsvpc", "none"]"#,
                "/containerDefinitions/0/essential STRING_VALUE can not be converted to a Boolean",
                "/containerDefinitions/0/memory FLOAT_VALUE can not be converted to an Integer",
                "/containerDefinitions/0/secret secret?",
                "/containerDefinitions/0/environment/0/values values?",
                "/containerDefinitions/0/environment/1/value NUMBER_VALUE can not be converted to a String",
                "/containerDefinitions/0/dockerLabels/but NUMBER_VALUE can not be converted to a String",
                "/containerDefinitions/0/secrets/0 no valueFrom",
            ]
        );
    }
}
