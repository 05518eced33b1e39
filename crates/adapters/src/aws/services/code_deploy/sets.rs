//! The task sets of a service: which is the newest rollout, which has the requests, and what a deployment keeps for the way back.

use aws_sdk_ecs::types::{Service, StabilityStatus, TaskSet};
use aws_smithy_types::DateTime;
use backstay_domain::observation::PrimaryState;
use backstay_domain::{DefinitionRef, RolloutHandle};

use super::deployment::{Deployment, Leaves};
use crate::aws::services::describe::count;

/// The newest rollout of a service.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Newest {
    pub(super) handle: RolloutHandle,
    pub(super) definition: DefinitionRef,
    pub(super) state: PrimaryState,
    /// Tasks of it that run.
    pub(super) running: u32,
    pub(super) created_at: Option<DateTime>,
}

/// What a task set is called as a rollout: the deployment that made it, or itself where the service was created with it.
pub(super) fn handle(set: &TaskSet) -> Option<RolloutHandle> {
    RolloutHandle::parse(set.external_id().or(set.id())?).ok()
}

/// The rollout that a task belongs to, by the task set that started it.
pub(in crate::aws::services) fn handle_of_task_set(
    service: &Service,
    id: &str,
) -> Option<RolloutHandle> {
    let mut sets = service.task_sets().iter();
    handle(sets.find(|set| set.id() == Some(id))?)
}

/// The one that serves.
pub(super) fn primary(service: &Service) -> Option<&TaskSet> {
    let mut sets = service.task_sets().iter();
    sets.find(|set| set.status() == Some("PRIMARY"))
}

/// The one of a rollout.
pub(super) fn of<'s>(service: &'s Service, rollout: &RolloutHandle) -> Option<&'s TaskSet> {
    let mut sets = service.task_sets().iter();
    sets.find(|set| handle(set).as_ref() == Some(rollout))
}

/// What a deployment replaces, as long as it is kept.
pub(super) fn original<'s>(service: &'s Service, deployment: &str) -> Option<&'s TaskSet> {
    newest_of(alive(service).filter(|set| set.external_id() != Some(deployment)))
}

/// What a failed deployment left: it serves no request alone.
pub(super) fn has_leftovers(service: &Service) -> bool {
    alive(service).any(|set| set.status() != Some("PRIMARY"))
}

fn alive(service: &Service) -> impl Iterator<Item = &TaskSet> {
    let sets = service.task_sets().iter();
    sets.filter(|set| set.status() != Some("DRAINING"))
}

fn newest_of<'s>(sets: impl Iterator<Item = &'s TaskSet>) -> Option<&'s TaskSet> {
    sets.max_by_key(|set| set.created_at().map(|at| (at.secs(), at.subsec_nanos())))
}

/// The newest rollout: what the group is busy with, or else the newest task set. While a rollback runs it is what that returns to.
pub(super) fn newest(service: &Service, busy: Option<&Deployment>) -> Option<Newest> {
    match busy {
        Some(Deployment {
            takes_back: Some(failed),
            ..
        }) => of_set(original(service, failed)?, PrimaryState::InProgress),
        Some(busy) => {
            let handle = busy.handle()?;
            let set = of(service, &handle);
            let named = busy.definition.clone();
            let found = set.or(primary(service)).and_then(definition);
            Some(Newest {
                definition: named.or(found)?,
                state: match busy.leaves {
                    Leaves::Waits => PrimaryState::Completed,
                    Leaves::NotYet => PrimaryState::InProgress,
                },
                running: set.map_or(0, |set| count(set.running_count())),
                created_at: set.and_then(|set| set.created_at().copied()),
                handle,
            })
        }
        None => {
            let set = newest_of(alive(service))?;
            of_set(set, state(set))
        }
    }
}

fn of_set(set: &TaskSet, state: PrimaryState) -> Option<Newest> {
    Some(Newest {
        handle: handle(set)?,
        definition: definition(set)?,
        state,
        running: count(set.running_count()),
        created_at: set.created_at().copied(),
    })
}

fn definition(set: &TaskSet) -> Option<DefinitionRef> {
    DefinitionRef::parse(set.task_definition()?).ok()
}

/// Of the newest one, when no deployment runs: nobody brings one to its end that does not serve.
fn state(set: &TaskSet) -> PrimaryState {
    match set.status() {
        Some("PRIMARY") if is_complete(set) => PrimaryState::Completed,
        Some("PRIMARY") => PrimaryState::InProgress,
        _ => PrimaryState::Failed,
    }
}

