//! Which tags may move to another image: PutImageTagMutability and the rule itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::find::{invalid, repository_mut};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;

/// imageTagMutability [MODEL].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Mutability {
    #[default]
    Mutable,
    Immutable,
    ImmutableWithExclusion,
    MutableWithExclusion,
}

/// imageTagMutabilityExclusionFilters[].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExclusionFilter {
    filter_type: FilterType,
    filter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum FilterType {
    Wildcard,
}

/// A repository's setting.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct TagRule {
    mutability: Mutability,
    exclusions: Vec<ExclusionFilter>,
}

impl TagRule {
    /// Filters go with the two settings that name them, and only with those.
    pub(super) fn new(
        mutability: Option<Mutability>,
        filters: Option<Vec<ExclusionFilter>>,
    ) -> Result<Self, ApiError> {
        let mutability = mutability.unwrap_or_default();
        let exclusions = filters.unwrap_or_default();
        let takes_filters = match mutability {
            Mutability::Mutable | Mutability::Immutable => false,
            Mutability::ImmutableWithExclusion | Mutability::MutableWithExclusion => true,
        };
        if takes_filters == exclusions.is_empty() {
            return Err(invalid(
                "Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint: 'exclusion filters \
                 are given with, and only with, IMMUTABLE_WITH_EXCLUSION and MUTABLE_WITH_EXCLUSION'",
            ));
        }
        Ok(Self {
            mutability,
            exclusions,
        })
    }

    /// Whether a tag that is there stays where it is.
    pub(super) fn is_fixed(&self, tag: &str) -> bool {
        let excluded = || self.exclusions.iter().any(|one| wildcard(&one.filter, tag));
        match self.mutability {
            Mutability::Mutable => false,
            Mutability::Immutable => true,
            Mutability::ImmutableWithExclusion => !excluded(),
            Mutability::MutableWithExclusion => excluded(),
        }
    }

    /// Adds the members that CreateRepository, DescribeRepositories and PutImageTagMutability answer.
    pub(super) fn describe(&self, into: &mut Value) {
        into["imageTagMutability"] = json!(self.mutability);
        if !self.exclusions.is_empty() {
            into["imageTagMutabilityExclusionFilters"] = json!(self.exclusions);
        }
    }
}

/// `*` stands for any characters, also none.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    // What stands between two stars is found as early as it can be: that leaves the most for the rest.
    let mut rest = rest;
    while let Some((part, after)) = rest.split_once('*') {
        let Some((_, found)) = text.split_once(part) else {
            return false;
        };
        (text, rest) = (found, after);
    }
    text.ends_with(rest)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutImageTagMutability {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_tag_mutability: Mutability,
    image_tag_mutability_exclusion_filters: Option<Vec<ExclusionFilter>>,
}

pub(super) fn put(
    here: &mut Here<'_, Ecr>,
    request: PutImageTagMutability,
) -> Result<Value, ApiError> {
    let rule = TagRule::new(
        Some(request.image_tag_mutability),
        request.image_tag_mutability_exclusion_filters,
    )?;
    let mut answer =
        json!({ "registryId": here.account, "repositoryName": request.repository_name });
    rule.describe(&mut answer);
    repository_mut(here, &request.repository_name)?.tag_rule = rule;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::wildcard;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("latest", "latest", true),
            ("latest", "latest2", false),
            ("dev-*", "dev-1", true),
            ("dev-*", "prod-1", false),
            ("*", "", true),
            ("*-rc*", "v1-rc2", true),
            ("v*.*", "v1", false),
            ("v*.*", "v1.2", true),
            ("a*b*c", "a-c-b-c", true),
            ("a*a", "a", false),
            ("**", "x", true),
        ] {
            assert_eq!(wildcard(pattern, text), expected, "{pattern} {text}");
        }
    }
}
