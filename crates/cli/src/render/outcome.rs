//! The answer of a deployment: what is live, by which proof, and what happened to get there.

mod tally;

use backstay_domain::journal::{Act, Outcome, SchemaLeft, Stuck};
use backstay_domain::plan::{FrontendPlan, MigrationChange, Plan, WayBack};
use backstay_domain::verdict::{Component, Proof};

use tally::{proof_of, scheduled, was_live};

pub(super) use tally::Tally;

use super::clean::clean;
use super::left::left_lines;
use super::people::PeopleError;
use super::words::{cause_words, score, witnesses};

/// Live and proven.
pub const EXIT_LIVE: u8 = 0;
/// Failed, rolled back and proven.
pub const EXIT_ROLLED_BACK: u8 = 4;
/// A human is needed.
pub const EXIT_STUCK: u8 = 5;

/// The process's exit code.
#[must_use]
pub fn exit_code(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Live { .. } => EXIT_LIVE,
        Outcome::RolledBack { .. } => EXIT_ROLLED_BACK,
        Outcome::Stuck { .. } => EXIT_STUCK,
    }
}

/// The answer on stdout: a line per component, and the outcome as the last line.
#[must_use]
pub fn outcome_text(plan: &Plan, outcome: &Outcome) -> String {
    let release = &plan.release;
    match outcome {
        Outcome::Live { proofs, unproven } => {
            let tally = Tally::live(Some(plan), proofs, unproven);
            let mut rows = vec![migration_row(plan, proofs)];
            rows.extend(service_rows(plan, proofs, &tally));
            rows.extend(job_rows(plan, proofs, "no proof"));
            rows.extend(frontend_rows(plan, proofs, |_| "no proof"));
            format!(
                "{}\n{} {} is live on {} ({}): {}\n",
                table(rows),
                release.app,
                release.environment,
                release.version,
                release.id,
                tally.words(),
            )
        }
        Outcome::RolledBack {
            cause,
            proofs,
            schema,
        } => {
            let tally = Tally::rolled_back(Some(plan), proofs);
            let (head, details) = cause_words(cause);
            let mut out = format!("Turned back: {head}\n");
            for detail in details {
                out.push_str(&format!("  {}\n", clean(&detail)));
            }
            let absent = |frontend: &FrontendPlan| match was_live(frontend) {
                true => "no proof",
                false => "never was live",
            };
            let mut rows = frontend_rows(plan, proofs, absent);
            rows.extend(job_rows(plan, proofs, "as it was"));
            rows.extend(service_rows(plan, proofs, &tally));
            rows.push(schema_row(plan, *schema));
            let words = tally.words();
            format!(
                "{out}\n{}\nrolled back to {}: {words}\n",
                table(rows),
                version_before(plan)
            )
        }
        Outcome::Stuck { because, left, .. } => {
            let lines: String = left_lines(left)
                .iter()
                .map(|line| format!("{line}\n"))
                .collect();
            format!("{lines}\nstuck: {}\n", clean(&because.to_string()))
        }
    }
}

/// What a person must know when a human is needed: what is in the way, why it turned back, what runs, what to choose from.
#[must_use]
pub fn stuck_error(plan: &Plan, outcome: &Outcome) -> Option<PeopleError> {
    let Outcome::Stuck {
        cause,
        because,
        left,
    } = outcome
    else {
        return None;
    };
    let message = match because {
        Stuck::Service { service, why } => format!("rollback of `{service}` is stuck: {why}"),
        Stuck::ActFailed {
            act: Act::RecordRelease,
            failure,
        } => format!(
            "`{}` {} is live and proven, but could not be recorded: {failure}",
            plan.release.app, plan.release.version
        ),
        Stuck::Schema
        | Stuck::SchemaUnknown
        | Stuck::SchemaLowered
        | Stuck::SchemaDownFailed { .. }
        | Stuck::MigrationRuns { .. }
        | Stuck::Superseded { .. }
        | Stuck::ActFailed { .. }
        | Stuck::Frontend { .. }
        | Stuck::Schedule { .. }
        | Stuck::Unproven { .. } => {
            let to = version_before(plan);
            format!(
                "rollback of `{}` to {to} is stuck: {because}",
                plan.release.app
            )
        }
    };
    let (head, details) = cause_words(cause);
    let causes = std::iter::once(head).chain(details).collect();
    Some(PeopleError {
        message,
        causes,
        left_behind: left_lines(left),
        hint: Some(because.choices().join("; or ")),
    })
}

