//! What an origin says to the edge: a bucket, if it may be read, or a load balancer by its name.

use bytes::Bytes;

use super::describe::distribution_arn;
use super::kind::Collection;
use super::tree::Element;
use crate::front::{Service, http_date};
use crate::services::elb::Visit;
use crate::services::s3::{Object, Reader, lets};
use crate::world::data_plane::AtBalancer;
use crate::world::elsewhere::{Fetched, Wanted};
use crate::{WebReply, World};

/// An origin's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// Who asks, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) distribution: &'a str,
    pub(super) path: &'a str,
    /// The viewer's request.
    pub(super) visit: &'a Visit,
}

pub(super) fn ask(world: &mut World, origin: &Element, asked: Asked<'_>) -> Answer {
    let domain = origin.text_of("DomainName");
    let path = format!("{}{}", origin.text_of("OriginPath"), asked.path);
    if origin.child("S3OriginConfig").is_some() {
        // `BUCKET.s3.REGION.amazonaws.com`, `BUCKET.s3.amazonaws.com`, `BUCKET.s3-REGION.amazonaws.com`
        let bucket = domain
            .split_once(".s3")
            .map_or(domain, |(bucket, _)| bucket);
        return from_bucket(world, origin, bucket, &path, asked.distribution);
    }
    let visit = forwarded(origin, domain, path, asked.visit);
    // It has been asked for real, for this viewer's request.
    if let Some(reply) = world.elsewhere.passed.get(&visit.line()) {
        return reply.clone().into();
    }
    match world.at_balancer(&visit) {
        Some(AtBalancer::Answer(reply)) => reply.into(),
        Some(AtBalancer::Passage(passage)) => {
            world.elsewhere.passage = Some(passage);
            Answer::unreachable()
        }
        None => Answer::unreachable(),
    }
}

