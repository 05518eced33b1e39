//! What is answered on the wire, by operation, under the SDK's own clients.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use backstay_simulator::Cloud;
use http_body_util::BodyExt as _;

use super::members::{self, Members};

/// The members of all that was answered.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<BTreeMap<String, Members>>>);

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Heard")
    }
}

impl Heard {
    pub(crate) fn members(&self) -> BTreeMap<String, Members> {
        self.0.lock().unwrap().clone()
    }

    /// The cloud's own client, overheard.
    pub(crate) fn client(&self, cloud: &Cloud) -> SharedHttpClient {
        let (heard, inner) = (self.clone(), cloud.http_client());
        http_client_fn(move |settings, components| {
            SharedHttpConnector::new(Tap {
                heard: heard.clone(),
                inner: inner.http_connector(settings, components),
            })
        })
    }
}

#[derive(Debug)]
struct Tap {
    heard: Heard,
    inner: SharedHttpConnector,
}

impl HttpConnector for Tap {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (heard, operation) = (self.heard.clone(), operation(&request));
        let answered = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answered.await?.try_into_http1x().unwrap();
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            if parts.status.is_success() {
                let headers = parts.headers.keys().map(http::HeaderName::as_str);
                let found = members::of(&body, headers);
                let mut heard = heard.0.lock().unwrap();
                heard.entry(operation).or_default().extend(found);
            }
            let answer = http::Response::from_parts(parts, SdkBody::from(body));
            Ok(HttpResponse::try_from(answer).unwrap())
        })
    }
}

/// Which operation a request is, as the protocols say it.
fn operation(request: &HttpRequest) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next().unwrap().to_owned();
    }
    let form = request.body().bytes().unwrap_or_default();
    let form = String::from_utf8_lossy(form).into_owned();
    if let Some(action) = form
        .split('&')
        .find_map(|part| part.strip_prefix("Action="))
    {
        return action.to_owned();
    }
    let uri: http::Uri = request.uri().parse().unwrap();
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let copies = request.headers().get("x-amz-copy-source").is_some();
    let object =
        path.trim_matches('/').contains('/') || uri.host().is_some_and(is_bucket) && path != "/";
    let name = match (request.method(), path.contains("/invalidation")) {
        ("POST", true) => "CreateInvalidation",
        ("GET", true) => "GetInvalidation",
        ("HEAD", _) if object => "HeadObject",
        ("HEAD", _) => "HeadBucket",
        ("GET", _) if query.contains("list-type=2") => "ListObjectsV2",
        ("GET", _) if object && query.contains("acl") => "GetObjectAcl",
        ("GET", _) if object => "GetObject",
        ("PUT", _) if object && copies => "CopyObject",
        ("PUT", _) if object => "PutObject",
        ("DELETE", _) if object => "DeleteObject",
        (method, _) => return format!("{method} {path}?{query}"),
    };
    name.to_owned()
}

/// Virtual-hosted style: the bucket is in the host's name.
fn is_bucket(host: &str) -> bool {
    host.contains(".s3.")
}

/// A client of the cloud that is overheard.
macro_rules! overheard {
    ($sdk:ident, $heard:expr, $cloud:expr) => {
        crate::support::client!($sdk, $cloud, $heard.client($cloud))
    };
}
pub(crate) use overheard;
