//! From what is asked to a plan, in one call: who asks, what is there, what the checkout says, and whether a proof is possible.

use std::collections::{BTreeMap, BTreeSet};

use super::preflight::preflight;
use super::survey::{assemble, look_back, look_for_revisions, look_for_way_back, survey};
use crate::app::App;
use crate::ledger::Entry;
use crate::operator::Commit;
use crate::plan::{
    Earlier, Plan, Refusal, Refusals, SchemaRisk, Warning, plan, plan_back, returned_to,
};
use crate::ports::{Caller, Clock, Cloud, Ledger, PortFailure};
use crate::registered::Registered;
use crate::release::{Manifest, Release};
use crate::schema::{Foreseen, Revision, SchemaRecord};
use crate::survey::{Ancestry, Survey};
use crate::verdict::{Component, Proof};
use crate::versions::Versions;
use crate::{DeploymentId, FrontendName, RolloutHandle, Version};

/// What is to be planned.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The deployment that it will be.
    pub deployment: DeploymentId,
    /// Of which app.
    pub app: &'a App,
    /// The account that the environment is in, where the configuration names one.
    pub account: Option<&'a str>,
    /// Where it goes.
    pub goal: Goal<'a>,
    /// What is known beside the cloud.
    pub facts: Facts<'a>,
}

/// Where a deployment goes.
#[derive(Clone, Debug)]
pub enum Goal<'a> {
    /// To a version that was built.
    Version {
        /// Which, and which of its images have another one.
        versions: &'a Versions,
        /// The frontends' builds.
        frontends: BTreeMap<FrontendName, Manifest>,
        /// What to do when it is not declared to run on the present schema.
        schema_risk: SchemaRisk,
    },
    /// Back to a release that was recorded.
    Recorded {
        /// Which.
        release: &'a Release,
        /// The whole ledger, oldest first.
        entries: &'a [Entry],
        /// What to do when it cannot run on the present schema.
        schema_risk: SchemaRisk,
    },
}

/// What is known beside the cloud: from the checkout, from whoever asks.
#[derive(Clone)]
pub struct Facts<'a> {
    /// The commit that the version was built from, where the checkout knows it.
    pub commit: Option<Commit>,
    /// How the version stands to the recorded one, by the checkout's history.
    pub ancestry: &'a dyn Fn(&Version) -> Ancestry,
    /// How the version of its migration stands to the one whose migration the schema is on, also where it may be older.
    pub schema_ancestry: &'a dyn Fn(&Version, &Version) -> Ancestry,
    /// The revisions that this version of the migration applies to a database that is on this one, by its files and by what is recorded; nothing
    /// where nobody can tell.
    pub revisions: &'a dyn Fn(&Version, &Revision, &SchemaRecord) -> Option<Foreseen>,
    /// What may be ill now, because this deployment is the cure.
    pub accepted: BTreeSet<Component>,
    /// A deployment of ours that is not at its end.
    pub ours: Option<Ours>,
    /// Is told what of the present release is waited for.
    pub waiting: &'a dyn Fn(&[Proof]),
}

/// A deployment of ours that is not at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// Which.
    pub deployment: DeploymentId,
    /// To which version.
    pub version: Version,
    /// The rollouts that it began.
    pub rollouts: BTreeSet<RolloutHandle>,
    /// What was part of it: it may have left that ill.
    pub parts: BTreeSet<Component>,
    /// What becomes of it.
    pub then: Then,
}

impl Facts<'_> {
    /// The stuck deployment of ours that may have left a component ill: that is known then, and waits for the next deployment.
    pub(super) fn left(&self, component: &Component) -> Option<&Ours> {
        let stuck = |ours: &&Ours| ours.then == Then::Stays && ours.parts.contains(component);
        self.ours.as_ref().filter(stuck)
    }
}

/// What becomes of a deployment that is not at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Whoever deploys next brings it to its end first.
    EndsFirst,
    /// It is stuck: a human decides.
    Stays,
}

impl Default for Facts<'_> {
    /// Nobody looks at the checkout.
    fn default() -> Self {
        Self {
            commit: None,
            ancestry: &|_| Ancestry::Unknown,
            accepted: BTreeSet::new(),
            ours: None,
            waiting: &|_| {},
            schema_ancestry: &|_, _| Ancestry::Unknown,
            revisions: &|_, _, _| None,
        }
    }
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts")
            .field("commit", &self.commit)
            .field("accepted", &self.accepted)
            .field("ours", &self.ours)
            .finish_non_exhaustive()
    }
}

