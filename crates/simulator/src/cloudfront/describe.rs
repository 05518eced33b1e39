//! The XML of invalidations and distributions.

use super::state::{Distribution, Invalidation};
use crate::wire::{Xml, iso8601};

pub(super) fn invalidation_xml(invalidation: &Invalidation) -> Xml {
    let batch = Xml::new()
        .counted("Paths", "Path", &invalidation.paths)
        .text("CallerReference", &invalidation.caller_reference);
    summary(invalidation).nested("InvalidationBatch", &batch)
}

fn summary(invalidation: &Invalidation) -> Xml {
    Xml::new()
        .text("Id", &invalidation.id)
        .text("Status", invalidation.status())
        .text("CreateTime", iso8601(invalidation.created_ms))
}

pub(super) fn list_xml(
    items: &[Invalidation],
    marker: &str,
    max_items: usize,
    next: Option<String>,
) -> Xml {
    Xml::new()
        .text("Marker", marker)
        .text("MaxItems", max_items)
        .text("IsTruncated", next.is_some())
        .maybe("NextMarker", next)
        .text("Quantity", items.len())
        .list("Items", "InvalidationSummary", items.iter().map(summary))
}

/// A deployed distribution with one S3 origin and, for a single-page application, one custom error response per error.
pub(super) fn distribution_xml(distribution: &Distribution, account: &str, region: &str) -> Xml {
    let running = distribution
        .invalidations
        .iter()
        .filter(|invalidation| !invalidation.completed)
        .count();
    let domain = distribution
        .hosts
        .iter()
        .find(|host| host.ends_with(".cloudfront.net"));
    let made_up = || format!("{}.cloudfront.net", distribution.id.to_lowercase());
    let signers = Xml::new().text("Enabled", false).text("Quantity", 0);
    Xml::new()
        .text("Id", &distribution.id)
        .text(
            "ARN",
            format!(
                "arn:aws:cloudfront::{account}:distribution/{}",
                distribution.id
            ),
        )
        .text("Status", "Deployed")
        .text("LastModifiedTime", iso8601(distribution.created_ms))
        .text("InProgressInvalidationBatches", running)
        .text("DomainName", domain.cloned().unwrap_or_else(made_up))
        .nested("ActiveTrustedSigners", &signers)
        .nested("ActiveTrustedKeyGroups", &signers)
        .nested("DistributionConfig", &config_xml(distribution, region))
}

fn config_xml(distribution: &Distribution, region: &str) -> Xml {
    let aliases: Vec<&String> = distribution
        .hosts
        .iter()
        .filter(|host| !host.ends_with(".cloudfront.net"))
        .collect();
    let origin = Xml::new()
        .text("Id", "bucket")
        .text(
            "DomainName",
            format!("{}.s3.{region}.amazonaws.com", distribution.bucket),
        )
        .text("OriginPath", "")
        .nested("CustomHeaders", &Xml::new().text("Quantity", 0))
        .nested(
            "S3OriginConfig",
            &Xml::new().text("OriginAccessIdentity", ""),
        )
        .text("ConnectionAttempts", 3)
        .text("ConnectionTimeout", 10);
    let origins = Xml::new()
        .text("Quantity", 1)
        .list("Items", "Origin", [origin]);
    Xml::new()
        .text("CallerReference", &distribution.id)
        .counted("Aliases", "CNAME", &aliases)
        .text("DefaultRootObject", &distribution.default_root_object)
        .nested("Origins", &origins)
        .nested("DefaultCacheBehavior", &behaviour_xml())
        .nested("CacheBehaviors", &Xml::new().text("Quantity", 0))
        .nested("CustomErrorResponses", &errors_xml(distribution))
        .text("Comment", "")
        .text("PriceClass", "PriceClass_All")
        .text("Enabled", true)
        .text("HttpVersion", "http2")
        .text("IsIPV6Enabled", true)
}

fn behaviour_xml() -> Xml {
    let methods = Xml::new().counted("AllowedMethods", "Method", &["HEAD", "GET"]);
    methods
        .text("TargetOriginId", "bucket")
        .text("ViewerProtocolPolicy", "redirect-to-https")
        .text("Compress", true)
}

fn errors_xml(distribution: &Distribution) -> Xml {
    let Some(page) = &distribution.not_found_page else {
        return Xml::new().text("Quantity", 0);
    };
    let responses = [403, 404].map(|code| {
        Xml::new()
            .text("ErrorCode", code)
            .text(
                "ResponsePagePath",
                format!("/{}", page.trim_start_matches('/')),
            )
            .text("ResponseCode", 200)
            .text("ErrorCachingMinTTL", 10)
    });
    Xml::new()
        .text("Quantity", 2)
        .list("Items", "CustomErrorResponse", responses)
}
