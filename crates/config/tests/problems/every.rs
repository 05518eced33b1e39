//! Every key of the reference wrong in turn: what is said points at it. Small space, enumerated.

use std::ops::Range;

use backstay_config::{FileProblem, Files, Problems, Purpose, load, reference};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const SERVICE: &str = r#"{"family": "f", "containerDefinitions": [{"name": "web", "image": "{{ image }}", "memory": 64, "portMappings": [{"containerPort": 8000}]}]}"#;

/// Nobody is asked for what is looked up.
struct Here;

impl Files for Here {
    fn read(&self, path: &str) -> Result<String, FileProblem> {
        match path {
            "jobs/nightly-report.json" | "jobs/price-import.json" => {
                Ok(SERVICE.replace("\"web\"", "\"report\""))
            }
            "migration.json" => Ok(SERVICE.replace("\"web\"", "\"migration\"")),
            path if path.starts_with("services/") => Ok(SERVICE.to_owned()),
            _ => Err(FileProblem::Missing),
        }
    }

    fn purpose(&self) -> Purpose {
        Purpose::Rehearsal
    }
}

/// A key of the reference, as it is written there.
struct Key {
    path: Vec<String>,
    name: Range<usize>,
    value: Range<usize>,
    kind: &'static str,
}

fn keys_of(table: &DeTable<'_>, path: &[String], found: &mut Vec<Key>) {
    for (name, value) in table {
        let path = [path, &[name.get_ref().to_string()]].concat();
        found.push(Key {
            path: path.clone(),
            name: name.span(),
            value: value.span(),
            kind: value.get_ref().type_str(),
        });
        inside(value, &path, found);
    }
}

fn inside(value: &Spanned<DeValue<'_>>, path: &[String], found: &mut Vec<Key>) {
    match value.get_ref() {
        DeValue::Table(table) => keys_of(table, path, found),
        DeValue::Array(items) => items.iter().for_each(|item| inside(item, path, found)),
        _ => {}
    }
}

fn every_key() -> Vec<Key> {
    let (table, errors) = DeTable::parse_recoverable(reference());
    assert!(errors.is_empty());
    let mut found = Vec::new();
    keys_of(table.get_ref(), &[], &mut found);
    found
}

/// Names that people choose: any other one is right, too.
fn is_chosen(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let inner = match path.as_slice() {
        ["environments", _, rest @ ..] => rest,
        other => other,
    };
    matches!(
        inner,
        [] | [
            "variables" | "lookups" | "services" | "frontends" | "jobs",
            _
        ] | ["simulation", "services", _]
            | ["frontends", _, "media_types", _]
            | ["services" | "jobs", _, "build", "args", _]
            | ["migration", "build", "args", _]
            | ["simulation", "services", _, "answers", "headers", _]
    )
}

/// What is said of a damaged reference, in both of its environments.
fn said(text: &str) -> Vec<Problems> {
    let environments = ["staging", "production"];
    let found = environments.map(|name| load("backstay.toml", text, name, &Here).err());
    found.into_iter().flatten().collect()
}

/// Whether any of it points at these characters.
fn points_at(said: &[Problems], meant: &Range<usize>) -> bool {
    said.iter().flatten().any(|problem| {
        let label = problem.label.as_ref();
        label.is_some_and(|label| {
            problem.source.name() == "backstay.toml"
                && label.span.start < meant.end
                && meant.start < label.span.end
        })
    })
}

fn replaced(range: &Range<usize>, by: &str) -> (String, Range<usize>) {
    let text = reference();
    let damaged = format!("{}{by}{}", &text[..range.start], &text[range.end..]);
    (damaged, range.start..range.start + by.len())
}

#[test]
fn a_key_that_is_spelled_wrong() {
    let mut tried = 0;
    for key in every_key().iter().filter(|key| !is_chosen(&key.path)) {
        let written = &reference()[key.name.clone()];
        let slip = match written.strip_suffix('"') {
            Some(quoted) => format!("{quoted}x\""),
            None => format!("{written}x"),
        };
        let (damaged, meant) = replaced(&key.name, &slip);
        let said = said(&damaged);
        assert!(points_at(&said, &meant), "{:?}: {said:?}", key.path);
        tried += 1;
    }
    assert!(tried > 150, "{tried}");
}

#[test]
fn a_value_of_another_type() {
    let mut tried = 0;
    for key in every_key() {
        // The header of a table is no value: it is what stands beneath.
        let written = &reference()[key.value.clone()];
        let is_header = match key.kind {
            "table" => !written.starts_with('{'),
            "array" => written.starts_with("[["),
            _ => false,
        };
        if is_header {
            continue;
        }
        for (kind, other) in [
            ("string", "\"soon\""),
            ("integer", "7"),
            ("boolean", "true"),
        ] {
            let either = kind == "string" && key.path.iter().any(|part| part == "rehearsal");
            if kind == key.kind || either || (kind == "string" && key.kind == "table") {
                continue;
            }
            let (damaged, meant) = replaced(&key.value, other);
            let said = said(&damaged);
            assert!(
                points_at(&said, &meant),
                "{:?} = {other}: {said:?}",
                key.path
            );
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}

/// Words that are no variable's name, where strings are filled in; elsewhere they are no value that there is.
#[test]
fn a_variable_that_there_is_not() {
    let mut tried = 0;
    for key in every_key().iter().filter(|key| key.kind == "string") {
        // Words of the simulated world, which has none of ours, and a message of its own where it is wrong.
        let free = ["prints", "log", "body", "headers"];
        if key.path.iter().any(|part| free.contains(&part.as_str())) {
            continue;
        }
        let (damaged, meant) = replaced(&key.value, "\"{{ nowhere }}\"");
        let said = said(&damaged);
        assert!(points_at(&said, &meant), "{:?}: {said:?}", key.path);
        tried += 1;
    }
    assert!(tried > 80, "{tried}");
}
