//! What ends well means: exactly the new release, exactly the old one, or stuck with everything named that it left; and every
//! sentence that says so is true.

use backstay_cli::failure::Failure;
use backstay_cli::render::left::left_lines;
use backstay_domain::app::Compatibility;
use backstay_domain::journal::{Event, Outcome};

use backstay_simulator::{Picture, Started};

use super::fork::{folded, plan_of};
use super::observer::{Observer, disagreements};
use super::outside::Outside;
use super::resume::Ended;
use super::stage::Stage;
use super::surfaces::Surfaces;

/// A world at or after the end of a play.
struct End<'a> {
    stage: &'a Stage,
    ended: &'a Ended,
    surfaces: &'a Surfaces,
    outside: &'a Outside,
}

impl End<'_> {
    /// Whether a service runs this, besides what is only kept.
    fn runs(&self, service: &str, definition: &str) -> bool {
        let found = self.surfaces.picture.services.get(service);
        found.is_some_and(|found| found.running_task_definitions.contains(definition))
    }
}

/// Everything that did not end well.
pub(super) fn ends_well(stage: &Stage, ended: &Ended) -> Vec<String> {
    let mut found = journal(ended);
    found.extend(serves_only_itself(stage, ended));
    let at = End {
        stage,
        ended,
        surfaces: &ended.surfaces,
        outside: &ended.outside,
    };
    found.extend(holds(&at));
    found
}

/// What was said to serve, though others' tasks ran beside it, or not all of its own were healthy.
fn serves_only_itself(stage: &Stage, ended: &Ended) -> Vec<String> {
    let wrong = |(name, picture): &(String, Picture)| {
        let cluster_name = stage.names.get(name)?;
        let seen = picture.services.get(cluster_name)?;
        let desired = seen.desired as usize;
        let alone = seen.running_task_definitions.len() == 1
            && seen
                .running_task_definitions
                .contains(&seen.task_definition);
        let all = desired > 0 && seen.running == desired && seen.healthy == desired;
        // What bakes beside it gets no requests; that its own are there and healthy is all that is claimed.
        let simulated = &stage.setup.project.configured.simulation.services;
        let mut configured = simulated.iter();
        let shifts = configured.any(|(one, it)| one.as_str() == name && it.strategy.is_some());
        let beside = shifts
            && seen.healthy >= desired
            && seen
                .running_task_definitions
                .contains(&seen.task_definition);
        (!beside && (!alone || !all)).then(|| format!("{name} is said to serve: {seen:?}"))
    };
    ended.seen.serving.iter().filter_map(wrong).collect()
}

/// Everything that no longer is as the outcome said, some time later. What is stuck may move: it was said that it is not over.
pub(super) fn lasts(stage: &Stage, ended: &Ended) -> Vec<String> {
    let Some((surfaces, outside)) = &ended.later else {
        return vec![];
    };
    if let Ok(Some(Outcome::Stuck { .. })) = &ended.outcome {
        return vec![];
    }
    let at = End {
        stage,
        ended,
        surfaces,
        outside,
    };
    prefixed("some time later", holds(&at))
}

fn holds(at: &End<'_>) -> Vec<String> {
    let mut found = match &at.ended.outcome {
        Ok(Some(Outcome::Live { .. })) => live(at),
        Ok(Some(Outcome::RolledBack { .. })) => rolled_back(at),
        Ok(Some(Outcome::Stuck { left, .. })) => unnamed(at, &left_lines(left)),
        Ok(None) | Err(Failure::Refused(_) | Failure::Port { .. }) => untouched(at),
        Err(failure) => vec![format!("{failure}: {failure:?}")],
    };
    if let (Ok(Some(outcome)), Some(plan)) = (&at.ended.outcome, plan_of(&at.ended.seen.records)) {
        let observer = Observer {
            stage: at.stage,
            surfaces: at.surfaces,
            outside: at.outside,
        };
        found.extend(disagreements(&observer, plan, outcome));
    }
    if let (false, Ok(Some(Outcome::Stuck { because, left, .. }))) =
        (found.is_empty(), &at.ended.outcome)
    {
        let left = left_lines(left);
        found.push(format!("it is stuck because {because}; left: {left:?}"));
    }
    found
}

