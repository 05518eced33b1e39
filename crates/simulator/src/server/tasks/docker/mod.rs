//! Containers of a Docker engine, on a network of their own. The engine is asked through the `docker` command: it knows the
//! user's context, credentials and host.

mod command;
mod create;
mod image;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

pub use self::command::NoEngine;
use self::command::{Docked, docker, docker_with, said};
use super::ended::{End, read};
use super::{Engine, Lines, Started, Surroundings};
use crate::world::containers::{Exit, Launch, LaunchContainer};

/// Of containers and networks: the process of the server that made them.
const LABEL: &str = "backstay.simulator";
/// And where that number is a process: several machines, or containers on one, may share an engine.
const MACHINE: &str = "backstay.simulator.machine";

/// Runs containers.
pub(super) struct Docker {
    port: u16,
    /// The network of this server's tasks.
    network: String,
}

impl Docker {
    /// Makes the network, and removes what servers have left that were killed.
    pub(super) async fn of(port: u16) -> Self {
        let network = format!("backstay-{}", std::process::id());
        sweep_the_dead().await;
        let server = format!("{LABEL}={}", std::process::id());
        let machine = format!("{MACHINE}={}", machine());
        let labels = ["--label", &server, "--label", &machine];
        // Where it cannot be made, starting a container says so.
        let _ = docker(
            ["network", "create"]
                .into_iter()
                .chain(labels)
                .chain([network.as_str()]),
        )
        .await;
        Self { port, network }
    }
}

#[async_trait]
impl Engine for Docker {
    async fn start(
        &self,
        launch: &Launch,
        container: &LaunchContainer,
        surroundings: Surroundings,
    ) -> Result<Arc<dyn Started>, String> {
        let image = image::pulled(launch, &container.pull, self.port).await?;
        let owner = surroundings.beside.as_deref();
        let words = create::words(&create::Wanted {
            launch,
            container,
            surroundings: &surroundings,
            network: owner.map_or_else(|| self.network.clone(), |id| format!("container:{id}")),
            image: &image,
            server: std::process::id(),
            machine: &machine(),
        });
        let cannot = |why: String| format!("CannotStartContainerError: {why}");
        let id = docker_with(&words, &surroundings.secrets)
            .await
            .map_err(|why| format!("CannotCreateContainerError: {why}"))?;
        if let Err(why) = docker(["start", &id]).await {
            let _ = docker(["rm", "--force", "--volumes", &id]).await;
            return Err(cannot(why));
        }
        let reached = match owner {
            Some(_) => BTreeMap::new(),
            None => ports(&id).await,
        };
        let (tell, end) = End::to_come();
        tokio::spawn(follow(id.clone(), surroundings.lines, tell));
        Ok(Arc::new(Container { id, reached, end }))
    }

    fn endpoint(&self, port: u16) -> String {
        format!("http://host.docker.internal:{port}")
    }

    async fn sweep(&self) {
        sweep(std::process::id()).await;
    }
}

/// Its lines as they come, then its end.
async fn follow(id: String, lines: Lines, tell: watch::Sender<Option<Exit>>) {
    let logs = Docked::command(["logs", "--follow", &id])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    if let Ok(mut logs) = logs {
        let outputs = [
            logs.stdout
                .take()
                .map(|it| tokio::spawn(read(it, lines.clone()))),
            logs.stderr.take().map(|it| tokio::spawn(read(it, lines))),
        ];
        for output in outputs.into_iter().flatten() {
            let _ = output.await;
        }
        let _ = logs.wait().await;
    } else {
        drop(lines);
    }
    // An engine that is gone tells nobody anything: nothing is known then.
    let waited = docker(["wait", &id]).await;
    let format = "{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}";
    let state = docker(["inspect", "--format", format, &id]).await;
    tell.send_replace(Some(exit_of(waited, state)));
}

fn exit_of(waited: Result<String, String>, state: Result<String, String>) -> Exit {
    let state = match waited.and(state) {
        Ok(state) => state,
        Err(why) => {
            return Exit {
                code: None,
                out_of_memory: false,
                reason: Some(format!("CannotInspectContainerError: {why}")),
            };
        }
    };
    let mut words = state.splitn(3, ' ');
    let code = words.next().and_then(|code| code.parse().ok());
    let out_of_memory = words.next() == Some("true");
    let reason = words.next().filter(|error| !error.is_empty());
    Exit {
        code,
        out_of_memory,
        reason: reason.map(str::to_owned),
    }
}

