//! The wire stage: the simulator in process, the real adapters and the real SDK, virtual time.

use std::path::{Path, PathBuf};

use backstay_cli::scenario::{Played, Rehearsal, Scenario, Setup};
use backstay_domain::journal::Record;
use backstay_domain::observation::Observation;
use backstay_domain::ports::Report;

/// The repository's `fixtures`.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// Plays a scenario in a paused runtime of its own.
///
/// # Errors
/// What keeps it from being set up.
pub fn played(scenario: &Scenario) -> Result<Played, String> {
    played_below(scenario, &fixtures())
}

/// Plays a scenario whose apps are in this folder.
///
/// # Errors
/// What keeps it from being set up.
pub fn played_below(scenario: &Scenario, fixtures: &Path) -> Result<Played, String> {
    let setup = Setup::of(scenario, fixtures)
        .map_err(|failure| format!("{failure}: {:?}", failure.hint()))?;
    played_setup(setup)
}

/// Plays a setup in a paused runtime of its own.
///
/// # Errors
/// What keeps its cloud from being built.
pub fn played_setup(setup: Setup) -> Result<Played, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let rehearsal = Rehearsal::new(setup).map_err(|failure| failure.to_string())?;
        Ok(rehearsal.play(&Nobody, |_| {}).await)
    })
}

/// Nobody watches.
struct Nobody;

impl Report for Nobody {
    fn recorded(&self, _: &Record) {}
    fn observed(&self, _: &Observation) {}
}
