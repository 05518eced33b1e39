//! Image manifests. A blueprint's image always has an OCI image index, so that its platforms can be read from it.

use serde_json::{Value, json};

use super::image::{Image, sha256};

pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The manifest of an image, as it was pushed or made up; equal images have equal text, other images another.
pub(super) fn text(image: &Image) -> String {
    match &image.manifest {
        Some(pushed) => pushed.text.clone(),
        None => index(image),
    }
}

pub(super) fn media_type(image: &Image) -> &str {
    match &image.manifest {
        Some(pushed) => &pushed.media_type,
        None => INDEX,
    }
}

/// artifactMediaType of DescribeImages [MODEL]: what kind of artifact a pushed manifest is.
pub(super) fn artifact_media_type(image: &Image) -> Option<String> {
    let parsed = Parsed::read(&image.manifest.as_ref()?.text);
    parsed.artifact_type.or(parsed.configuration_type)
}

/// The digests of the manifests that an image's index names.
pub(super) fn children(image: &Image) -> Vec<String> {
    match &image.manifest {
        Some(pushed) => Parsed::read(&pushed.text).children,
        None => image
            .platforms
            .iter()
            .map(|platform| child_digest(image, platform))
            .collect(),
    }
}

fn child_digest(image: &Image, platform: &str) -> String {
    sha256(format!("{}/{platform}", image.digest).as_bytes())
}

fn index(image: &Image) -> String {
    let manifests: Vec<Value> = image
        .platforms
        .iter()
        .map(|platform| manifest(image, platform))
        .collect();
    json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }).to_string()
}

fn manifest(image: &Image, platform: &str) -> Value {
    let (os, architecture) = platform.split_once('/').unwrap_or(("linux", platform));
    json!({
        "mediaType": MANIFEST,
        "digest": child_digest(image, platform),
        "size": 1570,
        "platform": { "os": os, "architecture": architecture },
    })
}

/// What PutImage reads from a manifest.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// mediaType, when it says so itself.
    pub(super) media_type: Option<String>,
    /// Of an index: the manifests it names.
    pub(super) children: Vec<String>,
    /// Of an index: for example `linux/amd64`.
    pub(super) platforms: Vec<String>,
    /// Of a single image: configuration first, then layers.
    pub(super) layers: Vec<String>,
    /// What the configuration is.
    pub(super) configuration_type: Option<String>,
    /// What kind of artifact it says it is.
    pub(super) artifact_type: Option<String>,
    /// The manifest that this one is about.
    pub(super) subject: Option<String>,
    /// As they stand there.
    pub(super) annotations: Option<Value>,
}

impl Parsed {
    /// What cannot be read is not there.
    pub(super) fn read(manifest: &str) -> Self {
        let document: Value = serde_json::from_str(manifest).unwrap_or_default();
        let list = |name: &str| {
            let list = document.get(name).and_then(Value::as_array);
            list.into_iter().flatten()
        };
        let digest = |one: &Value| Some(one.get("digest")?.as_str()?.to_owned());
        let text = |pointer: &str| document.pointer(pointer)?.as_str().map(str::to_owned);
        let configuration = document.get("config").and_then(digest);
        Self {
            media_type: text("/mediaType"),
            configuration_type: text("/config/mediaType"),
            artifact_type: text("/artifactType"),
            subject: text("/subject/digest"),
            annotations: document.get("annotations").cloned(),
            children: list("manifests").filter_map(digest).collect(),
            platforms: list("manifests")
                .filter_map(|one| platform(one.get("platform")?))
                .collect(),
            layers: configuration
                .into_iter()
                .chain(list("layers").filter_map(digest))
                .collect(),
        }
    }
}

/// `os/architecture` of an index's entry or of an image's configuration.
pub(super) fn platform(described: &Value) -> Option<String> {
    let text = |name: &str| described.get(name)?.as_str();
    Some(format!("{}/{}", text("os")?, text("architecture")?))
}
