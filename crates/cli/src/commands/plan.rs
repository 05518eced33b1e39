//! `backstay plan`: what a deployment would do, and how far it could be rolled back. Changes nothing.

use std::path::Path;

use backstay_adapters::turn::Opened;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::versions::Versions;

use super::{ours, waiting};
use crate::args;
use crate::compose::checkout::git_refuses;
use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::{Asked, new_id, planned};
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::json;
use crate::render::plan::{nothing_to_do_text, plan_text};
use crate::shell::Shell;

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &args::Plan) -> Result<u8, Failure> {
    let project = Project::load(directory, &arguments.environment)?;
    let versions = project.versions(&arguments.built)?;
    note_checkout(shell, &project);
    let planning = Planning {
        shell,
        project: &project,
        versions: &versions,
        arguments,
    };
    let plan = on_cloud(
        &project,
        Purpose::Plan {
            versions: &versions,
        },
        planning,
    )?;
    shell.give(
        || match plan.is_empty() {
            true => nothing_to_do_text(&plan),
            false => plan_text(&plan),
        },
        || json::plan(&plan),
    );
    Ok(0)
}

struct Planning<'a> {
    shell: &'a Shell,
    project: &'a Project,
    versions: &'a Versions,
    arguments: &'a args::Plan,
}

impl Use for Planning<'_> {
    type Gives = Plan;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<Plan, Failure> {
        let ours = ours(opened).await?;
        let asked = Asked {
            ours: ours.as_ref(),
            waiting: &waiting(self.shell),
            ..Asked::permitted(self.project, self.versions, &self.arguments.permits)
        };
        let ports = (opened.cloud, &opened.ledger(), opened.clock);
        Ok(planned(asked, new_id()?, ports).await?.plan)
    }
}

/// Says that nobody can tell what a release is made from, where git does not look.
pub(super) fn note_checkout(shell: &Shell, project: &Project) {
    if let Some(refused) = git_refuses(&project.directory) {
        let hint = refused.hint().unwrap_or_default();
        shell.note(&format!("Warning: {refused}.\nHint: {hint}"));
    }
}
