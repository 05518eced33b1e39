//! Every failure with its exit code and its hint: one row each, and the compiler asks for a row of whatever is added.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use backstay_adapters::aws::Sources;
use backstay_adapters::context::ContextError;
use backstay_adapters::docker::{DockerError, Task, Trouble};
use backstay_adapters::files::BuildError;
use backstay_adapters::https::TlsUnavailable;
use backstay_adapters::state::journal::{JournalError, Problem};
use backstay_adapters::state::lease::{LeaseError, Lost};
use backstay_domain::DeploymentId;
use backstay_domain::decide::Away;
use backstay_domain::engine::Halted;
use backstay_domain::lease::{Held, Holder};
use backstay_domain::plan::Refusals;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use backstay_domain::progress::{IllegalEvent, Progress};
use backstay_simulator::server::{NoEngine, StateError, Unfurnished, WebError};
use backstay_simulator::{ProvisionError, SavedWorldError};
use insta::assert_snapshot;

use super::{Asked, Failure, ImagesFailure};

fn call(kind: FailureKind) -> PortFailure {
    PortFailure {
        kind,
        effect: Effect::None,
        operation: "ecs.DescribeServices".to_owned(),
        message: kind.to_string(),
    }
}

const KINDS: [FailureKind; 7] = [
    FailureKind::Throttled,
    FailureKind::Denied,
    FailureKind::Unauthenticated,
    FailureKind::NotFound,
    FailureKind::Conflict,
    FailureKind::Unavailable,
    FailureKind::Rejected,
];

fn deployment() -> DeploymentId {
    DeploymentId::parse("d-7f3a").unwrap()
}

fn io() -> std::io::Error {
    std::io::Error::from(std::io::ErrorKind::PermissionDenied)
}

fn json() -> serde_json::Error {
    serde_json::from_str::<u32>("{").unwrap_err()
}

fn held() -> Held {
    Held {
        holder: Box::new(Holder {
            operator: backstay_domain::operator::Operator::default(),
            since: "2026-01-05T09:00:00Z".parse().unwrap(),
            deployment: deployment(),
            doing: "deploying 2f9c1e7".to_owned(),
        }),
        age: Duration::from_secs(19),
        expires_in: Duration::from_secs(41),
    }
}

fn illegal() -> IllegalEvent {
    let record = backstay_domain::journal::Record {
        sequence: 7,
        at: "2026-01-05T09:00:00Z".parse().unwrap(),
        deployment: deployment(),
        event: backstay_domain::journal::Event::Interrupted {
            signal: "SIGINT".to_owned(),
            then: backstay_domain::app::OnInterrupt::Leave,
        },
    };
    Progress::default().apply(&record).unwrap_err()
}

fn unsound(problem: Problem) -> Failure {
    Failure::Journal(JournalError::Unsound {
        deployment: deployment(),
        problem,
    })
}

fn asked(profile: Option<&str>) -> Asked {
    Asked {
        sources: Sources {
            profile: profile.map(str::to_owned),
            ..Sources::default()
        },
        region: "sa-east-1".to_owned(),
    }
}

/// What docker can fail at, with whatever may be the reason.
fn images() -> Vec<Failure> {
    let failed = |task: Task, trouble| DockerError::Failed {
        task,
        trouble,
        said: vec!["no".to_owned()],
    };
    let image = |error| ImagesFailure::Image {
        image: "shop/web".to_owned(),
        error,
    };
    let push = || Task::Push("ghcr.io/shop/web:v1".to_owned());
    let mut all = vec![
        ImagesFailure::refused("shop/web is immutable", "leave `latest` out"),
        ImagesFailure::Docker(DockerError::Absent),
        ImagesFailure::Docker(DockerError::Started(io())),
        ImagesFailure::Docker(DockerError::Configuration(io())),
        ImagesFailure::Docker(failed(Task::Ask, Trouble::NoEngine)),
        ImagesFailure::Docker(failed(Task::Ask, Trouble::Other)),
        ImagesFailure::Docker(failed(
            Task::LogIn("1.dkr.ecr.eu-west-1.amazonaws.com".to_owned()),
            Trouble::Login,
        )),
        image(DockerError::Unsaid("shop/web:v1".to_owned())),
        image(failed(Task::Build, Trouble::Other)),
        image(failed(Task::Build, Trouble::Login)),
        image(failed(Task::Build, Trouble::Denied)),
        image(failed(Task::Pull("ghcr.io/a@b".to_owned()), Trouble::Other)),
        image(failed(Task::Tag("a:b".to_owned()), Trouble::Other)),
        ImagesFailure::Context {
            image: "shop/web".to_owned(),
            source: ContextError {
                path: "x".into(),
                source: io(),
            },
        },
        ImagesFailure::Stopped("SIGINT".to_owned()),
    ];
    all.extend(Trouble::ALL.map(|trouble| image(failed(push(), trouble))));
    all.into_iter().map(Failure::from).collect()
}

