//! Why a task stopped: ECS's stop code first, then the codes with which its reasons begin. Root causes of failed starts
//! are in the containers' reasons, so both are read.

use aws_sdk_ecs::types::{Container, Task, TaskStopCode};
use backstay_domain::observation::{ContainerEnd, StopCause, TaskEnd};

use super::words::plain;

/// The cause, and how it ended in ECS's words.
pub(in crate::aws) fn why_stopped(task: &Task) -> (StopCause, TaskEnd) {
    let stopped = task.stopped_reason().unwrap_or_default();
    let cause = match task.stop_code() {
        Some(TaskStopCode::UserInitiated) => StopCause::ByUser,
        Some(
            TaskStopCode::SpotInterruption
            | TaskStopCode::TerminationNotice
            | TaskStopCode::InfrastructureHealth,
        ) => StopCause::Infrastructure,
        Some(TaskStopCode::ServiceSchedulerInitiated) => scheduler(stopped),
        Some(TaskStopCode::EssentialContainerExited) => exited(task),
        Some(TaskStopCode::TaskFailedToStart) => failed_start(&reasons(task)),
        Some(_) | None => match failed_start(&reasons(task)) {
            StopCause::CannotStart => StopCause::Other,
            known => known,
        },
    };
    (cause, end(task))
}

/// The container with this name.
pub(in crate::aws) fn named<'t>(task: &'t Task, name: &str) -> Option<&'t Container> {
    task.containers()
        .iter()
        .find(|container| container.name() == Some(name))
}

/// The task's reason, then those of its containers.
fn reasons(task: &Task) -> Vec<&str> {
    let containers = task.containers().iter().filter_map(Container::reason);
    task.stopped_reason()
        .into_iter()
        .chain(containers)
        .collect()
}

fn scheduler(reason: &str) -> StopCause {
    let rows = [
        ("Scaling activity initiated by", StopCause::Replaced),
        ("Task failed ELB health checks", StopCause::TargetCheck),
        (
            "Task failed container health checks",
            StopCause::ContainerCheck,
        ),
        ("ECS is performing maintenance", StopCause::Infrastructure),
    ];
    let found = rows
        .into_iter()
        .find(|(prefix, _)| reason.starts_with(prefix));
    found.map_or(StopCause::Other, |(_, cause)| cause)
}

fn exited(task: &Task) -> StopCause {
    if reasons(task)
        .iter()
        .any(|reason| reason.starts_with("OutOfMemoryError"))
    {
        return StopCause::OutOfMemory;
    }
    let codes: Vec<i32> = task
        .containers()
        .iter()
        .filter_map(Container::exit_code)
        .collect();
    let failing = codes.iter().find(|code| **code != 0).or(codes.first());
    failing.map_or(StopCause::CannotStart, |code| StopCause::Exited(*code))
}

/// What a reason that begins with the first code and has one of the words means. No words: the code is enough.
const STARTS: [(&str, &[&str], StopCause); 9] = [
    (
        "CannotPull",
        &["descriptor matching platform", "no matching manifest"],
        StopCause::WrongPlatform,
    ),
    (
        "CannotPull",
        &["not found", "does not exist", "manifest unknown"],
        StopCause::ImageMissing,
    ),
    (
        "CannotPull",
        &["denied", "unauthorized", "Forbidden", "no basic auth"],
        StopCause::SecretDenied,
    ),
    (
        "ResourceInitializationError",
        &["logging driver"],
        StopCause::CannotStart,
    ),
    (
        "ResourceInitializationError",
        &["secret", "registry auth", "ssm"],
        StopCause::SecretDenied,
    ),
    ("Capacity is unavailable", &[], StopCause::NoCapacity),
    ("You've reached the limit", &[], StopCause::NoCapacity),
    ("You’ve reached the limit", &[], StopCause::NoCapacity),
    ("OutOfMemoryError", &[], StopCause::OutOfMemory),
];

fn failed_start(reasons: &[&str]) -> StopCause {
    for (code, words, cause) in &STARTS {
        let says = |reason: &&&str| {
            reason.starts_with(code)
                && (words.is_empty() || words.iter().any(|word| reason.contains(word)))
        };
        if reasons.iter().any(|reason| says(&reason)) {
            return cause.clone();
        }
    }
    StopCause::CannotStart
}

