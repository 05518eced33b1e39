//! Finding what people name: a deployment by the beginning of its id, a release by any of its names; in one environment, or
//! in every one of backstay.toml.

use std::path::Path;

use backstay_adapters::state::AnyStore;
use backstay_adapters::state::journal::{self, JournalError, Matching};
use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::DeploymentId;
use backstay_domain::journal::{Event, Record};
use backstay_domain::ledger::Entry;
use backstay_domain::ports::{Ledger as _, PortFailure};
use backstay_domain::release::Release;
use backstay_domain::schema::SchemaRecord;
use backstay_domain::summary::Summary;

use super::cloud::state;
use super::project::{Project, environments};
use crate::failure::Failure;

/// Deployments or releases that a hint names.
const NAMED: usize = 5;

/// One environment's state, to be read.
#[derive(Clone, Debug)]
pub struct Place {
    /// What the configuration says about it.
    pub project: Project,
    /// Its state.
    pub store: AnyStore,
}

/// How a deployment went, or why its journal does not say.
pub type Told = (DeploymentId, Result<Summary, JournalError>);

impl Place {
    /// The state of this environment.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub async fn of(directory: &Path, environment: &str) -> Result<Self, Failure> {
        let project = Project::load(directory, environment)?;
        let store = state(&project).await?;
        Ok(Self { project, store })
    }

    /// The environment asked for, or all of them.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub async fn all(directory: &Path, environment: Option<&str>) -> Result<Vec<Self>, Failure> {
        let names = match environment {
            Some(name) => vec![name.to_owned()],
            None => environments(directory)?,
        };
        let mut places = Vec::new();
        for name in &names {
            places.push(Self::of(directory, name).await?);
        }
        Ok(places)
    }

    /// Its name.
    #[must_use]
    pub fn environment(&self) -> &str {
        self.project.configured.app.environment.as_str()
    }

    /// Its proven releases, oldest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn entries(&self) -> Result<Vec<Entry>, Failure> {
        let entries = StoreLedger::new(self.store.clone()).entries().await;
        entries.map_err(Failure::port("the recorded releases cannot be read"))
    }

    /// What may have happened to its database's schema.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn schema(&self) -> Result<SchemaRecord, Failure> {
        let schema = StoreLedger::new(self.store.clone()).schema().await;
        schema.map_err(Failure::port("the schema record cannot be read"))
    }

    /// Its deployments, newest first.
    ///
    /// # Errors
    /// When the store does not answer. What is wrong with one journal does not hide the others.
    pub async fn deployments(&self) -> Result<Vec<Told>, Failure> {
        let history = journal::history(&self.store).await.map_err(unlisted)?;
        let mut told = Vec::new();
        for (deployment, heads) in history.into_iter().rev() {
            let summary = match heads {
                // That its lease was taken away hides how it ended.
                Ok(heads) if matches!(heads.last.event, Event::Unlocked { .. }) => {
                    let records = journal::read(&self.store, &deployment).await;
                    records.map(|records| Summary::of_all(&records))
                }
                Ok(heads) => Ok(Summary::of(&heads.first, &heads.last)),
                Err(error) => Err(error),
            };
            match summary.transpose() {
                Some(summary) => told.push((deployment, summary)),
                None => told.push((deployment.clone(), Err(JournalError::Missing(deployment)))),
            }
        }
        Ok(told)
    }

    /// The records of a deployment.
    ///
    /// # Errors
    /// When its journal cannot be read, or not be believed.
    pub async fn records(&self, deployment: &DeploymentId) -> Result<Vec<Record>, Failure> {
        let records = journal::read(&self.store, deployment).await;
        Ok(records?)
    }

    /// The release that this text names; none when it names nothing here. A version is the newest proven release of it, or
    /// the newest that was tried.
    ///
    /// # Errors
    /// When the store does not answer, or the text names several.
    pub async fn release(&self, text: &str) -> Result<Option<Release>, Failure> {
        let entries = self.entries().await?;
        if text == "live" {
            return Ok(entries.into_iter().next_back().map(|entry| entry.release));
        }
        let history = journal::history(&self.store).await.map_err(unlisted)?;
        let tried = history
            .into_iter()
            .rev()
            .filter_map(|(id, heads)| Some((id, heads.ok()?.first.event)))
            .filter_map(|(id, event)| match event {
                Event::Started { plan, .. } => Some((id, plan.release)),
                _ => None,
            });
        let tried: Vec<(DeploymentId, Release)> = tried.collect();
        let known = || {
            let proven = entries.iter().rev().map(|entry| &entry.release);
            proven.chain(tried.iter().map(|(_, release)| release))
        };
        if text.starts_with("r-") {
            let ids = known().filter(|release| release.id.as_str().starts_with(text));
            let mut ids: Vec<&str> = ids.map(|release| release.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            return match ids.as_slice() {
                [] => Ok(None),
                [one] => Ok(known().find(|release| release.id.as_str() == *one).cloned()),
                many => Err(ambiguous(text, &many.join(", "))),
            };
        }
        if let Some(release) = known().find(|release| release.version.as_str() == text) {
            return Ok(Some(release.clone()));
        }
        match journal::find_by_prefix(&self.store, text)
            .await
            .map_err(unlisted)?
        {
            Matching::None => Ok(None),
            Matching::One(id) => {
                let release = tried.into_iter().find(|(deployment, _)| *deployment == id);
                Ok(release.map(|(_, release)| release))
            }
            Matching::Ambiguous(ids) => Err(ambiguous(text, &joined(&ids))),
        }
    }
}

