//! An app's release and the present state become a plan, or all the reasons against it.

use super::frontend::{doubts, frontend_plans, refuse_files};
use super::service::{Terms, refuse_platform, refuse_service, retired, service_plan};
use super::{
    Before, Change, Direction, Plan, Refusal, Refusals, ServicePlan, Warning, WayBack, job,
    migration,
};
use crate::app::App;
use crate::release::Release;
use crate::survey::{Ancestry, Breaker, History, Survey};
use crate::{DeploymentId, Repository, ServiceName, Version};
use std::collections::BTreeMap;

/// Plans the deployment of `release`.
///
/// # Errors
/// Every reason against it, all at once.
pub fn plan(
    deployment: DeploymentId,
    app: &App,
    release: Release,
    survey: &Survey,
) -> Result<Plan, Refusals> {
    let mut refusals = Vec::new();
    let mut services = BTreeMap::new();
    for (name, wanted) in &release.services {
        let Some(configured) = app.services.get(name) else {
            continue;
        };
        let Some(live) = survey.services.get(name) else {
            let locator = &wanted.locator;
            let (cluster_name, cluster) = (locator.cluster_name.clone(), locator.cluster.clone());
            refusals.push(Refusal::ServiceMissing {
                service: name.clone(),
                cluster_name,
                cluster,
            });
            continue;
        };
        let terms = Terms {
            timeout: configured.timeout,
            probe: configured.probe.clone(),
            desired_count: configured.desired_count,
            awaited: app.awaited(name),
            version: wanted.version.clone(),
        };
        let service = service_plan(terms, wanted, live, survey);
        refuse_service(name, &service, live, survey, &mut refusals);
        refuse_platform(
            name.as_str(),
            &wanted.image,
            &wanted.definition,
            &mut refusals,
        );
        services.insert(name.clone(), service);
    }
    services.extend(retired(&release, survey));
    let schema = migration::forward(app, &release, survey);
    refusals.extend(schema.refusals);
    let (migration, way_back) = (schema.migration, schema.way_back);
    if let Some(migration) = &migration {
        refuse_platform(
            "migration",
            &migration.image,
            &migration.definition,
            &mut refusals,
        );
    }
    let frontends = frontend_plans(app, &release.frontends, survey, deployment.as_str());
    refusals.extend(refuse_files(&frontends, app, survey));
    let jobs = job::jobs(&release, survey);
    refusals.extend(jobs.refusals);
    for (name, job) in &jobs.jobs {
        refuse_platform(name.as_str(), &job.image, &job.definition, &mut refusals);
    }
    if let Some(refusal) = older(&release, survey) {
        refusals.push(refusal);
    }
    let waves = app.waves().unwrap_or_else(|circle| {
        refusals.push(Refusal::DependencyCircle(circle.into_iter().collect()));
        vec![]
    });
    if !refusals.is_empty() {
        return Err(Refusals(refusals));
    }
    let before = survey.recorded.as_ref().map(|r| Before {
        id: r.id.clone(),
        version: r.version.clone(),
        origin: r.origin,
    });
    let mut warnings = warnings(&services, survey, way_back);
    warnings.extend(schema.warnings);
    warnings.extend(jobs.warnings);
    for (name, frontend) in &frontends {
        warnings.extend(doubts(name, &frontend.frontend, &frontend.manifest));
    }
    let deviation = release
        .commit
        .as_ref()
        .and_then(|commit| commit.deviation.clone());
    warnings.extend(deviation.map(|how| Warning::OtherSource(release.version.clone(), how)));
    let revisions = survey.registered.revisions(release.definitions());
    let (checks, policy) = (app.checks.clone(), app.policy.clone());
    Ok(Plan {
        deployment,
        release,
        direction: Direction::Forward,
        before,
        services,
        revisions,
        startable: survey.startable.clone(),
        waves,
        migration,
        frontends,
        jobs: jobs.jobs,
        checks,
        policy,
        way_back,
        warnings,
        steps: Vec::new(),
    }
    .ordered())
}

