//! Every command and option that a hint names exists, and every reason has a hint.

use backstay_adapters::turn::Waits;
use backstay_domain::journal::Stuck;
use backstay_domain::plan::Refusal;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use backstay_domain::survey::Bounds;
use backstay_domain::verdict::{Component, Witness, WitnessKind};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::build::{digest, name, ok};
use super::status::report;
use crate::args::Cli;

fn refusals() -> Vec<Refusal> {
    let failure = |kind| PortFailure {
        kind,
        effect: Effect::None,
        operation: "ecs.ListTasks".to_owned(),
        message: "no".to_owned(),
    };
    let unheard = |kind| Refusal::Unheard {
        components: vec![Component::Frontend(Default::default())],
        witness: WitnessKind::Edge,
        failure: failure(kind),
    };
    let (web, version) = (name("web"), || ok("2f9c1e7".parse()));
    vec![
        Refusal::ServiceMissing {
            service: web.clone(),
            cluster_name: "web".to_owned(),
            cluster: "main".to_owned(),
        },
        Refusal::ServiceInactive(web.clone()),
        Refusal::ForeignController(web.clone(), "EXTERNAL".to_owned()),
        Refusal::StuckBounds {
            service: web.clone(),
            desired: 1,
            bounds: Bounds {
                minimum_healthy_percent: 100,
                maximum_percent: 100,
            },
        },
        Refusal::AlreadyRollingOut(web.clone()),
        Refusal::ImageMissing {
            repository: ok("shop/web".parse()),
            version: version(),
            environment: ok("staging".parse()),
        },
        Refusal::WrongPlatform {
            service: "web".to_owned(),
            built: vec!["linux/arm64".to_owned()],
            wanted: "linux/amd64".to_owned(),
        },
        Refusal::RollbackImageExpired {
            service: web.clone(),
            digest: digest('a'),
        },
        Refusal::RollbackDefinitionInactive(web.clone()),
        Refusal::Irreversible,
        Refusal::OlderCommit {
            version: version(),
            live: version(),
        },
        Refusal::TargetImageExpired {
            service: "web".to_owned(),
            version: version(),
            digest: digest('a'),
        },
        Refusal::TargetFilesMissing {
            version: version(),
            count: 2,
            first: "app.js".to_owned(),
        },
        Refusal::OwnRollout {
            service: web.clone(),
            deployment: ok("d-7f3a".parse()),
            version: version(),
        },
        unheard(FailureKind::Denied),
        unheard(FailureKind::Unavailable),
        Refusal::Unproven {
            component: Component::Service(web),
            witness: Witness::silent(WitnessKind::Probe, "503"),
        },
        Refusal::CheckUnreached {
            name: "login".to_owned(),
            address: "https://shop.test/login".to_owned(),
            how: "no connection".to_owned(),
        },
        Refusal::SchemaInTheWay {
            version: version(),
            since: version(),
            why: "no way down".to_owned(),
        },
    ]
}

/// Everything between backticks.
fn named(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn is_known(words: &str) -> Result<(), String> {
    if let Some(option) = words.strip_prefix("--") {
        let option = option.split([' ', '=']).next().unwrap_or_default();
        let command = Cli::command();
        let mut all = command
            .get_subcommands()
            .flat_map(clap::Command::get_arguments);
        return match all.any(|known| known.get_long() == Some(option)) {
            true => Ok(()),
            false => Err(format!("no command has --{option}")),
        };
    }
    if !words.starts_with("backstay ") {
        return Ok(());
    }
    match Cli::try_parse_from(words.split_whitespace()) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            // Hints leave out what the reader knows.
            ErrorKind::MissingRequiredArgument
            | ErrorKind::InvalidValue
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Ok(()),
            _ => Err(error.to_string()),
        },
    }
}

#[test]
fn every_command_that_a_hint_names_exists() {
    let mut hints: Vec<String> = refusals().iter().map(Refusal::hint).collect();
    for waits in [
        Waits::Running,
        Waits::Unfinished,
        Waits::Stuck(Stuck::Schema),
        Waits::Stuck(Stuck::SchemaLowered),
        Waits::Stuck(Stuck::SchemaUnknown),
    ] {
        let report = report(Some(waits));
        let (_, ways) = report.open().unwrap_or_else(|| panic!("it is open"));
        assert!(!ways.is_empty());
        hints.extend(ways);
    }
    for hint in &hints {
        assert!(!hint.is_empty());
        for words in named(hint) {
            assert_eq!(is_known(words), Ok(()), "{hint}");
        }
    }
    assert!(is_known("--no-such-option").is_err());
    assert!(is_known("backstay undo staging").is_err());
}
