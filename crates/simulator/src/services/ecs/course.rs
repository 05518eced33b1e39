//! In which order the containers of a task start, which of them end before it is RUNNING, and whether all can start (C [DOC]
//! dependsOn). Computed, not played: nothing in it depends on what happens meanwhile.

use std::collections::BTreeMap;

use super::TaskDefinition;
use super::command::{KnownEnd, end_of_command};
use super::definition::{Condition, Container};
use crate::Millis;

/// How long a container runs that another one waits for to end, when its command does not say [INF].
const INIT_MS: Millis = 5_000;

/// The start of a task's containers. Times are from when they may start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Course {
    /// The last one has started: the task is RUNNING.
    pub(super) running_ms: Millis,
    /// Containers that end by themselves, without ending the task.
    pub(super) ended: BTreeMap<String, KnownEnd>,
}

/// A container that can never start, and why, in the agent's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NeverStarts {
    pub(super) container: String,
    pub(super) reason: String,
    /// When that is known.
    pub(super) after_ms: Millis,
    /// Containers that have ended until then.
    pub(super) ended: BTreeMap<String, KnownEnd>,
}

/// The course of a definition's containers.
///
/// # Errors
/// When an essential container waits for a success that never comes (aws/amazon-ecs-agent#3218 [OBS]).
pub(super) fn course(definition: &TaskDefinition) -> Result<Course, NeverStarts> {
    let mut course = Course::default();
    let mut starts: BTreeMap<&str, Option<Millis>> = BTreeMap::new();
    // The definition has no circle, which ECS refuses: each round settles one at least.
    while starts.len() < definition.containers.len() {
        let before = starts.len();
        for container in &definition.containers {
            let is_settled = |(name, _): &(String, Condition)| starts.contains_key(name.as_str());
            if starts.contains_key(container.name.as_str())
                || !container.depends_on.iter().all(is_settled)
            {
                continue;
            }
            let start_ms = match start(definition, container, &starts, &course) {
                Ok(start_ms) => start_ms,
                Err(reason) if container.essential => {
                    let ends = course.ended.values().map(|end| end.after_ms);
                    return Err(NeverStarts {
                        container: container.name.clone(),
                        reason,
                        after_ms: ends.max().unwrap_or(0),
                        ended: course.ended,
                    });
                }
                Err(_) => None,
            };
            starts.insert(&container.name, start_ms);
            if let (Some(start_ms), Some(end)) = (start_ms, end_of(definition, container)) {
                let after_ms = start_ms + end.after_ms;
                let ended = KnownEnd { after_ms, ..end };
                course.ended.insert(container.name.clone(), ended);
            }
        }
        if starts.len() == before {
            break;
        }
    }
    course.running_ms = starts.values().flatten().copied().max().unwrap_or(0);
    Ok(course)
}

/// When it starts; nothing when what it waits for has never started.
fn start(
    definition: &TaskDefinition,
    container: &Container,
    starts: &BTreeMap<&str, Option<Millis>>,
    course: &Course,
) -> Result<Option<Millis>, String> {
    let mut start_ms = 0;
    for (name, condition) in &container.depends_on {
        let Some(Some(its_start_ms)) = starts.get(name.as_str()).copied() else {
            return Err(format!(
                "{} because dependency will never start",
                unresolved(definition, container, name, None)
            ));
        };
        let end = course.ended.get(name);
        let check = definition.container(name).and_then(|it| it.health_check);
        let at_ms = match (condition, end) {
            (Condition::Start, _) => its_start_ms,
            // The first check comes one interval after the start (A3 [MODEL]).
            (Condition::Healthy, _) => its_start_ms + check.map_or(0, |check| check.interval_ms),
            (Condition::Success, Some(end)) if end.code != 0 => {
                let text = unresolved(definition, container, name, Some(end.code));
                return Err(format!("{text} as dependency did not exit successfully."));
            }
            (Condition::Complete | Condition::Success, end) => {
                end.map_or(its_start_ms, |end| end.after_ms)
            }
        };
        start_ms = start_ms.max(at_ms);
    }
    Ok(Some(start_ms))
}

fn unresolved(
    definition: &TaskDefinition,
    target: &Container,
    dependency: &str,
    code: Option<i32>,
) -> String {
    let image = definition.container(dependency).map_or("", |it| &it.image);
    let exit = code
        .map(|code| format!(" - Exit: {code}"))
        .unwrap_or_default();
    format!(
        "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [{dependency}({image}) \
         (STOPPED->RUNNING){exit}] for target [{}({}) (NONE->RUNNING)]",
        target.name, target.image
    )
}

/// How a container that is not essential ends by itself: as its command says, or because another one waits for its end.
fn end_of(definition: &TaskDefinition, container: &Container) -> Option<KnownEnd> {
    if container.essential {
        return None;
    }
    let awaited = definition.containers.iter().any(|other| {
        let mut waits = other.depends_on.iter();
        waits.any(|(name, condition)| {
            *name == container.name && matches!(condition, Condition::Complete | Condition::Success)
        })
    });
    let known = end_of_command(container);
    known.or_else(|| {
        awaited.then_some(KnownEnd {
            after_ms: INIT_MS,
            code: 0,
            lines: Vec::new(),
        })
    })
}
