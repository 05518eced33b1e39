//! `docs/control-api.md` says what is so: its requests are sent, and its answers are held against what comes.

use serde_json::Value;

use crate::support::Served;

const PAGE: &str = include_str!("../../../../docs/control-api.md");

/// One request of the page, its answer's status, and what the answer has at least.
struct Example {
    method: String,
    path: String,
    body: String,
    status: u16,
    answer: Value,
}

fn examples() -> Vec<Example> {
    let mut found = Vec::new();
    let mut blocks = PAGE.split("```http\n");
    blocks.next();
    for block in blocks {
        let (request, rest) = block.split_once("\n```\n```json").unwrap();
        let (status, rest) = rest.split_once('\n').unwrap();
        let (answer, _) = rest.split_once("\n```").unwrap();
        let mut words = request.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        found.push(Example {
            method: word(),
            path: word(),
            body: word(),
            status: status.trim().parse().unwrap_or(200),
            answer: serde_json::from_str(answer).unwrap(),
        });
    }
    found
}

/// Whether an answer has what the page promises.
fn has(answer: &Value, promised: &Value) -> bool {
    match (answer, promised) {
        (_, Value::String(text)) if text == "…" => true,
        (Value::Object(answer), Value::Object(promised)) => promised
            .iter()
            .all(|(name, value)| answer.get(name).is_some_and(|it| has(it, value))),
        (Value::Array(answer), Value::Array(promised)) => {
            let mut both = answer.iter().zip(promised);
            answer.len() == promised.len() && both.all(|(answer, promised)| has(answer, promised))
        }
        (answer, promised) => answer == promised,
    }
}

#[test]
fn what_the_page_says_is_so() {
    let served = Served::manual();
    let examples = examples();
    for example in &examples {
        let (method, path) = (example.method.as_str(), example.path.as_str());
        let answer = served.ask(method, path, &example.body);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, example.status, "{method} {path}: {text}");
        let told: Value = serde_json::from_str(&text).unwrap_or(Value::String(text.clone()));
        assert!(has(&told, &example.answer), "{method} {path}: {text}");
    }
    assert!(examples.len() > 12, "{}", examples.len());
}

/// Every fault of a service and of a call has its word on the page.
#[test]
fn the_page_has_every_fault() {
    let source = include_str!("../../src/world/fault.rs");
    for of in [
        "ServiceFault",
        "TaskFault",
        "CallFault",
        "CallerFault",
        "WorldEvent",
    ] {
        let body = source.split_once(&format!("pub enum {of} {{\n")).unwrap().1;
        let body = body.split_once("\n}").unwrap().0;
        let variants = body.lines().filter_map(|line| {
            let name = line.strip_prefix("    ")?;
            name.starts_with(char::is_uppercase)
                .then(|| name.split(['(', ',', ' ']).next().unwrap_or(name))
        });
        for variant in variants {
            let mut word = String::new();
            for letter in variant.chars() {
                if letter.is_uppercase() && !word.is_empty() {
                    word.push('-');
                }
                word.extend(letter.to_lowercase());
            }
            let is_there = [format!("`{word}`"), format!("\"{word}\"")];
            assert!(is_there.iter().any(|it| PAGE.contains(it)), "{of}: {word}");
        }
    }
}
