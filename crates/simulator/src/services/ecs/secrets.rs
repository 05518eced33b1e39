//! The secrets and parameters that a task definition names: who keeps each, and whether it can be read.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Ecs, TaskDefinition};
use crate::World;

impl World {
    /// Why the first unreadable secret of a task cannot be read, in the container runtime's words.
    pub(crate) fn unreadable_secret(&self, definition: &TaskDefinition) -> Option<String> {
        let mut named = references(&definition.document).into_iter();
        named.find_map(|value_from| match value_from.contains(":secretsmanager:") {
            true => self.secret_problem(value_from),
            false => self.parameter_problem(value_from),
        })
    }
}

impl Ecs {
    /// Whatever a registered task definition names, each once: the value of `valueFrom`.
    pub(crate) fn secrets_named(&self) -> Vec<&str> {
        let revisions = self.families.values().flat_map(|it| it.revisions.values());
        let named = revisions.flat_map(|definition| references(&definition.document));
        let each: BTreeSet<&str> = named.collect();
        each.into_iter().collect()
    }
}

/// `secrets`, `secretOptions` of the log driver, and the credentials of a private registry.
fn references(document: &Value) -> Vec<&str> {
    let containers = document
        .get("containerDefinitions")
        .and_then(Value::as_array);
    containers
        .into_iter()
        .flatten()
        .flat_map(named_by)
        .collect()
}

fn named_by(container: &Value) -> Vec<&str> {
    let options = container
        .get("logConfiguration")
        .and_then(|log| log.get("secretOptions"));
    let lists = [container.get("secrets"), options];
    let entries = lists
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten();
    let credentials = container
        .get("repositoryCredentials")
        .and_then(|credentials| credentials.get("credentialsParameter"));
    let values = entries.filter_map(|entry| entry.get("valueFrom"));
    values
        .chain(credentials)
        .filter_map(Value::as_str)
        .collect()
}
