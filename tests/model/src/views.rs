//! What calls that only look answer, in the domain's words.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::observation::{
    Evidence, FrontendView, JobState, JobView, PrimaryState, RolloutStatus, RolloutView,
    RunningJob, ServiceView, StopCause, StoppedTask, TargetState, TaskEnd, TaskView, TasksView,
    Trouble,
};
use backstay_domain::ports::ExpectedFile;
use backstay_domain::release::{FileKind, Manifest};
use backstay_domain::survey::{
    Activity, Balanced, Bounds, Breaker, Completed, DefinitionState, History, Judges, LiveService,
    PublishedFiles, ServiceCondition,
};
use backstay_domain::{RolloutHandle, TaskId};

use crate::app::{Code, RELEASES, SERVICES, Setup, digest, page, revision};
use crate::cloud::{BREAKER, Cloud, Record, RolloutState, TaskState};
use crate::fixed;
use crate::ports::rollout_handle;

/// The id of a service's deployment.
#[must_use]
pub fn handle(service: usize, deployment: u8) -> RolloutHandle {
    rollout_handle(format!("{}-{}", SERVICES[service], deployment + 1))
}

/// A task's ARN.
#[must_use]
pub fn task_id(task: usize) -> TaskId {
    fixed(TaskId::parse(format!("task/{task}")))
}

