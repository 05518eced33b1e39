//! TagResource, UntagResource and ListTagsForResource.

use bytes::Bytes;
use http::{Method, Request, Response};

use super::describe::distribution_arn;
use super::reply::{document, empty, parameter};
use super::shape::Kind::{Items, Of, Text};
use super::shape::{Kind, Member, may, must, normal, or};
use super::tree::Element;
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::cloudfront::CloudFront;
use crate::wire::Xml;

const TAG: Kind = Of(&[must("Key", Text), or("Value", Text, "")]);
/// `<Tags><Items><Tag>...`.
pub(super) const TAGS: &[Member] = &[may("Items", Items("Tag", &TAG))];
const TAG_KEYS: &[Member] = &[may("Items", Items("Key", &Text))];

/// The operation that a call under `/tagging` is.
pub(super) fn operation(request: &Request<Bytes>) -> Option<&'static str> {
    match (request.method(), parameter(request, "Operation").as_deref()) {
        (&Method::GET, None) => Some("ListTagsForResource"),
        (&Method::POST, Some("Tag")) => Some("TagResource"),
        (&Method::POST, Some("Untag")) => Some("UntagResource"),
        _ => None,
    }
}

pub(super) fn serve(
    here: &mut Here<'_, CloudFront>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let arn = parameter(request, "Resource").unwrap_or_default();
    exists(here, &arn)?;
    match operation(request) {
        Some("ListTagsForResource") => Ok(list(here, &arn)),
        Some("TagResource") => {
            let tags = normal(Element::parse(request.body())?, TAGS)?;
            here.own.tag(&arn, pairs(&tags));
            Ok(empty(204))
        }
        Some("UntagResource") => {
            let keys = normal(Element::parse(request.body())?, TAG_KEYS)?;
            let gone = keys.child("Items").map_or(&[][..], |items| &items.children);
            if let Some(tags) = here.own.tags.get_mut(&arn) {
                tags.retain(|(key, _)| !gone.iter().any(|it| it.text == *key));
            }
            Ok(empty(204))
        }
        _ => Err(not_implemented("cloudfront tagging")),
    }
}

/// Keys and values of `<Tags>`.
pub(super) fn pairs(tags: &Element) -> Vec<(String, String)> {
    let tags = tags.child("Items").map_or(&[][..], |items| &items.children);
    let pair = |tag: &Element| {
        (
            tag.text_of("Key").to_owned(),
            tag.text_of("Value").to_owned(),
        )
    };
    tags.iter().map(pair).collect()
}

fn list(here: &Here<'_, CloudFront>, arn: &str) -> Response<Bytes> {
    let tags = here.own.tags.get(arn).into_iter().flatten();
    let tags = tags.map(|(key, value)| Xml::new().text("Key", key).text("Value", value));
    let xml = Xml::new().list("Items", "Tag", tags);
    document(200, "Tags", &xml)
}

fn exists(here: &Here<'_, CloudFront>, arn: &str) -> Result<(), ApiError> {
    let mut distributions = here.own.distributions.keys();
    let known = distributions.any(|id| distribution_arn(&here.account, id) == arn);
    if known || here.own.tags.contains_key(arn) {
        return Ok(());
    }
    Err(ApiError {
        code: "NoSuchResource",
        message: "The specified resource does not exist.".to_owned(),
        status: 404,
    })
}