/// What is said of images that nobody could ask for.
pub(super) fn unasked<'i>(images: impl IntoIterator<Item = &'i String>) -> Option<Warning> {
    let images: Vec<String> = images.into_iter().cloned().collect();
    (!images.is_empty()).then_some(Warning::ImagesUnasked(images))
}

/// What becomes of a service that has no task. That somebody paused it is seen here only.
fn without_tasks(name: &ServiceName, service: &ServicePlan, survey: &Survey) -> Option<Warning> {
    let (before, target) = (&service.before, service.target.as_ref()?);
    let recorded = survey.recorded.as_ref();
    let known = recorded.is_some_and(|recorded| recorded.services.contains_key(name));
    match (before.desired, target.desired) {
        (0, Some(desired)) => (before.history == History::Completed)
            .then(|| Warning::StartedAgain(name.clone(), desired)),
        (0, None) if known => Some(Warning::NothingToProve(name.clone())),
        (0, None) => Some(Warning::NotStarted(name.clone())),
        (_, _) => None,
    }
}

/// An older commit does not overwrite a newer one by chance (trap 39).
fn older(release: &Release, survey: &Survey) -> Option<Refusal> {
    let recorded = survey.recorded.as_ref()?;
    let older = match survey.ancestry {
        Ancestry::Older => true,
        Ancestry::Newer => false,
        // A shallow checkout knows one commit only: then the commits' own times have to do.
        Ancestry::Unknown => committed_before(release, recorded),
    };
    older.then(|| Refusal::OlderCommit {
        version: release.version.clone(),
        live: recorded.version.clone(),
    })
}

fn committed_before(release: &Release, recorded: &Release) -> bool {
    let at = |release: &Release| release.commit.as_ref().and_then(|commit| commit.at);
    match (at(release), at(recorded)) {
        (Some(new), Some(live)) => new < live,
        (None, _) | (_, None) => false,
    }
}

pub(super) fn warnings(
    services: &BTreeMap<ServiceName, ServicePlan>,
    survey: &Survey,
    way_back: WayBack,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if survey.recorded.is_none() {
        warnings.push(Warning::NoRecordedRelease);
    }
    match way_back {
        WayBack::UntilMigration => warnings.push(Warning::Irreversible),
        // What keeps it from going back is a warning of its own.
        WayBack::Whole | WayBack::WithSchemaDown | WayBack::UntilServices => {}
    }
    let changed = |image: &&String| {
        let mut changed = services
            .values()
            .filter(|service| service.change != Change::Unchanged);
        changed.any(|service| service.before.document.images().any(|one| one == *image))
    };
    warnings.extend(unasked(survey.unasked.iter().filter(changed)));
    warnings.extend(expiring(survey));
    for (name, service) in services
        .iter()
        .filter(|(_, s)| s.change != Change::Unchanged)
    {
        let before = &service.before;
        if before.history == History::Never {
            warnings.push(Warning::NeverCompleted(name.clone(), 0));
        }
        if before.breaker == Breaker::Off && service.change != Change::Retire {
            warnings.push(Warning::BreakerOff(name.clone()));
        }
        if let Some(shifting) = before.strategy.shifting()
            && !shifting.pauses.is_empty()
        {
            warnings.push(Warning::Waits(name.clone(), shifting.pauses.clone()));
        }
        warnings.extend(without_tasks(name, service, survey));
        if before.desired > 0
            && before.history == History::Completed
            && !before.document.is_pinned()
        {
            warnings.push(Warning::UnpinnedBefore(name.clone()));
        }
    }
    warnings
}

/// One warning for each repository of which a kept release's image would be deleted.
fn expiring(survey: &Survey) -> impl Iterator<Item = Warning> {
    let mut by_repository: BTreeMap<Repository, Vec<Version>> = BTreeMap::new();
    for (version, image) in &survey.kept {
        let versions = by_repository.entry(image.repository.clone()).or_default();
        if survey.expiring.contains(image.digest.as_str()) && !versions.contains(version) {
            versions.push(version.clone());
        }
    }
    let some = by_repository.into_iter().filter(|(_, it)| !it.is_empty());
    some.map(|(repository, versions)| Warning::ImagesExpire {
        repository,
        versions,
    })
}