/// Which task an ARN names.
#[must_use]
pub fn task_number(task: &TaskId) -> usize {
    let number = task.as_str().rsplit('/').next();
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A service as DescribeServices and DescribeServiceDeployments show it.
#[must_use]
pub fn service(cloud: &Cloud, at: usize, followed: Option<u8>) -> ServiceView {
    let service = &cloud.services[at];
    let now = service.now();
    let followed = followed.map(
        |number| match service.deployments.get(usize::from(number)) {
            Some(one) => RolloutView {
                handle: handle(at, number),
                status: status(one.record),
                reason: None,
                failures: (u32::from(one.failed), Some(u32::from(BREAKER))),
                running: u32::from(one.up),
                shift: None,
            },
            None => RolloutView {
                handle: handle(at, number),
                status: RolloutStatus::NotVisible,
                reason: None,
                failures: (0, None),
                running: 0,
                shift: None,
            },
        },
    );
    let failing = now.failed > 0 || followed.as_ref().is_some_and(|one| one.failures.0 > 0);
    let short = now.state == RolloutState::Completed && !now.up;
    ServiceView {
        desired: 1,
        running: service.running(),
        pending: u32::from(!now.up && now.state != RolloutState::Failed),
        primary: handle(at, service.primary),
        primary_definition: revision(at, now.revision),
        primary_state: match now.state {
            RolloutState::InProgress => PrimaryState::InProgress,
            RolloutState::Completed => PrimaryState::Completed,
            RolloutState::Failed => PrimaryState::Failed,
        },
        primary_running: u32::from(now.up),
        followed,
        trouble: if failing || short {
            Trouble::Suspected
        } else {
            Trouble::None
        },
        messages: Vec::new(),
    }
}

fn status(record: Record) -> RolloutStatus {
    match record {
        Record::InProgress => RolloutStatus::InProgress,
        Record::Successful => RolloutStatus::Succeeded,
        Record::Stopped => RolloutStatus::Stopped,
        Record::RollbackRequested => RolloutStatus::RollbackRequested,
        Record::RollbackInProgress => RolloutStatus::RollingBack,
        Record::RollbackSuccessful => RolloutStatus::RolledBack,
        Record::RollbackFailed => RolloutStatus::RollbackFailed,
    }
}

/// The stopped tasks of one revision.
#[must_use]
pub fn evidence(cloud: &Cloud, at: usize, of: u8) -> Evidence {
    let mut stopped = Vec::new();
    for (number, one) in cloud.services[at].deployments.iter().enumerate() {
        for failed in 0..one.failed {
            if one.revision != of {
                continue;
            }
            stopped.push(StoppedTask {
                task: fixed(TaskId::parse(format!(
                    "task/{}-{number}-{failed}",
                    SERVICES[at]
                ))),
                definition: revision(at, of),
                rollout: Some(handle(at, u8::try_from(number).unwrap_or(u8::MAX))),
                started_at: None,
                stopped_at: None,
                cause: StopCause::Exited(1),
                end: TaskEnd::default(),
            });
        }
    }
    Evidence {
        stopped,
        ..Evidence::default()
    }
}

/// The tasks of a service.
#[must_use]
pub fn tasks(cloud: &Cloud, at: usize) -> TasksView {
    let up = cloud.services[at]
        .deployments
        .iter()
        .enumerate()
        .filter(|(_, one)| one.up);
    let task = |(number, one): (usize, &crate::cloud::Deployment)| TaskView {
        task: fixed(TaskId::parse(format!("task/{}-{number}", SERVICES[at]))),
        definition: revision(at, one.revision),
        digests: vec![digest(SERVICES[at], cloud.code(at, one.revision))],
        running: backstay_domain::observation::TaskState::Running,
        target: TargetState::Healthy,
        health: backstay_domain::observation::ContainerHealth::Unknown,
    };
    TasksView {
        desired: 1,
        tasks: up.map(task).collect(),
    }
}

/// A service before a deployment.
#[must_use]
pub fn live(setup: &Setup, cloud: &Cloud, at: usize) -> LiveService {
    let service = &cloud.services[at];
    let now = service.now();
    let document = |of: u8| setup.definition(at, cloud.code(at, of)).clone();
    let completed = match now.state {
        RolloutState::Completed => None,
        RolloutState::InProgress | RolloutState::Failed => service.completed(),
    };
    let completed = completed.map(|number| {
        let of = service.deployments[usize::from(number)].revision;
        Completed {
            definition: revision(at, of),
            document: document(of),
        }
    });
    LiveService {
        condition: ServiceCondition::Active,
        definition_state: DefinitionState::Active,
        definition: revision(at, now.revision),
        document: document(now.revision),
        rollout: handle(at, service.primary),
        activity: match now.state {
            RolloutState::Completed => Activity::Settled,
            RolloutState::InProgress if now.failed < BREAKER => Activity::RollingOut,
            RolloutState::InProgress | RolloutState::Failed => Activity::Failed,
        },
        completed,
        history: History::Completed,
        desired: 1,
        running: service.running(),
        bounds: Bounds {
            minimum_healthy_percent: 100,
            maximum_percent: 200,
        },
        breaker: Breaker::RollsBack,
        balanced: Balanced::Yes,
        judges: Judges::default(),
        strategy: backstay_domain::traffic::Strategy::Rolling,
    }
}

/// A one-off task.
#[must_use]
pub fn job(cloud: &Cloud, task: &TaskId) -> JobView {
    let Some(task) = cloud.tasks.get(task_number(task)) else {
        return JobView {
            state: JobState::Vanished,
            log: Vec::new(),
            unread: None,
        };
    };
    let (state, log) = match task.state {
        TaskState::Pending | TaskState::Running => (JobState::Running, Vec::new()),
        TaskState::NeverStarted => (
            JobState::NeverStarted("it was stopped".to_owned()),
            Vec::new(),
        ),
        TaskState::Exited(code, printed) => (JobState::Exited(code), vec![format!("r{printed}")]),
        TaskState::Killed => (JobState::Killed("137".to_owned()), Vec::new()),
    };
    JobView {
        state,
        log,
        unread: None,
    }
}

/// Tasks of the migration's family that run.
#[must_use]
pub fn running(cloud: &Cloud) -> Vec<RunningJob> {
    let alive = cloud
        .tasks
        .iter()
        .enumerate()
        .filter(|(_, task)| task.is_alive());
    let job = |(number, task): (usize, &crate::cloud::Task)| RunningJob {
        task: task_id(number),
        started_by: Some(task.started_by.clone()),
    };
    alive.map(job).collect()
}

/// A frontend's files as visitors get them, compared with what is expected.
#[must_use]
pub fn edge(cloud: &Cloud, expected: &[ExpectedFile]) -> FrontendView {
    let wrong = expected.iter().filter_map(|file| {
        let right = match file.path.as_str() {
            "index.html" => file.sha256 == page(cloud.site.edge),
            script => {
                let release = script
                    .trim_start_matches('v')
                    .trim_end_matches(".js")
                    .parse();
                release.is_ok_and(|release: u8| cloud.site.files.contains(&release))
            }
        };
        (!right).then(|| (file.path.clone(), "something else".to_owned()))
    });
    FrontendView {
        files: u32::try_from(expected.len()).unwrap_or(u32::MAX),
        wrong: wrong.collect(),
        unseen: 0,
    }
}

/// How a build stands to what is published.
#[must_use]
pub fn published(setup: &Setup, cloud: &Cloud, manifest: &Manifest) -> PublishedFiles {
    let release = release_of(setup, manifest);
    let there = cloud.site.files.contains(&release);
    let absent: BTreeSet<String> = manifest
        .files
        .iter()
        .filter(|(_, file)| match file.kind {
            FileKind::Immutable => !there,
            FileKind::Mutable => !there && file.sha256 != page(cloud.site.bucket),
        })
        .map(|(path, _)| path.clone())
        .collect();
    PublishedFiles {
        live: BTreeMap::from([("index.html".to_owned(), page(cloud.site.bucket))]),
        absent,
        headers: BTreeMap::new(),
        changed: BTreeSet::new(),
        too_large: BTreeSet::new(),
        ..PublishedFiles::default()
    }
}

/// Whose build this is.
#[must_use]
pub fn release_of(setup: &Setup, manifest: &Manifest) -> u8 {
    let is = |release: &u8| setup.manifest(*release).id == manifest.id;
    (1..=RELEASES).find(is).unwrap_or(1)
}

/// Whose page has this hash.
#[must_use]
pub fn page_of(sha256: &str) -> Code {
    let releases = (1..=RELEASES).map(Code::Release);
    let found = releases.into_iter().find(|code| page(*code) == sha256);
    found.unwrap_or(Code::Foreign)
}
