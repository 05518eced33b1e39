//! Commands at an environment that a play has left: a desk over its world, its ledger and its journal.

use backstay_cli::scenario::{Desk, Setup};
use backstay_domain::journal::Record;
use backstay_simulator::{Cloud, Picture, image_digest};

use super::fork::Fork;

/// Opens a desk where a play has ended, and works there.
pub(super) fn at_desk<T>(
    setup: &Setup,
    end: &Fork,
    work: impl AsyncFnOnce(&Desk, &Cloud) -> Result<T, String>,
) -> Result<T, String> {
    paused(async {
        let cloud = Cloud::new(end.world.clone(), 1.0);
        let desk = Desk::new(&cloud, &setup.project, &end.ledger)
            .await
            .map_err(|failure| failure.to_string())?;
        let records: Vec<Record> = end
            .records
            .iter()
            .map(|record| (**record).clone())
            .collect();
        desk.remembers(&records)
            .await
            .map_err(|failure| failure.to_string())?;
        work(&desk, &cloud).await
    })
}

/// Runs on a clock that jumps; signals can be listened for.
pub(super) fn paused<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(work)
}

/// Whether every service that the app has runs this version, and nothing else.
pub(super) fn runs_everywhere(setup: &Setup, picture: &Picture, version: &str) -> bool {
    let mut services = setup.project.configured.app.services.values();
    services.all(|service| {
        let digest = image_digest(service.image.as_str(), &[version.to_owned()]);
        let found = picture.services.get(&service.locator.cluster_name);
        found.is_some_and(|found| {
            found.running > 0
                && found.running == found.desired as usize
                && found.image_digests.iter().eq([&digest])
        })
    })
}
