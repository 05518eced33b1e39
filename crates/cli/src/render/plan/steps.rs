//! The steps of a plan in their order, numbered, in words. Text and JSON are both made of these.

use backstay_domain::ServiceName;
use backstay_domain::app::{Check, Compatibility, WayDown};
use backstay_domain::plan::{Change as ServiceChange, Direction, MigrationPlan, Plan, ServicePlan};
use backstay_domain::release::ResolvedImage;

use super::diff::{Change, changes};
use super::frontend;
use crate::render::time::limit;
use crate::render::words::counted;

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Task definitions are registered.
    Register,
    /// The frontend's files are uploaded.
    Assets,
    /// The database is migrated.
    Migrate,
    /// Services are rolled out and proven.
    Services,
    /// Smoke checks are asked.
    Checks,
    /// Visitors get the new frontend.
    Frontend,
    /// Services leave.
    Retire,
    /// The release is watched and proven once more.
    Bake,
    /// The release is recorded as proven.
    Record,
}

impl StepKind {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Assets => "assets",
            Self::Migrate => "migrate",
            Self::Services => "services",
            Self::Checks => "checks",
            Self::Frontend => "frontend",
            Self::Retire => "retire",
            Self::Bake => "bake",
            Self::Record => "record",
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number, from 1.
    pub number: usize,
    /// What it is about.
    pub kind: StepKind,
    /// What is done.
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

/// All steps, in the order in which the engine takes them.
#[must_use]
pub fn steps(plan: &Plan) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut add = |kind: StepKind, text: String, services: Vec<ServiceStep>| {
        let number = steps.len() + 1;
        steps.push(Step {
            number,
            kind,
            text,
            services,
        });
    };
    if let Some(text) = register(plan) {
        add(StepKind::Register, text, Vec::new());
    }
    if let Some(frontend) = plan.uploads() {
        add(StepKind::Assets, frontend::assets(frontend), Vec::new());
    }
    let frontend = plan.frontend.as_ref().map(frontend::point);
    if let (Direction::Backward, Some(text)) = (plan.direction, &frontend) {
        add(StepKind::Frontend, text.clone(), Vec::new());
    }
    if let Some(migration) = plan.migrates() {
        add(StepKind::Migrate, migrate(migration), Vec::new());
    }
    if let Some((migration, revision)) = plan.migrates_down() {
        add(
            StepKind::Migrate,
            migrate_down(migration, revision),
            Vec::new(),
        );
    }
    for (wave, names) in (1..).zip(&plan.waves) {
        let text = format!("wave {wave} of {}", plan.waves.len());
        add(StepKind::Services, text, wave_services(plan, names));
    }
    if !plan.checks.is_empty() {
        add(StepKind::Checks, checks(&plan.checks), Vec::new());
    }
    if let (Direction::Forward, Some(text)) = (plan.direction, &frontend) {
        add(StepKind::Frontend, text.clone(), Vec::new());
    }
    let retired: Vec<ServiceName> = plan.retired().cloned().collect();
    if !retired.is_empty() {
        let text = format!("{} not in this release", counted(retired.len(), "service"));
        add(StepKind::Retire, text, wave_services(plan, &retired));
    }
    let watched = match plan.policy.bake.as_secs() {
        0 => "prove every service once more".to_owned(),
        _ => format!(
            "watch for {}, then prove every service once more",
            limit(plan.policy.bake)
        ),
    };
    add(StepKind::Bake, watched, Vec::new());
    let recorded = format!("{} as the release to return to", plan.release.id);
    add(StepKind::Record, recorded, Vec::new());
    steps
}

fn register(plan: &Plan) -> Option<String> {
    let services = plan
        .services
        .iter()
        .filter(|(_, service)| match service.change {
            ServiceChange::Update | ServiceChange::Start => true,
            ServiceChange::Unchanged | ServiceChange::Retire => false,
        })
        .map(|(name, _)| name.to_string());
    let down = plan.migrates_down().map(|(migration, _)| migration);
    let migration = plan.migrates().or(down).map(|_| "migration".to_owned());
    let names: Vec<String> = migration.into_iter().chain(services).collect();
    (!names.is_empty()).then(|| format!("the task definitions of {}", names.join(", ")))
}

fn migrate(migration: &MigrationPlan) -> String {
    let command = match migration.command.as_slice() {
        [] => "the command of its task definition".to_owned(),
        words => format!("`{}`", words.join(" ")),
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
    format!(
        "{command} in {} ({}); {compatibility}, {down}; at most {}",
        migration.container,
        image_words(&migration.image),
        limit(migration.timeout)
    )
}

fn migrate_down(migration: &MigrationPlan, revision: &str) -> String {
    let command = migration.down_command.iter().flatten();
    let words: Vec<&str> = command.map(String::as_str).collect();
    format!(
        "down to {revision}: `{}` in {} ({}); lossless; at most {}",
        words.join(" "),
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
        .map(|(name, service)| service_step(name, service))
        .collect()
}

fn service_step(name: &ServiceName, service: &ServicePlan) -> ServiceStep {
    let before = &service.before;
    let runs = before.definition.short();
    let desired = counted(
        usize::try_from(before.desired).unwrap_or(usize::MAX),
        "task",
    );
    let text = match (service.change, &service.target) {
        (ServiceChange::Unchanged, _) => format!("unchanged, {desired} of {runs}: prove only"),
        (ServiceChange::Update, _) => format!("roll out, {desired} of {runs} → its next revision"),
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
        .map(|check| {
            // What follows the question mark may be a token.
            let url = check.url.split('?').next().unwrap_or(&check.url);
            format!("{} ({url}: {})", check.name, check.status)
        })
        .collect();
    each.join(", ")
}
