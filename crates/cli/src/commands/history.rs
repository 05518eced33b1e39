//! `backstay history`: what was deployed to an environment, by whom, why, and how it ended. Changes nothing.

use std::path::Path;

use backstay_adapters::state::lease::LeaseKeeper;

use crate::compose::cloud::{Time, runtime};
use crate::compose::find::Place;
use crate::failure::Failure;
use crate::render::history::{History, history_text};
use crate::render::json;
use crate::shell::Shell;

pub(super) fn run(
    shell: &Shell,
    directory: &Path,
    environment: &str,
    limit: usize,
) -> Result<u8, Failure> {
    let history = runtime(Time::Running)?.block_on(async {
        let place = Place::of(directory, environment).await?;
        history(&place, limit).await
    })?;
    shell.give(|| history_text(&history), || json::history(&history));
    Ok(0)
}

async fn history(place: &Place, limit: usize) -> Result<History, Failure> {
    let app = &place.project.configured.app;
    let lease = LeaseKeeper::new(place.store.clone())
        .look()
        .await
        .map_err(Failure::port("the lease cannot be read"))?;
    let mut deployments = place.deployments().await?;
    let earlier = deployments.len().saturating_sub(limit);
    deployments.truncate(limit);
    Ok(History {
        app: app.name.clone(),
        environment: app.environment.clone(),
        entries: place.entries().await?,
        schema: place.schema().await?,
        lease,
        deployments,
        earlier,
    })
}
