//! Registries that are not this account's, as they answer: the images that were pushed there, and those that everybody has.

use super::distribution::Manifest;
use super::image::Image;
use super::manifest;
use super::state::Repository;
use crate::services::ecr::Ecr;
use crate::{ImageBlueprint, Millis};

/// Docker Hub, and the host that its protocol is spoken at.
const HUB: &str = "docker.io";
const HUBS: [&str; 3] = [HUB, "registry-1.docker.io", "index.docker.io"];

/// Where images of repositories that nobody pushed to run.
const PLATFORMS: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// Why a registry does not give a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoManifest {
    /// The repository has none that is called so.
    Unknown,
    /// There is no such repository.
    NoRepository,
}

impl Ecr {
    /// Whether images were pushed to a registry at this host.
    pub(crate) fn has_registry(&self, host: &str) -> bool {
        let at = |name: &String| {
            let rest = name.strip_prefix(host_of_names(host));
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        self.foreign_names().any(at)
    }

    /// The manifest of a foreign registry's image, by tag or digest.
    pub(crate) fn foreign_manifest(
        &self,
        (host, name): (&str, &str),
        reference: &str,
        now_ms: Millis,
    ) -> Result<Manifest, NoManifest> {
        let repository = self.at(host, name).ok_or(NoManifest::NoRepository)?;
        let (tag, digest) = match reference.contains(':') {
            true => (None, Some(reference)),
            false => (Some(reference), None),
        };
        let image = repository.find(tag, digest);
        let image = image.filter(|image| image.is_pullable(now_ms));
        image.map(given).ok_or(NoManifest::Unknown)
    }

    /// By the names that people may write for it.
    fn at(&self, host: &str, name: &str) -> Option<&Repository> {
        let host = host_of_names(host);
        let short = name.strip_prefix("library/").filter(|_| host == HUB);
        let mut names = std::iter::once(name).chain(short);
        names.find_map(|name| self.foreign(&format!("{host}/{name}")))
    }
}

/// The manifest of an image that everybody has: what is called the same is the same.
pub(crate) fn public_manifest((host, name): (&str, &str), reference: &str) -> Manifest {
    let blueprint = ImageBlueprint {
        tags: vec![reference.to_owned()],
        platforms: PLATFORMS.map(str::to_owned).to_vec(),
        schema_head: None,
    };
    let mut image = Image::pushed(&format!("{host}/{name}"), &blueprint, 0);
    if reference.contains(':') {
        reference.clone_into(&mut image.digest);
    }
    given(&image)
}

fn given(image: &Image) -> Manifest {
    Manifest {
        digest: image.digest.clone(),
        media_type: manifest::media_type(image).to_owned(),
        text: manifest::text(image),
    }
}

/// As it stands in the names of images.
fn host_of_names(host: &str) -> &str {
    match HUBS.contains(&host) {
        true => HUB,
        false => host,
    }
}
