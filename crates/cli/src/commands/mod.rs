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

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use backstay_adapters::turn::{Opened, Waits, standing};
use backstay_config::CloudKind;
use backstay_domain::engine::{Begun, Ours, Prepared, Then};
use backstay_domain::hearing::{Hearing, PROVE_WITHIN, Verdict, hear, verdict};
use backstay_domain::journal::{Outcome, Side};
use backstay_domain::operator::Why;
use backstay_domain::plan::{Plan, ServicePlan};
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::verdict::Proof;
use jiff::SignedDuration;

use crate::args::{Audit, Cli, Command, Simulator};
use crate::compose::checkout::git_refuses;
use crate::compose::cloud::sources;
use crate::compose::operator::{operator, why};
use crate::compose::project::{Project, environments};
use crate::compose::turn::OurTurn;
use crate::failure::{Asked, Failure};
use crate::render::any::AnyReport;
use crate::render::clean::clean;
use crate::render::json;
use crate::render::outcome::{EXIT_STUCK, exit_code, outcome_text, stuck_error};
use crate::render::plan::{plan_text, refusals_text};
use crate::render::status::{EXIT_UNPROVEN, status_text};
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
        Command::Plan(arguments) => plan::run(&shell, directory, arguments),
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
            accepted: plan.accepted(),
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

/// The release is live already; that is proven as a deployment proves it, rather than believed.
async fn nothing_to_do<C: Cloud, K: Clock>(
    shell: &Shell,
    opened: Opened<'_, C, K>,
    plan: &Plan,
) -> u8 {
    let nobody = BTreeSet::new();
    let hearing = Hearing {
        plan,
        side: Side::New,
        within: PROVE_WITHIN,
        waived: &nobody,
        missing: &waiting(shell),
    };
    let running: Vec<&ServicePlan> = plan
        .services
        .values()
        .filter(|service| service.before.desired > 0)
        .collect();
    let (proofs, _) = hear(opened.cloud, opened.clock, hearing, &running).await;
    let (code, words) = match verdict(&proofs) {
        Verdict::Proven => (0, "There is nothing to do: this release is live already."),
        Verdict::Contradicted => (
            EXIT_STUCK,
            "Nothing was changed: this release is recorded as live, but a witness saw something else. `backstay status` says what.",
        ),
        Verdict::Unproven => (
            EXIT_UNPROVEN,
            "Nothing was changed: this release is recorded as live, but not every witness confirms it yet.",
        ),
    };
    shell.give(
        || status_text(plan, &proofs),
        || json::nothing_to_do(plan, &proofs, code),
    );
    if shell.output() == Output::Text {
        shell.note(words);
    }
    code
}

/// A deployment of ours that is not at its end: its rollouts are nobody else's.
pub(crate) async fn ours<C, K>(opened: Opened<'_, C, K>) -> Result<Option<Ours>, Failure> {
    let open = standing(opened.store).await?.open;
    Ok(open.and_then(|open| {
        Some(Ours {
            version: open.plan.as_ref()?.release.version.clone(),
            rollouts: open.rollouts(),
            then: match open.waits {
                Waits::Running | Waits::Unfinished => Then::EndsFirst,
                Waits::Stuck(_) => Then::Stays,
            },
            deployment: open.deployment,
        })
    }))
}

/// Says, once, what of the present release is waited for.
fn waiting(shell: &Shell) -> impl Fn(&[Proof]) {
    let said = Cell::new(false);
    move |proofs| {
        if said.replace(true) {
            return;
        }
        let missing = proofs.iter().filter_map(|proof| {
            let witness = proof.missing()?;
            Some(format!("{}: {witness}", proof.component))
        });
        let missing: Vec<String> = missing.collect();
        shell.note(&clean(&format!(
            "What is live is not proven yet; looking again. {}",
            missing.join("; ")
        )));
    }
}

/// Says how a deployment ended, and gives the exit code.
fn ended(shell: &Shell, plan: &Plan, outcome: &Outcome, took: Option<SignedDuration>) -> u8 {
    let took = took.unwrap_or_default();
    finished(shell, plan, outcome, &json::End { took, calls: None })
}

fn finished(shell: &Shell, plan: &Plan, outcome: &Outcome, end: &json::End) -> u8 {
    told(shell, plan, outcome, (end, exit_code(outcome)))
}

/// Says how a deployment ended to whom that is worth this exit code.
fn told(shell: &Shell, plan: &Plan, outcome: &Outcome, (end, code): (&json::End, u8)) -> u8 {
    match (shell.output(), stuck_error(plan, outcome)) {
        (Output::Json, _) => shell.object(&json::end(outcome, code, end)),
        (Output::Text, Some(error)) => shell.error(&error),
        (Output::Text, None) => shell.answer(&outcome_text(plan, outcome)),
    }
    code
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
