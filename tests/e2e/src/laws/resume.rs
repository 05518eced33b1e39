//! Going on from a moment as after a crash: a new process with new clients folds the journal, looks, and goes on.

use std::sync::Arc;
use std::time::Duration;

use backstay_cli::compose::checkout::Source;
use backstay_cli::compose::deployment::{Asked, Older, planned};
use backstay_cli::compose::ledger::MemoryLedger;
use backstay_cli::compose::simulated::{SimulatedClock, aws};
use backstay_cli::failure::Failure;
use backstay_domain::DeploymentId;
use backstay_domain::engine::{self, Begun, Ports, Resumption};
use backstay_domain::journal::Outcome;
use backstay_domain::ports::Uninterrupted;
use backstay_simulator::{Cloud, Fault, Started};

use super::fork::{Fork, folded};
use super::recorder::{Keep, Recorder, Seen, Watched};
use super::stage::Stage;
use super::surfaces::Surfaces;

/// Virtual time after which something goes round in circles.
const LONGEST: Duration = Duration::from_secs(3 * 3600);

/// How it went on, to its end.
pub(super) struct Ended {
    /// None when there was nothing to do.
    pub(super) outcome: Result<Option<Outcome>, Failure>,
    /// What users and the next deployment find.
    pub(super) surfaces: Surfaces,
    /// What was ever started.
    pub(super) started: Started,
    /// The journal, and the moments that were kept.
    pub(super) seen: Seen,
}

/// Goes on from `fork` to the end, with these faults besides those that are in force there.
pub(super) fn resume(
    stage: &Stage,
    fork: &Fork,
    faults: &[Fault],
    keep: Keep,
) -> Result<Ended, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut world = fork.world.clone();
        for fault in faults {
            world.add_fault(fault.clone());
        }
        let recorder = Arc::new(Recorder::new(fork, keep));
        let tap = Arc::clone(&recorder);
        let cloud = Cloud::new(world, 1.0).tapped(move |call, world| tap.served(call, world));
        let watched = Watched {
            recorder,
            cloud: cloud.clone(),
            ledger: MemoryLedger::of(fork.ledger.to_vec()),
        };
        let outcome = tokio::time::timeout(LONGEST, go_on(stage, fork, &watched))
            .await
            .map_err(|_| {
                let place = &fork.place;
                format!(
                    "{place}: it still goes on after {} h",
                    LONGEST.as_secs() / 3600
                )
            })??;
        let ledger = watched.ledger.snapshot();
        let (surfaces, started) =
            cloud.with_world(|world| (stage.surfaces(world, &ledger), world.started()));
        Ok(Ended {
            outcome,
            surfaces,
            started,
            seen: watched.recorder.take(),
        })
    })
}

async fn go_on(
    stage: &Stage,
    fork: &Fork,
    watched: &Watched,
) -> Result<Result<Option<Outcome>, Failure>, String> {
    let (project, version) = (&stage.setup.project, &stage.setup.version);
    let region = &project.configured.region;
    let aws = aws(&watched.cloud, region, project.directory.clone());
    let clock = SimulatedClock(watched.cloud.clone());
    let ports = Ports {
        cloud: &aws,
        journal: watched,
        ledger: watched,
        clock: &clock,
        report: watched,
        interrupts: &Uninterrupted,
    };
    if let Some(plan) = fork.plan() {
        let progress = folded(&fork.records)?;
        let resumption = Resumption {
            begun: Begun::default(),
            fence: 2,
            back: None,
        };
        return Ok(
            match engine::resume(&ports, plan, progress, resumption).await {
                Ok(outcome) => Ok(Some(outcome)),
                Err(halted) => Err(Failure::from(halted)),
            },
        );
    }
    let id = DeploymentId::parse("d-rehearsal").map_err(|error| error.to_string())?;
    let asked = Asked {
        project,
        version,
        older: Older::Unwatched,
        source: Source::Any,
    };
    let (plan, caller) = match planned(asked, id, (&aws, watched, &clock)).await {
        Ok(planned) => planned,
        Err(failure) => return Ok(Err(failure)),
    };
    if plan.is_empty() {
        return Ok(Ok(None));
    }
    let begun = Begun {
        by: Some(caller),
        ..Begun::default()
    };
    let ended = engine::deploy(&ports, &plan, begun).await;
    Ok(ended.map(Some).map_err(Failure::from))
}
