//! Lists: tags, repositories, referrers. The first two come in pages.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, LINK};
use http::{HeaderValue, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::enter::Entered;
use super::refusal::Refusal;
use super::{Answered, Query, Reply, plain};
use crate::ApiError;
use crate::services::ecr::distribution;

/// Without `n` ([OBS], docker-archive/migrator 96).
const USUAL_PAGE: usize = 100;
/// "Member must have value less than or equal to 1000" ([OBS], google/go-containerregistry 681).
const LARGEST_PAGE: usize = 1000;

pub(super) fn tags(entered: &Entered<'_>, name: &str, query: &Query) -> Answered {
    let tags = entered.with(|here| distribution::tags(here, name))?;
    let (listed, next) = page(&tags, query)?;
    let link = next.map(|next| link(&format!("/v2/{name}/tags/list"), query, &next));
    Ok(listing(
        &json!({ "name": name, "tags": listed }),
        link.as_deref(),
    ))
}

/// ECR lists what the registry has ([OBS], Quiq/registry-ui 48).
pub(super) fn catalog(entered: &Entered<'_>, query: &Query) -> Answered {
    let all = entered.with(|here| Ok::<_, ApiError>(distribution::repositories(here)))?;
    let (listed, next) = page(&all, query)?;
    let link = next.map(|next| link("/v2/_catalog", query, &next));
    Ok(listing(&json!({ "repositories": listed }), link.as_deref()))
}

/// "Amazon ECR supports the referrers API" of OCI 1.1 ([DOC], image formats).
pub(super) fn referrers(
    entered: &Entered<'_>,
    name: &str,
    digest: &str,
    query: &Query,
) -> Answered {
    let kind = query.get("artifactType");
    let index = entered.with(|here| distribution::referrers(here, name, digest, kind))?;
    let mut reply = listing(&index, None);
    let headers = reply.headers_mut();
    let media_type = HeaderValue::from_static("application/vnd.oci.image.index.v1+json");
    headers.insert(CONTENT_TYPE, media_type);
    if kind.is_some() {
        let applied = HeaderName::from_static("oci-filters-applied");
        headers.insert(applied, HeaderValue::from_static("artifactType"));
    }
    Ok(reply)
}

/// What follows `last`, `n` of it; and the last one of the page, when there is more.
fn page(all: &[String], query: &Query) -> Result<(Vec<String>, Option<String>), Refusal> {
    let size = page_size(query.get("n"))?;
    let last = query.get("last").unwrap_or_default();
    let rest: Vec<&String> = all.iter().filter(|one| one.as_str() > last).collect();
    let listed: Vec<String> = rest.iter().take(size).map(|one| (*one).clone()).collect();
    let next = listed.last().filter(|_| rest.len() > size).cloned();
    Ok((listed, next))
}

fn page_size(n: Option<&str>) -> Result<usize, Refusal> {
    let Some(n) = n else {
        return Ok(USUAL_PAGE);
    };
    let limit = match n.parse() {
        Ok(size @ 1..=LARGEST_PAGE) => return Ok(size),
        Ok(0) | Err(_) => "greater than or equal to 1",
        Ok(_) => "less than or equal to 1000",
    };
    Err(Refusal::unsupported(format!(
        "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value {limit}'"
    )))
}

fn link(path: &str, query: &Query, last: &str) -> String {
    let last = utf8_percent_encode(last, NON_ALPHANUMERIC);
    let n = query
        .get("n")
        .map(|n| format!("&n={n}"))
        .unwrap_or_default();
    format!("<{path}?last={last}{n}>; rel=\"next\"")
}

fn listing(list: &Value, link: Option<&str>) -> Response<Reply> {
    let mut reply = plain(Response::new(Bytes::from(list.to_string())));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(link).ok()) {
        headers.insert(LINK, link);
    }
    reply
}
