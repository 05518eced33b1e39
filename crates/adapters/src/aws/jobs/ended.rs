//! How a one-off task ended: judged by the named container.

use aws_sdk_ecs::types::{Container, Task, TaskStopCode};
use backstay_domain::observation::JobState;
use backstay_domain::ports::{JobAnswer, JobRequest};

use crate::aws::services::{named, why_stopped};

/// SIGKILL and SIGTERM: the container did not end by itself.
const SIGNALLED: [i32; 2] = [137, 143];

pub(super) fn verdict(task: &Task, request: &JobRequest) -> JobState {
    let container = named(task, &request.container);
    if !matches!(task.last_status(), Some("STOPPED" | "DELETED")) {
        let good = request.answer == JobAnswer::ExitCode && has_ended_well(task, container);
        return match good {
            true => JobState::Exited(0),
            false => JobState::Running,
        };
    }
    let detail = why_stopped(task).1.to_string();
    let by_itself = matches!(
        task.stop_code(),
        Some(TaskStopCode::EssentialContainerExited) | None
    );
    match container.and_then(Container::exit_code) {
        Some(code) if SIGNALLED.contains(&code) || !by_itself => JobState::Killed(detail),
        Some(code) => JobState::Exited(code),
        None if never_started(task) => JobState::NeverStarted(detail),
        None => JobState::Killed(format!("no exit code: {detail}")),
    }
}

/// DEPROVISIONING: all containers have ended, and only the network goes. ECS says how by then ([OBS], one event only: a task state change
/// event of 2019-11-19 with `exitCode`, `stopCode` and a status of DEPROVISIONING); of an end that is not good, the log is awaited as well.
fn has_ended_well(task: &Task, container: Option<&Container>) -> bool {
    let by_itself = task.stop_code() == Some(&TaskStopCode::EssentialContainerExited);
    let over = container.is_some_and(|container| {
        container.last_status() == Some("STOPPED") && container.exit_code() == Some(0)
    });
    task.last_status() == Some("DEPROVISIONING") && by_itself && over
}

/// An exit code that is absent is not 0: the container may never have run.
fn never_started(task: &Task) -> bool {
    task.stop_code() == Some(&TaskStopCode::TaskFailedToStart) || task.started_at().is_none()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;
    use rstest::rstest;

    use super::*;
    use crate::aws::tests::job;

    fn asks(answer: JobAnswer) -> JobRequest {
        JobRequest { answer, ..job() }
    }

    fn ended(code: TaskStopCode, started: bool, exit: Option<i32>) -> Task {
        let sidecar = Container::builder().name("guardduty").exit_code(0).build();
        let ours = Container::builder()
            .name("migrate")
            .set_exit_code(exit)
            .build();
        Task::builder()
            .last_status("STOPPED")
            .stop_code(code)
            .stopped_reason("because")
            .set_started_at(started.then(|| DateTime::from_secs(1)))
            .containers(sidecar)
            .containers(ours)
            .build()
    }

    #[rstest]
    #[case::ok(
        TaskStopCode::EssentialContainerExited,
        true,
        Some(0),
        JobState::Exited(0)
    )]
    #[case::failed(
        TaskStopCode::EssentialContainerExited,
        true,
        Some(1),
        JobState::Exited(1)
    )]
    #[case::oom(TaskStopCode::EssentialContainerExited, true, Some(137), JobState::Killed("because; migrate: exit code 137".to_owned()))]
    #[case::no_image(TaskStopCode::TaskFailedToStart, false, None, JobState::NeverStarted("because".to_owned()))]
    #[case::stopped_early(TaskStopCode::UserInitiated, false, None, JobState::NeverStarted("because".to_owned()))]
    #[case::stopped_late(TaskStopCode::UserInitiated, true, Some(0), JobState::Killed("because".to_owned()))]
    #[case::spot(TaskStopCode::SpotInterruption, true, Some(143), JobState::Killed("because; migrate: exit code 143".to_owned()))]
    #[case::no_code(TaskStopCode::EssentialContainerExited, true, None, JobState::Killed("no exit code: because".to_owned()))]
    fn the_named_container_decides(
        #[case] code: TaskStopCode,
        #[case] started: bool,
        #[case] exit: Option<i32>,
        #[case] expected: JobState,
    ) {
        let task = ended(code, started, exit);
        for answer in [JobAnswer::ExitCode, JobAnswer::Output] {
            assert_eq!(verdict(&task, &asks(answer)), expected);
        }
    }

    #[rstest]
    #[case::good(JobAnswer::ExitCode, "DEPROVISIONING", Some(0), JobState::Exited(0))]
    #[case::what_it_printed_is_awaited(
        JobAnswer::Output,
        "DEPROVISIONING",
        Some(0),
        JobState::Running
    )]
    #[case::so_is_the_log_of_a_failure(
        JobAnswer::ExitCode,
        "DEPROVISIONING",
        Some(1),
        JobState::Running
    )]
    #[case::no_code(JobAnswer::ExitCode, "DEPROVISIONING", None, JobState::Running)]
    #[case::others_may_run(JobAnswer::ExitCode, "RUNNING", Some(0), JobState::Running)]
    fn while_it_stops(
        #[case] answer: JobAnswer,
        #[case] status: &str,
        #[case] exit: Option<i32>,
        #[case] expected: JobState,
    ) {
        let container = Container::builder().name("migrate").last_status("STOPPED");
        let task = Task::builder()
            .last_status(status)
            .stop_code(TaskStopCode::EssentialContainerExited)
            .containers(container.set_exit_code(exit).build());
        assert_eq!(verdict(&task.clone().build(), &asks(answer)), expected);
        let stopped = task.stop_code(TaskStopCode::UserInitiated).build();
        assert_eq!(verdict(&stopped, &asks(answer)), JobState::Running);
    }
}
