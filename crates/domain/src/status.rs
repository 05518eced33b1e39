//! What is live now: what runs, who confirms it, and what differs from the record. Nothing is refused here and nothing guessed: what
//! cannot be asked is said.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::{join, join_all};
use jiff::Timestamp;

use crate::adoption;
use crate::app::{App, Awaited, Frontend, ServiceLocator};
use crate::hearing::{Hearing, hear};
use crate::journal::Side;
use crate::ledger::{Entry, RECENT, answers};
use crate::plan::{
    Change, Direction, FrontendChange, FrontendPlan, Plan, SchemaRisk, ServicePlan, Terms,
    USUAL_TIMEOUT, WayBack, service_before, service_plan,
};
use crate::ports::{Clock, Cloud, Ledger, PortFailure};
use crate::registered::{Registered, Revisions};
use crate::release::{FileKind, Manifest, ManifestFile, Release};
use crate::scheduled;
use crate::schema::SchemaRecord;
use crate::survey::{Activity, Ancestry, LiveService, PublishedFiles, ServiceCondition, Survey};
use crate::verdict::{Component, Proof, Witness, WitnessKind};
use crate::{DefinitionRef, DeploymentId, Digest, FrontendName, RolloutHandle, ServiceName};

/// What is live now.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// When it was seen.
    pub at: Timestamp,
    /// The release that was last proven here by Backstay.
    pub recorded: Option<Release>,
    /// Everybody who was heard, component by component.
    pub proofs: Vec<Proof>,
    /// Services without a desired task: there is nothing to prove.
    pub idle: Vec<ServiceName>,
    /// What services run.
    pub runs: BTreeMap<ServiceName, Runs>,
    /// Services that run something else than the recorded release.
    pub drift: BTreeMap<ServiceName, Drift>,
    /// What may have happened to the database's schema; or why that cannot be read.
    pub schema: Result<SchemaRecord, PortFailure>,
}

/// What a service runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    /// Its task definition, by the cloud's own name.
    pub definition: DefinitionRef,
    /// The images of its containers, as its task definition holds them.
    pub images: Vec<String>,
    /// How many tasks are wanted.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// The rollout that goes on now.
    pub rolling_out: Option<RolloutHandle>,
    /// Who else owns it.
    pub condition: ServiceCondition,
}

/// What a service should run by the record, and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// What it runs instead.
    pub runs: DefinitionRef,
    /// The image that the recorded release has.
    pub wanted: Digest,
}

/// Looks, and hears every witness, for as long as what is missing may come by itself.
///
/// # Errors
/// When the ledger cannot be read. A cloud that does not answer is a witness that was not heard.
pub async fn look<C: Cloud, L: Ledger, K: Clock>(
    (cloud, ledger, clock): (&C, &L, &K),
    app: &App,
    within: Duration,
) -> Result<Status, PortFailure> {
    let entries = ledger.newest(&app.name, &app.environment, RECENT).await?;
    let recorded = entries.last().map(|entry| entry.release.clone());
    let locators = locators(app, recorded.as_ref());
    let all: Vec<ServiceLocator> = locators.values().cloned().collect();
    let mut status = Status {
        at: clock.now(),
        recorded,
        proofs: Vec::new(),
        idle: Vec::new(),
        runs: BTreeMap::new(),
        drift: BTreeMap::new(),
        schema: ledger.schema().await,
    };
    // Both at once: where nobody answers, it takes its time once.
    let looked = join(
        cloud.survey(&all),
        pointers_of(cloud, app, status.recorded.as_ref()),
    );
    let (live, pointers) = looked.await;
    let live = match live {
        Ok(live) => live,
        Err(failure) => {
            let unheard = Witness::unheard(WitnessKind::Rollout, &failure);
            status.proofs = locators
                .keys()
                .map(|name| proof(name, vec![unheard.clone()]))
                .collect();
            BTreeMap::new()
        }
    };
    let seen = status.proofs.is_empty();
    let survey = surveyed(clock.now(), (&status, &entries), live, &pointers);
    let Some(plan) = standing(app, &status, (&survey, &entries), &pointers) else {
        return Ok(status);
    };
    let heard: Vec<&ServicePlan> = plan
        .services
        .values()
        .filter(|service| service.change == Change::Unchanged && service.before.desired > 0)
        .collect();
    let nobody = BTreeSet::new();
    let hearing = Hearing {
        plan: &plan,
        side: Side::New,
        within,
        waived: &nobody,
        missing: &|_| {},
    };
    let (proofs, at) = hear(cloud, clock, hearing, &heard).await;
    status.at = at;
    if seen {
        status.compare(&locators, &plan, &survey.services);
    }
    status.proofs.extend(proofs);
    for (name, failure) in pointers
        .iter()
        .filter_map(|(name, it)| Some((name, it.as_ref().err()?)))
    {
        status.proofs.push(Proof {
            component: Component::Frontend(name.clone()),
            witnesses: vec![Witness::unheard(WitnessKind::Bucket, failure)],
        });
    }
    status
        .proofs
        .sort_by(|one, other| one.component.cmp(&other.component));
    Ok(status)
}

