//! A scenario as the laws play it: its first moment, and what its old and its new release look like.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use backstay_cli::scenario::{Rehearsal, Scenario, Setup};
use backstay_domain::journal::Outcome;
use backstay_domain::ledger::Entry;
use backstay_simulator::{Fault, Started, World, WorldEvent};

use super::fork::Fork;
use super::recorder::Keep;
use super::resume::{Ended, Going, resume};
use super::surfaces::Surfaces;
use crate::fixtures;

/// Between two looks of a case.
const POLL: Duration = Duration::from_secs(30);

/// One scenario on the wire stage.
pub struct Stage {
    pub(super) setup: Setup,
    /// Before anything happens.
    pub(super) start: Fork,
    /// What is live then.
    pub(super) old: Surfaces,
    /// What is live when nothing goes wrong; none when the new release cannot go live.
    pub(super) new: Option<Surfaces>,
    /// What was started before.
    pub(super) started: Started,
    /// Services whose desired count somebody else changes.
    pub(super) resized: BTreeSet<String>,
    /// Services that somebody else deploys.
    pub(super) foreign: BTreeSet<String>,
    /// Service names of the cluster, by those of the app.
    pub(super) names: BTreeMap<String, String>,
}

/// Why no law is played over a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exempt {
    /// It is refused, or finds nothing to do: no change, no journal.
    NothingIsDone,
}

impl Stage {
    /// Sets a scenario up.
    ///
    /// # Errors
    /// What keeps it from being set up.
    pub fn of(scenario: &Scenario) -> Result<Self, String> {
        let mut setup = Setup::of(scenario, &fixtures())
            .map_err(|failure| format!("{failure}: {:?}", failure.hint()))?;
        // A case costs what it looks: thousands of them look less often.
        setup.project.configured.app.policy.poll = POLL;
        let mut stage = Self::bare(setup)?;
        stage.new = stage.undisturbed()?;
        Ok(stage)
    }

    fn bare(setup: Setup) -> Result<Self, String> {
        let start = start(&setup)?;
        let (mut resized, mut foreign) = (BTreeSet::new(), BTreeSet::new());
        for fault in &setup.faults {
            if let Fault::World { event, .. } = fault {
                match event {
                    WorldEvent::SetDesiredCount { service, .. } => resized.insert(service.clone()),
                    WorldEvent::ForeignDeployment { service }
                    | WorldEvent::ForcedRedeployment { service }
                    | WorldEvent::RollBackByAlarm { service }
                    | WorldEvent::StoppedByHand { service } => foreign.insert(service.clone()),
                    // Which services watch it is in the world.
                    WorldEvent::SetAlarm { .. } => false,
                    // It changes nothing that is served.
                    WorldEvent::ForeignInvalidation { .. }
                    | WorldEvent::ForeignSnapshots
                    | WorldEvent::SlowSnapshots { .. } => false,
                };
            }
        }
        let projects = std::iter::once(&setup.project).chain(setup.live.iter().map(|(p, _)| p));
        let services = projects.flat_map(|project| project.configured.app.services.values());
        let names = services
            .map(|service| {
                let locator = &service.locator;
                (locator.name.to_string(), locator.cluster_name.clone())
            })
            .collect();
        let mut stage = Self {
            old: Surfaces {
                picture: start.world.picture(),
                entry_pages: BTreeMap::new(),
                proven: None,
            },
            started: start.world.started(),
            new: None,
            setup,
            start,
            resized,
            foreign,
            names,
        };
        stage.old = stage.surfaces(&stage.start.world, &stage.start.ledger);
        Ok(stage)
    }

    /// What the new release looks like.
    fn undisturbed(&self) -> Result<Option<Surfaces>, String> {
        let mut setup = self.setup.clone();
        setup.faults.clear();
        setup.not_pushed.clear();
        let stage = Self::bare(setup)?;
        let ended = stage.play(Keep::Nothing)?;
        Ok(match ended.outcome {
            Ok(Some(Outcome::Live { .. })) => Some(ended.surfaces),
            _ => None,
        })
    }

    /// Plays it from its first moment.
    pub(super) fn play(&self, keep: Keep) -> Result<Ended, String> {
        let going = Going {
            keep,
            ..Going::default()
        };
        resume(self, &self.start, &going)
    }

    /// What is live in a world.
    pub(super) fn surfaces(&self, world: &World, ledger: &[Entry]) -> Surfaces {
        Surfaces {
            picture: world.picture(),
            entry_pages: self.setup.entry_pages(world),
            proven: ledger.last().map(|entry| entry.release.version.clone()),
        }
    }
}

/// The world of a setup with its faults in force, before the deployment begins.
fn start(setup: &Setup) -> Result<Fork, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let rehearsal = Rehearsal::new(setup.clone()).map_err(|failure| failure.to_string())?;
        let mut world = rehearsal.cloud.with_world(|world| world.clone());
        for fault in &setup.faults {
            world.add_fault(fault.clone());
        }
        Ok(Fork {
            world,
            records: Vec::new(),
            ledger: Arc::new(rehearsal.ledger.snapshot()),
            place: "at the start".to_owned(),
        })
    })
}
