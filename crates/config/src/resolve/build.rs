//! What images are built of, and under which tags they are pushed.

use std::collections::BTreeMap;

use backstay_domain::app::{Migration, Service};
use backstay_domain::build::{ImageBuild, Recipe, platform};
use backstay_domain::definition::substitute;
use backstay_domain::scheduled::ScheduledJob;
use backstay_domain::{ImageTag, JobName, Repository, ServiceName};

use super::Notes;
use crate::files::{FileProblem, Files, Sources, beside};
use crate::section::At;
use crate::template::Scope;
use crate::{suggest, written};

/// What `backstay deploy` looks for.
const VERSION_TAG: &str = "{{ version }}";

/// What engines build for, as they call it.
const PLATFORMS: [&str; 8] = [
    "linux/amd64",
    "linux/arm64",
    "linux/386",
    "linux/arm/v7",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
    "windows/amd64",
];

/// Other names of what tasks run on.
const ALIASES: [(&str, &str); 6] = [
    ("amd64", "linux/amd64"),
    ("x86_64", "linux/amd64"),
    ("x86-64", "linux/amd64"),
    ("arm64", "linux/arm64"),
    ("aarch64", "linux/arm64"),
    ("armv8", "linux/arm64"),
];

/// A service, or the migration, whose image is built here.
pub(super) struct Builder<'d> {
    pub(super) user: String,
    pub(super) image: Option<&'d At<String>>,
    pub(super) build: &'d written::Build,
    pub(super) scope: Scope,
}

impl<'d> Builder<'d> {
    pub(super) fn of_migration(written: &'d written::Migration, scope: &Scope) -> Option<Self> {
        let cluster = written.cluster.as_ref().map(|own| scope.fill(&own.value));
        let scope = match cluster {
            Some(cluster) => scope.clone().with("cluster", Some(cluster)),
            None => scope.clone(),
        };
        Some(Self {
            user: "migration".to_owned(),
            image: written.image.as_ref(),
            build: written.build.as_ref()?,
            scope,
        })
    }
}

/// Who runs an image, and on which platform.
pub(super) struct User {
    name: String,
    repository: Repository,
    platform: String,
}

pub(super) fn users(
    services: &BTreeMap<ServiceName, Service>,
    migration: Option<&Migration>,
    jobs: &BTreeMap<JobName, ScheduledJob>,
) -> Vec<User> {
    let of_services = services.iter().map(|(name, service)| User {
        name: name.to_string(),
        repository: service.image.clone(),
        platform: platform(&service.definition.0),
    });
    let of_migration = migration.map(|migration| User {
        name: "migration".to_owned(),
        repository: migration.image.clone(),
        platform: platform(&migration.definition.0),
    });
    let of_jobs = jobs.iter().map(|(name, job)| User {
        name: name.to_string(),
        repository: job.image.clone(),
        platform: platform(&job.definition.0),
    });
    of_services.chain(of_migration).chain(of_jobs).collect()
}

