//! One file per command: a command parses nothing and decides nothing, it composes and renders.

mod answer;
mod audit;
mod carried;
mod check;
mod deploy;
mod diff;
mod failed;
mod history;
mod images;
mod logs;
mod migrations;
mod nothing;
mod plan;
mod prune;
mod rehearse;
mod replay;
mod resume;
mod rollback;
mod run;
mod show;
mod simulator;
mod status;
mod unlock;

pub(crate) use resume::Resuming;
pub(crate) use rollback::Returning;

use std::process::ExitCode;

use carried::{carried_out, ended, finished, gone_on, show_plan, told};
use failed::explained;
pub(crate) use failed::report;
use nothing::{nothing_to_do, waiting};
use plan::note_checkout;

use backstay_domain::traffic::Answer;

use crate::args::{Audit, Cli, Command, Simulator};
use crate::compose::turn::ours;
use crate::shell::Shell;

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
        Command::Continue(asked) => answer::run(&shell, directory, asked, Answer::GoOn),
        Command::Abort(asked) => answer::run(&shell, directory, asked, Answer::TurnBack),
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
        Command::Prune { environment, apply } => {
            let how = match apply {
                true => prune::How::Apply,
                false => prune::How::Show,
            };
            prune::run(&shell, directory, environment, how)
        }
        Command::Run(arguments) => run::run(&shell, directory, arguments),
        Command::Logs(arguments) => logs::run(&shell, directory, arguments),
        Command::Status { environment } => status::run(&shell, directory, environment),
        Command::History { environment, limit } => {
            history::run(&shell, directory, environment, *limit)
        }
        Command::Migrations {
            environment,
            version,
            limit,
        } => migrations::run(&shell, directory, environment, version.as_deref(), *limit),
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
        Command::Images { command } => images::run(&shell, directory, command),
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
