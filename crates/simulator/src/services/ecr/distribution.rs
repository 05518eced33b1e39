//! What Docker's registry protocol does to repositories: the same images, layers and rules as behind ECR's API.
//!
//! It knows no HTTP and no bytes of layers: those lie where the server keeps them.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Value, json};

use super::delete_images;
use super::find::{ImageId, find, repository, repository_mut};
use super::image::{Image, sha256};
use super::manifest::{self, Parsed};
use super::put::{PutImage, put_image};
use super::{referrers, registry};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;

/// What a manifest is called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called<'a> {
    Tag(&'a str),
    Digest(&'a str),
}

/// A manifest as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) digest: String,
    pub(crate) media_type: String,
    pub(crate) text: String,
}

/// What a manifest became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Put {
    pub(crate) digest: String,
    /// The manifest that it is about.
    pub(crate) subject: Option<String>,
}

/// The kinds of manifests ECR takes ([DOC], "Container image manifest format support"); Docker's schema 1 is not served here.
const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest::MANIFEST,
    manifest::INDEX,
];

/// Gives a manifest; `Requested image not found` are ECR's words [MEM].
pub(crate) fn manifest(
    here: &Here<'_, Ecr>,
    name: &str,
    called: Called<'_>,
) -> Result<Manifest, ApiError> {
    let image = named(here, name, called)?;
    let Some(pushed) = &image.manifest else {
        return Err(unknown(
            "the simulator made this image for a blueprint or its control API: it has a digest and no content. Push it with docker \
             to pull it",
        ));
    };
    if !image.is_pullable(here.now_ms) {
        return Err(unknown("Requested image is archived"));
    }
    Ok(Manifest {
        digest: image.digest.clone(),
        media_type: pushed.media_type.clone(),
        text: pushed.text.clone(),
    })
}

/// Takes a manifest. One that is there already is no error, as it is behind the API.
pub(crate) fn put(
    here: &mut Here<'_, Ecr>,
    name: &str,
    called: Called<'_>,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Put, ApiError> {
    repository(here, name)?;
    let text = std::str::from_utf8(body).map_err(|_| invalid("it is no UTF-8"))?;
    let parsed = Parsed::read(text);
    let media_type = media_type(content_type, &parsed)?;
    if parsed.layers.is_empty() && parsed.children.is_empty() {
        return Err(invalid("it names no configuration and no manifests"));
    }
    let digest = sha256(body);
    let request = PutImage::of_docker(name, text, media_type);
    let request = match called {
        Called::Tag(tag) => request.tagged(tag),
        Called::Digest(claimed) if claimed == digest => request,
        Called::Digest(_) => {
            return Err(ApiError::client(
                "ImageDigestDoesNotMatchException",
                "The specified image digest does not match the digest that Amazon ECR calculated for the image.",
            ));
        }
    };
    match put_image(here, request) {
        Err(error) if error.code != "ImageAlreadyExistsException" => Err(error),
        Ok(_) | Err(_) => Ok(Put {
            digest,
            subject: parsed.subject,
        }),
    }
}

/// What a manifest is: its Content-Type and its own word agree, where there are both ([SPEC], OCI distribution, "Pushing Manifests").
fn media_type<'a>(content_type: Option<&'a str>, parsed: &'a Parsed) -> Result<&'a str, ApiError> {
    let told = content_type.map(|told| told.split(';').next().unwrap_or(told).trim());
    let own = parsed.media_type.as_deref();
    match (told, own) {
        (Some(told), Some(own)) if told != own => Err(invalid(format!(
            "it is sent as {told} and says it is {own}"
        ))),
        (told, own) => {
            let kind = told.or(own).unwrap_or(manifest::MANIFEST);
            let known = MEDIA_TYPES.contains(&kind);
            known
                .then_some(kind)
                .ok_or_else(|| invalid(format!("{kind} is no manifest that is served here")))
        }
    }
}

/// Deletes a manifest, or a tag of it, as BatchDeleteImage does.
pub(crate) fn delete(
    here: &mut Here<'_, Ecr>,
    name: &str,
    called: Called<'_>,
) -> Result<(), ApiError> {
    named(here, name, called)?;
    let own = repository_mut(here, name)?;
    match delete_images::delete(own, &id(called)) {
        Ok(_) => Ok(()),
        Err(_) => Err(super::find::invalid(
            "Requested image referenced by manifest list",
        )),
    }
}

/// The id of a new upload into a repository.
pub(crate) fn new_upload(here: &mut Here<'_, Ecr>, name: &str) -> Result<String, ApiError> {
    repository(here, name)?;
    Ok(here.random.uuid())
}

/// How long a layer of a repository is.
pub(crate) fn layer(here: &Here<'_, Ecr>, name: &str, digest: &str) -> Result<u64, ApiError> {
    let size = repository(here, name)?.layers.size_of(digest);
    size.ok_or_else(|| {
        ApiError::client(
            "LayersNotFoundException",
            "The specified layers could not be found, or the specified layer is not valid for this repository.",
        )
    })
}

