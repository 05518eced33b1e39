//! The environment's cloud, real or embedded, opened for one command: the command itself is the same for both.

use std::time::Duration;

use aws_config::SdkConfig;
use backstay_adapters::aws::{AwsCloud, Connection, Notice, Sources, connect};
use backstay_adapters::clock::SystemClock;
use backstay_adapters::https::HttpsTransport;
use backstay_adapters::neon::{self, Neon};
use backstay_adapters::oci::Logins;
use backstay_adapters::outside::{Asked, Secret};
use backstay_adapters::simulator::RemoteSimulator;
use backstay_adapters::state::ledger::StoreLedger;
use backstay_adapters::state::{AnyStore, S3Store};
use backstay_adapters::turn::Opened;
use backstay_config::{CloudKind, StateLocation};
use backstay_domain::anchor::AnchorOf;
use backstay_domain::ports::{Clock, Cloud, Ledger};
use backstay_domain::versions::Versions;
use backstay_simulator as simulator;
use tokio::runtime::{Builder, Runtime};

use super::embedded::{Embedded, first, push};
use super::images::pushed_images;
use super::infrastructure::{account, recorded};
use super::project::Project;
use super::registries::place;
use super::simulated::{SimulatedAws, SimulatedClock, SimulatedWeb, sdk_config, served};
use crate::args::Speed;
use crate::failure::Failure;
use crate::shell::aside;

/// Why the cloud is opened.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// To look at it.
    Look,
    /// To plan a version. On the embedded cloud its images are seen as pushed.
    Plan {
        /// Which versions of them.
        versions: &'a Versions,
    },
    /// To change it. On a simulated cloud the version's images are pushed first, as a build pipeline would have done.
    Change {
        /// The versions, when some are deployed.
        versions: Option<&'a Versions>,
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
        opened: Opened<'_, C, K>,
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
    project.state_outlives_this_run()?;
    match (project.configured.cloud, &project.configured.simulator) {
        (CloudKind::Simulated, None) => embedded(project, purpose, command),
        (CloudKind::Simulated, Some(address)) => {
            runtime(Time::Running)?.block_on(remote(project, address, purpose, command))
        }
        (CloudKind::Aws, _) => runtime(Time::Running)?.block_on(real(project, command)),
    }
}

/// Where the state of an environment is kept: journals, the lease, proven releases.
fn store(project: &Project, config: &SdkConfig) -> AnyStore {
    let configured = &project.configured;
    let app = &configured.app;
    match &configured.state {
        StateLocation::Local(_) => AnyStore::local(project.directory_of_state()),
        StateLocation::S3 { bucket, prefix } => {
            S3Store::new(config, bucket, prefix, &app.name, &app.environment).into()
        }
    }
}

/// The state of an environment, for a command that reads it and asks the cloud for nothing else. Nothing is made by looking.
///
/// # Errors
/// When the place where it is kept cannot be reached.
pub async fn state(project: &Project) -> Result<AnyStore, Failure> {
    project.state_outlives_this_run()?;
    let configured = &project.configured;
    let directory = project.directory_of_state();
    if let StateLocation::Local(_) = configured.state {
        return Ok(AnyStore::local(directory));
    }
    let region = &configured.region;
    let config = match (configured.cloud, &configured.simulator) {
        (CloudKind::Simulated, None) if !Embedded::exists(&directory) => {
            return Ok(AnyStore::memory());
        }
        (CloudKind::Simulated, None) => {
            let world = Embedded::shared(&directory).world()?;
            sdk_config(&simulator::Cloud::new(world, SPEED_OF_LOOKING), region)
        }
        (CloudKind::Simulated, Some(address)) => {
            let simulator = simulator_at(address).await?;
            served(&simulator, account(configured), region)
        }
        (CloudKind::Aws, _) => connect(&connection(project)).await,
    };
    Ok(store(project, &config))
}

/// Virtual seconds per second while the embedded cloud's bucket is read.
const SPEED_OF_LOOKING: f64 = 40.0;

async fn real<U: Use>(project: &Project, command: U) -> Result<U::Gives, Failure> {
    let config = connect(&connection(project)).await;
    let https = HttpsTransport::new()?;
    let cloud = AwsCloud::new(&config, https, project.directory.clone()).told(Notice(aside));
    let cloud = cloud.asking(outside(project)?).logged_in(logins());
    let store = store(project, &config);
    command
        .with(Opened {
            cloud: &cloud,
            clock: &SystemClock,
            store: &store,
        })
        .await
}

/// Registries beside ECR are asked with docker's logins.
fn logins() -> Logins {
    place().configuration.map(Logins::of).unwrap_or_default()
}