/// How it ended, in ECS's words, and of which container.
fn end(task: &Task) -> TaskEnd {
    let containers = task.containers().iter().filter_map(|container| {
        let reason = container
            .reason()
            .filter(|reason| Some(*reason) != task.stopped_reason())
            .map(plain);
        let exit_code = container.exit_code();
        (reason.is_some() || exit_code.is_some_and(|code| code != 0)).then(|| ContainerEnd {
            name: container.name().unwrap_or("a container").to_owned(),
            exit_code,
            reason,
        })
    });
    TaskEnd {
        reason: task.stopped_reason().map(plain),
        containers: containers.collect(),
        health: None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PULL: &str = "CannotPullContainerError: pull image manifest has been retried 7 time(s): ";
    const INIT: &str = "ResourceInitializationError: ";

    #[rstest]
    #[case(format!("{PULL}failed to resolve ref r:t: r:t: not found"), StopCause::ImageMissing)]
    #[case(format!("{PULL}image Manifest does not contain descriptor matching platform 'linux/amd64'"), StopCause::WrongPlatform)]
    #[case(format!("{PULL}403 Forbidden"), StopCause::SecretDenied)]
    #[case(format!("{PULL}i/o timeout"), StopCause::CannotStart)]
    #[case(format!("{INIT}unable to pull secrets or registry auth: execution resource retrieval failed"), StopCause::SecretDenied)]
    #[case(format!("{INIT}failed to initialize logging driver: x"), StopCause::CannotStart)]
    #[case("Capacity is unavailable at this time. Please try again later".to_owned(), StopCause::NoCapacity)]
    #[case("Unexpected EC2 error".to_owned(), StopCause::CannotStart)]
    fn tasks_that_failed_to_start(#[case] reason: String, #[case] expected: StopCause) {
        let in_task = Task::builder()
            .stop_code(TaskStopCode::TaskFailedToStart)
            .stopped_reason(&reason)
            .build();
        let (cause, end) = why_stopped(&in_task);
        assert_eq!((cause, end.to_string()), (expected.clone(), reason.clone()));
        let container = Container::builder().name("web").reason(&reason).build();
        let in_container = Task::builder()
            .stop_code(TaskStopCode::TaskFailedToStart)
            .containers(container)
            .build();
        let (cause, end) = why_stopped(&in_container);
        assert_eq!(
            (cause, end.to_string()),
            (expected, format!("web: {reason}"))
        );
    }

    #[rstest]
    #[case(TaskStopCode::UserInitiated, "Task stopped by user", StopCause::ByUser)]
    #[case(TaskStopCode::SpotInterruption, "", StopCause::Infrastructure)]
    #[case(TaskStopCode::InfrastructureHealth, "", StopCause::Infrastructure)]
    #[case(
        TaskStopCode::ServiceSchedulerInitiated,
        "Scaling activity initiated by (deployment ecs-svc/1)",
        StopCause::Replaced
    )]
    #[case(
        TaskStopCode::ServiceSchedulerInitiated,
        "Task failed ELB health checks in (target-group arn)",
        StopCause::TargetCheck
    )]
    #[case(
        TaskStopCode::ServiceSchedulerInitiated,
        "Task failed container health checks",
        StopCause::ContainerCheck
    )]
    #[case(
        TaskStopCode::ServiceSchedulerInitiated,
        "ECS is performing maintenance on the underlying infrastructure",
        StopCause::Infrastructure
    )]
    #[case(
        TaskStopCode::ServiceSchedulerInitiated,
        "something new",
        StopCause::Other
    )]
    #[case(TaskStopCode::from("SomethingNew"), "something new", StopCause::Other)]
    fn tasks_that_were_stopped(
        #[case] code: TaskStopCode,
        #[case] reason: &str,
        #[case] expected: StopCause,
    ) {
        let task = Task::builder()
            .stop_code(code)
            .stopped_reason(reason)
            .build();
        assert_eq!(why_stopped(&task).0, expected);
    }

    #[rstest]
    #[case(&[(Some(0), None), (Some(3), None)], StopCause::Exited(3))]
    #[case(&[(Some(0), None)], StopCause::Exited(0))]
    #[case(&[(Some(137), Some("OutOfMemoryError: Container killed due to memory usage"))], StopCause::OutOfMemory)]
    #[case(&[(None, None)], StopCause::CannotStart)]
    fn tasks_whose_container_exited(
        #[case] containers: &[(Option<i32>, Option<&str>)],
        #[case] expected: StopCause,
    ) {
        let build = |(code, reason): &(Option<i32>, Option<&str>)| {
            Container::builder()
                .set_exit_code(*code)
                .set_reason(reason.map(str::to_owned))
                .build()
        };
        let task = Task::builder()
            .stop_code(TaskStopCode::EssentialContainerExited)
            .set_containers(Some(containers.iter().map(build).collect()))
            .build();
        assert_eq!(why_stopped(&task).0, expected);
    }
}
