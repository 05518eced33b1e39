//! Which version each image has: by the command line, by a file that CI writes, else all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use backstay_domain::app::App;
use backstay_domain::versions::Versions;
use backstay_domain::{Repository, Version};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::project::Project;
use crate::args::Built;
use crate::failure::Failure;

const HINT: &str =
    "IMAGE=VERSION, the image by its repository, the last part of that, or who runs it";

const FORM: &str =
    "JSON or TOML: `version` (optional), and `images`, a table of names and versions";

/// What CI writes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: Option<String>,
    #[serde(default)]
    images: Said,
}

/// Names and versions as they are said, also where a name is there twice.
#[derive(Debug, Default)]
struct Said(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pairs)
    }
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Said;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of names and versions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Said, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Said(pairs))
    }
}

impl Project {
    /// Which version each image is to have.
    ///
    /// # Errors
    /// When an image is unknown, a version is none, or the file cannot be read.
    pub fn versions(&self, built: &Built) -> Result<Versions, Failure> {
        let written = match &built.versions {
            Some(path) => read(path)?,
            None => Written::default(),
        };
        let asked = built.version.as_deref().or(written.version.as_deref());
        let release = self.version(asked)?;
        let app = &self.configured.app;
        let by_file = written.images.0.iter();
        let mut own = each_once(
            app,
            by_file.map(|(name, version)| Ok((&**name, &**version))),
        )?;
        let by_line = built.images.iter().map(|text| {
            let wrong = || Failure::usage(format!("`{text}` names no image and its version"), HINT);
            text.split_once('=').ok_or_else(wrong)
        });
        own.extend(each_once(app, by_line)?);
        Ok(Versions {
            release,
            own,
            missing: self.configured.missing,
        })
    }
}

/// Twice the same image, on one command line or in one file, is a slip of the pen.
fn each_once<'t>(
    app: &App,
    said: impl Iterator<Item = Result<(&'t str, &'t str), Failure>>,
) -> Result<BTreeMap<Repository, Version>, Failure> {
    let mut own = BTreeMap::new();
    for pair in said {
        let (name, version) = pair?;
        let repository = image(app, name)?;
        let version = version_of(name, version)?;
        if own.insert(repository.clone(), version).is_some() {
            let message = format!("the version of {repository} is said twice");
            return Err(Failure::usage(message, HINT));
        }
    }
    Ok(own)
}

fn read(path: &Path) -> Result<Written, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|why| Failure::usage(format!("{} cannot be read: {why}", path.display()), FORM))?;
    let is_toml = path.extension().is_some_and(|end| end == "toml");
    let read = match is_toml {
        true => toml::from_str(&text).map_err(|error| error.message().to_owned()),
        false => serde_json::from_str(&text).map_err(|error| error.to_string()),
    };
    read.map_err(|why| Failure::usage(format!("{} says no versions: {why}", path.display()), FORM))
}

fn version_of(name: &str, text: &str) -> Result<Version, Failure> {
    Version::parse(text)
        .map_err(|error| Failure::usage(format!("the version of `{name}`: {error}"), HINT))
}

/// The repository that somebody means: the one of that name, else the only one whose last part it is, or that somebody of that name runs.
///
/// # Errors
/// When there is none, or more than one.
pub fn image(app: &App, name: &str) -> Result<Repository, Failure> {
    let services = app.services.iter();
    let services = services.map(|(service, one)| (service.as_str(), &one.image));
    let migration = app.migration.iter().map(|one| ("migration", &one.image));
    let users: Vec<(&str, &Repository)> = services.chain(migration).collect();
    let all: BTreeSet<&Repository> = users.iter().map(|(_, repository)| *repository).collect();
    let last = |repository: &&Repository| {
        let text = repository.as_str();
        text.rsplit('/').next() == Some(name)
    };
    let whole = all.iter().find(|repository| repository.as_str() == name);
    let run_by = users.iter().filter(|(user, _)| *user == name);
    let run_by = run_by.map(|(_, repository)| *repository);
    let meant: BTreeSet<&Repository> = all.iter().copied().filter(last).chain(run_by).collect();
    let meant: Vec<&Repository> = meant.into_iter().collect();
    match (whole, meant.as_slice()) {
        (Some(repository), _) | (None, [repository]) => Ok((*repository).clone()),
        (None, []) => {
            let known: Vec<&str> = all.iter().map(|repository| repository.as_str()).collect();
            Err(Failure::usage(
                format!("{} has no image `{name}`", app.name),
                nearest(name, &known),
            ))
        }
        (None, many) => {
            let names: Vec<&str> = many.iter().map(|repository| repository.as_str()).collect();
            Err(Failure::usage(
                format!("`{name}` may be {}", names.join(" or ")),
                "name the whole repository",
            ))
        }
    }
}

fn nearest(name: &str, known: &[&str]) -> String {
    let last = |one: &str| one.rsplit('/').next().unwrap_or(one).to_owned();
    let near = known
        .iter()
        .map(|one| (strsim::damerau_levenshtein(name, &last(one)), last(one)))
        .filter(|(distance, one)| *distance <= (one.len() / 3).max(1))
        .min();
    match near {
        Some((_, one)) => format!("did you mean `{one}`?"),
        None => format!("there are: {}", known.join(", ")),
    }
}
