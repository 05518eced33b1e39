//! `backstay status`: what is live, and whether every witness still confirms it.

use std::path::Path;

use backstay_adapters::turn::Opened;
use backstay_domain::engine;
use backstay_domain::plan::{Plan, SchemaRisk, plan};
use backstay_domain::ports::{Clock, Cloud, Ledger};
use backstay_domain::status::status;
use backstay_domain::verdict::Proof;

use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::deployment::new_id;
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::json;
use crate::render::status::status_text;
use crate::shell::Shell;

pub(super) fn run(shell: &Shell, directory: &Path, environment: &str) -> Result<u8, Failure> {
    let project = Project::load(directory, environment)?;
    let seen = on_cloud(&project, Purpose::Look, Looking { project: &project })?;
    let Some((plan, proofs)) = seen else {
        let app = &project.configured.app;
        shell.give(
            || {
                format!(
                    "{} {}: no release was ever proven here by Backstay",
                    app.name, app.environment
                )
            },
            || json::never_deployed(app),
        );
        return Ok(0);
    };
    let code = if proofs_hold(&proofs) { 0 } else { 5 };
    shell.give(
        || status_text(&plan, &proofs),
        || json::status(&plan, &proofs),
    );
    Ok(code)
}

/// Every component is proven, but for services without tasks.
pub(super) fn proofs_hold(proofs: &[Proof]) -> bool {
    proofs.iter().all(Proof::holds)
}

struct Looking<'a> {
    project: &'a Project,
}

impl Use for Looking<'_> {
    type Gives = Option<(Plan, Vec<Proof>)>;

    /// The recorded release, planned once more: whatever would change has drifted.
    async fn with<C: Cloud, K: Clock>(
        self,
        opened: Opened<'_, C, K>,
    ) -> Result<Self::Gives, Failure> {
        let (cloud, clock) = (opened.cloud, opened.clock);
        let app = &self.project.configured.app;
        let ledger = &opened.ledger();
        let recorded = ledger.last_proven(&app.name, &app.environment).await;
        let Some(release) =
            recorded.map_err(Failure::port("the recorded release cannot be read"))?
        else {
            return Ok(None);
        };
        let mut survey = engine::survey(cloud, ledger, clock, app, &release)
            .await
            .map_err(Failure::port("the environment could not be looked at"))?;
        // What is live is looked at, whatever the schema is.
        survey.schema_risk = SchemaRisk::Accepted;
        survey.migrating.clear();
        let plan = plan(new_id()?, app, release, &survey)?;
        let proofs = status(cloud, clock, &plan).await;
        Ok(Some((plan, proofs)))
    }
}
