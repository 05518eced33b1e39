//! The simulated AWS behind a socket: the world it begins with, the threads it is served by, and when it ends.

use std::net::SocketAddr;
use std::num::NonZero;
use std::path::Path;
use std::pin::pin;
use std::thread;

use backstay_domain::Version;
use backstay_simulator::server::{Server, ServerOptions, WebChange, WebDoor, WebPorts, Worlds};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use super::embedded::{FIRST_VERSION, Nature, empty, fresh};
use super::infrastructure::Live;
use super::project::Project;
use crate::failure::Failure;

/// One call that takes long must not keep all others.
const LEAST_WORKERS: usize = 2;

/// The worlds to begin with: an environment of the app in `directory` with a release live on it, or an empty account.
///
/// # Errors
/// When the app cannot be put on a simulated cloud.
pub fn worlds(
    directory: &Path,
    environment: Option<&str>,
    nature: Nature,
) -> Result<Worlds, Failure> {
    let world = match environment {
        None => empty(nature),
        Some(environment) => {
            let project = Project::load_for_rehearsal(directory, environment)?;
            let version = Version::parse(FIRST_VERSION).map_err(Failure::defect)?;
            let live = Live {
                project: &project,
                version: &version,
            };
            fresh(&project, Some(live), nature)?.0
        }
    };
    Ok(Worlds::starting_with(world, nature.seed))
}

/// Where a server listens.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// For clients of AWS.
    pub address: SocketAddr,
    /// For users' requests, on the same address.
    pub web: WebPorts,
}

/// What a server says of itself.
#[derive(Debug)]
pub enum Said<'a> {
    /// Connections are accepted.
    Listening(SocketAddr, &'a [WebDoor]),
    /// A port for users' requests came or went.
    Web(&'a WebChange),
}

/// Serves until SIGINT or SIGTERM, and says where.
///
/// # Errors
/// When it cannot listen, or the state cannot be used.
pub fn serve(
    places: Places,
    options: ServerOptions,
    worlds: Worlds,
    say: impl Fn(Said<'_>),
) -> Result<(), Failure> {
    let address = places.address;
    let mut server = Server::new(options, worlds)?;
    let loop_failed = |source| Failure::File {
        path: "the event loop".into(),
        source,
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(processors.max(LEAST_WORKERS));
    let runtime = builder.enable_all().build().map_err(loop_failed)?;
    runtime.block_on(async {
        server.ready().await?;
        server.furnish().await?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(loop_failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(loop_failed)?;
        let listening = |source| Failure::Listening { address, source };
        let listener = TcpListener::bind(address).await.map_err(listening)?;
        let opened = server.open_web(address.ip(), places.web)?;
        let mut changes = server.web_changes();
        say(Said::Listening(
            listener.local_addr().map_err(listening)?,
            &opened,
        ));
        let asked_to_end = async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        let mut serving = pin!(server.serve(listener, asked_to_end));
        loop {
            tokio::select! {
                ended = &mut serving => return Ok(ended?),
                Some(change) = changes.recv() => say(Said::Web(&change)),
            }
        }
    })
}
