//! What a release means for one service: whether it changes, what it goes back to, and what speaks against it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Change, Refusal, ServiceBefore, ServicePlan, ServiceTarget};
use crate::app::{Awaited, Check};
use crate::build::platform;
use crate::definition::Definition;
use crate::ports::Renewal;
use crate::release::{FileKind, ManifestFile, Release, ResolvedImage, ServiceRelease};
use crate::survey::{Activity, DefinitionState, History, LiveService, ServiceCondition, Survey};
use crate::traffic::{Route, Strategy};
use crate::verdict::Component;
use crate::{ServiceName, Version};

/// What the configuration says about how a service is brought to a release.
pub(crate) struct Terms {
    pub(crate) timeout: Duration,
    pub(crate) probe: Option<Check>,
    pub(crate) desired_count: Option<u32>,
    pub(crate) awaited: Awaited,
    /// The version that the target answers, where it is not the release's.
    pub(crate) version: Option<Version>,
}

/// How long a service may take that the configuration does not know.
pub(crate) const USUAL_TIMEOUT: Duration = Duration::from_secs(15 * 60);

pub(crate) fn service_plan(
    terms: Terms,
    wanted: &ServiceRelease,
    live: &LiveService,
    survey: &Survey,
) -> ServicePlan {
    let known = survey
        .recorded
        .as_ref()
        .is_some_and(|r| r.services.contains_key(&wanted.locator.name));
    let begins = live.desired == 0 && (!known || live.history == History::Never);
    let start = terms.desired_count.filter(|desired| begins && *desired > 0);
    let standing = survey
        .registered
        .standing(&live.definition, &live.document, &wanted.definition);
    // A rollout that failed is not what a release says, whatever it runs.
    let failed = live.activity == Activity::Failed;
    let change = match (start, standing.same && !failed, live.history) {
        (Some(_), _, _) => Change::Start,
        (None, true, History::Completed) => Change::Unchanged,
        (None, _, _) => Change::Update,
    };
    let renewal = match standing.same && failed {
        true => Renewal::Forced,
        false => Renewal::IfChanged,
    };
    ServicePlan {
        locator: wanted.locator.clone(),
        change,
        target: Some(ServiceTarget {
            definition: wanted.definition.clone(),
            image: wanted.image.clone(),
            desired: start,
            renewal,
            version: terms.version,
        }),
        before: service_before(&wanted.locator.name, live, survey, standing.document),
        timeout: terms.timeout,
        probe: terms.probe,
        awaited: terms.awaited,
    }
}

pub(crate) fn service_before(
    name: &ServiceName,
    live: &LiveService,
    survey: &Survey,
    document: Definition,
) -> ServiceBefore {
    let recorded = survey.recorded.as_ref();
    let recorded = recorded.and_then(|recorded| recorded.services.get(name));
    let ours = recorded.is_some_and(|recorded| is_on(survey, live, recorded));
    // What did not complete is nothing to return to.
    let (definition, document) = match &live.completed {
        Some(completed) => (
            completed.definition.clone(),
            survey
                .registered
                .sent(&completed.definition, &completed.document),
        ),
        None => (live.definition.clone(), document),
    };
    ServiceBefore {
        definition,
        document,
        version: survey.answers.get(name).filter(|_| ours).cloned(),
        rollout: live.rollout.clone(),
        desired: live.desired,
        history: live.history,
        breaker: live.breaker,
        balanced: live.balanced,
        judges: live.judges.clone(),
        strategy: live.strategy.clone(),
    }
}

/// Whether a live service runs what a release says.
fn is_on(survey: &Survey, live: &LiveService, release: &ServiceRelease) -> bool {
    let wanted = &release.definition;
    let standing = survey
        .registered
        .standing(&live.definition, &live.document, wanted);
    standing.same
}

