//! From what is asked to a plan, in one call: who asks, what is there, and what the checkout says.

use super::survey::{assemble, look_back, look_for_way_back, survey};
use crate::app::App;
use crate::ledger::Entry;
use crate::operator::Commit;
use crate::plan::{Earlier, Plan, Refusals, SchemaRisk, plan, plan_back};
use crate::ports::{Caller, Clock, Cloud, Ledger, PortFailure};
use crate::release::{Manifest, Release};
use crate::survey::Ancestry;
use crate::{DeploymentId, Version};

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
        /// Which.
        version: &'a Version,
        /// The frontend's build.
        frontend: Option<Manifest>,
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
    /// How it stands to the one whose migration the schema is on, also where it may be older.
    pub schema_ancestry: &'a dyn Fn(&Version) -> Ancestry,
}

impl Default for Facts<'_> {
    /// Nobody looks at the checkout.
    fn default() -> Self {
        Self {
            commit: None,
            ancestry: &|_| Ancestry::Unknown,
            schema_ancestry: &|_| Ancestry::Unknown,
        }
    }
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts")
            .field("commit", &self.commit)
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

/// Looks at everything that a plan needs, and plans.
///
/// # Errors
/// Every reason against it, or why the cloud could not be asked.
pub async fn prepare<C: Cloud, L: Ledger, K: Clock>(
    (cloud, ledger, clock): (&C, &L, &K),
    asked: Asked<'_>,
) -> Result<Prepared, Unprepared> {
    let app = asked.app;
    let caller = caller(cloud, asked.account).await?;
    let plan = match asked.goal {
        Goal::Version {
            version,
            frontend,
            schema_risk,
        } => {
            let mut release = assemble(cloud, app, version, frontend).await?;
            release.commit = asked.facts.commit;
            let mut seen = survey(cloud, ledger, clock, app, &release)
                .await
                .map_err(not_seen)?;
            look_for_way_back(cloud, &mut seen).await.map_err(not_seen)?;
            if let Some(recorded) = &seen.recorded {
                seen.ancestry = (asked.facts.ancestry)(&recorded.version);
            }
            if let Some(newest) = seen.schema.newest() {
                seen.schema_ancestry = (asked.facts.schema_ancestry)(&newest.version);
            }
            seen.schema_risk = schema_risk;
            plan(asked.deployment, app, release, &seen)?
        }
        Goal::Recorded {
            release,
            entries,
            schema_risk,
        } => {
            let seen = survey(cloud, ledger, clock, app, release)
                .await
                .map_err(not_seen)?;
            let (pulled, missing_files) =
                look_back(cloud, app, release).await.map_err(not_seen)?;
            let earlier = Earlier {
                entries,
                gone: pulled.gone,
                unasked: pulled.unasked,
                missing_files,
                schema_risk,
            };
            plan_back(asked.deployment, app, release, &seen, &earlier)?
        }
    };
    Ok(Prepared { plan, caller })
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

fn not_seen(source: PortFailure) -> Unprepared {
    Unprepared::Port {
        what: "the environment could not be looked at",
        source,
    }
}
