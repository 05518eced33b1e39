//! `backstay deploy`: bring an environment to a release, or back, and prove it.

use std::path::Path;

use backstay_adapters::turn::{Further, Opened, Patience, Resumed, Stuck};
use backstay_domain::Version;
use backstay_domain::journal::Outcome;
use backstay_domain::lease::Manner;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::status::status;

use super::status::proofs_hold;
use super::{carried_out, ended, note_checkout, older, schema_risk, source};
use crate::args::Deploy;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::{Asked, new_id, planned};
use crate::compose::project::Project;
use crate::compose::turn::{For, OurTurn, turn};
use crate::failure::Failure;
use crate::render::any::AnyReport;
use crate::render::json;
use crate::render::status::status_text;
use crate::shell::{Output, Shell};

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Deploy) -> Result<u8, Failure> {
    let project = Project::load(directory, &arguments.environment)?;
    let version = project.version(arguments.version.as_deref())?;
    note_checkout(shell, &project);
    let purpose = Purpose::Change {
        version: Some(&version),
        speed: arguments.speed,
    };
    let deploying = Deploying {
        shell,
        project: &project,
        version: &version,
        arguments,
    };
    on_cloud(&project, purpose, deploying)
}

struct Deploying<'a> {
    shell: &'a Shell,
    project: &'a Project,
    version: &'a Version,
    arguments: &'a Deploy,
}

impl Use for Deploying<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        let deployment = new_id()?;
        let what = For {
            deployment: deployment.clone(),
            doing: format!("deploying {}", self.version),
            manner: Manner::Patient,
            patience: Patience::None,
        };
        turn(opened, what, async |turn| {
            if let Some(resumed) = self.settle(turn).await? {
                let code = ended(self.shell, &resumed.plan, &resumed.outcome, None);
                if matches!(resumed.outcome, Outcome::Stuck { .. }) {
                    return Ok(code);
                }
            }
            let asked = Asked {
                project: self.project,
                version: self.version,
                older: older(self.arguments.allow_older),
                schema_risk: schema_risk(self.arguments.accept_schema_risk),
                source: source(self.arguments.allow_dirty),
            };
            let ports = (opened.cloud, &opened.ledger(), opened.clock);
            let prepared = planned(asked, deployment, ports).await?;
            if prepared.plan.is_empty() {
                return Ok(self.nothing_to_do(opened, &prepared.plan).await);
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
            reason: Some(format!("{} is to be deployed", self.version)),
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

    /// The release is live already; that is proven rather than believed.
    async fn nothing_to_do<C: Cloud, K: Clock>(&self, opened: Opened<'_, C, K>, plan: &Plan) -> u8 {
        let proofs = status(opened.cloud, opened.clock, plan).await;
        let code = if proofs_hold(&proofs) { 0 } else { 5 };
        self.shell.give(
            || status_text(plan, &proofs),
            || json::nothing_to_do(plan, &proofs, code),
        );
        if code == 0 && self.shell.output() == Output::Text {
            self.shell
                .note("There is nothing to do: this release is live already.");
        }
        code
    }
}
