//! The steps of a plan in words, numbered as they are taken. Text and JSON are both made of these.

use backstay_domain::anchor::Anchor;
use backstay_domain::app::{Check, Compatibility, WayDown};
use backstay_domain::plan::{Change as ServiceChange, MigrationPlan, Plan, ServicePlan, What};
use backstay_domain::release::ResolvedImage;
use backstay_domain::scheduled::{JobChange, TriggerState};
use backstay_domain::schema::Revision;
use backstay_domain::verdict::Component;
use backstay_domain::{JobName, ServiceName};

use super::diff::{Change, changes};
use super::frontend;
use crate::render::clean::command;
use crate::render::time::limit;
use crate::render::words::counted;

/// One step in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number, from 1; none when it is not taken.
    pub number: Option<usize>,
    /// What it is about, in one word.
    pub kind: &'static str,
    /// What is done, or why nothing is.
    pub text: String,
    /// The services it is done to, where each is changed in its own way.
    pub services: Vec<ServiceStep>,
}

/// What a step does to one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceStep {
    /// The service.
    pub service: ServiceName,
    /// What is done.
    pub text: String,
    /// How its task definition changes.
    pub changes: Vec<Change>,
}

/// All steps, in the order that the plan gives them.
#[must_use]
pub fn steps(plan: &Plan) -> Vec<Step> {
    let waves = plan.waves.len();
    let (mut number, mut wave) = (0, 0);
    plan.steps()
        .iter()
        .map(|step| {
            let kind = word(&step.what);
            if let Some(why) = step.skipped {
                return Step {
                    number: None,
                    kind,
                    text: format!("not taken: {why}"),
                    services: Vec::new(),
                };
            }
            number += 1;
            let (text, services) = match &step.what {
                What::Services(names) => {
                    wave += 1;
                    (
                        format!("wave {wave} of {waves}"),
                        wave_services(plan, names),
                    )
                }
                What::Retire(names) => (
                    format!("{} not in this release", counted(names.len(), "service")),
                    wave_services(plan, names),
                ),
                what => (text(plan, what), Vec::new()),
            };
            Step {
                number: Some(number),
                kind,
                text,
                services,
            }
        })
        .collect()
}

/// What a step is about, in one word.
fn word(what: &What) -> &'static str {
    match what {
        What::Anchor => "anchor",
        What::ForgetAnchors => "forget",
        What::Register(_) => "register",
        What::Assets => "assets",
        What::Migrate => "migrate",
        What::Services(_) => "services",
        What::Checks => "checks",
        What::Schedules(_) => "schedules",
        What::Frontend => "frontend",
        What::Retire(_) => "retire",
        What::Bake => "bake",
        What::Record => "record",
    }
}

fn text(plan: &Plan, what: &What) -> String {
    match what {
        What::Anchor => plan.anchors().map(anchor).unwrap_or_default(),
        What::ForgetAnchors => plan
            .outlives()
            .map(|(_, keep)| {
                format!(
                    "anchors of earlier deployments that are older than {}",
                    limit(keep)
                )
            })
            .unwrap_or_default(),
        What::Register(components) => register(plan, components),
        What::Assets => frontend::each(plan, frontend::assets),
        What::Migrate => match (plan.migrates_down(), plan.migrates()) {
            (Some((migration, revision)), _) => migrate_down(migration, revision),
            (None, Some(migration)) => migrate(migration),
            (None, None) => String::new(),
        },
        What::Checks => checks(&plan.checks),
        What::Schedules(jobs) => schedules(plan, jobs),
        What::Frontend => frontend::each(plan, frontend::point),
        What::Bake => bake(plan),
        What::Record => format!("{} as the release to return to", plan.release.id),
        What::Services(_) | What::Retire(_) => String::new(),
    }
}

/// What the triggers of jobs start from now on.
fn schedules(plan: &Plan, jobs: &[JobName]) -> String {
    let each = jobs.iter().filter_map(|name| {
        let job = plan.jobs.get(name)?;
        let before = job.before.as_ref()?;
        let disabled = match before.state {
            TriggerState::Enabled => "",
            TriggerState::Disabled => ", disabled",
        };
        let runs = before.definition.short();
        let moves = match job.change {
            JobChange::Unchanged => format!("{runs}, unchanged"),
            JobChange::Update | JobChange::Register => {
                let again = plan.reuses(&job.definition);
                let to = again.map_or("its next revision", |revision| revision.short());
                format!("{runs} → {to}")
            }
        };
        let trigger = job.trigger.as_ref()?;
        Some(format!("{name} ({trigger}{disabled}): {moves}"))
    });
    each.collect::<Vec<_>>().join(", ")
}

fn bake(plan: &Plan) -> String {
    let watch = match plan.policy.bake.as_secs() {
        0 => None,
        _ => Some(format!("watch for {}", limit(plan.policy.bake))),
    };
    let read = plan
        .reads_while_watching()
        .then(|| "read the schema's revision".to_owned());
    let begin: Vec<String> = watch.into_iter().chain(read).collect();
    match begin.is_empty() {
        true => "prove every service once more".to_owned(),
        false => format!("{}, then prove every service once more", begin.join(", ")),
    }
}

