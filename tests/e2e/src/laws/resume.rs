//! Going on from a moment as after a crash: a new process with new clients folds the journal, looks, and goes on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backstay_adapters::aws::AwsCloud;
use backstay_cli::compose::deployment::{Asked, planned};
use backstay_cli::compose::ledger::MemoryLedger;
use backstay_cli::compose::simulated::{SimulatedClock, sdk_config};
use backstay_cli::failure::Failure;
use backstay_domain::DeploymentId;
use backstay_domain::engine::{self, Begun, Halted, Ports, Prepared, Resumption};
use backstay_domain::journal::{Cause, Outcome};
use backstay_domain::operator::Operator;
use backstay_domain::ports::Uninterrupted;
use backstay_domain::versions::Versions;
use backstay_simulator::{Cloud, Fault, Started, World};

use super::fork::{Fork, folded};
use super::outside::{Outside, Web};
use super::recorder::{Keep, Recorder, Seen, Watched};
use super::stage::Stage;
use super::surfaces::Surfaces;

/// Virtual time after which something goes round in circles.
const LONGEST: Duration = Duration::from_secs(3 * 3600);

/// The deployment that is played.
pub(super) const DEPLOYMENT: &str = "d-rehearsal";

/// How a play goes on from a moment.
#[derive(Clone)]
pub(super) struct Going<'a> {
    /// Besides those that are in force there.
    pub(super) faults: &'a [Fault],
    /// Which moments are kept.
    pub(super) keep: Keep,
    /// Where a deployment that has begun goes.
    pub(super) towards: Towards,
    /// The fence of the process that goes on.
    pub(super) fence: u64,
    /// A host that nobody reaches.
    pub(super) deaf_to: Option<&'a str>,
    /// The world is looked at once more when so much time has passed after the end.
    pub(super) later: Option<Duration>,
}

/// Where a deployment goes that another process takes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Towards {
    /// Where it was going.
    End,
    /// Back: somebody asks for it.
    Back,
}

impl Default for Going<'_> {
    fn default() -> Self {
        Self {
            faults: &[],
            keep: Keep::Nothing,
            towards: Towards::End,
            fence: 2,
            deaf_to: None,
            later: None,
        }
    }
}

/// How it went on, to its end.
pub(super) struct Ended {
    /// None when there was nothing to do.
    pub(super) outcome: Result<Option<Outcome>, Failure>,
    /// What users and the next deployment find.
    pub(super) surfaces: Surfaces,
    /// What is seen from outside.
    pub(super) outside: Outside,
    /// Both, some time later, when that was asked for.
    pub(super) later: Option<(Surfaces, Outside)>,
    /// Everything that outlives the process.
    pub(super) end: Fork,
    /// What was ever started.
    pub(super) started: Started,
    /// Calls by operation, since the world began.
    pub(super) calls: BTreeMap<String, u64>,
    /// The journal, and the moments that were kept.
    pub(super) seen: Seen,
}

/// Goes on from `fork` to the end.
pub(super) fn resume(stage: &Stage, fork: &Fork, going: &Going<'_>) -> Result<Ended, String> {
    played(fork, going, async |watched| {
        let ended = go_on(stage, fork, watched, going);
        let outcome = tokio::time::timeout(LONGEST, ended)
            .await
            .map_err(|_| circles(fork))??;
        let (surfaces, outside, started, calls) = looked(stage, watched).await;
        let seen = watched.recorder.take();
        let end = Fork {
            world: watched.cloud.with_world(|world| world.clone()),
            records: seen.records.clone(),
            ledger: Arc::new(watched.ledger.snapshot()),
            place: "at the end".to_owned(),
        };
        let later = match going.later {
            None => None,
            Some(later) => {
                watched.cloud.time().sleep(later).await;
                let (surfaces, outside, ..) = looked(stage, watched).await;
                Some((surfaces, outside))
            }
        };
        Ok(Ended {
            outcome,
            surfaces,
            outside,
            later,
            started,
            calls,
            end,
            seen,
        })
    })
}

