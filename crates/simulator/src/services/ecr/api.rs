//! ECR's API (ecs-semantics I [MODEL]): which operation is served where.

use serde_json::Value;

use super::{
    archive, create, delete_images, layers, lifecycle, list, login, mutability, put, read,
    referrers, registry, repositories, repository_policy, scan, tags,
};
use crate::base::not_implemented;
use crate::wire::input;
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
