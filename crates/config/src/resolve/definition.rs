//! Task definition files: parsed first, then filled in, with every problem pointing into the file.

use std::ops::Range;
use std::sync::Arc;

use backstay_domain::Repository;
use backstay_domain::definition::{DefinitionTemplate, RELEASE_PLACEHOLDERS, placeholders};
use serde_json::Value;

use super::{Notes, refused};
use crate::files::{FileProblem, Files, beside};
use crate::json::{self, Places, offset};
use crate::problem::{Problem, Source};
use crate::section::At;
use crate::template::Scope;
use crate::written::Size;

/// The cloud takes task definitions of at most 64 KiB.
const MOST_BYTES: usize = 64 * 1024;

/// A task definition, and the names of its containers.
pub(super) struct Definition {
    pub(super) template: DefinitionTemplate,
    pub(super) containers: Vec<String>,
}

/// `size` is what its tasks have, whatever the file says. `image` is what its containers with `{{ image }}` run.
pub(super) fn definition(
    (path, size): (&At<String>, &Size),
    image: Option<&Repository>,
    scope: &Scope,
    files: &dyn Files,
    notes: &mut Notes<'_>,
) -> Option<Definition> {
    let written = notes.fill(path, scope)?;
    let file = beside(notes.source.name(), &written);
    let text = match files.read(&file) {
        Ok(text) => text,
        Err(FileProblem::Missing) => {
            let message = format!("there is no file `{file}`");
            notes.note(
                message,
                &path.span,
                "no such file",
                "paths are relative to the configuration",
            );
            return None;
        }
        Err(
            why @ (FileProblem::Directory | FileProblem::NotText(_) | FileProblem::Unreadable(_)),
        ) => {
            notes.note(
                format!("`{file}` cannot be read: {why}"),
                &path.span,
                "cannot be read",
                "",
            );
            return None;
        }
    };
    let source = Source::new(file, Arc::from(text));
    let scope = scope.clone().keeping(&RELEASE_PLACEHOLDERS);
    let (definition, places) = match parse(&source, &scope) {
        Ok(parsed) => parsed,
        Err(problems) => {
            notes.problems.extend(problems);
            return None;
        }
    };
    let definition = definition.with(size);
    let document = &definition.template.0;
    let (certain, doubtful) = refused::problems(&source, &places, document, image, &scope)
        .into_iter()
        .map(|found: refused::Refusal| found.of_size(size, notes.source))
        .partition(|found| found.is_certain_in(notes.cloud));
    notes.problems.extend(refused::texts(certain));
    notes.doubts.extend(refused::texts(doubtful));
    notes
        .remarks
        .extend(refused::remark(source.name(), document, image));
    let family = document.get("family").and_then(Value::as_str);
    let family = family.unwrap_or_default().to_owned();
    let file = source.name().to_owned();
    notes.definition_files.insert(family, file);
    Some(definition)
}

impl Definition {
    fn with(mut self, size: &Size) -> Self {
        if let Value::Object(members) = &mut self.template.0 {
            for (member, number) in size.members() {
                let text = number.value.to_string();
                members.insert(member.to_owned(), Value::String(text));
            }
        }
        self
    }
}

fn parse(source: &Source, scope: &Scope) -> Result<(Definition, Places), Vec<Problem>> {
    let text: &str = source.inner();
    if text.len() > MOST_BYTES {
        return Err(vec![Problem::of(
            source,
            "the task definition is larger than 64 KiB",
        )]);
    }
    if text.starts_with('\u{feff}') {
        let problem = Problem::of(source, "the task definition begins with a byte order mark");
        let problem = problem.at(0..'\u{feff}'.len_utf8(), "here");
        return Err(vec![problem.help("save it as UTF-8 without one")]);
    }
    let document: Value =
        serde_json::from_str(text).map_err(|error| vec![not_json(source, &error)])?;
    let places = json::places(text);
    let mut problems: Vec<Problem> = places
        .strings
        .iter()
        .filter(|string| !string.is_item || scope.several(&string.value).is_none())
        .flat_map(|string| scope.check(&string.value, source, &string.span))
        .collect();
    problems.extend(places.duplicates.iter().map(|(name, span)| {
        Problem::of(source, format!("`{name}` is written twice"))
            .at(span.clone(), "written before")
            .help("keep one of them")
    }));
    problems.extend(shape(source, &document, &places));
    if !problems.is_empty() {
        return Err(problems);
    }
    let filled = filled(&document, scope);
    let containers = container_strings(&filled, "name")
        .map(str::to_owned)
        .collect();
    let definition = Definition {
        template: DefinitionTemplate(filled),
        containers,
    };
    Ok((definition, places))
}

