//! An app at a version becomes a release: every definition rendered with its image, and an address for all of it.

use std::collections::BTreeMap;

use super::{Images, Manifest, MigrationRelease, Origin, Release, ResolvedImage, ServiceRelease};
use crate::app::App;
use crate::definition::{Definition, DefinitionHash, DefinitionTemplate, ordered_text, sha256_hex};
use crate::scheduled::JobRelease;
use crate::{FrontendName, JobName, ReleaseId, Repository, ServiceName, Version, frontends};

/// One part's image, what that is run by, and its version where that is not the release's.
struct Rendered {
    image: ResolvedImage,
    definition: Definition,
    version: Option<Version>,
}

struct Rendering<'a> {
    version: &'a Version,
    images: &'a Images,
    missing: Vec<Repository>,
}

impl Rendering<'_> {
    /// Nothing where there is no image, which is noted.
    fn render(
        &mut self,
        repository: &Repository,
        template: &DefinitionTemplate,
    ) -> Option<Rendered> {
        let Some(image) = self.images.by_repository.get(repository) else {
            if !self.missing.contains(repository) {
                self.missing.push(repository.clone());
            }
            return None;
        };
        let own = self.images.versions.get(repository);
        let own = own.filter(|own| *own != self.version);
        let definition = template.render(own.unwrap_or(self.version), &image.reference);
        Some(Rendered {
            definition: definition.pinned(&self.images.pins),
            image: image.clone(),
            version: own.cloned(),
        })
    }
}

impl Release {
    /// Assembles the release of `app` at `version`.
    ///
    /// # Errors
    /// The repositories for which `images` has no image.
    pub fn assemble(
        app: &App,
        version: &Version,
        images: &Images,
        frontends: BTreeMap<FrontendName, Manifest>,
    ) -> Result<Self, Vec<Repository>> {
        let mut rendering = Rendering {
            version,
            images,
            missing: Vec::new(),
        };
        let mut services = BTreeMap::new();
        for (name, service) in &app.services {
            let rendered = rendering.render(&service.image, &service.definition);
            services.extend(rendered.map(|rendered| {
                let service = ServiceRelease {
                    locator: service.locator.clone(),
                    image: rendered.image,
                    definition: rendered.definition,
                    desired_count: service.desired_count,
                    version: rendered.version,
                };
                (name.clone(), service)
            }));
        }
        let migration = app.migration.as_ref().and_then(|migration| {
            let rendered = rendering.render(&migration.image, &migration.definition)?;
            Some(MigrationRelease {
                image: rendered.image,
                definition: rendered.definition,
                compatibility: migration.compatibility,
                way_down: migration.way_down,
                version: rendered.version,
            })
        });
        let mut jobs = BTreeMap::new();
        for (name, job) in &app.jobs {
            let rendered = rendering.render(&job.image, &job.definition);
            jobs.extend(rendered.map(|rendered| {
                let job = JobRelease {
                    cluster: job.cluster.clone(),
                    trigger: job.trigger.clone(),
                    image: rendered.image,
                    definition: rendered.definition,
                    version: rendered.version,
                };
                (name.clone(), job)
            }));
        }
        if !rendering.missing.is_empty() {
            return Err(rendering.missing);
        }
        let release = Self {
            id: address_of_nothing(),
            app: app.name.clone(),
            environment: app.environment.clone(),
            version: version.clone(),
            services,
            migration,
            frontends,
            jobs,
            checks: app.checks.clone(),
            commit: None,
            origin: Origin::Assembled,
            looked_up: app.looked_up.clone(),
            config_fingerprint: app.config_fingerprint.clone(),
        };
        Ok(Self {
            id: address(&release),
            ..release
        })
    }
}

/// The addresses of several frontends' files, by their names.
pub(crate) fn addresses(frontends: &BTreeMap<FrontendName, Manifest>) -> serde_json::Value {
    let ids = frontends.iter();
    let ids = ids.map(|(name, manifest)| (name.to_string(), manifest.id.clone().into()));
    serde_json::Value::Object(ids.collect())
}

/// Until it has one.
fn address_of_nothing() -> ReleaseId {
    id(&sha256_hex(b""))
}

fn id(hash: &str) -> ReleaseId {
    match ReleaseId::parse(format!("r-{}", &hash[..12])) {
        Ok(id) => id,
        Err(_) => unreachable!("a hash's digits are hexadecimal"),
    }
}

/// The content address: the first 12 digits of a hash over what a release runs.
fn address(release: &Release) -> ReleaseId {
    let migration = release.migration.as_ref();
    let services = release.services.iter();
    let services: BTreeMap<&ServiceName, (&str, &DefinitionHash)> = services
        .map(|(name, s)| (name, (s.image.digest.as_str(), &s.definition.hash)))
        .collect();
    let mut content = serde_json::json!({
        "app": release.app, "environment": release.environment, "version": release.version, "config": release.config_fingerprint,
        "services": services,
        "migration": migration.map(|m| (m.image.digest.as_str(), &m.definition.hash)),
        "frontend": frontends::single(&release.frontends).map(|manifest| &manifest.id),
    });
    let own = |(name, one): (&ServiceName, &ServiceRelease)| {
        Some((name.to_string(), one.version.as_ref()?.to_string()))
    };
    let versions: BTreeMap<String, String> = release.services.iter().filter_map(own).collect();
    let jobs = release.jobs.iter();
    let jobs: BTreeMap<&JobName, (&str, &DefinitionHash)> = jobs
        .map(|(name, job)| (name, (job.image.digest.as_str(), &job.definition.hash)))
        .collect();
    // What most releases have none of is not in their addresses.
    if let Some(content) = content.as_object_mut() {
        if let Some(several) = frontends::several(&release.frontends) {
            content.insert("frontends".to_owned(), addresses(several));
        }
        if !versions.is_empty() {
            content.insert("versions".to_owned(), serde_json::json!(versions));
        }
        if !jobs.is_empty() {
            content.insert("jobs".to_owned(), serde_json::json!(jobs));
        }
    }
    id(&sha256_hex(ordered_text(&content).as_bytes()))
}
