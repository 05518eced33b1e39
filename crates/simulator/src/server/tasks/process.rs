//! Containers as local programs. Each task has a loopback address of its own, where its program has to listen: `HOST` says which.
//!
//! What a process has not: an image, a user, a file system and a memory limit of its own.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Command;

use super::ended::{End, read};
use super::programs::{Program, program};
use super::{Engine, Started, Surroundings};
use crate::world::containers::{Exit, Launch, LaunchContainer};

/// What a program may need of the machine, and no task definition says.
const OF_THE_MACHINE: [&str; 4] = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"];

/// Runs programs.
pub(super) struct Processes {
    programs: Vec<Program>,
    /// No other server on this machine has it.
    port: u16,
}

impl Processes {
    pub(super) fn of(programs: Vec<Program>, port: u16) -> Self {
        Self { programs, port }
    }

    /// In 127.0.0.0/8, by the server and the last number of the task's own address: servers beside each other do not meet.
    fn address(&self, launch: &Launch) -> Ipv4Addr {
        let [high, low] = self.port.to_be_bytes();
        let own: Option<Ipv4Addr> = launch.ip.parse().ok();
        let last = own.map_or(1, |own| own.octets()[3]);
        Ipv4Addr::new(127, high.max(1), low, last)
    }
}

#[async_trait]
impl Engine for Processes {
    async fn start(
        &self,
        launch: &Launch,
        container: &LaunchContainer,
        surroundings: Surroundings,
    ) -> Result<Arc<dyn Started>, String> {
        let repository = container.pull.repository();
        let cannot = |why: &str| format!("CannotStartContainerError: {why}");
        let words = program(&self.programs, repository)
            .ok_or_else(|| cannot(&format!("no --program stands for {repository}")))?;
        let (program, fixed) = words.split_first().ok_or_else(|| cannot("no command"))?;
        if !is_there(program) {
            return Err(cannot(&format!("{program}: there is no such program")));
        }
        let address = self.address(launch);
        let mut command = with_the_server(program);
        command
            .args(fixed)
            .args(&container.command)
            .env_clear()
            .envs(of_the_machine())
            .env("HOST", address.to_string());
        if let Some(port) = container.ports.first() {
            command.env("PORT", port.to_string());
        }
        command.envs(
            surroundings
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        );
        command.envs(
            surroundings
                .secrets
                .iter()
                .map(|(name, value)| (name, value)),
        );
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command
            .spawn()
            .map_err(|error| cannot(&format!("{program}: {error}")))?;
        let pid = child
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let lines = surroundings.lines;
        let outputs = [
            child
                .stdout
                .take()
                .map(|it| tokio::spawn(read(it, lines.clone()))),
            child.stderr.take().map(|it| tokio::spawn(read(it, lines))),
        ];
        let (tell, end) = End::to_come();
        tokio::spawn(async move {
            let status = child.wait().await;
            // Its children may hold its output open: they end with it, as all of a container does.
            signal(pid, Signal::KILL);
            for output in outputs.into_iter().flatten() {
                let _ = output.await;
            }
            tell.send_replace(Some(exit_of(status.ok())));
        });
        let ports = container.ports.iter();
        Ok(Arc::new(Process {
            id: format!("{}/{}", launch.id, container.name),
            pid,
            address,
            reached: ports
                .map(|port| (*port, SocketAddr::new(IpAddr::V4(address), *port)))
                .collect(),
            environment: surroundings.environment,
            end,
        }))
    }

    fn endpoint(&self, port: u16) -> String {
        format!("http://127.0.0.1:{port}")
    }

    async fn sweep(&self) {}
}

/// It ends when the server does, however that ends, where the machine has `setpriv` (Linux).
fn with_the_server(program: &str) -> Command {
    match setpriv() {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL", program]);
            command
        }
        None => Command::new(program),
    }
}

fn setpriv() -> Option<PathBuf> {
    let places = ["/usr/bin/setpriv", "/bin/setpriv"].map(PathBuf::from);
    places.into_iter().find(|place| place.exists())
}

/// A file, or the name of one on PATH: asked here, since `setpriv` would say it as an exit code.
fn is_there(program: &str) -> bool {
    if program.contains('/') {
        return Path::new(program).is_file();
    }
    let path = of_the_machine().find_map(|(name, value)| (name == "PATH").then_some(value));
    let path = path.unwrap_or_default();
    let mut places = std::env::split_paths(&path);
    places.any(|place| place.join(program).is_file())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program runs on this machine, as whoever started the server does"
)]
fn of_the_machine() -> impl Iterator<Item = (&'static str, String)> {
    let known = OF_THE_MACHINE.into_iter();
    known.filter_map(|name| Some((name, std::env::var(name).ok()?)))
}

fn signal(pid: Option<Pid>, signal: Signal) {
    if let Some(pid) = pid {
        // It may have ended meanwhile.
        let _ = kill_process_group(pid, signal);
    }
}

/// A process that a signal ended has 128 and the signal's number, as a container runtime says it.
fn exit_of(status: Option<ExitStatus>) -> Exit {
    let code = status.and_then(|status| {
        let signal = status.signal().map(|signal| 128 + signal);
        status.code().or(signal)
    });
    Exit {
        code,
        out_of_memory: false,
        reason: None,
    }
}

struct Process {
    id: String,
    pid: Option<Pid>,
    address: Ipv4Addr,
    reached: BTreeMap<u16, SocketAddr>,
    environment: Vec<(String, String)>,
    end: End,
}

#[async_trait]
impl Started for Process {
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
        signal(self.pid, Signal::TERM);
    }

    async fn kill(&self) {
        signal(self.pid, Signal::KILL);
    }

    /// Inside a task, `localhost` is its own address.
    async fn check(&self, words: &[String], timeout: Duration) -> bool {
        let own = self.address.to_string();
        let words = words.iter();
        let mut words =
            words.map(|word| word.replace("localhost", &own).replace("127.0.0.1", &own));
        let Some(program) = words.next() else {
            return false;
        };
        let mut command = with_the_server(&program);
        command
            .args(words)
            .env_clear()
            .envs(of_the_machine())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        match command.spawn() {
            Ok(mut child) => {
                let status = tokio::time::timeout(timeout, child.wait()).await;
                status.is_ok_and(|status| status.is_ok_and(|status| status.success()))
            }
            Err(_) => false,
        }
    }

    async fn remove(&self) {}
}
