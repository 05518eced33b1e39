//! `backstay status`: what is live and who confirms it, which deployment is not at its end, and what differs from the record.

use std::path::Path;
use std::time::Duration;

use backstay_adapters::turn::{Opened, standing};
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::status;

use crate::compose::cloud::{Purpose, Use, on_cloud};
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::json;
use crate::render::people::PeopleError;
use crate::render::status::{Report, report_text};
use crate::shell::Shell;

/// How long what is missing may come by itself: a target that is not judged yet, a throttled call.
const WITHIN: Duration = Duration::from_secs(20);

pub(super) fn run(shell: &Shell, directory: &Path, environment: &str) -> Result<u8, Failure> {
    let project = Project::load(directory, environment)?;
    let report = on_cloud(&project, Purpose::Look, Looking { project: &project })?;
    let code = report.exit_code();
    shell.give(|| report_text(&report), || json::status(&report, code));
    Ok(code)
}

struct Looking<'a> {
    project: &'a Project,
}

impl Use for Looking<'_> {
    type Gives = Report;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<Report, Failure> {
        let app = &self.project.configured.app;
        let ports = (opened.cloud, &opened.ledger(), opened.clock);
        let status = status::look(ports, app, WITHIN)
            .await
            .map_err(Failure::port("the recorded release cannot be read"))?;
        let standing = standing(opened.store).await;
        Ok(Report {
            app: app.name.clone(),
            environment: app.environment.clone(),
            status,
            standing: standing.map_err(|error| {
                let error = PeopleError::of(&error);
                let all = std::iter::once(error.message).chain(error.causes);
                all.collect::<Vec<_>>().join(": ")
            }),
        })
    }
}
