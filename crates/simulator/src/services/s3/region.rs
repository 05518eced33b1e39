//! A bucket answers in its own Region only. Elsewhere the answer is 301, and names the Region.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use super::buckets::region_of;
use super::naming::{path_style, place};
use super::state::S3;
use crate::base::arn::dns_suffix;
use crate::base::here::Here;
use crate::wire::Scope;

/// PermanentRedirect for a request that is signed for another Region than its bucket's (S3 API reference, error responses [DOC];
/// the header in every answer about a bucket, HeadBucket [DOC]).
pub(super) fn elsewhere(here: &Here<'_, S3>, request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let scope = Scope::of(request)?;
    let asked = scope.region()?;
    let path = path_style(request);
    let (bucket, key) = place(&path);
    let creates =
        request.method() == Method::PUT && key.is_empty() && request.uri().query().is_none();
    if creates || !here.own.buckets.contains_key(bucket) {
        return None;
    }
    let own = region_of(here.own, bucket, here.region);
    // Signatures of the first version name no Region.
    if own == asked || asked == "-" {
        return None;
    }
    let suffix = dns_suffix(&own);
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>PermanentRedirect</Code><Message>The bucket you are \
         attempting to access must be addressed using the specified endpoint. Please send all future requests to this \
         endpoint.</Message><Endpoint>{bucket}.s3.{own}.{suffix}</Endpoint><Bucket>{bucket}</Bucket></Error>"
    );
    let body = match *request.method() == Method::HEAD {
        true => Bytes::new(),
        false => Bytes::from(body),
    };
    Response::builder()
        .status(StatusCode::MOVED_PERMANENTLY)
        .header("x-amz-bucket-region", own)
        .header("content-type", "application/xml")
        .body(body)
        .ok()
}

/// The bucket that a request is about; empty when it is about none.
pub(crate) fn bucket_of(request: &Request<Bytes>) -> String {
    place(&path_style(request)).0.to_owned()
}
