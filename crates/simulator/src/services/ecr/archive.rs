//! UpdateImageStorageClass: into the archive at once, and back after a while.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{ImageId, image_id, named, repository, repository_mut};
use super::image::Storage;
use crate::ApiError;
use crate::base::here::Here;
use crate::base::timings::IMAGE_ACTIVATION;
use crate::services::ecr::Ecr;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateImageStorageClass {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_id: ImageId,
    target_storage_class: StorageClass,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StorageClass {
    Standard,
    Archive,
}

pub(super) fn update_storage_class(
    here: &mut Here<'_, Ecr>,
    request: &UpdateImageStorageClass,
) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let image = named(here, name, repository(here, name)?, &request.image_id)?;
    let (digest, now_ms) = (image.digest.clone(), here.now_ms);
    let storage = match (request.target_storage_class, image.status(now_ms)) {
        (StorageClass::Archive, "ACTIVE") => Storage::Archived { at_ms: now_ms },
        (StorageClass::Standard, "ARCHIVED") => Storage::Activating {
            until_ms: now_ms + IMAGE_ACTIVATION.draw(here.weather, here.random),
        },
        (StorageClass::Standard | StorageClass::Archive, _) => {
            return Err(ApiError::client(
                "ImageStorageClassUpdateNotSupportedException",
                "The requested image storage class update is not supported.",
            ));
        }
    };
    let repository = repository_mut(here, name)?;
    let image = repository
        .images
        .iter_mut()
        .find(|image| image.digest == digest);
    let status = image.map(|image| {
        image.storage = storage;
        image.status(now_ms)
    });
    Ok(json!({
        "registryId": here.account,
        "repositoryName": name,
        "imageId": image_id(Some(&digest), request.image_id.image_tag.as_deref()),
        "imageStatus": status,
    }))
}