/// What is registered, and which recorded revisions are used again instead.
fn register(plan: &Plan, components: &[Component]) -> String {
    let (mut new, mut again) = (Vec::new(), Vec::new());
    for component in components {
        let definition = plan.definition_of(component);
        match definition.and_then(|definition| plan.reuses(definition)) {
            Some(revision) => again.push(revision.short().to_owned()),
            None => new.push(component.to_string()),
        }
    }
    let (new, again) = (new.join(", "), again.join(", "));
    match (new.as_str(), again.as_str()) {
        (_, "") => format!("the task definitions of {new}"),
        ("", _) => format!("nothing new, use again: {again}"),
        (_, _) => format!("the task definitions of {new}; use again: {again}"),
    }
}

fn anchor(anchor: &Anchor) -> String {
    let kept = match (anchor.keep, anchor.of.outlives()) {
        (Some(keep), true) => format!("; kept for {}", limit(keep)),
        (None, true) => "; kept until somebody removes it".to_owned(),
        (_, false) => String::new(),
    };
    format!("{}; at most {}{kept}", anchor.of, limit(anchor.timeout))
}

fn migrate(migration: &MigrationPlan) -> String {
    let up = match migration.command.as_slice() {
        [] => "the command of its task definition".to_owned(),
        words => format!("`{}`", command(words)),
    };
    let compatibility = match migration.compatibility {
        Compatibility::Compatible => "compatible with the old code",
        Compatibility::Breaking => "breaking for the old code",
    };
    let down = match migration.way_down {
        WayDown::Lossless => "lossless way down",
        WayDown::Lossy => "lossy way down",
        WayDown::Absent => "no way down",
    };
    let checks: Vec<&str> = migration
        .checks
        .iter()
        .map(|check| check.name.as_str())
        .collect();
    let asked = match checks.as_slice() {
        [] => String::new(),
        names => format!("; then the data is asked: {}", names.join(", ")),
    };
    let there = match (&migration.head, &migration.applies) {
        (Some(head), Some(all)) if all.is_empty() && migration.current_command.is_some() => {
            format!("; not at all where the database is on {head}, as recorded")
        }
        (_, _) => String::new(),
    };
    format!(
        "{up} in {} ({}); {compatibility}, {down}; at most {}{there}{asked}",
        migration.container,
        image_words(&migration.image),
        limit(migration.timeout)
    )
}

fn migrate_down(migration: &MigrationPlan, revision: &Revision) -> String {
    let words = migration.down_command.as_deref().unwrap_or_default();
    format!(
        "down to {revision}: `{}` in {} ({}); lossless; at most {}",
        command(words),
        migration.container,
        image_words(&migration.image),
        limit(migration.timeout)
    )
}

fn image_words(image: &ResolvedImage) -> String {
    format!("{} {}", image.repository, image.digest.short())
}

fn wave_services(plan: &Plan, names: &[ServiceName]) -> Vec<ServiceStep> {
    names
        .iter()
        .filter_map(|name| Some((name, plan.services.get(name)?)))
        .map(|(name, service)| service_step(plan, name, service))
        .collect()
}

fn service_step(plan: &Plan, name: &ServiceName, service: &ServicePlan) -> ServiceStep {
    let before = &service.before;
    let runs = before.definition.short();
    let desired = counted(
        usize::try_from(before.desired).unwrap_or(usize::MAX),
        "task",
    );
    let text = match (service.change, &service.target) {
        (ServiceChange::Unchanged, _) => format!("unchanged, {desired} of {runs}: prove only"),
        (ServiceChange::Update, target) => {
            let definition = target.as_ref().map(|target| &target.definition);
            let again = definition.and_then(|definition| plan.reuses(definition));
            let to = again.map_or("its next revision", |revision| revision.short());
            format!("roll out, {desired} of {runs} → {to}")
        }
        (ServiceChange::Start, Some(target)) => {
            let to = target.desired.unwrap_or(before.desired);
            format!("start, {} → {to} tasks", before.desired)
        }
        (ServiceChange::Start, None) => "start".to_owned(),
        (ServiceChange::Retire, _) => format!("scale {desired} of {runs} to 0"),
    };
    let changes = match (service.change, &service.target) {
        (ServiceChange::Update | ServiceChange::Start, Some(target)) => {
            changes(&before.document, &target.definition)
        }
        (ServiceChange::Unchanged | ServiceChange::Retire, _) | (_, None) => Vec::new(),
    };
    ServiceStep {
        service: name.clone(),
        text,
        changes,
    }
}

fn checks(checks: &[Check]) -> String {
    let each: Vec<String> = checks
        .iter()
        .map(|check| format!("{} ({}: {})", check.name, check.address(), check.status))
        .collect();
    each.join(", ")
}
