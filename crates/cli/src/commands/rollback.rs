//! `backstay rollback`: go back to a proven release, wherever the environment is now.

use std::path::Path;

use backstay_adapters::turn::{Further, Opened};
use backstay_domain::DeploymentId;
use backstay_domain::engine::Prepared;
use backstay_domain::journal::Outcome;
use backstay_domain::plan::SchemaRisk;
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::turn::{Errand, First};

use super::{carried_out, gone_on, nothing_to_do, told};
use crate::args::Rollback;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::{new_id, planned_back};
use crate::compose::find;
use crate::compose::project::Project;
use crate::compose::retreat::{Course, course, way};
use crate::compose::turn::{For, OurTurn, turn};
use crate::failure::Failure;
use crate::render::any::AnyReport;
use crate::render::json;
use crate::render::outcome::exit_code;
use crate::render::plan::plan_text;
use crate::shell::{Output, Shell};

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Rollback) -> Result<u8, Failure> {
    let project = Project::load(directory, &arguments.environment)?;
    let purpose = match arguments.dry_run {
        true => Purpose::Look,
        false => Purpose::Change {
            versions: None,
            speed: arguments.speed,
        },
    };
    let returning = Returning {
        shell,
        project: &project,
        arguments,
    };
    on_cloud(&project, purpose, returning)
}

/// `backstay rollback`, once its environment is open.
pub(crate) struct Returning<'a> {
    pub(crate) shell: &'a Shell,
    pub(crate) project: &'a Project,
    pub(crate) arguments: &'a Rollback,
}

impl Use for Returning<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        let deployment = new_id()?;
        if self.arguments.dry_run {
            let (Prepared { plan, .. }, course) = self.plan(deployment, opened).await?;
            let text = || format!("{course}\n\n{}", plan_text(&plan));
            self.shell.give(text, || json::plan(&plan));
            return Ok(0);
        }
        let what = For {
            deployment: deployment.clone(),
            doing: "rolling back".to_owned(),
            errand: Errand::RollBack,
            waits: &|_| {},
        };
        turn(opened, what, async |turn| {
            if let Some(code) = self.stop(turn).await? {
                return Ok(code);
            }
            let (prepared, course) = self.plan(deployment, opened).await?;
            if self.shell.output() == Output::Text {
                self.shell.note(&course.to_string());
            }
            let plan = &prepared.plan;
            if plan.is_empty() {
                return Ok(nothing_to_do(self.shell, opened, plan).await);
            }
            let reason = self.arguments.reason.as_deref();
            carried_out(self.shell, self.project, turn, prepared, reason).await
        })
        .await
    }
}

impl Returning<'_> {
    /// A deployment that is running, or was left, goes back first. That is all there is to do, unless it had arrived
    /// already or another release was asked for.
    async fn stop<C: Cloud, K: Clock>(
        &self,
        turn: &OurTurn<'_, C, K>,
    ) -> Result<Option<u8>, Failure> {
        let First::GoOn {
            deployment,
            direction,
            stuck,
        } = turn.first(Errand::RollBack).await?
        else {
            return Ok(None);
        };
        let further = Further {
            by: None,
            direction,
            reason: self.arguments.reason.clone(),
            stuck,
        };
        let went = gone_on(turn, &deployment, further, |plan| {
            self.shell.note(&format!(
                "{deployment} ({}) is stopped and taken back.",
                plan.release.version
            ));
            AnyReport::of(self.shell, plan)
        });
        let Some((resumed, took)) = went.await? else {
            return Ok(None);
        };
        // Whoever asked for just that has what was asked for.
        let code = match (&resumed.outcome, &self.arguments.to) {
            (Outcome::RolledBack { .. }, None) => 0,
            (outcome, _) => exit_code(outcome),
        };
        let end = json::End {
            took,
            rehearsed: None,
        };
        told(self.shell, &resumed.plan, &resumed.outcome, (&end, code));
        Ok(match (&resumed.outcome, &self.arguments.to) {
            (Outcome::Stuck { .. }, _) | (Outcome::RolledBack { .. }, None) => Some(code),
            (Outcome::RolledBack { .. }, Some(_)) | (Outcome::Live { .. }, _) => None,
        })
    }

    async fn plan<C: Cloud, K: Clock>(
        &self,
        deployment: DeploymentId,
        opened: Opened<'_, C, K>,
    ) -> Result<(Prepared, Course), Failure> {
        let ledger = opened.ledger();
        let read = ledger.entries().await;
        let entries = read.map_err(Failure::port("the proven releases cannot be read"))?;
        let risk = match self.arguments.accept_schema_risk {
            true => SchemaRisk::Accepted,
            false => SchemaRisk::Refused,
        };
        let world = (opened.cloud, &ledger, opened.clock);
        let target = match &self.arguments.to {
            Some(text) => find::proven(&entries, text)?,
            None => way(self.project, world, opened.store, &entries).await?,
        };
        let course = course(opened.store, &entries, target).await?;
        let to = (target, entries.as_slice());
        let prepared = planned_back(self.project, to, deployment, world, risk).await?;
        Ok((prepared, course))
    }
}
