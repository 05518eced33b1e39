//! The registry's state: push, move a tag, expire, look up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use serde_json::Value;

use super::image::Image;
use super::layers::Layers;
use super::lifecycle::{Lifecycle, Preview};
use super::manifest;
use super::mutability::TagRule;
use super::reference::Reference;
use super::registry::RegistryScanning;
use super::scan::ImageScan;
use crate::wire::Tags;
use crate::{ImageBlueprint, Millis, RepositoryBlueprint};

/// Every registry that tasks can pull from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ecr {
    /// By name; a foreign repository's name starts with its registry's host.
    repositories: BTreeMap<String, Repository>,
    #[serde(default)]
    pub(super) scanning: RegistryScanning,
    /// What scans find, by `repository@digest`; nothing in all others.
    #[serde(default)]
    pub(super) scripted_scans: BTreeMap<String, ImageScan>,
    /// The account settings that were put.
    #[serde(default)]
    pub(super) settings: BTreeMap<String, String>,
}

/// A repository and its images in push order, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Repository {
    pub(crate) created_at_ms: Millis,
    pub(crate) images: Vec<Image>,
    #[serde(default)]
    pub(super) tag_rule: TagRule,
    #[serde(default)]
    pub(super) scan_on_push: bool,
    /// encryptionConfiguration, where it was given.
    #[serde(default)]
    pub(super) encryption: Option<Value>,
    #[serde(default)]
    pub(super) tags: Tags,
    #[serde(default)]
    pub(super) policy: Option<String>,
    #[serde(default)]
    pub(super) lifecycle: Option<Lifecycle>,
    #[serde(default)]
    pub(super) preview: Option<Preview>,
    #[serde(default)]
    pub(super) layers: Layers,
}

impl Ecr {
    /// Creates a repository and pushes its images in order, one second apart.
    pub(crate) fn add_repository(&mut self, blueprint: &RepositoryBlueprint, now_ms: Millis) {
        let name = Reference::parse(&blueprint.name).repository;
        let repository = self.repositories.entry(name.to_owned()).or_default();
        repository.created_at_ms = now_ms;
        let newest = u64::try_from(blueprint.images.len()).unwrap_or(0);
        for (age, image) in (0..newest).rev().zip(&blueprint.images) {
            self.push(name, image, now_ms.saturating_sub(age * 1000));
        }
    }

    /// `docker push`: the newest image takes its tags from older ones, except for those that are immutable.
    pub(crate) fn push(&mut self, name: &str, image: &ImageBlueprint, now_ms: Millis) {
        let mut pushed = Image::pushed(name, image, now_ms);
        let repository = self.repositories.entry(name.to_owned()).or_default();
        pushed.tags.retain(|tag| {
            let holder = repository.find(Some(tag), None);
            let is_elsewhere = holder.is_some_and(|holder| holder.digest != pushed.digest);
            !(is_elsewhere && repository.tag_rule.is_fixed(tag))
        });
        repository.push(pushed);
    }

    /// The digest of an image that somebody has really pushed under one of these tags: with a manifest.
    pub(crate) fn pushed_digest(&self, name: &str, tags: &[String]) -> Option<&str> {
        let images = &self.repositories.get(name)?.images;
        let mut real = images.iter().filter(|image| image.manifest.is_some());
        let named = real.find(|image| tags.iter().any(|tag| image.has_tag(tag)));
        named.map(|image| image.digest.as_str())
    }

    /// A lifecycle policy expires the image that has this tag, with all its tags; false when there is none.
    pub(crate) fn expire(&mut self, repository: &str, tag: &str) -> bool {
        let Some(repository) = self.repositories.get_mut(repository) else {
            return false;
        };
        let before = repository.images.len();
        repository.images.retain(|image| !image.has_tag(tag));
        repository.images.len() < before
    }

    /// Resolves a whole reference as a container runtime does: a digest wins over a tag.
    pub(crate) fn image(&self, reference: &str) -> Option<&Image> {
        let reference = Reference::parse(reference);
        self.repositories
            .get(reference.repository)?
            .find(reference.tag, reference.digest)
    }

    /// Whether there is such a repository, here or in a foreign registry.
    pub(crate) fn has_repository(&self, name: &str) -> bool {
        self.repositories
            .contains_key(Reference::parse(name).repository)
    }

    /// A repository of this account by name; foreign registries answer no API here.
    pub(super) fn own(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name).filter(|_| !is_foreign(name))
    }

    /// A repository of somebody else's registry, by its whole name.
    pub(super) fn foreign(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name).filter(|_| is_foreign(name))
    }

    pub(super) fn foreign_names(&self) -> impl Iterator<Item = &String> {
        self.repositories.keys().filter(|name| is_foreign(name))
    }

    pub(super) fn add_own(&mut self, name: &str, repository: Repository) {
        self.repositories.insert(name.to_owned(), repository);
    }

    pub(super) fn remove_own(&mut self, name: &str) {
        self.repositories.remove(name);
    }

    pub(super) fn own_mut(&mut self, name: &str) -> Option<&mut Repository> {
        self.repositories
            .get_mut(name)
            .filter(|_| !is_foreign(name))
    }

    /// Every repository of this account.
    pub(super) fn all_own_mut(&mut self) -> impl Iterator<Item = &mut Repository> {
        let own = self.repositories.iter_mut();
        own.filter(|(name, _)| !is_foreign(name))
            .map(|(_, own)| own)
    }

    pub(super) fn own_names(&self) -> impl Iterator<Item = &String> {
        self.repositories.keys().filter(|name| !is_foreign(name))
    }
}

impl Repository {
    /// Adds an image, or replaces the one with its digest where it is; its tags leave all others.
    pub(super) fn push(&mut self, image: Image) {
        for older in &mut self.images {
            older.tags.retain(|tag| !image.tags.contains(tag));
        }
        match self
            .images
            .iter()
            .position(|older| older.digest == image.digest)
        {
            Some(place) => self.images[place] = image,
            None => self.images.push(image),
        }
    }

    /// Whether an image's index names this digest.
    pub(super) fn is_child(&self, digest: &str) -> bool {
        self.images
            .iter()
            .flat_map(manifest::children)
            .any(|child| child == digest)
    }

    /// By digest if there is one, else by tag.
    pub(super) fn find(&self, tag: Option<&str>, digest: Option<&str>) -> Option<&Image> {
        match (tag, digest) {
            (_, Some(digest)) => self.images.iter().find(|image| image.digest == digest),
            (Some(tag), None) => self.images.iter().find(|image| image.has_tag(tag)),
            (None, None) => None,
        }
    }
}

impl Image {
    pub(super) fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }
}

/// A registry host has a dot or a port; an ECR repository's first path segment never does here.
fn is_foreign(name: &str) -> bool {
    name.split_once('/')
        .is_some_and(|(host, _)| host.contains(['.', ':']))
}
