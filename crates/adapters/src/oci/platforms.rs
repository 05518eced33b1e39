//! The platforms that an image index lists.

use serde_json::Value;

/// `os/architecture` of every image of an index; a single image's manifest does not say.
pub(crate) fn platforms(manifest: &Value) -> Vec<String> {
    let images = manifest
        .get("manifests")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut found: Vec<String> = images
        .iter()
        .filter_map(|image| platform(image.get("platform")?))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// `os/architecture` of an entry of an index, or of an image's configuration. Build attestations stand in the index as
/// images for an unknown platform.
pub(super) fn platform(platform: &Value) -> Option<String> {
    let part = |name: &str| {
        platform
            .get(name)
            .and_then(Value::as_str)
            .filter(|part| *part != "unknown")
    };
    Some(format!("{}/{}", part("os")?, part("architecture")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_index_names_its_platforms_and_a_single_image_none() {
        let index = json!({"manifests": [
            {"platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
            {"platform": {"os": "linux", "architecture": "amd64"}},
            {"platform": {"os": "unknown", "architecture": "unknown"}}]});
        assert_eq!(platforms(&index), ["linux/amd64", "linux/arm64"]);
        assert_eq!(
            platforms(&json!({"config": {}, "layers": []})),
            Vec::<String>::new()
        );
        assert_eq!(platforms(&json!("no index")), Vec::<String>::new());
    }
}
