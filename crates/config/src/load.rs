//! From text to what is configured.

use std::sync::Arc;

use backstay_domain::lookup::Place;
use toml::de::DeTable;

use crate::configured::{CloudKind, Configured};
use crate::files::{Files, Sources};
use crate::problem::{Problem, Problems, Source};
use crate::section::{Mentions, Section};
use crate::written::{Document, Environment};
use crate::{resolve, suggest};

/// A configuration is a page or two; anything of this size is something else.
const MOST_BYTES: usize = 1024 * 1024;

/// More environments than anyone deploys an app to.
const MOST_ENVIRONMENTS: usize = 100;

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
    let Readings {
        documents,
        mut problems,
        ..
    } = match read(&source) {
        Ok(readings) => readings,
        Err(problems) => return Err(Problems::in_order(problems, path)),
    };
    let configured = match chosen(&documents, environment) {
        Some((document, chosen)) => {
            let files = (files, sources);
            resolve::environment(&source, document, chosen, files, &mut problems)
        }
        None => {
            let known = documents.first().map(|document| &*document.environments);
            problems.push(unknown_environment(
                &source,
                known.unwrap_or_default(),
                environment,
            ));
            None
        }
    };
    match configured {
        Some(configured) if problems.is_empty() => Ok(configured),
        _ => Err(Problems::in_order(problems, path)),
    }
}

/// What has to be looked up before a configuration can be read for an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Where.
    pub places: Vec<Place>,
    /// The environment's cloud.
    pub cloud: Option<CloudKind>,
    /// Its Region.
    pub region: Option<String>,
    /// Its account.
    pub account: Option<String>,
    /// Where its simulated cloud runs, if not in this process.
    pub simulator: Option<String>,
}

/// What has to be looked up, as far as it is known by now: what is found may say where to look next. Nothing of a
/// configuration that has problems anyway.
#[must_use]
pub fn wanted(path: &str, text: &str, environment: &str, files: &dyn Files) -> Wanted {
    let source = Source::new(path, Arc::from(text));
    let Ok(readings) = read(&source) else {
        return Wanted::default();
    };
    match chosen(&readings.documents, environment) {
        Some((document, chosen)) if readings.problems.is_empty() => {
            resolve::wanted(&source, document, chosen, files)
        }
        Some(_) | None => Wanted::default(),
    }
}

/// The environments that the configuration names.
///
/// # Errors
/// Every problem that can be seen without choosing an environment.
pub fn environments(path: &str, text: &str) -> Result<Vec<String>, Problems> {
    let source = Source::new(path, Arc::from(text));
    match read(&source) {
        Ok(readings) if readings.problems.is_empty() => Ok(readings
            .documents
            .into_iter()
            .take(1)
            .flat_map(|document| document.environments)
            .map(|environment| environment.name.value)
            .collect()),
        Ok(Readings { problems, .. }) | Err(problems) => Err(Problems::in_order(problems, path)),
    }
}

/// The document as it is in one environment, and the environment.
fn chosen<'d>(
    documents: &'d [Document],
    environment: &str,
) -> Option<(&'d Document, &'d Environment)> {
    let document = documents
        .iter()
        .find(|document| document.of.as_deref() == Some(environment))?;
    let known = document.environments.iter();
    let mut known = known.filter(|known| known.name.value == environment);
    Some((document, known.next()?))
}

/// What a text says in each of its environments; of a text without any, what holds everywhere.
pub(crate) struct Readings {
    pub(crate) documents: Vec<Document>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) mentions: Mentions,
}

/// Reads the document as far as it is TOML; the error is what is not TOML, or too much of it.
pub(crate) fn read(source: &Source) -> Result<Readings, Vec<Problem>> {
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
    let mut readings = Readings {
        documents: Vec::new(),
        problems: Vec::new(),
        mentions: Mentions::new(),
    };
    let environments = table.get_ref().get("environments");
    let environments = environments.and_then(|found| found.get_ref().as_table());
    let keys = environments.into_iter().flat_map(|table| table.keys());
    let mut keys: Vec<_> = keys.collect();
    keys.sort_by_key(|name| name.span().start);
    if let Some(name) = keys.get(MOST_ENVIRONMENTS) {
        let message = format!("there are more than {MOST_ENVIRONMENTS} environments");
        let problem = Problem::of(source, message);
        return Err(vec![problem.at(name.span(), "one too many")]);
    }
    keys.sort();
    let names = keys.iter().map(|name| Some(name.get_ref().as_ref()));
    let mut names: Vec<Option<&str>> = names.collect();
    if names.is_empty() {
        names.push(None);
    }
    for name in names {
        let mut root = Section::root(source, table.get_ref(), name);
        readings.documents.push(Document::read(&mut root, name));
        let (problems, mentions) = root.finish();
        readings.problems.extend(problems);
        for (key, found) in mentions {
            *readings.mentions.entry(key).or_insert(false) |= found;
        }
    }
    Ok(readings)
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

fn unknown_environment(source: &Source, known: &[Environment], environment: &str) -> Problem {
    let known: Vec<&str> = known
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
