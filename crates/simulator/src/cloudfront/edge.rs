//! A viewer's request at the edge: from the cache while it is fresh, else from the bucket, with the custom error page.

use bytes::Bytes;

use super::state::{Cached, CloudFront, Distribution};
use crate::s3::{Object, S3};
use crate::{Millis, World};

/// CloudFront's default TTL when the origin sends no Cache-Control [DOC].
const DEFAULT_TTL_SECONDS: u64 = 86_400;
/// Error Caching Minimum TTL [DOC].
const ERROR_TTL_SECONDS: u64 = 10;

/// What the viewer gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EdgeReply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// Answers a viewer; `None` when no distribution has this host name.
pub(crate) fn at_edge(world: &mut World, host: &str, path: &str) -> Option<EdgeReply> {
    let now_ms = world.now_ms;
    world.cloudfront.advance(now_ms);
    let distribution = by_host(&mut world.cloudfront, host)?;
    let path = path.split('?').next().unwrap_or(path);
    if let Some(cached) = distribution
        .cache
        .get(path)
        .filter(|cached| now_ms < cached.expires_ms)
    {
        return Some(reply(cached, now_ms, "Hit from cloudfront"));
    }
    let fetched = fetch(distribution, &world.s3, path, now_ms);
    let answer = reply(&fetched, now_ms, "Miss from cloudfront");
    distribution.cache.insert(path.to_owned(), fetched);
    Some(answer)
}

fn by_host<'a>(cloudfront: &'a mut CloudFront, host: &str) -> Option<&'a mut Distribution> {
    cloudfront
        .distributions
        .values_mut()
        .find(|distribution| distribution.hosts.iter().any(|own| own == host))
}

/// The object, or the custom error page with status 200, or S3's AccessDenied: a bucket that its origin access may not list answers
/// 403 for a missing key [DOC].
fn fetch(distribution: &Distribution, s3: &S3, path: &str, now_ms: Millis) -> Cached {
    let key = match path.trim_start_matches('/') {
        "" => distribution.default_root_object.clone(),
        key => origin_key(key),
    };
    if let Some(object) = s3.object(&distribution.bucket, &key) {
        return from_object(object, ttl_seconds(object), now_ms);
    }
    let page = distribution
        .not_found_page
        .as_deref()
        .map(|page| page.trim_start_matches('/'));
    match page.and_then(|page| s3.object(&distribution.bucket, page)) {
        Some(object) => from_object(object, ERROR_TTL_SECONDS, now_ms),
        None => denied(now_ms),
    }
}

/// The key that S3 reads from a path: percent-decoded, and a bare `+` is a space [MEM].
fn origin_key(path: &str) -> String {
    let spaced = path.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

fn from_object(object: &Object, ttl_seconds: u64, now_ms: Millis) -> Cached {
    let kept = &object.headers;
    let given = [
        ("content-type", kept.content_type.clone()),
        ("cache-control", kept.cache_control.clone()),
        ("content-encoding", kept.content_encoding.clone()),
        ("etag", Some(format!("\"{}\"", object.etag))),
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
    Cached {
        status: 200,
        headers,
        body: object.body.clone(),
        fetched_ms: now_ms,
        expires_ms: now_ms + ttl_seconds * 1000,
    }
}

fn denied(now_ms: Millis) -> Cached {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    Cached {
        status: 403,
        headers: vec![("content-type".to_owned(), "application/xml".to_owned())],
        body: Bytes::from_static(body.as_bytes()),
        fetched_ms: now_ms,
        expires_ms: now_ms + ERROR_TTL_SECONDS * 1000,
    }
}

/// How long the edge keeps an object: `s-maxage`, else `max-age`, nothing for `no-store`, `no-cache` and `private` (minimum TTL 0 [DOC]).
fn ttl_seconds(object: &Object) -> u64 {
    let Some(control) = object.headers.cache_control.as_deref() else {
        return DEFAULT_TTL_SECONDS;
    };
    let directives: Vec<&str> = control.split(',').map(str::trim).collect();
    if directives
        .iter()
        .any(|directive| ["no-store", "no-cache", "private"].contains(directive))
    {
        return 0;
    }
    let seconds = |name: &str| {
        let value = directives
            .iter()
            .find_map(|directive| directive.strip_prefix(name)?.strip_prefix('='));
        value.and_then(|value| value.parse::<u64>().ok())
    };
    seconds("s-maxage")
        .or_else(|| seconds("max-age"))
        .unwrap_or(DEFAULT_TTL_SECONDS)
}

fn reply(cached: &Cached, now_ms: Millis, x_cache: &str) -> EdgeReply {
    let age = now_ms.saturating_sub(cached.fetched_ms) / 1000;
    let mut headers = cached.headers.clone();
    headers.push(("x-cache".to_owned(), x_cache.to_owned()));
    if age > 0 {
        headers.push(("age".to_owned(), age.to_string()));
    }
    EdgeReply {
        status: cached.status,
        headers,
        body: cached.body.clone(),
    }
}
