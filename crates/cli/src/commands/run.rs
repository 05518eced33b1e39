//! `backstay run`: one of the release's jobs, now. It changes nothing that deployments know of, and waits for nobody.

use std::path::Path;
use std::time::Duration;

use backstay_adapters::turn::Opened;
use backstay_domain::observation::{JobState, JobView};
use backstay_domain::ports::{Clock, Cloud, JobAnswer, JobRequest, Ledger};
use backstay_domain::scheduled::{JobRelease, ScheduledJob};
use backstay_domain::{DefinitionRef, IdempotencyKey, JobName, TaskId};
use jiff::{SignedDuration, Timestamp};

use crate::args::Run;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::new_id;
use crate::compose::operator::operator;
use crate::compose::project::Project;
use crate::compose::signals;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::job::{Ended, ended_text};
use crate::render::json;
use crate::render::log::Log;
use crate::shell::{Output, Shell};

/// Time between two looks.
const POLL: Duration = Duration::from_secs(2);
/// How long a task that was just started may not be seen.
const UNSEEN: SignedDuration = SignedDuration::from_secs(60);
/// How long nobody may be able to look.
const BLIND: SignedDuration = SignedDuration::from_secs(240);
/// How long one that was told to stop may take: ECS kills it after two minutes at most.
const STOPS_WITHIN: SignedDuration = SignedDuration::from_secs(180);

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Run) -> Result<u8, Failure> {
    let project = Project::load(directory, &arguments.environment)?;
    let jobs = &project.configured.app.jobs;
    let found = jobs.iter().find(|(name, _)| name.as_str() == arguments.job);
    let Some((name, job)) = found else {
        let known: Vec<&str> = jobs.keys().map(JobName::as_str).collect();
        let message = format!("there is no job `{}`", arguments.job);
        return Err(Failure::usage(message, nearest(&arguments.job, &known)));
    };
    let purpose = Purpose::Change {
        versions: None,
        speed: arguments.speed,
    };
    let running = Running {
        shell,
        project: &project,
        arguments,
        name,
        job,
    };
    on_cloud(&project, purpose, running)
}

pub(super) fn nearest(name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|one| (strsim::damerau_levenshtein(name, one), *one))
        .filter(|(distance, one)| *distance <= (one.len() / 3).max(1))
        .min();
    match (near, known) {
        (Some((_, one)), _) => format!("did you mean `{one}`?"),
        (None, []) => "[jobs.NAME] in backstay.toml makes one".to_owned(),
        (None, known) => format!("there are: {}", known.join(", ")),
    }
}

struct Running<'a> {
    shell: &'a Shell,
    project: &'a Project,
    arguments: &'a Run,
    name: &'a JobName,
    job: &'a ScheduledJob,
}

/// Why a task is told to stop.
enum Stopped {
    Late,
    By(String),
}

/// A task that is to stop.
struct Stopping {
    why: Stopped,
    told: Told,
    /// So long its end is waited for.
    until: Timestamp,
}

/// Whether the cloud was told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Yes,
    Not,
}

impl Stopping {
    fn begin(why: Stopped, now: Timestamp) -> Self {
        let until = now.checked_add(STOPS_WITHIN).unwrap_or(Timestamp::MAX);
        let told = Told::Not;
        Self { why, told, until }
    }
}

impl Use for Running<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        let app = &self.project.configured.app;
        let ledger = opened.ledger();
        let newest = ledger.newest(&app.name, &app.environment, 1).await;
        let newest = newest.map_err(Failure::port("the recorded release cannot be read"))?;
        let entry = newest.last().ok_or_else(|| {
            let message = format!("nothing was deployed to {} yet", app.environment);
            Failure::usage(message, "deploy a version first")
        })?;
        let recorded = entry
            .jobs
            .get(self.name)
            .zip(entry.release.jobs.get(self.name));
        let (definition, release) = recorded.ok_or_else(|| {
            let message = format!("the release that is live has no job `{}`", self.name);
            Failure::usage(message, "it comes with the next deployment")
        })?;
        let request = self.request(definition, release)?;
        let task = opened.cloud.start(&request).await;
        let task = task.map_err(Failure::port(format!("{} could not be started", self.name)))?;
        self.shell.note(&format!(
            "{}: {} of {}, task {}",
            self.name,
            definition.short(),
            entry.release.version,
            task.short()
        ));
        if self.arguments.detach {
            let started = json::job_started(self.name, &task, definition);
            self.shell.give(|| task.to_string(), || started);
            return Ok(0);
        }
        self.to_its_end(opened, &request, &task).await
    }
}