/// The tags of every image, `{{ version }}` and `{{ branch }}` still in them; nothing when there is a problem.
pub(super) fn tags(
    written: &written::Images,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Vec<String>> {
    let Some(list) = &written.tags else {
        return Some(vec![VERSION_TAG.to_owned()]);
    };
    let scope = scope.clone().keeping(&["version", "branch"]);
    let mut tags: Vec<String> = Vec::new();
    let mut right = true;
    for tag in &list.value {
        let Some(filled) = notes.fill(tag, &scope) else {
            right = false;
            continue;
        };
        let sample = substitute(&filled, &|name| Some(format!("{name:.1}")));
        if let Err(invalid) = ImageTag::parse(sample) {
            let message = format!("`{filled}` is not a valid image tag");
            notes.note(message, &tag.span, "not a valid tag", invalid.rule);
            right = false;
        } else if tags.contains(&filled) {
            let message = format!("`{filled}` is listed twice");
            notes.note(message, &tag.span, "listed before", "");
            right = false;
        } else {
            tags.push(filled);
        }
    }
    let of_version = |tag: &String| substitute(tag, &|_| Some(String::new())).is_empty();
    if right
        && !tags
            .iter()
            .any(|tag| of_version(tag) && tag.contains("version"))
    {
        let message = "no tag is `{{ version }}` alone: `backstay deploy` finds an image by it";
        notes.note(
            message,
            &list.span,
            "`{{ version }}` is missing",
            "add \"{{ version }}\"",
        );
        right = false;
    }
    right.then_some(tags)
}

/// The images that are built, each repository once; nothing when there is a problem in any.
pub(super) fn images(
    builders: &[Builder<'_>],
    users: &[User],
    (files, sources): (&dyn Files, Sources),
    notes: &mut Notes<'_>,
) -> Option<Vec<ImageBuild>> {
    let mut made: Vec<(ImageBuild, &str)> = Vec::new();
    let mut right = true;
    for builder in builders {
        let repository = builder.image.and_then(|image| {
            // What is wrong with it was noted where the service was read.
            let filled = builder.scope.fill(&image.value);
            Repository::parse(filled).ok()
        });
        let users: Vec<&User> = users
            .iter()
            .filter(|user| Some(&user.repository) == repository.as_ref())
            .collect();
        let recipe = recipe(builder, &users, notes);
        if sources == Sources::Here
            && let Some(recipe) = &recipe
        {
            look(builder, recipe, files, notes);
        }
        let (Some(repository), Some(recipe)) = (repository, recipe) else {
            right = false;
            continue;
        };
        let other = made
            .iter()
            .find(|(image, _)| image.repository == repository);
        match other {
            Some((other, _)) if other.recipe == recipe => {}
            Some((other, first)) => {
                let message = format!(
                    "`{}` and `{first}` build {} in different ways",
                    builder.user, other.repository
                );
                notes.note(
                    message,
                    &builder.build.span,
                    "another build of the same image",
                    "give one of them a repository of its own, or write the build once: whoever has the same `image` runs it",
                );
                right = false;
            }
            None => {
                let users = users.iter().map(|user| user.name.clone()).collect();
                let image = ImageBuild {
                    repository,
                    recipe,
                    users,
                };
                made.push((image, &builder.user));
            }
        }
    }
    right.then(|| made.into_iter().map(|(image, _)| image).collect())
}

fn recipe(builder: &Builder<'_>, users: &[&User], notes: &mut Notes<'_>) -> Option<Recipe> {
    let (build, scope) = (builder.build, &builder.scope);
    let context = match &build.context {
        Some(context) => not_empty("context", context, scope, notes),
        None => Some(".".to_owned()),
    };
    let dockerfile = build
        .dockerfile
        .as_ref()
        .map(|file| not_empty("dockerfile", file, scope, notes));
    let target = build
        .target
        .as_ref()
        .map(|target| not_empty("target", target, scope, notes));
    let with_version = scope.clone().keeping(&["version"]);
    let args: Option<BTreeMap<String, String>> = build
        .args
        .iter()
        .map(|(name, value)| argument(name, value.as_ref(), &with_version, notes))
        .collect();
    let platforms = platforms(build, users, scope, notes);
    let context = context?;
    let dockerfile = super::complete(dockerfile)?;
    let dockerfile = dockerfile.unwrap_or_else(|| format!("{context}/Dockerfile"));
    Some(Recipe {
        context: tidy(&context),
        dockerfile: tidy(&dockerfile),
        target: super::complete(target)?,
        args: args?,
        platforms: platforms?,
    })
}

/// A path without detours, so that two ways to write it are one.
fn tidy(path: &str) -> String {
    match beside("", path) {
        here if here.is_empty() => ".".to_owned(),
        tidy => tidy,
    }
}

fn not_empty(key: &str, text: &At<String>, scope: &Scope, notes: &mut Notes<'_>) -> Option<String> {
    let filled = notes.fill(text, scope)?;
    if !filled.trim().is_empty() {
        return Some(filled);
    }
    let message = format!("`{key}` is empty");
    notes.note(message, &text.span, "empty", "leave it out");
    None
}

fn argument(
    name: &At<String>,
    value: Option<&At<String>>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<(String, String)> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '=';
    if name.value.is_empty() || name.value.contains(odd) {
        let message = format!("`{}` is not a valid build argument", name.value);
        notes.note(
            message,
            &name.span,
            "not a valid name",
            "as in the Dockerfile's ARG",
        );
        return None;
    }
    let filled = notes.fill(value?, scope)?;
    Some((name.value.clone(), filled))
}

/// What is written, or what the tasks that run the image need.
fn platforms(
    build: &written::Build,
    users: &[&User],
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Vec<String>> {
    let needed = || users.iter().map(|user| user.platform.clone());
    let Some(list) = &build.platforms else {
        let mut all: Vec<String> = needed().collect();
        all.sort();
        all.dedup();
        return Some(all);
    };
    let filled = notes.fill_all(&list.value, scope)?;
    let mut right = true;
    for (platform, written) in filled.iter().zip(&list.value) {
        if PLATFORMS.contains(&platform.as_str()) {
            continue;
        }
        let alias = ALIASES.iter().find(|(alias, _)| alias == platform);
        let help = match alias {
            Some((_, name)) => format!("did you mean `{name}`?"),
            None => suggest::instead_of(platform, PLATFORMS),
        };
        let message = format!("`{platform}` is not a platform");
        notes.note(message, &written.span, "unknown platform", &help);
        right = false;
    }
    if filled.is_empty() {
        let help = "leave it out: then it is what the tasks run on";
        notes.note("`platforms` is empty", &list.span, "empty list", help);
        return None;
    }
    if !right {
        return None;
    }
    let lacking = users.iter().find(|user| !filled.contains(&user.platform));
    if let Some(User { name, platform, .. }) = lacking {
        notes.note(
            format!("`{name}` runs on {platform}, and its image is not built for that"),
            &list.span,
            &format!("no {platform}"),
            "add it, leave `platforms` out, or set `runtimePlatform` in the task definition",
        );
        return None;
    }
    Some(filled)
}

/// That what an image is built of is here.
fn look(builder: &Builder<'_>, recipe: &Recipe, files: &dyn Files, notes: &mut Notes<'_>) {
    let build = builder.build;
    let name = notes.source.name().to_owned();
    let place = |path: &str| match beside(&name, path) {
        here if here.is_empty() => ".".to_owned(),
        other => other,
    };
    let (context, dockerfile) = (place(&recipe.context), place(&recipe.dockerfile));
    let inside = place(&format!("{}/{}", recipe.context, recipe.dockerfile));
    let at = build
        .context
        .as_ref()
        .map_or(&build.span, |text| &text.span);
    let relative = "paths are relative to the configuration";
    let (wrong, label, help) = match files.read(&context) {
        Err(FileProblem::Directory) => (None, "", ""),
        Err(FileProblem::Missing) => (
            Some(format!("there is no directory `{context}`")),
            "no such directory",
            relative,
        ),
        Ok(_) | Err(FileProblem::NotText(_) | FileProblem::Unreadable(_)) => (
            Some(format!("`{context}` is no directory that can be read")),
            "not a directory",
            "the directory that is sent to the engine",
        ),
    };
    if let Some(message) = wrong {
        notes.note(message, at, label, help);
        return;
    }
    let at = build
        .dockerfile
        .as_ref()
        .map_or(&build.span, |text| &text.span);
    match files.read(&dockerfile) {
        Ok(text) => has_target(build, recipe, &text, notes),
        Err(FileProblem::Missing) => {
            let message = format!("there is no Dockerfile `{dockerfile}`");
            let help = match files.read(&inside) {
                Ok(_) => format!("{relative}: did you mean `{inside}`?"),
                Err(_) => relative.to_owned(),
            };
            notes.note(message, at, "no such file", &help);
        }
        Err(why) => {
            let message = format!("the Dockerfile `{dockerfile}` cannot be read: {why}");
            notes.note(message, at, "cannot be read", "");
        }
    }
}

/// A stage is named, or counted from 0.
fn has_target(build: &written::Build, recipe: &Recipe, text: &str, notes: &mut Notes<'_>) {
    let (Some(written), Some(target)) = (&build.target, &recipe.target) else {
        return;
    };
    let stages = stages(text);
    let counted = target
        .parse()
        .is_ok_and(|number: usize| number < stages.len());
    let named: Vec<&str> = stages.iter().copied().flatten().collect();
    if counted || named.iter().any(|name| name.eq_ignore_ascii_case(target)) {
        return;
    }
    let message = format!("the Dockerfile has no stage `{target}`");
    let help = suggest::instead_of(target, named);
    notes.note(message, &written.span, "no such stage", &help);
}

/// The stages of a Dockerfile, with their names: `FROM image AS name`.
fn stages(text: &str) -> Vec<Option<&str>> {
    let mut stages = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !words
            .first()
            .is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
        {
            continue;
        }
        let mut after = words
            .iter()
            .skip_while(|word| !word.eq_ignore_ascii_case("AS"));
        stages.push(after.nth(1).copied());
    }
    stages
}
