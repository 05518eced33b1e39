//! A question of our own to the upstream: signed as whoever it is for, answered whole.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Either, Full};
use serde_json::Value;

use crate::front::Service;
use crate::server::request::Shared;
use crate::server::upstream::Upstream;
use crate::wire::http_date;

/// Whose service it is, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) account: String,
    pub(super) region: String,
}

/// A question before it is signed.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) service: Service,
    pub(super) method: Method,
    /// Path and query.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// The whole reply.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Question {
    /// A request without a body, of S3.
    pub(super) fn of_s3(method: Method, path: String) -> Self {
        Self {
            service: Service::S3,
            method,
            path,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// A call in AWS's JSON.
    pub(super) fn json(service: Service, target: &str, input: &Value) -> Self {
        let headers = [
            (CONTENT_TYPE.as_str(), "application/x-amz-json-1.1"),
            ("x-amz-target", target),
        ];
        Self {
            service,
            method: Method::POST,
            path: "/".to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: Bytes::from(input.to_string()),
        }
    }

    /// A call in AWS's query protocol.
    pub(super) fn query(service: Service, members: &[(&str, &str)]) -> Self {
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(members)
            .finish();
        let form = "application/x-www-form-urlencoded";
        Self {
            service,
            method: Method::POST,
            path: "/".to_owned(),
            headers: vec![(CONTENT_TYPE.to_string(), form.to_owned())],
            body: Bytes::from(body),
        }
    }
}

impl Answer {
    /// Its body as JSON; null when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Asks the upstream; an error says why there is no answer.
pub(super) async fn ask(
    shared: &Shared,
    upstream: &Upstream,
    place: &Place,
    question: Question,
) -> Result<Answer, String> {
    let asked = asked(upstream, place, question, shared.clock.now_ms()).await;
    let status = asked.as_ref().ok().map(|answer| answer.status);
    shared.traffic.count(status);
    asked
}

/// The same before there is a server.
pub(super) async fn asked(
    upstream: &Upstream,
    place: &Place,
    question: Question,
    now_ms: crate::Millis,
) -> Result<Answer, String> {
    let request = signed(upstream, place, question, now_ms)?;
    let request = request.map(Full::new).map(Either::Left);
    let reply = upstream.forward(request).await;
    let (parts, body) = reply.map_err(|error| error.to_string())?.into_parts();
    let body = body.collect().await.map_err(|error| error.to_string())?;
    Ok(Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.to_bytes(),
    })
}

/// The signature says who asks and for what. It is none: neither LocalStack nor moto looks at it.
fn signed(
    upstream: &Upstream,
    place: &Place,
    question: Question,
    now_ms: crate::Millis,
) -> Result<Request<Bytes>, String> {
    let unreadable = |what: &str| format!("{what} cannot be sent");
    let uri: Uri = question
        .path
        .parse()
        .map_err(|_| unreadable(&question.path))?;
    let Place { account, region } = place;
    let service = question.service.iam_prefix();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    let mut request = Request::new(question.body);
    *request.method_mut() = question.method;
    *request.uri_mut() = uri;
    let text = |value: &str| HeaderValue::from_str(value).map_err(|_| unreadable(value));
    let headers = request.headers_mut();
    headers.insert(HOST, text(&upstream.authority())?);
    headers.insert(AUTHORIZATION, text(&authorization)?);
    headers.insert(HeaderName::from_static("date"), http_date(now_ms));
    for (name, value) in &question.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|_| unreadable(name))?;
        headers.append(name, text(value)?);
    }
    Ok(request)
}
