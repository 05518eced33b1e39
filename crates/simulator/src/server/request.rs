//! One HTTP request: answered by an API of AWS, by the control API or by the registry, marked as ours.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, DATE, EXPECT, HeaderName};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};

use super::clock::ServerClock;
use super::layers::{LayerStore, Uploads};
use super::neighbour::Traffic;
use super::oci::{self, Reply};
use super::registry::Registry;
use super::upstream::Upstream;
use super::users::Users;
use super::{aws, control};
use crate::front::NoReply;
use crate::front::throttle::Throttling;
use crate::wire::http_date;

/// Nothing that Backstay or Terraform stores is larger.
const LARGEST_BODY: usize = 256 * 1024 * 1024;

/// Which reply is ours and which an upstream's.
pub(super) const SERVED_BY: HeaderName = HeaderName::from_static("x-backstay-served-by");

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) clock: ServerClock,
    pub(super) throttling: Throttling,
    pub(super) worlds: Registry,
    pub(super) upstream: Option<Upstream>,
    pub(super) traffic: Traffic,
    /// The bytes of all worlds' layers.
    pub(super) layers: Arc<LayerStore>,
    /// Layers under way.
    pub(super) uploads: Uploads,
    /// Where it listens.
    pub(super) address: Option<SocketAddr>,
    /// Users' requests.
    pub(super) users: Users,
}

impl Shared {
    /// Where it listens; 0 while it does not.
    pub(super) fn port(&self) -> u16 {
        self.address.map_or(0, |address| address.port())
    }
}

/// Answers a request; an error breaks the connection.
pub(super) async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Reply>, NoReply> {
    let untold = waits_for_nothing(&request);
    let mut reply = if control::is_for(&request) {
        let reply = match whole(request).await {
            Ok(request) => control::answer(&shared, request).await,
            Err(unread) => unread.reply(),
        };
        reply.map(Full::new).map(Either::Left).map(Either::Left)
    } else if oci::is_for(&request) {
        oci::answer(&shared, request).await?
    } else {
        aws::answer(&shared, request).await?.map(Either::Left)
    };
    let headers = reply.headers_mut();
    let ours = HeaderValue::from_static("backstay");
    headers.entry(SERVED_BY).or_insert(ours);
    if untold {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if !headers.contains_key(DATE) {
        headers.insert(DATE, http_date(shared.clock.now_ms()));
    }
    Ok(reply)
}

/// Whether a client waits for `100 Continue` before a body of no bytes. Hyper goes on without it, and botocore then takes the next `100` on
/// this connection for a part of its reply and hangs: it is told to make another connection (botocore 1.43 `awsrequest.py` [CODE]).
fn waits_for_nothing<B: Body>(request: &Request<B>) -> bool {
    request.headers().contains_key(EXPECT) && request.body().is_end_stream()
}

/// Why a request got no further than the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unanswered {
    pub(super) status: StatusCode,
    pub(super) text: &'static str,
}

impl Unanswered {
    pub(super) fn reply(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from_static(self.text.as_bytes()));
        *response.status_mut() = self.status;
        response
    }
}

/// Runs what may be wrong about a client's request so that at worst this one request fails.
pub(super) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, Unanswered> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Unanswered {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        text: "the simulator is broken: it panicked at this request",
    })
}

/// The request with its body.
pub(super) async fn whole(request: Request<Incoming>) -> Result<Request<Bytes>, Unanswered> {
    let (head, body) = request.into_parts();
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => Ok(Request::from_parts(head, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(Unanswered {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            text: "the simulator takes no body above 256 MiB",
        }),
        Err(_) => Err(Unanswered {
            status: StatusCode::BAD_REQUEST,
            text: "the body is incomplete",
        }),
    }
}
