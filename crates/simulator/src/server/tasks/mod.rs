//! Containers that run for real: local programs, or a Docker engine's containers, behind one seam.
//!
//! The world decides what ECS decides and gives orders ([`crate::containers`]). `drive` takes them from every world, `task` is
//! the life of one task, [`Engine`] starts a container and tells how it ends; `process` and `docker` are two of them. What a
//! container does, writes and answers is real, and takes real time: delays of ECS and of health checks pass at the server's pace.

mod docker;
mod drive;
mod ended;
mod environment;
mod health;
mod process;
mod programs;
mod task;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc::UnboundedSender;

pub use docker::NoEngine;
pub(super) use drive::drive;
pub use programs::{NoProgram, Program};

use crate::world::containers::{Containers, Exit, Launch, LaunchContainer};

/// Who runs the containers of tasks.
#[derive(Clone, Debug, Default)]
pub enum TaskRuntime {
    /// Nobody: they are scripted, and pass in virtual time.
    #[default]
    Scripted,
    /// Local programs, found by the repository of a container's image.
    Process(Vec<Program>),
    /// Containers of the Docker engine that the `docker` command speaks to.
    Docker,
}

impl TaskRuntime {
    /// What a world has to know of it.
    pub(super) fn containers(&self) -> Containers {
        match self {
            Self::Scripted => Containers::default(),
            Self::Process(_) | Self::Docker => Containers::for_real(),
        }
    }
}

/// What a container has written, line by line.
type Lines = UnboundedSender<String>;

/// What a container is started with, besides what its task definition says.
struct Surroundings {
    /// All variables, those of secrets apart.
    environment: Vec<(String, String)>,
    secrets: Vec<(String, String)>,
    /// The container whose network it shares.
    beside: Option<String>,
    lines: Lines,
}

/// Runs containers.
#[async_trait]
trait Engine: Send + Sync {
    /// Starts a container.
    ///
    /// # Errors
    /// When it cannot be, in the words of ECS.
    async fn start(
        &self,
        launch: &Launch,
        container: &LaunchContainer,
        surroundings: Surroundings,
    ) -> Result<Arc<dyn Started>, String>;

    /// Where containers find this server.
    fn endpoint(&self, port: u16) -> String;

    /// Whatever is left is removed.
    async fn sweep(&self);
}

/// A container that was started.
#[async_trait]
trait Started: Send + Sync {
    /// What others name to share its network.
    fn id(&self) -> &str;

    /// Where its task's ports are reached.
    fn reached(&self) -> BTreeMap<u16, SocketAddr>;

    /// Waits for its end; whoever asks later is told the same.
    async fn ended(&self) -> Exit;

    async fn terminate(&self);

    async fn kill(&self);

    /// Whether a command, run as its health check, succeeds in time.
    async fn check(&self, words: &[String], timeout: Duration) -> bool;

    /// It has ended, and is not needed any more.
    async fn remove(&self);
}
