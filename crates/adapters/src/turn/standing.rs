//! How deployments stand at an environment, for whoever only looks: who has the lease, and which deployment waits for somebody.

use std::collections::BTreeSet;

use backstay_domain::journal::{Event, Outcome, Side, Stuck};
use backstay_domain::lease::{Found, Manner};
use backstay_domain::plan::Plan;
use backstay_domain::progress::Progress;
use backstay_domain::{DeploymentId, RolloutHandle};

use super::error::{TurnError, folded};
use super::unfinished::plan_of;
use crate::state::Store;
use crate::state::journal::{self, JournalError};
use crate::state::lease::{LeaseError, LeaseKeeper};

/// How deployments stand at an environment.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The lease.
    pub lease: Option<Found>,
    /// The deployment that has not come to a good end.
    pub open: Option<Open>,
}

/// A deployment that has not come to a good end.
#[derive(Clone, Debug)]
pub struct Open {
    /// Which.
    pub deployment: DeploymentId,
    /// Its plan; none when it was never begun.
    pub plan: Option<Plan>,
    /// How far it has come.
    pub progress: Progress,
    /// Who has to do something about it.
    pub waits: Waits,
}

/// Who has to do something about a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waits {
    /// Nobody: its process is at work.
    Running,
    /// Whoever comes next: its process is gone.
    Unfinished,
    /// A human.
    Stuck(Stuck),
}

impl Open {
    /// The rollouts that it began, on its way there or back.
    #[must_use]
    pub fn rollouts(&self) -> BTreeSet<RolloutHandle> {
        let services = self.plan.iter().flat_map(|plan| plan.services.keys());
        services
            .flat_map(|name| [Side::New, Side::Old].map(|side| self.progress.rollout(name, side)))
            .flatten()
            .map(|(rollout, _)| rollout.clone())
            .collect()
    }
}

/// Looks. Nothing is changed.
///
/// # Errors
/// When the store does not answer, or a journal cannot be believed.
pub async fn standing<S: Store + Clone>(store: &S) -> Result<Standing, TurnError> {
    let keeper = LeaseKeeper::new(store.clone());
    let lease = keeper.look().await.map_err(LeaseError::Port)?;
    let open = match lease
        .as_ref()
        .and_then(|found| found.lease.deployment.clone())
    {
        Some(deployment) => unfinished(store, deployment, lease.as_ref()).await?,
        None => None,
    };
    let open = match open {
        Some(open) => Some(open),
        None => last_stuck(store).await?,
    };
    Ok(Standing { lease, open })
}

async fn unfinished<S: Store>(
    store: &S,
    deployment: DeploymentId,
    lease: Option<&Found>,
) -> Result<Option<Open>, TurnError> {
    let held = lease.is_some_and(|found| found.held(Manner::Patient).is_some());
    let waits = match held {
        true => Waits::Running,
        false => Waits::Unfinished,
    };
    let records = match journal::read(store, &deployment).await {
        Ok(records) => records,
        // Its holder noted what it works on and has not written a line yet: or never will.
        Err(JournalError::Missing(_)) => {
            return Ok(held.then(|| Open {
                deployment,
                plan: None,
                progress: Progress::default(),
                waits,
            }));
        }
        Err(error) => return Err(error.into()),
    };
    let progress = folded(&records)?;
    if progress.is_over() {
        return Ok(None);
    }
    let plan = plan_of(records);
    Ok(Some(Open {
        deployment,
        plan,
        progress,
        waits,
    }))
}

/// The newest deployment, if it is stuck.
///
/// # Errors
/// When the store does not answer, or its journal cannot be believed.
pub async fn last_stuck<S: Store>(store: &S) -> Result<Option<Open>, TurnError> {
    let newest = journal::list(store)
        .await
        .map_err(JournalError::Port)?
        .pop();
    let Some(newest) = newest else {
        return Ok(None);
    };
    let last = journal::heads(store, &newest).await?.last;
    let Event::Finished {
        outcome: Outcome::Stuck { because, .. },
    } = last.event
    else {
        return Ok(None);
    };
    let records = journal::read(store, &newest).await?;
    let progress = folded(&records)?;
    let plan = plan_of(records);
    Ok(Some(Open {
        deployment: newest,
        plan,
        progress,
        waits: Waits::Stuck(because),
    }))
}