/// A deployment ends when its task set is steady; the one that a service was created with has nobody else to say so.
pub(super) fn is_complete(set: &TaskSet) -> bool {
    let steady = set.stability_status() == Some(&StabilityStatus::SteadyState);
    set.external_id().is_some() || steady || set.running_count() > 0
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::DeploymentStatus;
    use rstest::rstest;

    use super::super::deployment::Whose;
    use super::*;

    fn set(id: &str, made_by: Option<&str>, status: &str, at: i64) -> TaskSet {
        TaskSet::builder()
            .id(id)
            .set_external_id(made_by.map(str::to_owned))
            .status(status)
            .task_definition(format!("arn:{id}"))
            .running_count(2)
            .created_at(DateTime::from_secs(at))
            .build()
    }

    fn service(sets: Vec<TaskSet>) -> Service {
        Service::builder().set_task_sets(Some(sets)).build()
    }

    fn busy(id: &str, takes_back: Option<&str>, leaves: Leaves) -> Deployment {
        Deployment {
            id: id.to_owned(),
            status: DeploymentStatus::InProgress,
            definition: takes_back
                .is_none()
                .then(|| DefinitionRef::parse("arn:green").unwrap()),
            whose: Whose::Ours,
            takes_back: takes_back.map(str::to_owned),
            taken_back_by: None,
            leaves,
            message: None,
        }
    }

    const ALONE: (&str, Option<&str>, &str, i64) = ("blue", None, "PRIMARY", 1);
    const BESIDE: (&str, Option<&str>, &str, i64) = ("green", Some("d-1"), "ACTIVE", 2);
    const SERVES: (&str, Option<&str>, &str, i64) = ("green", Some("d-1"), "PRIMARY", 2);
    const KEPT: (&str, Option<&str>, &str, i64) = ("blue", None, "ACTIVE", 1);
    const GOES: (&str, Option<&str>, &str, i64) = ("green", Some("d-1"), "DRAINING", 2);

    #[rstest]
    #[case::as_created(&[ALONE], None, ("blue", "arn:blue", PrimaryState::Completed))]
    #[case::no_set_yet(&[ALONE], Some(busy("d-1", None, Leaves::NotYet)), ("d-1", "arn:green", PrimaryState::InProgress))]
    #[case::comes_up(&[ALONE, BESIDE], Some(busy("d-1", None, Leaves::NotYet)), ("d-1", "arn:green", PrimaryState::InProgress))]
    #[case::shifted(&[KEPT, SERVES], Some(busy("d-1", None, Leaves::Waits)), ("d-1", "arn:green", PrimaryState::Completed))]
    #[case::ended(&[SERVES], None, ("d-1", "arn:green", PrimaryState::Completed))]
    #[case::left_behind(&[ALONE, BESIDE], None, ("d-1", "arn:green", PrimaryState::Failed))]
    #[case::taken_back(&[ALONE, BESIDE], Some(busy("d-2", Some("d-1"), Leaves::NotYet)), ("blue", "arn:blue", PrimaryState::InProgress))]
    #[case::back(&[ALONE, GOES], None, ("blue", "arn:blue", PrimaryState::Completed))]
    fn the_newest_rollout(
        #[case] sets: &[(&str, Option<&str>, &str, i64)],
        #[case] busy: Option<Deployment>,
        #[case] expected: (&str, &str, PrimaryState),
    ) {
        let sets = sets.iter();
        let sets = sets.map(|(id, made_by, status, at)| set(id, *made_by, status, *at));
        let service = service(sets.collect());
        let found = newest(&service, busy.as_ref()).unwrap();
        let (handle, definition) = (found.handle.as_str(), found.definition.as_str());
        assert_eq!((handle, definition, found.state), expected);
    }

    #[test]
    fn a_task_is_of_the_deployment_that_made_its_set() {
        let both = service(vec![
            set("blue", None, "PRIMARY", 1),
            set("green", Some("d-1"), "ACTIVE", 2),
        ]);
        assert_eq!(handle_of_task_set(&both, "green").unwrap().as_str(), "d-1");
        assert_eq!(handle_of_task_set(&both, "blue").unwrap().as_str(), "blue");
        assert_eq!(handle_of_task_set(&both, "gone"), None);
        assert!(has_leftovers(&both));
        assert_eq!(original(&both, "d-1").and_then(TaskSet::id), Some("blue"));
    }
}