impl Running<'_> {
    fn request(
        &self,
        definition: &DefinitionRef,
        release: &JobRelease,
    ) -> Result<JobRequest, Failure> {
        let by_hand = &self.job.by_hand;
        let mode = release.definition.document.get("networkMode");
        let own_network = mode.and_then(|mode| mode.as_str()) == Some("awsvpc");
        if own_network && by_hand.network.subnets.is_empty() {
            let message = format!("nobody knows in which subnets {} runs", self.name);
            let hint = format!("write `subnets` into [jobs.{}]", self.name);
            return Err(Failure::usage(message, hint));
        }
        let id = new_id()?;
        let key = IdempotencyKey::parse(format!("{id}-run")).map_err(Failure::defect)?;
        let command = match self.arguments.command.as_slice() {
            [] => by_hand.command.clone(),
            words => words.to_vec(),
        };
        // Letters, digits and some signs [DOC].
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
        let starter = operator().actor.unwrap_or_default();
        let starter: String = starter.chars().filter(|c| fits(*c)).collect();
        Ok(JobRequest {
            cluster: release.cluster.clone(),
            definition: definition.clone(),
            container: by_hand.container.clone(),
            command,
            network: by_hand.network.clone(),
            capacity: by_hand.capacity.clone(),
            key,
            started_by: format!("backstay-run/{starter}")
                .trim_end_matches('/')
                .to_owned(),
            answer: JobAnswer::Output,
        })
    }

    /// Shows its lines until it has ended. Ctrl-C and too long a time stop it, and its end is waited for all the same.
    async fn to_its_end<C: Cloud, K: Clock>(
        &self,
        opened: Opened<'_, C, K>,
        request: &JobRequest,
        task: &TaskId,
    ) -> Result<u8, Failure> {
        let began = opened.clock.now();
        let limit =
            SignedDuration::try_from(self.job.by_hand.timeout).unwrap_or(SignedDuration::MAX);
        let mut seen = began;
        let mut stopping: Option<Stopping> = None;
        let mut log = Log::default();
        let signal = signals::first();
        tokio::pin!(signal);
        loop {
            let found = self.look(opened, request, task, seen).await?;
            let now = opened.clock.now();
            let passed = now.duration_since(began);
            if let Some(view) = found {
                seen = now;
                self.show(&mut log, &view.log);
                let may_come = view.state == JobState::Vanished && passed < UNSEEN;
                let waits = view.state == JobState::Running || may_come;
                let late = stopping.as_ref().is_some_and(|it| now > it.until);
                if !waits || late {
                    return Ok(self.ended(task, &view, stopping.map(|it| it.why), passed));
                }
            }
            if stopping.is_none() && passed > limit {
                stopping = Some(Stopping::begin(Stopped::Late, now));
            }
            if let Some(stopping) = stopping.as_mut().filter(|it| it.told == Told::Not) {
                let why = match &stopping.why {
                    Stopped::Late => format!("it took longer than {} s", limit.as_secs()),
                    Stopped::By(signal) => signal.clone(),
                };
                stopping.told = self.stop(opened, request, task, &why).await?;
            }
            let next = now.checked_add(POLL).unwrap_or(Timestamp::MAX);
            if stopping.is_some() {
                opened.clock.sleep_until(next).await;
                continue;
            }
            tokio::select! {
                () = opened.clock.sleep_until(next) => {}
                heard = &mut signal => {
                    let signal = heard.map_err(Failure::defect)?;
                    self.shell.note(&format!("{signal}: {} is told to stop", self.name));
                    stopping = Some(Stopping::begin(Stopped::By(signal), now));
                }
            }
        }
    }

    /// A look that fails for the moment saw nothing; for too long, nobody knows what becomes of it.
    async fn look<C: Cloud, K: Clock>(
        &self,
        opened: Opened<'_, C, K>,
        request: &JobRequest,
        task: &TaskId,
        seen: Timestamp,
    ) -> Result<Option<JobView>, Failure> {
        match opened.cloud.look(request, task).await {
            Ok(view) => Ok(Some(view)),
            Err(failure) => {
                let blind = opened.clock.now().duration_since(seen);
                if failure.is_passing() && blind < BLIND {
                    let note = format!("cannot see {} now ({failure})", self.name);
                    self.shell.note(&note);
                    return Ok(None);
                }
                let what = format!("{} runs on, and cannot be looked at", self.name);
                Err(Failure::port(what)(failure))
            }
        }
    }

    /// What fails for the moment is asked again at the next look.
    async fn stop<C: Cloud, K: Clock>(
        &self,
        opened: Opened<'_, C, K>,
        request: &JobRequest,
        task: &TaskId,
        why: &str,
    ) -> Result<Told, Failure> {
        let why = format!("Backstay: {why}");
        match opened.cloud.stop(request, task, &why).await {
            Ok(()) => Ok(Told::Yes),
            Err(failure) if failure.is_passing() => {
                let note = format!("{} cannot be stopped now ({failure})", self.name);
                self.shell.note(&note);
                Ok(Told::Not)
            }
            Err(failure) => {
                let what = format!("{} runs on, and could not be stopped", self.name);
                Err(Failure::port(what)(failure))
            }
        }
    }

    /// Only the last lines are seen: what came and went between two looks is said to be left out.
    fn show(&self, log: &mut Log, now: &[String]) {
        if log.skips(now) {
            let note = format!("{}: lines are left out here", self.name);
            self.shell.note(&note);
        }
        for line in log.lines(now) {
            self.line(line);
        }
    }

    fn line(&self, line: &str) {
        match self.shell.output() {
            Output::Text => self.shell.answer(&clean(line)),
            Output::Json => self.shell.object(&json::job_line(self.name, line)),
        }
    }

    fn ended(
        &self,
        task: &TaskId,
        view: &JobView,
        stopped: Option<Stopped>,
        took: SignedDuration,
    ) -> u8 {
        let code = match (&stopped, &view.state) {
            (None, JobState::Exited(0)) => 0,
            (Some(Stopped::By(_)), _) => 7,
            (None | Some(Stopped::Late), _) => 4,
        };
        let ended = Ended {
            job: self.name,
            task,
            view,
            why: match &stopped {
                None => None,
                Some(Stopped::Late) => Some("it took too long and was stopped".to_owned()),
                Some(Stopped::By(signal)) => Some(format!("it was stopped by {signal}")),
            },
            took,
        };
        self.shell.note(&ended_text(&ended));
        if self.shell.output() == Output::Json {
            self.shell.object(&json::job_ended(&ended, code));
        }
        code
    }
}
