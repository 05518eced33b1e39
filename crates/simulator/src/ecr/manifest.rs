//! Image manifests: always an OCI image index, so that an image's platforms can be read from it.

use serde_json::{Value, json};

use super::image::{Image, sha256};

pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The index of an image; equal images have equal text, other images another.
pub(super) fn index(image: &Image) -> String {
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
        "digest": sha256(format!("{}/{platform}", image.digest).as_bytes()),
        "size": 1570,
        "platform": { "os": os, "architecture": architecture },
    })
}

/// The platforms an index names, for an image that is pushed through the API.
pub(super) fn platforms(manifest: &str) -> Vec<String> {
    let parsed: Value = serde_json::from_str(manifest).unwrap_or_default();
    let platform = |entry: &Value| {
        let platform = entry.get("platform")?;
        Some(format!(
            "{}/{}",
            platform.get("os")?.as_str()?,
            platform.get("architecture")?.as_str()?
        ))
    };
    let entries = parsed
        .get("manifests")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    entries.iter().filter_map(platform).collect()
}
