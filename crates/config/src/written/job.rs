//! `[jobs.*]`

use std::time::Duration;

use super::placement::Placement;
use super::presence::Presence;
use super::{Build, Document, Size};
use crate::section::{At, Section};

/// A task that runs to its end: when it is due, or when somebody asks for it.
pub(crate) struct Job {
    pub(crate) name: At<String>,
    pub(crate) task_definition: Option<At<String>>,
    pub(crate) image: Option<At<String>>,
    pub(crate) build: Option<Build>,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) cluster: Option<At<String>>,
    pub(crate) container: Option<At<String>>,
    pub(crate) command: Option<At<Vec<At<String>>>>,
    pub(crate) timeout: Option<At<Duration>>,
    pub(crate) placement: Placement,
    pub(crate) presence: Presence,
    pub(crate) size: Size,
}

/// `[jobs.*.schedule]`: what starts it when it is due.
pub(crate) struct Schedule {
    pub(crate) rule: Option<At<String>>,
    pub(crate) bus: Option<At<String>>,
    pub(crate) target: Option<At<String>>,
    pub(crate) name: Option<At<String>>,
    pub(crate) group: Option<At<String>>,
}

impl Job {
    pub(crate) fn read(name: At<String>, section: &mut Section<'_>) -> Self {
        let task_definition = section.text("task_definition");
        let image = section.text("image");
        let job = Self {
            name,
            task_definition: section.required("task_definition", task_definition),
            image: section.required("image", image),
            build: section.table("build", Build::read),
            schedule: section.table("schedule", Schedule::read),
            cluster: section.text("cluster"),
            container: section.text("container"),
            command: section.texts("command"),
            timeout: section.duration("timeout"),
            placement: Placement::read(section),
            presence: Presence::read(section),
            size: Size::read(section),
        };
        let empty = job.command.as_ref().filter(|it| it.value.is_empty());
        if let Some(empty) = empty {
            let span = empty.span.clone();
            section.problem("`command` is empty", span, "empty list", "leave it out");
        }
        job
    }
}

impl Schedule {
    fn read(section: &mut Section<'_>) -> Self {
        let schedule = Self {
            rule: section.text("rule"),
            bus: section.text("bus"),
            target: section.text("target"),
            name: section.text("name"),
            group: section.text("group"),
        };
        let help = "`rule` is one of EventBridge, with `bus` and `target`; `name` is a schedule of EventBridge Scheduler, with `group`: keep one";
        match (&schedule.rule, &schedule.name) {
            // What is there and wrong has been said.
            (None, None) if section.has("rule") || section.has("name") => {}
            (None, None) => {
                let span = section.span();
                let label = "`rule` or `name` is required here";
                section.problem("nothing says what starts this job", span, label, help);
            }
            (Some(_), Some(name)) => {
                let span = name.span.clone();
                let message = "a job is started by a rule or by a schedule";
                section.problem(message, span, "`rule` says otherwise", help);
            }
            (Some(_), None) => of_the_other_kind([("group", &schedule.group)], section, help),
            (None, Some(_)) => {
                let others = [("bus", &schedule.bus), ("target", &schedule.target)];
                of_the_other_kind(others, section, help);
            }
        }
        schedule
    }
}

/// Notes keys of the other kind.
fn of_the_other_kind<const N: usize>(
    others: [(&str, &Option<At<String>>); N],
    section: &mut Section<'_>,
    help: &str,
) {
    for (key, written) in others {
        if let Some(written) = written {
            let message = format!("`{key}` is of the other kind of schedule");
            let span = written.span.clone();
            section.problem(message, span, "never looked at", help);
        }
    }
}

/// Notes jobs that are called like a service, or like a part that every app may have: each is named alone.
pub(super) fn names_are_their_own(root: &mut Section<'_>, document: &Document) {
    const PARTS: [&str; 4] = ["migration", "frontend", "anchor", "caller"];
    for job in &document.jobs {
        let name = job.name.value.as_str();
        let mut services = document.services.iter();
        let mut frontends = document.frontends.iter();
        let taken = services.any(|service| service.name.value == name)
            || frontends.any(|frontend| {
                let known = frontend.name.as_ref();
                known.is_some_and(|known| known.value == name)
            })
            || PARTS.contains(&name);
        if taken {
            let message = format!("`{name}` is another part of the app as well");
            let span = job.name.span.clone();
            root.problem(message, span, "the same name", "call the job otherwise");
        }
    }
}
