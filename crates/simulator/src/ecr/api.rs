//! ECR's API (ecs-semantics I [MODEL]): the dispatcher and what its operations share.

use serde::Deserialize;
use serde_json::{Value, json};

use super::image::Image;
use super::store::Repository;
use super::{
    archive, create, delete_images, layers, lifecycle, list, login, manifest, mutability, put,
    read, referrers, registry, repositories, repository_policy, scan, tags,
};
use crate::wire::{input, not_implemented};
use crate::{ApiError, World};

/// Serves one ECR operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateRepository" => create::create(world, input(body)?),
        "DeleteRepository" => create::delete(world, &input(body)?),
        "DescribeRepositories" => repositories::describe_repositories(world, &input(body)?),
        "PutImageTagMutability" => mutability::put(world, input(body)?),
        "PutImageScanningConfiguration" => scan::put_configuration(world, &input(body)?),
        "DescribeImages" => list::describe_images(world, &input(body)?),
        "BatchGetImage" => read::batch_get_image(world, &input(body)?),
        "ListImages" => list::list_images(world, &input(body)?),
        "PutImage" => put::put_image(world, input(body)?),
        "BatchDeleteImage" => delete_images::batch_delete_image(world, &input(body)?),
        "UpdateImageStorageClass" => archive::update_storage_class(world, &input(body)?),
        "StartImageScan" => scan::start(world, &input(body)?),
        "DescribeImageScanFindings" => scan::describe_findings(world, &input(body)?),
        "PutLifecyclePolicy" => lifecycle::put(world, input(body)?),
        "GetLifecyclePolicy" => lifecycle::get(world, &input(body)?),
        "DeleteLifecyclePolicy" => lifecycle::delete(world, &input(body)?),
        "StartLifecyclePolicyPreview" => lifecycle::start_preview(world, input(body)?),
        "GetLifecyclePolicyPreview" => lifecycle::get_preview(world, &input(body)?),
        "SetRepositoryPolicy" => repository_policy::set(world, input(body)?),
        "GetRepositoryPolicy" => repository_policy::get(world, &input(body)?),
        "DeleteRepositoryPolicy" => repository_policy::delete(world, &input(body)?),
        "InitiateLayerUpload" => layers::initiate(world, &input(body)?),
        "UploadLayerPart" => layers::upload_part(world, &input(body)?),
        "CompleteLayerUpload" => layers::complete(world, &input(body)?),
        "BatchCheckLayerAvailability" => layers::check_availability(world, &input(body)?),
        "GetAuthorizationToken" => login::authorization_token(world, &input(body)?),
        "ListImageReferrers" => referrers::list(world, &input(body)?),
        "PutAccountSetting" => registry::put_setting(world, input(body)?),
        "GetAccountSetting" => registry::setting(world, &input(body)?),
        "DescribeRegistry" => registry::describe(world),
        "GetRegistryScanningConfiguration" => registry::scanning_configuration(world),
        "PutRegistryScanningConfiguration" => registry::put_scanning(world, input(body)?),
        "TagResource" => tags::tag(world, input(body)?),
        "UntagResource" => tags::untag(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        _ => Err(not_implemented(&format!("ecr.{operation}"))),
    }
}

/// The input of operations on a whole repository.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneRepository {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    pub(super) repository_name: String,
}

/// The input of operations on one image.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImageId {
    pub(super) image_digest: Option<String>,
    pub(super) image_tag: Option<String>,
}

/// Both given must name the same image.
pub(super) fn find<'a>(repository: &'a Repository, id: &ImageId) -> Option<&'a Image> {
    let image = repository.find(id.image_tag.as_deref(), id.image_digest.as_deref())?;
    let tag_agrees = id.image_tag.as_deref().is_none_or(|tag| image.has_tag(tag));
    tag_agrees.then_some(image)
}

/// As [`find`]; ImageNotFoundException otherwise.
pub(super) fn named<'a>(
    world: &World,
    name: &str,
    repository: &'a Repository,
    id: &ImageId,
) -> Result<&'a Image, ApiError> {
    find(repository, id).ok_or_else(|| {
        let digest = id.image_digest.as_deref().unwrap_or("null");
        let tag = id.image_tag.as_deref().unwrap_or("null");
        ApiError::client(
            "ImageNotFoundException",
            format!(
                "The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository \
                 with name '{name}' in the registry with id '{}'",
                world.account
            ),
        )
    })
}

pub(super) fn image_json(world: &World, name: &str, image: &Image, tag: Option<&str>) -> Value {
    json!({
        "registryId": world.account,
        "repositoryName": name,
        "imageId": image_id(Some(&image.digest), tag),
        "imageManifest": manifest::text(image),
        "imageManifestMediaType": manifest::media_type(image),
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

pub(super) fn repository<'a>(world: &'a World, name: &str) -> Result<&'a Repository, ApiError> {
    let missing = || repository_missing(name, &world.account);
    world.ecr.own(name).ok_or_else(missing)
}

pub(super) fn repository_mut<'a>(
    world: &'a mut World,
    name: &str,
) -> Result<&'a mut Repository, ApiError> {
    let account = &world.account;
    world
        .ecr
        .own_mut(name)
        .ok_or_else(|| repository_missing(name, account))
}

fn repository_missing(name: &str, account: &str) -> ApiError {
    ApiError::client(
        "RepositoryNotFoundException",
        format!(
            "The repository with name '{name}' does not exist in the registry with id '{account}'"
        ),
    )
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}
