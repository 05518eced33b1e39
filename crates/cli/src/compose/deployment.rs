//! From a configured project and a cloud to a plan. The same for every cloud.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use backstay_domain::engine::{self, Facts, Goal, Prepared, Unprepared};
use backstay_domain::ledger::Entry;
use backstay_domain::plan::SchemaRisk;
use backstay_domain::ports::{Clock, Cloud, Ledger};
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
    /// What to do when it is not declared to run on the present schema.
    pub schema_risk: SchemaRisk,
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
    ports: (&C, &L, &K),
) -> Result<Prepared, Failure> {
    let Asked {
        project, version, ..
    } = asked;
    let commit = match asked.older {
        Older::Unwatched => None,
        Older::Refused | Older::Allowed => made_from(project, version, asked.source)?,
    };
    let checkout = &project.directory;
    let by_history = |live: &Version| operator::ancestry(checkout, version, live);
    let facts = match asked.older {
        Older::Unwatched => Facts::default(),
        Older::Allowed => Facts {
            commit: commit.clone(),
            ancestry: &|_| Ancestry::Newer,
            schema_ancestry: &by_history,
        },
        Older::Refused => Facts {
            commit: commit.clone(),
            ancestry: &by_history,
            schema_ancestry: &by_history,
        },
    };
    let frontend = project.manifest()?;
    let goal = Goal::Version {
        version,
        frontend,
        schema_risk: asked.schema_risk,
    };
    prepared(project, deployment, goal, facts, ports).await
}

/// Plans the way back to an earlier release.
///
/// # Errors
/// Every reason against it, or why the cloud could not be asked.
pub async fn planned_back<C: Cloud, L: Ledger, K: Clock>(
    project: &Project,
    (release, entries): (&Release, &[Entry]),
    deployment: DeploymentId,
    ports: (&C, &L, &K),
    schema_risk: SchemaRisk,
) -> Result<Prepared, Failure> {
    let goal = Goal::Recorded {
        release,
        entries,
        schema_risk,
    };
    prepared(project, deployment, goal, Facts::default(), ports).await
}

async fn prepared<C: Cloud, L: Ledger, K: Clock>(
    project: &Project,
    deployment: DeploymentId,
    goal: Goal<'_>,
    facts: Facts<'_>,
    ports: (&C, &L, &K),
) -> Result<Prepared, Failure> {
    let configured = &project.configured;
    let asked = engine::Asked {
        deployment,
        app: &configured.app,
        account: configured.account.as_deref(),
        goal,
        facts,
    };
    Ok(engine::prepare(ports, asked).await?)
}

impl From<Unprepared> for Failure {
    fn from(error: Unprepared) -> Self {
        match error {
            Unprepared::Refused(refusals) => Self::Refused(refusals),
            Unprepared::Port { what, source } => Self::Port {
                what: what.to_owned(),
                source,
            },
            Unprepared::Account { .. } => Self::usage(
                error.to_string(),
                "use the credentials of the environment's account, or correct `account` in backstay.toml",
            ),
        }
    }
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
    DeploymentId::parse(format!("d-{text}")).map_err(Failure::defect)
}

/// Crockford's base 32 in lower case: no letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