/// At least one of every variant.
fn every() -> Vec<Failure> {
    let mut all = vec![
        Failure::usage("no such thing", "name another one"),
        Failure::Refused(Refusals(vec![])),
        Failure::Build(BuildError::Changed("index.html".into())),
        Failure::Held {
            holder: "it holds cloud.lock".to_owned(),
        },
        Failure::Lease(LeaseError::Held(held())),
        Failure::Lease(LeaseError::Lost(Lost {
            fence: 3,
            now: None,
        })),
        Failure::Lease(LeaseError::Port(call(FailureKind::Denied))),
        Failure::Unfinished(deployment()),
        Failure::Left("SIGINT".to_owned()),
        Failure::Tls(TlsUnavailable("no usable TLS protocol version".to_owned())),
        Failure::World {
            path: ".backstay/staging/cloud.json".into(),
            source: SavedWorldError::Format { found: 1 },
        },
        Failure::World {
            path: ".backstay/staging/cloud.json".into(),
            source: SavedWorldError::Json(json()),
        },
        Failure::Unsimulated {
            file: "services/web.json".to_owned(),
            source: ProvisionError::Invalid("no".to_owned()),
        },
        Failure::File {
            path: "x".into(),
            source: io(),
        },
        Failure::Listening {
            address: ([127, 0, 0, 1], 80).into(),
            source: io(),
        },
        Failure::Web(WebError {
            address: ([127, 0, 0, 1], 8080).into(),
            name: "load balancer front HTTPS:443".to_owned(),
            source: io(),
        }),
        Failure::Upstream(Unfurnished::Silent(
            "the upstream gives no reply".to_owned(),
        )),
        Failure::Upstream(Unfurnished::Refused {
            what: "bucket b".to_owned(),
            status: 400,
            reason: "InvalidBucketName".to_owned(),
        }),
        Failure::NoEngine(NoEngine::because("docker does not run")),
        Failure::ServerState(StateError::Held { path: "s".into() }),
        Failure::ServerState(StateError::File {
            path: "s".into(),
            source: io(),
        }),
        Failure::ServerState(StateError::World {
            path: "s/1.json".into(),
            source: SavedWorldError::Json(json()),
        }),
        Failure::defect("impossible"),
        Failure::Journal(JournalError::Missing(deployment())),
        Failure::Journal(JournalError::Exists(deployment())),
        Failure::Journal(JournalError::Port(call(FailureKind::Unavailable))),
        unsound(Problem::TooNew {
            record: 0,
            what: "format 9".to_owned(),
        }),
        unsound(Problem::Changed { record: 3 }),
        Failure::Halted(Halted::Lost(call(FailureKind::Conflict))),
        Failure::Halted(Halted::Interrupted("SIGTERM".to_owned())),
        Failure::Halted(Halted::Illegal(illegal())),
        Failure::Halted(Halted::Journal(call(FailureKind::Denied))),
        Failure::Halted(Halted::Schema(call(FailureKind::Denied))),
        Failure::Halted(Halted::Away(Away::Unauthenticated(call(
            FailureKind::Unauthenticated,
        )))),
        Failure::Halted(Halted::Away(Away::Unanswered(call(
            FailureKind::Unavailable,
        )))),
    ];
    let problems = backstay_config::load("backstay.toml", "app = 1", "staging", &|_: &str| {
        Err(backstay_config::FileProblem::Missing)
    });
    all.push(Failure::Config(problems.unwrap_err()));
    for kind in KINDS {
        let failed = || Failure::Port {
            what: "the environment could not be looked at".to_owned(),
            source: call(kind),
        };
        all.push(failed());
        all.push(failed().on_aws(asked(Some("deployer"))));
    }
    for kind in KINDS {
        all.push(Failure::Port {
            what: "the images could not be looked up".to_owned(),
            source: PortFailure {
                operation: "registry.GetManifest ghcr.io".to_owned(),
                ..call(kind)
            },
        });
    }
    all.extend(images());
    all.push(
        Failure::Halted(Halted::Away(Away::Unauthenticated(call(
            FailureKind::Unauthenticated,
        ))))
        .on_aws(asked(None)),
    );
    all
}

