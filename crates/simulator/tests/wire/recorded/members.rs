//! Which members an answer has: paths into JSON or XML, without the places in lists, and the names of headers that mean something.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

/// Paths.
pub(crate) type Members = BTreeSet<String>;

/// What transport adds, and what says who answered.
const TRANSPORT: [&str; 6] = [
    "connection",
    "content-length",
    "server",
    "x-amz-id-2",
    "x-amz-request-id",
    "date",
];

/// The members of a body, and these headers.
pub(crate) fn of<'h>(body: &[u8], headers: impl Iterator<Item = &'h str>) -> Members {
    let mut members: Members = headers
        .filter(|name| !TRANSPORT.contains(name))
        .map(|name| format!("header {name}"))
        .collect();
    match body.first() {
        Some(b'{') => json(
            &serde_json::from_slice(body).unwrap(),
            String::new(),
            &mut members,
        ),
        Some(b'<') => xml(body, &mut members),
        Some(_) | None => {}
    }
    members
}

/// Whose names belong to whoever wrote them, not to AWS.
const FREE: [&str; 2] = ["options", "dockerLabels"];

fn json(value: &Value, path: String, members: &mut Members) {
    match value {
        Value::Object(all) => {
            for (name, value) in all {
                let path = match path.as_str() {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                members.insert(path.clone());
                if !FREE.contains(&name.as_str()) {
                    json(value, path, members);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                // The details of an attachment are a map, written as a list.
                let path = match (path.ends_with("details"), item["name"].as_str()) {
                    (true, Some(name)) => format!("{path}[{name}]"),
                    (_, _) => path.clone(),
                };
                if path.ends_with(']') {
                    members.insert(path.clone());
                } else {
                    json(item, path, members);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn xml(body: &[u8], members: &mut Members) {
    let mut reader = Reader::from_reader(body);
    let mut path: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8(tag.local_name().as_ref().to_vec()).unwrap();
                path.push(name);
                members.insert(path.join("."));
                if matches!(event, Event::Empty(_)) {
                    path.pop();
                }
            }
            Event::End(_) => drop(path.pop()),
            Event::Eof => return,
            _ => {}
        }
    }
}

#[test]
fn lists_are_folded_and_names_of_others_are_left_out() {
    let body = br#"{"a": [{"b": 1}, {"c": {"options": {"mine": 1}}}], "details": [{"name": "ip", "value": "x"}]}"#;
    let members = of(body, ["etag", "server"].into_iter());
    let expected = [
        "a",
        "a.b",
        "a.c",
        "a.c.options",
        "details",
        "details[ip]",
        "header etag",
    ];
    assert_eq!(members, expected.map(str::to_owned).into());
    let body = b"<A xmlns='x'><B><C/></B><B><D>1</D></B></A>";
    let members = of(body, [].into_iter());
    assert_eq!(
        members,
        ["A", "A.B", "A.B.C", "A.B.D"].map(str::to_owned).into()
    );
}
