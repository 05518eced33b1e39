//! `backstay deploy`: bring an environment to a release, or back, and prove it.

use std::path::Path;

use backstay_adapters::state::AnyStore;
use backstay_domain::Version;
use backstay_domain::engine::Begun;
use backstay_domain::journal::Outcome;
use backstay_domain::lease::Manner;
use backstay_domain::operator::Why;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::status::status;

use super::status::proofs_hold;
use super::{ended, note_checkout, older, show_plan, source};
use crate::args::Deploy;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::{Asked, new_id, planned};
use crate::compose::operator::{operator, why};
use crate::compose::project::Project;
use crate::compose::signals::Signals;
use crate::compose::turn::{Aim, Further, Patience, Resumed, Stuck, Turn, turn};
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

    async fn with<C: Cloud, K: Clock>(
        self,
        cloud: &C,
        clock: &K,
        store: &AnyStore,
    ) -> Result<u8, Failure> {
        let deployment = new_id()?;
        let aim = Aim {
            deployment: deployment.clone(),
            doing: format!("deploying {}", self.version),
            manner: Manner::Patient,
            patience: Patience::None,
            operator: operator(),
        };
        let signals = Signals::default();
        turn((cloud, clock, store), &signals, aim, async |turn| {
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
                source: source(self.arguments.allow_dirty),
            };
            let (plan, caller) = planned(asked, deployment, (cloud, &turn.ledger(), clock)).await?;
            if plan.is_empty() {
                return Ok(self.nothing_to_do(cloud, clock, &plan).await);
            }
            show_plan(self.shell, &plan);
            let reason = self.arguments.reason.as_deref();
            let begun = Begun {
                by: Some(caller),
                operator: operator(),
                why: Why {
                    commit: plan.release.commit.clone(),
                    ..why(&self.project.directory, self.version, reason)
                },
            };
            let began = clock.now();
            let outcome = turn
                .deploy(&plan, begun, &AnyReport::of(self.shell, &plan))
                .await?;
            let took = clock.now().duration_since(began);
            Ok(ended(self.shell, &plan, &outcome, Some(took)))
        })
        .await
    }
}

impl Deploying<'_> {
    /// What an earlier process left is brought to its end first.
    async fn settle<C: Cloud, K: Clock>(
        &self,
        turn: &Turn<'_, C, K>,
    ) -> Result<Option<Resumed>, Failure> {
        let further = Further {
            by: None,
            direction: None,
            reason: Some(format!("{} is to be deployed", self.version)),
            stuck: Stuck::Stays,
        };
        turn.settle(further, |plan, deployment| {
            self.shell.note(&format!(
                "{deployment} ({}) was left unfinished; it is brought to its end first.",
                plan.release.version
            ));
            AnyReport::of(self.shell, plan)
        })
        .await
    }

    /// The release is live already; that is proven rather than believed.
    async fn nothing_to_do<C: Cloud, K: Clock>(&self, cloud: &C, clock: &K, plan: &Plan) -> u8 {
        let proofs = status(cloud, clock, plan).await;
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
