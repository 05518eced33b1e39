//! One file per command: a command parses nothing and decides nothing, it composes and renders.

mod audit;
mod check;
mod deploy;
mod diff;
mod history;
mod plan;
mod rehearse;
mod replay;
mod resume;
mod rollback;
mod show;
mod simulator;
mod status;
mod unlock;

pub(crate) use resume::Resuming;
pub(crate) use rollback::Returning;

use std::path::Path;
use std::process::ExitCode;

use backstay_config::CloudKind;
use backstay_domain::engine::{Begun, Prepared};
use backstay_domain::journal::Outcome;
use backstay_domain::operator::Why;
use backstay_domain::plan::{Plan, SchemaRisk};
use backstay_domain::ports::{Clock, Cloud};
use jiff::SignedDuration;

use crate::args::{Audit, Cli, Command, Simulator};
use crate::compose::checkout::{Source, git_refuses};
use crate::compose::cloud::sources;
use crate::compose::deployment::Older;
use crate::compose::operator::{operator, why};
use crate::compose::project::{Project, environments};
use crate::compose::turn::OurTurn;
use crate::failure::{Asked, Failure};
use crate::render::any::AnyReport;
use crate::render::json;
use crate::render::outcome::{exit_code, outcome_text, stuck_error};
use crate::render::plan::{plan_text, refusals_text};
use crate::shell::{Output, PeopleError, Shell};

/// Runs a command; the exit code is part of the interface.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    let shell = Shell::open(cli.common.output, cli.common.color);
    shell.hears_asides();
    let directory = cli.common.app.as_path();
    let done = match &cli.command {
        Command::Check {
            environment,
            example,
        } => check::run(&shell, directory, environment.as_deref(), *example),
        Command::Plan {
            environment,
            version,
            allow_older,
            accept_schema_risk,
            allow_dirty,
        } => {
            let terms = plan::Terms {
                older: older(*allow_older),
                schema_risk: schema_risk(*accept_schema_risk),
                source: source(*allow_dirty),
            };
            plan::run(&shell, directory, environment, version.as_deref(), terms)
        }
        Command::Deploy(arguments) => deploy::run(&shell, directory, arguments),
        Command::Resume(arguments) => resume::run(&shell, directory, arguments),
        Command::Rollback(arguments) => rollback::run(&shell, directory, arguments),
        Command::Unlock {
            environment,
            deployment,
            reason,
        } => unlock::run(
            &shell,
            directory,
            environment,
            deployment,
            reason.as_deref(),
        ),
        Command::Status { environment } => status::run(&shell, directory, environment),
        Command::History { environment, limit } => {
            history::run(&shell, directory, environment, *limit)
        }
        Command::Show {
            deployment,
            environment,
        } => show::run(&shell, directory, deployment, environment.as_deref()),
        Command::Replay {
            deployment,
            environment,
            speed,
        } => replay::run(
            &shell,
            directory,
            deployment,
            environment.as_deref(),
            *speed,
        ),
        Command::Diff {
            from,
            to,
            environment,
        } => diff::run(&shell, directory, (from, to), environment.as_deref()),
        Command::Audit {
            command:
                Audit::Verify {
                    environment,
                    deployment,
                },
        } => audit::verify(&shell, directory, environment, deployment.as_deref()),
        Command::Rehearse(arguments) => rehearse::run(&shell, directory, arguments),
        Command::Simulator {
            command: Simulator::Serve(arguments),
        } => simulator::serve(&shell, directory, arguments),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            let environment = cli.command.environment();
            let failure = explained(failure, directory, environment);
            report(&shell, &failure, environment);
            failure.exit()
        }
    }
}

/// Shows a plan before it is carried out.
fn show_plan(shell: &Shell, plan: &Plan) {
    match shell.output() {
        Output::Json => shell.object(&json::plan(plan)),
        Output::Text => shell.note(&plan_text(plan)),
    }
}