/// A plan, and who asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The plan.
    pub plan: Plan,
    /// As the cloud sees him.
    pub caller: Caller,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unprepared {
    /// There are reasons against it.
    #[error(transparent)]
    Refused(#[from] Refusals),
    /// These are not the environment's credentials.
    #[error("these credentials belong to account {found}, the environment to {wanted}")]
    Account {
        /// Whose they are.
        found: String,
        /// Whose they must be.
        wanted: String,
    },
    /// The cloud or the ledger did not answer.
    #[error("{what}")]
    Port {
        /// What could not be done.
        what: &'static str,
        /// Why.
        source: PortFailure,
    },
}

/// Looks at everything that a plan needs, plans, and hears every witness of what is live: who cannot be heard now could prove
/// neither the new release nor the way back.
///
/// # Errors
/// Every reason against it, or why the cloud could not be asked.
pub async fn prepare<C: Cloud, L: Ledger, K: Clock>(
    (cloud, ledger, clock): (&C, &L, &K),
    asked: Asked<'_>,
) -> Result<Prepared, Unprepared> {
    let (app, facts) = (asked.app, &asked.facts);
    let caller = caller(cloud, asked.account).await?;
    let mut plan = match asked.goal {
        Goal::Version {
            versions,
            frontends,
            schema_risk,
        } => {
            let (mut release, kept) = assemble((cloud, ledger), app, versions, frontends).await?;
            release.commit = facts.commit.clone();
            let mut seen = survey(cloud, ledger, clock, app, &release)
                .await
                .map_err(not_seen)?;
            look_for_way_back(cloud, &mut seen)
                .await
                .map_err(not_seen)?;
            let revisions = look_for_revisions(cloud, &release, &mut seen);
            revisions.await.map_err(not_seen)?;
            if let Some(recorded) = &seen.recorded {
                seen.ancestry = (facts.ancestry)(&recorded.version);
            }
            if let Some(newest) = seen.schema.newest() {
                let own = release.version_of_migration();
                seen.schema_ancestry = (asked.facts.schema_ancestry)(own, &newest.version);
            }
            seen.schema_risk = schema_risk;
            let on = seen.schema.revision();
            if let Some(foreseen) = on.and_then(|on| {
                let own = release.version_of_migration();
                (facts.revisions)(own, &on, &seen.schema)
            }) {
                (seen.applies, seen.head) = (Some(foreseen.applies), foreseen.head);
            }
            // What a stuck deployment of ours left rolling out is not somebody else's.
            if let Some(ours) = facts.ours.as_ref().filter(|ours| ours.then == Then::Stays) {
                seen.ours = ours.rollouts.clone();
            }
            let mut plan = plan(asked.deployment, app, release, &seen)
                .map_err(|refusals| known(refusals, &seen, facts.ours.as_ref()))?;
            plan.warnings.extend(kept);
            plan
        }
        Goal::Recorded {
            release,
            entries,
            schema_risk,
        } => {
            let release = &returned_to(app, release, entries);
            let mut seen = survey(cloud, ledger, clock, app, release)
                .await
                .map_err(not_seen)?;
            seen.registered = Registered::of(entries);
            let revisions = look_for_revisions(cloud, release, &mut seen);
            revisions.await.map_err(not_seen)?;
            let (pulled, missing_files) = look_back(cloud, app, release).await.map_err(not_seen)?;
            let earlier = Earlier {
                entries,
                gone: pulled.gone,
                unasked: pulled.unasked,
                missing_files,
                schema_risk,
            };
            plan_back(asked.deployment, app, release, &seen, &earlier)
                .map_err(|refusals| known(refusals, &seen, facts.ours.as_ref()))?
        }
    };
    if let Some(Ours {
        deployment,
        version,
        then: Then::EndsFirst,
        ..
    }) = facts.ours.clone()
    {
        plan.warnings.push(Warning::Unfinished {
            deployment,
            version,
        });
    }
    if !plan.is_empty() {
        let heard = preflight(cloud, clock, &plan, facts).await?;
        plan.warnings.extend(heard);
    }
    Ok(Prepared { plan, caller })
}

/// A rollout that a deployment of ours began is nobody else's.
fn known(refusals: Refusals, seen: &Survey, ours: Option<&Ours>) -> Refusals {
    let Some(ours) = ours else {
        return refusals;
    };
    let known = |refusal| match refusal {
        Refusal::AlreadyRollingOut(service)
            if seen
                .services
                .get(&service)
                .is_some_and(|live| ours.rollouts.contains(&live.rollout)) =>
        {
            Refusal::OwnRollout {
                service,
                deployment: ours.deployment.clone(),
                version: ours.version.clone(),
            }
        }
        other => other,
    };
    Refusals(refusals.0.into_iter().map(known).collect())
}

async fn caller<C: Cloud>(cloud: &C, account: Option<&str>) -> Result<Caller, Unprepared> {
    let caller = cloud.caller().await.map_err(|source| Unprepared::Port {
        what: "the cloud does not say who is asking",
        source,
    })?;
    match account.filter(|wanted| *wanted != caller.account) {
        None => Ok(caller),
        Some(wanted) => Err(Unprepared::Account {
            found: caller.account,
            wanted: wanted.to_owned(),
        }),
    }
}

pub(super) fn not_seen(source: PortFailure) -> Unprepared {
    Unprepared::Port {
        what: "the environment could not be looked at",
        source,
    }
}
