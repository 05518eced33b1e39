//! Layers, as `docker push` uploads them before PutImage: what is there, how large, and for which platform.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::{OneRepository, invalid, repository, repository_mut};
use super::image::sha256;
use super::manifest;
use crate::s3::base64_text;
use crate::{ApiError, World};

/// What ECR asks clients to send at once.
const PART_BYTES: u64 = 20_971_520;
/// Of a layer that is longer, only digest and size are kept: an image's configuration is shorter.
const KEPT_BYTES: usize = 65_536;

/// A repository's layers and the uploads under way.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Layers {
    known: BTreeMap<String, Layer>,
    uploads: BTreeMap<String, Upload>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Layer {
    size_bytes: u64,
    platform: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Upload(#[serde(with = "base64_text")] Bytes);

impl Layers {
    pub(super) fn have(&self, digests: &[String]) -> bool {
        digests.iter().all(|digest| self.known.contains_key(digest))
    }

    pub(super) fn size(&self, digests: &[String]) -> u64 {
        let layers = digests.iter().filter_map(|digest| self.known.get(digest));
        layers.map(|layer| layer.size_bytes).sum()
    }

    /// What an image's configuration says; `linux/amd64` where it says nothing.
    pub(super) fn platform(&self, configuration: &str) -> String {
        let known = self.known.get(configuration);
        let platform = known.and_then(|layer| layer.platform.clone());
        platform.unwrap_or_else(|| "linux/amd64".to_owned())
    }
}

pub(super) fn initiate(world: &mut World, request: &OneRepository) -> Result<Value, ApiError> {
    repository(world, &request.repository_name)?;
    let id = world.draw_uuid();
    let layers = &mut repository_mut(world, &request.repository_name)?.layers;
    layers.uploads.insert(id.clone(), Upload::default());
    Ok(json!({ "uploadId": id, "partSize": PART_BYTES }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UploadLayerPart {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    upload_id: String,
    part_first_byte: u64,
    part_last_byte: u64,
    layer_part_blob: String,
}

/// Parts come in order, each where the one before it ended.
pub(super) fn upload_part(world: &mut World, request: &UploadLayerPart) -> Result<Value, ApiError> {
    let account = world.account.clone();
    let (name, id) = (&request.repository_name, &request.upload_id);
    let layers = &mut repository_mut(world, name)?.layers;
    let upload = layers
        .uploads
        .get_mut(id)
        .ok_or_else(|| upload_missing(name, id, &account))?;
    let part = STANDARD
        .decode(&request.layer_part_blob)
        .map_err(|error| invalid(format!("layerPartBlob: {error}")))?;
    let (received, length) = (upload.0.len() as u64, part.len() as u64);
    let ends = request.part_first_byte.checked_add(length);
    if request.part_first_byte != received || ends != request.part_last_byte.checked_add(1) {
        return Err(ApiError::client(
            "InvalidLayerPartException",
            format!(
                "Layer part starting at {} does not follow the {received} bytes received in upload '{id}'",
                request.part_first_byte
            ),
        ));
    }
    upload.0 = [upload.0.as_ref(), &part].concat().into();
    Ok(json!({
        "registryId": account,
        "repositoryName": name,
        "uploadId": id,
        "lastByteReceived": request.part_last_byte,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CompleteLayerUpload {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    upload_id: String,
    layer_digests: Vec<String>,
}

pub(super) fn complete(
    world: &mut World,
    request: &CompleteLayerUpload,
) -> Result<Value, ApiError> {
    let account = world.account.clone();
    let (name, id) = (&request.repository_name, &request.upload_id);
    let layers = &mut repository_mut(world, name)?.layers;
    let Some(Upload(bytes)) = layers.uploads.get(id) else {
        return Err(upload_missing(name, id, &account));
    };
    if bytes.is_empty() {
        return Err(ApiError::client(
            "EmptyUploadException",
            format!("Upload with id '{id}' does not contain any layer parts"),
        ));
    }
    let digest = sha256(bytes);
    if !request.layer_digests.contains(&digest) {
        return Err(ApiError::client(
            "InvalidLayerException",
            "Layer digests do not match the calculated digest of the uploaded layer",
        ));
    }
    if layers.known.contains_key(&digest) {
        return Err(ApiError::client(
            "LayerAlreadyExistsException",
            format!(
                "Layer with digest '{digest}' already exists in the repository with name '{name}'"
            ),
        ));
    }
    let kept = bytes.get(..bytes.len().min(KEPT_BYTES)).unwrap_or_default();
    let configuration: Value = serde_json::from_slice(kept).unwrap_or_default();
    let layer = Layer {
        size_bytes: bytes.len() as u64,
        platform: manifest::platform(&configuration),
    };
    layers.uploads.remove(id);
    layers.known.insert(digest.clone(), layer);
    Ok(json!({
        "registryId": account,
        "repositoryName": name,
        "uploadId": id,
        "layerDigest": digest,
    }))
}

fn upload_missing(name: &str, id: &str, account: &str) -> ApiError {
    ApiError::client(
        "UploadNotFoundException",
        format!(
            "Upload with id '{id}' does not exist in the repository with name '{name}' in the registry with id '{account}'"
        ),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BatchCheckLayerAvailability {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    layer_digests: Vec<String>,
}

pub(super) fn check_availability(
    world: &World,
    request: &BatchCheckLayerAvailability,
) -> Result<Value, ApiError> {
    let layers = &repository(world, &request.repository_name)?.layers;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for digest in &request.layer_digests {
        match layers.known.get(digest) {
            _ if !digest.starts_with("sha256:") => failures.push(json!({
                "layerDigest": digest,
                "failureCode": "InvalidLayerDigest",
                "failureReason": "Invalid layer digest",
            })),
            Some(layer) => found.push(json!({
                "layerDigest": digest,
                "layerAvailability": "AVAILABLE",
                "layerSize": layer.size_bytes,
            })),
            None => {
                found.push(json!({ "layerDigest": digest, "layerAvailability": "UNAVAILABLE" }))
            }
        }
    }
    Ok(json!({ "layers": found, "failures": failures }))
}
