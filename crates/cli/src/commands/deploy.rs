//! `backstay deploy`: bring an environment to a release, or back, and prove it.

use std::path::Path;

use backstay_adapters::turn::{Further, Opened, Resumed};
use backstay_domain::journal::Outcome;
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::turn::{Errand, Stuck};
use backstay_domain::versions::Versions;

use super::{carried_out, ended, note_checkout, nothing_to_do, ours, waiting};
use crate::args::Deploy;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::{Asked, new_id, planned};
use crate::compose::project::Project;
use crate::compose::turn::{For, OurTurn, turn};
use crate::failure::Failure;
use crate::render::any::AnyReport;
use crate::shell::Shell;

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Deploy) -> Result<u8, Failure> {
    let project = Project::load(directory, &arguments.environment)?;
    let versions = project.versions(&arguments.built)?;
    note_checkout(shell, &project);
    let purpose = Purpose::Change {
        versions: Some(&versions),
        speed: arguments.speed,
    };
    let deploying = Deploying {
        shell,
        project: &project,
        versions: &versions,
        arguments,
    };
    on_cloud(&project, purpose, deploying)
}

struct Deploying<'a> {
    shell: &'a Shell,
    project: &'a Project,
    versions: &'a Versions,
    arguments: &'a Deploy,
}

impl Use for Deploying<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        let deployment = new_id()?;
        let what = For {
            deployment: deployment.clone(),
            doing: format!("deploying {}", self.versions.release),
            errand: Errand::Deploy,
            waits: &|_| {},
        };
        turn(opened, what, async |turn| {
            if let Some(resumed) = self.settle(turn).await? {
                let code = ended(self.shell, &resumed.plan, &resumed.outcome, None);
                if matches!(resumed.outcome, Outcome::Stuck { .. }) {
                    return Ok(code);
                }
            }
            let ours = ours(opened).await?;
            let asked = Asked {
                ours: ours.as_ref(),
                waiting: &waiting(self.shell),
                ..Asked::permitted(self.project, self.versions, &self.arguments.permits)
            };
            let ports = (opened.cloud, &opened.ledger(), opened.clock);
            let prepared = planned(asked, deployment, ports).await?;
            if prepared.plan.is_empty() {
                return Ok(nothing_to_do(self.shell, opened, &prepared.plan).await);
            }
            let reason = self.arguments.reason.as_deref();
            carried_out(self.shell, self.project, turn, prepared, reason).await
        })
        .await
    }
}

impl Deploying<'_> {
    /// What an earlier process left is brought to its end first.
    async fn settle<C: Cloud, K: Clock>(
        &self,
        turn: &OurTurn<'_, C, K>,
    ) -> Result<Option<Resumed>, Failure> {
        let further = Further {
            by: None,
            direction: None,
            reason: Some(format!("{} is to be deployed", self.versions.release)),
            stuck: Stuck::Stays,
        };
        let settled = turn.settle(further, |plan| {
            self.shell.note(&format!(
                "{} ({}) was left unfinished; it is brought to its end first.",
                plan.deployment, plan.release.version
            ));
            AnyReport::of(self.shell, plan)
        });
        Ok(settled.await?)
    }
}
