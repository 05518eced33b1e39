//! What a distribution's configuration refers to must be there.

use serde_json::Value;

use super::find::{is_true, items, refused, text};
use super::kind::Collection;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::cloudfront::CloudFront;

/// Refuses what CloudFront refuses, in the order in which it is written here.
pub(super) fn check(
    here: &Here<'_, CloudFront>,
    config: &Value,
    own_id: Option<&str>,
) -> Result<(), ApiError> {
    reference_is_new(here, config, own_id)?;
    aliases_are_free(here, config, own_id)?;
    let default = config.get("DefaultCacheBehavior").into_iter();
    let behaviors = || default.clone().chain(items(config, "CacheBehaviors"));
    for behavior in behaviors() {
        origin_is_there(config, behavior)?;
    }
    origins_are_whole(here, config)?;
    for behavior in behaviors() {
        behavior_is_served(here, behavior)?;
    }
    Ok(())
}

fn reference_is_new(
    here: &Here<'_, CloudFront>,
    config: &Value,
    own_id: Option<&str>,
) -> Result<(), ApiError> {
    let reference = text(config, "CallerReference");
    let mut all = here.own.distributions.values();
    let taken = all.find(|it| text(&it.config(here.region), "CallerReference") == reference);
    match taken {
        Some(other) if own_id != Some(other.id.as_str()) => Err(refused(
            "DistributionAlreadyExists",
            409,
            format!(
                "The caller reference that you are using to create a distribution is associated with another distribution. Already exists: {}",
                other.id
            ),
        )),
        _ => Ok(()),
    }
}

/// An alias belongs to one distribution, and needs a certificate of one's own [DOC].
fn aliases_are_free(
    here: &Here<'_, CloudFront>,
    config: &Value,
    own_id: Option<&str>,
) -> Result<(), ApiError> {
    let aliases = items(config, "Aliases");
    let others = here.own.distributions.values();
    let mut others = others.filter(|other| own_id != Some(other.id.as_str()));
    let taken = others.any(|other| {
        let theirs = other.config(here.region);
        let mut theirs = items(&theirs, "Aliases").iter();
        theirs.any(|their| aliases.contains(their))
    });
    if taken {
        let message = "One or more of the CNAMEs you provided are already associated with a different resource.";
        return Err(refused("CNAMEAlreadyExists", 409, message));
    }
    let certificate = config.get("ViewerCertificate");
    let default = certificate.is_none_or(|it| is_true(it, "CloudFrontDefaultCertificate"));
    let from_blueprint = own_id.is_some_and(|id| {
        let own = here.own.distributions.get(id);
        own.is_some_and(|own| !own.bucket.is_empty())
    });
    if default && !aliases.is_empty() && !from_blueprint {
        let message = "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate \
                       that validates your authorization to use the domain name.";
        return Err(refused("InvalidViewerCertificate", 400, message));
    }
    Ok(())
}

fn origins_are_whole(here: &Here<'_, CloudFront>, config: &Value) -> Result<(), ApiError> {
    for origin in items(config, "Origins") {
        let kinds = ["S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig"];
        let given = kinds.iter().filter(|kind| origin.get(kind).is_some());
        if given.count() != 1 {
            let message = "Each origin must have exactly one of S3OriginConfig, CustomOriginConfig and VpcOriginConfig.";
            return Err(refused("InvalidArgument", 400, message));
        }
        if origin.get("S3OriginConfig").is_some() && !text(origin, "DomainName").contains(".s3") {
            let message = "The parameter Origin DomainName does not refer to a valid S3 bucket.";
            return Err(refused("InvalidArgument", 400, message));
        }
        let control = text(origin, "OriginAccessControlId");
        let known = || here.own.entity(Collection::OriginAccessControl, control);
        if !control.is_empty() && known().is_none() {
            let message = "The specified origin access control does not exist.";
            return Err(refused("InvalidOriginAccessControl", 400, message));
        }
    }
    Ok(())
}

fn origin_is_there(config: &Value, behavior: &Value) -> Result<(), ApiError> {
    let target = text(behavior, "TargetOriginId");
    let mut targets = items(config, "Origins")
        .iter()
        .chain(items(config, "OriginGroups"));
    if !targets.any(|origin| text(origin, "Id") == target) {
        let message = "One or more of your origins or origin groups do not exist.";
        return Err(refused("NoSuchOrigin", 404, message));
    }
    Ok(())
}

fn behavior_is_served(here: &Here<'_, CloudFront>, behavior: &Value) -> Result<(), ApiError> {
    if behavior.get("CachePolicyId").is_none() && behavior.get("ForwardedValues").is_none() {
        let message = "The parameter ForwardedValues is required.";
        return Err(refused("InvalidArgument", 400, message));
    }
    for (member, collection, code) in [
        (
            "CachePolicyId",
            Collection::CachePolicy,
            "NoSuchCachePolicy",
        ),
        (
            "OriginRequestPolicyId",
            Collection::OriginRequestPolicy,
            "NoSuchOriginRequestPolicy",
        ),
        (
            "ResponseHeadersPolicyId",
            Collection::ResponseHeadersPolicy,
            "NoSuchResponseHeadersPolicy",
        ),
    ] {
        let id = text(behavior, member);
        if !id.is_empty() && here.own.entity(collection, id).is_none() {
            let message = format!("The specified policy {id} does not exist.");
            return Err(refused(code, 404, message));
        }
    }
    Ok(())
}
