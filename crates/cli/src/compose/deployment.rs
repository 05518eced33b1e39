//! From a configured project and a cloud to a plan, and from a plan to its outcome. The same for every cloud.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use backstay_domain::engine::{self, Begun, Ports};
use backstay_domain::journal::Outcome;
use backstay_domain::plan::{Plan, plan};
use backstay_domain::ports::{Caller, Clock, Cloud, Interrupts, Journal, Ledger, Report};
use backstay_domain::{DeploymentId, Version};

use super::project::Project;
use crate::failure::Failure;

/// Looks at the cloud and plans the deployment of `version`.
///
/// # Errors
/// Every reason against it, or why the cloud could not be asked.
pub async fn planned<C: Cloud, L: Ledger, K: Clock>(
    project: &Project,
    version: &Version,
    deployment: DeploymentId,
    (cloud, ledger, clock): (&C, &L, &K),
) -> Result<(Plan, Caller), Failure> {
    let caller = cloud
        .caller()
        .await
        .map_err(Failure::port("the cloud does not say who is asking"))?;
    if let Some(account) = project
        .configured
        .account
        .as_ref()
        .filter(|account| **account != caller.account)
    {
        return Err(Failure::usage(
            format!(
                "these credentials belong to account {}, the environment to {account}",
                caller.account
            ),
            "use the credentials of the environment's account, or correct `account` in backstay.toml",
        ));
    }
    let app = &project.configured.app;
    let release = engine::assemble(cloud, app, version, project.manifest()?).await?;
    let survey = engine::survey(cloud, ledger, clock, app, &release)
        .await
        .map_err(Failure::port("the environment could not be looked at"))?;
    Ok((plan(deployment, app, release, &survey)?, caller))
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

/// Carries the plan out.
///
/// # Errors
/// When the journal cannot be written.
pub async fn carried_out<C: Cloud, J: Journal, L: Ledger, K: Clock, R: Report, I: Interrupts>(
    plan: &Plan,
    begun: Begun,
    ports: &Ports<'_, C, J, L, K, R, I>,
) -> Result<Outcome, Failure> {
    Ok(engine::deploy(ports, plan, begun).await?)
}
