//! From a configured project and a cloud to a plan. The same for every cloud.

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use backstay_domain::engine::{self, Facts, Goal, Ours, Prepared, Unprepared};
use backstay_domain::ledger::Entry;
use backstay_domain::plan::SchemaRisk;
use backstay_domain::ports::{Clock, Cloud, Ledger};
use backstay_domain::release::Release;
use backstay_domain::schema::{Revision, SchemaRecord};
use backstay_domain::survey::Ancestry;
use backstay_domain::verdict::{Component, Proof};
use backstay_domain::versions::Versions;
use backstay_domain::{DeploymentId, Version};

use super::checkout::{Source, made_from};
use super::operator;
use super::project::Project;
use super::revisions::{before, judged};
use crate::args::Permits;
use crate::failure::Failure;

/// What is to be planned.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Of which app.
    pub project: &'a Project,
    /// Which versions.
    pub versions: &'a Versions,
    /// Whether it may be older than what is live.
    pub older: Older,
    /// What to do when it is not declared to run on the present schema.
    pub schema_risk: SchemaRisk,
    /// Whether it may be made from something else than its commit.
    pub source: Source,
    /// What may be ill now: services and frontends by name.
    pub accepted: &'a [String],
    /// A deployment of ours that is not at its end.
    pub ours: Option<&'a Ours>,
    /// Is told what of the present release is waited for.
    pub waiting: &'a dyn Fn(&[Proof]),
}

impl<'a> Asked<'a> {
    /// What a human allows.
    #[must_use]
    pub fn permitted(project: &'a Project, versions: &'a Versions, permits: &'a Permits) -> Self {
        Self {
            project,
            versions,
            older: match permits.allow_older {
                true => Older::Allowed,
                false => Older::Refused,
            },
            schema_risk: match permits.accept_schema_risk {
                true => SchemaRisk::Accepted,
                false => SchemaRisk::Refused,
            },
            source: match permits.allow_dirty {
                true => Source::Any,
                false => Source::Exact,
            },
            accepted: &permits.accept_unproven,
            ours: None,
            waiting: &|_| {},
        }
    }

    /// A rehearsal: nobody looks at the checkout, nobody accepts anything.
    #[must_use]
    pub fn rehearsed(project: &'a Project, versions: &'a Versions) -> Self {
        Self {
            project,
            versions,
            older: Older::Unwatched,
            schema_risk: SchemaRisk::Refused,
            source: Source::Any,
            accepted: &[],
            ours: None,
            waiting: &|_| {},
        }
    }
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
        project, versions, ..
    } = asked;
    let version = &versions.release;
    let commit = match asked.older {
        Older::Unwatched => None,
        Older::Refused | Older::Allowed => made_from(project, version, asked.source)?,
    };
    let checkout = &project.directory;
    let by_history = |live: &Version| operator::ancestry(checkout, version, live);
    let by_migration = |own: &Version, live: &Version| operator::ancestry(checkout, own, live);
    let migration = project.configured.app.migration.as_ref();
    let migrates = migration.map_or(version, |migration| versions.of(&migration.image));
    let ancestry: &dyn Fn(&Version) -> Ancestry = match asked.older {
        Older::Unwatched => &|_| Ancestry::Unknown,
        Older::Allowed => &|_| Ancestry::Newer,
        Older::Refused => &by_history,
    };
    // What is wrong with the migrations would be found by their tool, after the first change.
    let files = match asked.older {
        Older::Unwatched => None,
        Older::Refused | Older::Allowed => {
            judged(project, Some(migrates), &SchemaRecord::default())?
        }
    };
    if let Some(problems) = files.as_ref().and_then(|files| files.problems(checkout)) {
        return Err(problems.into());
    }
    let revisions = |of: &Version, on: &Revision, record: &SchemaRecord| {
        let files = files.as_ref()?;
        // An image that is kept has the files of its own version.
        let kept = match of == migrates {
            true => None,
            false => Some(judged(project, Some(of), record).ok()??),
        };
        let files = kept.as_ref().unwrap_or(files);
        let known = before(project, &files.revisions, record, on);
        files.foreseen(on, known.as_ref())
    };
    let facts = Facts {
        commit,
        ancestry,
        schema_ancestry: match asked.older {
            Older::Unwatched => &|_, _| Ancestry::Unknown,
            Older::Refused | Older::Allowed => &by_migration,
        },
        revisions: &revisions,
        accepted: components(project, asked.accepted)?,
        ours: asked.ours.cloned(),
        waiting: asked.waiting,
    };
    let frontends = project.manifests()?;
    let goal = Goal::Version {
        versions,
        frontends,
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

/// The components that people name.
fn components(project: &Project, names: &[String]) -> Result<BTreeSet<Component>, Failure> {
    let app = &project.configured.app;
    let known = |name: &String| {
        let service = app.services.keys().find(|known| known.as_str() == name);
        match service {
            Some(service) => Some(Component::Service(service.clone())),
            None => {
                let mut frontends = app.frontends.keys();
                let frontend = frontends.find(|known| known.as_str() == name);
                frontend.cloned().map(Component::Frontend)
            }
        }
    };
    let component = |name| {
        known(name).ok_or_else(|| {
            let services = app.services.keys().map(|name| name.to_string());
            let frontends = app.frontends.keys().map(|name| format!("`{name}`"));
            let all: Vec<String> = services.chain(frontends).collect();
            Failure::usage(
                format!("`{name}` is no service of {}", app.name),
                format!("there are: {}", all.join(", ")),
            )
        })
    };
    names.iter().map(component).collect()
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
