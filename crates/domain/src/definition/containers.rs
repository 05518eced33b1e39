//! The containers of a task definition: the only place that reads them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::Definition;

/// A container and its image, as the definition names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerImage<'d> {
    /// The container.
    pub name: &'d str,
    /// What it pulls: a reference with a tag, a digest, or neither.
    pub image: &'d str,
}

/// The containers of a task definition's document, which may be a template, in the order they are written in.
pub fn container_documents(document: &Value) -> impl Iterator<Item = &Value> {
    let containers = document.get("containerDefinitions");
    containers.and_then(Value::as_array).into_iter().flatten()
}

impl Definition {
    /// The containers that name an image, in the order they are written in.
    pub fn containers(&self) -> impl Iterator<Item = ContainerImage<'_>> {
        container_documents(&self.document).filter_map(|one| {
            let text = |member: &str| one.get(member).and_then(Value::as_str);
            Some(ContainerImage {
                name: text("name").unwrap_or_default(),
                image: text("image")?,
            })
        })
    }

    /// Whether an essential container has a health check: only then has the cloud an opinion of its tasks.
    #[must_use]
    pub fn has_health_check(&self) -> bool {
        container_documents(&self.document).any(|one| {
            let essential = one.get("essential").and_then(Value::as_bool);
            essential.unwrap_or(true) && one.get("healthCheck").is_some_and(Value::is_object)
        })
    }

    /// The images that its tasks pull.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.containers().map(|container| container.image)
    }

    /// Whether every image is pinned to a digest: tasks that start later run the same code.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        let mut images = self.images().peekable();
        images.peek().is_some() && images.all(|image| image.contains("@sha256:"))
    }

    /// Its images that no digest pins: what is pulled may be another one tomorrow.
    pub fn unpinned(&self) -> impl Iterator<Item = &str> {
        self.images().filter(|image| !image.contains("@sha256:"))
    }

    /// The same, with images pinned, by what is written.
    #[must_use]
    pub fn pinned(self, pins: &BTreeMap<String, String>) -> Self {
        if !self.images().any(|image| pins.contains_key(image)) {
            return self;
        }
        let mut document = self.document;
        let containers = document.get_mut("containerDefinitions");
        for container in containers
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let image = container.get("image").and_then(Value::as_str);
            let pinned = image.and_then(|image| pins.get(image)).cloned();
            if let (Some(pinned), Some(members)) = (pinned, container.as_object_mut()) {
                members.insert("image".to_owned(), Value::String(pinned));
            }
        }
        Self::new(document)
    }

    /// The digest of its image, when it has one container only: of several nobody can tell which is the app.
    #[must_use]
    pub fn only_digest(&self) -> Option<&str> {
        let mut images = self.images();
        let only = images.next().filter(|_| images.next().is_none())?;
        only.split_once('@').map(|(_, digest)| digest)
    }

    /// The image of this repository that it pins, of whatever container: a sidecar may come first. As
    /// `sha256:` and digits.
    #[must_use]
    pub fn digest_of(&self, repository: &str) -> Option<&str> {
        self.images().find_map(|image| {
            let (name, digest) = image.split_once('@')?;
            let name =
                name.rsplit_once(':')
                    .map_or(name, |(before, tag)| match tag.contains('/') {
                        true => name,
                        false => before,
                    });
            let ours = name == repository || name.strip_suffix(repository)?.ends_with('/');
            ours.then_some(digest)
        })
    }
}
