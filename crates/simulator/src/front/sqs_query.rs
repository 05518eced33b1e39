//! SQS as it is asked in the query protocol, which AWS still speaks: between its forms and XML, and the JSON that the service reads and answers.
//! The names that a form has for lists and maps are gone from AWS's model; they are written here (API reference of 2012-11-05 [DOC]).

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use crate::wire::{Form, Xml};

/// What a form's name is in JSON, and what is behind its number.
const LISTS: [(&str, &str, Items); 13] = [
    ("Attribute", "Attributes", Items::Map("Name", "Value")),
    (
        "MessageAttribute",
        "MessageAttributes",
        Items::Map("Name", "Value"),
    ),
    (
        "MessageSystemAttribute",
        "MessageSystemAttributes",
        Items::Map("Name", "Value"),
    ),
    ("Tag", "Tags", Items::Map("Key", "Value")),
    ("AttributeName", "AttributeNames", Items::List),
    ("MessageAttributeName", "MessageAttributeNames", Items::List),
    (
        "MessageSystemAttributeName",
        "MessageSystemAttributeNames",
        Items::List,
    ),
    ("TagKey", "TagKeys", Items::List),
    ("AWSAccountId", "AWSAccountIds", Items::List),
    ("ActionName", "Actions", Items::List),
    ("SendMessageBatchRequestEntry", "Entries", Items::List),
    ("DeleteMessageBatchRequestEntry", "Entries", Items::List),
    (
        "ChangeMessageVisibilityBatchRequestEntry",
        "Entries",
        Items::List,
    ),
];
const WHOLE: [&str; 6] = [
    "DelaySeconds",
    "MaxNumberOfMessages",
    "MaxNumberOfMessagesPerSecond",
    "MaxResults",
    "VisibilityTimeout",
    "WaitTimeSeconds",
];
/// Parts of a URL that is signed in advance.
const SIGNED: [&str; 8] = [
    "AWSAccessKeyId",
    "Action",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Items {
    List,
    /// Names of key and value.
    Map(&'static str, &'static str),
}

/// The form: of the body, or of the query where there is none.
pub(super) fn form_of<B: AsRef<[u8]>>(request: &Request<B>) -> Form {
    match (request.body().as_ref(), request.uri().query()) {
        (b"", Some(query)) => Form::parse(query.as_bytes()),
        (body, _) => Form::parse(body),
    }
}

/// The input that a form says. A queue that is not named is the one whose URL is asked.
pub(super) fn input(request: &Request<Bytes>) -> Value {
    let form = form_of(request);
    let pairs = form
        .pairs()
        .filter(|(name, _)| !SIGNED.contains(name) && !name.starts_with("X-Amz-"));
    let split = pairs.map(|(name, value)| (name.split('.').collect::<Vec<&str>>(), value));
    let mut input = members(split.collect());
    let path = request.uri().path();
    let is_queue = path.trim_start_matches('/').contains('/');
    if is_queue && let Some(members) = input.as_object_mut() {
        members.entry("QueueUrl").or_insert_with(|| json!(path));
    }
    input
}

/// A member of a form: the parts of its name, and its value.
type Pair<'a> = (Vec<&'a str>, &'a str);

fn members(pairs: Vec<Pair<'_>>) -> Value {
    let mut found = Map::new();
    let mut numbered: BTreeMap<&str, BTreeMap<u32, Vec<Pair<'_>>>> = BTreeMap::new();
    for (name, value) in pairs {
        let Some((first, rest)) = name.split_first() else {
            continue;
        };
        if !LISTS.iter().any(|(in_form, _, _)| in_form == first) {
            found.insert((*first).to_owned(), scalar(first, rest, value));
            continue;
        }
        let (number, rest) = match rest.split_first() {
            Some((number, rest)) => (number.parse().unwrap_or_default(), rest),
            None => (0, rest),
        };
        let items = numbered.entry(*first).or_default();
        let item = items.entry(number).or_default();
        item.push((rest.to_vec(), value));
    }
    for (in_form, name, kind) in LISTS {
        let Some(items) = numbered.remove(in_form) else {
            continue;
        };
        let value: Value = match kind {
            Items::List => items.into_values().map(item).collect(),
            Items::Map(key, value) => items
                .into_values()
                .filter_map(|pairs| entry(pairs, key, value))
                .collect::<Map<_, _>>()
                .into(),
        };
        found.insert(name.to_owned(), value);
    }
    Value::Object(found)
}

fn scalar(name: &str, rest: &[&str], value: &str) -> Value {
    match value.parse::<i64>() {
        Ok(number) if rest.is_empty() && WHOLE.contains(&name) => json!(number),
        _ => json!(value),
    }
}

/// A text, or a structure.
fn item(pairs: Vec<(Vec<&str>, &str)>) -> Value {
    match pairs.as_slice() {
        [(name, value)] if name.is_empty() => json!(value),
        _ => members(pairs),
    }
}

fn entry(pairs: Vec<(Vec<&str>, &str)>, key: &str, value: &str) -> Option<(String, Value)> {
    let named = |wanted: &str| {
        let of_it = pairs
            .iter()
            .filter(|(name, _)| name.first() == Some(&wanted));
        of_it
            .map(|(name, value)| (name.iter().skip(1).copied().collect(), *value))
            .collect::<Vec<(Vec<&str>, &str)>>()
    };
    let key = named(key).first().map(|(_, text)| (*text).to_owned())?;
    Some((key, item(named(value))))
}

/// The answer's XML.
pub(super) fn output(operation: &str, answer: &Value) -> Xml {
    structure(operation, answer)
}

fn structure(operation: &str, value: &Value) -> Xml {
    let members = value.as_object().into_iter().flatten();
    members.fold(Xml::new(), |xml, (name, value)| match value {
        Value::Null => xml,
        Value::Object(entries) => {
            let (element, key) = match name.as_str() {
                "Tags" => ("Tag", "Key"),
                "MessageAttributes" => ("MessageAttribute", "Name"),
                _ => ("Attribute", "Name"),
            };
            entries.iter().fold(xml, |xml, (named, value)| {
                let one = Xml::new().text(key, named);
                let one = match value {
                    Value::Object(_) => one.nested("Value", &structure(operation, value)),
                    value => one.text("Value", plain(value)),
                };
                xml.nested(element, &one)
            })
        }
        Value::Array(items) => {
            let element = match name.as_str() {
                "QueueUrls" | "queueUrls" => "QueueUrl".to_owned(),
                "Messages" => "Message".to_owned(),
                "Failed" => "BatchResultErrorEntry".to_owned(),
                _ => format!("{operation}ResultEntry"),
            };
            items.iter().fold(xml, |xml, item| match item {
                Value::Object(_) => xml.nested(&element, &structure(operation, item)),
                item => xml.text(&element, plain(item)),
            })
        }
        value => xml.text(name, plain(value)),
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
