//! The way of a user's request: to a load balancer's targets or to a CloudFront edge, by host name.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::cloudfront::at_edge;
use crate::elb::{Backend, FixedResponse, Routed, Visit};
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

    /// The request as its receiver sees it.
    pub(crate) fn visit(&self) -> Result<Visit, FetchError> {
        let bad_url = || FetchError::BadUrl(self.url.clone());
        let url = Url::parse(&self.url).map_err(|_| bad_url())?;
        let host = url
            .host_str()
            .filter(|_| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(bad_url)?;
        Ok(Visit {
            method: self.method.clone(),
            scheme: url.scheme().to_owned(),
            port: url.port_or_known_default().unwrap_or(443),
            query: url.query().unwrap_or_default().to_owned(),
            headers: self.headers.clone(),
            ..Visit::get(host, url.path())
        })
    }
}

impl Cloud {
    /// Sends a user's request; takes a few virtual milliseconds.
    ///
    /// # Errors
    /// When nobody in the simulated account has the URL's host name.
    pub async fn fetch(&self, request: WebRequest) -> Result<WebReply, FetchError> {
        let visit = request.visit()?;
        self.time().sleep(ROUND_TRIP / 2).await;
        let reply = self.with_world(|world| world.answer_viewer(&visit));
        self.time().sleep(ROUND_TRIP / 2).await;
        reply.ok_or(FetchError::NoSuchHost(visit.host))
    }
}

impl World {
    /// Answers a user's request; `None` when nobody has the host name.
    pub(crate) fn answer_viewer(&mut self, visit: &Visit) -> Option<WebReply> {
        let mut reply = match self.answer_at_balancer(visit) {
            Some(reply) => reply,
            None => {
                let at_edge = at_edge(self, visit)?;
                WebReply {
                    status: at_edge.status,
                    headers: at_edge.headers,
                    body: at_edge.body,
                }
            }
        };
        if visit.method.eq_ignore_ascii_case("HEAD") {
            reply.body = Bytes::new();
        }
        Some(reply)
    }

    /// Answers a request to a load balancer; `None` when none has the host name.
    pub(crate) fn answer_at_balancer(&mut self, visit: &Visit) -> Option<WebReply> {
        let host = visit.host.as_str();
        Some(match self.route(visit)? {
            Routed::Status(status) => self.own_answer(host, status),
            Routed::Fixed(response) => {
                self.count_request(host, None, response.status);
                fixed(response)
            }
            Routed::Redirect(status, location) => {
                let mut reply = self.own_answer(host, status);
                reply.headers.push(("location".to_owned(), location));
                reply
            }
            Routed::Target(backend) => self.ask_target(host, &backend, &visit.path),
        })
    }

    /// 502 when the target refuses the connection.
    fn ask_target(&mut self, host: &str, backend: &Backend, path: &str) -> WebReply {
        let mut reply = match self.task_answer(&backend.ip, backend.port, path) {
            Some(TaskAnswer {
                status,
                headers,
                body,
            }) => {
                self.count_request(host, Some(backend), status);
                WebReply {
                    status,
                    headers,
                    body: Bytes::from(body),
                }
            }
            None => self.own_answer(host, 502),
        };
        let cookies = backend.cookies.iter();
        let cookies = cookies.map(|cookie| ("set-cookie".to_owned(), cookie.clone()));
        reply.headers.extend(cookies);
        reply
    }

    fn own_answer(&mut self, host: &str, status: u16) -> WebReply {
        self.count_request(host, None, status);
        from_balancer(status)
    }
}

/// What a rule answers. One that says nothing but a status is answered like an error.
fn fixed(response: FixedResponse) -> WebReply {
    let mut reply = from_balancer(response.status);
    if let Some(body) = response.body {
        reply.body = Bytes::from(body);
    }
    if let Some(content_type) = response.content_type {
        reply.headers.retain(|(name, _)| name != "content-type");
        reply
            .headers
            .push(("content-type".to_owned(), content_type));
    }
    reply
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
