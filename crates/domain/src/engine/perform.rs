//! The one executor: every act becomes exactly one port call.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Ports;
use crate::adoption;
use crate::decide::{
    anchor_request, forgets, job_request, job_starts, outlived, pointers, reading, time_limit,
};
use crate::definition::sha256_hex;
use crate::journal::{Act, Gave, Job, Side};
use crate::ledger::{Arrival, Entry, Runs};
use crate::plan::{Change, Direction, FrontendPlan, Plan, ServicePlan};
use crate::ports::{
    Clock, Cloud, Effect, FailureKind, Interrupts, Journal, Ledger, PortFailure, Publication,
    Renewal, Report, RolloutRequest,
};
use crate::progress::Progress;
use crate::scheduled::Reschedule;
use crate::survey::Owner;
use crate::traffic::Answer;
use crate::verdict::Component;
use crate::{DefinitionRef, FrontendName, IdempotencyKey, JobName, ServiceName};

/// Performs an act: one call of a port.
///
/// # Errors
/// As the port does.
pub async fn perform<C: Cloud, J: Journal, L: Ledger, K: Clock, R: Report, I: Interrupts>(
    ports: &Ports<'_, C, J, L, K, R, I>,
    plan: &Plan,
    progress: &Progress,
    act: &Act,
) -> Result<Gave, PortFailure> {
    let cloud = ports.cloud;
    match act {
        Act::Register { component } => {
            let definition = plan.definition_of(component);
            cloud
                .register(planned(act, definition)?, &plan.revisions)
                .await
                .map(Gave::Definition)
        }
        Act::Anchor => {
            let request = anchor_request(plan, progress);
            let request = planned(act, request.as_ref())?;
            cloud.anchor(request).await.map(Gave::Anchor)
        }
        Act::ForgetAnchors => {
            let outlived = outlived(plan, ports.clock.now());
            let outlived = planned(act, outlived.as_ref())?;
            cloud.forget(outlived).await.map(Gave::Forgot)
        }
        Act::PublishAssets { frontend } => {
            let FrontendPlan {
                frontend,
                manifest,
                before,
                upload,
                correct,
                ..
            } = planned(act, plan.frontends.get(frontend))?;
            let owner = Owner {
                app: plan.release.app.clone(),
                environment: plan.release.environment.clone(),
            };
            let publication = Publication {
                manifest,
                owner: &owner,
                upload,
                correct,
                keep: before,
            };
            cloud
                .publish(frontend, &publication)
                .await
                .map(Gave::Published)
        }
        Act::StartJob { job } => {
            let request = job_request(plan, progress, *job);
            cloud
                .start(planned(act, request.as_ref())?)
                .await
                .map(Gave::Task)
        }
        Act::StopJob { job } => {
            let request = job_request(plan, progress, *job);
            let (task, _) = planned(act, progress.task(*job))?;
            let limit = time_limit(plan, *job).as_secs();
            let why = format!("Backstay: it took longer than {limit} s");
            cloud
                .stop(planned(act, request.as_ref())?, task, &why)
                .await
                .map(|()| Gave::Nothing)
        }
        Act::RollOut { service, side } => {
            let service = planned(act, plan.services.get(service))?;
            let request = planned(act, rollout_request(progress, service, *side))?;
            cloud.roll_out(&request).await.map(Gave::Rollout)
        }
        Act::TurnBack { service } => {
            let locator = planned(act, plan.services.get(service)).map(|s| &s.locator)?;
            let (rollout, _) = planned(act, progress.rollout(service, Side::New))?;
            cloud
                .turn_back(locator, rollout)
                .await
                .map(|()| Gave::Nothing)
        }
        Act::GoOn { service, hold } => {
            let locator = planned(act, plan.services.get(service)).map(|s| &s.locator)?;
            let (rollout, _) = planned(act, progress.rollout(service, Side::Old))?;
            cloud
                .answer(locator, rollout, (hold, Answer::GoOn))
                .await
                .map(|()| Gave::Nothing)
        }
        Act::Point { frontend, side } => {
            let frontend = planned(act, plan.frontends.get(frontend))?;
            cloud
                .point(&frontend.frontend, &pointers(frontend, *side))
                .await
                .map(|()| Gave::Nothing)
        }
        Act::Invalidate { frontend, side } => {
            let key = planned(act, invalidation_key(plan, frontend, *side))?;
            let frontend = planned(act, plan.frontends.get(frontend))?;
            cloud
                .invalidate(&frontend.frontend, &forgets(frontend, *side), &key)
                .await
                .map(Gave::Invalidation)
        }
        Act::Schedule { job, side } => {
            let request = reschedule(plan, progress, job, *side);
            cloud
                .reschedule(planned(act, request.as_ref())?)
                .await
                .map(|()| Gave::Nothing)
        }
        Act::RecordRelease => {
            let now = ports.clock.now();
            let (app, environment) = (&plan.release.app, &plan.release.environment);
            // What ran before the first deployment is where its first rollback goes.
            if let Some(found) = adoption::found(plan)
                && ports.ledger.last_proven(app, environment).await?.is_none()
            {
                let runs = adoption::runs(plan, &found);
                let jobs = adoption::jobs(plan, &found);
                let entry = Entry {
                    runs,
                    jobs,
                    ..Entry::found(found, now)
                };
                ports.ledger.record(&entry).await?;
            }
            let entry = entry(plan, progress, now);
            ports.ledger.record(&entry).await?;
            // It is recorded, and somebody may go back to it one day.
            let release = &plan.release;
            let unkept = cloud.keep_images(&release.images(), &release.id).await;
            Ok(match unkept.as_slice() {
                [] => Gave::Nothing,
                failures => Gave::Unkept(failures.iter().map(ToString::to_string).collect()),
            })
        }
    }
}

