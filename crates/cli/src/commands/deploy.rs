//! `backstay deploy`: bring an environment to a release, or back, and prove it.

use std::path::Path;

use backstay_adapters::state::AnyStore;
use backstay_adapters::state::journal::StoreJournal;
use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::Version;
use backstay_domain::engine::{Begun, Ports};
use backstay_domain::journal::Outcome;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Caller, Clock, Cloud, Report, Uninterrupted};
use backstay_domain::status::status;

use super::status::proofs_hold;
use crate::args::Speed;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::{carried_out, new_id, planned};
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::json::{self, JsonLines};
use crate::render::lines::Lines;
use crate::render::live::Live;
use crate::render::outcome::{exit_code, outcome_text, stuck_error};
use crate::render::plan::plan_text;
use crate::render::status::status_text;
use crate::shell::{Output, Shell};

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    environment: &str,
    version: Option<&str>,
    speed: Speed,
) -> Result<u8, Failure> {
    let project = Project::load(directory, environment)?;
    let version = project.version(version)?;
    on_cloud(
        &project,
        Purpose::Change {
            version: &version,
            speed,
        },
        Deploying {
            shell,
            project: &project,
            version: &version,
        },
    )
}

/// The fence of a journal that is written without a lease.
const FENCE: u64 = 0;

struct Deploying<'a> {
    shell: &'a Shell,
    project: &'a Project,
    version: &'a Version,
}

impl Use for Deploying<'_> {
    type Gives = u8;

    async fn with<C: Cloud, K: Clock>(
        self,
        cloud: &C,
        clock: &K,
        ledger: &StoreLedger,
    ) -> Result<u8, Failure> {
        let (plan, caller) = planned(
            self.project,
            self.version,
            new_id()?,
            (cloud, ledger, clock),
        )
        .await?;
        if plan.is_empty() {
            return Ok(self.nothing_to_do(cloud, clock, &plan).await);
        }
        match self.shell.output() {
            Output::Json => self.shell.object(&json::plan(&plan)),
            Output::Text => self.shell.note(&plan_text(&plan)),
        }
        let began = clock.now();
        let at = (cloud, clock, ledger);
        let outcome = match self.shell.output() {
            Output::Json => {
                self.carry_out(&plan, caller, at, &JsonLines::new(self.shell))
                    .await
            }
            Output::Text if self.shell.is_watched() => {
                self.carry_out(&plan, caller, at, &Live::new(self.shell, &plan))
                    .await
            }
            Output::Text => {
                self.carry_out(&plan, caller, at, &Lines::new(self.shell))
                    .await
            }
        }?;
        let took = clock.now().duration_since(began);
        Ok(ended(
            self.shell,
            &plan,
            &outcome,
            &json::End { took, calls: None },
        ))
    }
}

impl Deploying<'_> {
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

    async fn carry_out<C: Cloud, K: Clock, R: Report>(
        &self,
        plan: &Plan,
        caller: Caller,
        (cloud, clock, ledger): (&C, &K, &StoreLedger),
        report: &R,
    ) -> Result<Outcome, Failure> {
        let store = AnyStore::local(self.project.state()?);
        let journal = StoreJournal::create(store, FENCE, &plan.deployment).await?;
        carried_out(
            plan,
            Begun {
                by: Some(caller),
                ..Begun::default()
            },
            &Ports {
                cloud,
                journal: &journal,
                ledger,
                clock,
                report,
                interrupts: &Uninterrupted,
            },
        )
        .await
    }
}

/// Says how it ended, and gives the exit code.
pub(super) fn ended(shell: &Shell, plan: &Plan, outcome: &Outcome, end: &json::End) -> u8 {
    let code = exit_code(outcome);
    match (shell.output(), stuck_error(plan, outcome)) {
        (Output::Json, _) => shell.object(&json::end(outcome, code, end)),
        (Output::Text, Some(error)) => shell.error(&error),
        (Output::Text, None) => shell.answer(&outcome_text(plan, outcome)),
    }
    code
}
