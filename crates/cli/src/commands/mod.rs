//! One file per command: a command parses nothing and decides nothing, it composes and renders.

mod check;
mod deploy;
mod plan;
mod rehearse;
mod simulator;
mod status;

use std::process::ExitCode;

use crate::args::{Cli, Command, Simulator};
use crate::failure::Failure;
use crate::render::json;
use crate::render::plan::refusals_text;
use crate::shell::{Output, PeopleError, Shell};

/// Runs a command; the exit code is part of the interface.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    let shell = Shell::open(cli.common.output, cli.common.color);
    let directory = cli.common.app.as_path();
    let done = match &cli.command {
        Command::Check {
            environment,
            example,
        } => check::run(&shell, directory, environment.as_deref(), *example),
        Command::Plan {
            environment,
            version,
        } => plan::run(&shell, directory, environment, version.as_deref()),
        Command::Deploy {
            environment,
            version,
            speed,
        } => deploy::run(&shell, directory, environment, version.as_deref(), *speed),
        Command::Status { environment } => status::run(&shell, directory, environment),
        Command::Rehearse(arguments) => rehearse::run(&shell, directory, arguments),
        Command::Simulator {
            command: Simulator::Serve(arguments),
        } => simulator::serve(&shell, directory, arguments),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            report(&shell, &failure);
            failure.exit()
        }
    }
}

/// Says why a command failed, in the form that was asked for.
fn report(shell: &Shell, failure: &Failure) {
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
        | Failure::File { .. }
        | Failure::Listening { .. }
        | Failure::ServerState(_)
        | Failure::Simulated(_) => {
            let mut error = PeopleError::of(failure);
            error.hint = failure.hint();
            match shell.output() {
                Output::Json => shell.object(&json::failure(&error, failure.exit_code())),
                Output::Text => shell.error(&error),
            }
        }
    }
}
