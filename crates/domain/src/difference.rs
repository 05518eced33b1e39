//! How one release differs from another, part by part. Pure; what of it may be shown is not decided here.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::Check;
use crate::operator::Commit;
use crate::release::{FileKind, Manifest, MigrationRelease, Release, ServiceRelease};
use crate::scheduled::JobRelease;
use crate::{FrontendName, JobName, ServiceName, Version};

/// One part of two releases that is not the same in both.
#[derive(Debug, PartialEq, Eq)]
pub enum Differs<'r, T> {
    /// Only the second one has it.
    Added(&'r T),
    /// Only the first one has it.
    Removed(&'r T),
    /// Both have it, each another.
    Changed(&'r T, &'r T),
}

/// Two references are copied, whatever they refer to; a derived `Copy` would ask for more.
impl<T> Clone for Differs<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Differs<'_, T> {}

/// All that differs between two releases.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<'r> {
    /// The versions.
    pub version: Option<Differs<'r, Version>>,
    /// The commits they were built from.
    pub commit: Option<Differs<'r, Commit>>,
    /// The fingerprints of their configurations.
    pub configuration: Option<Differs<'r, String>>,
    /// The services that differ.
    pub services: BTreeMap<&'r ServiceName, Differs<'r, ServiceRelease>>,
    /// The migrations.
    pub migration: Option<Differs<'r, MigrationRelease>>,
    /// The scheduled jobs that differ.
    pub jobs: BTreeMap<&'r JobName, Differs<'r, JobRelease>>,
    /// The files of the frontends that differ.
    pub frontends: BTreeMap<&'r FrontendName, Files<'r>>,
    /// The smoke checks that differ, by name.
    pub checks: BTreeMap<&'r str, Differs<'r, Check>>,
}

/// How the files of two frontend builds differ, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files<'r> {
    /// Only in the second one.
    pub added: Vec<&'r str>,
    /// Only in the first one.
    pub removed: Vec<&'r str>,
    /// Other content under the same path.
    pub changed: Vec<&'r str>,
    /// Those of all these that visitors notice: the mutable ones.
    pub mutable: Vec<&'r str>,
}

impl<'r> Difference<'r> {
    /// How `new` differs from `old`.
    #[must_use]
    pub fn between(old: &'r Release, new: &'r Release) -> Self {
        Self {
            version: differs(Some(&old.version), Some(&new.version)),
            commit: differs(old.commit.as_ref(), new.commit.as_ref()),
            configuration: differs(Some(&old.config_fingerprint), Some(&new.config_fingerprint)),
            services: each(&by_name(&old.services), &by_name(&new.services))
                .into_iter()
                .filter(|(_, differs)| !only_by_name(differs, unnamed_service))
                .collect(),
            migration: differs(old.migration.as_ref(), new.migration.as_ref())
                .filter(|differs| !only_by_name(differs, unnamed_migration)),
            jobs: each(&old.jobs.iter().collect(), &new.jobs.iter().collect())
                .into_iter()
                .filter(|(_, differs)| !only_by_name(differs, unnamed_job))
                .collect(),
            frontends: frontends(old, new),
            checks: each(&checks(old), &checks(new)),
        }
    }

    /// Whether the two are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.version.is_none()
            && self.commit.is_none()
            && self.configuration.is_none()
            && self.services.is_empty()
            && self.migration.is_none()
            && self.jobs.is_empty()
            && self.frontends.is_empty()
            && self.checks.is_empty()
    }
}

fn differs<'r, T: PartialEq>(old: Option<&'r T>, new: Option<&'r T>) -> Option<Differs<'r, T>> {
    match (old, new) {
        (None, None) => None,
        (None, Some(new)) => Some(Differs::Added(new)),
        (Some(old), None) => Some(Differs::Removed(old)),
        (Some(old), Some(new)) => (old != new).then_some(Differs::Changed(old, new)),
    }
}

/// What runs is the same; only the version that it is known by is said in one of them.
fn only_by_name<T: PartialEq>(differs: &Differs<'_, T>, unnamed: impl Fn(&T) -> T) -> bool {
    match differs {
        Differs::Changed(old, new) => unnamed(old) == unnamed(new),
        Differs::Added(_) | Differs::Removed(_) => false,
    }
}

fn unnamed_service(one: &ServiceRelease) -> ServiceRelease {
    ServiceRelease {
        version: None,
        ..one.clone()
    }
}

fn unnamed_migration(one: &MigrationRelease) -> MigrationRelease {
    MigrationRelease {
        version: None,
        ..one.clone()
    }
}

fn unnamed_job(one: &JobRelease) -> JobRelease {
    JobRelease {
        version: None,
        ..one.clone()
    }
}

type Named<'r, K, T> = BTreeMap<K, &'r T>;

fn each<'r, K: Ord + Copy, T: PartialEq>(
    old: &Named<'r, K, T>,
    new: &Named<'r, K, T>,
) -> BTreeMap<K, Differs<'r, T>> {
    let names: BTreeSet<K> = old.keys().chain(new.keys()).copied().collect();
    names
        .into_iter()
        .filter_map(|name| {
            let (old, new) = (old.get(&name).copied(), new.get(&name).copied());
            Some((name, differs(old, new)?))
        })
        .collect()
}

fn by_name(
    services: &BTreeMap<ServiceName, ServiceRelease>,
) -> Named<'_, &ServiceName, ServiceRelease> {
    services.iter().collect()
}

fn checks(release: &Release) -> Named<'_, &str, Check> {
    let named = release
        .checks
        .iter()
        .map(|check| (check.name.as_str(), check));
    named.collect()
}

fn frontends<'r>(old: &'r Release, new: &'r Release) -> BTreeMap<&'r FrontendName, Files<'r>> {
    let (old, new) = (&old.frontends, &new.frontends);
    let names: BTreeSet<&FrontendName> = old.keys().chain(new.keys()).collect();
    let differ = names
        .into_iter()
        .filter_map(|name| Some((name, files(old.get(name), new.get(name))?)));
    differ.collect()
}

fn files<'r>(old: Option<&'r Manifest>, new: Option<&'r Manifest>) -> Option<Files<'r>> {
    if old == new {
        return None;
    }
    let named = |manifest: Option<&'r Manifest>| -> Named<'r, &'r str, _> {
        let files = manifest.into_iter().flat_map(|manifest| &manifest.files);
        files.map(|(path, file)| (path.as_str(), file)).collect()
    };
    let mut found = Files::default();
    for (path, differs) in each(&named(old), &named(new)) {
        let (list, kind) = match differs {
            Differs::Added(file) => (&mut found.added, file.kind),
            Differs::Removed(file) => (&mut found.removed, file.kind),
            Differs::Changed(_, file) => (&mut found.changed, file.kind),
        };
        list.push(path);
        if kind == FileKind::Mutable {
            found.mutable.push(path);
        }
    }
    Some(found)
}
