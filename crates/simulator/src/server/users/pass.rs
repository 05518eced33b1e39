//! One request to a target, and its answer: streamed both ways, or what the load balancer says when there is none.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName};
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::body::{UserBody, Watched, carried};
use super::flight::Flight;
use super::hosts::response;
use super::limits::within;
use super::outgoing::without_hop_by_hop;

/// "before the connection timeout expired (10 seconds)" ([DOC] Troubleshoot your Application Load Balancers, HTTP 504).
const CONNECT_MS: u64 = 10_000;
/// "The target response header exceeded 32 K for the entire response header" (the same, HTTP 502).
const LARGEST_HEADER: usize = 32 * 1024;

/// Why the load balancer answers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// Nobody took the connection, it was reset or closed, the answer is no HTTP, or the target has gone: 502.
    BadGateway,
    /// No connection, or no answer, in time: 504.
    TooLate,
}

impl Trouble {
    /// [DOC] Troubleshoot your Application Load Balancers.
    fn status(self) -> u16 {
        match self {
            Self::BadGateway => 502,
            Self::TooLate => 504,
        }
    }
}

/// Carries a request to the target of its flight.
pub(super) async fn carry(mut flight: Flight, request: Request<UserBody>) -> Response<UserBody> {
    let added = flight.passage().added.clone();
    let answered = {
        let cut = flight.cut();
        tokio::select! {
            biased;
            answered = asked(&flight, request) => answered,
            () = cut => Err(Trouble::BadGateway),
        }
    };
    let mut reply = match answered {
        Ok(reply) => {
            flight.answered(reply.status().as_u16());
            let (mut head, body) = reply.into_parts();
            without_hop_by_hop(&mut head.headers);
            Response::from_parts(head, carried(body, flight))
        }
        Err(trouble) => response(flight.failed(trouble.status())),
    };
    for (name, value) in added {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            reply.headers_mut().append(name, value);
        }
    }
    reply
}

async fn asked(flight: &Flight, request: Request<UserBody>) -> Result<Response<Incoming>, Trouble> {
    let passage = flight.passage();
    let connect = within(flight.shared(), CONNECT_MS);
    let stream = tokio::time::timeout(connect, TcpStream::connect(passage.address))
        .await
        .map_err(|_| Trouble::TooLate)?
        .map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => Trouble::TooLate,
            _ => Trouble::BadGateway,
        })?;
    // Without it small requests wait for the target's acknowledgement.
    let _ = stream.set_nodelay(true);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Trouble::BadGateway)?;
    // Ends with the answer's body, or when nobody reads it any more.
    tokio::spawn(connection);
    let taken = Arc::new(Notify::new());
    let request = request.map(|body| Watched {
        body,
        taken: Arc::clone(&taken),
    });
    let idle = within(flight.shared(), passage.manner.idle_ms);
    let reply = in_time(idle, &taken, sender.send_request(request)).await?;
    match size(reply.headers()) > LARGEST_HEADER {
        true => Err(Trouble::BadGateway),
        false => Ok(reply),
    }
}

/// The answer, unless nothing moves for the idle timeout: neither the request's body nor the answer ([DOC] Troubleshoot your
/// Application Load Balancers, HTTP 504).
async fn in_time(
    idle: Duration,
    taken: &Notify,
    answer: impl Future<Output = Result<Response<Incoming>, hyper::Error>>,
) -> Result<Response<Incoming>, Trouble> {
    let mut answer = std::pin::pin!(answer);
    loop {
        let moved = async {
            tokio::select! {
                answer = &mut answer => Some(answer),
                () = taken.notified() => None,
            }
        };
        match tokio::time::timeout(idle, moved).await {
            Ok(Some(answer)) => return answer.map_err(|_| Trouble::BadGateway),
            Ok(None) => {}
            Err(_) => return Err(Trouble::TooLate),
        }
    }
}

/// As it was on the wire, nearly.
pub(super) fn size(headers: &HeaderMap) -> usize {
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4);
    sizes.sum()
}
