//! The environment's cloud, real or embedded, opened for one command: the command itself is the same for both.

use std::path::PathBuf;
use std::time::Duration;

use backstay_adapters::aws::{AwsCloud, Connection, connect};
use backstay_adapters::clock::SystemClock;
use backstay_adapters::https::HttpsTransport;
use backstay_adapters::state::AnyStore;
use backstay_adapters::state::ledger::StoreLedger;
use backstay_config::CloudKind;
use backstay_domain::Version;
use backstay_domain::ports::{Clock, Cloud};
use backstay_simulator as simulator;
use tokio::runtime::{Builder, Runtime};

use super::embedded::{Embedded, push};
use super::project::Project;
use super::simulated::{SimulatedClock, aws};
use crate::args::Speed;
use crate::failure::Failure;

/// Why the cloud is opened.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// To look at it.
    Look,
    /// To plan a version. On the embedded cloud its images are seen as pushed.
    Plan {
        /// The version.
        version: &'a Version,
    },
    /// To deploy a version. On the embedded cloud its images are pushed first, as a build pipeline would have done.
    Change {
        /// The version.
        version: &'a Version,
        /// How fast the embedded cloud's time runs.
        speed: Speed,
    },
}

/// What a command does with a cloud.
#[expect(
    async_fn_in_trait,
    reason = "used by one task, generically, like the domain's ports"
)]
pub trait Use {
    /// What comes of it.
    type Gives;
    /// Does it.
    ///
    /// # Errors
    /// Whatever keeps the command from being carried out.
    async fn with<C: Cloud, K: Clock>(
        self,
        cloud: &C,
        clock: &K,
        ledger: &StoreLedger,
    ) -> Result<Self::Gives, Failure>;
}

/// Opens the project's cloud and uses it.
///
/// # Errors
/// When the cloud cannot be opened, or what the use returns.
pub fn on_cloud<U: Use>(
    project: &Project,
    purpose: Purpose<'_>,
    command: U,
) -> Result<U::Gives, Failure> {
    match project.configured.cloud {
        CloudKind::Simulated => embedded(project, purpose, command),
        CloudKind::Aws => runtime(Time::Running)?.block_on(real(project, command)),
    }
}

/// Where the proven releases of an environment are kept.
#[must_use]
pub fn ledger(state: &std::path::Path) -> StoreLedger {
    StoreLedger::new(AnyStore::local(state))
}

async fn real<U: Use>(project: &Project, command: U) -> Result<U::Gives, Failure> {
    let ledger = ledger(&project.state()?);
    let region = Some(project.configured.region.clone());
    let config = connect(&Connection {
        region,
        ..Connection::default()
    })
    .await;
    let https = HttpsTransport::new().map_err(|error| Failure::Simulated(error.to_string()))?;
    let cloud = AwsCloud::new(&config, https, project.directory.clone());
    command.with(&cloud, &SystemClock, &ledger).await
}

fn embedded<U: Use>(
    project: &Project,
    purpose: Purpose<'_>,
    command: U,
) -> Result<U::Gives, Failure> {
    let state = project.state()?;
    let ledger = ledger(&state);
    let builds: PathBuf = project.directory.clone();
    let region = &project.configured.region;
    if !Embedded::exists(&state) {
        let embedded = Embedded::exclusive(&state)?;
        let world = runtime(Time::Paused)?.block_on(embedded.world(project, &ledger))?;
        embedded.save(&world)?;
    }
    match purpose {
        Purpose::Look | Purpose::Plan { .. } => runtime(Time::Paused)?.block_on(async {
            let mut world = Embedded::shared(&state).world(project, &ledger).await?;
            if let Purpose::Plan { version } = purpose {
                push(&mut world, project, version);
            }
            let cloud = simulator::Cloud::new(world, 1.0);
            command
                .with(
                    &aws(&cloud, region, builds),
                    &SimulatedClock(cloud.clone()),
                    &ledger,
                )
                .await
        }),
        Purpose::Change { version, speed } => {
            let embedded = Embedded::exclusive(&state)?;
            let (time, times) = match speed {
                Speed::Max => (Time::Paused, 1.0),
                Speed::Times(times) => (Time::Running, times),
            };
            runtime(time)?.block_on(async {
                let mut world = embedded.world(project, &ledger).await?;
                push(&mut world, project, version);
                let cloud = simulator::Cloud::new(world, times);
                let (aws, clock) = (aws(&cloud, region, builds), SimulatedClock(cloud.clone()));
                let done = tokio::select! {
                    done = command.with(&aws, &clock, &ledger) => done,
                    failure = save_now_and_then(&embedded, &cloud, time) => Err(failure),
                };
                cloud.with_world(|world| embedded.save(world))?;
                done
            })
        }
    }
}

/// Other commands see the embedded cloud as it changes. Ends only when it cannot be saved.
async fn save_now_and_then(embedded: &Embedded, cloud: &simulator::Cloud, time: Time) -> Failure {
    let interval = match time {
        Time::Running => Duration::from_millis(250),
        // In virtual time this is once every ten virtual minutes.
        Time::Paused => Duration::from_secs(600),
    };
    let mut ticks = tokio::time::interval(interval);
    loop {
        ticks.tick().await;
        if let Err(failure) = cloud.with_world(|world| embedded.save(world)) {
            return failure;
        }
    }
}

/// Whether a runtime's clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// It jumps to the next timer: virtual time costs no real time.
    Paused,
    /// It runs.
    Running,
}

/// A runtime on this thread.
///
/// # Errors
/// When the operating system does not give one.
pub fn runtime(time: Time) -> Result<Runtime, Failure> {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(time == Time::Paused);
    builder.build().map_err(|source| Failure::File {
        path: "the event loop".into(),
        source,
    })
}
