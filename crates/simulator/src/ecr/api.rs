//! ECR's API (ecs-semantics I [MODEL]).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::image::Image;
use super::list::{describe_images, list_images};
use super::manifest;
use super::put::put_image;
use super::read::batch_get_image;
use super::repositories::describe_repositories;
use super::store::Repository;
use crate::wire::{input, not_implemented, seconds};
use crate::{ApiError, World};

/// Serves one ECR operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "DescribeRepositories" => describe_repositories(world, &input(body)?),
        "DescribeImages" => describe_images(world, &input(body)?),
        "BatchGetImage" => batch_get_image(world, &input(body)?),
        "ListImages" => list_images(world, &input(body)?),
        "PutImage" => put_image(world, input(body)?),
        "GetAuthorizationToken" => Ok(authorization_token(world)),
        _ => Err(not_implemented(&format!("ecr.{operation}"))),
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImageId {
    pub(super) image_digest: Option<String>,
    pub(super) image_tag: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Filter {
    tag_status: Option<String>,
}

/// Both given must name the same image.
pub(super) fn find<'a>(repository: &'a Repository, id: &ImageId) -> Option<&'a Image> {
    let image = repository.find(id.image_tag.as_deref(), id.image_digest.as_deref())?;
    let tag_agrees = id.image_tag.as_deref().is_none_or(|tag| image.has_tag(tag));
    tag_agrees.then_some(image)
}

pub(super) fn passes(filter: Option<&Filter>, image: &Image) -> bool {
    match filter.and_then(|filter| filter.tag_status.as_deref()) {
        Some("TAGGED") => !image.tags.is_empty(),
        Some("UNTAGGED") => image.tags.is_empty(),
        _ => true,
    }
}

pub(super) fn image_json(world: &World, name: &str, image: &Image, tag: Option<&str>) -> Value {
    json!({
        "registryId": world.account,
        "repositoryName": name,
        "imageId": image_id(Some(&image.digest), tag),
        "imageManifest": manifest::index(image),
        "imageManifestMediaType": manifest::INDEX,
    })
}

pub(super) fn image_id(digest: Option<&str>, tag: Option<&str>) -> Value {
    let fields = [("imageDigest", digest), ("imageTag", tag)];
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn authorization_token(world: &World) -> Value {
    let World {
        account, region, ..
    } = world;
    json!({ "authorizationData": [{
        "authorizationToken": STANDARD.encode("AWS:simulated"),
        "expiresAt": seconds(world.now_ms + 12 * 3_600_000),
        "proxyEndpoint": format!("https://{account}.dkr.ecr.{region}.amazonaws.com"),
    }] })
}

pub(super) fn repository<'a>(world: &'a World, name: &str) -> Result<&'a Repository, ApiError> {
    world.ecr.own(name).ok_or_else(|| {
        let account = &world.account;
        ApiError::client(
            "RepositoryNotFoundException",
            format!("The repository with name '{name}' does not exist in the registry with id '{account}'"),
        )
    })
}
