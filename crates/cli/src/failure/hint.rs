//! What a person can do about a failure. Nothing here may lose anything: a hint that is followed leaves journals, the lease
//! and proven releases where they are.

use backstay_adapters::state::journal::{JournalError, Problem};
use backstay_adapters::state::lease::LeaseError;
use backstay_domain::engine::Halted;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_simulator::SavedWorldError;
use backstay_simulator::server::{StateError, Unfurnished};

use super::{Asked, Failure};

/// Stands for the environment in hints of whoever does not know it.
pub(super) const ENVIRONMENT: &str = "ENVIRONMENT";

const READABLE: &str = "it must be a file or directory that this user may read and write";

impl Failure {
    /// What a person can do about it, in the environment that the command was about.
    #[must_use]
    pub fn hint_in(&self, environment: Option<&str>) -> Option<String> {
        let hint = self.hint()?;
        Some(match environment {
            Some(environment) => hint.replace(ENVIRONMENT, environment),
            None => hint,
        })
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.hint_of(None)
    }

    fn hint_of(&self, asked: Option<&Asked>) -> Option<String> {
        Some(match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Config(_) | Self::Refused(_) => return None,
            Self::Build(error) => error.hint().to_owned(),
            Self::OnAws { asked, failure } => return failure.hint_of(Some(asked)),
            Self::Port { source, .. } | Self::Journal(JournalError::Port(source)) => format!(
                "nothing was changed; {}, then run the command again",
                put_right(source, asked)
            ),
            Self::Lease(LeaseError::Port(source)) => format!(
                "{}, then run the command again; `state` must be a place that you may read and write",
                put_right(source, asked)
            ),
            Self::Halted(Halted::Away(away)) => on_from_here(away.failure(), asked),
            Self::Halted(Halted::Journal(source) | Halted::Schema(source)) => on_from_here(source, asked),
            Self::Halted(Halted::Lost(_)) => format!(
                "whoever has it now goes on with this deployment; `backstay status {ENVIRONMENT}` and `backstay history {ENVIRONMENT}` say how"
            ),
            Self::Halted(Halted::Interrupted(_)) => {
                format!("`backstay resume --environment {ENVIRONMENT}` goes on from here")
            }
            Self::Left(_) => {
                format!("`backstay resume --environment {ENVIRONMENT}` goes on from there")
            }
            Self::Held { .. } => "wait until it has ended, then run the command again".to_owned(),
            Self::Lease(LeaseError::Held(held)) => format!(
                "wait until it has ended, or until its lease expires in {} s; `backstay rollback {ENVIRONMENT}` stops it and takes it back; `backstay unlock {ENVIRONMENT} {}` takes the lease away from a holder that is gone",
                held.expires_in.as_secs() + 1,
                held.holder.deployment
            ),
            Self::Lease(LeaseError::Lost(_)) => {
                format!("whoever has it now goes on; `backstay history {ENVIRONMENT}` says how")
            }
            Self::Unfinished(deployment) => format!(
                "`backstay resume {deployment}` brings it to its end, `--back` to the old release"
            ),
            Self::Tls(_) => {
                "the machine's certificates (package ca-certificates) must be there and readable; then run the command again".to_owned()
            }
            Self::Simulator(_) => {
                "start it with `backstay simulator serve`, or correct `simulator`".to_owned()
            }
            Self::World { path, source } => {
                let why = match source {
                    SavedWorldError::Format { .. } => {
                        "use the version of Backstay that wrote it, or move"
                    }
                    SavedWorldError::Json(_) => "move",
                };
                let file = path.display();
                format!(
                    "{why} this one file away (`mv {file} {file}.old`): the simulated cloud begins afresh; journals and proven releases stay"
                )
            }
            Self::Unsimulated { file, .. } => format!(
                "correct {file} where the message says; what the simulated cloud does not know is listed in docs/simulator.md"
            ),
            Self::Halted(Halted::Illegal(_)) => broken_journal(),
            Self::Journal(JournalError::Unsound { problem, .. }) => match problem {
                Problem::TooNew { .. } => {
                    "use the newest version of Backstay that works on this environment".to_owned()
                }
                _ => broken_journal(),
            },
            Self::Journal(JournalError::Missing(_) | JournalError::Exists(_)) => {
                format!("`backstay history {ENVIRONMENT}` shows the deployments that there are")
            }
            Self::File { .. } => READABLE.to_owned(),
            Self::NoEngine(_) => {
                "start Docker; or `--tasks process` runs local programs, `--tasks scripted` runs nothing".to_owned()
            }
            Self::Listening { .. } => "choose another --port, or 0 for any that is free".to_owned(),
            Self::Web(_) => {
                "choose another first port with --web-ports, `any` for ports that are free, or `off`"
                    .to_owned()
            }
            Self::Upstream(Unfurnished::Silent(_)) => {
                "start it first, or leave --forward out: --upstream alone is not asked before somebody needs it".to_owned()
            }
            Self::Upstream(Unfurnished::Refused { .. }) => {
                "make it there yourself, or leave that service out of --forward".to_owned()
            }
            Self::ServerState(error) => match error {
                StateError::Held { .. } => {
                    "stop the other server, or choose another --state".to_owned()
                }
                StateError::File { .. } => READABLE.to_owned(),
                StateError::World { path, .. } => {
                    let file = path.display();
                    format!(
                        "move this one file away (`mv {file} {file}.old`): that account and Region begin afresh"
                    )
                }
            },
            Self::Images(failure) => failure.hint(),
            Self::Defect(_) => {
                "report it with the command and its output; nothing has to be removed".to_owned()
            }
        })
    }
}

