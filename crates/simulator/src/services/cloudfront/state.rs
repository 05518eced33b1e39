//! Distributions, their invalidations and what their edge has cached.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::blueprint::blueprint_config;
use super::collections::Entity;
use super::find::{is_true, items};
use super::functions::Function;
use super::kind::Collection;
use super::old_markup;
use crate::base::base64_text;
use crate::{DistributionBlueprint, Millis};

/// Everything of the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CloudFront {
    pub(super) distributions: BTreeMap<String, Distribution>,
    /// Origin access controls and policies, by id.
    #[serde(default)]
    pub(super) entities: BTreeMap<Collection, BTreeMap<String, Entity>>,
    #[serde(default)]
    pub(super) functions: BTreeMap<String, Function>,
    /// By ARN, in the order they were given.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, Vec<(String, String)>>,
    /// How many ids and versions were given out.
    #[serde(default)]
    pub(super) changes: u64,
}

/// A distribution.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Distribution {
    pub(super) id: String,
    /// The names its edge answers to: none before it is deployed.
    pub(super) hosts: Vec<String>,
    /// The bucket of a blueprint's distribution, which may read it without being allowed.
    pub(super) bucket: String,
    #[serde(default)]
    pub(super) origin_path: String,
    pub(super) default_root_object: String,
    pub(super) not_found_page: Option<String>,
    pub(super) created_ms: Millis,
    /// In the order they were created.
    pub(super) invalidations: Vec<Invalidation>,
    /// What the edge holds, by path. All edge locations of AWS are one here.
    pub(super) cache: BTreeMap<String, Cached>,
    /// As it was set last; none while it is still as its blueprint made it.
    #[serde(default, deserialize_with = "old_markup::maybe")]
    pub(super) config: Option<Value>,
    /// Of a created one: its name, what its edge does, which change is the last, when that is everywhere.
    #[serde(default)]
    pub(super) domain: String,
    #[serde(default, deserialize_with = "old_markup::maybe")]
    pub(super) at_edge: Option<Value>,
    /// What a blueprint's edge does, once somebody has asked.
    #[serde(skip)]
    pub(super) drawn: OnceLock<Value>,
    #[serde(default)]
    pub(super) change: u64,
    #[serde(default)]
    pub(super) modified_ms: Millis,
    #[serde(default)]
    pub(super) deployed_ms: Millis,
    #[serde(default)]
    pub(super) deployed: Option<bool>,
}

/// CreateInvalidation and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Invalidation {
    pub(super) id: String,
    pub(super) caller_reference: String,
    pub(super) paths: Vec<String>,
    pub(super) created_ms: Millis,
    pub(super) completes_ms: Millis,
    pub(super) completed: bool,
}

/// An answer that the edge keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cached {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    #[serde(with = "base64_text")]
    pub(super) body: Bytes,
    pub(super) fetched_ms: Millis,
    pub(super) expires_ms: Millis,
}

impl CloudFront {
    /// Creates a distribution.
    pub(crate) fn add_distribution(&mut self, blueprint: &DistributionBlueprint, now_ms: Millis) {
        let DistributionBlueprint {
            id,
            hosts,
            bucket,
            origin_path,
            default_root_object,
            not_found_page,
        } = blueprint.clone();
        let domain = hosts.iter().find(|host| host.ends_with(".cloudfront.net"));
        let domain = domain.cloned();
        let distribution = Distribution {
            domain: domain.unwrap_or_else(|| format!("{}.cloudfront.net", id.to_lowercase())),
            hosts,
            bucket,
            origin_path,
            default_root_object,
            not_found_page,
            modified_ms: now_ms,
            ..Distribution::new(&id, now_ms)
        };
        self.distributions.insert(id, distribution);
    }

    /// An invalidation that somebody else asked for: whatever the limits are, it is there. False if there is no such distribution.
    pub(crate) fn invalidate(
        &mut self,
        id: &str,
        paths: Vec<String>,
        (now_ms, lasting_ms): (Millis, Millis),
    ) -> bool {
        let Some(distribution) = self.distributions.get_mut(id) else {
            return false;
        };
        let caller_reference = format!("elsewhere-{}", distribution.invalidations.len());
        distribution.invalidations.push(Invalidation {
            id: id_text(&format!("invalidation/{id}/{caller_reference}")),
            caller_reference,
            paths,
            created_ms: now_ms,
            completes_ms: now_ms.saturating_add(lasting_ms),
            completed: false,
        });
        true
    }

