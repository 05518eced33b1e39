//! `backstay audit verify`: whether the journals are as they were written. Changes nothing.

use std::path::Path;

use backstay_adapters::state::journal::{self, Audit};
use backstay_domain::DeploymentId;

use crate::compose::cloud::{Time, runtime};
use crate::compose::find::{self, Place};
use crate::failure::Failure;
use crate::render::audit::{Verified, audit_error, audit_text};
use crate::render::json;
use crate::shell::{Output, Shell};

pub(super) fn verify(
    shell: &Shell,
    directory: &Path,
    environment: &str,
    deployment: Option<&str>,
) -> Result<u8, Failure> {
    let verified = runtime(Time::Running)?.block_on(async {
        let place = Place::of(directory, environment).await?;
        let app = place.project.configured.app.clone();
        let audits = match deployment {
            None => all(&place).await?,
            Some(text) => {
                let (place, id) = find::deployment(vec![place], text).await?;
                vec![one(&place, &id).await?]
            }
        };
        Ok::<_, Failure>(Verified {
            app: app.name,
            environment: app.environment,
            audits,
        })
    })?;
    let error = audit_error(&verified);
    let code = if error.is_some() { 5 } else { 0 };
    shell.give(|| audit_text(&verified), || json::audited(&verified, code));
    if let (Output::Text, Some(error)) = (shell.output(), error) {
        shell.error(&error);
    }
    Ok(code)
}

/// Every deployment that has or had a journal, and every one that must have one because it brought a recorded release.
async fn all(place: &Place) -> Result<Vec<Audit>, Failure> {
    let known = journal::known(&place.store).await;
    let mut ids = known.map_err(Failure::port("the journals cannot be listed"))?;
    let recorded = place.entries().await?.into_iter();
    for id in recorded.filter_map(|entry| entry.deployment) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let mut audits = Vec::new();
    for id in &ids {
        audits.push(one(place, id).await?);
    }
    Ok(audits)
}

async fn one(place: &Place, id: &DeploymentId) -> Result<Audit, Failure> {
    let audit = journal::audit(&place.store, id).await;
    audit.map_err(Failure::port(format!("the journal of {id} cannot be read")))
}
