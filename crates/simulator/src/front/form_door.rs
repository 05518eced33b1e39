//! Calls of the query protocol without a wire, for tests.

use backstay_aws_model::{Known, model};
use serde_json::Value;

use super::Service;
use super::modelled::{Written, asked};
use crate::wire::{Form, shaped};
use crate::{ApiError, World};

/// One call; the answer's XML.
pub(crate) fn ask_form(
    world: &mut World,
    service: Service,
    operation: &str,
    form: &str,
) -> Result<String, ApiError> {
    let form = Written::Form(Form::parse(form.as_bytes()));
    let answer = asked(world, service, operation, form)?;
    let model = model(service.name()).expect("a model");
    let output = match model.operation(operation) {
        Known::Served(operation) => operation.output,
        Known::NotServed | Known::Unknown => None,
    };
    let xml = output.map(|shape| shaped(model, shape, &answer));
    Ok(xml.unwrap_or_default().document("x", ""))
}

/// One call whose input is a tree, sent as a form: `{"A": [{"B": 1}]}` is `A.member.1.B=1`.
pub(crate) fn ask_as_form(
    world: &mut World,
    service: Service,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    plant(&mut form, "", input);
    let form = Form::parse(form.finish().as_bytes());
    asked(world, service, operation, Written::Form(form))
}

fn plant(form: &mut url::form_urlencoded::Serializer<'_, String>, path: &str, value: &Value) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (name, inner) in members {
                plant(form, &below(name), inner);
            }
        }
        Value::Array(items) if items.is_empty() => {
            form.append_pair(path, "");
        }
        Value::Array(items) => {
            for (number, item) in (1..).zip(items) {
                plant(form, &below(&format!("member.{number}")), item);
            }
        }
        Value::String(text) => {
            form.append_pair(path, text);
        }
        Value::Bool(_) | Value::Number(_) => {
            form.append_pair(path, &value.to_string());
        }
    }
}
