//! Distributions as they are told.

use serde_json::{Value, json};

use super::CloudFront;
use super::find::distribution_arn;
use super::state::Distribution;
use crate::base::here::Here;
use crate::wire::instant;

pub(super) fn described(distribution: &Distribution, here: &Here<'_, CloudFront>) -> Value {
    let running = distribution
        .invalidations
        .iter()
        .filter(|invalidation| !invalidation.completed)
        .count();
    let nobody = json!({ "Enabled": false, "Quantity": 0 });
    let mut told = head(distribution, here);
    told["InProgressInvalidationBatches"] = json!(running);
    told["ActiveTrustedSigners"] = nobody.clone();
    told["ActiveTrustedKeyGroups"] = nobody;
    told["DistributionConfig"] = distribution.config(here.region).into_owned();
    told
}

/// DistributionSummary: some members of the configuration ([MODEL]).
pub(super) fn summary(distribution: &Distribution, here: &Here<'_, CloudFront>) -> Value {
    const MEMBERS: [&str; 15] = [
        "Aliases",
        "Origins",
        "OriginGroups",
        "DefaultCacheBehavior",
        "CacheBehaviors",
        "CustomErrorResponses",
        "Comment",
        "PriceClass",
        "Enabled",
        "ViewerCertificate",
        "Restrictions",
        "WebACLId",
        "HttpVersion",
        "IsIPV6Enabled",
        "Staging",
    ];
    let config = distribution.config(here.region);
    let mut told = head(distribution, here);
    for name in MEMBERS {
        told[name] = config.get(name).cloned().unwrap_or_default();
    }
    told
}

fn head(distribution: &Distribution, here: &Here<'_, CloudFront>) -> Value {
    json!({
        "Id": distribution.id,
        "ARN": distribution_arn(here, &distribution.id),
        "Status": distribution.status(),
        "LastModifiedTime": instant(distribution.modified_ms.max(distribution.created_ms)),
        "DomainName": domain(distribution),
    })
}

/// Worlds that were saved before distributions had a domain of their own tell it as it was made up.
fn domain(distribution: &Distribution) -> String {
    let own = Some(&distribution.domain).filter(|domain| !domain.is_empty());
    let mut hosts = distribution.hosts.iter();
    let host = hosts.find(|host| host.ends_with(".cloudfront.net"));
    own.or(host)
        .cloned()
        .unwrap_or_else(|| format!("{}.cloudfront.net", distribution.id.to_lowercase()))
}
