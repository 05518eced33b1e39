//! `backstay resume`: go on with a deployment that was interrupted, or that is stuck.

use std::path::Path;

use backstay_adapters::state::AnyStore;
use backstay_adapters::state::journal::{self, JournalError, Matching};
use backstay_adapters::state::lease::{LeaseError, LeaseKeeper};
use backstay_domain::DeploymentId;
use backstay_domain::app;
use backstay_domain::journal::{Event, Outcome};
use backstay_domain::lease::Manner;
use backstay_domain::ports::{Clock, Cloud};

use super::ended;
use crate::args::Resume;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::new_id;
use crate::compose::operator::operator;
use crate::compose::project::{Project, environments};
use crate::compose::signals::Signals;
use crate::compose::turn::{Aim, Further, Patience, Stuck, turn};
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
    on_cloud(&project, purpose, Resuming { shell, arguments })
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

    async fn with<C: Cloud, K: Clock>(
        self,
        _: &C,
        _: &K,
        store: &AnyStore,
    ) -> Result<bool, Failure> {
        if let Some(text) = self.deployment {
            let found = journal::find_by_prefix(store, text)
                .await
                .map_err(JournalError::Port)?;
            return Ok(!matches!(found, Matching::None));
        }
        let found = LeaseKeeper::new(store.clone()).look().await;
        let found = found.map_err(LeaseError::Port)?;
        let unfinished = found.is_some_and(|found| found.lease.deployment.is_some());
        Ok(unfinished || last_stuck(store).await?.is_some())
    }
}

struct Resuming<'a> {
    shell: &'a Shell,
    arguments: &'a Resume,
}

impl Use for Resuming<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(
        self,
        cloud: &C,
        clock: &K,
        store: &AnyStore,
    ) -> Result<u8, Failure> {
        let asked = match &self.arguments.deployment {
            Some(text) => Some(named(store, text).await?),
            None => None,
        };
        let about = asked.clone().map_or_else(new_id, Ok)?;
        let aim = Aim {
            deployment: about,
            doing: "resuming".to_owned(),
            manner: Manner::Patient,
            patience: Patience::UntilExpired(&|held| {
                self.shell.note(&format!(
                    "{held}. If its process is gone, its lease expires in {} s: waiting.",
                    held.expires_in.as_secs() + 1
                ));
            }),
            operator: operator(),
        };
        let signals = Signals::default();
        turn((cloud, clock, store), &signals, aim, async |turn| {
            let unfinished = turn.unfinished().await?;
            let deployment = match (asked, unfinished) {
                (Some(asked), Some(unfinished)) if asked != unfinished => {
                    return Err(Failure::Unfinished(unfinished));
                }
                (Some(asked), _) => Some(asked),
                (None, Some(unfinished)) => Some(unfinished),
                (None, None) => last_stuck(store).await?,
            };
            let Some(deployment) = deployment else {
                return Ok(nothing_to_resume(self.shell, None));
            };
            let began = clock.now();
            let caller = cloud.caller().await;
            let further = Further {
                by: caller.ok(),
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
            let took = clock.now().duration_since(began);
            Ok(ended(
                self.shell,
                &resumed.plan,
                &resumed.outcome,
                Some(took),
            ))
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

/// The newest deployment, if it is stuck.
async fn last_stuck(store: &AnyStore) -> Result<Option<DeploymentId>, Failure> {
    let Some(newest) = journal::list(store)
        .await
        .map_err(JournalError::Port)?
        .pop()
    else {
        return Ok(None);
    };
    let last = journal::heads(store, &newest).await?.last;
    let stuck = matches!(
        last.event,
        Event::Finished {
            outcome: Outcome::Stuck { .. }
        }
    );
    Ok(stuck.then_some(newest))
}

/// The deployment that a text names.
async fn named(store: &AnyStore, text: &str) -> Result<DeploymentId, Failure> {
    match journal::find_by_prefix(store, text)
        .await
        .map_err(JournalError::Port)?
    {
        Matching::One(deployment) => Ok(deployment),
        Matching::None => Err(Failure::usage(
            format!("there is no deployment `{text}` here"),
            "`backstay history` shows the deployments that there are",
        )),
        Matching::Ambiguous(all) => Err(Failure::usage(
            format!("`{text}` names {} deployments", all.len()),
            all.iter()
                .map(DeploymentId::as_str)
                .collect::<Vec<_>>()
                .join(", "),
        )),
    }
}