/// The last line of a story and the lines below it.
pub(super) fn last_words(plan: Option<&Plan>, outcome: &Outcome) -> (String, Vec<String>) {
    match outcome {
        Outcome::Live { proofs, unproven } => {
            let version = plan.map_or("the new release", |plan| plan.release.version.as_str());
            let words = Tally::live(plan, proofs, unproven).words();
            (format!("live: {version} {words}"), Vec::new())
        }
        Outcome::RolledBack { cause, proofs, .. } => {
            let version = plan.map_or("the previous release", version_before);
            let words = Tally::rolled_back(plan, proofs).words();
            let (head, _) = cause_words(cause);
            (
                format!("rolled back: {head}; {version} {words}"),
                Vec::new(),
            )
        }
        Outcome::Stuck { because, left, .. } => (format!("stuck: {because}"), left_lines(left)),
    }
}

/// The version that a rollback returns to.
fn version_before(plan: &Plan) -> &str {
    plan.before
        .as_ref()
        .map_or("the previous release", |before| before.version.as_str())
}

/// A component's name and what is to be said about it.
pub(super) type Row = Option<(String, String)>;

pub(super) fn table(rows: Vec<Row>) -> String {
    let rows: Vec<(String, String)> = rows.into_iter().flatten().collect();
    let longest = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let width = longest.max(20) + 2;
    rows.iter()
        .map(|(name, words)| format!("{name:<width$}{words}\n"))
        .collect()
}

pub(super) fn proof_row(proof: &Proof) -> String {
    format!("{:<12}{}", score(proof), clean(&witnesses(proof)))
}

fn service_rows(plan: &Plan, proofs: &[Proof], tally: &Tally) -> Vec<Row> {
    plan.services
        .keys()
        .map(|name| {
            let text = name.to_string();
            let words = match proof_of(proofs, &Component::Service(name.clone())) {
                _ if tally.empty.contains(&text) => "nothing to prove: 0 tasks".to_owned(),
                Some(proof) => proof_row(proof),
                None if plan.retired().any(|retired| retired == name) => {
                    "retired: scaled to 0 tasks".to_owned()
                }
                None => "no proof".to_owned(),
            };
            Some((text, words))
        })
        .collect()
}

/// The jobs that somebody starts; on the way back `absent` is said of those that were never touched.
fn job_rows(plan: &Plan, proofs: &[Proof], absent: &str) -> Vec<Row> {
    let rows = scheduled(plan).map(|name| {
        let proof = proof_of(proofs, &Component::Job(name.clone()));
        let words = proof.map_or_else(|| absent.to_owned(), proof_row);
        Some((name.to_string(), words))
    });
    rows.collect()
}

fn frontend_rows(
    plan: &Plan,
    proofs: &[Proof],
    absent: impl Fn(&FrontendPlan) -> &'static str,
) -> Vec<Row> {
    let rows = plan.frontends.iter().map(|(name, frontend)| {
        let proof = proof_of(proofs, &Component::Frontend(name.clone()));
        let words = proof.map_or_else(|| absent(frontend).to_owned(), proof_row);
        Some((name.to_string(), words))
    });
    rows.collect()
}

fn migration_row(plan: &Plan, proofs: &[Proof]) -> Row {
    let migration = plan.migration.as_ref()?;
    let words = match (proof_of(proofs, &Component::Migration), &migration.change) {
        (Some(proof), _) => proof_row(proof),
        (None, MigrationChange::Unchanged) => "unchanged".to_owned(),
        (None, MigrationChange::Run | MigrationChange::Down(_)) => "no proof".to_owned(),
    };
    Some(("migration".to_owned(), words))
}

/// What a rollback that came to its end means for the schema.
fn schema_row(plan: &Plan, left: Option<SchemaLeft>) -> Row {
    plan.migration.as_ref()?;
    let before = version_before(plan);
    let words = match (plan.migrates(), left, plan.way_back) {
        (None, _, _) => "unchanged".to_owned(),
        (Some(_), Some(SchemaLeft::AsItWas), _)
        | (Some(_), None, WayBack::UntilMigration | WayBack::UntilServices) => {
            "the schema is as it was".to_owned()
        }
        (Some(_), Some(SchemaLeft::Previous), _) | (Some(_), None, WayBack::WithSchemaDown) => {
            "the schema is on its previous revision".to_owned()
        }
        (Some(_), Some(SchemaLeft::Unknown | SchemaLeft::Running), _) => {
            format!("not taken back, however far it got: {before} runs on the schema as it is")
        }
        (Some(_), Some(SchemaLeft::New), _) | (Some(_), None, WayBack::Whole) => {
            format!("not taken back: {before} runs on the schema as it is")
        }
    };
    Some(("migration".to_owned(), words))
}