/// The parts of a release that are not what runs: somebody else changed them, or nobody brought them there.
#[must_use]
pub fn drifted(release: &Release, survey: &Survey) -> Vec<Component> {
    let services = release.services.iter().filter(|(name, recorded)| {
        let live = survey.services.get(*name);
        !live.is_some_and(|live| is_on(survey, live, recorded))
    });
    let services = services.map(|(name, _)| Component::Service(name.clone()));
    let frontends = release.frontends.iter().filter(|(name, manifest)| {
        let published = survey.published.get(*name);
        let is_live = |path: &String, file: &ManifestFile| {
            published.is_some_and(|it| it.live.get(path) == Some(&file.sha256))
        };
        let mut pointers = manifest.of_kind(FileKind::Mutable);
        pointers.any(|(path, file)| !is_live(path, file))
    });
    let frontends = frontends.map(|(name, _)| Component::Frontend(name.clone()));
    services.chain(frontends).collect()
}

/// Services of the recorded release that the new one lacks, and that still run.
pub(super) fn retired(release: &Release, survey: &Survey) -> BTreeMap<ServiceName, ServicePlan> {
    let Some(recorded) = &survey.recorded else {
        return BTreeMap::new();
    };
    recorded
        .services
        .iter()
        .filter(|(name, _)| !release.services.contains_key(name))
        .filter_map(|(name, gone)| {
            let live = survey.services.get(name).filter(|live| live.desired > 0)?;
            let plan = ServicePlan {
                locator: gone.locator.clone(),
                change: Change::Retire,
                target: None,
                before: service_before(
                    name,
                    live,
                    survey,
                    survey.registered.sent(&live.definition, &live.document),
                ),
                timeout: USUAL_TIMEOUT,
                probe: None,
                awaited: Awaited::default(),
            };
            Some((name.clone(), plan))
        })
        .collect()
}

pub(super) fn refuse_service(
    name: &ServiceName,
    service: &ServicePlan,
    live: &LiveService,
    survey: &Survey,
    refusals: &mut Vec<Refusal>,
) {
    match &live.condition {
        ServiceCondition::Active => {}
        ServiceCondition::Inactive => return refusals.push(Refusal::ServiceInactive(name.clone())),
        ServiceCondition::Foreign(controller) => {
            return refusals.push(Refusal::ForeignController(name.clone(), controller.clone()));
        }
        ServiceCondition::Unsupported(how) => {
            return refusals.push(Refusal::Unsupported(name.clone(), how.clone()));
        }
    }
    let target = service.target.as_ref();
    let mode = target.and_then(|target| target.definition.network_mode());
    if let Some(mode) = mode.filter(|mode| *mode != "awsvpc") {
        let how = format!("would have tasks of the network mode `{mode}`");
        return refusals.push(Refusal::Unsupported(name.clone(), how));
    }
    if service.change == Change::Unchanged {
        return;
    }
    let foreign = !survey.ours.contains(&live.rollout);
    if live.activity == Activity::RollingOut && live.history == History::Completed && foreign {
        refusals.push(Refusal::AlreadyRollingOut(name.clone()));
    }
    let desired = service
        .target
        .as_ref()
        .and_then(|t| t.desired)
        .unwrap_or(live.desired);
    let trouble = live.strategy.shifting().and_then(|shifting| {
        let mut routes = shifting.routes.iter();
        routes.find_map(Route::trouble)
    });
    if let Some(trouble) = trouble {
        refusals.push(Refusal::RoutesElsewhere(name.clone(), trouble));
    }
    let rolling = live.strategy == Strategy::Rolling;
    if rolling && live.bounds.stuck(desired) && service.change == Change::Update {
        refusals.push(Refusal::StuckBounds {
            service: name.clone(),
            desired,
            bounds: live.bounds,
        });
    }
    if service.change == Change::Update && live.desired > 0 && live.history == History::Completed {
        if live.definition_state == DefinitionState::Inactive {
            refusals.push(Refusal::RollbackDefinitionInactive(name.clone()));
        }
        if let Some(digest) = survey.expired.get(name) {
            refusals.push(Refusal::RollbackImageExpired {
                service: name.clone(),
                digest: digest.clone(),
            });
        }
    }
}

pub(super) fn refuse_platform(
    name: &str,
    image: &ResolvedImage,
    definition: &Definition,
    refusals: &mut Vec<Refusal>,
) {
    let wanted = platform(&definition.document);
    if !image.platforms.is_empty() && !image.platforms.contains(&wanted) {
        let (service, built) = (name.to_owned(), image.platforms.clone());
        refusals.push(Refusal::WrongPlatform {
            service,
            built,
            wanted,
        });
    }
}