/// Carries a plan out in one's turn: shows it, does it, says how it ended.
async fn carried_out<C: Cloud, K: Clock>(
    shell: &Shell,
    project: &Project,
    turn: &OurTurn<'_, C, K>,
    prepared: Prepared,
    reason: Option<&str>,
) -> Result<u8, Failure> {
    let Prepared { plan, caller } = prepared;
    show_plan(shell, &plan);
    let why = why(&project.directory, &plan.release.version, reason);
    let begun = Begun {
        by: Some(caller),
        operator: operator(),
        why: Why {
            commit: plan.release.commit.clone().or(why.commit),
            ..why
        },
    };
    let clock = turn.opened().clock;
    let began = clock.now();
    let report = AnyReport::of(shell, &plan);
    let outcome = turn.deploy(&plan, begun, &report).await?;
    let took = clock.now().duration_since(began);
    Ok(ended(shell, &plan, &outcome, Some(took)))
}

/// Says how a deployment ended, and gives the exit code.
fn ended(shell: &Shell, plan: &Plan, outcome: &Outcome, took: Option<SignedDuration>) -> u8 {
    let took = took.unwrap_or_default();
    finished(shell, plan, outcome, &json::End { took, calls: None })
}

fn finished(shell: &Shell, plan: &Plan, outcome: &Outcome, end: &json::End) -> u8 {
    let code = exit_code(outcome);
    match (shell.output(), stuck_error(plan, outcome)) {
        (Output::Json, _) => shell.object(&json::end(outcome, code, end)),
        (Output::Text, Some(error)) => shell.error(&error),
        (Output::Text, None) => shell.answer(&outcome_text(plan, outcome)),
    }
    code
}

fn older(allowed: bool) -> Older {
    if allowed {
        Older::Allowed
    } else {
        Older::Refused
    }
}

fn schema_risk(accepted: bool) -> SchemaRisk {
    if accepted {
        SchemaRisk::Accepted
    } else {
        SchemaRisk::Refused
    }
}

/// What failed on a real account also says where that was, and with which credentials.
fn explained(failure: Failure, directory: &Path, environment: Option<&str>) -> Failure {
    if !failure.is_of_aws() {
        return failure;
    }
    let names = match environment {
        Some(name) => vec![name.to_owned()],
        None => environments(directory).unwrap_or_default(),
    };
    let mut projects = names
        .iter()
        .filter_map(|name| Project::load(directory, name).ok());
    match projects.find(|project| project.configured.cloud == CloudKind::Aws) {
        Some(project) => failure.on_aws(Asked {
            sources: sources(),
            region: project.configured.region,
        }),
        None => failure,
    }
}

/// Says that nobody can tell what a release is made from, where git does not look.
fn note_checkout(shell: &Shell, project: &Project) {
    if let Some(refused) = git_refuses(&project.directory) {
        let hint = refused.hint().unwrap_or_default();
        shell.note(&format!("Warning: {refused}.\nHint: {hint}"));
    }
}

fn source(any: bool) -> Source {
    if any { Source::Any } else { Source::Exact }
}

/// Says why a command failed, in the form that was asked for.
pub(crate) fn report(shell: &Shell, failure: &Failure, environment: Option<&str>) {
    match failure {
        Failure::Config(problems) => check::report(shell, problems, failure.exit_code()),
        Failure::Refused(refusals) => match shell.output() {
            Output::Json => shell.object(&json::refusals(refusals, failure.exit_code())),
            Output::Text => shell.note(&refusals_text(refusals)),
        },
        Failure::Usage { .. }
        | Failure::Build(_)
        | Failure::Port { .. }
        | Failure::Journal(_)
        | Failure::Halted(_)
        | Failure::Held { .. }
        | Failure::Lease(_)
        | Failure::Unfinished(_)
        | Failure::Left(_)
        | Failure::OnAws { .. }
        | Failure::Tls(_)
        | Failure::Simulator(_)
        | Failure::World { .. }
        | Failure::Unsimulated { .. }
        | Failure::File { .. }
        | Failure::Listening { .. }
        | Failure::ServerState(_)
        | Failure::Defect(_) => {
            let mut error = PeopleError::of(failure.bare());
            error.hint = failure.hint_in(environment);
            match shell.output() {
                Output::Json => shell.object(&json::failure(&error, failure.exit_code())),
                Output::Text => shell.error(&error),
            }
        }
    }
}
