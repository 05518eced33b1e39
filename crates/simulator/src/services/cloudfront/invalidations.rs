//! CreateInvalidation, GetInvalidation and ListInvalidations.

use bytes::Bytes;
use http::{Request, Response};

use super::batch;
use super::describe::{invalidation_xml, list_xml};
use super::distributions::distribution;
use super::reply::{document, located, parameter};
use super::state::{Distribution, Invalidation};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::cloudfront::CloudFront;
use crate::wire::page;

/// 201 with the invalidation and where to look for it.
pub(super) fn create(
    here: &mut Here<'_, CloudFront>,
    id: &str,
    body: &[u8],
) -> Result<Response<Bytes>, ApiError> {
    let invalidation = batch::create(here, id, body)?;
    let reply = document(201, "Invalidation", &invalidation_xml(&invalidation));
    let path = format!("distribution/{id}/invalidation/{}", invalidation.id);
    Ok(located(reply, &path))
}

pub(super) fn get(
    here: &Here<'_, CloudFront>,
    id: &str,
    invalidation_id: &str,
) -> Result<Response<Bytes>, ApiError> {
    let invalidation = invalidation(distribution(here, id)?, invalidation_id)?;
    Ok(document(
        200,
        "Invalidation",
        &invalidation_xml(invalidation),
    ))
}

/// Newest first.
pub(super) fn list(
    here: &Here<'_, CloudFront>,
    id: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let newest_first: Vec<Invalidation> = distribution(here, id)?
        .invalidations
        .iter()
        .rev()
        .cloned()
        .collect();
    let size = parameter(request, "MaxItems").and_then(|size| size.parse().ok());
    let marker = parameter(request, "Marker");
    let (items, next) = page(&newest_first, size, marker.as_deref(), 100)?;
    let body = list_xml(
        &items,
        marker.as_deref().unwrap_or_default(),
        size.unwrap_or(100),
        next,
    );
    Ok(document(200, "InvalidationList", &body))
}

fn invalidation<'a>(
    distribution: &'a Distribution,
    id: &str,
) -> Result<&'a Invalidation, ApiError> {
    let found = distribution
        .invalidations
        .iter()
        .find(|invalidation| invalidation.id == id);
    found.ok_or_else(|| ApiError {
        code: "NoSuchInvalidation",
        message: "The specified invalidation does not exist.".to_owned(),
        status: 404,
    })
}
