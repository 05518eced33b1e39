//! A plan as people read it before they say yes: every step, every change, and how far it can be taken back.

pub mod diff;
pub(in crate::render) mod frontend;
mod judges;
pub mod refusals;
mod revisions;
pub mod steps;

use backstay_domain::lookup::LookedUp;
use backstay_domain::plan::{Plan, WayBack};
use backstay_domain::release::Release;

pub use refusals::refusals_text;

use super::clean::clean;
use super::words::{counted, mixed_words, versions};
use diff::Change;
use steps::{ServiceStep, Step, steps};

/// The whole plan.
#[must_use]
pub fn plan_text(plan: &Plan) -> String {
    let steps = steps(plan);
    let release = &plan.release;
    let mut out = format!(
        "{} → {}: {} (release {}, deployment {})\n\n",
        release.app,
        release.environment,
        versions(plan),
        release.id,
        plan.deployment,
    );
    for step in &steps {
        out.push_str(&step_text(step));
    }
    out.push('\n');
    out.push_str(&made_of(release));
    out.push_str(&format!("Way back: {}\n", way_back_words(plan, &steps)));
    out.push_str(&revisions::revisions_text(plan));
    out.push_str(&judges::judges_text(plan));
    if !plan.warnings.is_empty() {
        out.push_str("Warnings:\n");
    }
    for warning in &plan.warnings {
        out.push_str(&format!("  - {}\n", clean(&warning.to_string())));
    }
    out
}

/// What of a release is not its own version's, and not its configuration's.
fn made_of(release: &Release) -> String {
    let mixed = mixed_words(release).map(|mixed| format!("Mixed versions: {mixed}\n"));
    let looked_up = looked_up_text(&release.looked_up);
    format!("{}{looked_up}", mixed.unwrap_or_default())
}

/// What was looked up, and where.
fn looked_up_text(looked_up: &[LookedUp]) -> String {
    let width = looked_up
        .iter()
        .map(|one| one.name.len())
        .max()
        .unwrap_or(0);
    let values = looked_up
        .iter()
        .map(|one| clean(&one.value).chars().count());
    let values = values.max().unwrap_or(0);
    let line = |one: &LookedUp| {
        let (name, value, source) = (&one.name, clean(&one.value), clean(&one.source));
        format!("  {name:<width$}  {value:<values$}  ({source})\n")
    };
    match looked_up.is_empty() {
        true => String::new(),
        false => format!(
            "Looked up:\n{}",
            looked_up.iter().map(line).collect::<String>()
        ),
    }
}

/// The steps without the changes of task definitions.
#[must_use]
pub fn outline(plan: &Plan) -> String {
    let steps = steps(plan);
    let mut out: String = steps.iter().map(outline_step).collect();
    out.push_str(&made_of(&plan.release));
    out.push_str(&format!("Way back: {}\n", way_back_words(plan, &steps)));
    out
}

fn outline_step(step: &Step) -> String {
    let services = step.services.iter().map(|one| ServiceStep {
        changes: Vec::new(),
        ..one.clone()
    });
    step_text(&Step {
        services: services.collect(),
        ..step.clone()
    })
}

/// What is said instead of a plan without a change.
#[must_use]
pub fn nothing_to_do_text(plan: &Plan) -> String {
    let release = &plan.release;
    format!(
        "{} {} runs {} ({}) already: nothing to do\n",
        release.app, release.environment, release.version, release.id
    )
}

fn step_text(step: &Step) -> String {
    let number = step
        .number
        .map_or("  -".to_owned(), |number| format!("{number:>3}."));
    let mut out = format!("{number:<4} {:<10}{}\n", step.kind, clean(&step.text));
    let width = step
        .services
        .iter()
        .map(|one| one.service.as_str().len())
        .max()
        .unwrap_or(0);
    for service in &step.services {
        out.push_str(&service_text(service, width));
    }
    out
}

fn service_text(step: &ServiceStep, width: usize) -> String {
    let mut out = format!("{:15}{:<width$}  {}\n", "", step.service, clean(&step.text));
    let paths = step.changes.iter().map(|c| c.path.chars().count()).max();
    for change in &step.changes {
        let line = change_line(change, paths.unwrap_or(0));
        out.push_str(&format!("{:17}{line}\n", ""));
    }
    out
}

/// One change of a task definition: where, in a column of this width, and what.
pub(in crate::render) fn change_line(change: &Change, width: usize) -> String {
    let (path, words) = (clean(&change.path), change_words(change));
    let width = width.min(60);
    format!("{path:<width$}  {words}")
}

/// `1 task`, `2 tasks`.
pub(in crate::render) fn counted_tasks(count: u32) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "task")
}

fn change_words(change: &Change) -> String {
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(from), None) => format!("{} (was {from})", change.how.word()),
        (None, Some(to)) => format!("{}: {to}", change.how.word()),
        (None, None) => change.how.word().to_owned(),
    }
}

/// What this deployment leaves as it is.
#[must_use]
pub fn unchanged(plan: &Plan) -> Vec<String> {
    use backstay_domain::plan::{Change, FrontendChange};
    use backstay_domain::scheduled::JobChange;
    let services = plan
        .services
        .iter()
        .filter(|(_, service)| service.change == Change::Unchanged)
        .map(|(name, _)| name.to_string());
    let migration = plan
        .migration
        .as_ref()
        .filter(|_| plan.migrates().is_none());
    let frontends = plan.frontends.iter();
    let frontends = frontends.filter(|(_, one)| one.change == FrontendChange::Unchanged);
    let jobs = plan.jobs.iter();
    let jobs = jobs.filter(|(_, job)| job.change == JobChange::Unchanged);
    services
        .chain(jobs.map(|(name, _)| name.to_string()))
        .chain(migration.map(|_| "migration".to_owned()))
        .chain(frontends.map(|(name, _)| name.to_string()))
        .collect()
}

/// How far the deployment can be taken back, with the number of the step from which it cannot.
#[must_use]
pub fn way_back_words(plan: &Plan, steps: &[Step]) -> String {
    match plan.way_back {
        WayBack::Whole if plan.migrates().is_some() => {
            "whole: every step can be taken back; the schema stays, the old code runs on it"
                .to_owned()
        }
        WayBack::Whole => "whole: every step can be taken back".to_owned(),
        WayBack::WithSchemaDown => {
            "whole: every step can be taken back; the schema is migrated down, nothing is lost"
                .to_owned()
        }
        WayBack::UntilMigration => {
            let first = first_step(steps, "migrate", "the migration");
            format!(
                "only before {first}: from {first} on it cannot be taken back, and a human decides \
                 (the old code does not run on the new schema, and the schema is not migrated down)"
            )
        }
        WayBack::UntilServices => {
            let first = first_step(steps, "services", "the first service");
            format!(
                "only before {first}: from {first} on it cannot be taken back, and a human decides \
                 (the old code is not declared to run on the schema as it is already)"
            )
        }
    }
}

fn first_step(steps: &[Step], kind: &str, else_: &str) -> String {
    let number = steps
        .iter()
        .filter(|step| step.kind == kind)
        .find_map(|step| step.number);
    number.map_or_else(|| else_.to_owned(), |number| format!("step {number}"))
}
