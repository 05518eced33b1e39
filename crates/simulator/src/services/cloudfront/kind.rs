//! Origin access controls and policies: their kinds, and what differs between them.

use serde::{Deserialize, Serialize};

/// A kind of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Collection {
    OriginAccessControl,
    CachePolicy,
    OriginRequestPolicy,
    ResponseHeadersPolicy,
}

/// What differs between the kinds.
pub(super) struct Row {
    pub(super) collection: Collection,
    pub(super) path: &'static str,
    /// As members and operations name it.
    pub(super) name: &'static str,
    /// Its configuration, as members and shapes name it.
    pub(super) config: &'static str,
    /// As messages name it.
    pub(super) words: &'static str,
    pub(super) plural: &'static str,
    pub(super) missing: &'static str,
    pub(super) exists: &'static str,
    pub(super) in_use: &'static str,
}

pub(super) const ROWS: [Row; 4] = [
    Row {
        collection: Collection::OriginAccessControl,
        path: "origin-access-control",
        name: "OriginAccessControl",
        config: "OriginAccessControlConfig",
        words: "origin access control",
        plural: "OriginAccessControls",
        missing: "NoSuchOriginAccessControl",
        exists: "OriginAccessControlAlreadyExists",
        in_use: "OriginAccessControlInUse",
    },
    Row {
        collection: Collection::CachePolicy,
        path: "cache-policy",
        name: "CachePolicy",
        config: "CachePolicyConfig",
        words: "cache policy",
        plural: "CachePolicies",
        missing: "NoSuchCachePolicy",
        exists: "CachePolicyAlreadyExists",
        in_use: "CachePolicyInUse",
    },
    Row {
        collection: Collection::OriginRequestPolicy,
        path: "origin-request-policy",
        name: "OriginRequestPolicy",
        config: "OriginRequestPolicyConfig",
        words: "origin request policy",
        plural: "OriginRequestPolicies",
        missing: "NoSuchOriginRequestPolicy",
        exists: "OriginRequestPolicyAlreadyExists",
        in_use: "OriginRequestPolicyInUse",
    },
    Row {
        collection: Collection::ResponseHeadersPolicy,
        path: "response-headers-policy",
        name: "ResponseHeadersPolicy",
        config: "ResponseHeadersPolicyConfig",
        words: "response headers policy",
        plural: "ResponseHeadersPolicies",
        missing: "NoSuchResponseHeadersPolicy",
        exists: "ResponseHeadersPolicyAlreadyExists",
        in_use: "ResponseHeadersPolicyInUse",
    },
];

impl Collection {
    pub(super) fn row(self) -> &'static Row {
        let found = ROWS.iter().find(|row| row.collection == self);
        found.unwrap_or(&ROWS[0])
    }
}
