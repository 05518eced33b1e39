//! The way back to an earlier release: a plan like any other, in the other direction, refused where it would not arrive.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::{frontend_plan, unasked, warnings};
use super::service::{Terms, USUAL_TIMEOUT, refuse_service, retired, service_plan};
use super::{
    Before, Direction, MigrationChange, MigrationPlan, Plan, Refusal, Refusals, ServicePlan,
    WayBack,
};
use crate::app::{App, Compatibility, SchemaDown, WayDown};
use crate::ledger::{Arrival, Entry, answers};
use crate::release::{MigrationRelease, Release};
use crate::survey::Survey;
use crate::{DeploymentId, ServiceName, Version};

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

/// What to do when a release cannot run on the present schema, and the schema cannot go down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaRisk {
    /// Refuse.
    Refused,
    /// Return with the code alone; a human said so.
    Accepted,
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
    let migration = migration(app, target, earlier).unwrap_or_else(|refusal| {
        refusals.push(refusal);
        None
    });
    if !refusals.is_empty() {
        return Err(Refusals(refusals));
    }
    let before = survey.recorded.as_ref().map(|recorded| Before {
        id: recorded.id.clone(),
        version: recorded.version.clone(),
    });
    let way_back = match migration.as_ref().map(|m| &m.change) {
        Some(MigrationChange::Down(_)) => WayBack::UntilMigration,
        Some(MigrationChange::Run | MigrationChange::Unchanged) | None => WayBack::Whole,
    };
    Ok(Plan {
        deployment,
        release: target.clone(),
        direction: Direction::Backward,
        before,
        revisions: survey.registered.revisions(target.definitions()),
        waves: waves(app, target),
        migration,
        frontend: frontend_plan(app, target.frontend.as_ref(), survey),
        checks: target.checks.clone(),
        policy: app.policy.clone(),
        way_back,
        warnings: warnings(&services, survey, way_back)
            .into_iter()
            .chain(unasked(&earlier.unasked))
            .collect(),
        services,
    })
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
    let expired = target
        .services
        .iter()
        .filter(|(_, service)| earlier.gone.contains(&service.image.reference))
        .map(|(name, service)| Refusal::TargetImageExpired {
            service: name.to_string(),
            version: target.version.clone(),
            digest: service.image.digest.clone(),
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

/// The table of `design.md`, "Rollback and the schema", over every migration that came after the release.
fn migration(
    app: &App,
    target: &Release,
    earlier: &Earlier<'_>,
) -> Result<Option<MigrationPlan>, Refusal> {
    let Some(configured) = app.migration.as_ref() else {
        return Ok(None);
    };
    let since = since(target, earlier.entries);
    let newest = since
        .last()
        .and_then(|(entry, _)| entry.release.migration.as_ref());
    let Some(ran) = newest.or(target.migration.as_ref()) else {
        return Ok(None);
    };
    let breaking = since
        .iter()
        .position(|(_, migration)| migration.compatibility == Compatibility::Breaking)
        .and_then(|place| since.get(place).map(|(entry, _)| (*entry, &since[place..])));
    let change = match (breaking, earlier.schema_risk) {
        (None, _) | (Some(_), SchemaRisk::Accepted) => MigrationChange::Unchanged,
        (Some((first, undone)), SchemaRisk::Refused) => {
            let revision =
                way_down(app, first, undone).map_err(|(since, why)| Refusal::SchemaInTheWay {
                    version: target.version.clone(),
                    since,
                    why: why.to_owned(),
                })?;
            MigrationChange::Down(revision)
        }
    };
    Ok(Some(MigrationPlan {
        change,
        cluster: configured.cluster.clone(),
        definition: ran.definition.clone(),
        image: ran.image.clone(),
        container: configured.container.clone(),
        command: configured.command.clone(),
        current_command: configured.current_command.clone(),
        down_command: configured.down_command.clone(),
        compatibility: ran.compatibility,
        way_down: ran.way_down,
        timeout: configured.timeout,
        network: configured.network.clone(),
    }))
}

/// The migrations that ran after the release was last live, oldest first: each entry whose migration differs from the one
/// before it.
fn since<'e>(target: &Release, entries: &'e [Entry]) -> Vec<(&'e Entry, &'e MigrationRelease)> {
    let last = entries
        .iter()
        .rposition(|entry| entry.release.id == target.id);
    let Some(last) = last else {
        return Vec::new();
    };
    let mut before = target.migration.as_ref();
    let mut ran = Vec::new();
    for entry in &entries[last + 1..] {
        let deployed = entry.arrival == Arrival::Deployed;
        let Some(migration) = entry.release.migration.as_ref().filter(|_| deployed) else {
            continue;
        };
        if before.is_none_or(|before| before.image.digest != migration.image.digest) {
            ran.push((entry, migration));
        }
        before = Some(migration);
    }
    ran
}

/// The revision that undoing all of them returns to.
fn way_down(
    app: &App,
    first: &Entry,
    undone: &[(&Entry, &MigrationRelease)],
) -> Result<String, (Version, &'static str)> {
    let version = || first.release.version.clone();
    if let Some((entry, _)) = undone
        .iter()
        .find(|(_, migration)| migration.way_down != WayDown::Lossless)
    {
        return Err((
            entry.release.version.clone(),
            "its migration has no lossless way down",
        ));
    }
    match app.policy.schema_down {
        SchemaDown::Never => {
            return Err((
                version(),
                "the environment's policy keeps rollbacks from the schema",
            ));
        }
        SchemaDown::Lossless => {}
    }
    if app
        .migration
        .as_ref()
        .is_none_or(|migration| migration.down_command.is_none())
    {
        return Err((version(), "no `down` command is configured"));
    }
    first.schema_before.clone().ok_or_else(|| {
        (
            version(),
            "the revision before its migration was not recorded",
        )
    })
}