fn entry(plan: &Plan, progress: &Progress, at: Timestamp) -> Entry {
    Entry {
        release: plan.release.clone(),
        deployment: Some(plan.deployment.clone()),
        at: Some(at),
        arrival: match plan.direction {
            Direction::Forward => Arrival::Deployed,
            Direction::Backward => Arrival::RolledBack,
        },
        schema_before: reading(progress, Job::RevisionBefore),
        anchor: progress.anchored().map(|anchor| anchor.name.clone()),
        runs: runs(plan, progress),
        migration_definition: progress.definition(&Component::Migration).cloned(),
        jobs: jobs(plan, progress),
    }
}

/// The revision of each job of the release.
fn jobs(plan: &Plan, progress: &Progress) -> BTreeMap<JobName, DefinitionRef> {
    let jobs = plan.jobs.iter().filter_map(|(name, job)| {
        let starts = job_starts(progress, (name, job), Side::New);
        let starts = starts.or_else(|| plan.reuses(&job.definition));
        Some((name.clone(), starts?.clone()))
    });
    jobs.collect()
}

/// What makes a job's trigger start one side's revision: that of either side may be there, and nobody else's.
fn reschedule(plan: &Plan, progress: &Progress, name: &JobName, side: Side) -> Option<Reschedule> {
    let job = plan.jobs.get(name)?;
    let starts = |side| job_starts(progress, (name, job), side).cloned();
    Some(Reschedule {
        trigger: job.trigger.clone()?,
        to: starts(side)?,
        from: [Side::Old, Side::New]
            .into_iter()
            .filter_map(starts)
            .chain(job.unpinned.clone())
            .collect(),
    })
}

/// What each service of the release runs now.
fn runs(plan: &Plan, progress: &Progress) -> BTreeMap<ServiceName, Runs> {
    let released = |name: &ServiceName| plan.release.services.contains_key(name);
    let services = plan.services.iter().filter(|(name, _)| released(name));
    let runs = services.filter_map(|(name, service)| {
        let before = &service.before;
        let registered = progress.definition(&Component::Service(name.clone()));
        let runs = match (service.change, registered) {
            (Change::Unchanged, None) => Runs {
                definition: before.definition.clone(),
                version: before.version.clone(),
            },
            (_, registered) => Runs {
                definition: registered?.clone(),
                version: Some(service.answers(&plan.release).clone()),
            },
        };
        Some((name.clone(), runs))
    });
    runs.collect()
}

/// Two frontends may have one distribution: only the key tells their invalidations apart. A name may be longer than what a key takes.
fn invalidation_key(plan: &Plan, of: &FrontendName, side: Side) -> Option<IdempotencyKey> {
    let word = match side {
        Side::New => "new",
        Side::Old => "old",
    };
    let whose = match of.is_usual() {
        true => String::new(),
        false => format!("-{}", sha256_hex(of.as_str().as_bytes()).get(..8)?),
    };
    IdempotencyKey::parse(format!("{}{whose}-pointer-{word}", plan.deployment)).ok()
}

/// What a rollout to one side sends. The desired count only where the plan changes it.
fn rollout_request(
    progress: &Progress,
    service: &ServicePlan,
    side: Side,
) -> Option<RolloutRequest> {
    let locator = service.locator.clone();
    let before = &service.before;
    Some(match (side, service.change) {
        (Side::New, Change::Retire) => RolloutRequest {
            locator,
            definition: before.definition.clone(),
            desired: Some(0),
            renewal: Renewal::IfChanged,
        },
        (Side::New, Change::Update | Change::Start | Change::Unchanged) => RolloutRequest {
            definition: progress
                .definition(&Component::Service(locator.name.clone()))?
                .clone(),
            desired: service.target.as_ref().and_then(|target| target.desired),
            renewal: service
                .target
                .as_ref()
                .map(|target| target.renewal)
                .unwrap_or_default(),
            locator,
        },
        (Side::Old, change) => {
            let resized = before.returns_to() != before.desired
                || matches!(change, Change::Start | Change::Retire);
            let desired = resized.then(|| before.returns_to());
            RolloutRequest {
                locator,
                definition: before.definition.clone(),
                desired,
                renewal: Renewal::IfChanged,
            }
        }
    })
}

/// An act for which the plan has nothing cannot be performed; `decide` never asks for one.
fn planned<T>(act: &Act, value: Option<T>) -> Result<T, PortFailure> {
    value.ok_or_else(|| PortFailure {
        kind: FailureKind::Rejected,
        effect: Effect::None,
        operation: act.to_string(),
        message: "the plan has nothing for this".to_owned(),
    })
}
