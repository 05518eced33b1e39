//! What is sent to start a one-off task on the database: which command, and under which token.

use super::data;
use super::migrate::reading;
use crate::definition::substitute;
use crate::journal::Job;
use crate::plan::{MigrationPlan, Plan};
use crate::ports::{JobAnswer, JobRequest};
use crate::progress::Progress;
use crate::schema::Revision;
use crate::verdict::Component;
use crate::{DefinitionRef, IdempotencyKey};

/// The task that a job is, once the migration's task definition is registered.
#[must_use]
pub fn job_request(plan: &Plan, progress: &Progress, job: Job) -> Option<JobRequest> {
    let migration = plan.migration.as_ref()?;
    let definition = progress.definition(&Component::Migration)?.clone();
    let (name, command) = match job {
        Job::RevisionBefore => ("before", migration.current_command.clone()?),
        Job::RevisionAfter => ("after", migration.current_command.clone()?),
        Job::Up => ("up", migration.command.clone()),
        Job::Check(_) => return asked(plan, migration, definition, job),
        Job::Down => {
            let target = match plan.migrates_down() {
                Some((_, revision)) => revision.clone(),
                None => reading(progress, Job::RevisionBefore)?,
            };
            let target = named(migration, &target)?;
            let fill = |part: &String| {
                substitute(part, &|name| (name == "revision").then(|| target.clone()))
            };
            (
                "down",
                migration.down_command.as_ref()?.iter().map(fill).collect(),
            )
        }
    };
    let answer = match job {
        Job::RevisionBefore | Job::RevisionAfter => JobAnswer::Output,
        Job::Up | Job::Down | Job::Check(_) => JobAnswer::ExitCode,
    };
    requested(plan, migration, definition, (name, command), answer)
}

/// The task that asks the data.
fn asked(
    plan: &Plan,
    migration: &MigrationPlan,
    definition: DefinitionRef,
    job: Job,
) -> Option<JobRequest> {
    let Job::Check(place) = job else {
        return None;
    };
    let command = data::data_check(plan, job)?.command.clone();
    let name = format!("check-{place}");
    requested(
        plan,
        migration,
        definition,
        (&name, command),
        JobAnswer::ExitCode,
    )
}

fn requested(
    plan: &Plan,
    migration: &MigrationPlan,
    definition: DefinitionRef,
    (name, command): (&str, Vec<String>),
    answer: JobAnswer,
) -> Option<JobRequest> {
    Some(JobRequest {
        cluster: migration.cluster.clone(),
        definition,
        container: migration.container.clone(),
        command,
        network: migration.network.clone(),
        capacity: migration.capacity.clone(),
        key: IdempotencyKey::parse(format!("{}-{name}", plan.deployment)).ok()?,
        started_by: plan.deployment.to_string(),
        answer,
    })
}

/// What the command that migrates down calls a revision.
pub(super) fn named(migration: &MigrationPlan, revision: &Revision) -> Option<String> {
    let name = revision.name().map(str::to_owned);
    name.or_else(|| migration.empty_revision.clone())
}
