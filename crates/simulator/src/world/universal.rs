//! Universal targets of the Scheduler: any operation of any service that is simulated, named and written as AWS's SDK for Java has it.

use backstay_aws_model::model::Kind;
use backstay_aws_model::{Known, Model, ShapeId, model};
use serde_json::{Map, Value, json};

use crate::base::not_implemented;
use crate::front::{Service, ask};
use crate::{ApiError, World};

/// `arn:aws:scheduler:::aws-sdk:SERVICE:OPERATION` [DOC].
const UNIVERSAL: &str = ":scheduler:::aws-sdk:";

/// Services by the names that the SDK gives them, where that is not how everybody else does [DOC].
const NAMES: [(&str, Service); 4] = [
    ("applicationautoscaling", Service::AutoScaling),
    ("cloudwatchlogs", Service::Logs),
    ("elasticloadbalancingv2", Service::Elb),
    ("eventbridge", Service::Events),
];

/// What an ARN names, behind the prefix of universal targets.
pub(super) fn named(arn: &str) -> Option<&str> {
    arn.split_once(UNIVERSAL).map(|(_, named)| named)
}

/// Calls `SERVICE:OPERATION` with an input that is JSON.
pub(super) fn call(world: &mut World, named: &str, input: &str) -> Result<(), ApiError> {
    let (name, operation) = named.split_once(':').unwrap_or_default();
    let service = service(name).ok_or_else(|| not_implemented(named))?;
    let operation = large(operation);
    let input: Value = serde_json::from_str(input).unwrap_or_else(|_| json!({}));
    let input = as_modelled(service, &operation, input);
    ask(world, service, &operation, &input).map(|_| ())
}

fn service(name: &str) -> Option<Service> {
    let own = NAMES.iter().find(|(its, _)| *its == name);
    let usual = || {
        // Whoever has a name of its own has no other.
        let found = Service::named(name)?;
        let has_own = NAMES.iter().any(|(_, its)| *its == found);
        (found.name() == name && !has_own).then_some(found)
    };
    own.map(|(_, service)| *service).or_else(usual)
}

fn large(operation: &str) -> String {
    let mut letters = operation.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Members are written with capitals whatever the service's own API has [DOC]; keys of maps are whose they are.
fn as_modelled(service: Service, operation: &str, input: Value) -> Value {
    let Some(model) = model(service.name()) else {
        return input;
    };
    match model.operation(operation) {
        Known::Served(known) => match known.input {
            Some(shape) => renamed(model, shape, input),
            None => input,
        },
        Known::NotServed | Known::Unknown => input,
    }
}

fn renamed(model: &Model, shape: ShapeId, value: Value) -> Value {
    match (&model.shape(shape).kind, value) {
        (Kind::Structure(structure), Value::Object(members)) => {
            let mut all = Map::new();
            for (name, value) in members {
                let mut known = structure.members().iter();
                match known.find(|member| member.name.eq_ignore_ascii_case(&name)) {
                    Some(member) => {
                        all.insert(member.name.clone(), renamed(model, member.shape, value));
                    }
                    None => {
                        all.insert(name, value);
                    }
                }
            }
            Value::Object(all)
        }
        (Kind::List(list), Value::Array(items)) => {
            let items = items.into_iter();
            items.map(|item| renamed(model, list.item, item)).collect()
        }
        (Kind::Map(map), Value::Object(entries)) => {
            let entries = entries.into_iter();
            entries
                .map(|(key, value)| (key, renamed(model, map.value, value)))
                .collect()
        }
        (_, other) => other,
    }
}
