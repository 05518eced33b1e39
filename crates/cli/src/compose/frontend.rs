//! The frontend on a simulated cloud: its distribution, and its build as the bucket has it. An earlier release has the same
//! assets and other pointers.

use std::collections::BTreeMap;

use backstay_adapters::files;
use backstay_adapters::media::cache_control;
use backstay_config::Configured;
use backstay_domain::definition::sha256_hex;
use backstay_domain::release::{FileKind, Manifest, ManifestFile};
use backstay_simulator::{DistributionBlueprint, ObjectBlueprint};
use url::Url;

use super::balancing::host;
use super::project::Project;
use crate::failure::Failure;

/// The frontend build with `mark` at the end of its pages: the same assets, other pointers.
pub(super) fn build_on_disk(
    project: &Project,
    mark: &str,
) -> Result<Option<(Manifest, Vec<ObjectBlueprint>)>, Failure> {
    let (Some(frontend), Some(manifest)) = (&project.configured.app.frontend, project.manifest()?)
    else {
        return Ok(None);
    };
    let directory = project.directory.join(&frontend.directory);
    let mut listed = BTreeMap::new();
    let mut objects = Vec::new();
    for (path, file) in &manifest.files {
        let mut body = files::read(&directory, path, file)?;
        let mut md5 = file.md5.clone();
        if file.kind == FileKind::Mutable && path.ends_with(".html") && !mark.is_empty() {
            body.extend_from_slice(mark.as_bytes());
            md5 = None;
        }
        let size = body.len() as u64;
        listed.insert(
            path.clone(),
            ManifestFile {
                sha256: sha256_hex(&body),
                size,
                md5,
                ..file.clone()
            },
        );
        let (key, content_type) = (
            format!("{}{path}", frontend.prefix),
            file.content_type.clone(),
        );
        objects.push(ObjectBlueprint {
            key,
            content_type,
            cache_control: Some(cache_control(file.kind).to_owned()),
            body,
        });
    }
    Ok(Some((Manifest::new(listed), objects)))
}

pub(super) fn distributions(
    configured: &Configured,
) -> Result<Vec<DistributionBlueprint>, Failure> {
    let Some(frontend) = &configured.app.frontend else {
        return Ok(Vec::new());
    };
    let (Some(id), Some(url)) = (&frontend.distribution, &frontend.url) else {
        return Ok(Vec::new());
    };
    Ok(vec![DistributionBlueprint {
        id: id.clone(),
        hosts: vec![host(url)?],
        bucket: frontend.bucket.clone(),
        origin_path: origin_path(&frontend.prefix, url),
        default_root_object: "index.html".to_owned(),
        not_found_page: Some("/index.html".to_owned()),
    }])
}

/// The folder of the bucket that visitors see: what of the files' prefix does not stand in their address.
fn origin_path(prefix: &str, url: &str) -> String {
    let address = Url::parse(url).ok();
    let address = address.as_ref().map_or("", |url| url.path());
    let folder = format!("/{}", prefix.trim_matches('/'));
    let rest = folder.strip_suffix(address.trim_end_matches('/'));
    rest.unwrap_or_default().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::origin_path;

    #[test]
    fn the_distribution_shows_what_of_the_prefix_is_not_in_the_address() {
        for (prefix, url, expected) in [
            ("", "https://shop.example", ""),
            ("", "https://shop.example/", ""),
            ("app/", "https://shop.example", "/app"),
            ("app/", "https://shop.example/", "/app"),
            ("app/", "https://shop.example/app", ""),
            ("sites/app/", "https://shop.example/app/", "/sites"),
            ("sites/app/", "https://shop.example", "/sites/app"),
            // A function at the edge would have to lead there.
            ("web/", "https://shop.example/app", ""),
            ("myapp/", "https://shop.example/app", ""),
        ] {
            assert_eq!(origin_path(prefix, url), expected, "{prefix} {url}");
        }
    }
}
