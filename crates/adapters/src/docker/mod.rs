//! A container engine, asked through its own command line: one process per command, no shell, no secret in its words (ADR 25).

pub(crate) mod child;
mod command;
mod error;
mod login;
mod registry;
mod trouble;

use std::path::{Path, PathBuf};
use std::process::Command;

use backstay_domain::Digest;
use backstay_domain::build::Inputs;

use child::Ended;
pub use command::{Builder, Source};
use command::{Goal, Line, build};
pub use error::{DockerError, Task};
use login::Configuration;
pub use trouble::Trouble;

/// Of what it said before it failed.
const SHOWN_LINES: usize = 10;

/// Where the engine's client and its settings are, as the process's surroundings say.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The user's own configuration: `DOCKER_CONFIG`, or `.docker` at home.
    pub configuration: Option<PathBuf>,
}

/// An engine that answers.
#[derive(Debug)]
pub struct Docker {
    builder: Builder,
    place: Place,
    /// Whose logins are used instead of the user's own, by registry.
    logins: Vec<(String, Configuration)>,
    /// What must not be shown.
    secrets: Vec<String>,
}

impl Docker {
    /// The program.
    pub const PROGRAM: &str = "docker";

    /// Looks whether an engine answers, and who builds there.
    ///
    /// # Errors
    /// When there is no client, or no engine.
    pub async fn find(place: Place) -> Result<Self, DockerError> {
        let docker = Self {
            builder: Builder::Plain,
            place,
            logins: Vec::new(),
            secrets: Vec::new(),
        };
        let version = Line::of(&["version", "--format", "{{.Server.Version}}"]);
        docker.well(Task::Ask, &version, b"", None).await?;
        let line = Line::of(&["buildx", "version"]);
        let buildx = docker.run(&line, b"", None, &mut |_| ()).await?;
        Ok(Self {
            builder: match buildx.status.success() {
                true => Builder::Buildx,
                false => Builder::Plain,
            },
            ..docker
        })
    }

    /// Who builds.
    #[must_use]
    pub fn builder(&self) -> Builder {
        self.builder
    }

