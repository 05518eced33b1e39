//! What the edge asks of an origin: an object of a bucket, or a request to a host. Who answers is the world's matter.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::find::{distribution_arn, items, number, text};
use super::kind::Collection;
use crate::WebReply;
use crate::base::here::Here;
use crate::base::visit::Visit;
use crate::services::cloudfront::CloudFront;

/// A request of the edge to an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Object(Wished),
    Request(Visit),
    /// There is no such origin.
    Nothing,
}

/// An object that the edge wants of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wished {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) whose: Whose,
    pub(crate) signature: Signature,
    /// The distribution's ARN.
    pub(crate) source: String,
}

/// Whose bucket it is: that of a blueprint's distribution may be read without being allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Own,
    Other,
}

/// Whether the edge signs its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    Signed,
    Unsigned,
}

/// Who asks, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) distribution: &'a str,
    pub(super) path: &'a str,
    /// The viewer's request.
    pub(super) visit: &'a Visit,
}

pub(super) fn wish(here: &Here<'_, CloudFront>, origin: &Value, asked: Asked<'_>) -> Wish {
    let domain = text(origin, "DomainName");
    let path = format!("{}{}", text(origin, "OriginPath"), asked.path);
    if origin.get("S3OriginConfig").is_none() {
        return Wish::Request(forwarded(origin, domain, path, asked.visit));
    }
    // `BUCKET.s3.REGION.amazonaws.com`, `BUCKET.s3.amazonaws.com`, `BUCKET.s3-REGION.amazonaws.com`
    let bucket = domain
        .split_once(".s3")
        .map_or(domain, |(bucket, _)| bucket);
    let distribution = here.own.distributions.get(asked.distribution);
    let is_own = distribution.is_some_and(|it| it.bucket == bucket && !bucket.is_empty());
    Wish::Object(Wished {
        bucket: bucket.to_owned(),
        key: origin_key(path.trim_start_matches('/')),
        whose: if is_own { Whose::Own } else { Whose::Other },
        signature: signature(here, origin),
        source: distribution_arn(here, asked.distribution),
    })
}

/// The viewer's request as the edge makes it of an origin: in the origin's protocol, with its custom headers, and with the viewer's
/// address at the end of X-Forwarded-For ([DOC] Request and response behavior for custom origins, Client IP addresses).
fn forwarded(origin: &Value, domain: &str, path: String, visit: &Visit) -> Visit {
    let none = Value::Null;
    let custom = origin.get("CustomOriginConfig").unwrap_or(&none);
    let is_http = match text(custom, "OriginProtocolPolicy") {
        "http-only" => true,
        "match-viewer" => visit.scheme == "http",
        _ => false,
    };
    let (scheme, port, usual) = if is_http {
        ("http", number(custom, "HTTPPort"), 80)
    } else {
        ("https", number(custom, "HTTPSPort"), 443)
    };
    let port = port.and_then(|port| u16::try_from(port).ok());
    let own = items(origin, "CustomHeaders").iter().map(|header| {
        let name = text(header, "HeaderName").to_ascii_lowercase();
        (name, text(header, "HeaderValue").to_owned())
    });
    let replaced = |name: &str| {
        ["host", "x-forwarded-for"]
            .iter()
            .any(|it| name.eq_ignore_ascii_case(it))
    };
    let viewers = visit.headers.iter().filter(|(name, _)| !replaced(name));
    let mut addresses: Vec<String> = visit.header("x-forwarded-for").map(str::to_owned).collect();
    addresses.push(visit.source_ip.to_string());
    let viewer = ("x-forwarded-for".to_owned(), addresses.join(", "));
    Visit {
        scheme: scheme.to_owned(),
        host: domain.to_owned(),
        balancer: None,
        port: port.unwrap_or(usual),
        path,
        headers: viewers.cloned().chain([viewer]).chain(own).collect(),
        ..visit.clone()
    }
}

/// With an origin access control the edge signs its requests, unless that says never.
fn signature(here: &Here<'_, CloudFront>, origin: &Value) -> Signature {
    let id = text(origin, "OriginAccessControlId");
    let control = here.own.entity(Collection::OriginAccessControl, id);
    match control {
        Some(control) if text(&control, "SigningBehavior") != "never" => Signature::Signed,
        Some(_) | None => Signature::Unsigned,
    }
}

/// The key that S3 reads from a path: percent-decoded, and a bare `+` is a space [MEM].
fn origin_key(path: &str) -> String {
    let spaced = path.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

/// The behaviour allows other methods only [MEM].
pub(super) fn not_allowed() -> WebReply {
    let body = "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>403 ERROR: This \
                distribution is not configured to allow the HTTP request method that was used for this request.</BODY></HTML>";
    WebReply {
        status: 403,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: Bytes::from_static(body.as_bytes()),
        after: Duration::ZERO,
    }
}

/// The edge could not reach the origin [DOC].
pub(crate) fn unreachable() -> WebReply {
    let body = "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>502 ERROR: \
                CloudFront wasn't able to resolve the origin domain name.</BODY></HTML>";
    WebReply {
        status: 502,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: Bytes::from_static(body.as_bytes()),
        after: Duration::ZERO,
    }
}
