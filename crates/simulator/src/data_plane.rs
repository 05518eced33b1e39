//! The way of a user's request: to a load balancer's targets or to a CloudFront edge, by host name.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::cloudfront::at_edge;
use crate::elb::{Backend, Routed};
use crate::runtime::TaskAnswer;
use crate::{Cloud, World};

/// There and back between a viewer and AWS.
pub(crate) const ROUND_TRIP: Duration = Duration::from_millis(4);

/// An HTTP request of a user or of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebRequest {
    /// For example `GET`.
    pub method: String,
    /// Absolute, with scheme and host.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebReply {
    /// HTTP status.
    pub status: u16,
    /// Names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No load balancer and no distribution has this host name.
    #[error("no such host: {0}")]
    NoSuchHost(String),
    /// The URL is no absolute http or https URL.
    #[error("not an absolute http URL: {0}")]
    BadUrl(String),
}

impl WebRequest {
    /// A GET without headers.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            url: url.into(),
            headers: Vec::new(),
        }
    }

    /// Host and path of its URL.
    pub(crate) fn destination(&self) -> Result<(String, String), FetchError> {
        let bad_url = || FetchError::BadUrl(self.url.clone());
        let url = Url::parse(&self.url).map_err(|_| bad_url())?;
        let host = url
            .host_str()
            .filter(|_| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(bad_url)?;
        Ok((host.to_owned(), url.path().to_owned()))
    }
}

impl Cloud {
    /// Sends a user's request; takes a few virtual milliseconds.
    ///
    /// # Errors
    /// When nobody in the simulated account has the URL's host name.
    pub async fn fetch(&self, request: WebRequest) -> Result<WebReply, FetchError> {
        let (host, path) = request.destination()?;
        self.time().sleep(ROUND_TRIP / 2).await;
        let reply = self.with_world(|world| world.answer_viewer(&request.method, &host, &path));
        self.time().sleep(ROUND_TRIP / 2).await;
        reply.ok_or(FetchError::NoSuchHost(host))
    }
}

impl World {
    /// Answers a user's request; `None` when nobody has the host name.
    pub(crate) fn answer_viewer(
        &mut self,
        method: &str,
        host: &str,
        path: &str,
    ) -> Option<WebReply> {
        let mut reply = match self.answer_at_balancer(host, path) {
            Some(reply) => reply,
            None => {
                let at_edge = at_edge(self, host, path)?;
                WebReply {
                    status: at_edge.status,
                    headers: at_edge.headers,
                    body: at_edge.body,
                }
            }
        };
        if method.eq_ignore_ascii_case("HEAD") {
            reply.body = Bytes::new();
        }
        Some(reply)
    }

    /// Answers a request to a load balancer; `None` when none has the host name.
    pub(crate) fn answer_at_balancer(&mut self, host: &str, path: &str) -> Option<WebReply> {
        Some(match self.route(host, path)? {
            Routed::Status(status) => from_balancer(status),
            Routed::Target(backend) => self.ask_target(&backend, path),
        })
    }

    /// 502 when the target refuses the connection.
    fn ask_target(&self, backend: &Backend, path: &str) -> WebReply {
        match self.task_answer(&backend.ip, backend.port, path) {
            Some(TaskAnswer {
                status,
                headers,
                body,
            }) => WebReply {
                status,
                headers,
                body: Bytes::from(body),
            },
            None => from_balancer(502),
        }
    }
}

/// The load balancer's own answer.
fn from_balancer(status: u16) -> WebReply {
    let headers = [("server", "awselb/2.0"), ("content-type", "text/html")];
    WebReply {
        status,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: Bytes::from(format!("<html><head><title>{status}</title></head></html>")),
    }
}
