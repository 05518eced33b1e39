//! The XML of invalidations and distributions.

use super::distribution_shape::DISTRIBUTION;
use super::finish::finished;
use super::shape::normal;
use super::state::{Distribution, Invalidation};
use super::tree::Element;
use crate::base::here::Here;
use crate::services::cloudfront::CloudFront;
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

pub(super) fn distribution_arn(account: &str, id: &str) -> String {
    format!("arn:aws:cloudfront::{account}:distribution/{id}")
}

pub(super) fn distribution_xml(distribution: &Distribution, here: &Here<'_, CloudFront>) -> Xml {
    let running = distribution
        .invalidations
        .iter()
        .filter(|invalidation| !invalidation.completed)
        .count();
    let signers = Xml::new().text("Enabled", false).text("Quantity", 0);
    Xml::new()
        .text("Id", &distribution.id)
        .text("ARN", distribution_arn(&here.account, &distribution.id))
        .text("Status", distribution.status())
        .text("LastModifiedTime", iso8601(modified_ms(distribution)))
        .text("InProgressInvalidationBatches", running)
        .text("DomainName", domain(distribution))
        .nested("ActiveTrustedSigners", &signers)
        .nested("ActiveTrustedKeyGroups", &signers)
        .nested(
            "DistributionConfig",
            &distribution.config(&here.region).inner(),
        )
}

/// DistributionSummary: some members of the configuration in an order of its own ([MODEL]).
pub(super) fn distribution_summary(
    distribution: &Distribution,
    here: &Here<'_, CloudFront>,
) -> Xml {
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
    let config = distribution.config(&here.region);
    let mut shown = Element::default();
    for name in MEMBERS {
        shown.children.extend(config.child(name).cloned());
    }
    Xml::new()
        .text("Id", &distribution.id)
        .text("ARN", distribution_arn(&here.account, &distribution.id))
        .text("Status", distribution.status())
        .text("LastModifiedTime", iso8601(modified_ms(distribution)))
        .text("DomainName", domain(distribution))
        .then(&shown.inner())
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

fn modified_ms(distribution: &Distribution) -> crate::Millis {
    distribution.modified_ms.max(distribution.created_ms)
}

/// The configuration that a blueprint stands for: one S3 origin and, for a single-page application, one custom error response per error.
pub(super) fn blueprint_config(distribution: &Distribution, region: &str) -> Element {
    let aliases: Vec<&String> = distribution
        .hosts
        .iter()
        .filter(|host| !host.ends_with(".cloudfront.net"))
        .collect();
    let identity = Xml::new().text("OriginAccessIdentity", "");
    let bucket = &distribution.bucket;
    let origin = Xml::new()
        .text("Id", "bucket")
        .text("DomainName", format!("{bucket}.s3.{region}.amazonaws.com"))
        .text("OriginPath", &distribution.origin_path)
        .nested("S3OriginConfig", &identity);
    let origins = Xml::new()
        .text("Quantity", 1)
        .list("Items", "Origin", [origin]);
    let certificate = Xml::new().text("CloudFrontDefaultCertificate", aliases.is_empty());
    let config = Xml::new()
        .text("CallerReference", &distribution.id)
        .counted("Aliases", "CNAME", &aliases)
        .text("DefaultRootObject", &distribution.default_root_object)
        .nested("Origins", &origins)
        .nested("DefaultCacheBehavior", &behaviour_xml())
        .nested("CustomErrorResponses", &errors_xml(distribution))
        .text("Comment", "")
        .text("Enabled", true)
        .nested("ViewerCertificate", &certificate)
        .text("IsIPV6Enabled", true);
    let config = Element::parse(config.bare("DistributionConfig").as_bytes());
    // A test holds that it fits its shape.
    let config = config
        .and_then(|config| normal(config, DISTRIBUTION))
        .and_then(|config| normal(finished(config), DISTRIBUTION));
    config.unwrap_or_default()
}

fn behaviour_xml() -> Xml {
    let methods = Xml::new()
        .text("Quantity", 2)
        .nested(
            "Items",
            &Xml::new().text("Method", "HEAD").text("Method", "GET"),
        )
        .counted("CachedMethods", "Method", &["HEAD", "GET"]);
    let cookies = Xml::new().text("Forward", "none");
    let forwarded = Xml::new()
        .text("QueryString", false)
        .nested("Cookies", &cookies);
    Xml::new()
        .text("TargetOriginId", "bucket")
        .text("ViewerProtocolPolicy", "redirect-to-https")
        .nested("AllowedMethods", &methods)
        .text("Compress", true)
        .nested("ForwardedValues", &forwarded)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blueprint_fits_the_shape_of_a_configuration() {
        let distribution = Distribution {
            bucket: "web".to_owned(),
            hosts: vec!["cat-house.example".to_owned()],
            not_found_page: Some("index.html".to_owned()),
            ..Distribution::new("E1", 0)
        };
        let config = blueprint_config(&distribution, "eu-west-1");
        assert_eq!(config.text_of("CallerReference"), "E1");
        assert_eq!(config.items("CustomErrorResponses").len(), 2);
    }
}
