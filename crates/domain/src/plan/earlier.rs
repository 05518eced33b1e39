//! The way back to an earlier release: a plan like any other, in the other direction, refused where it would not arrive.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::{unasked, warnings};
use super::frontend::{frontend_plans, refuse_returning};
use super::service::{Terms, USUAL_TIMEOUT, refuse_service, retired, service_plan};
use super::{
    Before, Direction, Plan, Refusal, Refusals, SchemaRisk, ServicePlan, Warning, job, migration,
};
use crate::app::App;
use crate::ledger::{Entry, answers};
use crate::pattern;
use crate::release::{FileKind, Manifest, Release};
use crate::survey::Survey;
use crate::{DeploymentId, ServiceName};

/// What a way back needs to know beside the survey.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier<'e> {
    /// The whole ledger, oldest first.
    pub entries: &'e [Entry],
    /// References of the release's images that can no longer be pulled.
    pub gone: BTreeSet<String>,
    /// References of which nobody can tell: they count as present.
    pub unasked: BTreeSet<String>,
    /// Files of its frontend that are not in the bucket any more.
    pub missing_files: Vec<String>,
    /// What to do when the release cannot run on the present schema.
    pub schema_risk: SchemaRisk,
}

/// A recorded release as a place to return to. That a file never changes was a promise of its time: where a release since
/// then, or the configuration, calls it mutable, it is put back like every mutable file, from the copy under its hash.
#[must_use]
pub fn returned_to(app: &App, release: &Release, entries: &[Entry]) -> Release {
    let last = entries
        .iter()
        .rposition(|entry| entry.release.id == release.id);
    let since = entries
        .get(last.map_or(0, |last| last + 1)..)
        .unwrap_or(&[]);
    let frontends = release.frontends.iter().map(|(name, manifest)| {
        let manifests = || {
            let each = since.iter();
            each.filter_map(|entry| entry.release.frontends.get(name))
        };
        let configured = app.frontends.get(name).into_iter();
        let patterns = configured.flat_map(|frontend| &frontend.mutable);
        let may_change = |path: &str| {
            let file = |manifest: &Manifest| manifest.files.get(path).map(|file| file.kind);
            manifests().any(|manifest| file(manifest) == Some(FileKind::Mutable))
                || patterns
                    .clone()
                    .any(|pattern| pattern::matches(pattern, path))
        };
        (name.clone(), manifest.where_mutable(may_change))
    });
    Release {
        frontends: frontends.collect(),
        ..release.clone()
    }
}

/// Plans the way back to `target`.
///
/// # Errors
/// Every reason against it, all at once.
pub fn plan_back(
    deployment: DeploymentId,
    app: &App,
    target: &Release,
    survey: &Survey,
    earlier: &Earlier<'_>,
) -> Result<Plan, Refusals> {
    let mut refusals = target_refusals(target, earlier);
    let mut services = services(app, target, survey, earlier, &mut refusals);
    services.extend(retired(target, survey));
    let schema = migration::backward(app, target, survey, earlier.entries, earlier.schema_risk);
    refusals.extend(schema.refusals);
    let frontends = frontend_plans(app, &target.frontends, survey, deployment.as_str());
    refusals.extend(refuse_returning(&frontends, app, survey));
    let jobs = job::jobs(target, survey);
    if !refusals.is_empty() {
        return Err(Refusals(refusals));
    }
    let before = survey.recorded.as_ref().map(|recorded| Before {
        id: recorded.id.clone(),
        version: recorded.version.clone(),
        origin: recorded.origin,
    });
    let way_back = schema.way_back;
    let mut warnings = warnings(&services, survey, way_back);
    warnings.extend(schema.warnings);
    let unknown = target.frontends.keys();
    let unknown = unknown.filter(|name| !app.frontends.contains_key(*name));
    warnings.extend(unknown.cloned().map(Warning::FrontendStays));
    // What starts a job no more keeps nobody from going back.
    warnings.extend(jobs.refusals.into_iter().filter_map(Refusal::of_a_schedule));
    warnings.extend(jobs.warnings);
    Ok(Plan {
        deployment,
        release: target.clone(),
        direction: Direction::Backward,
        before,
        revisions: survey.registered.revisions(target.definitions()),
        startable: survey.startable.clone(),
        waves: waves(app, target),
        migration: schema.migration,
        frontends,
        jobs: jobs.jobs,
        checks: target.checks.clone(),
        policy: app.policy.clone(),
        way_back,
        warnings: warnings
            .into_iter()
            .chain(unasked(&earlier.unasked))
            .collect(),
        services,
        steps: Vec::new(),
    }
    .ordered())
}

fn services(
    app: &App,
    target: &Release,
    survey: &Survey,
    earlier: &Earlier<'_>,
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<ServiceName, ServicePlan> {
    let mut services = BTreeMap::new();
    let mut entries = earlier.entries.iter();
    let last = entries.rposition(|entry| entry.release.id == target.id);
    let answered = last.map_or_else(BTreeMap::new, |last| answers(&earlier.entries[..=last]));
    for (name, wanted) in &target.services {
        let Some(live) = survey.services.get(name) else {
            refusals.push(Refusal::ServiceMissing {
                service: name.clone(),
                cluster_name: wanted.locator.cluster_name.clone(),
                cluster: wanted.locator.cluster.clone(),
            });
            continue;
        };
        let configured = app.services.get(name);
        let terms = Terms {
            timeout: configured.map_or(USUAL_TIMEOUT, |service| service.timeout),
            probe: configured.and_then(|service| service.probe.clone()),
            desired_count: wanted.desired_count,
            awaited: app.awaited(name),
            version: answered.get(name).cloned(),
        };
        let service = service_plan(terms, wanted, live, survey);
        let mut found = Vec::new();
        refuse_service(name, &service, live, survey, &mut found);
        // What runs now is what is to be left: that it could not be started again is no reason to stay.
        found.retain(|refusal| {
            !matches!(
                refusal,
                Refusal::RollbackImageExpired { .. } | Refusal::RollbackDefinitionInactive(_)
            )
        });
        refusals.extend(found);
        services.insert(name.clone(), service);
    }
    services
}

fn target_refusals(target: &Release, earlier: &Earlier<'_>) -> Vec<Refusal> {
    let services = target.services.iter();
    let services = services.map(|(name, service)| (name.as_str(), &service.image));
    let jobs = target.jobs.iter();
    let jobs = jobs.map(|(name, job)| (name.as_str(), &job.image));
    let expired = services
        .chain(jobs)
        .filter(|(_, image)| earlier.gone.contains(&image.reference))
        .map(|(name, image)| Refusal::TargetImageExpired {
            service: name.to_owned(),
            version: target.version.clone(),
            digest: image.digest.clone(),
        });
    let missing = earlier
        .missing_files
        .first()
        .map(|first| Refusal::TargetFilesMissing {
            version: target.version.clone(),
            count: earlier.missing_files.len(),
            first: first.clone(),
        });
    expired.chain(missing).collect()
}

/// In reverse: what depends on others returns before them. Services that the configuration no longer knows come last.
fn waves(app: &App, target: &Release) -> Vec<Vec<ServiceName>> {
    let mut waves: Vec<Vec<ServiceName>> = app.waves().unwrap_or_default();
    waves.reverse();
    for wave in &mut waves {
        wave.retain(|name| target.services.contains_key(name));
    }
    let known: BTreeSet<ServiceName> = waves.iter().flatten().cloned().collect();
    let unknown = target.services.keys().filter(|name| !known.contains(*name));
    waves.push(unknown.cloned().collect());
    waves.retain(|wave| !wave.is_empty());
    waves
}