    /// Completes the invalidations and the deployments that are due.
    pub(super) fn advance(&mut self, now_ms: Millis) {
        for distribution in self.distributions.values_mut() {
            distribution.advance(now_ms);
        }
    }

    /// What distributions were set to last, where somebody has.
    pub(super) fn configs(&self) -> impl Iterator<Item = &Value> {
        let distributions = self.distributions.values();
        distributions.filter_map(|it| it.config.as_ref())
    }

    /// A number for the next id or version.
    pub(super) fn next_change(&mut self) -> u64 {
        self.changes += 1;
        self.changes
    }

    /// The tags of a thing, by its ARN.
    pub(super) fn tag(&mut self, arn: &str, tags: Vec<(String, String)>) {
        let known = self.tags.entry(arn.to_owned()).or_default();
        for (key, value) in tags {
            match known.iter_mut().find(|(other, _)| *other == key) {
                Some((_, old)) => *old = value,
                None => known.push((key, value)),
            }
        }
    }
}

/// 13 characters as in CloudFront's ids, the same in the same story.
pub(super) fn id_text(of: &str) -> String {
    const SIGNS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let digest = Sha256::digest(of);
    let sign = |byte: &u8| SIGNS.get(usize::from(*byte) % SIGNS.len()).copied();
    digest
        .iter()
        .take(13)
        .filter_map(sign)
        .map(char::from)
        .collect()
}

/// The ETag of a version of something.
pub(super) fn version_text(id: &str, change: u64) -> String {
    format!("E{}", id_text(&format!("version/{id}/{change}")))
}

impl Distribution {
    pub(super) fn new(id: &str, now_ms: Millis) -> Self {
        Self {
            id: id.to_owned(),
            hosts: Vec::new(),
            bucket: String::new(),
            origin_path: String::new(),
            default_root_object: String::new(),
            not_found_page: None,
            created_ms: now_ms,
            invalidations: Vec::new(),
            cache: BTreeMap::new(),
            config: None,
            domain: String::new(),
            at_edge: None,
            drawn: OnceLock::new(),
            change: 0,
            modified_ms: 0,
            deployed_ms: 0,
            deployed: None,
        }
    }

    /// What it was set to last.
    pub(super) fn config(&self, region: &str) -> Cow<'_, Value> {
        match &self.config {
            Some(config) => Cow::Borrowed(config),
            None => Cow::Owned(blueprint_config(self, region)),
        }
    }

    /// What its edge does.
    pub(super) fn edge(&self, region: &str) -> &Value {
        let drawn = || blueprint_config(self, region);
        let own = self.at_edge.as_ref();
        own.unwrap_or_else(|| self.drawn.get_or_init(drawn))
    }

    pub(super) fn is_deployed(&self) -> bool {
        self.deployed != Some(false)
    }

    pub(super) fn status(&self) -> &'static str {
        if self.is_deployed() {
            "Deployed"
        } else {
            "InProgress"
        }
    }

    pub(super) fn etag(&self) -> String {
        version_text(&self.id, self.change)
    }

    fn advance(&mut self, now_ms: Millis) {
        if !self.is_deployed() && self.deployed_ms <= now_ms {
            self.deploy();
        }
        let due = self
            .invalidations
            .iter_mut()
            .filter(|it| !it.completed && it.completes_ms <= now_ms);
        for invalidation in due {
            invalidation.completed = true;
            let fetched_later = |cached: &Cached| cached.fetched_ms >= invalidation.completes_ms;
            self.cache
                .retain(|path, cached| fetched_later(cached) || !invalidation.covers(path));
        }
    }

    /// The edge does from now on what was set. A disabled distribution answers to no name [DOC].
    fn deploy(&mut self) {
        self.deployed = Some(true);
        self.at_edge.clone_from(&self.config);
        self.hosts.clear();
        if let Some(config) = self.config.as_ref().filter(|it| is_true(it, "Enabled")) {
            let aliases = items(config, "Aliases").iter();
            let aliases = aliases.filter_map(Value::as_str).map(str::to_owned);
            self.hosts = aliases.chain([self.domain.clone()]).collect();
        }
    }
}

impl Invalidation {
    /// Whether a cached path is one of those invalidated; `*` at the end stands for any rest.
    fn covers(&self, path: &str) -> bool {
        self.paths
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == pattern,
            })
    }

    pub(super) fn status(&self) -> &'static str {
        if self.completed {
            "Completed"
        } else {
            "InProgress"
        }
    }
}
