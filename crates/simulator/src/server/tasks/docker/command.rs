//! One run of the `docker` command. Its arguments go past no shell.

use std::ffi::OsStr;
use std::process::Stdio;

use tokio::process::Command;

/// There is no engine that can run containers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoEngine(String);

impl NoEngine {
    /// It is said why.
    #[must_use]
    pub fn because(why: &str) -> Self {
        Self(why.to_owned())
    }

    /// Asks the engine for its version.
    ///
    /// # Errors
    /// When there is no `docker`, or nobody answers it.
    pub async fn or_there() -> Result<(), Self> {
        let format = "{{.Server.Version}}";
        let version = docker(["version", "--format", format]).await;
        version.map(drop).map_err(Self)
    }
}

/// Makes commands.
pub(super) struct Docked;

impl Docked {
    pub(super) fn command(words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new("docker");
        command.args(words).stdin(Stdio::null());
        command
    }
}

/// What it writes, or why it failed: the engine's own words.
pub(super) async fn docker(
    words: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<String, String> {
    run(Docked::command(words)).await
}

/// The same, with variables that must not be in its arguments.
pub(super) async fn docker_with(
    words: &[String],
    variables: &[(String, String)],
) -> Result<String, String> {
    let mut command = Docked::command(words);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    run(command).await
}

async fn run(mut command: Command) -> Result<String, String> {
    let output = match command.output().await {
        Ok(output) => output,
        Err(error) => return Err(format!("docker does not run: {error}")),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    let why = text(&output.stderr);
    // The last line but a hint how to call it is what the engine says.
    let mut lines = why
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("See "));
    let last = lines
        .next_back()
        .unwrap_or("docker failed and said nothing");
    Err(last.trim_start_matches("docker: ").to_owned())
}

/// What was said, if anything.
pub(super) fn said(told: Result<String, String>) -> String {
    told.unwrap_or_default()
}
