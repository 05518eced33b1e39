//! Whoever makes anchors that are not the cloud's own: Neon, and commands of the team.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{self, Path, PathBuf};
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

/// No name of a backup is longer.
const LONGEST_NAME: usize = 255;

/// What a command printed may be a password: it is in no failure.
const UNSHOWN: &str = "what it printed is shown nowhere, since it may hold secrets";

impl Asked {
    /// Commands are run in `directory`; Neon is asked where there is a key for it.
    #[must_use]
    pub fn new(directory: &Path, neon: Option<Neon>) -> Self {
        Self {
            neon,
            // A program is looked for from there by the command itself, which runs there.
            directory: path::absolute(directory).unwrap_or_else(|_| directory.to_owned()),
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
        let started = child::start(&mut process);
        let started = started.map_err(|error| failed(why(&error), error.to_string()))?;
        let limit = request.anchor.timeout;
        let mut quiet = |_: &str| ();
        let ended = timeout(limit, child::end(started, b"", &mut quiet)).await;
        let ended = ended
            .map_err(|_| {
                undone(format!(
                    "it took longer than {} s, and was ended",
                    limit.as_secs()
                ))
            })?
            .map_err(|error| undone(error.to_string()))?;
        if !ended.status.success() {
            let how = match ended.status.code() {
                Some(code) => format!("exit code {code}"),
                None => "it was killed".to_owned(),
            };
            return Err(undone(format!("{how}; {UNSHOWN}")));
        }
        let mut lines = ended.stdout.lines().rev().map(str::trim);
        let name = lines.find(|line| !line.is_empty());
        let name = name.ok_or_else(|| {
            undone("it printed nothing: its last line is the anchor's name".to_owned())
        })?;
        match name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            true => Err(undone(format!(
                "its last line is no anchor's name: that has at most {LONGEST_NAME} characters, and no control characters; {UNSHOWN}"
            ))),
            false => Ok(name.to_owned()),
        }
    }
}

/// A word of a command that somebody copies into a shell.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// A command that does not start.
fn why(error: &io::Error) -> FailureKind {
    match error.kind() {
        io::ErrorKind::NotFound => FailureKind::NotFound,
        io::ErrorKind::PermissionDenied => FailureKind::Denied,
        _ => FailureKind::Rejected,
    }
}

/// It was started: nobody knows what it did.
fn undone(message: String) -> PortFailure {
    PortFailure {
        effect: Effect::Unknown,
        ..failed(FailureKind::Rejected, message)
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
        run.map_err(|failure| {
            assert_eq!(failure.effect, Effect::Unknown, "{failure}");
            failure.to_string()
        })
    }

    #[tokio::test]
    async fn the_last_line_is_the_name_and_the_exit_code_decides() {
        let told = "echo working; echo \"$BACKSTAY_ANCHOR of $BACKSTAY_APP\"; echo; echo done >&2";
        assert_eq!(ran(told).await.as_deref(), Ok("backstay-d-1 of shop"));
        let silent = ran("true").await.unwrap_err();
        assert!(silent.contains("it printed nothing"), "{silent}");
    }

    #[tokio::test]
    async fn what_it_printed_is_in_no_failure() {
        for (ends, told) in [
            ("exit 3", "exit code 3"),
            ("kill -9 $$", "it was killed"),
            ("printf 'sekrit%0250d' 0", "at most 255 characters"),
            ("printf 'sekrit\\tname'", "no control characters"),
        ] {
            let failed = ran(&format!("echo sekrit; echo sekrit >&2; {ends}")).await;
            let failed = failed.unwrap_err();
            assert!(failed.contains(told), "{failed}");
            assert!(!failed.contains("sekrit"), "{failed}");
        }
    }

    /// The program is named by a path, and its directory as somebody in another one names it.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_relative_directory_is_where_it_is() {
        let home = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/bin/sh", home.path().join("sh")).unwrap();
        let here = std::env::current_dir().unwrap();
        let up = "../".repeat(here.components().count() - 1);
        let relative = PathBuf::from(up).join(home.path().strip_prefix("/").unwrap());
        let asked = Asked::new(&relative, None);
        let words = ["./sh", "-c", "echo name"].map(str::to_owned);
        assert_eq!(asked.has(&words), Ok(()));
        let run = asked.run(&request(60), &words).await;
        assert_eq!(run.as_deref(), Ok("name"));
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
        assert_eq!(absent.effect, Effect::None);
        std::fs::create_dir(home.path().join("folder")).unwrap();
        let folder = asked.run(&request(60), &["./folder".to_owned()]).await;
        assert_eq!(folder.unwrap_err().kind, FailureKind::Denied);
        assert_eq!(asked.neon().unwrap_err().kind, FailureKind::Denied);
    }
}