/// Where the ports of a container are reached: `8005/tcp -> 127.0.0.1:49153`.
async fn ports(id: &str) -> BTreeMap<u16, SocketAddr> {
    let told = docker(["port", id]).await.unwrap_or_default();
    let read = |line: &str| {
        let (port, address) = line.split_once(" -> ")?;
        let port = port.split('/').next()?.parse().ok()?;
        Some((port, address.trim().parse().ok()?))
    };
    told.lines().filter_map(read).collect()
}

struct Container {
    id: String,
    reached: BTreeMap<u16, SocketAddr>,
    end: End,
}

#[async_trait]
impl Started for Container {
    fn id(&self) -> &str {
        &self.id
    }

    fn reached(&self) -> BTreeMap<u16, SocketAddr> {
        self.reached.clone()
    }

    async fn ended(&self) -> Exit {
        self.end.exit().await
    }

    async fn terminate(&self) {
        // The image's own stop signal would do as well; ECS says SIGTERM unless it has one.
        let signal = docker(["inspect", "--format", "{{.Config.StopSignal}}", &self.id]).await;
        let signal = signal.ok().filter(|signal| !signal.is_empty());
        let signal = signal.unwrap_or_else(|| "SIGTERM".to_owned());
        let _ = docker(["kill", "--signal", &signal, &self.id]).await;
    }

    async fn kill(&self) {
        let _ = docker(["kill", &self.id]).await;
    }

    async fn check(&self, words: &[String], timeout: Duration) -> bool {
        let command = ["exec", &self.id].into_iter().map(str::to_owned);
        let command = command.chain(words.iter().cloned());
        let run = Docked::command(command)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        match run {
            Ok(mut run) => {
                let status = tokio::time::timeout(timeout, run.wait()).await;
                status.is_ok_and(|status| status.is_ok_and(|status| status.success()))
            }
            Err(_) => false,
        }
    }

    async fn remove(&self) {
        let _ = docker(["rm", "--force", "--volumes", &self.id]).await;
    }
}

/// Removes what a server has made.
async fn sweep(server: u32) {
    let filter = format!("label={LABEL}={server}");
    let list = ["ps", "--all", "--quiet", "--no-trunc", "--filter", &filter];
    if let Ok(ids) = docker(list).await {
        for id in ids.lines() {
            let _ = docker(["rm", "--force", "--volumes", id]).await;
        }
    }
    if let Ok(ids) = docker(["network", "ls", "--quiet", "--filter", &filter]).await {
        for id in ids.lines() {
            // A database that somebody has put beside the tasks goes on without the network.
            let format = "{{range $id, $it := .Containers}}{{$id}} {{end}}";
            let others = said(docker(["network", "inspect", "--format", format, id]).await);
            for other in others.split_whitespace() {
                let _ = docker(["network", "disconnect", "--force", id, other]).await;
            }
            let _ = docker(["network", "rm", id]).await;
        }
    }
}

/// Names the space of process numbers; empty on a machine that shows none.
fn machine() -> String {
    let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let text = format!("{}{}", space.display(), boot.trim());
    text.replace(|c: char| !c.is_ascii_alphanumeric(), "")
}

/// Removes what servers of this machine have left that do not run any more.
async fn sweep_the_dead() {
    let format = format!("{{{{.Label \"{LABEL}\"}}}}");
    let filter = format!("label={MACHINE}={}", machine());
    let mut servers = Vec::new();
    for list in [&["ps", "--all"][..], &["network", "ls"][..]] {
        let options = ["--format", format.as_str(), "--filter", filter.as_str()];
        let told = docker(list.iter().copied().chain(options)).await;
        servers.extend(
            said(told)
                .lines()
                .filter_map(|line| line.parse::<u32>().ok()),
        );
    }
    servers.sort_unstable();
    servers.dedup();
    let processes = std::path::Path::new("/proc");
    let is_gone =
        |server: &u32| !machine().is_empty() && !processes.join(server.to_string()).exists();
    for server in servers.into_iter().filter(is_gone) {
        sweep(server).await;
    }
}
