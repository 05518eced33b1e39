//! The images of a version, as a build pipeline pushes them and as a registry has them.

use std::collections::{BTreeMap, BTreeSet};

use backstay_adapters::aws::Owner;
use backstay_config::Configured;
use backstay_domain::build::platform;
use backstay_domain::release::{Images, ResolvedImage};
use backstay_domain::versions::Versions;
use backstay_domain::{Digest, Repository, Version};
use backstay_simulator::{ImageBlueprint, RepositoryBlueprint, image_digest, registry_host};

use super::infrastructure::account;

/// The images that a release needs, by repository, as a build pipeline pushes them.
#[must_use]
pub fn pushed_images(
    configured: &Configured,
    versions: &Versions,
) -> Vec<(Repository, ImageBlueprint)> {
    let schema_head = configured
        .simulation
        .schema
        .as_ref()
        .map(|schema| schema.after.clone());
    let image = |version: &Version, platforms: BTreeSet<String>| ImageBlueprint {
        tags: vec![version.to_string()],
        platforms: platforms.into_iter().collect(),
        schema_head: schema_head.clone(),
    };
    platforms(configured)
        .into_iter()
        .filter(|(repository, _)| versions.is_built(repository))
        .map(|(repository, platforms)| {
            let made = image(versions.of(&repository), platforms);
            (repository, made)
        })
        .collect()
}

/// Every image with the platforms that the task definitions which name it run on.
fn platforms(configured: &Configured) -> BTreeMap<Repository, BTreeSet<String>> {
    let app = &configured.app;
    let services = app.services.values();
    let services = services.map(|service| (&service.image, &service.definition));
    let migration = app.migration.iter();
    let migration = migration.map(|migration| (&migration.image, &migration.definition));
    let mut found: BTreeMap<Repository, BTreeSet<String>> = BTreeMap::new();
    let jobs = app.jobs.values().map(|job| (&job.image, &job.definition));
    for (image, definition) in services.chain(migration).chain(jobs) {
        let platforms = found.entry(image.clone()).or_default();
        platforms.insert(platform(&definition.0));
    }
    found
}

pub(super) fn images(configured: &Configured, version: &Version) -> Images {
    let resolved = |(repository, platforms): (Repository, BTreeSet<String>)| {
        let own = registry_host(account(configured), &configured.region);
        let whole = repository.as_str();
        // A whole name is the address; in ECR an image is known by what comes after the host.
        let (name, address) = match Owner::of(&repository) {
            Owner::Ecr {
                name,
                account: None,
                ..
            } => (name, format!("{own}/{whole}")),
            Owner::Ecr { name, .. } => (name, whole.to_owned()),
            Owner::Other { .. } => (whole.to_owned(), whole.to_owned()),
        };
        let digest = Digest::parse(image_digest(&name, &[version.to_string()])).ok()?;
        let reference = format!("{address}@{digest}");
        Some((
            repository.clone(),
            ResolvedImage {
                repository,
                digest,
                reference,
                platforms: platforms.into_iter().collect(),
            },
        ))
    };
    Images {
        by_repository: platforms(configured)
            .into_iter()
            .filter_map(resolved)
            .collect(),
        versions: BTreeMap::new(),
        pins: BTreeMap::new(),
    }
}

pub(super) fn repositories(both: &[&Configured], present: &Version) -> Vec<RepositoryBlueprint> {
    let mut found: BTreeMap<Repository, Vec<ImageBlueprint>> = BTreeMap::new();
    for configured in both {
        for (repository, mut image) in pushed_images(configured, &Versions::same(present.clone())) {
            image.schema_head = configured
                .simulation
                .schema
                .as_ref()
                .map(|schema| schema.before.clone());
            let images = found.entry(repository).or_default();
            if !images.contains(&image) {
                images.push(image);
            }
        }
    }
    found
        .into_iter()
        .map(|(name, images)| RepositoryBlueprint {
            name: name.to_string(),
            images,
        })
        .collect()
}