/// The services of the record; those of the configuration where nothing is recorded.
fn locators(app: &App, recorded: Option<&Release>) -> BTreeMap<ServiceName, ServiceLocator> {
    match recorded {
        Some(release) => release
            .services
            .iter()
            .map(|(name, service)| (name.clone(), service.locator.clone()))
            .collect(),
        None => app
            .services
            .iter()
            .map(|(name, service)| (name.clone(), service.locator.clone()))
            .collect(),
    }
}

type Pointers = BTreeMap<FrontendName, Result<BTreeMap<String, String>, PortFailure>>;

/// The hashes of what is live under the names that releases overwrite, by frontend.
async fn pointers_of<C: Cloud>(cloud: &C, app: &App, recorded: Option<&Release>) -> Pointers {
    let each = app.frontends.iter().map(async |(name, frontend)| {
        let paths = overwritten(name, frontend, recorded);
        let live = match paths.is_empty() {
            true => Ok(BTreeMap::new()),
            false => cloud.pointers(frontend, &paths).await,
        };
        (name.clone(), live)
    });
    join_all(each).await.into_iter().collect()
}

fn overwritten(
    name: &FrontendName,
    frontend: &Frontend,
    recorded: Option<&Release>,
) -> Vec<String> {
    // Patterns name no file; what is recorded, and whatever is named in full, can be looked at.
    let named = |name: &&String| !name.contains('*');
    match recorded {
        Some(release) => {
            let manifest = release.frontends.get(name).into_iter();
            let mutable = manifest.flat_map(|manifest| manifest.of_kind(FileKind::Mutable));
            mutable.map(|(path, _)| path.clone()).collect()
        }
        None => frontend.mutable.iter().filter(named).cloned().collect(),
    }
}

fn surveyed(
    at: Timestamp,
    (status, entries): (&Status, &[Entry]),
    services: BTreeMap<ServiceName, LiveService>,
    pointers: &Pointers,
) -> Survey {
    let published = pointers.iter().map(|(name, live)| {
        let published = PublishedFiles {
            live: live.as_ref().cloned().unwrap_or_default(),
            ..PublishedFiles::default()
        };
        (name.clone(), published)
    });
    Survey {
        at,
        services,
        published: published.collect(),
        recorded: status.recorded.clone(),
        registered: Registered::of(entries),
        startable: BTreeSet::new(),
        answers: answers(entries),
        expired: BTreeMap::new(),
        unasked: BTreeSet::new(),
        kept: Vec::new(),
        expiring: BTreeSet::new(),
        ours: BTreeSet::new(),
        ancestry: Ancestry::Unknown,
        // What is live is looked at, whatever the schema is.
        schema: SchemaRecord::default(),
        applies: None,
        head: None,
        schema_ancestry: Ancestry::Unknown,
        schema_risk: SchemaRisk::Accepted,
        migrating: Vec::new(),
        jobs: BTreeMap::new(),
        jobs_unseen: BTreeMap::new(),
        unreadable: None,
    }
}

