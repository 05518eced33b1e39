//! The platforms that an image index lists.

use serde_json::Value;

/// `os/architecture` of every image of an index; a single image's manifest does not say.
pub(super) fn platforms(manifest: &str) -> Vec<String> {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
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

/// Build attestations stand in the index as images for an unknown platform.
fn platform(platform: &Value) -> Option<String> {
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
    use super::*;

    #[test]
    fn an_index_names_its_platforms_and_a_single_image_none() {
        let index = r#"{"manifests": [
            {"platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
            {"platform": {"os": "linux", "architecture": "amd64"}},
            {"platform": {"os": "unknown", "architecture": "unknown"}}]}"#;
        assert_eq!(platforms(index), ["linux/amd64", "linux/arm64"]);
        assert_eq!(
            platforms(r#"{"config": {}, "layers": []}"#),
            Vec::<String>::new()
        );
        assert_eq!(platforms("not json"), Vec::<String>::new());
    }
}