/// It folds, and it ends as the deployment says it ended.
fn journal(ended: &Ended) -> Vec<String> {
    let records = &ended.seen.records;
    let progress = match folded(records) {
        Ok(progress) => progress,
        Err(illegal) => return vec![illegal],
    };
    let last = records.last().map(|record| &record.event);
    match (&ended.outcome, last) {
        (Ok(Some(outcome)), Some(Event::Finished { outcome: written }))
            if outcome == written && progress.outcome() == Some(outcome) =>
        {
            vec![]
        }
        (Ok(None) | Err(_), None) => vec![],
        (Err(failure), Some(_)) => vec![format!("a journal without an end: {failure}")],
        (Ok(outcome), last) => vec![format!("ended as {outcome:?}, the journal with {last:?}")],
    }
}

fn live(at: &End<'_>) -> Vec<String> {
    let Some(new) = &at.stage.new else {
        return vec!["live, though the release cannot go live undisturbed".to_owned()];
    };
    let mut found = at.surfaces.differences(new, &at.stage.resized);
    found.extend(at.surfaces.other_schemas(new));
    prefixed("live", found)
}

/// A schema on which the old code runs stays.
fn rolled_back(at: &End<'_>) -> Vec<String> {
    let stage = at.stage;
    let mut found = at.surfaces.differences(&stage.old, &stage.resized);
    found.extend(goes_on(at));
    let migration = plan_of(&at.ended.seen.records).and_then(|plan| plan.migration.as_ref());
    let may_stay = migration.is_some_and(|m| m.compatibility == Compatibility::Compatible);
    let schemas = at.surfaces.other_schemas(&stage.old);
    let schema = stage.setup.project.configured.simulation.schema.as_ref();
    let is_new = |revision: &String| schema.is_some_and(|schema| schema.after == *revision);
    let stayed = may_stay && at.surfaces.picture.databases.values().all(is_new);
    if !stayed {
        found.extend(schemas);
    }
    prefixed("rolled back", found)
}

fn untouched(at: &End<'_>) -> Vec<String> {
    let stage = at.stage;
    let mut found = at.surfaces.differences(&stage.old, &stage.resized);
    found.extend(at.surfaces.other_schemas(&stage.old));
    // What somebody else deploys is not ours.
    let ours = |started: &Started| {
        let mut started = started.clone();
        let foreign = &stage.foreign;
        started
            .rollouts
            .retain(|(service, _), _| !foreign.contains(service));
        started
    };
    if ours(&at.ended.started) != ours(&stage.started) {
        found.push("something was started".to_owned());
    }
    prefixed("nothing was done", found)
}

/// Whatever is not as it was has a line.
fn unnamed(at: &End<'_>, left: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let says = |start: &str| left.iter().any(|line| line.starts_with(start));
    for name in at.stage.names.keys() {
        if !says(&format!("{name}: ")) {
            found.push(format!("{name} is not named"));
        }
    }
    for name in at.stage.setup.project.configured.app.frontends.keys() {
        let moved = at.surfaces.entry_pages.get(name) != at.stage.old.entry_pages.get(name);
        if moved && !says(&format!("{name}: ")) {
            found.push(format!("the new entry page of {name} is not named"));
        }
    }
    let moved = !at.surfaces.other_schemas(&at.stage.old).is_empty();
    if moved && !says("schema: ") {
        found.push("the new schema is not named".to_owned());
    }
    found
}

/// Nothing that this deployment started goes on: no migration, no task of the new release that is to live.
fn goes_on(at: &End<'_>) -> Vec<String> {
    let ours = at.outside.tasks.iter().filter(|task| match &task.service {
        // DEPROVISIONING: its containers have ended, only its network goes.
        None => task.status != "DEPROVISIONING",
        // What CodeDeploy keeps for the way back, and no request reaches, is none of what the service runs.
        Some(service) if task.status == "RUNNING" && !at.runs(service, &task.task_definition) => {
            false
        }
        Some(service) => {
            let before = at.stage.old.picture.services.get(service);
            let known = before.is_some_and(|before| {
                before.task_definition == task.task_definition
                    || before
                        .running_task_definitions
                        .contains(&task.task_definition)
            });
            !known && !task.told_to_stop && !at.stage.foreign.contains(service)
        }
    });
    ours.map(|task| format!("a task still goes on: {task:?}"))
        .collect()
}

fn prefixed(what: &str, found: Vec<String>) -> Vec<String> {
    found
        .into_iter()
        .map(|line| format!("{what}, but {line}"))
        .collect()
}
