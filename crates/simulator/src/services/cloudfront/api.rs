//! CloudFront's REST API: which operation a path is, and who serves it.

use bytes::Bytes;
use http::{Method, Request, Response};

use super::{collections, distributions, functions, invalidations, tags};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::cloudfront::CloudFront;

/// `/2020-05-31/distribution/ID/invalidation/ID` without its version.
fn segments(request: &Request<Bytes>) -> Vec<&str> {
    request
        .uri()
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .skip(1)
        .collect()
}

/// The operation's name, as AWS's SDKs have it.
pub(crate) fn operation(request: &Request<Bytes>) -> String {
    let path = segments(request);
    let query = request.uri().query().unwrap_or_default();
    let with_tags = query.split(['&', '=']).any(|part| part == "WithTags");
    let known = match (request.method(), path.as_slice()) {
        (&Method::POST, ["distribution"]) if with_tags => "CreateDistributionWithTags",
        (&Method::POST, ["distribution"]) => "CreateDistribution",
        (&Method::GET, ["distribution"]) => "ListDistributions",
        (&Method::GET, ["distribution", _]) => "GetDistribution",
        (&Method::GET, ["distribution", _, "config"]) => "GetDistributionConfig",
        (&Method::PUT, ["distribution", _, "config"]) => "UpdateDistribution",
        (&Method::DELETE, ["distribution", _]) => "DeleteDistribution",
        (&Method::POST, ["distribution", _, "invalidation"]) => "CreateInvalidation",
        (&Method::GET, ["distribution", _, "invalidation"]) => "ListInvalidations",
        (&Method::GET, ["distribution", _, "invalidation", _]) => "GetInvalidation",
        (_, ["tagging"]) => tags::operation(request).unwrap_or_default(),
        (method, ["function", rest @ ..]) => functions::operation(method, rest).unwrap_or_default(),
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    collections::operation(request.method(), &path)
        .unwrap_or_else(|| format!("{} /{}", request.method(), path.join("/")))
}

/// Serves one CloudFront operation.
pub(crate) fn serve(
    here: &mut Here<'_, CloudFront>,
    operation: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    here.own.advance(here.now_ms);
    let path = segments(request);
    let id = path.get(1).copied().unwrap_or_default();
    match operation {
        "CreateDistribution" | "CreateDistributionWithTags" => distributions::create(here, request),
        "ListDistributions" => distributions::list(here, request),
        "GetDistribution" => distributions::get(here, id),
        "GetDistributionConfig" => distributions::get_config(here, id),
        "UpdateDistribution" => distributions::update(here, id, request),
        "DeleteDistribution" => distributions::delete(here, id, request),
        "CreateInvalidation" => invalidations::create(here, id, request.body()),
        "GetInvalidation" => {
            let invalidation = path.get(3).copied().unwrap_or_default();
            invalidations::get(here, id, invalidation)
        }
        "ListInvalidations" => invalidations::list(here, id, request),
        "TagResource" | "UntagResource" | "ListTagsForResource" => tags::serve(here, request),
        _ if path.first() == Some(&"function") => functions::serve(here, operation, id, request),
        _ => collections::serve(here, &path, request)
            .unwrap_or_else(|| Err(not_implemented(&format!("cloudfront.{operation}")))),
    }
}
