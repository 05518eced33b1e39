//! `backstay resume`: go on with a deployment that was interrupted, or that is stuck.

use std::path::Path;

use backstay_adapters::state::journal::{self, JournalError, Matching};
use backstay_adapters::turn::{Further, Opened, Patience, Stuck, last_stuck, standing};
use backstay_domain::DeploymentId;
use backstay_domain::app;
use backstay_domain::lease::{Held, Manner};
use backstay_domain::ports::{Clock, Cloud};

use super::ended;
use crate::args::Resume;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::new_id;
use crate::compose::find::{self, Place};
use crate::compose::project::{Project, environments};
use crate::compose::turn::{For, turn};
use crate::failure::Failure;
use crate::render::any::AnyReport;
use crate::render::json;
use crate::shell::Shell;

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Resume) -> Result<u8, Failure> {
    let Some(environment) = environment(directory, arguments)? else {
        return Ok(nothing_to_resume(shell, None));
    };
    let project = Project::load(directory, &environment)?;
    let purpose = Purpose::Change {
        version: None,
        speed: arguments.speed,
    };
    let resuming = Resuming {
        shell,
        project: &project,
        arguments,
    };
    on_cloud(&project, purpose, resuming)
}

/// The environment asked for, the only one, or the one that has something to resume.
fn environment(directory: &Path, arguments: &Resume) -> Result<Option<String>, Failure> {
    if let Some(environment) = &arguments.environment {
        return Ok(Some(environment.clone()));
    }
    let mut all = environments(directory)?;
    if all.len() == 1 {
        return Ok(all.pop());
    }
    let mut found = Vec::new();
    for name in &all {
        let project = Project::load(directory, name)?;
        let asking = Asking {
            deployment: arguments.deployment.as_deref(),
        };
        if project.may_have_state() && on_cloud(&project, Purpose::Look, asking)? {
            found.push(name.clone());
        }
    }
    let hint = format!(
        "name the environment with --environment: {}",
        all.join(", ")
    );
    match found.as_slice() {
        [_] => Ok(found.pop()),
        [] if arguments.deployment.is_none() => Ok(None),
        [] => Err(Failure::usage("no environment has this deployment", hint)),
        many => Err(Failure::usage(
            format!("{} have a deployment to resume", many.join(" and ")),
            hint,
        )),
    }
}

/// Whether an environment has the deployment asked for, or one to resume.
struct Asking<'a> {
    deployment: Option<&'a str>,
}

impl Use for Asking<'_> {
    type Gives = bool;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<bool, Failure> {
        if let Some(text) = self.deployment {
            let found = journal::find_by_prefix(opened.store, text).await;
            let found = found.map_err(JournalError::Port)?;
            return Ok(!matches!(found, Matching::None));
        }
        Ok(standing(opened.store).await?.open.is_some())
    }
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
        let what = For {
            deployment: asked.clone().map_or_else(new_id, Ok)?,
            doing: "resuming".to_owned(),
            manner: Manner::Patient,
            patience: Patience::UntilExpired(&waits),
        };
        turn(opened, what, async |turn| {
            let unfinished = turn.unfinished().await?;
            let deployment = match (asked, unfinished) {
                (Some(asked), Some(unfinished)) if asked != unfinished => {
                    return Err(Failure::Unfinished(unfinished));
                }
                (Some(asked), _) => Some(asked),
                (None, Some(unfinished)) => Some(unfinished),
                (None, None) => last_stuck(opened.store).await?.map(|open| open.deployment),
            };
            let Some(deployment) = deployment else {
                return Ok(nothing_to_resume(self.shell, None));
            };
            let began = opened.clock.now();
            let further = Further {
                by: opened.cloud.caller().await.ok(),
                direction: self.direction(),
                reason: self.arguments.reason.clone(),
                stuck: Stuck::Again,
            };
            let resumed = turn
                .resume(&deployment, further, |plan| AnyReport::of(self.shell, plan))
                .await?;
            let Some(resumed) = resumed else {
                return Ok(nothing_to_resume(self.shell, Some(&deployment)));
            };
            let took = opened.clock.now().duration_since(began);
            let (plan, outcome) = (&resumed.plan, &resumed.outcome);
            Ok(ended(self.shell, plan, outcome, Some(took)))
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
