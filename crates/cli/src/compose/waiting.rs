//! Where a deployment waits to be gone on with, when nobody names the environment.

use std::path::Path;

use backstay_adapters::state::journal::{self, JournalError, Matching};
use backstay_adapters::turn::{Opened, standing};
use backstay_domain::ports::{Clock, Cloud};

use super::cloud::{Purpose, Use, on_cloud};
use super::project::{Project, environments};
use crate::failure::Failure;

/// The environment in which a deployment waits to be gone on with: the only one, or the one that has the one that is named, or
/// has one at all.
///
/// # Errors
/// When nobody can tell which one it is.
pub fn waiting(directory: &Path, deployment: Option<&str>) -> Result<Option<String>, Failure> {
    let mut all = environments(directory)?;
    if all.len() == 1 {
        return Ok(all.pop());
    }
    let mut found = Vec::new();
    for name in &all {
        let project = Project::load(directory, name)?;
        let asking = Asking { deployment };
        if project.may_have_state() && on_cloud(&project, Purpose::Look, asking)? {
            found.push(name.clone());
        }
    }
    let hint = format!(
        "name the environment with --environment: {}",
        all.join(", ")
    );
    match found.as_slice() {
        [_] => Ok(found.pop()),
        [] if deployment.is_none() => Ok(None),
        [] => Err(Failure::usage("no environment has this deployment", hint)),
        many => Err(Failure::usage(
            format!("{} have a deployment to resume", many.join(" and ")),
            hint,
        )),
    }
}

/// Whether an environment has the deployment asked for, or one to resume.
struct Asking<'a> {
    deployment: Option<&'a str>,
}

impl Use for Asking<'_> {
    type Gives = bool;

    async fn with<C: Cloud, K: Clock>(self, opened: Opened<'_, C, K>) -> Result<bool, Failure> {
        if let Some(text) = self.deployment {
            let found = journal::find_by_prefix(opened.store, text).await;
            let found = found.map_err(JournalError::Port)?;
            return Ok(!matches!(found, Matching::None));
        }
        Ok(standing(opened.store).await?.open.is_some())
    }
}
