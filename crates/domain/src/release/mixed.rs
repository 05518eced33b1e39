//! The versions of a release's images: most are the release's own.

use std::collections::BTreeMap;

use super::{Release, ResolvedImage};
use crate::{JobName, Repository, ServiceName, Version};

impl Release {
    /// The version of a service's image.
    #[must_use]
    pub fn version_of(&self, service: &ServiceName) -> &Version {
        let own = self.services.get(service);
        let own = own.and_then(|service| service.version.as_ref());
        own.unwrap_or(&self.version)
    }

    /// The version of the migration's image.
    #[must_use]
    pub fn version_of_migration(&self) -> &Version {
        let own = self.migration.as_ref();
        let own = own.and_then(|migration| migration.version.as_ref());
        own.unwrap_or(&self.version)
    }

    /// The version of a job's image.
    #[must_use]
    pub fn version_of_job(&self, job: &JobName) -> &Version {
        let own = self.jobs.get(job);
        let own = own.and_then(|job| job.version.as_ref());
        own.unwrap_or(&self.version)
    }

    /// The image of a repository that it runs, and its version.
    #[must_use]
    pub fn image_of(&self, repository: &Repository) -> Option<(&ResolvedImage, &Version)> {
        let services = self.services.iter();
        let services = services.map(|(name, one)| (&one.image, self.version_of(name)));
        let migration = self.migration.iter();
        let migration = migration.map(|one| (&one.image, self.version_of_migration()));
        let jobs = self.jobs.iter();
        let jobs = jobs.map(|(name, one)| (&one.image, self.version_of_job(name)));
        let mut all = services.chain(migration).chain(jobs);
        all.find(|(image, _)| image.repository == *repository)
    }

    /// The version of every part's image, by the part's name.
    #[must_use]
    pub fn versions(&self) -> BTreeMap<&str, &Version> {
        let services = self.services.keys();
        let services = services.map(|name| (name.as_str(), self.version_of(name)));
        let migration = self.migration.iter();
        let migration = migration.map(|_| ("migration", self.version_of_migration()));
        let jobs = self.jobs.keys();
        let jobs = jobs.map(|name| (name.as_str(), self.version_of_job(name)));
        services.chain(migration).chain(jobs).collect()
    }

    /// The parts whose version is not the release's, by name.
    pub fn mixed(&self) -> impl Iterator<Item = (&str, &Version)> {
        let services = self.services.iter();
        let services =
            services.filter_map(|(name, one)| Some((name.as_str(), one.version.as_ref()?)));
        let migration = self.migration.iter().filter_map(|one| one.version.as_ref());
        let jobs = self.jobs.iter();
        let jobs = jobs.filter_map(|(name, one)| Some((name.as_str(), one.version.as_ref()?)));
        let migration = migration.map(|version| ("migration", version));
        services.chain(migration).chain(jobs)
    }
}
