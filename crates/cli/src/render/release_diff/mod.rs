//! What differs between two releases, in words. Of task definitions only what may be shown; of checks only their names, their
//! addresses may hold a token.

mod text;

use std::collections::BTreeMap;

use backstay_domain::app::{Compatibility, WayDown};
use backstay_domain::definition::Definition;
use backstay_domain::difference::{Difference, Differs, Files};
use backstay_domain::operator::Commit;
use backstay_domain::release::{MigrationRelease, Release, ResolvedImage, ServiceRelease};
use backstay_domain::scheduled::JobRelease;
use backstay_domain::{AppName, EnvironmentName, FrontendName, ReleaseId, Version};
use serde::Serialize;

pub use text::diff_text;

use super::clean::clean;
use super::plan::counted_tasks;
use super::plan::diff::{Change, How, changes};

/// Digits of a fingerprint that are shown.
const FINGERPRINT: usize = 12;

/// What differs, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReleaseDiff {
    /// The app.
    pub app: AppName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The one release.
    pub from: Named,
    /// The other one.
    pub to: Named,
    /// Whether they are the same.
    pub equal: bool,
    /// Commits, by hash and subject.
    pub commit: Option<Pair>,
    /// Fingerprints of the configuration.
    pub configuration: Option<Pair>,
    /// Services, by name.
    pub services: Vec<Part>,
    /// The migration.
    pub migration: Option<Part>,
    /// Scheduled jobs, by name.
    pub jobs: Vec<Part>,
    /// The files of the frontend that is called so.
    pub frontend: Option<FileCounts>,
    /// Those of other frontends that differ, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub frontends: BTreeMap<FrontendName, FileCounts>,
    /// Checks, by name.
    pub checks: Vec<Part>,
}

/// A release by its names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// Its id.
    pub release: ReleaseId,
    /// Its version.
    pub version: Version,
}

/// What something was, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// It was this.
    pub from: Option<String>,
    /// It is this.
    pub to: Option<String>,
}

/// How a part of a release differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// How.
    pub change: How,
    /// Facts about it that differ, by name.
    pub facts: Vec<Fact>,
    /// How its task definition differs.
    pub definition: Vec<Change>,
}

/// Something about a part that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub name: &'static str,
    /// It was this.
    pub from: Option<String>,
    /// It is this.
    pub to: Option<String>,
}

/// How the frontends' files differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileCounts {
    /// How many are new.
    pub added: usize,
    /// How many are gone.
    pub removed: usize,
    /// How many are others.
    pub changed: usize,
    /// Which of them visitors notice.
    pub mutable: Vec<String>,
}

impl ReleaseDiff {
    /// How `to` differs from `from`.
    #[must_use]
    pub fn between(from: &Release, to: &Release) -> Self {
        let difference = Difference::between(from, to);
        let named = |release: &Release| Named {
            release: release.id.clone(),
            version: release.version.clone(),
        };
        let fingerprint = |text: &String| text.get(..FINGERPRINT).unwrap_or(text).to_owned();
        let services = difference.services.iter();
        let checks = difference.checks.iter();
        let jobs = difference.jobs.iter();
        Self {
            app: to.app.clone(),
            environment: to.environment.clone(),
            from: named(from),
            to: named(to),
            equal: difference.is_empty(),
            commit: difference.commit.map(|differs| pair(differs, commit)),
            configuration: difference
                .configuration
                .map(|differs| pair(differs, fingerprint)),
            services: services
                .map(|(name, differs)| {
                    part(name.as_str(), *differs, service_facts, |s| &s.definition)
                })
                .collect(),
            migration: difference
                .migration
                .map(|differs| part("migration", differs, migration_facts, |m| &m.definition)),
            jobs: jobs
                .map(|(name, differs)| part(name.as_str(), *differs, job_facts, |j| &j.definition))
                .collect(),
            frontend: difference
                .frontends
                .get(&FrontendName::default())
                .map(file_counts),
            frontends: difference
                .frontends
                .iter()
                .filter(|(name, _)| !name.is_usual())
                .map(|(name, files)| ((*name).clone(), file_counts(files)))
                .collect(),
            checks: checks.map(|(name, differs)| bare(name, *differs)).collect(),
        }
    }
}

