//! The frontends on a simulated cloud: their distributions, and their builds as the buckets have them. An earlier release has the
//! same assets and other pointers.

use std::collections::{BTreeMap, BTreeSet};

use backstay_adapters::files;
use backstay_adapters::media::cache_control;
use backstay_config::{Configured, StateLocation};
use backstay_domain::FrontendName;
use backstay_domain::app::Frontend;
use backstay_domain::definition::sha256_hex;
use backstay_domain::release::{FileKind, Manifest, ManifestFile};
use backstay_simulator::{BucketBlueprint, DistributionBlueprint, ObjectBlueprint};
use url::Url;

use super::balancing::host;
use super::project::Project;
use crate::failure::Failure;

/// The builds of all frontends, and what their buckets have of them.
#[derive(Default)]
pub(super) struct Builds {
    pub(super) manifests: BTreeMap<FrontendName, Manifest>,
    pub(super) objects: BTreeMap<FrontendName, Vec<ObjectBlueprint>>,
}

/// The frontend builds with `mark` at the end of their pages: the same assets, other pointers.
pub(super) fn builds_on_disk(project: &Project, mark: &str) -> Result<Builds, Failure> {
    let mut builds = Builds::default();
    for (name, manifest) in project.manifests()? {
        let Some(frontend) = project.configured.app.frontends.get(&name) else {
            continue;
        };
        let (manifest, objects) = build_on_disk(project, frontend, &manifest, mark)?;
        builds.manifests.insert(name.clone(), manifest);
        builds.objects.insert(name, objects);
    }
    Ok(builds)
}

fn build_on_disk(
    project: &Project,
    frontend: &Frontend,
    manifest: &Manifest,
    mark: &str,
) -> Result<(Manifest, Vec<ObjectBlueprint>), Failure> {
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
    Ok((Manifest::new(listed), objects))
}

/// The Region of a frontend's bucket, as either configuration says: the bucket stays where it was made.
fn bucket_region(both: &[&Configured], of: &FrontendName) -> Option<String> {
    let frontends = both.iter().map(|configured| &configured.app.frontends);
    let mut regions = frontends.filter_map(|it| it.get(of)?.region.clone());
    regions.next()
}

/// A bucket for each that a frontend of either configuration is published to, and the one of the state.
pub(super) fn buckets(
    configured: &Configured,
    both: &[&Configured],
    mut objects: BTreeMap<FrontendName, Vec<ObjectBlueprint>>,
) -> Vec<BucketBlueprint> {
    let mut buckets: Vec<BucketBlueprint> = Vec::new();
    let mut done = BTreeSet::new();
    let all = both.iter().flat_map(|configured| &configured.app.frontends);
    for (name, frontend) in all.filter(|(name, _)| done.insert((*name).clone())) {
        let objects = objects.remove(name).unwrap_or_default();
        match buckets
            .iter_mut()
            .find(|known| known.name == frontend.bucket)
        {
            Some(known) => known.objects.extend(objects),
            None => buckets.push(BucketBlueprint {
                name: frontend.bucket.clone(),
                region: bucket_region(both, name),
                objects,
            }),
        }
    }
    let state = match &configured.state {
        StateLocation::Local(_) => None,
        StateLocation::S3 { bucket, .. } => Some(BucketBlueprint {
            name: bucket.clone(),
            region: None,
            objects: Vec::new(),
        }),
    };
    buckets.extend(state);
    buckets
}

pub(super) fn distributions(
    configured: &Configured,
) -> Result<Vec<DistributionBlueprint>, Failure> {
    let mut made: Vec<DistributionBlueprint> = Vec::new();
    for (name, frontend) in &configured.app.frontends {
        let (Some(id), Some(url)) = (&frontend.distribution, &frontend.url) else {
            continue;
        };
        let one = DistributionBlueprint {
            id: id.clone(),
            hosts: vec![host(url)?],
            bucket: frontend.bucket.clone(),
            origin_path: origin_path(&frontend.prefix, url),
            default_root_object: "index.html".to_owned(),
            not_found_page: Some("/index.html".to_owned()),
        };
        match made.iter_mut().find(|known| known.id == *id) {
            None => made.push(one),
            Some(known) => share(known, one, name)?,
        }
    }
    Ok(made)
}

/// Two frontends may have one distribution. The simulated one has one origin.
fn share(
    known: &mut DistributionBlueprint,
    other: DistributionBlueprint,
    name: &FrontendName,
) -> Result<(), Failure> {
    if (&known.bucket, &known.origin_path) != (&other.bucket, &other.origin_path) {
        let message = format!(
            "the distribution {} of `{name}` has another origin as well",
            other.id
        );
        let hint = "a simulated distribution has one: let `url` have the folder that `prefix` has, or give each frontend a distribution of its own";
        return Err(Failure::usage(message, hint));
    }
    let new = |host: &String| !known.hosts.contains(host);
    let hosts: Vec<String> = other.hosts.into_iter().filter(new).collect();
    known.hosts.extend(hosts);
    Ok(())
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
