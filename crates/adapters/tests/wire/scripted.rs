//! An AWS that answers from a script, behind the SDK's own HTTP traits: real serialisation, signing and parsing.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use backstay_adapters::aws::AwsCloud;
use backstay_adapters::web::{Request, Response, Transport, TransportError};
use backstay_domain::ServiceName;
use backstay_domain::app::ServiceLocator;
use http_body_util::BodyExt as _;
use serde_json::Value;

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `ecs.UpdateService`, `Action=…` of a form, or `PUT /key` of S3 and CloudFront.
    pub(crate) operation: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) query: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// One of the query, decoded; empty when it is not there.
    pub(crate) fn parameter(&self, name: &str) -> String {
        let mut pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(found, _)| *found == name);
        found.map_or_else(String::new, |(_, value)| crate::bucket::decoded(value))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What the script says.
pub(crate) enum Answer {
    Json(Value),
    Error(u16, &'static str),
    Raw(u16, Vec<(&'static str, String)>, Vec<u8>),
    Lost(io::ErrorKind),
}

type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A scripted AWS and the log of what it was asked.
#[derive(Clone)]
pub(crate) struct Aws {
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aws")
    }
}

impl Aws {
    pub(crate) fn new(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(script),
            asked: Arc::default(),
        }
    }

    pub(crate) fn config(&self) -> SdkConfig {
        let aws = self.clone();
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("sa-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "id", "key", None, None, "test",
            )))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .sleep_impl(TokioSleep::new())
            .http_client(http_client_fn(move |_, _| {
                SharedHttpConnector::new(aws.clone())
            }))
            .build()
    }

    pub(crate) fn cloud(&self) -> AwsCloud<Pages> {
        AwsCloud::new(&self.config(), Pages::default(), PathBuf::from("."))
    }

    /// What the script says, for a script around it.
    pub(crate) fn answer(&self, asked: &Asked) -> Answer {
        (self.script)(asked)
    }

    /// The names of what was asked, in order.
    pub(crate) fn picture(&self) -> Vec<String> {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .map(|asked| asked.operation.clone())
            .collect()
    }

    /// How often something was asked.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.picture()
            .iter()
            .filter(|asked| *asked == operation)
            .count()
    }

    /// The requests of one kind.
    pub(crate) fn asked(&self, operation: &str) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| asked.operation == operation)
            .cloned()
            .collect()
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let aws = self.clone();
        HttpConnectorFuture::new(async move {
            let asked = read(request).await;
            let answer = (aws.script)(&asked);
            aws.asked.lock().unwrap().push(asked);
            reply(answer)
        })
    }
}

async fn read(request: HttpRequest) -> Asked {
    let (parts, body) = request.try_into_http1x().unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    let headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let form = String::from_utf8_lossy(&body).into_owned();
    let action = form
        .split('&')
        .find_map(|part| part.strip_prefix("Action="));
    let operation = match (headers.get("x-amz-target"), action) {
        (Some(target), _) => target.rsplit('.').next().unwrap().to_owned(),
        (None, Some(action)) => action.to_owned(),
        (None, None) => format!("{} {}", parts.method, parts.uri.path()),
    };
    Asked {
        operation,
        headers,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body,
    }
}

fn reply(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let (status, headers, body) = match answer {
        Answer::Json(value) => (200, Vec::new(), value.to_string().into_bytes()),
        Answer::Error(status, code) => {
            let body = serde_json::json!({"__type": format!("com.amazonaws#{code}"), "message": "because"});
            (status, Vec::new(), body.to_string().into_bytes())
        }
        Answer::Raw(status, headers, body) => (status, headers, body),
        Answer::Lost(kind) => return Err(ConnectorError::io(io::Error::new(kind, "lost").into())),
    };
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(HttpResponse::try_from(response.body(SdkBody::from(body)).unwrap()).unwrap())
}

/// A web of fixed pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages(pub(crate) BTreeMap<String, (u16, &'static str, Vec<u8>)>);

impl Transport for Pages {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let page = self.0.get(&request.url);
        let (status, media, body) =
            page.ok_or_else(|| TransportError::NoConnection("refused".to_owned()))?;
        let headers = vec![("content-type".to_owned(), (*media).to_owned())];
        Ok(Response {
            status: *status,
            headers,
            body: body.clone().into(),
        })
    }
}

/// A service of a cluster, called the same by everyone.
pub(crate) fn locator(cluster: &str, name: &str) -> ServiceLocator {
    ServiceLocator {
        name: ServiceName::parse(name).unwrap(),
        cluster: cluster.to_owned(),
        cluster_name: name.to_owned(),
    }
}
