//! Manifests: given, taken, deleted.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::enter::Entered;
use super::refusal::Refusal;
use super::{Answered, CONTENT_DIGEST, bare, header, plain};
use crate::services::ecr::distribution::{self, Called};

/// "Registries SHOULD" take 4 MiB at least ([SPEC], "Pushing Manifests"); what ECR takes is not known [INF].
const LARGEST: usize = 4 * 1024 * 1024;

pub(super) fn get(
    entered: &Entered<'_>,
    name: &str,
    called: Called<'_>,
    method: &Method,
) -> Answered {
    let manifest = entered.with(|here| distribution::manifest(here, name, called))?;
    let length = manifest.text.len();
    let body = match *method {
        Method::HEAD => String::new(),
        _ => manifest.text,
    };
    let mut reply = plain(Response::new(Bytes::from(body)));
    let etag = format!("\"{}\"", manifest.digest);
    for (name, value) in [
        (CONTENT_TYPE, manifest.media_type),
        (CONTENT_DIGEST, manifest.digest),
        (CONTENT_LENGTH, length.to_string()),
        (ETAG, etag),
    ] {
        let value = HeaderValue::from_str(&value).map_err(|_| Refusal::internal(value))?;
        reply.headers_mut().insert(name, value);
    }
    Ok(reply)
}

pub(super) async fn put(
    entered: &Entered<'_>,
    name: &str,
    called: Called<'_>,
    request: &Request<()>,
    body: &mut Incoming,
) -> Answered {
    let content_type = header(request, &CONTENT_TYPE);
    let body = whole(body).await?;
    let put = entered.with(|here| distribution::put(here, name, called, content_type, &body))?;
    let location = format!("/v2/{name}/manifests/{}", put.digest);
    let mut reply = bare(
        StatusCode::CREATED,
        [(LOCATION, &location), (CONTENT_DIGEST, &put.digest)],
    )?;
    // "The response MUST include" it when the subject was understood ([SPEC], "Pushing Manifests with Subject").
    if let Some(subject) = put
        .subject
        .and_then(|subject| HeaderValue::from_str(&subject).ok())
    {
        let name = HeaderName::from_static("oci-subject");
        reply.headers_mut().insert(name, subject);
    }
    Ok(reply)
}

/// ([OBS], aws/containers-roadmap 1229: shipped.)
pub(super) fn delete(entered: &Entered<'_>, name: &str, called: Called<'_>) -> Answered {
    entered.with(|here| distribution::delete(here, name, called))?;
    bare(StatusCode::ACCEPTED, [])
}

async fn whole(body: &mut Incoming) -> Result<Bytes, Refusal> {
    match Limited::new(body, LARGEST).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "MANIFEST_INVALID",
            "the manifest is larger than 4 MiB",
        )),
        Err(_) => Err(Refusal::bad(
            "MANIFEST_INVALID",
            "the manifest is incomplete",
        )),
    }
}