/// Goes on from `fork` until the call that `going` keeps was sent, and no further: its process is gone then. Nothing when it
/// ends without that call.
pub(super) fn until_sent(
    stage: &Stage,
    fork: &Fork,
    going: &Going<'_>,
) -> Result<Option<Fork>, String> {
    played(fork, going, async |watched| {
        let done = tokio::time::timeout(LONGEST, async {
            tokio::select! {
                biased;
                () = watched.recorder.caught() => Ok(()),
                ended = go_on(stage, fork, watched, going) => ended.map(|_| ()),
            }
        });
        done.await.map_err(|_| circles(fork))??;
        Ok(watched.recorder.take().forks.pop())
    })
}

fn played<T>(
    fork: &Fork,
    going: &Going<'_>,
    play: impl AsyncFnOnce(&Watched) -> Result<T, String>,
) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut world = fork.world.clone();
        for fault in going.faults {
            world.add_fault(fault.clone());
        }
        let recorder = Arc::new(Recorder::new(fork, going.keep.clone()));
        let tap = Arc::clone(&recorder);
        let cloud = Cloud::new(world, 1.0).tapped(move |call, world| tap.served(call, world));
        let watched = Watched {
            recorder,
            cloud: cloud.clone(),
            ledger: MemoryLedger::of(fork.ledger.to_vec()),
        };
        play(&watched).await
    })
}

fn circles(fork: &Fork) -> String {
    format!(
        "{}: it still goes on after {} h",
        fork.place,
        LONGEST.as_secs() / 3600
    )
}

async fn looked(
    stage: &Stage,
    watched: &Watched,
) -> (Surfaces, Outside, Started, BTreeMap<String, u64>) {
    let ledger = watched.ledger.snapshot();
    let (surfaces, started, calls) = watched.cloud.with_world(|world| {
        (
            stage.surfaces(world, &ledger),
            world.started(),
            world.calls().clone(),
        )
    });
    let outside = Outside::seen(&stage.setup, &watched.cloud).await;
    (surfaces, outside, started, calls)
}

/// How often somebody resumes what its process left because of trouble of its own.
const RESUMED: u64 = 3;

/// As `goes_on`; what a process left because nobody knew or answered it any more, the next one goes on with: that one is
/// known and answered.
async fn go_on(
    stage: &Stage,
    fork: &Fork,
    watched: &Watched,
    going: &Going<'_>,
) -> Result<Result<Option<Outcome>, Failure>, String> {
    let mut ended = goes_on(stage, fork, watched, going).await?;
    for time in 1..=RESUMED {
        if !matches!(ended, Err(Failure::Halted(Halted::Away(_)))) {
            break;
        }
        watched.cloud.with_world(World::clear_faults);
        let left = Fork {
            records: watched.recorder.records(),
            place: fork.place.clone(),
            world: fork.world.clone(),
            ledger: fork.ledger.clone(),
        };
        let again = Going {
            fence: going.fence + time,
            towards: Towards::End,
            ..going.clone()
        };
        ended = goes_on(stage, &left, watched, &again).await?;
    }
    Ok(ended)
}

async fn goes_on(
    stage: &Stage,
    fork: &Fork,
    watched: &Watched,
    going: &Going<'_>,
) -> Result<Result<Option<Outcome>, Failure>, String> {
    let (project, version) = (&stage.setup.project, &stage.setup.version);
    let config = sdk_config(&watched.cloud, &project.configured.region);
    let web = Web::new(watched.cloud.clone(), going.deaf_to);
    let aws = AwsCloud::new(&config, web, project.directory.clone());
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
        let back = (going.towards == Towards::Back).then(|| Cause::Asked {
            by: Operator::default(),
            reason: Some("a law wants to see it".to_owned()),
        });
        let resumption = Resumption {
            begun: Begun::default(),
            fence: going.fence,
            back,
        };
        return Ok(
            match engine::resume(&ports, plan, progress, resumption).await {
                Ok(outcome) => Ok(Some(outcome)),
                Err(halted) => Err(Failure::from(halted)),
            },
        );
    }
    let id = DeploymentId::parse(DEPLOYMENT).map_err(|error| error.to_string())?;
    let versions = Versions::same(version.clone());
    let asked = Asked::rehearsed(project, &versions);
    let Prepared { plan, caller } = match planned(asked, id, (&aws, watched, &clock)).await {
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
