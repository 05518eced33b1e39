//! What starts an app's scheduled jobs on a simulated cloud, as Terraform would have made it.

use std::collections::{BTreeMap, BTreeSet};

use backstay_config::Configured;
use backstay_domain::release::Release;
use backstay_domain::scheduled::Trigger;
use backstay_domain::{DefinitionRef, JobName, Version};
use backstay_simulator::{ScheduleBlueprint, TriggerBlueprint, World};

use super::images::images;

/// What a target is called that the configuration does not name.
const TARGET: &str = "task";

/// The triggers of either app's jobs: those of a live release start what it has, others what Terraform made them with.
pub(super) fn schedules(
    both: &[&Configured],
    live: Option<&Release>,
    present: &Version,
) -> Vec<ScheduleBlueprint> {
    let (mut made, mut done) = (Vec::new(), BTreeSet::new());
    for configured in both {
        for (name, job) in &configured.app.jobs {
            let Some(trigger) = &job.trigger else {
                continue;
            };
            if !done.insert(name.clone()) {
                continue;
            }
            let running = live.and_then(|release| release.jobs.get(name));
            let task_definition = match running {
                Some(running) => running.definition.document.clone(),
                None => {
                    let images = images(configured, present);
                    let image = images.by_repository.get(&job.image);
                    let image = image.map_or("", |image| image.reference.as_str());
                    job.definition.render(present, image).document
                }
            };
            let usual = Default::default();
            let wanted = configured.simulation.jobs.get(name).unwrap_or(&usual);
            made.push(ScheduleBlueprint {
                trigger: blueprint(trigger),
                expression: wanted.expression.clone(),
                enabled: wanted.enabled,
                cluster: job.cluster.clone(),
                task_definition,
            });
        }
    }
    made
}

fn blueprint(trigger: &Trigger) -> TriggerBlueprint {
    match trigger {
        Trigger::Rule { bus, rule, target } => TriggerBlueprint::Rule {
            bus: bus.clone(),
            rule: rule.clone(),
            target: target.clone().unwrap_or_else(|| TARGET.to_owned()),
        },
        Trigger::Schedule { group, schedule } => TriggerBlueprint::Schedule {
            group: group.clone(),
            schedule: schedule.clone(),
        },
    }
}

/// What the triggers of a release's jobs start in a world.
pub(super) fn starts(release: &Release, world: &World) -> BTreeMap<JobName, DefinitionRef> {
    let schedules = world.picture().schedules;
    let jobs = release.jobs.iter().filter_map(|(name, job)| {
        let place = match job.trigger.as_ref()? {
            Trigger::Rule { bus, rule, target } => {
                format!("{bus}/{rule}/{}", target.as_deref().unwrap_or(TARGET))
            }
            Trigger::Schedule { group, schedule } => format!("{group}/{schedule}"),
        };
        let revision = schedules.get(&place)?.task_definition_arn.clone();
        Some((name.clone(), DefinitionRef::parse(revision).ok()?))
    });
    jobs.collect()
}
