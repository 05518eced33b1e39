//! `backstay plan`: what a deployment would do, and how far it could be rolled back. Changes nothing.

use std::path::Path;

use backstay_adapters::turn::Opened;
use backstay_domain::Version;
use backstay_domain::plan::{Plan, SchemaRisk};
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
    terms: Terms,
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
            terms,
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
    terms: Terms,
}

/// What is allowed that would be refused.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) older: Older,
    pub(super) schema_risk: SchemaRisk,
    pub(super) source: Source,
}

impl Use for Planning<'_> {
    type Gives = Plan;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<Plan, Failure> {
        let asked = Asked {
            project: self.project,
            version: self.version,
            older: self.terms.older,
            schema_risk: self.terms.schema_risk,
            source: self.terms.source,
        };
        let ports = (opened.cloud, &opened.ledger(), opened.clock);
        Ok(planned(asked, new_id()?, ports).await?.plan)
    }
}
