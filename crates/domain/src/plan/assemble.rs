//! An app's release and the present state become a plan, or all the reasons against it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::frontend::{doubts, frontend_plan, refuse_files};
use super::{
    Before, Change, Direction, MigrationChange, MigrationPlan, Plan, Refusal, Refusals,
    ServiceBefore, ServicePlan, ServiceTarget, Warning, WayBack,
};
use crate::app::{App, Check, Compatibility, Irreversible, SchemaDown, WayDown};
use crate::definition::Definition;
use crate::release::{Release, ResolvedImage, ServiceRelease};
use crate::survey::{
    Activity, Ancestry, Breaker, DefinitionState, History, LiveService, ServiceCondition, Survey,
};
use crate::{DeploymentId, ServiceName};

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
    let migration = migration_plan(app, &release, survey);
    if let Some(migration) = &migration {
        refuse_platform(
            "migration",
            &migration.image,
            &migration.definition,
            &mut refusals,
        );
    }
    let frontend = frontend_plan(app, release.frontend.as_ref(), survey);
    refusals.extend(refuse_files(frontend.as_ref(), survey));
    let way_back = way_back(app, migration.as_ref());
    if let Some(refusal) = older(&release, survey) {
        refusals.push(refusal);
    }
    if way_back == WayBack::UntilMigration && app.policy.irreversible == Irreversible::Refuse {
        refusals.push(Refusal::Irreversible);
    }
    if !refusals.is_empty() {
        return Err(Refusals(refusals));
    }
    let before = survey.recorded.as_ref().map(|r| Before {
        id: r.id.clone(),
        version: r.version.clone(),
    });
    let mut warnings = warnings(&services, survey, way_back);
    if let Some(frontend) = &frontend {
        warnings.extend(doubts(&frontend.frontend, &frontend.manifest));
    }
    let waves = app
        .waves()
        .unwrap_or_else(|_| vec![app.services.keys().cloned().collect()]);
    let (checks, policy) = (app.checks.clone(), app.policy.clone());
    Ok(Plan {
        deployment,
        release,
        direction: Direction::Forward,
        before,
        services,
        waves,
        migration,
        frontend,
        checks,
        policy,
        way_back,
        warnings,
    })
}

/// What the configuration says about how a service is brought to a release.
pub(super) struct Terms {
    pub(super) timeout: Duration,
    pub(super) probe: Option<Check>,
    pub(super) desired_count: u32,
}

/// How long a service may take that the configuration does not know.
pub(super) const USUAL_TIMEOUT: Duration = Duration::from_secs(15 * 60);

pub(super) fn service_plan(
    terms: Terms,
    wanted: &ServiceRelease,
    live: &LiveService,
    survey: &Survey,
) -> ServicePlan {
    let known = survey
        .recorded
        .as_ref()
        .is_some_and(|r| r.services.contains_key(&wanted.locator.name));
    let idle = live.desired == 0 && terms.desired_count > 0;
    let start = idle && (!known || live.history == History::Never);
    let same = live.document.hash == wanted.definition.hash;
    let change = match (start, same, live.history) {
        (true, _, _) => Change::Start,
        (false, true, History::Completed) => Change::Unchanged,
        (false, _, _) => Change::Update,
    };
    ServicePlan {
        locator: wanted.locator.clone(),
        change,
        target: Some(ServiceTarget {
            definition: wanted.definition.clone(),
            image: wanted.image.clone(),
            desired: start.then_some(terms.desired_count),
        }),
        before: service_before(live),
        timeout: terms.timeout,
        probe: terms.probe,
    }
}

fn service_before(live: &LiveService) -> ServiceBefore {
    ServiceBefore {
        definition: live.definition.clone(),
        document: live.document.clone(),
        rollout: live.rollout.clone(),
        desired: live.desired,
        history: live.history,
        breaker: live.breaker,
    }
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
                before: service_before(live),
                timeout: USUAL_TIMEOUT,
                probe: None,
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
    }
    if service.change == Change::Unchanged {
        return;
    }
    if live.activity == Activity::RollingOut && live.history == History::Completed {
        refusals.push(Refusal::AlreadyRollingOut(name.clone()));
    }
    let desired = service
        .target
        .as_ref()
        .and_then(|t| t.desired)
        .unwrap_or(live.desired);
    if live.bounds.stuck(desired) && service.change == Change::Update {
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
    let wanted = platform(definition);
    if !image.platforms.is_empty() && !image.platforms.contains(&wanted) {
        let (service, built) = (name.to_owned(), image.platforms.clone());
        refusals.push(Refusal::WrongPlatform {
            service,
            built,
            wanted,
        });
    }
}

/// The platform that a task definition's tasks run on.
fn platform(definition: &Definition) -> String {
    let architecture = definition
        .document
        .pointer("/runtimePlatform/cpuArchitecture")
        .and_then(Value::as_str);
    match architecture {
        Some("ARM64") => "linux/arm64".to_owned(),
        Some(_) | None => "linux/amd64".to_owned(),
    }
}

fn migration_plan(app: &App, release: &Release, survey: &Survey) -> Option<MigrationPlan> {
    let configured = app.migration.as_ref()?;
    let wanted = release.migration.as_ref()?;
    let ran = survey.recorded.as_ref().and_then(|r| r.migration.as_ref());
    let same = ran.is_some_and(|ran| {
        ran.image.digest == wanted.image.digest && ran.definition == wanted.definition
    });
    Some(MigrationPlan {
        change: if same {
            MigrationChange::Unchanged
        } else {
            MigrationChange::Run
        },
        cluster: configured.cluster.clone(),
        definition: wanted.definition.clone(),
        image: wanted.image.clone(),
        container: configured.container.clone(),
        command: configured.command.clone(),
        current_command: configured.current_command.clone(),
        down_command: configured.down_command.clone(),
        compatibility: configured.compatibility,
        way_down: configured.way_down,
        timeout: configured.timeout,
        network: configured.network.clone(),
    })
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

/// The table of `design.md`, "Rollback and the schema", read before the first change.
fn way_back(app: &App, migration: Option<&MigrationPlan>) -> WayBack {
    let Some(migration) = migration.filter(|m| m.change == MigrationChange::Run) else {
        return WayBack::Whole;
    };
    let can_undo = migration.down_command.is_some() && migration.current_command.is_some();
    match (
        migration.compatibility,
        migration.way_down,
        app.policy.schema_down,
    ) {
        (Compatibility::Compatible, _, _) => WayBack::Whole,
        (Compatibility::Breaking, WayDown::Lossless, SchemaDown::Lossless) if can_undo => {
            WayBack::WithSchemaDown
        }
        (Compatibility::Breaking, WayDown::Lossless | WayDown::Lossy | WayDown::Absent, _) => {
            WayBack::UntilMigration
        }
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
    if way_back == WayBack::UntilMigration {
        warnings.push(Warning::Irreversible);
    }
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
        if service.change == Change::Update && before.desired == 0 {
            warnings.push(Warning::NothingToProve(name.clone()));
        }
        if before.desired > 0 && before.history == History::Completed && !pinned(&before.document) {
            warnings.push(Warning::UnpinnedBefore(name.clone()));
        }
    }
    warnings
}

fn pinned(definition: &Definition) -> bool {
    let containers = definition
        .document
        .get("containerDefinitions")
        .and_then(Value::as_array);
    containers.is_some_and(|all| {
        all.iter().all(|one| {
            one.get("image")
                .and_then(Value::as_str)
                .is_some_and(|image| image.contains("@sha256:"))
        })
    })
}
