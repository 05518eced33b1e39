//! Why a command failed, in the form that was asked for.

use std::path::Path;

use backstay_config::CloudKind;

use super::check;
use crate::compose::cloud::sources;
use crate::compose::project::{environments, place};
use crate::failure::{Asked, Failure};
use crate::render::json;
use crate::render::plan::refusals_text;
use crate::shell::{Output, PeopleError, Shell};

/// What failed on a real account also says where that was, and with which credentials.
pub(super) fn explained(failure: Failure, directory: &Path, environment: Option<&str>) -> Failure {
    if !failure.is_of_aws() {
        return failure;
    }
    let names = match environment {
        Some(name) => vec![name.to_owned()],
        None => environments(directory).unwrap_or_default(),
    };
    let mut places = names.iter().filter_map(|name| place(directory, name));
    match places.find(|(cloud, _)| *cloud == CloudKind::Aws) {
        Some((_, region)) => failure.on_aws(Asked {
            sources: sources(),
            region,
        }),
        None => failure,
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
        | Failure::Web(_)
        | Failure::Upstream(_)
        | Failure::NoEngine(_)
        | Failure::ServerState(_)
        | Failure::Images(_)
        | Failure::Defect(_) => {
            let mut error = PeopleError::of(failure.bare());
            if let Failure::Images(failed) = failure.bare() {
                error.causes.extend_from_slice(failed.said());
            }
            error.hint = failure.hint_in(environment);
            match shell.output() {
                Output::Json => shell.object(&json::failure(&error, failure.exit_code())),
                Output::Text => shell.error(&error),
            }
        }
    }
}