/// With every string filled in; the name of several values, alone in a list, is all of them.
fn filled(value: &Value, scope: &Scope) -> Value {
    match value {
        Value::String(text) => scope.fill(text).into(),
        Value::Array(list) => {
            let items = list.iter().flat_map(|item| {
                match item.as_str().and_then(|text| scope.several(text)) {
                    Some(several) => several.iter().map(|text| text.as_str().into()).collect(),
                    None => vec![filled(item, scope)],
                }
            });
            Value::Array(items.collect())
        }
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, member)| (name.clone(), filled(member, scope)));
            Value::Object(members.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn not_json(source: &Source, error: &serde_json::Error) -> Problem {
    let start = offset(source.inner(), error);
    let whole = error.to_string();
    let why = whole
        .rsplit_once(" at line ")
        .map_or(whole.as_str(), |(why, _)| why);
    let width = source
        .inner()
        .get(start..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    Problem::of(source, format!("the task definition is not JSON: {why}"))
        .at(start..start + width, "here")
}

fn shape(source: &Source, document: &Value, places: &Places) -> Vec<Problem> {
    let start = first_character(source.inner());
    let Value::Object(members) = document else {
        return vec![
            Problem::of(source, "a task definition is a JSON object").at(start, "not an object"),
        ];
    };
    if members.contains_key("taskDefinition") && !members.contains_key("containerDefinitions") {
        let problem = Problem::of(
            source,
            "this is the answer to describe-task-definition, not a task definition",
        );
        return vec![
            problem
                .at(start, "here")
                .help("keep what is inside `taskDefinition`"),
        ];
    }
    let mut problems = Vec::new();
    let family = members.get("family").and_then(Value::as_str);
    if family.is_none_or(str::is_empty) {
        problems.push(
            Problem::of(source, "the task definition has no `family`").at(start.clone(), "here"),
        );
    }
    let containers = members
        .get("containerDefinitions")
        .and_then(Value::as_array);
    let Some(containers) = containers.filter(|containers| !containers.is_empty()) else {
        problems.push(
            Problem::of(source, "the task definition has no `containerDefinitions`")
                .at(start, "here"),
        );
        return problems;
    };
    for member in ["name", "image"] {
        if containers
            .iter()
            .any(|container| container.get(member).and_then(Value::as_str).is_none())
        {
            let message = format!("a container in `containerDefinitions` has no `{member}`");
            problems.push(Problem::of(source, message).at(start.clone(), "here"));
        }
    }
    problems.extend(not_strings(source, containers, places, &start));
    if problems.is_empty() {
        problems.extend(pinned(source, document, places, start));
    }
    problems
}

/// An environment variable's value is a string, also where it looks like a number.
fn not_strings(
    source: &Source,
    containers: &[Value],
    places: &Places,
    start: &Range<usize>,
) -> Vec<Problem> {
    let variables = containers
        .iter()
        .filter_map(|container| container.get("environment")?.as_array())
        .flatten();
    let wrong = variables.filter_map(|variable| {
        let value = variable.get("value").filter(|value| !value.is_string())?;
        let name = variable.get("name").and_then(Value::as_str)?;
        let written = places.strings.iter().find(|string| string.value == name);
        let at = written.map_or(start.clone(), |string| string.span.clone());
        let message =
            format!("the value of environment variable `{name}` is {value}, not a string");
        let problem = Problem::of(source, message).at(at, "its value is no string");
        Some(match value {
            Value::Number(_) | Value::Bool(_) => problem.help(format!("write \"{value}\"")),
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => problem,
        })
    });
    wrong.collect()
}

/// The release's image is a whole reference by digest, so `{{ image }}` must stand alone, in at least one container.
fn pinned(
    source: &Source,
    document: &Value,
    places: &Places,
    start: Range<usize>,
) -> Option<Problem> {
    let inside = |image: &str| {
        image
            .strip_prefix("{{")
            .and_then(|rest| rest.strip_suffix("}}"))
            .map(str::trim)
            == Some("image")
    };
    if container_strings(document, "image").any(inside) {
        return None;
    }
    let images = || {
        places
            .strings
            .iter()
            .filter(|string| string.member.as_deref() == Some("image"))
    };
    let mixed =
        images().find(|string| placeholders(&Value::from(string.value.as_str())).contains("image"));
    let problem = match (mixed, images().next()) {
        (Some(mixed), _) => Problem::of(
            source,
            "`{{ image }}` is a whole image reference: nothing goes before or after it",
        )
        .at(mixed.span.clone(), "not an image"),
        (None, first) => Problem::of(
            source,
            "no container has the image `{{ image }}`: a release could not pin it",
        )
        .at(
            first.map_or(start, |first| first.span.clone()),
            "the same in every release",
        ),
    };
    Some(problem.help("write \"image\": \"{{ image }}\""))
}

fn container_strings<'v>(
    document: &'v Value,
    member: &'static str,
) -> impl Iterator<Item = &'v str> {
    let containers = document
        .get("containerDefinitions")
        .and_then(Value::as_array);
    containers
        .into_iter()
        .flatten()
        .filter_map(move |container| container.get(member).and_then(Value::as_str))
}

fn first_character(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..start + text[start..].chars().next().map_or(0, char::len_utf8)
}
