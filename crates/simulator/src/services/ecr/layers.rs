//! Layers, as they are there before PutImage: how large, for which platform; and the API's own uploads of them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::find::{OneRepository, invalid, repository, repository_mut};
use super::image::sha256;
use super::login::Pass;
use super::manifest;
use crate::ApiError;
use crate::base::base64_text;
use crate::base::here::Here;
use crate::services::ecr::Ecr;
use crate::wire::input;

/// What ECR asks clients to send at once.
const PART_BYTES: u64 = 20_971_520;
/// A layer that is longer is no image's configuration: nothing is read from it.
pub(crate) const LONGEST_CONFIGURATION: usize = 65_536;
/// The label with which a pushed image says which schema revision its migration arrives at, as a blueprint's image does.
const SCHEMA_HEAD_LABEL: &str = "backstay.simulator.schema-head";

/// A repository's layers and the uploads under way.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Layers {
    known: BTreeMap<String, Layer>,
    uploads: BTreeMap<String, Held>,
    /// What came through the API and nobody has taken to where layers lie.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    held: BTreeMap<String, Held>,
}

/// What is known of a layer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Layer {
    size_bytes: u64,
    platform: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schema_head: Option<String>,
}

/// Bytes that a here has itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Held(#[serde(with = "base64_text")] Bytes);

impl Layers {
    pub(super) fn have(&self, digests: &[String]) -> bool {
        digests.iter().all(|digest| self.known.contains_key(digest))
    }

    /// How long a layer is, if it is there.
    pub(super) fn size_of(&self, digest: &str) -> Option<u64> {
        self.known.get(digest).map(|layer| layer.size_bytes)
    }

    pub(super) fn size(&self, digests: &[String]) -> u64 {
        digests
            .iter()
            .filter_map(|digest| self.size_of(digest))
            .sum()
    }

    /// What an image's configuration says; `linux/amd64` where it says nothing.
    pub(super) fn platform(&self, configuration: &str) -> String {
        let known = self.known.get(configuration);
        let platform = known.and_then(|layer| layer.platform.clone());
        platform.unwrap_or_else(|| "linux/amd64".to_owned())
    }

    /// The schema revision that a configuration's label names.
    pub(super) fn schema_head(&self, configuration: &str) -> Option<String> {
        self.known.get(configuration)?.schema_head.clone()
    }

    /// Adds a layer. `start` is all of it, unless it is longer than a configuration can be.
    pub(super) fn add(&mut self, digest: &str, size_bytes: u64, start: &[u8]) {
        let configuration: Value = match start.len() as u64 == size_bytes {
            true => serde_json::from_slice(start).unwrap_or_default(),
            false => Value::Null,
        };
        let label = configuration.pointer(&format!("/config/Labels/{SCHEMA_HEAD_LABEL}"));
        let layer = Layer {
            size_bytes,
            platform: manifest::platform(&configuration),
            schema_head: label.and_then(Value::as_str).map(str::to_owned),
        };
        self.known.insert(digest.to_owned(), layer);
    }

    pub(super) fn get(&self, digest: &str) -> Option<&Layer> {
        self.known.get(digest)
    }

    /// The same layer as in another repository.
    pub(super) fn mount(&mut self, digest: &str, layer: Layer) {
        self.known.insert(digest.to_owned(), layer);
    }

    /// The digests of all layers.
    pub(super) fn digests(&self) -> impl Iterator<Item = &String> {
        self.known.keys()
    }

    /// What the API was given and lies only here.
    pub(super) fn held(&self) -> impl Iterator<Item = (&String, &Bytes)> {
        self.held
            .iter()
            .map(|(digest, Held(bytes))| (digest, bytes))
    }

    /// Keeps these, and no others.
    pub(super) fn keep(&mut self, used: &BTreeSet<String>) {
        self.known.retain(|digest, _| used.contains(digest));
        self.held.retain(|digest, _| used.contains(digest));
    }

    /// It lies elsewhere now.
    pub(super) fn let_go(&mut self, digest: &str) {
        self.held.remove(digest);
    }
}

pub(super) fn initiate(
    here: &mut Here<'_, Ecr>,
    request: &OneRepository,
) -> Result<Value, ApiError> {
    repository(here, &request.repository_name)?;
    let id = here.random.uuid();
    let layers = &mut repository_mut(here, &request.repository_name)?.layers;
    layers.uploads.insert(id.clone(), Held::default());
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
pub(super) fn upload_part(
    here: &mut Here<'_, Ecr>,
    request: &UploadLayerPart,
) -> Result<Value, ApiError> {
    let account = here.account;
    let (name, id) = (&request.repository_name, &request.upload_id);
    let layers = &mut repository_mut(here, name)?.layers;
    let upload = layers
        .uploads
        .get_mut(id)
        .ok_or_else(|| upload_missing(name, id, account))?;
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
    here: &mut Here<'_, Ecr>,
    request: &CompleteLayerUpload,
) -> Result<Value, ApiError> {
    let account = here.account;
    let (name, id) = (&request.repository_name, &request.upload_id);
    let layers = &mut repository_mut(here, name)?.layers;
    let Some(Held(bytes)) = layers.uploads.get(id) else {
        return Err(upload_missing(name, id, account));
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
    let bytes = bytes.clone();
    let start = bytes.get(..bytes.len().min(LONGEST_CONFIGURATION));
    layers.uploads.remove(id);
    layers.add(&digest, bytes.len() as u64, start.unwrap_or_default());
    layers.held.insert(digest.clone(), Held(bytes));
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
    here: &Here<'_, Ecr>,
    request: &BatchCheckLayerAvailability,
) -> Result<Value, ApiError> {
    let layers = &repository(here, &request.repository_name)?.layers;
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetDownloadUrlForLayer {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    layer_digest: String,
}

/// "The pre-signed Amazon S3 download URL for the requested layer" [MODEL]; here it leads to the server that was asked.
pub(crate) fn download_url(
    here: &Here<'_, Ecr>,
    body: &Value,
    host: &str,
) -> Result<Value, ApiError> {
    let request: GetDownloadUrlForLayer = input(body)?;
    let (name, digest) = (&request.repository_name, &request.layer_digest);
    if repository(here, name)?.layers.size_of(digest).is_none() {
        return Err(ApiError::client(
            "LayersNotFoundException",
            "The specified layers could not be found, or the specified layer is not valid for this repository.",
        ));
    }
    let token = Pass::to_fetch(here);
    let token = utf8_percent_encode(&token, NON_ALPHANUMERIC);
    Ok(json!({
        "downloadUrl": format!("http://{host}/v2/{name}/blobs/{digest}?{FETCH_TOKEN}={token}"),
        "layerDigest": digest,
    }))
}

/// The parameter with the token of a URL that fetches a layer.
pub(crate) const FETCH_TOKEN: &str = "X-Backstay-Token";
