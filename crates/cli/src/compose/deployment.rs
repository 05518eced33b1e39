//! From a configured project and a cloud to a plan, and from a plan to its outcome. The same for every cloud.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::engine;
use backstay_domain::plan::{Earlier, Plan, SchemaRisk, plan, plan_back};
use backstay_domain::ports::{Caller, Clock, Cloud, Ledger, Pulled};
use backstay_domain::release::Release;
use backstay_domain::survey::Ancestry;
use backstay_domain::{DeploymentId, Version};

use super::checkout::{Source, made_from};
use super::operator;
use super::project::Project;
use crate::failure::Failure;

/// What is to be planned.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Of which app.
    pub project: &'a Project,
    /// Which version.
    pub version: &'a Version,
    /// Whether it may be older than what is live.
    pub older: Older,
    /// Whether it may be made from something else than its commit.
    pub source: Source,
}

/// Whether an older commit may overwrite a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Older {
    /// It is refused.
    Refused,
    /// The operator wants it.
    Allowed,
    /// Nobody looks at the checkout: a rehearsal.
    Unwatched,
}

/// Looks at the cloud and plans the deployment of a version.
///
/// # Errors
/// Every reason against it, or why the cloud could not be asked.
pub async fn planned<C: Cloud, L: Ledger, K: Clock>(
    asked: Asked<'_>,
    deployment: DeploymentId,
    (cloud, ledger, clock): (&C, &L, &K),
) -> Result<(Plan, Caller), Failure> {
    let Asked {
        project, version, ..
    } = asked;
    let commit = match asked.older {
        Older::Unwatched => None,
        Older::Refused | Older::Allowed => made_from(project, version, asked.source)?,
    };
    let caller = caller(project, cloud).await?;
    let app = &project.configured.app;
    let mut release = engine::assemble(cloud, app, version, project.manifest()?).await?;
    let mut survey = engine::survey(cloud, ledger, clock, app, &release)
        .await
        .map_err(Failure::port("the environment could not be looked at"))?;
    engine::look_for_way_back(cloud, &mut survey)
        .await
        .map_err(Failure::port("the environment could not be looked at"))?;
    let checkout = &project.directory;
    release.commit = commit;
    survey.ancestry = match (asked.older, &survey.recorded) {
        (Older::Allowed, _) => Ancestry::Newer,
        (Older::Unwatched, _) | (Older::Refused, None) => Ancestry::Unknown,
        (Older::Refused, Some(recorded)) => {
            operator::ancestry(checkout, version, &recorded.version)
        }
    };
    Ok((plan(deployment, app, release, &survey)?, caller))
}

/// Plans the way back to an earlier release.
///
/// # Errors
/// Every reason against it, or why the cloud could not be asked.
pub async fn planned_back<C: Cloud, K: Clock>(
    project: &Project,
    target: &Release,
    deployment: DeploymentId,
    (cloud, ledger, clock): (&C, &StoreLedger, &K),
    schema_risk: SchemaRisk,
) -> Result<(Plan, Caller), Failure> {
    let caller = caller(project, cloud).await?;
    let app = &project.configured.app;
    let not_seen = "the environment could not be looked at";
    let survey = engine::survey(cloud, ledger, clock, app, target)
        .await
        .map_err(Failure::port(not_seen))?;
    let (Pulled { gone, unasked }, missing_files) = engine::look_back(cloud, app, target)
        .await
        .map_err(Failure::port(not_seen))?;
    let entries = ledger
        .entries()
        .await
        .map_err(Failure::port("the proven releases cannot be read"))?;
    let earlier = Earlier {
        entries: &entries,
        gone,
        unasked,
        missing_files,
        schema_risk,
    };
    Ok((
        plan_back(deployment, app, target, &survey, &earlier)?,
        caller,
    ))
}

async fn caller<C: Cloud>(project: &Project, cloud: &C) -> Result<Caller, Failure> {
    let caller = cloud
        .caller()
        .await
        .map_err(Failure::port("the cloud does not say who is asking"))?;
    let wanted = project.configured.account.as_ref();
    if let Some(account) = wanted.filter(|account| **account != caller.account) {
        return Err(Failure::usage(
            format!(
                "these credentials belong to account {}, the environment to {account}",
                caller.account
            ),
            "use the credentials of the environment's account, or correct `account` in backstay.toml",
        ));
    }
    Ok(caller)
}

/// A new deployment's id: eight random characters.
///
/// # Errors
/// Never in practice: the characters are valid.
pub fn new_id() -> Result<DeploymentId, Failure> {
    // The standard library's hasher keys come from the operating system's random numbers.
    let random = RandomState::new().build_hasher().finish();
    let text: String = (0..8)
        .map(|place| char::from(ALPHABET[(random >> (place * 5)) as usize & 31]))
        .collect();
    DeploymentId::parse(format!("d-{text}")).map_err(|error| Failure::Simulated(error.to_string()))
}

/// Crockford's base 32 in lower case: no letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
