//! `backstay rollback`: go back to a proven release, wherever the environment is now.

use std::path::Path;

use backstay_adapters::state::AnyStore;
use backstay_adapters::state::lease::{LeaseError, LeaseKeeper};
use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::DeploymentId;
use backstay_domain::app::Resume;
use backstay_domain::engine::Begun;
use backstay_domain::journal::Outcome;
use backstay_domain::lease::Manner;
use backstay_domain::ledger::Entry;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Caller, Clock, Cloud};
use backstay_domain::release::Release;

use super::{ended, schema_risk, show_plan};
use crate::args::Rollback;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::{new_id, planned_back};
use crate::compose::operator::{operator, why};
use crate::compose::project::Project;
use crate::compose::retreat::{Course, course, way};
use crate::compose::signals::Signals;
use crate::compose::turn::{Aim, Further, Patience, Stuck, Turn, turn};
use crate::failure::Failure;
use crate::render::any::AnyReport;
use crate::render::json;
use crate::render::plan::plan_text;
use crate::shell::{Output, Shell};

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Rollback) -> Result<u8, Failure> {
    let project = Project::load(directory, &arguments.environment)?;
    let purpose = match arguments.dry_run {
        true => Purpose::Look,
        false => Purpose::Change {
            version: None,
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

struct Returning<'a> {
    shell: &'a Shell,
    project: &'a Project,
    arguments: &'a Rollback,
}

impl Use for Returning<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(
        self,
        cloud: &C,
        clock: &K,
        store: &AnyStore,
    ) -> Result<u8, Failure> {
        let deployment = new_id()?;
        if self.arguments.dry_run {
            let ledger = StoreLedger::new(store.clone());
            let world = (cloud, &ledger, clock);
            let (plan, _, course) = self.plan(deployment, world, store).await?;
            let text = || format!("{course}\n\n{}", plan_text(&plan));
            self.shell.give(text, || json::plan(&plan));
            return Ok(0);
        }
        let aim = Aim {
            deployment: deployment.clone(),
            doing: "rolling back".to_owned(),
            manner: manner(store).await?,
            patience: Patience::None,
            operator: operator(),
        };
        let signals = Signals::default();
        turn((cloud, clock, store), &signals, aim, async |turn| {
            let began = clock.now();
            if let Some(code) = self.stop(turn, cloud, clock).await? {
                return Ok(code);
            }
            let world = (cloud, &turn.ledger(), clock);
            let (plan, caller, course) = self.plan(deployment, world, store).await?;
            if self.shell.output() == Output::Text {
                self.shell.note(&course.to_string());
            }
            if plan.is_empty() {
                let words = format!("There is nothing to do: {} is live.", plan.release.version);
                self.shell
                    .give(|| words.clone(), || json::nothing_to_do(&plan, &[], 0));
                return Ok(0);
            }
            show_plan(self.shell, &plan);
            let reason = self.arguments.reason.as_deref();
            let begun = Begun {
                by: Some(caller),
                operator: operator(),
                why: why(&self.project.directory, &plan.release.version, reason),
            };
            let outcome = turn
                .deploy(&plan, begun, &AnyReport::of(self.shell, &plan))
                .await?;
            let took = clock.now().duration_since(began);
            Ok(ended(self.shell, &plan, &outcome, Some(took)))
        })
        .await
    }
}

impl Returning<'_> {
    /// A deployment that is running, or was left, goes back first. That is all there is to do, unless it had arrived
    /// already or another release was asked for.
    async fn stop<C: Cloud, K: Clock>(
        &self,
        turn: &Turn<'_, C, K>,
        cloud: &C,
        clock: &K,
    ) -> Result<Option<u8>, Failure> {
        let Some(unfinished) = turn.unfinished().await? else {
            return Ok(None);
        };
        let began = clock.now();
        let further = Further {
            by: cloud.caller().await.ok(),
            direction: Some(Resume::Back),
            reason: self.arguments.reason.clone(),
            stuck: Stuck::Stays,
        };
        let resumed = turn
            .resume(&unfinished, further, |plan| {
                self.shell.note(&format!(
                    "{unfinished} ({}) is stopped and taken back.",
                    plan.release.version
                ));
                AnyReport::of(self.shell, plan)
            })
            .await?;
        let Some(resumed) = resumed else {
            return Ok(None);
        };
        let took = clock.now().duration_since(began);
        let code = ended(self.shell, &resumed.plan, &resumed.outcome, Some(took));
        Ok(match (&resumed.outcome, &self.arguments.to) {
            (Outcome::Stuck { .. }, _) | (Outcome::RolledBack { .. }, None) => Some(code),
            (Outcome::RolledBack { .. }, Some(_)) | (Outcome::Live { .. }, _) => None,
        })
    }

    async fn plan<C: Cloud, K: Clock>(
        &self,
        deployment: DeploymentId,
        world: (&C, &StoreLedger, &K),
        store: &AnyStore,
    ) -> Result<(Plan, Caller, Course), Failure> {
        let entries = world
            .1
            .entries()
            .await
            .map_err(Failure::port("the proven releases cannot be read"))?;
        let risk = schema_risk(self.arguments.accept_schema_risk);
        let target = match &self.arguments.to {
            Some(text) => named(&entries, text)?,
            None => way(self.project, world, store, &entries).await?,
        };
        let course = course(store, &entries, target).await?;
        let (plan, caller) = planned_back(self.project, target, deployment, world, risk).await?;
        Ok((plan, caller, course))
    }
}

/// A holder is not waited for: what it does is to be stopped.
async fn manner(store: &AnyStore) -> Result<Manner, Failure> {
    let found = LeaseKeeper::new(store.clone()).look().await;
    let found = found.map_err(LeaseError::Port)?;
    Ok(match found.and_then(|found| found.held(Manner::Patient)) {
        Some(_) => Manner::Forced,
        None => Manner::Patient,
    })
}

/// The release that a text names: an id, a version, or the deployment that brought it.
fn named<'e>(entries: &'e [Entry], text: &str) -> Result<&'e Release, Failure> {
    let begins = |id: &str| id == text || (text.len() >= 4 && id.starts_with(text));
    let matches = |entry: &&Entry| {
        entry.release.version.as_str() == text
            || begins(entry.release.id.as_str())
            || entry
                .deployment
                .as_ref()
                .is_some_and(|id| begins(id.as_str()))
    };
    let mut found: Vec<&Release> = Vec::new();
    for entry in entries.iter().rev().filter(matches) {
        if !found.iter().any(|known| known.id == entry.release.id) {
            found.push(&entry.release);
        }
    }
    let listed = |releases: &mut dyn Iterator<Item = &Release>| {
        let words = |release: &Release| format!("{} ({})", release.version, release.id);
        releases.map(words).collect::<Vec<_>>().join(", ")
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::usage(
            format!("no release `{text}` was ever proven here"),
            match entries {
                [] => "nothing was proven here yet".to_owned(),
                some => format!(
                    "the newest ones are {}",
                    listed(&mut some.iter().rev().take(5).map(|entry| &entry.release))
                ),
            },
        )),
        many => Err(Failure::usage(
            format!("`{text}` names {} releases", many.len()),
            format!("name one of {}", listed(&mut many.iter().copied())),
        )),
    }
}
