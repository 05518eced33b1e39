//! What ran before Backstay came, as a release to return to: what services run, and which pointers visitors get. Nobody assembled
//! it: it has no version that an answer could name, and nobody knows which images its tags stood for.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::definition::{ordered_text, sha256_hex};
use crate::ledger::Runs;
use crate::plan::{Change, Plan, ServicePlan};
use crate::release::{
    Manifest, ManifestFile, Origin, Release, ResolvedImage, ServiceRelease, addresses,
};
use crate::scheduled::{JobPlan, JobRelease};
use crate::{
    AppName, DefinitionRef, Digest, EnvironmentName, FrontendName, JobName, ReleaseId, Repository,
    ServiceName, Version, frontends,
};

/// What people read for its version.
pub const VERSION: &str = "before-backstay";

/// What ran before this deployment, if it is the first one and something did: to be recorded before the new release.
#[must_use]
pub fn found(plan: &Plan) -> Option<Release> {
    if plan.before.is_some() {
        return None;
    }
    let services: BTreeMap<ServiceName, ServiceRelease> = plan
        .services
        .values()
        .filter(|service| service.before.returns_to() > 0 && service.change != Change::Start)
        .filter_map(|service| Some((service.locator.name.clone(), service_found(service)?)))
        .collect();
    let published = plan
        .frontends
        .iter()
        .filter(|(_, it)| !it.before.is_empty());
    let frontends = published.map(|(name, frontend)| {
        let files = frontend.before.iter();
        let files = files.map(|(path, sha256)| (path.clone(), ManifestFile::found(sha256.clone())));
        (name.clone(), Manifest::new(files.collect()))
    });
    if services.is_empty() {
        return None;
    }
    let jobs = plan.jobs.iter();
    let jobs = jobs.filter_map(|(name, job)| Some((name.clone(), job_found(job)?)));
    let jobs: BTreeMap<JobName, JobRelease> = jobs.collect();
    let frontends: BTreeMap<FrontendName, Manifest> = frontends.collect();
    let release = &plan.release;
    nothing(&release.app, &release.environment).map(|empty| Release {
        id: address(&services, &frontends, &jobs).unwrap_or(empty.id.clone()),
        services,
        frontends,
        jobs,
        ..empty
    })
}

/// The revisions that its services run: whoever returns to it starts these, and registers none.
#[must_use]
pub fn runs(plan: &Plan, found: &Release) -> BTreeMap<ServiceName, Runs> {
    let services = plan.services.values();
    let found = services.filter(|service| found.services.contains_key(&service.locator.name));
    let runs = found.map(|service| {
        let runs = Runs {
            definition: service.before.definition.clone(),
            version: None,
        };
        (service.locator.name.clone(), runs)
    });
    runs.collect()
}

/// The revisions that its jobs' triggers start.
#[must_use]
pub fn jobs(plan: &Plan, found: &Release) -> BTreeMap<JobName, DefinitionRef> {
    let jobs = plan.jobs.iter();
    let found = jobs.filter(|(name, _)| found.jobs.contains_key(*name));
    let starts = found.filter_map(|(name, job)| {
        let before = job.before.as_ref()?;
        Some((name.clone(), before.definition.clone()))
    });
    starts.collect()
}

/// A release of nothing, for an environment of which nothing is recorded.
#[must_use]
pub fn nothing(app: &AppName, environment: &EnvironmentName) -> Option<Release> {
    Some(Release {
        id: address(&BTreeMap::new(), &BTreeMap::new(), &BTreeMap::new())?,
        app: app.clone(),
        environment: environment.clone(),
        version: Version::parse(VERSION).ok()?,
        services: BTreeMap::new(),
        migration: None,
        frontends: BTreeMap::new(),
        jobs: BTreeMap::new(),
        checks: Vec::new(),
        config_fingerprint: String::new(),
        commit: None,
        origin: Origin::Found,
        looked_up: Vec::new(),
    })
}

fn service_found(service: &ServicePlan) -> Option<ServiceRelease> {
    let document = &service.before.document;
    let wanted = service.target.as_ref().map(|target| &target.image);
    Some(ServiceRelease {
        locator: service.locator.clone(),
        image: image(&document.document, wanted)?,
        definition: document.clone(),
        desired_count: Some(service.before.desired),
        version: None,
    })
}

/// A trigger that names a family only has no revision that anybody could return to.
fn job_found(job: &JobPlan) -> Option<JobRelease> {
    let before = job.before.as_ref()?;
    let document = job.document.as_ref()?;
    before.definition.names_a_revision().then_some(())?;
    Some(JobRelease {
        cluster: job.cluster.clone(),
        trigger: job.trigger.clone(),
        image: image(&document.document, Some(&job.image))?,
        definition: document.clone(),
        version: None,
    })
}

/// The app's own image among those of its containers: the one of the repository that is deployed, or else the first.
fn image(document: &Value, wanted: Option<&ResolvedImage>) -> Option<ResolvedImage> {
    let containers = document.get("containerDefinitions")?.as_array()?;
    let images = || {
        containers
            .iter()
            .filter_map(|one| one.get("image")?.as_str())
    };
    let ours =
        wanted.and_then(|wanted| images().find(|image| image.contains(wanted.repository.as_str())));
    let reference = ours.or(images().next())?;
    let (name, pinned) = match reference.split_once('@') {
        Some((name, digest)) => (name, Digest::parse(digest).ok()),
        None => (reference, None),
    };
    // A tag says nothing about content: the reference's own hash stands for it, and is no witness.
    let of_reference = format!("sha256:{}", sha256_hex(reference.as_bytes()));
    let name = name.split_once('/').map_or(name, |(_, name)| name);
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
    let repository = Repository::parse(name).ok();
    Some(ResolvedImage {
        repository: repository.or(wanted.map(|wanted| wanted.repository.clone()))?,
        digest: pinned.or(Digest::parse(of_reference).ok())?,
        reference: reference.to_owned(),
        platforms: Vec::new(),
    })
}

fn address(
    services: &BTreeMap<ServiceName, ServiceRelease>,
    frontends: &BTreeMap<FrontendName, Manifest>,
    jobs: &BTreeMap<JobName, JobRelease>,
) -> Option<ReleaseId> {
    let services: BTreeMap<&ServiceName, &str> = services
        .iter()
        .map(|(name, service)| (name, service.definition.hash.0.as_str()))
        .collect();
    let mut content = serde_json::json!({
        "found": services,
        "frontend": frontends::single(frontends).map(|manifest| &manifest.id),
    });
    if let Some(several) = frontends::several(frontends)
        && let Some(content) = content.as_object_mut()
    {
        content.insert("frontends".to_owned(), addresses(several));
    }
    let jobs: BTreeMap<&JobName, &str> = jobs
        .iter()
        .map(|(name, job)| (name, job.definition.hash.0.as_str()))
        .collect();
    if let (false, Some(content)) = (jobs.is_empty(), content.as_object_mut()) {
        content.insert("jobs".to_owned(), serde_json::json!(jobs));
    }
    let hash = sha256_hex(ordered_text(&content).as_bytes());
    ReleaseId::parse(format!("r-{}", hash.get(..12)?)).ok()
}
