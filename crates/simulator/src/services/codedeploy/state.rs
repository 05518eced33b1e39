//! What the account has of it: applications with their groups, deployment configurations, deployments, tags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::config::Config;
use super::deployment::{Deployment, Status};
use super::group::Group;
use crate::Millis;

/// So many deployments are remembered.
const DEPLOYMENTS_KEPT: usize = 1_000;

/// CodeDeploy of one account and Region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CodeDeploy {
    /// By name.
    #[serde(default)]
    pub(crate) applications: BTreeMap<String, Application>,
    /// Those that a user made; the predefined ones are in `config`.
    #[serde(default)]
    pub(crate) configs: BTreeMap<String, Config>,
    /// Oldest first.
    #[serde(default)]
    pub(crate) deployments: Vec<Deployment>,
    /// By ARN, then by key.
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// An application with compute platform ECS.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) created_ms: Millis,
    /// By name.
    pub(crate) groups: BTreeMap<String, Group>,
}

impl CodeDeploy {
    /// The newest; the oldest that is over may be forgotten for it.
    pub(crate) fn add(&mut self, deployment: Deployment) {
        self.deployments.push(deployment);
        let oldest = self
            .deployments
            .iter()
            .position(|it| it.status.is_terminal());
        if let Some(oldest) = oldest.filter(|_| self.deployments.len() > DEPLOYMENTS_KEPT) {
            self.deployments.remove(oldest);
        }
    }

    pub(crate) fn deployment(&self, id: &str) -> Option<&Deployment> {
        self.deployments
            .iter()
            .find(|deployment| deployment.id == id)
    }

    pub(crate) fn deployment_mut(&mut self, id: &str) -> Option<&mut Deployment> {
        self.deployments
            .iter_mut()
            .find(|deployment| deployment.id == id)
    }

    /// Deployments of a group, newest first.
    pub(crate) fn of_group<'a, 'n>(
        &'a self,
        application: &'n str,
        group: &'n str,
    ) -> impl Iterator<Item = &'a Deployment> + use<'a, 'n> {
        let newest_first = self.deployments.iter().rev();
        newest_first.filter(move |deployment| {
            deployment.application == application && deployment.group_name == group
        })
    }

    /// The one that a group is busy with, if any.
    pub(crate) fn active<'a>(&'a self, application: &str, group: &str) -> Option<&'a Deployment> {
        self.of_group(application, group)
            .find(|deployment| !deployment.status.is_terminal())
    }

    pub(crate) fn last_successful<'a>(
        &'a self,
        application: &str,
        group: &str,
    ) -> Option<&'a Deployment> {
        self.of_group(application, group)
            .find(|deployment| deployment.status == Status::Succeeded)
    }
}
