//! Origin access controls and policies: their kinds, and what differs between them.

use serde::{Deserialize, Serialize};

use super::policy_shape::{
    CACHE_POLICY, ORIGIN_ACCESS_CONTROL, ORIGIN_REQUEST_POLICY, RESPONSE_HEADERS_POLICY,
};
use super::shape::Member;

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
    /// As elements and operations name it; its configuration is this and `Config`.
    pub(super) name: &'static str,
    pub(super) plural: &'static str,
    pub(super) shape: &'static [Member],
    pub(super) missing: &'static str,
    pub(super) exists: &'static str,
    pub(super) in_use: &'static str,
}

/// The first segments of their paths.
#[cfg(test)]
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.path)
}

pub(super) const ROWS: [Row; 4] = [
    Row {
        collection: Collection::OriginAccessControl,
        path: "origin-access-control",
        name: "OriginAccessControl",
        plural: "OriginAccessControls",
        shape: ORIGIN_ACCESS_CONTROL,
        missing: "NoSuchOriginAccessControl",
        exists: "OriginAccessControlAlreadyExists",
        in_use: "OriginAccessControlInUse",
    },
    Row {
        collection: Collection::CachePolicy,
        path: "cache-policy",
        name: "CachePolicy",
        plural: "CachePolicies",
        shape: CACHE_POLICY,
        missing: "NoSuchCachePolicy",
        exists: "CachePolicyAlreadyExists",
        in_use: "CachePolicyInUse",
    },
    Row {
        collection: Collection::OriginRequestPolicy,
        path: "origin-request-policy",
        name: "OriginRequestPolicy",
        plural: "OriginRequestPolicies",
        shape: ORIGIN_REQUEST_POLICY,
        missing: "NoSuchOriginRequestPolicy",
        exists: "OriginRequestPolicyAlreadyExists",
        in_use: "OriginRequestPolicyInUse",
    },
    Row {
        collection: Collection::ResponseHeadersPolicy,
        path: "response-headers-policy",
        name: "ResponseHeadersPolicy",
        plural: "ResponseHeadersPolicies",
        shape: RESPONSE_HEADERS_POLICY,
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
