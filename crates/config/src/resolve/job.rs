//! Scheduled jobs.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_domain::JobName;
use backstay_domain::scheduled::{ByHand, ScheduledJob, Trigger};
use serde_json::Value;

use super::migration::{command, container};
use super::placement::placement;
use super::{Notes, definition, environment, service};
use crate::files::Files;
use crate::section::At;
use crate::template::Scope;
use crate::written;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// The names that a job's own keys can use beside the environment's.
pub(super) fn scope(written: &written::Job, environment: &Scope) -> Scope {
    let own = Some(written.name.value.clone());
    let scope = environment.clone().with("job", own);
    match &written.cluster {
        Some(cluster) => {
            let cluster = scope.fill(&cluster.value);
            scope.with("cluster", Some(cluster))
        }
        None => scope,
    }
}

pub(super) fn job(
    written: &written::Job,
    environment: &Scope,
    files: &dyn Files,
    notes: &mut Notes<'_>,
) -> Option<(JobName, ScheduledJob)> {
    let name = notes.name(&written.name, &Scope::default(), JobName::parse);
    let outer = environment
        .clone()
        .with("job", Some(written.name.value.clone()));
    let cluster = match &written.cluster {
        Some(own) => environment::cluster_name(own, "cluster", &outer, notes),
        None => Some(environment.fill("{{ cluster }}")),
    };
    let scope = scope(written, environment);
    let image = written.image.as_ref();
    let image = image.and_then(|image| service::repository(image, &scope, notes));
    let definition = written.task_definition.as_ref();
    let definition = definition.and_then(|path| {
        definition::definition((path, &written.size), image.as_ref(), &scope, files, notes)
    });
    let container = match &written.container {
        Some(said) => container(said, definition.as_ref(), &scope, notes),
        None => definition.as_ref().and_then(own_container),
    };
    let command = command(written.command.as_ref(), &scope, notes);
    let placement = placement(&written.placement, &scope, notes);
    let trigger = super::complete(
        written
            .schedule
            .as_ref()
            .map(|schedule| trigger(schedule, &scope, notes)),
    );
    let (network, capacity) = placement?;
    let job = ScheduledJob {
        cluster: cluster?,
        definition: definition?.template,
        image: image?,
        trigger: trigger?,
        by_hand: ByHand {
            container: container?,
            command: command?.unwrap_or_default(),
            timeout: written
                .timeout
                .as_ref()
                .map_or(DEFAULT_TIMEOUT, |timeout| timeout.value),
            network,
            capacity,
        },
    };
    Some((name?, job))
}

/// The container that has the app's own image; else the first.
fn own_container(definition: &definition::Definition) -> Option<String> {
    let document = &definition.template.0;
    let containers = document.get("containerDefinitions")?.as_array()?;
    let own = |container: &&Value| {
        let image = container.get("image").and_then(Value::as_str);
        image.is_some_and(|image| image.contains("{{ image }}"))
    };
    let found = containers.iter().find(own).or_else(|| containers.first())?;
    found.get("name")?.as_str().map(str::to_owned)
}

fn trigger(written: &written::Schedule, scope: &Scope, notes: &mut Notes<'_>) -> Option<Trigger> {
    let mut filled = |text: &Option<At<String>>| {
        super::complete(text.as_ref().map(|text| notes.fill(text, scope)))
    };
    let (rule, bus, target) = (
        filled(&written.rule),
        filled(&written.bus),
        filled(&written.target),
    );
    let (name, group) = (filled(&written.name), filled(&written.group));
    let usual = |named: Option<String>| named.unwrap_or_else(|| "default".to_owned());
    match (rule?, name?) {
        (Some(rule), _) => Some(Trigger::Rule {
            bus: usual(bus?),
            rule,
            target: target?,
        }),
        (None, Some(schedule)) => Some(Trigger::Schedule {
            group: usual(group?),
            schedule,
        }),
        (None, None) => None,
    }
}

/// Two jobs that one trigger starts would undo each other.
pub(super) fn are_distinct(
    document: &written::Document,
    jobs: &BTreeMap<JobName, ScheduledJob>,
    notes: &mut Notes<'_>,
) {
    let triggers: Vec<(&JobName, &Trigger)> = jobs
        .iter()
        .filter_map(|(name, job)| Some((name, job.trigger.as_ref()?)))
        .collect();
    for (place, (name, trigger)) in triggers.iter().enumerate() {
        let mut before = triggers[..place].iter();
        let Some((other, _)) = before.find(|(_, other)| is_same(other, trigger)) else {
            continue;
        };
        let mut written = document.jobs.iter();
        let written = written.find(|written| written.name.value == name.as_str());
        let schedule = written.and_then(|written| written.schedule.as_ref());
        let said = schedule.and_then(|schedule| schedule.rule.as_ref().or(schedule.name.as_ref()));
        if let Some(said) = said {
            let message = format!("`{other}` and `{name}` are started by the same {trigger}");
            let help = "each job has a rule's target or a schedule of its own";
            notes.note(message, &said.span, "the same", help);
        }
    }
}

/// A rule without a target means the only one that it has.
fn is_same(one: &Trigger, other: &Trigger) -> bool {
    match (one, other) {
        (
            Trigger::Rule { bus, rule, target },
            Trigger::Rule {
                bus: other_bus,
                rule: other_rule,
                target: other_target,
            },
        ) => {
            let told_apart = target.is_some() && other_target.is_some() && target != other_target;
            bus == other_bus && rule == other_rule && !told_apart
        }
        (one, other) => one == other,
    }
}
