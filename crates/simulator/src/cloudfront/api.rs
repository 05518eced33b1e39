//! CloudFront's REST API: which operation a path is, and its answer.

use bytes::Bytes;
use http::header::{ETAG, HeaderValue, LOCATION};
use http::{Method, Request, Response};

use super::batch::create;
use super::describe::{distribution_xml, invalidation_xml, list_xml};
use super::state::{Distribution, Invalidation};
use crate::wire::{Service, not_implemented, page, rest_xml};
use crate::{ApiError, World};

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
    match (request.method(), segments(request).as_slice()) {
        (&Method::POST, ["distribution", _, "invalidation"]) => "CreateInvalidation".to_owned(),
        (&Method::GET, ["distribution", _, "invalidation"]) => "ListInvalidations".to_owned(),
        (&Method::GET, ["distribution", _, "invalidation", _]) => "GetInvalidation".to_owned(),
        (&Method::GET, ["distribution", _]) => "GetDistribution".to_owned(),
        (method, path) => format!("{method} /{}", path.join("/")),
    }
}

/// Serves one CloudFront operation.
pub(crate) fn serve(
    world: &mut World,
    operation: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    world.cloudfront.advance(world.now_ms);
    let segments = segments(request);
    let id = segments.get(1).copied().unwrap_or_default();
    match operation {
        "CreateInvalidation" => create_invalidation(world, id, request.body()),
        "GetInvalidation" => {
            let invalidation = invalidation(
                distribution(world, id)?,
                segments.get(3).copied().unwrap_or_default(),
            )?;
            Ok(rest_xml(
                200,
                Service::CloudFront,
                "Invalidation",
                &invalidation_xml(invalidation),
            ))
        }
        "ListInvalidations" => {
            list_invalidations(world, id, request.uri().query().unwrap_or_default())
        }
        "GetDistribution" => get_distribution(world, id),
        _ => Err(not_implemented(&format!("cloudfront.{operation}"))),
    }
}

/// 201 with the invalidation and where to look for it.
fn create_invalidation(
    world: &mut World,
    id: &str,
    body: &[u8],
) -> Result<Response<Bytes>, ApiError> {
    let invalidation = create(world, id, body)?;
    let mut response = rest_xml(
        201,
        Service::CloudFront,
        "Invalidation",
        &invalidation_xml(&invalidation),
    );
    let location = format!(
        "https://cloudfront.amazonaws.com/2020-05-31/distribution/{id}/invalidation/{}",
        invalidation.id
    );
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Newest first.
fn list_invalidations(world: &World, id: &str, query: &str) -> Result<Response<Bytes>, ApiError> {
    let parameter = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let newest_first: Vec<Invalidation> = distribution(world, id)?
        .invalidations
        .iter()
        .rev()
        .cloned()
        .collect();
    let size = parameter("MaxItems").and_then(|size| size.parse().ok());
    let marker = parameter("Marker");
    let (items, next) = page(&newest_first, size, marker.as_deref(), 100)?;
    let body = list_xml(
        &items,
        marker.as_deref().unwrap_or_default(),
        size.unwrap_or(100),
        next,
    );
    Ok(rest_xml(
        200,
        Service::CloudFront,
        "InvalidationList",
        &body,
    ))
}

fn get_distribution(world: &World, id: &str) -> Result<Response<Bytes>, ApiError> {
    let distribution = distribution(world, id)?;
    let body = distribution_xml(distribution, &world.account, &world.region);
    let mut response = rest_xml(200, Service::CloudFront, "Distribution", &body);
    response
        .headers_mut()
        .insert(ETAG, HeaderValue::from_static("E5IMULATED0000"));
    Ok(response)
}

pub(super) fn distribution<'a>(world: &'a World, id: &str) -> Result<&'a Distribution, ApiError> {
    world
        .cloudfront
        .distributions
        .get(id)
        .ok_or_else(no_distribution)
}

pub(super) fn no_distribution() -> ApiError {
    missing(
        "NoSuchDistribution",
        "The specified distribution does not exist.",
    )
}

fn invalidation<'a>(
    distribution: &'a Distribution,
    id: &str,
) -> Result<&'a Invalidation, ApiError> {
    let found = distribution
        .invalidations
        .iter()
        .find(|invalidation| invalidation.id == id);
    found.ok_or_else(|| {
        missing(
            "NoSuchInvalidation",
            "The specified invalidation does not exist.",
        )
    })
}

fn missing(code: &'static str, message: &str) -> ApiError {
    ApiError {
        code,
        message: message.to_owned(),
        status: 404,
    }
}
