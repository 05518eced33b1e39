//! From text to what is configured.

use std::sync::Arc;

use toml::de::DeTable;

use crate::configured::Configured;
use crate::files::{Files, Sources};
use crate::problem::{Problem, Problems, Source};
use crate::section::{Mentions, Section};
use crate::written::Document;
use crate::{resolve, suggest};

/// A configuration is a page or two; anything of this size is something else.
const MOST_BYTES: usize = 1024 * 1024;

/// Reads what the configuration says about one environment. `path` is the configuration's own path: files that it
/// names are relative to it.
///
/// # Errors
/// Every problem of the configuration and of the files it names.
pub fn load(
    path: &str,
    text: &str,
    environment: &str,
    files: &dyn Files,
) -> Result<Configured, Problems> {
    with(Sources::Elsewhere, path, text, environment, files)
}

/// The same, with a look at what images are built of: their contexts and Dockerfiles have to be here. A deployment needs neither.
///
/// # Errors
/// Every problem of the configuration and of the files it names.
pub fn load_with_sources(
    path: &str,
    text: &str,
    environment: &str,
    files: &dyn Files,
) -> Result<Configured, Problems> {
    with(Sources::Here, path, text, environment, files)
}

fn with(
    sources: Sources,
    path: &str,
    text: &str,
    environment: &str,
    files: &dyn Files,
) -> Result<Configured, Problems> {
    let source = Source::new(path, Arc::from(text));
    let (document, mut problems) = match read(&source) {
        Ok((document, problems, _)) => (document, problems),
        Err(problems) => return Err(Problems::in_order(problems, path)),
    };
    let configured = match document
        .environments
        .iter()
        .find(|known| known.name.value == environment)
    {
        Some(chosen) => {
            let files = (files, sources);
            resolve::environment(&source, &document, chosen, files, &mut problems)
        }
        None => {
            problems.push(unknown_environment(&source, &document, environment));
            None
        }
    };
    match configured {
        Some(configured) if problems.is_empty() => Ok(configured),
        _ => Err(Problems::in_order(problems, path)),
    }
}

/// The environments that the configuration names.
///
/// # Errors
/// Every problem that can be seen without choosing an environment.
pub fn environments(path: &str, text: &str) -> Result<Vec<String>, Problems> {
    let source = Source::new(path, Arc::from(text));
    match read(&source) {
        Ok((document, problems, _)) if problems.is_empty() => Ok(document
            .environments
            .into_iter()
            .map(|environment| environment.name.value)
            .collect()),
        Ok((_, problems, _)) | Err(problems) => Err(Problems::in_order(problems, path)),
    }
}

/// Reads the document as far as it is TOML; the error is what is not TOML.
pub(crate) fn read(source: &Source) -> Result<(Document, Vec<Problem>, Mentions), Vec<Problem>> {
    let text: &str = source.inner();
    if text.len() > MOST_BYTES {
        return Err(vec![Problem::of(
            source,
            "the configuration is larger than 1 MiB",
        )]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| not_toml(source, error)).collect());
    }
    let mut root = Section::root(source, table.get_ref());
    let document = Document::read(&mut root);
    let (problems, mentions) = root.finish();
    Ok((document, problems, mentions))
}

fn not_toml(source: &Source, error: &toml::de::Error) -> Problem {
    let message = error.message();
    if message.contains("duplicate key") {
        let problem = Problem::of(source, "the same key is written twice");
        return problem
            .at(error.span().unwrap_or_default(), "written before")
            .help("keep one of them");
    }
    let problem = Problem::of(
        source,
        format!(
            "this is not TOML: {}",
            message.lines().next().unwrap_or_default()
        ),
    );
    problem.at(error.span().unwrap_or_default(), "here")
}

fn unknown_environment(source: &Source, document: &Document, environment: &str) -> Problem {
    let known: Vec<&str> = document
        .environments
        .iter()
        .map(|known| known.name.value.as_str())
        .collect();
    let list = if known.is_empty() {
        "none".to_owned()
    } else {
        suggest::list(&known)
    };
    let problem = Problem::of(
        source,
        format!("there is no environment `{environment}`; configured: {list}"),
    );
    match suggest::nearest(environment, &known) {
        Some(name) => problem.help(format!("did you mean `{name}`?")),
        None => problem.help(format!("add [environments.{environment}]")),
    }
}