/// The viewer's request as the edge makes it of an origin: in the origin's protocol, with its custom headers, and with the viewer's
/// address at the end of X-Forwarded-For ([DOC] Request and response behavior for custom origins, Client IP addresses).
fn forwarded(origin: &Element, domain: &str, path: String, visit: &Visit) -> Visit {
    let custom = origin.child("CustomOriginConfig");
    let text = |name: &str| custom.map_or("", |custom| custom.text_of(name));
    let is_http = match text("OriginProtocolPolicy") {
        "http-only" => true,
        "match-viewer" => visit.scheme == "http",
        _ => false,
    };
    let (scheme, port, usual) = if is_http {
        ("http", text("HTTPPort"), 80)
    } else {
        ("https", text("HTTPSPort"), 443)
    };
    let own = origin.items("CustomHeaders").iter().map(|header| {
        let name = header.text_of("HeaderName").to_ascii_lowercase();
        (name, header.text_of("HeaderValue").to_owned())
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
        port: port.parse().unwrap_or(usual),
        path,
        headers: viewers.cloned().chain([viewer]).chain(own).collect(),
        ..visit.clone()
    }
}

/// The object. For a missing key: 404 to whom the bucket may be listed, else 403 [DOC].
fn from_bucket(world: &mut World, origin: &Element, bucket: &str, path: &str, id: &str) -> Answer {
    let key = origin_key(path.trim_start_matches('/'));
    let distribution = world.cloudfront.distributions.get(id);
    let is_own = distribution.is_some_and(|it| it.bucket == bucket && !bucket.is_empty());
    let reader = Reader {
        signs: signs(world, origin),
        source: &distribution_arn(&world.account, id),
        account: &world.account,
    };
    if world.elsewhere.has(Service::S3) {
        let wanted = Wanted {
            bucket: bucket.to_owned(),
            key,
        };
        let Some(fetched) = world.elsewhere.fetched.get(&wanted) else {
            world.elsewhere.wanted = Some(wanted);
            return Answer::unreachable();
        };
        let reader = Some(&reader).filter(|_| !is_own);
        return from_elsewhere(&wanted, fetched, reader);
    }
    let may = |action: &str, resource: &str| world.s3.allows(bucket, action, resource, &reader);
    if !is_own && !may("s3:GetObject", &key) {
        return denied();
    }
    match world.s3.object(bucket, &key) {
        Some(object) => from_object(object),
        None if !is_own && may("s3:ListBucket", "") => {
            error(404, "NoSuchKey", "The specified key does not exist.")
        }
        None => denied(),
    }
}

/// The same of a bucket that another server keeps, whose policy is judged here; a distribution's own bucket needs none.
fn from_elsewhere(wanted: &Wanted, fetched: &Fetched, reader: Option<&Reader<'_>>) -> Answer {
    let policy = fetched.policy.as_deref().unwrap_or_default();
    let may = |action: &str, key: &str| {
        reader.is_some_and(|reader| lets(policy, &wanted.bucket, action, key, reader))
    };
    if reader.is_some() && !may("s3:GetObject", &wanted.key) {
        return denied();
    }
    match fetched.status {
        200 => Answer {
            status: 200,
            headers: fetched.of_the_object(),
            body: fetched.body.clone(),
        },
        404 if may("s3:ListBucket", "") => {
            error(404, "NoSuchKey", "The specified key does not exist.")
        }
        403 | 404 => denied(),
        _ => Answer::unreachable(),
    }
}

/// With an origin access control the edge signs its requests, unless that says never.
fn signs(world: &World, origin: &Element) -> bool {
    let id = origin.text_of("OriginAccessControlId");
    let control = world.cloudfront.entity(Collection::OriginAccessControl, id);
    control.is_some_and(|control| control.text_of("SigningBehavior") != "never")
}

/// The key that S3 reads from a path: percent-decoded, and a bare `+` is a space [MEM].
fn origin_key(path: &str) -> String {
    let spaced = path.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

fn from_object(object: &Object) -> Answer {
    let kept = &object.headers;
    let given = [
        ("content-type", kept.content_type.clone()),
        ("cache-control", kept.cache_control.clone()),
        ("content-encoding", kept.content_encoding.clone()),
        ("etag", Some(format!("\"{}\"", object.etag))),
        ("last-modified", Some(modified(object))),
        ("accept-ranges", Some("bytes".to_owned())),
    ];
    let mut headers: Vec<(String, String)> = given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    headers.extend(
        kept.metadata
            .iter()
            .map(|(name, value)| (format!("x-amz-meta-{name}"), value.clone())),
    );
    Answer {
        status: 200,
        headers,
        body: object.body.clone(),
    }
}

/// As S3 writes it.
fn modified(object: &Object) -> String {
    let date = http_date(object.modified_ms);
    date.to_str().unwrap_or_default().to_owned()
}

fn denied() -> Answer {
    error(403, "AccessDenied", "Access Denied")
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Answer {
        status,
        headers: vec![("content-type".to_owned(), "application/xml".to_owned())],
        body: Bytes::from(body),
    }
}

impl From<WebReply> for Answer {
    fn from(reply: WebReply) -> Self {
        Self {
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
        }
    }
}

impl Answer {
    /// The behaviour allows other methods only [MEM].
    pub(super) fn not_allowed() -> Self {
        let body = "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>403 ERROR: This \
                    distribution is not configured to allow the HTTP request method that was used for this request.</BODY></HTML>";
        Self {
            status: 403,
            headers: vec![("content-type".to_owned(), "text/html".to_owned())],
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    /// The edge could not reach the origin [DOC].
    pub(super) fn unreachable() -> Self {
        let body = "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>502 ERROR: \
                    CloudFront wasn't able to resolve the origin domain name.</BODY></HTML>";
        Self {
            status: 502,
            headers: vec![("content-type".to_owned(), "text/html".to_owned())],
            body: Bytes::from_static(body.as_bytes()),
        }
    }
}