/// Who is asked for anchors that are not the cloud's own. The key is read here, and shown by nobody.
fn outside(project: &Project) -> Result<Asked, Failure> {
    let migration = project.configured.app.migration.as_ref();
    let anchor = migration.and_then(|migration| migration.anchor.as_ref());
    let key = match anchor.map(|anchor| &anchor.of) {
        Some(AnchorOf::Branch { key, .. }) => variable(key),
        Some(
            AnchorOf::Snapshot { .. } | AnchorOf::PointInTime { .. } | AnchorOf::Command { .. },
        )
        | None => None,
    };
    let neon = key.map(|key| Neon::new(neon::ADDRESS, Secret(key)));
    Ok(Asked::new(&project.directory, neon.transpose()?))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is read once, in `cli`, and handed on as values"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How a real account is reached. Whoever waits there for an answer says so.
fn connection(project: &Project) -> Connection {
    Connection {
        region: Some(project.configured.region.clone()),
        sources: sources(),
        notice: Notice(aside),
        ..Connection::default()
    }
}

/// Where the AWS clients look for credentials, as far as this process's surroundings say.
#[must_use]
pub fn sources() -> Sources {
    Sources {
        profile: variable("AWS_PROFILE"),
        keys: variable("AWS_ACCESS_KEY_ID").is_some(),
        config_file: variable("AWS_CONFIG_FILE"),
        credentials_file: variable("AWS_SHARED_CREDENTIALS_FILE"),
    }
}

/// The clients of a cloud that is not inside this process: a real account, or a simulator that another process serves.
///
/// # Errors
/// When the simulator does not answer.
pub async fn clients(project: &Project) -> Result<SdkConfig, Failure> {
    let configured = &project.configured;
    match (configured.cloud, &configured.simulator) {
        (CloudKind::Simulated, Some(address)) => {
            let simulator = simulator_at(address).await?;
            Ok(served(&simulator, account(configured), &configured.region))
        }
        (CloudKind::Simulated, None) | (CloudKind::Aws, _) => {
            Ok(connect(&connection(project)).await)
        }
    }
}

/// A running simulator. Who waits for it says so.
pub(super) async fn simulator_at(address: &str) -> Result<RemoteSimulator, Failure> {
    let mut connecting = std::pin::pin!(RemoteSimulator::connect(address));
    let connected = match tokio::time::timeout(SILENCE, &mut connecting).await {
        Ok(connected) => connected,
        Err(_) => {
            aside(&format!("asking {address} …; no answer yet"));
            connecting.await
        }
    };
    Ok(connected?)
}

/// After so much silence somebody is told.
const SILENCE: Duration = Duration::from_secs(2);

/// A simulated cloud that another process serves.
async fn remote<U: Use>(
    project: &Project,
    address: &str,
    purpose: Purpose<'_>,
    command: U,
) -> Result<U::Gives, Failure> {
    let simulator = simulator_at(address).await?;
    let versions = match purpose {
        Purpose::Look => None,
        Purpose::Plan { versions } => Some(versions),
        Purpose::Change { versions, .. } => versions,
    };
    for (repository, image) in versions
        .into_iter()
        .flat_map(|versions| pushed_images(&project.configured, versions))
    {
        let pushed = serde_json::json!({
            "repository": repository,
            "tags": image.tags,
            "platforms": image.platforms,
            "schema_head": image.schema_head,
        });
        simulator.push(&pushed).await?;
    }
    let config = served(
        &simulator,
        account(&project.configured),
        &project.configured.region,
    );
    let cloud = AwsCloud::new(&config, simulator.clone(), project.directory.clone());
    let cloud = cloud.told(Notice(aside)).at_one_address();
    let store = store(project, &config);
    command
        .with(Opened {
            cloud: &cloud,
            clock: &simulator,
            store: &store,
        })
        .await
}

fn embedded<U: Use>(
    project: &Project,
    purpose: Purpose<'_>,
    command: U,
) -> Result<U::Gives, Failure> {
    let state = project.directory_of_state();
    if !Embedded::exists(&state) {
        let embedded = Embedded::exclusive(&state)?;
        runtime(Time::Paused)?.block_on(begin(project, &embedded))?;
    }
    match purpose {
        Purpose::Look | Purpose::Plan { .. } => runtime(Time::Paused)?.block_on(async {
            let mut world = Embedded::shared(&state).world()?;
            if let Purpose::Plan { versions } = purpose {
                push(&mut world, project, versions);
            }
            let inside = Inside::of(project, simulator::Cloud::new(world, 1.0));
            command.with(inside.opened()).await
        }),
        Purpose::Change { versions, speed } => {
            let embedded = Embedded::exclusive(&state)?;
            let (time, times) = match speed {
                Speed::Max => (Time::Paused, 1.0),
                Speed::Times(times) => (Time::Running, times),
            };
            runtime(time)?.block_on(async {
                let mut world = embedded.world()?;
                if let Some(versions) = versions {
                    push(&mut world, project, versions);
                }
                let cloud = simulator::Cloud::new(world, times);
                let inside = Inside::of(project, cloud.clone());
                let done = tokio::select! {
                    done = command.with(inside.opened()) => done,
                    failure = save_now_and_then(&embedded, &cloud, time) => Err(failure),
                };
                cloud.with_world(|world| embedded.save(world))?;
                done
            })
        }
    }
}

/// The adapters over a cloud in this process.
struct Inside {
    aws: SimulatedAws,
    clock: SimulatedClock,
    store: AnyStore,
}

impl Inside {
    fn of(project: &Project, cloud: simulator::Cloud) -> Self {
        let config = sdk_config(&cloud, &project.configured.region);
        Self {
            aws: AwsCloud::new(
                &config,
                SimulatedWeb(cloud.clone()),
                project.directory.clone(),
            ),
            store: store(project, &config),
            clock: SimulatedClock(cloud),
        }
    }

    fn opened(&self) -> Opened<'_, SimulatedAws, SimulatedClock> {
        Opened {
            cloud: &self.aws,
            clock: &self.clock,
            store: &self.store,
        }
    }
}

/// A fresh embedded cloud, on which an earlier release is live and recorded.
async fn begin(project: &Project, embedded: &Embedded) -> Result<(), Failure> {
    let (world, live) = first(project)?;
    let live = live.map(|release| recorded(release, &world));
    let cloud = simulator::Cloud::new(world, 1.0);
    let inside = Inside::of(project, cloud.clone());
    if let Some(entry) = live {
        let ledger = StoreLedger::new(inside.store);
        ledger
            .record(&entry)
            .await
            .map_err(Failure::port("the release cannot be recorded"))?;
    }
    cloud.with_world(|world| embedded.save(world))
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