/// The variant's name. A new one does not compile until it has a row in [`every`].
fn name(failure: &Failure) -> &'static str {
    match failure {
        Failure::Usage { .. } => "Usage",
        Failure::Config(_) => "Config",
        Failure::Refused(_) => "Refused",
        Failure::Build(_) => "Build",
        Failure::Port { .. } => "Port",
        Failure::Journal(_) => "Journal",
        Failure::Halted(_) => "Halted",
        Failure::Held { .. } => "Held",
        Failure::Lease(_) => "Lease",
        Failure::Unfinished(_) => "Unfinished",
        Failure::Left(_) => "Left",
        Failure::OnAws { .. } => "OnAws",
        Failure::Tls(_) => "Tls",
        Failure::Simulator(_) => "Simulator",
        Failure::World { .. } => "World",
        Failure::Unsimulated { .. } => "Unsimulated",
        Failure::File { .. } => "File",
        Failure::Listening { .. } => "Listening",
        Failure::Web(_) => "Web",
        Failure::ServerState(_) => "ServerState",
        Failure::Upstream(_) => "Upstream",
        Failure::NoEngine(_) => "NoEngine",
        Failure::Images(_) => "Images",
        Failure::Defect(_) => "Defect",
    }
}

#[test]
fn every_failure_has_a_code_and_a_hint() {
    let rows = every().into_iter().map(|failure| {
        let hint = failure.hint_in(Some("staging"));
        format!(
            "{} {} | {failure} | {}\n",
            failure.exit_code(),
            name(&failure),
            hint.as_deref().unwrap_or("-")
        )
    });
    assert_snapshot!(rows.collect::<String>());
}

#[test]
fn no_hint_can_lose_anything() {
    for failure in every() {
        let hint = failure.hint().unwrap_or_default();
        for word in ["remove the", "remove .", "delete", "rm ", "--force"] {
            assert!(!hint.contains(word), "{failure:?}: {hint}");
        }
    }
}

/// Every command that a hint names is one, with arguments that it takes. That following it works is tested where the failure is
/// played: `tests/binary/{away,hints,interrupted,racing}.rs`.
#[test]
fn commands_in_hints_are_commands() {
    use clap::Parser as _;
    let mut named = BTreeSet::new();
    for failure in every() {
        let hint = failure.hint_in(Some("staging")).unwrap_or_default();
        for command in hint.split('`').filter(|part| part.starts_with("backstay ")) {
            let parsed = crate::args::Cli::try_parse_from(command.split_whitespace());
            assert!(parsed.is_ok(), "{failure:?}: {command}");
            named.insert(command.to_owned());
        }
    }
    let named: Vec<String> = named.into_iter().collect();
    assert_eq!(
        named,
        [
            "backstay audit verify staging",
            "backstay history staging",
            "backstay resume --environment staging",
            "backstay resume d-7f3a",
            "backstay rollback staging",
            "backstay status staging",
            "backstay unlock staging d-7f3a",
        ]
    );
}

#[test]
fn a_simulator_that_is_not_there() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let nowhere = "http://127.0.0.1:1";
    let asked = backstay_adapters::simulator::RemoteSimulator::connect(nowhere);
    let failure = Failure::from(runtime.block_on(asked).unwrap_err());
    assert_eq!((failure.exit_code(), name(&failure)), (3, "Simulator"));
    assert!(failure.hint().unwrap().contains("backstay simulator serve"));
}

#[test]
fn paths_in_hints_are_those_of_the_failure() {
    let path = PathBuf::from("/tmp/app/.backstay/staging/cloud.json");
    let failure = Failure::World {
        path: path.clone(),
        source: SavedWorldError::Format { found: 1 },
    };
    let moved = format!("`mv {0} {0}.old`", path.display());
    assert!(failure.hint().unwrap().contains(&moved));
}
