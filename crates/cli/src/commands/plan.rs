//! `backstay plan`: what a deployment would do, and how far it could be rolled back. Changes nothing.

use std::path::Path;

use backstay_adapters::state::AnyStore;
use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::Version;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud};

use super::note_checkout;
use crate::compose::checkout::Source;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::{Asked, Older, new_id, planned};
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::json;
use crate::render::plan::{nothing_to_do_text, plan_text};
use crate::shell::Shell;

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    environment: &str,
    version: Option<&str>,
    older: Older,
    source: Source,
) -> Result<u8, Failure> {
    let project = Project::load(directory, environment)?;
    let version = project.version(version)?;
    note_checkout(shell, &project);
    let plan = on_cloud(
        &project,
        Purpose::Plan { version: &version },
        Planning {
            project: &project,
            version: &version,
            older,
            source,
        },
    )?;
    shell.give(
        || {
            if plan.is_empty() {
                nothing_to_do_text(&plan)
            } else {
                plan_text(&plan)
            }
        },
        || json::plan(&plan),
    );
    Ok(0)
}

struct Planning<'a> {
    project: &'a Project,
    version: &'a Version,
    older: Older,
    source: Source,
}

impl Use for Planning<'_> {
    type Gives = Plan;

    async fn with<C: Cloud, K: Clock>(
        self,
        cloud: &C,
        clock: &K,
        store: &AnyStore,
    ) -> Result<Plan, Failure> {
        let ledger = StoreLedger::new(store.clone());
        let asked = Asked {
            project: self.project,
            version: self.version,
            older: self.older,
            source: self.source,
        };
        let (plan, _) = planned(asked, new_id()?, (cloud, &ledger, clock)).await?;
        Ok(plan)
    }
}