/// What is live as a plan that changes nothing: it has the witnesses that a deployment would hear.
fn standing(
    app: &App,
    status: &Status,
    (survey, entries): (&Survey, &[Entry]),
    pointers: &Pointers,
) -> Option<Plan> {
    let release = match &status.recorded {
        Some(release) => release.clone(),
        None => adoption::nothing(&app.name, &app.environment)?,
    };
    let services = survey.services.iter().map(|(name, live)| {
        let probe = app.services.get(name).and_then(|known| known.probe.clone());
        let service = match release.services.get(name) {
            Some(wanted) => {
                let terms = Terms {
                    timeout: USUAL_TIMEOUT,
                    probe,
                    desired_count: None,
                    awaited: Awaited::default(),
                    version: survey.answers.get(name).cloned(),
                };
                service_plan(terms, wanted, live, survey)
            }
            // Nothing is recorded of it: it is heard whether what runs is well.
            None => ServicePlan {
                locator: app.services.get(name)?.locator.clone(),
                change: Change::Unchanged,
                target: None,
                before: service_before(
                    name,
                    live,
                    survey,
                    survey.registered.sent(&live.definition, &live.document),
                ),
                timeout: USUAL_TIMEOUT,
                probe,
                awaited: Awaited::default(),
            },
        };
        Some((name.clone(), service))
    });
    let services = services.collect::<Option<BTreeMap<_, _>>>()?;
    let found = |pointers: &BTreeMap<String, String>| {
        let files = pointers
            .iter()
            .map(|(path, sha256)| (path.clone(), ManifestFile::found(sha256.clone())));
        Manifest::new(files.collect())
    };
    let manifest = |name: &FrontendName| match &status.recorded {
        Some(release) => release.frontends.get(name).cloned(),
        None => {
            let live = pointers.get(name)?.as_ref().ok()?;
            Some(found(live)).filter(|found| !found.files.is_empty())
        }
    };
    let frontends = app.frontends.iter().filter_map(|(name, frontend)| {
        let before = survey.published.get(name);
        let plan = FrontendPlan {
            frontend: frontend.clone(),
            manifest: manifest(name)?,
            published: None,
            before: before.map(|it| it.live.clone()).unwrap_or_default(),
            change: FrontendChange::Unchanged,
            upload: BTreeSet::new(),
            correct: BTreeMap::new(),
            forget: None,
            settled: None,
        };
        Some((name.clone(), plan))
    });
    Some(Plan {
        deployment: DeploymentId::parse("d-status").ok()?,
        release,
        direction: Direction::Forward,
        before: None,
        services,
        waves: Vec::new(),
        migration: None,
        frontends: frontends.collect(),
        jobs: entries.last().map(scheduled::recorded).unwrap_or_default(),
        checks: Vec::new(),
        policy: app.policy.clone(),
        way_back: WayBack::Whole,
        warnings: Vec::new(),
        revisions: Revisions::default(),
        startable: BTreeSet::new(),
        steps: Vec::new(),
    })
}

impl Status {
    /// What runs beside what is recorded: services that are not there, that run something else, or that have no task.
    fn compare(
        &mut self,
        locators: &BTreeMap<ServiceName, ServiceLocator>,
        plan: &Plan,
        live: &BTreeMap<ServiceName, LiveService>,
    ) {
        for (name, locator) in locators {
            let (Some(service), Some(live)) = (plan.services.get(name), live.get(name)) else {
                let absent = format!(
                    "there is no service `{}` on cluster `{}`",
                    locator.cluster_name, locator.cluster
                );
                let witness = match self.recorded {
                    Some(_) => Witness::contradicts(WitnessKind::Rollout, absent),
                    None => Witness::silent(WitnessKind::Rollout, absent),
                };
                self.proofs.push(proof(name, vec![witness]));
                continue;
            };
            let images = live.document.images().map(str::to_owned).collect();
            let rolling = live.activity == Activity::RollingOut;
            let runs = Runs {
                definition: live.definition.clone(),
                images,
                desired: live.desired,
                running: live.running,
                rolling_out: rolling.then(|| live.rollout.clone()),
                condition: live.condition.clone(),
            };
            let wanted = service
                .target
                .as_ref()
                .map(|target| target.image.digest.clone());
            if let (Some(wanted), true) = (wanted, service.change != Change::Unchanged) {
                let instead = format!(
                    "it runs {} ({}), which is not what the release says ({})",
                    runs.definition.short(),
                    short(&runs.images),
                    wanted.short()
                );
                let witness = Witness::contradicts(WitnessKind::Rollout, instead);
                self.proofs.push(proof(name, vec![witness]));
                let runs = runs.definition.clone();
                self.drift.insert(name.clone(), Drift { runs, wanted });
            } else if live.desired == 0 {
                self.idle.push(name.clone());
            }
            self.runs.insert(name.clone(), runs);
        }
    }
}

fn proof(name: &ServiceName, witnesses: Vec<Witness>) -> Proof {
    Proof {
        component: Component::Service(name.clone()),
        witnesses,
    }
}

/// Images by their digests' first digits, or by their tags.
fn short(images: &[String]) -> String {
    let one = |image: &String| match image.split_once('@') {
        Some((_, digest)) => digest.get(..15).unwrap_or(digest).to_owned(),
        None => image.rsplit('/').next().unwrap_or(image).to_owned(),
    };
    images.iter().map(one).collect::<Vec<_>>().join(", ")
}
