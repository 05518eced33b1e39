//! `backstay plan`: what a deployment would do, and how far it could be rolled back. Changes nothing.

use std::path::Path;

use backstay_adapters::turn::Opened;
use backstay_domain::Version;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud};

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
) -> Result<u8, Failure> {
    let project = Project::load(directory, environment)?;
    let version = project.version(version)?;
    let plan = on_cloud(
        &project,
        Purpose::Plan { version: &version },
        Planning {
            project: &project,
            version: &version,
            older,
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
}

impl Use for Planning<'_> {
    type Gives = Plan;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<Plan, Failure> {
        let asked = Asked {
            project: self.project,
            version: self.version,
            older: self.older,
        };
        let ports = (opened.cloud, &opened.ledger(), opened.clock);
        Ok(planned(asked, new_id()?, ports).await?.plan)
    }
}