type Facts = Vec<(&'static str, String)>;

fn service_facts(service: &ServiceRelease) -> Facts {
    let facts = [
        ("image", image(&service.image)),
        (
            "tasks",
            service
                .desired_count
                .map_or_else(|| "as many as it has".to_owned(), counted_tasks),
        ),
        ("cluster", service.locator.cluster.clone()),
        ("service", service.locator.cluster_name.clone()),
    ];
    let own = own_version(service.version.as_ref());
    facts.into_iter().chain(own).collect()
}

fn migration_facts(migration: &MigrationRelease) -> Facts {
    let old_code = match migration.compatibility {
        Compatibility::Compatible => "runs on the new schema",
        Compatibility::Breaking => "does not run on the new schema",
    };
    let way_down = match migration.way_down {
        WayDown::Lossless => "lossless",
        WayDown::Lossy => "lossy",
        WayDown::Absent => "absent",
    };
    let facts = [
        ("image", image(&migration.image)),
        ("old code", old_code.to_owned()),
        ("way down", way_down.to_owned()),
    ];
    let own = own_version(migration.version.as_ref());
    facts.into_iter().chain(own).collect()
}

fn job_facts(job: &JobRelease) -> Facts {
    let trigger = job.trigger.as_ref();
    let facts = [
        ("image", image(&job.image)),
        (
            "schedule",
            trigger.map_or_else(|| "none".to_owned(), ToString::to_string),
        ),
        ("cluster", job.cluster.clone()),
    ];
    let own = own_version(job.version.as_ref());
    facts.into_iter().chain(own).collect()
}

/// A version that is not the release's.
fn own_version(version: Option<&Version>) -> Option<(&'static str, String)> {
    version.map(|version| ("version", version.to_string()))
}

fn image(image: &ResolvedImage) -> String {
    format!("{} {}", image.repository, image.digest.short())
}

fn commit(commit: &Commit) -> String {
    let sha = commit.sha.get(..7).unwrap_or(&commit.sha);
    let how = commit.deviation.as_ref();
    let how = how.map_or_else(String::new, |how| format!(" ({how})"));
    clean(&format!("{sha} {}{how}", commit.subject))
}

fn pair<T>(differs: Differs<'_, T>, words: impl Fn(&T) -> String) -> Pair {
    let (from, to) = sides(differs);
    Pair {
        from: from.map(&words),
        to: to.map(&words),
    }
}

fn sides<T>(differs: Differs<'_, T>) -> (Option<&T>, Option<&T>) {
    match differs {
        Differs::Added(new) => (None, Some(new)),
        Differs::Removed(old) => (Some(old), None),
        Differs::Changed(old, new) => (Some(old), Some(new)),
    }
}

/// A part of which only the name may be shown.
fn bare<T>(name: &str, differs: Differs<'_, T>) -> Part {
    let change = match differs {
        Differs::Added(_) => How::Added,
        Differs::Removed(_) => How::Removed,
        Differs::Changed(..) => How::Changed,
    };
    Part {
        name: clean(name),
        change,
        facts: Vec::new(),
        definition: Vec::new(),
    }
}

fn part<T>(
    name: &str,
    differs: Differs<'_, T>,
    facts: impl Fn(&T) -> Facts,
    definition: impl Fn(&T) -> &Definition,
) -> Part {
    let (from, to) = sides(differs);
    let (old, new) = (from.map(&facts), to.map(&facts));
    let mut names: Vec<&'static str> = Vec::new();
    for (name, _) in old.iter().chain(&new).flatten() {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let value = |facts: &Option<Facts>, name: &str| {
        let mut facts = facts.iter().flatten();
        facts
            .find(|(fact, _)| *fact == name)
            .map(|(_, value)| value.clone())
    };
    let differing = names.into_iter().map(|name| Fact {
        name,
        from: value(&old, name),
        to: value(&new, name),
    });
    Part {
        facts: differing.filter(|fact| fact.from != fact.to).collect(),
        definition: match (from, to) {
            (Some(from), Some(to)) => changes(definition(from), definition(to)),
            _ => Vec::new(),
        },
        ..bare(name, differs)
    }
}

fn file_counts(files: &Files<'_>) -> FileCounts {
    FileCounts {
        added: files.added.len(),
        removed: files.removed.len(),
        changed: files.changed.len(),
        mutable: files
            .mutable
            .iter()
            .map(|path| (*path).to_owned())
            .collect(),
    }
}