fn broken_journal() -> String {
    format!(
        "`backstay audit verify {ENVIRONMENT}` names everything that is wrong; a human must decide what is live before the next deployment"
    )
}

/// The deployment is half way, and nothing is wrong with it.
fn on_from_here(failure: &PortFailure, asked: Option<&Asked>) -> String {
    format!(
        "nothing is said of the release; {}, then `backstay resume --environment {ENVIRONMENT}` goes on from here (`--back`: to the old release)",
        put_right(failure, asked)
    )
}

/// What has to be put right before a registry beside ECR can be asked. Its host is in the name of the call.
fn at_registry(host: &str, kind: FailureKind) -> String {
    match kind {
        FailureKind::Denied | FailureKind::Unauthenticated => format!(
            "`docker login {host}` as somebody who may read it (logins are looked for in DOCKER_CONFIG, else ~/.docker), or correct `image`"
        ),
        FailureKind::Throttled | FailureKind::Conflict => format!(
            "wait a little, or as long as the message says; `docker login {host}` may give you a limit of your own"
        ),
        FailureKind::Unavailable => {
            format!(
                "look whether {host} can be reached from here, and whether it is the registry you mean"
            )
        }
        FailureKind::NotFound | FailureKind::Rejected => {
            "correct what the message names".to_owned()
        }
    }
}

/// What has to be put right before a failed call can succeed.
fn put_right(failure: &PortFailure, asked: Option<&Asked>) -> String {
    let registry = failure.operation.strip_prefix("registry.");
    if let Some((_, host)) = registry.and_then(|call| call.split_once(' ')) {
        return at_registry(host, failure.kind);
    }
    match failure.kind {
        FailureKind::Unauthenticated => match asked {
            Some(Asked { sources, .. }) => {
                let profile = match (&sources.profile, sources.keys) {
                    (Some(profile), false) => format!(" --profile {profile}"),
                    (Some(_), true) | (None, _) => String::new(),
                };
                format!(
                    "get credentials with which `aws sts get-caller-identity{profile}` succeeds (looked at first: {sources}; AWS_PROFILE chooses a profile, AWS_ACCESS_KEY_ID comes before it)"
                )
            }
            None => "get credentials that work".to_owned(),
        },
        FailureKind::Denied => match asked {
            Some(Asked { sources, .. }) => format!(
                "allow what the message names to whoever `aws sts get-caller-identity` says you are ({sources})"
            ),
            None => "allow what the message names".to_owned(),
        },
        FailureKind::NotFound | FailureKind::Rejected => {
            "correct what the message names".to_owned()
        }
        FailureKind::Throttled | FailureKind::Conflict => "wait a little".to_owned(),
        FailureKind::Unavailable => match asked {
            Some(Asked { region, .. }) => format!(
                "look whether the message's host can be reached from here, and whether `region = \"{region}\"` is what you mean"
            ),
            None => "wait a little".to_owned(),
        },
    }
}
