//! `backstay resume`: go on with a deployment that was interrupted, or that is stuck.

use std::path::Path;

use backstay_adapters::turn::{Further, Opened, last_stuck};
use backstay_domain::DeploymentId;
use backstay_domain::app;
use backstay_domain::lease::Held;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::turn::{Errand, First, Stuck};

use super::{ended, gone_on};
use crate::args::Resume;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::new_id;
use crate::compose::find::{self, Place};
use crate::compose::project::Project;
use crate::compose::turn::{For, turn};
use crate::compose::waiting::waiting;
use crate::failure::Failure;
use crate::render::any::AnyReport;
use crate::render::json;
use crate::shell::Shell;

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Resume) -> Result<u8, Failure> {
    let environment = match &arguments.environment {
        Some(environment) => Some(environment.clone()),
        None => waiting(directory, arguments.deployment.as_deref())?,
    };
    let Some(environment) = environment else {
        return Ok(nothing_to_resume(shell, None));
    };
    let project = Project::load(directory, &environment)?;
    let purpose = Purpose::Change {
        versions: None,
        speed: arguments.speed,
    };
    let resuming = Resuming {
        shell,
        project: &project,
        arguments,
    };
    on_cloud(&project, purpose, resuming)
}

/// `backstay resume`, once its environment is open.
pub(crate) struct Resuming<'a> {
    pub(crate) shell: &'a Shell,
    pub(crate) project: &'a Project,
    pub(crate) arguments: &'a Resume,
}

impl Use for Resuming<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<u8, Failure> {
        let asked = match &self.arguments.deployment {
            Some(text) => {
                let (project, store) = (self.project.clone(), opened.store.clone());
                let (_, id) = find::deployment(vec![Place { project, store }], text).await?;
                Some(id)
            }
            None => None,
        };
        let waits = |held: &Held| {
            self.shell.note(&format!(
                "{held}. If its process is gone, its lease expires in {} s: waiting.",
                held.expires_in.as_secs() + 1
            ));
        };
        let errand = Errand::Resume(asked.as_ref());
        let what = For {
            deployment: asked.clone().map_or_else(new_id, Ok)?,
            doing: "resuming".to_owned(),
            errand,
            waits: &waits,
        };
        turn(opened, what, async |turn| {
            let deployment = match turn.first(errand).await? {
                First::Refuse(unfinished) => return Err(Failure::Unfinished(unfinished)),
                First::GoOn { deployment, .. } => Some(deployment),
                First::GoOnWithStuck | First::Nothing | First::Note(_) => {
                    last_stuck(opened.store).await?.map(|open| open.deployment)
                }
            };
            let Some(deployment) = deployment else {
                return Ok(nothing_to_resume(self.shell, None));
            };
            let further = Further {
                by: None,
                direction: self.direction(),
                reason: self.arguments.reason.clone(),
                stuck: Stuck::Again,
            };
            let report = |plan: &Plan| AnyReport::of(self.shell, plan);
            let went = gone_on(turn, &deployment, further, report).await?;
            Ok(match went {
                Some((resumed, took)) => {
                    ended(self.shell, &resumed.plan, &resumed.outcome, Some(took))
                }
                None => nothing_to_resume(self.shell, Some(&deployment)),
            })
        })
        .await
    }
}

impl Resuming<'_> {
    fn direction(&self) -> Option<app::Resume> {
        match (self.arguments.forward, self.arguments.back) {
            (true, _) => Some(app::Resume::Forward),
            (false, true) => Some(app::Resume::Back),
            (false, false) => None,
        }
    }
}

fn nothing_to_resume(shell: &Shell, deployment: Option<&DeploymentId>) -> u8 {
    let words = match deployment {
        Some(deployment) => format!("There is nothing to resume: {deployment} has ended."),
        None => "There is nothing to resume: no deployment is unfinished or stuck.".to_owned(),
    };
    shell.give(|| words.clone(), || json::nothing_to_resume(&words));
    0
}