    /// From now on these are not in what it is said to have said.
    pub fn hide<'s>(&mut self, secrets: impl Iterator<Item = &'s str>) {
        self.secrets.extend(secrets.map(str::to_owned));
    }

    /// Logs in at a registry for as long as this value lives. The user's own configuration stays as it is.
    ///
    /// # Errors
    /// When the registry does not take it.
    pub async fn log_in(
        &mut self,
        registry: &str,
        user: &str,
        password: &str,
    ) -> Result<(), DockerError> {
        let own = self.place.configuration.as_deref();
        let made = Configuration::beside(own, registry).map_err(DockerError::Configuration)?;
        let line = Line::of(&["login", "--username", user, "--password-stdin", registry]);
        let task = Task::LogIn(registry.to_owned());
        let path = made.path();
        self.hide(std::iter::once(password));
        self.well(task, &line, password.as_bytes(), Some(&path))
            .await?;
        self.logins.push((registry.to_owned(), made));
        Ok(())
    }

    /// Builds an image for the engine, or, for several platforms, for the builder's memory.
    ///
    /// # Errors
    /// When it cannot be built.
    pub async fn build(
        &self,
        source: Source<'_>,
        references: &[String],
        heard: &mut dyn FnMut(&str),
    ) -> Result<(), DockerError> {
        let goal = match source.recipe.platforms.len() {
            0 | 1 => Goal::Engine,
            _ => Goal::Cache,
        };
        let line = build(source, self.builder, goal, references);
        self.did(Task::Build, &line, None, heard).await?;
        Ok(())
    }

    /// Builds an image of several platforms into the registry; its digest.
    ///
    /// # Errors
    /// When it cannot be built or pushed.
    pub async fn build_and_push(
        &self,
        source: Source<'_>,
        references: &[String],
        heard: &mut dyn FnMut(&str),
    ) -> Result<Digest, DockerError> {
        let home = tempfile::tempdir().map_err(DockerError::Configuration)?;
        let file = home.path().join("metadata.json");
        let line = build(source, self.builder, Goal::Registry(&file), references);
        let first = references.first().map(String::as_str).unwrap_or_default();
        let task = Task::Push(first.to_owned());
        self.did(task, &line, self.login_for(first), heard).await?;
        let text = std::fs::read(&file).map_err(DockerError::Configuration)?;
        registry::digest_in(&text).ok_or_else(|| DockerError::Unsaid(first.to_owned()))
    }

    /// The engine's image that was made of these inputs.
    ///
    /// # Errors
    /// When the engine does not say.
    pub async fn made_of(&self, inputs: &Inputs) -> Result<Option<String>, DockerError> {
        let label = format!("label={}={}", Inputs::LABEL, inputs.as_str());
        let line = Line::of(&["image", "ls", "--no-trunc", "--quiet", "--filter", &label]);
        let said = self.well(Task::Ask, &line, b"", None).await?.stdout;
        let first = said.lines().map(str::trim).find(|line| !line.is_empty());
        Ok(first.map(str::to_owned))
    }

    /// Gives an image of the engine another name.
    ///
    /// # Errors
    /// When the engine does not do it.
    pub async fn tag(&self, image: &str, reference: &str) -> Result<(), DockerError> {
        let line = Line::of(&["image", "tag", image, reference]);
        self.well(Task::Tag(reference.to_owned()), &line, b"", None)
            .await?;
        Ok(())
    }

    /// Pushes an image of the engine; its digest.
    ///
    /// # Errors
    /// When the registry does not take it.
    pub async fn push(
        &self,
        reference: &str,
        heard: &mut dyn FnMut(&str),
    ) -> Result<Digest, DockerError> {
        let line = Line::of(&["image", "push", reference]);
        let task = Task::Push(reference.to_owned());
        let ended = self
            .did(task, &line, self.login_for(reference), heard)
            .await?;
        if let Some(digest) = registry::pushed(&ended.last) {
            return Ok(digest);
        }
        // Podman does not say it.
        let format = ["--format", "{{json .RepoDigests}}", reference];
        let line = Line::of(&[&["image", "inspect"][..], &format].concat());
        let said = self.well(Task::Ask, &line, b"", None).await?.stdout;
        let repository = registry::without_tag(reference);
        registry::digest_of(&said, repository)
            .ok_or_else(|| DockerError::Unsaid(reference.to_owned()))
    }

    /// What a tag means in its registry, as far as the registry says; nothing also where it cannot be asked: then an image is built,
    /// and its push says what is wrong.
    ///
    /// # Errors
    /// When docker cannot be started.
    pub async fn digest_there(&self, reference: &str) -> Result<Option<Digest>, DockerError> {
        let inspect: &[&str] = match self.builder {
            Builder::Buildx => {
                let format = ["--format", "{{json .Manifest}}", reference];
                &[&["buildx", "imagetools", "inspect"][..], &format].concat()
            }
            Builder::Plain if registry::is_loopback(reference) => {
                &["manifest", "inspect", "--insecure", "--verbose", reference]
            }
            Builder::Plain => &["manifest", "inspect", "--verbose", reference],
        };
        let line = Line::of(inspect);
        let login = self.login_for(reference);
        let ended = self.run(&line, b"", login.as_deref(), &mut |_| ()).await?;
        Ok(match ended.status.success() {
            true => registry::digest_in(ended.stdout.as_bytes()),
            false => None,
        })
    }

    /// Fetches an image, so that it can get another name.
    ///
    /// # Errors
    /// When the registry does not give it.
    pub async fn pull(&self, reference: &str) -> Result<(), DockerError> {
        let line = Line::of(&["image", "pull", "--quiet", reference]);
        let task = Task::Pull(reference.to_owned());
        self.did(task, &line, self.login_for(reference), &mut |_| ())
            .await?;
        Ok(())
    }

    /// Gives an image of several platforms other names in its registry.
    ///
    /// # Errors
    /// When the registry does not do it.
    pub async fn tag_there(&self, image: &str, references: &[String]) -> Result<(), DockerError> {
        let mut words = vec!["buildx", "imagetools", "create"];
        for reference in references {
            words.extend(["--tag", reference]);
        }
        words.push(image);
        let line = Line::of(&words);
        let task = Task::Push(references.join(", "));
        self.did(task, &line, self.login_for(image), &mut |_| ())
            .await?;
        Ok(())
    }

    fn login_for(&self, reference: &str) -> Option<PathBuf> {
        let at = |registry: &String| {
            let rest = reference.strip_prefix(registry.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let login = self.logins.iter().find(|(registry, _)| at(registry));
        login.map(|(_, configuration)| configuration.path())
    }

    /// What takes long, and is heard meanwhile.
    async fn did(
        &self,
        task: Task,
        line: &Line,
        login: Option<PathBuf>,
        heard: &mut dyn FnMut(&str),
    ) -> Result<Ended, DockerError> {
        let ended = self.run(line, b"", login.as_deref(), heard).await?;
        self.judged(task, ended)
    }

    async fn well(
        &self,
        task: Task,
        line: &Line,
        input: &[u8],
        login: Option<&Path>,
    ) -> Result<Ended, DockerError> {
        let ended = self.run(line, input, login, &mut |_| ()).await?;
        self.judged(task, ended)
    }

    fn judged(&self, task: Task, ended: Ended) -> Result<Ended, DockerError> {
        if ended.status.success() {
            return Ok(ended);
        }
        let before = ended.last.len().saturating_sub(SHOWN_LINES);
        let shown = ended.last.iter().skip(before);
        Err(DockerError::Failed {
            task,
            trouble: Trouble::of(&ended.last),
            said: shown.map(|line| self.shown(line)).collect(),
        })
    }

    async fn run(
        &self,
        line: &Line,
        input: &[u8],
        login: Option<&Path>,
        heard: &mut dyn FnMut(&str),
    ) -> Result<Ended, DockerError> {
        let mut command = Command::new(Self::PROGRAM);
        command.args(&line.words);
        command.envs(line.variables.iter().map(|(name, value)| (name, value)));
        if let Some(login) = login {
            command.env("DOCKER_CONFIG", login);
        }
        let mut hear = |line: &str| heard(&self.shown(line));
        let ended = child::run(&mut command, input, &mut hear).await;
        ended.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => DockerError::Absent,
            _ => DockerError::Started(error),
        })
    }

    fn shown(&self, line: &str) -> String {
        let hidden = |line: String, secret: &String| line.replace(secret.as_str(), "***");
        self.secrets.iter().fold(line.to_owned(), hidden)
    }
}
