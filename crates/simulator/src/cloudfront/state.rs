//! Distributions, their invalidations and what their edge has cached.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::s3::base64_text;
use crate::{DistributionBlueprint, Millis};

/// Every distribution of the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CloudFront {
    pub(super) distributions: BTreeMap<String, Distribution>,
}

/// A distribution over one bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Distribution {
    pub(super) id: String,
    pub(super) hosts: Vec<String>,
    pub(super) bucket: String,
    pub(super) default_root_object: String,
    pub(super) not_found_page: Option<String>,
    pub(super) created_ms: Millis,
    /// In the order they were created.
    pub(super) invalidations: Vec<Invalidation>,
    /// What the edge holds, by path. All edge locations of AWS are one here.
    pub(super) cache: BTreeMap<String, Cached>,
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
            default_root_object,
            not_found_page,
        } = blueprint.clone();
        let distribution = Distribution {
            id: id.clone(),
            hosts,
            bucket,
            default_root_object,
            not_found_page,
            created_ms: now_ms,
            invalidations: Vec::new(),
            cache: BTreeMap::new(),
        };
        self.distributions.insert(id, distribution);
    }

    /// Completes the invalidations that are due: only then do their paths leave the edge.
    pub(super) fn advance(&mut self, now_ms: Millis) {
        for distribution in self.distributions.values_mut() {
            distribution.advance(now_ms);
        }
    }
}

impl Distribution {
    fn advance(&mut self, now_ms: Millis) {
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
