//! Whoever makes anchors that are not the cloud's own: Neon, and commands of the team.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use backstay_domain::anchor::AnchorRequest;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use tokio::time::timeout;

use crate::docker::child;
use crate::neon::Neon;

/// Who is asked for what the cloud does not make itself.
#[derive(Debug, Default)]
pub enum Outside {
    /// Nobody: a simulated cloud has no Neon and no cluster of Aurora, and a rehearsal runs nobody's commands. That they would do
    /// what they are asked is believed, and said.
    #[default]
    Believed,
    /// They themselves.
    Asked(Asked),
}

/// The world outside of the cloud.
#[derive(Debug)]
pub struct Asked {
    neon: Option<Neon>,
    directory: PathBuf,
}

/// A secret that nobody prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

const RUN: &str = "the anchor's command";

impl Asked {
    /// Commands are run in `directory`; Neon is asked where there is a key for it.
    #[must_use]
    pub fn new(directory: &Path, neon: Option<Neon>) -> Self {
        Self {
            neon,
            directory: directory.to_owned(),
        }
    }

    /// Neon's API.
    ///
    /// # Errors
    /// When there is no key for it.
    pub(crate) fn neon(&self) -> Result<&Neon, PortFailure> {
        self.neon.as_ref().ok_or_else(|| PortFailure {
            kind: FailureKind::Denied,
            effect: Effect::None,
            operation: "neon".to_owned(),
            message: "its API key is not in the environment: set the variable that `key` of [migration.anchor] names"
                .to_owned(),
        })
    }

    /// Whether a command that is named by a path is there.
    pub(crate) fn has(&self, command: &[String]) -> Result<(), PortFailure> {
        let program = command.first().map_or("", String::as_str);
        match program.contains('/') && !self.directory.join(program).exists() {
            true => Err(failed(
                FailureKind::NotFound,
                format!("there is no `{program}`"),
            )),
            false => Ok(()),
        }
    }

    /// Runs a command; the last line that it prints is the anchor's name.
    pub(crate) async fn run(
        &self,
        request: &AnchorRequest,
        command: &[String],
    ) -> Result<String, PortFailure> {
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| failed(FailureKind::Rejected, "it is empty".to_owned()))?;
        let program = match program.contains('/') {
            true => self.directory.join(program),
            false => PathBuf::from(program),
        };
        let told: BTreeMap<&str, &str> = [
            ("BACKSTAY_ANCHOR", request.name.as_str()),
            ("BACKSTAY_APP", request.app.as_str()),
            ("BACKSTAY_ENVIRONMENT", request.environment.as_str()),
            ("BACKSTAY_DEPLOYMENT", request.deployment.as_str()),
        ]
        .into();
        let mut process = Command::new(program);
        process
            .args(arguments)
            .current_dir(&self.directory)
            .envs(told);
        let limit = request.anchor.timeout;
        let mut quiet = |_: &str| ();
        let ended = timeout(limit, child::run(&mut process, b"", &mut quiet)).await;
        let ended = ended
            .map_err(|_| {
                let message = format!("it took longer than {} s, and was ended", limit.as_secs());
                failed(FailureKind::Rejected, message)
            })?
            .map_err(|error| failed(FailureKind::NotFound, error.to_string()))?;
        if !ended.status.success() {
            let last = ended.last.last().map_or("", String::as_str);
            let message = match ended.status.code() {
                Some(code) => format!("exit code {code}: {last}"),
                None => format!("it was killed: {last}"),
            };
            return Err(failed(FailureKind::Rejected, message));
        }
        let mut lines = ended.stdout.lines().rev().map(str::trim);
        let name = lines.find(|line| !line.is_empty());
        name.map(str::to_owned).ok_or_else(|| {
            let message = "it printed nothing: its last line is the anchor's name".to_owned();
            failed(FailureKind::Rejected, message)
        })
    }
}

fn failed(kind: FailureKind, message: String) -> PortFailure {
    PortFailure {
        kind,
        effect: Effect::None,
        operation: RUN.to_owned(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use backstay_domain::anchor::{Anchor, AnchorOf};

    use super::*;

    fn request(seconds: u64) -> AnchorRequest {
        AnchorRequest {
            anchor: Anchor {
                of: AnchorOf::Command {
                    command: vec![],
                    restore: None,
                },
                timeout: Duration::from_secs(seconds),
                keep: None,
            },
            name: "backstay-d-1".to_owned(),
            app: "shop".parse().unwrap(),
            environment: "staging".parse().unwrap(),
            deployment: "d-00000001".parse().unwrap(),
            moment: "2026-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    async fn ran(script: &str) -> Result<String, String> {
        let home = tempfile::tempdir().unwrap();
        let words = ["sh", "-c", script].map(str::to_owned);
        let asked = Asked::new(home.path(), None);
        let run = asked.run(&request(60), &words).await;
        run.map_err(|failure| failure.to_string())
    }

    #[tokio::test]
    async fn the_last_line_is_the_name_and_the_exit_code_decides() {
        let told = "echo working; echo \"$BACKSTAY_ANCHOR of $BACKSTAY_APP\"; echo; echo done >&2";
        assert_eq!(ran(told).await.as_deref(), Ok("backstay-d-1 of shop"));
        let failed = ran("echo name; echo no room >&2; exit 3").await;
        let expected = "the anchor's command: exit code 3: no room";
        assert!(
            failed
                .as_ref()
                .is_err_and(|why| why.starts_with("the anchor's command: exit code 3")),
            "{failed:?} {expected}"
        );
        let silent = ran("true").await.unwrap_err();
        assert!(silent.contains("it printed nothing"), "{silent}");
    }

    #[tokio::test]
    async fn what_takes_too_long_is_ended_and_what_is_not_there_is_said() {
        let home = tempfile::tempdir().unwrap();
        let asked = Asked::new(home.path(), None);
        let words = ["sh", "-c", "while :; do :; done"].map(str::to_owned);
        let late = asked.run(&request(0), &words).await.unwrap_err();
        assert!(late.message.contains("longer than 0 s"), "{late}");
        let nowhere = ["./backup.sh".to_owned()];
        assert!(asked.has(&nowhere).is_err());
        let absent = asked.run(&request(60), &nowhere).await.unwrap_err();
        assert_eq!(absent.kind, FailureKind::NotFound);
        assert_eq!(asked.neon().unwrap_err().kind, FailureKind::Denied);
    }
}