/// The proven release that a text names: an id, a version, or the deployment that brought it.
///
/// # Errors
/// When it names none or several.
pub fn proven<'e>(entries: &'e [Entry], text: &str) -> Result<&'e Release, Failure> {
    let begins = |id: &str| id == text || (text.len() >= 4 && id.starts_with(text));
    let matches = |entry: &&Entry| {
        entry.release.version.as_str() == text
            || begins(entry.release.id.as_str())
            || entry
                .deployment
                .as_ref()
                .is_some_and(|id| begins(id.as_str()))
    };
    let mut found: Vec<&Release> = Vec::new();
    for entry in entries.iter().rev().filter(matches) {
        if !found.iter().any(|known| known.id == entry.release.id) {
            found.push(&entry.release);
        }
    }
    let listed = |releases: &mut dyn Iterator<Item = &Release>| {
        let words = |release: &Release| format!("{} ({})", release.version, release.id);
        releases.map(words).collect::<Vec<_>>().join(", ")
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::usage(
            format!("no release `{text}` was ever proven here"),
            match entries {
                [] => "nothing was proven here yet".to_owned(),
                some => format!(
                    "the newest ones are {}",
                    listed(&mut some.iter().rev().take(NAMED).map(|entry| &entry.release))
                ),
            },
        )),
        many => Err(Failure::usage(
            format!("`{text}` names {} releases", many.len()),
            format!("name one of {}", listed(&mut many.iter().copied())),
        )),
    }
}

/// The deployment that this text names, in one of these environments.
///
/// # Errors
/// When it names none or several, or a store does not answer.
pub async fn deployment(places: Vec<Place>, text: &str) -> Result<(Place, DeploymentId), Failure> {
    let mut found: Vec<(&Place, DeploymentId)> = Vec::new();
    for place in &places {
        let matching = journal::find_by_prefix(&place.store, text).await;
        match matching.map_err(unlisted)? {
            Matching::None => {}
            Matching::One(id) => found.push((place, id)),
            Matching::Ambiguous(ids) => found.extend(ids.into_iter().map(|id| (place, id))),
        }
    }
    match found.as_slice() {
        [] => Err(unknown(&places, text).await),
        [(place, id)] => Ok(((*place).clone(), id.clone())),
        many => {
            let several = places.len() > 1;
            let names = many.iter().map(|(place, id)| match several {
                true => format!("{id} ({})", place.environment()),
                false => id.to_string(),
            });
            let names: Vec<String> = names.collect();
            Err(ambiguous(text, &names.join(", ")))
        }
    }
}

async fn unknown(places: &[Place], text: &str) -> Failure {
    let mut newest = Vec::new();
    for place in places {
        let ids = journal::list(&place.store).await.unwrap_or_default();
        let ids: Vec<DeploymentId> = ids.into_iter().rev().take(NAMED).collect();
        if !ids.is_empty() {
            newest.push(format!("{} of {}", joined(&ids), place.environment()));
        }
    }
    let hint = match newest.as_slice() {
        [] => "nothing was ever deployed here by Backstay".to_owned(),
        newest => format!(
            "the newest are {}; `backstay history` lists them all",
            newest.join(", and ")
        ),
    };
    let environments: Vec<&str> = places.iter().map(Place::environment).collect();
    Failure::usage(
        format!(
            "no deployment of {} begins with `{text}`",
            environments.join(" or ")
        ),
        hint,
    )
}

fn ambiguous(text: &str, matches: &str) -> Failure {
    Failure::usage(
        format!("`{text}` may be any of {matches}"),
        "write more of it",
    )
}

fn joined(ids: &[DeploymentId]) -> String {
    let ids: Vec<&str> = ids.iter().map(DeploymentId::as_str).collect();
    ids.join(", ")
}

fn unlisted(failure: PortFailure) -> Failure {
    Failure::port("the journals cannot be listed")(failure)
}
