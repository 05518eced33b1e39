//! What a plan does about the schema: run, leave or take back a migration, as the schema record says, not as the code does.

use serde::{Deserialize, Serialize};

use super::{MigrationChange, MigrationPlan, Refusal, Warning, WayBack};
use crate::Version;
use crate::app::{App, Compatibility, Irreversible, Migration, SchemaDown, WayDown};
use crate::ledger::{Arrival, Entry};
use crate::release::{MigrationRelease, Release};
use crate::schema::{
    Configured, Fit, Reach, Revision, SchemaEntry, Step, Terms, Undone, runs, undo, way_down,
};
use crate::survey::{Ancestry, Survey};

/// What to do when a release is not declared to run on the schema, and the schema cannot go down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemaRisk {
    /// Refuse.
    #[default]
    Refused,
    /// Go on with the code alone; a human said so.
    Accepted,
}

/// What a plan does about the schema.
pub(super) struct Schema {
    pub(super) migration: Option<MigrationPlan>,
    pub(super) way_back: WayBack,
    pub(super) refusals: Vec<Refusal>,
    pub(super) warnings: Vec<Warning>,
}

impl Schema {
    fn untouched() -> Self {
        Self {
            migration: None,
            way_back: WayBack::Whole,
            refusals: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// The schema on the way to a release.
pub(super) fn forward(app: &App, release: &Release, survey: &Survey) -> Schema {
    let mut schema = Schema::untouched();
    let (Some(configured), Some(wanted)) = (&app.migration, &release.migration) else {
        return schema;
    };
    let risk = survey.schema_risk;
    let (change, answered) = match survey.schema.fit(release, None) {
        Fit::Made | Fit::Runs { .. } => (MigrationChange::Unchanged, SchemaRisk::Refused),
        Fit::Behind => match (older(survey), risk) {
            (None, _) => (MigrationChange::Run, SchemaRisk::Refused),
            (Some(_), SchemaRisk::Accepted) => (MigrationChange::Unchanged, risk),
            (Some(since), SchemaRisk::Refused) => {
                let why = "it is older than that release";
                schema.refusals.push(in_the_way(release, &since, why));
                (MigrationChange::Unchanged, risk)
            }
        },
        Fit::Ahead { steps, lowered } => {
            if risk == SchemaRisk::Refused {
                let (since, why) =
                    why_not(app, &steps, lowered.map(|entry| &entry.version), release);
                schema.refusals.push(in_the_way(release, &since, &why));
            }
            (MigrationChange::Unchanged, risk)
        }
    };
    if answered == SchemaRisk::Accepted {
        let warning = Warning::SchemaRiskAccepted(release.version.clone());
        schema.warnings.push(warning);
    }
    let ahead = ahead(survey);
    let mut migration = MigrationPlan {
        schema_risk: answered,
        undeclared: ahead.undeclared(),
        ..planned(configured, wanted, change)
    };
    if let Some(since) = &migration.undeclared {
        schema.warnings.push(Warning::SchemaAhead(since.clone()));
        schema.way_back = WayBack::UntilServices;
    }
    if migration.change == MigrationChange::Run {
        schema.refusals.extend(busy(survey));
        migration.known_revision = match risk {
            SchemaRisk::Refused => survey.schema.revision(),
            // A human may have changed it by hand.
            SchemaRisk::Accepted => None,
        };
        let brought = match risk {
            SchemaRisk::Refused => survey.schema.brought_along(wanted),
            // A human answers for what comes along as well.
            SchemaRisk::Accepted => Vec::new(),
        };
        // A human who answers for the schema may have changed it by hand: what its files say is not what is applied.
        migration.applies = match risk {
            SchemaRisk::Refused => survey.applies.clone(),
            SchemaRisk::Accepted => None,
        };
        migration.head = match risk {
            SchemaRisk::Refused => survey.head.clone(),
            SchemaRisk::Accepted => None,
        };
        let judged = migration.applies.is_some();
        judge(&mut migration, &ahead, &brought);
        // What comes along is among the revisions, each judged by itself.
        let brought = match judged {
            true => Vec::new(),
            false => brought,
        };
        schema.way_back = way_back(app, &migration, &ahead, &brought);
        if let Ahead::Declared(since, _) = &ahead
            && migration.compatibility == Compatibility::Breaking
        {
            schema.warnings.push(Warning::SchemaAhead(since.clone()));
        }
        if let Some(entry) = brought.last() {
            let warning = Warning::SchemaBrings(entry.version.clone());
            schema.warnings.push(warning);
        }
        let asks = migration.compatibility == Compatibility::Breaking
            && migration.current_command.is_some();
        match (&survey.unreadable, asks) {
            (Some(why), true) => {
                let why = why.clone();
                schema.refusals.push(Refusal::RevisionUnreadable { why });
            }
            // Nobody could read the answer: it is not asked.
            (Some(_), false) => migration.current_command = None,
            (None, _) => {}
        }
    }
    if !schema.way_back.is_whole()
        && app.policy.irreversible == Irreversible::Refuse
        && risk == SchemaRisk::Refused
    {
        schema.refusals.push(Refusal::Irreversible);
    }
    schema.migration = Some(migration);
    schema
}

/// The schema on the way back to a recorded release: the table of `design.md`, over every migration that came after it.
pub(super) fn backward(
    app: &App,
    target: &Release,
    survey: &Survey,
    entries: &[Entry],
    risk: SchemaRisk,
) -> Schema {
    let mut schema = Schema::untouched();
    let Some(configured) = &app.migration else {
        return schema;
    };
    let newest = survey
        .schema
        .newest()
        .and_then(|entry| entry.migration.as_ref());
    let Some(ran) = newest.or(target.migration.as_ref()) else {
        return schema;
    };
    schema.refusals.extend(busy(survey));
    let stays = || planned(configured, ran, MigrationChange::Unchanged);
    let accepted = || MigrationPlan {
        schema_risk: SchemaRisk::Accepted,
        ..stays()
    };
    let deployed =
        |entry: &&Entry| entry.release.id == target.id && entry.arrival == Arrival::Deployed;
    let proven = entries.iter().rfind(deployed).and_then(|entry| entry.at);
    let migration = match (survey.schema.fit(target, proven), risk) {
        (Fit::Made | Fit::Runs { .. }, _) => stays(),
        (Fit::Behind | Fit::Ahead { .. }, SchemaRisk::Accepted) => accepted(),
        (Fit::Behind, SchemaRisk::Refused) => {
            let version = target.version.clone();
            schema.refusals.push(Refusal::SchemaBehind { version });
            stays()
        }
        (Fit::Ahead { steps, lowered }, SchemaRisk::Refused) => {
            match (lowered, undo(&steps, terms(app))) {
                (None, Ok(Some((first, revision)))) => {
                    schema.way_back = WayBack::UntilMigration;
                    down(configured, ran, revision, first.entry.undone())
                }
                (lowered, _) => {
                    let (since, why) =
                        why_not(app, &steps, lowered.map(|entry| &entry.version), target);
                    schema.refusals.push(in_the_way(target, &since, &why));
                    stays()
                }
            }
        }
    };
    if migration.schema_risk == SchemaRisk::Accepted {
        let warning = Warning::SchemaRiskAccepted(target.version.clone());
        schema.warnings.push(warning);
    }
    schema.migration = Some(migration);
    schema
}

fn planned(
    configured: &Migration,
    migration: &MigrationRelease,
    change: MigrationChange,
) -> MigrationPlan {
    MigrationPlan {
        change,
        cluster: configured.cluster.clone(),
        definition: migration.definition.clone(),
        image: migration.image.clone(),
        container: configured.container.clone(),
        command: configured.command.clone(),
        current_command: configured.current_command.clone(),
        down_command: configured.down_command.clone(),
        empty_revision: configured.empty_revision.clone(),
        known_revision: None,
        applies: None,
        undoes: None,
        undeclared: None,
        compatibility: migration.compatibility,
        way_down: migration.way_down,
        timeout: configured.timeout,
        network: configured.network.clone(),
        capacity: configured.capacity.clone(),
        schema_risk: SchemaRisk::Refused,
        anchor: configured.anchor.clone(),
        checks: configured.checks.clone(),
        head: None,
    }
}

fn down(
    configured: &Migration,
    ran: &MigrationRelease,
    to: Revision,
    undoes: Undone,
) -> MigrationPlan {
    MigrationPlan {
        undoes: Some(undoes),
        ..planned(configured, ran, MigrationChange::Down(to))
    }
}

fn terms(app: &App) -> Terms {
    let down = app.migration.as_ref().and_then(|m| m.down_command.as_ref());
    Terms {
        schema_down: app.policy.schema_down,
        down_command: match down {
            Some(_) => Configured::Yes,
            None => Configured::No,
        },
    }
}

fn in_the_way(release: &Release, since: &Version, why: &str) -> Refusal {
    Refusal::SchemaInTheWay {
        version: release.version.clone(),
        since: since.clone(),
        why: why.to_owned(),
    }
}

/// Which migration keeps code from running on the schema, and why it stays.
fn why_not(
    app: &App,
    steps: &[Step<'_>],
    lowered: Option<&Version>,
    release: &Release,
) -> (Version, String) {
    if let Some(version) = lowered {
        let why = "it was being taken back, and nobody knows how far that got";
        return (version.clone(), why.to_owned());
    }
    match undo(steps, terms(app)) {
        Err((since, why)) => (since, why.to_owned()),
        Ok(Some((first, revision))) => (
            first.entry.version.clone(),
            format!("it would have to go down to {revision} first"),
        ),
        Ok(None) => {
            let last = steps.last().map(|step| step.entry.version.clone());
            (
                last.unwrap_or_else(|| release.version.clone()),
                "it is not known what it changed".to_owned(),
            )
        }
    }
}

/// The release of the newest migration, when the commit to deploy is older than it.
fn older(survey: &Survey) -> Option<Version> {
    let newest = survey.schema.newest()?;
    (survey.schema_ancestry == Ancestry::Older).then(|| newest.version.clone())
}

/// A migration that runs already, whoever started it.
fn busy(survey: &Survey) -> Option<Refusal> {
    let running = survey.migrating.first()?;
    Some(Refusal::MigrationRuns {
        task: running.to_string(),
    })
}

/// How far the schema is ahead of the code that is recorded as live, before this migration.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ahead {
    /// It is what that code's own migration made.
    No,
    /// By what was declared and judged to let it run.
    Declared(Version, Vec<Reach>),
    /// By more than was declared.
    Undeclared(Version),
}

impl Ahead {
    fn undeclared(&self) -> Option<Version> {
        match self {
            Self::Undeclared(since) => Some(since.clone()),
            Self::No | Self::Declared(..) => None,
        }
    }
}

fn ahead(survey: &Survey) -> Ahead {
    let Some(recorded) = &survey.recorded else {
        return Ahead::No;
    };
    match survey.schema.fit(recorded, None) {
        Fit::Made | Fit::Behind => Ahead::No,
        Fit::Runs { since, reaches } => Ahead::Declared(since.clone(), reaches),
        Fit::Ahead { steps, .. } => match steps.last() {
            Some(step) => Ahead::Undeclared(step.entry.version.clone()),
            None => Ahead::No,
        },
    }
}

/// Whether the code that runs now runs on the new schema, and whether the way down loses anything: of every revision, where their
/// files were read; else what one word says of all of them, for the code just before.
fn judge(migration: &mut MigrationPlan, ahead: &Ahead, brought: &[&SchemaEntry]) {
    let before = match ahead {
        Ahead::No => [].as_slice(),
        Ahead::Declared(_, reaches) => reaches.as_slice(),
        Ahead::Undeclared(_) => [Reach::Nobody].as_slice(),
    };
    let Some(applies) = &migration.applies else {
        if *ahead != Ahead::No || !brought.is_empty() {
            migration.compatibility = Compatibility::Breaking;
        }
        return;
    };
    let reaches = before
        .iter()
        .copied()
        .chain(applies.iter().map(|one| one.reach));
    migration.compatibility = match runs(reaches) {
        true => Compatibility::Compatible,
        false => Compatibility::Breaking,
    };
    migration.way_down = way_down(applies);
}

/// The table of `design.md`, "Rollback and the schema", read before the first change.
fn way_back(
    app: &App,
    migration: &MigrationPlan,
    ahead: &Ahead,
    brought: &[&SchemaEntry],
) -> WayBack {
    let lossless = brought.iter().all(|entry| entry.is_lossless());
    if matches!(ahead, Ahead::Undeclared(_)) || !lossless {
        return WayBack::UntilMigration;
    }
    let can_undo = migration.down_command.is_some() && migration.current_command.is_some();
    match (
        migration.compatibility,
        migration.way_down,
        app.policy.schema_down,
    ) {
        (Compatibility::Compatible, _, _) => WayBack::Whole,
        (Compatibility::Breaking, WayDown::Lossless, SchemaDown::Lossless) if can_undo => {
            WayBack::WithSchemaDown
        }
        (Compatibility::Breaking, WayDown::Lossless | WayDown::Lossy | WayDown::Absent, _) => {
            WayBack::UntilMigration
        }
    }
}