/// A repository has a layer from now on. `start` is all of it, unless it is too long to be a configuration.
pub(crate) fn add_layer(
    here: &mut Here<'_, Ecr>,
    name: &str,
    digest: &str,
    size_bytes: u64,
    start: &[u8],
) -> Result<(), ApiError> {
    repository_mut(here, name)?
        .layers
        .add(digest, size_bytes, start);
    Ok(())
}

/// Mounts a layer of another repository: if the account has it enabled, both are encrypted alike ([DOC], blob mounting), and an image
/// there uses it ([OBS], aws/containers-roadmap 2860).
pub(crate) fn mount(
    here: &mut Here<'_, Ecr>,
    name: &str,
    digest: &str,
    from: &str,
) -> Result<bool, ApiError> {
    let own = repository(here, name)?;
    let Some(other) = here.own.own(from).filter(|_| registry::mounts(here)) else {
        return Ok(false);
    };
    let used = other
        .images
        .iter()
        .any(|image| layers_of(image).iter().any(|one| one == digest));
    if !used || own.encryption != other.encryption {
        return Ok(false);
    }
    let Some(layer) = other.layers.get(digest).cloned() else {
        return Ok(false);
    };
    repository_mut(here, name)?.layers.mount(digest, layer);
    Ok(true)
}

/// Every tag, in lexical order.
pub(crate) fn tags(here: &Here<'_, Ecr>, name: &str) -> Result<Vec<String>, ApiError> {
    let images = repository(here, name)?.images.iter();
    let tags: BTreeSet<String> = images.flat_map(|image| image.tags.clone()).collect();
    Ok(tags.into_iter().collect())
}

/// Every repository, in lexical order.
pub(crate) fn repositories(here: &Here<'_, Ecr>) -> Vec<String> {
    here.own.own_names().cloned().collect()
}

/// What was pushed about a manifest, as an index; one kind of it when it is asked for.
pub(crate) fn referrers(
    here: &Here<'_, Ecr>,
    name: &str,
    digest: &str,
    kind: Option<&str>,
) -> Result<Value, ApiError> {
    let found = referrers::of(repository(here, name)?, digest).map(referrers::descriptor);
    let wanted = |one: &Value| kind.is_none_or(|kind| one["artifactType"] == kind);
    let found: Vec<Value> = found.filter(wanted).collect();
    Ok(json!({ "schemaVersion": 2, "mediaType": manifest::INDEX, "manifests": found }))
}

fn id(called: Called<'_>) -> ImageId {
    let (tag, digest) = match called {
        Called::Tag(tag) => (Some(tag), None),
        Called::Digest(digest) => (None, Some(digest)),
    };
    ImageId {
        image_digest: digest.map(str::to_owned),
        image_tag: tag.map(str::to_owned),
    }
}

fn named<'a>(
    here: &'a Here<'_, Ecr>,
    name: &str,
    called: Called<'_>,
) -> Result<&'a Image, ApiError> {
    let found = find(repository(here, name)?, &id(called));
    found.ok_or_else(|| unknown("Requested image not found"))
}

fn unknown(message: &str) -> ApiError {
    ApiError::client("ImageNotFoundException", message)
}

/// A manifest that no rule of the API would look at.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ManifestInvalid", message)
}

fn layers_of(image: &Image) -> Vec<String> {
    let pushed = image.manifest.as_ref();
    pushed.map_or_else(Vec::new, |pushed| Parsed::read(&pushed.text).layers)
}

impl Ecr {
    /// The digests of all layers of all repositories.
    pub(crate) fn all_layers(&self) -> BTreeSet<String> {
        let own = self.own_names().filter_map(|name| self.own(name));
        own.flat_map(|own| own.layers.digests().cloned()).collect()
    }

    /// Layers whose bytes came through the API and lie in this here only.
    pub(crate) fn held_layers(&self) -> Vec<(String, Bytes)> {
        let own = self.own_names().filter_map(|name| self.own(name));
        let held = own.flat_map(|own| own.layers.held());
        held.map(|(digest, bytes)| (digest.clone(), bytes.clone()))
            .collect()
    }

    /// The bytes of a layer lie elsewhere now.
    pub(crate) fn let_go_of_layer(&mut self, digest: &str) {
        for own in self.all_own_mut() {
            own.layers.let_go(digest);
        }
    }

    /// Layers that no image uses are gone, as ECR does some time after the last image that used them.
    pub(crate) fn forget_unused_layers(&mut self) {
        for own in self.all_own_mut() {
            let used: BTreeSet<String> = own.images.iter().flat_map(layers_of).collect();
            own.layers.keep(&used);
        }
    }
}
