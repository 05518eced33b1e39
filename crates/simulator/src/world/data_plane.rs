//! The way of a user's request: to a load balancer's targets or to a CloudFront edge, by host name.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::base::here::here;
use crate::base::visit::Visit;
use crate::services::cloudfront::ViewerReply;
use crate::services::elb::{Backend, BalancerKind, FixedResponse, Manner, Reach, Routed};
use crate::world::scripted::TaskAnswer;
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
    /// Virtual time that whoever answers takes for it.
    pub after: Duration,
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
        let after = reply.as_ref().map_or(Duration::ZERO, |reply| reply.after);
        self.time().sleep(after + ROUND_TRIP / 2).await;
        reply.ok_or(FetchError::NoSuchHost(visit.host))
    }
}

/// What a user's request has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Viewed {
    /// An answer, as far as it does not depend on what else the viewer said.
    Answer(ViewerReply),
    /// It goes on to a target that is reached for real; what comes back is the answer.
    Passage(Box<Passage>),
}

/// What the load balancer makes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AtBalancer {
    Answer(WebReply),
    Passage(Box<Passage>),
}

/// A request on its way to a target that is reached for real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    pub(crate) address: SocketAddr,
    pub(crate) backend: Backend,
    /// As the load balancer got it.
    pub(crate) visit: Visit,
    pub(crate) manner: Manner,
    /// Headers of the answer that are not the target's: cookies that keep the client, and what an edge says.
    pub(crate) added: Vec<(String, String)>,
}

impl World {
    /// Answers a user's request, as far as this world can by itself; `None` when nobody has the host name. A target that is reached
    /// for real refuses the connection: there is nobody to carry it there.
    pub(crate) fn answer_viewer(&mut self, visit: &Visit) -> Option<WebReply> {
        Some(match self.visited(visit)? {
            Viewed::Answer(reply) => reply.given_to(visit),
            Viewed::Passage(passage) => self.own_answer(&passage.visit, 502),
        })
    }

    /// What a user's request comes to; `None` when nobody has the host name. What an edge lacks for its answer it leaves in
    /// [`Elsewhere`](crate::world::elsewhere::Elsewhere).
    pub(crate) fn visited(&mut self, visit: &Visit) -> Option<Viewed> {
        match self.at_balancer(visit) {
            Some(AtBalancer::Answer(reply)) => {
                Some(Viewed::Answer(ViewerReply::of_balancer(reply)))
            }
            Some(AtBalancer::Passage(passage)) => Some(Viewed::Passage(passage)),
            None => self.at_edge(visit).or_else(|| {
                let reply = self.at_registry(visit)?;
                Some(Viewed::Answer(ViewerReply::of_balancer(reply)))
            }),
        }
    }

    /// Whether a request arrives at a load balancer.
    pub(crate) fn is_for_balancer(&self, visit: &Visit) -> bool {
        self.elb.balancers.iter().any(|it| it.is_reached_by(visit))
    }

    /// What a load balancer makes of a request; `None` when none has the host name.
    pub(crate) fn at_balancer(&mut self, visit: &Visit) -> Option<AtBalancer> {
        let routed = here!(self.elb).route(visit)?;
        Some(AtBalancer::Answer(match routed {
            Routed::Refused => unconnected(),
            Routed::Status(status) => self.own_answer(visit, status),
            Routed::Fixed(response) => {
                self.count_request(visit, None, response.status, None);
                fixed(response)
            }
            Routed::Redirect(status, location) => {
                let mut reply = self.own_answer(visit, status);
                reply.headers.push(("location".to_owned(), location));
                reply
            }
            Routed::Target(backend) => match self.reach(&backend.ip, backend.port) {
                Reach::Scripted => self.ask_target(visit, &backend),
                Reach::Closed => self.own_answer(visit, 502),
                Reach::At(address) => {
                    return Some(AtBalancer::Passage(Box::new(Passage {
                        address,
                        added: cookies(&backend).collect(),
                        backend,
                        manner: self.elb.manner(visit),
                        visit: visit.clone(),
                    })));
                }
            },
        }))
    }

    /// 502 when the target refuses the connection.
    fn ask_target(&mut self, visit: &Visit, backend: &Backend) -> WebReply {
        let mut reply = match self.task_answer(&backend.ip, backend.port, &visit.path) {
            Some(TaskAnswer {
                status,
                headers,
                body,
                after_ms,
                spoiled,
            }) => {
                if let Some(task) = spoiled {
                    self.errors_are_seen(task);
                }
                let after = Duration::from_millis(after_ms);
                self.count_request(visit, Some(backend), status, Some(after));
                WebReply {
                    status,
                    headers,
                    body: Bytes::from(body),
                    after,
                }
            }
            None => self.own_answer(visit, 502),
        };
        reply.headers.extend(cookies(backend));
        reply
    }

    /// The load balancer answers by itself, and counts it.
    pub(crate) fn own_answer(&mut self, visit: &Visit, status: u16) -> WebReply {
        let mut reached = self.elb.balancers.iter();
        let reached = reached.find(|it| it.is_reached_by(visit));
        if reached.is_some_and(|it| it.kind == BalancerKind::Network) {
            return unconnected();
        }
        self.count_request(visit, None, status, None);
        from_balancer(status)
    }
}

fn cookies(backend: &Backend) -> impl Iterator<Item = (String, String)> {
    let cookies = backend.cookies.iter();
    cookies.map(|cookie| ("set-cookie".to_owned(), cookie.clone()))
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

/// What a client says that gets no connection through a network load balancer: nothing answers for it.
fn unconnected() -> WebReply {
    WebReply {
        status: 502,
        headers: vec![(
            "x-backstay-fetch-error".to_owned(),
            "connection-refused".to_owned(),
        )],
        body: Bytes::new(),
        after: Duration::ZERO,
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
        after: Duration::ZERO,
    }
}
