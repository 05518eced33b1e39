//! What people do after the deployment of a scenario: each is one command, after a while, with what goes wrong from then on.

use std::collections::BTreeMap;

use backstay_domain::app::Resume;
use backstay_domain::versions::Versions;
use backstay_domain::{FrontendName, Version};
use backstay_simulator::{Cloud, Fault, Picture};
use jiff::SignedDuration;

use super::desk::{Command, Desk, Risk, Said};
use super::written::Then;
use crate::compose::embedded::push;
use crate::compose::project::Project;
use crate::compose::versions::image;
use crate::failure::Failure;

/// One command, to be played.
#[derive(Clone, Debug)]
pub struct Step {
    command: Command,
    after: SignedDuration,
    faults: Vec<Fault>,
    repaired: bool,
}

/// What came of one.
#[derive(Debug)]
pub struct PlayedThen {
    /// What it said; or why it could not be played.
    pub said: Result<Said, Failure>,
    /// Calls that it sent, by operation.
    pub calls: BTreeMap<String, u64>,
    /// What is live then.
    pub picture: Picture,
    /// Each frontend's entry page in its bucket.
    pub entry_pages: BTreeMap<FrontendName, String>,
    /// The version that the ledger calls proven last.
    pub recorded: Option<Version>,
}

impl PlayedThen {
    /// One that could not be played.
    pub(super) fn broken(failure: Failure) -> Self {
        Self {
            said: Err(failure),
            calls: BTreeMap::new(),
            picture: Picture {
                services: BTreeMap::new(),
                databases: BTreeMap::new(),
                schedules: BTreeMap::new(),
            },
            entry_pages: BTreeMap::new(),
            recorded: None,
        }
    }
}

impl Step {
    /// The step that is written.
    ///
    /// # Errors
    /// When a word of it is unknown.
    pub(super) fn of(then: &Then, project: &Project) -> Result<Self, Failure> {
        let wrong = |what: String| {
            Failure::usage(
                what,
                "[[then]] has one of deploy = \"VERSION\", rollback = \"last\" or \"RELEASE\", resume = \"\", \"forward\" or \"back\"",
            )
        };
        let command = match (&then.deploy, &then.rollback, &then.resume) {
            (Some(version), None, None) => {
                let parsed =
                    |text: &str| Version::parse(text).map_err(|error| wrong(error.to_string()));
                let images = then.images.iter();
                let own = images.map(|(name, version)| {
                    Ok((image(&project.configured.app, name)?, parsed(version)?))
                });
                let versions = Versions {
                    release: parsed(version)?,
                    own: own.collect::<Result<_, Failure>>()?,
                    missing: then.missing,
                };
                match versions == Versions::same(versions.release.clone()) {
                    true => Command::Deploy(versions.release),
                    false => Command::DeployMixed(Box::new(versions)),
                }
            }
            (None, Some(to), None) => Command::Rollback {
                to: (to != "last").then(|| to.clone()),
                risk: match then.accept_schema_risk {
                    true => Risk::Accepted,
                    false => Risk::Refused,
                },
            },
            (None, None, Some(direction)) => Command::Resume(match direction.as_str() {
                "" => None,
                "forward" => Some(Resume::Forward),
                "back" => Some(Resume::Back),
                other => return Err(wrong(format!("resume = {other:?}"))),
            }),
            _ => return Err(wrong("what is done then is not one command".to_owned())),
        };
        let after = then.after.as_deref().unwrap_or("0s");
        let faults = then
            .faults
            .iter()
            .map(|fault| fault.fault(&project.configured));
        Ok(Self {
            command,
            after: after
                .parse()
                .map_err(|error| wrong(format!("after = {after:?}: {error}")))?,
            faults: faults
                .collect::<Result<_, _>>()
                .map_err(|error| Failure::usage(error.message, error.hint))?,
            repaired: then.repaired,
        })
    }

    pub(super) async fn play(
        &self,
        desk: &Desk,
        cloud: &Cloud,
        project: &Project,
    ) -> Result<Said, Failure> {
        cloud.time().sleep(self.after.unsigned_abs()).await;
        cloud.with_world(|world| {
            if self.repaired {
                world.clear_faults();
            }
            match &self.command {
                Command::Deploy(version) => {
                    push(world, project, &Versions::same(version.clone()));
                }
                Command::DeployMixed(versions) => push(world, project, versions),
                Command::Rollback { .. } | Command::Resume(_) => {}
            }
            for fault in &self.faults {
                world.add_fault(fault.clone());
            }
        });
        desk.run(project, &self.command).await
    }

    /// As it is typed.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.command {
            Command::Deploy(version) => format!("deploy --version {version}"),
            Command::DeployMixed(versions) => {
                let own = versions.own.iter();
                let own: String = own
                    .map(|(name, one)| format!(" --image {name}={one}"))
                    .collect();
                format!("deploy --version {}{own}", versions.release)
            }
            Command::Rollback { to, risk } => {
                let to = to
                    .as_ref()
                    .map_or(String::new(), |to| format!(" --to {to}"));
                let risk = match risk {
                    Risk::Accepted => " --accept-schema-risk",
                    Risk::Refused => "",
                };
                format!("rollback{to}{risk}")
            }
            Command::Resume(direction) => match direction {
                None => "resume".to_owned(),
                Some(Resume::Forward) => "resume --forward".to_owned(),
                Some(Resume::Back) => "resume --back".to_owned(),
            },
        }
    }
}
