//! ECR's API (ecs-semantics I [MODEL]): which operation is served where.

use serde_json::Value;

use super::{
    archive, create, delete_images, layers, lifecycle, list, login, mutability, put, read,
    referrers, registry, repositories, repository_policy, scan, tags,
};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::ecr::Ecr;
use crate::wire::input;

/// Serves one ECR operation.
pub(crate) fn call(
    here: &mut Here<'_, Ecr>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateRepository" => create::create(here, input(body)?),
        "DeleteRepository" => create::delete(here, &input(body)?),
        "DescribeRepositories" => repositories::describe_repositories(here, &input(body)?),
        "PutImageTagMutability" => mutability::put(here, input(body)?),
        "PutImageScanningConfiguration" => scan::put_configuration(here, &input(body)?),
        "DescribeImages" => list::describe_images(here, &input(body)?),
        "BatchGetImage" => read::batch_get_image(here, &input(body)?),
        "ListImages" => list::list_images(here, &input(body)?),
        "PutImage" => put::put_image(here, input(body)?),
        "BatchDeleteImage" => delete_images::batch_delete_image(here, &input(body)?),
        "UpdateImageStorageClass" => archive::update_storage_class(here, &input(body)?),
        "StartImageScan" => scan::start(here, &input(body)?),
        "DescribeImageScanFindings" => scan::describe_findings(here, &input(body)?),
        "PutLifecyclePolicy" => lifecycle::put(here, input(body)?),
        "GetLifecyclePolicy" => lifecycle::get(here, &input(body)?),
        "DeleteLifecyclePolicy" => lifecycle::delete(here, &input(body)?),
        "StartLifecyclePolicyPreview" => lifecycle::start_preview(here, input(body)?),
        "GetLifecyclePolicyPreview" => lifecycle::get_preview(here, &input(body)?),
        "SetRepositoryPolicy" => repository_policy::set(here, input(body)?),
        "GetRepositoryPolicy" => repository_policy::get(here, &input(body)?),
        "DeleteRepositoryPolicy" => repository_policy::delete(here, &input(body)?),
        "InitiateLayerUpload" => layers::initiate(here, &input(body)?),
        "UploadLayerPart" => layers::upload_part(here, &input(body)?),
        "CompleteLayerUpload" => layers::complete(here, &input(body)?),
        "BatchCheckLayerAvailability" => layers::check_availability(here, &input(body)?),
        "GetAuthorizationToken" => login::authorization_token(here, &input(body)?),
        "ListImageReferrers" => referrers::list(here, &input(body)?),
        "PutAccountSetting" => registry::put_setting(here, input(body)?),
        "GetAccountSetting" => registry::setting(here, &input(body)?),
        "DescribeRegistry" => registry::describe(here),
        "GetRegistryScanningConfiguration" => registry::scanning_configuration(here),
        "PutRegistryScanningConfiguration" => registry::put_scanning(here, input(body)?),
        "TagResource" => tags::tag(here, input(body)?),
        "UntagResource" => tags::untag(here, &input(body)?),
        "ListTagsForResource" => tags::list(here, &input(body)?),
        _ => Err(not_implemented(&format!("ecr.{operation}"))),
    }
}
