//! Connections: accepted, kept alive, broken when the simulated network breaks, ended gracefully.

use std::future::Future;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::clock::{Pace, ServerClock};
use super::layers::{LayerStore, Uploads};
use super::neighbour::{Forwarded, Traffic, Unfurnished, furnish};
use super::registry::{Registry, Worlds};
use super::request::{self, Shared};
use super::state::{Keeper, StateError};
use super::tasks::{NoEngine, TaskRuntime, drive};
use super::upstream::Upstream;
use super::users::{self, Lifetime, Users, WebChange, WebDoor, WebError, WebPorts};
use crate::front::throttle::Throttling;

/// How long requests in flight may take to end at a shutdown.
const GRACE: Duration = Duration::from_secs(2);
/// After the operating system gave no connection (it ran out of file descriptors).
const ACCEPT_AGAIN: Duration = Duration::from_millis(20);

/// How a server serves.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// How its time passes.
    pub pace: Pace,
    /// The directory where worlds are kept; in memory only when there is none.
    pub state: Option<PathBuf>,
    /// Whether clients are turned away when they call too often.
    pub throttling: Throttling,
    /// Gets what is not simulated here; without it, that is refused with 501.
    pub upstream: Option<Upstream>,
    /// Services that the upstream gets although they are simulated here.
    pub forward: Vec<Forwarded>,
    /// Who runs the containers of tasks.
    pub tasks: TaskRuntime,
}

/// Worlds behind HTTP; what it serves is in the [module's documentation](super).
#[derive(Debug)]
pub struct Server {
    pace: Pace,
    throttling: Throttling,
    worlds: Registry,
    keeper: Option<Keeper>,
    upstream: Option<Upstream>,
    layers: Arc<LayerStore>,
    tasks: TaskRuntime,
    users: Users,
}

impl Server {
    /// A server of these worlds. What is kept in the state directory takes the place of worlds of the same account and Region.
    ///
    /// # Errors
    /// When the state cannot be used.
    pub fn new(options: ServerOptions, worlds: Worlds) -> Result<Self, StateError> {
        let (keeper, saved, layers) = match options.state {
            Some(directory) => {
                let (keeper, saved) = Keeper::open(directory)?;
                let layers = keeper.layers(&saved)?;
                (Some(keeper), saved, layers)
            }
            None => (None, Vec::new(), LayerStore::in_memory()),
        };
        let elsewhere = options.forward.iter().filter_map(|it| it.service);
        let elsewhere = match options.upstream {
            Some(_) => elsewhere.collect(),
            None => Vec::new(),
        };
        Ok(Self {
            pace: options.pace,
            throttling: options.throttling,
            worlds: Registry::new(worlds, saved, elsewhere, options.tasks.containers()),
            keeper,
            upstream: options.upstream,
            layers: Arc::new(layers),
            tasks: options.tasks,
            users: Users::default(),
        })
    }

    /// Asks whether what has to run containers can.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn ready(&self) -> Result<(), NoEngine> {
        match self.tasks {
            TaskRuntime::Docker => NoEngine::or_there().await,
            TaskRuntime::Scripted | TaskRuntime::Process(_) => Ok(()),
        }
    }

    /// Opens a port for every listener of an active load balancer and for every deployed distribution, and says which. While it
    /// serves, ports come and go with what is behind them.
    ///
    /// # Errors
    /// When a port cannot be opened.
    pub fn open_web(&mut self, ip: IpAddr, ports: WebPorts) -> Result<Vec<WebDoor>, WebError> {
        self.users.ports = users::Ports::new(ip, ports);
        self.users.open(&self.worlds, self.worlds.latest_ms())
    }

    /// Tells which ports are opened and closed while it serves.
    pub fn web_changes(&mut self) -> UnboundedReceiver<WebChange> {
        self.users.ports.changes()
    }

    /// Makes at the upstream what the default world begins with in the services that are forwarded: buckets and what is in them, log
    /// groups, and a placeholder for every secret that its task definitions name. What is there already stays as it is. Where
    /// nothing is forwarded it does nothing.
    ///
    /// # Errors
    /// When the upstream gives no answer, or refuses.
    pub async fn furnish(&self) -> Result<(), Unfurnished> {
        match &self.upstream {
            Some(upstream) if self.worlds.has_elsewhere() => {
                furnish(upstream, &self.worlds.default_world()).await
            }
            _ => Ok(()),
        }
    }

    /// Serves until `shutdown` is ready, then lets requests in flight end (2 s) and saves the worlds. Time begins now.
    ///
    /// Must be called inside a tokio runtime with its I/O and time drivers enabled.
    ///
    /// # Errors
    /// When the worlds could not be saved in the end.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), StateError> {
        let shared = Arc::new(Shared {
            clock: ServerClock::starting_at(self.worlds.latest_ms(), self.pace),
            throttling: self.throttling,
            worlds: self.worlds,
            upstream: self.upstream,
            traffic: Traffic::default(),
            layers: self.layers,
            uploads: Uploads::default(),
            address: listener.local_addr().ok(),
            users: self.users,
        });
        let keeper = self.keeper.map(Arc::new);
        let (stop, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        let (alive, mut gone) = mpsc::channel::<()>(1);
        let mut saving = JoinSet::new();
        let lifetime = Lifetime {
            stopped: stopped.clone(),
            alive,
        };
        saving.spawn(users::run(Arc::clone(&shared), lifetime));
        if let Some(keeper) = &keeper {
            saving.spawn(Arc::clone(keeper).save_now_and_then(Arc::clone(&shared)));
        }
        let stopped_too = stopped.clone();
        let containers = tokio::spawn(drive(Arc::clone(&shared), self.tasks, async move {
            let mut stopped = stopped_too;
            let _ = stopped.wait_for(|stopped| *stopped).await;
        }));
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection(stream, Arc::clone(&shared), stopped.clone()));
                    }
                    Err(_) => pause().await,
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
        drop(listener);
        // Nobody listens to it when there is no connection left.
        let _ = stop.send(true);
        let ended = async {
            while connections.join_next().await.is_some() {}
            // Nobody sends anything: it ends with the last user's connection.
            while gone.recv().await.is_some() {}
        };
        let _ = tokio::time::timeout(GRACE, ended).await;
        // Whatever it started has ended with it.
        let _ = containers.await;
        saving.shutdown().await;
        match keeper {
            Some(keeper) => keeper.save_all(&shared),
            None => Ok(()),
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    // Without it small replies wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let cased = shared.upstream.is_some();
    let service = service_fn(move |request| request::serve(Arc::clone(&shared), request));
    let mut connection = http1::Builder::new()
        .auto_date_header(false)
        // Only an upstream is told how the names were written.
        .preserve_header_case(cased)
        .serve_connection(TokioIo::new(stream), service);
    let stopped = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopped => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    // The only error of our own is a reply that gets lost: the client sees a reset, as from a machine that died.
    if ended.is_err_and(|error| error.is_user()) {
        let stream = connection.into_parts().io.into_inner();
        let _ = stream.set_zero_linger();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "waits for the operating system, not for anything simulated"
)]
pub(super) async fn pause() {
    tokio::time::sleep(ACCEPT_AGAIN).await;
}
