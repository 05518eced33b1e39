//! Layers and configurations, on their way out.

use std::ops::Range;

use http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, RANGE,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Either;

use super::enter::Entered;
use super::refusal::Refusal;
use super::{Answered, CONTENT_DIGEST, bare, header};
use crate::ApiError;
use crate::services::ecr::distribution;

/// Whole or a range of it. AWS redirects to S3; here the bytes come at once.
pub(super) fn get<B>(
    entered: &Entered<'_>,
    name: &str,
    digest: &str,
    request: &Request<B>,
) -> Answered {
    let size = entered.with(|here| distribution::layer(here, name, digest).map_err(unknown))?;
    let (status, range) = match part(header(request, &RANGE), size) {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Of(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Nothing => {
            let mut refusal = Refusal::bad("UNSUPPORTED", "the layer has no such bytes");
            refusal.status = StatusCode::RANGE_NOT_SATISFIABLE;
            if let Ok(all) = HeaderValue::from_str(&format!("bytes */{size}")) {
                refusal.headers.push((CONTENT_RANGE, all));
            }
            return Err(refusal.into());
        }
    };
    let open = || entered.shared.layers.open(digest, range.clone());
    let stored = match open()? {
        Some(stored) => Some(stored),
        None => {
            entered.bring_in()?;
            open()?
        }
    };
    let Some(stored) = stored else {
        return Err(Refusal::missing(
            "BLOB_UNKNOWN",
            "the bytes of this layer are not here: its world came from another server. Push it again",
        )
        .into());
    };
    let mut reply = if request.method() == Method::HEAD {
        bare(status, [])?
    } else {
        let mut reply = Response::new(Either::Right(stored));
        *reply.status_mut() = status;
        reply
    };
    let length = (range.end - range.start).to_string();
    let etag = format!("\"{digest}\"");
    let content_range = format!(
        "bytes {}-{}/{size}",
        range.start,
        range.end.saturating_sub(1)
    );
    let is_part = status == StatusCode::PARTIAL_CONTENT;
    let headers: [(HeaderName, &str); 6] = [
        (CONTENT_LENGTH, &length),
        (CONTENT_TYPE, "application/octet-stream"),
        (CONTENT_DIGEST, digest),
        (ETAG, &etag),
        (ACCEPT_RANGES, "bytes"),
        (CONTENT_RANGE, &content_range),
    ];
    for (name, value) in headers.into_iter().take(if is_part { 6 } else { 5 }) {
        let value = HeaderValue::from_str(value).map_err(|_| Refusal::internal(value))?;
        reply.headers_mut().insert(name, value);
    }
    Ok(reply)
}

/// A layer that is asked for is unknown by itself; in a manifest it is another error.
fn unknown(error: ApiError) -> Refusal {
    match error.code {
        "LayersNotFoundException" => Refusal::missing("BLOB_UNKNOWN", "blob unknown to registry"),
        _ => error.into(),
    }
}

/// What is asked for of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Of(Range<u64>),
    Nothing,
}

/// One range of bytes (RFC 9110, 14.1.2); more than one, or what is none, asks for all.
fn part(range: Option<&str>, size: u64) -> Part {
    let Some((first, last)) = range
        .and_then(|range| range.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let asked = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if last >= first => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..size,
        (Err(_), Ok(last)) if first.trim().is_empty() => size.saturating_sub(last)..size,
        _ => return Part::Whole,
    };
    match asked.is_empty() {
        true => Part::Nothing,
        false => Part::Of(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (range, expected) in [
            (None, Part::Whole),
            (Some("bytes=0-3"), Part::Of(0..4)),
            (Some("bytes=2-"), Part::Of(2..10)),
            (Some("bytes=-3"), Part::Of(7..10)),
            (Some("bytes=-30"), Part::Of(0..10)),
            (Some("bytes=8-99"), Part::Of(8..10)),
            (Some("bytes=10-"), Part::Nothing),
            (Some("bytes=-0"), Part::Nothing),
            (Some("bytes=3-2"), Part::Whole),
            (Some("bytes=0-1,3-4"), Part::Whole),
            (Some("lines=0-1"), Part::Whole),
        ] {
            assert_eq!(part(range, 10), expected, "{range:?}");
        }
    }
}
