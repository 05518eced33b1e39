//! The images of a version, as a build pipeline pushes them and as a registry has them.

use std::collections::{BTreeMap, BTreeSet};

use backstay_config::Configured;
use backstay_domain::release::{Images, ResolvedImage};
use backstay_domain::{Digest, Repository, Version};
use backstay_simulator::{ImageBlueprint, RepositoryBlueprint, image_digest};

use super::infrastructure::account;

/// The images that a version needs, by repository, as a build pipeline pushes them.
#[must_use]
pub fn pushed_images(
    configured: &Configured,
    version: &Version,
) -> Vec<(Repository, ImageBlueprint)> {
    let schema_head = configured
        .simulation
        .schema
        .as_ref()
        .map(|schema| schema.after.clone());
    let image = || ImageBlueprint {
        tags: vec![version.to_string()],
        platforms: vec!["linux/amd64".to_owned()],
        schema_head: schema_head.clone(),
    };
    names(configured)
        .into_iter()
        .map(|repository| (repository, image()))
        .collect()
}

fn names(configured: &Configured) -> BTreeSet<Repository> {
    let migration = configured
        .app
        .migration
        .iter()
        .map(|migration| migration.image.clone());
    configured
        .app
        .services
        .values()
        .map(|service| service.image.clone())
        .chain(migration)
        .collect()
}

pub(super) fn images(configured: &Configured, version: &Version) -> Images {
    let resolved = |repository: Repository| {
        let digest =
            Digest::parse(image_digest(repository.as_str(), &[version.to_string()])).ok()?;
        let reference = format!(
            "{}.dkr.ecr.{}.amazonaws.com/{repository}@{digest}",
            account(configured),
            configured.region
        );
        let platforms = vec!["linux/amd64".to_owned()];
        Some((
            repository.clone(),
            ResolvedImage {
                repository,
                digest,
                reference,
                platforms,
            },
        ))
    };
    Images {
        by_repository: names(configured).into_iter().filter_map(resolved).collect(),
    }
}

pub(super) fn repositories(both: &[&Configured], present: &Version) -> Vec<RepositoryBlueprint> {
    let mut found: BTreeMap<Repository, Vec<ImageBlueprint>> = BTreeMap::new();
    for configured in both {
        for repository in names(configured) {
            found.entry(repository).or_default();
        }
        for (repository, mut image) in pushed_images(configured, present) {
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
