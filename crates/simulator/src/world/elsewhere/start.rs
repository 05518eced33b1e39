//! What a world begins with in services that are elsewhere, so that it can be made there.

use std::collections::BTreeMap;

use super::Need;
use super::needs::is_secret;
use crate::World;
use crate::front::Service;
use crate::services::s3::Moved;
use crate::services::{secretsmanager, ssm};

/// Something that the other server has to have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Furnishing {
    Bucket(Moved),
    LogGroup(String),
    /// One that a task definition names, and whose value nobody here knows.
    /// Each need with the key that it reads of the value.
    Secret {
        name: String,
        needs: Vec<(Need, Option<String>)>,
    },
    Parameter {
        name: String,
        need: Need,
    },
}

impl World {
    /// In an order in which it can be made.
    pub(crate) fn furnishings(&self) -> Vec<Furnishing> {
        let mut found = Vec::new();
        if self.elsewhere.has(Service::S3) {
            let buckets = self.s3.as_it_was_put(&self.region);
            found.extend(buckets.into_iter().map(Furnishing::Bucket));
        }
        if self.elsewhere.has(Service::Logs) {
            found.extend(self.logs.names().map(Furnishing::LogGroup));
        }
        // An account that began empty has the secrets that somebody makes.
        if self.secrets_unlisted {
            found.extend(by_name(self.needs()));
        }
        found
    }
}

/// A secret is made once, with every key that is read of it.
fn by_name(needs: Vec<Need>) -> Vec<Furnishing> {
    let mut secrets: BTreeMap<String, Vec<(Need, Option<String>)>> = BTreeMap::new();
    let mut parameters: BTreeMap<String, Need> = BTreeMap::new();
    for need in needs {
        if is_secret(&need.value_from) {
            let (name, key) = secretsmanager::name_and_key(&need.value_from);
            secrets.entry(name).or_default().push((need, key));
        } else {
            let name = ssm::name_of(&need.value_from).to_owned();
            parameters.insert(name, need);
        }
    }
    let secrets = secrets
        .into_iter()
        .map(|(name, needs)| Furnishing::Secret { name, needs });
    let parameters = parameters
        .into_iter()
        .map(|(name, need)| Furnishing::Parameter { name, need });
    secrets.chain(parameters).collect()
}
