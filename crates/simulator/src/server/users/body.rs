//! Bodies on their way: whole ones of ours, those of targets as they come, and requests whose progress somebody watches.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::{Notify, mpsc, oneshot};

use super::flight::Flight;
use super::limits::within;

/// Why a body ends before its end: the connection of whoever reads it breaks.
#[derive(Debug, thiserror::Error)]
pub(in crate::server) enum Broken {
    /// The target has gone, or it sent nothing for too long, or it broke off.
    #[error("the load balancer has no more of the answer")]
    Cut,
    #[error("the client broke off")]
    Client(#[source] hyper::Error),
}

/// What a user gets, or sends.
pub(in crate::server) type UserBody = UnsyncBoxBody<Bytes, Broken>;

/// No body.
pub(in crate::server) fn empty() -> UserBody {
    Empty::new().map_err(never).boxed_unsync()
}

pub(super) fn full(body: Bytes) -> UserBody {
    Full::new(body).map_err(never).boxed_unsync()
}

fn never(never: Infallible) -> Broken {
    match never {}
}

/// A body as the client sends it.
pub(super) fn incoming(body: Incoming) -> UserBody {
    body.map_err(Broken::Client).boxed_unsync()
}

/// What a target sends, until its end: the request is under way for so long. It is cut when its target has gone, and when nothing
/// comes for the load balancer's idle timeout.
pub(super) fn carried(body: Incoming, flight: Flight) -> UserBody {
    let size = body.size_hint();
    let (frames, received) = mpsc::channel(1);
    let (ending, ended) = oneshot::channel();
    tokio::spawn(async move {
        if pump(body, flight, frames).await == End::InOrder {
            // Whoever read it may have gone.
            let _ = ending.send(());
        }
    });
    Received {
        frames: received,
        ended,
        size,
    }
    .boxed_unsync()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    InOrder,
    Early,
}

async fn pump(mut body: Incoming, flight: Flight, frames: mpsc::Sender<Frame<Bytes>>) -> End {
    let idle = within(flight.shared(), flight.passage().manner.idle_ms);
    let mut cut = std::pin::pin!(flight.cut());
    loop {
        let frame = tokio::select! {
            biased;
            () = &mut cut => return End::Early,
            () = frames.closed() => return End::Early,
            next = tokio::time::timeout(idle, body.frame()) => match next {
                Ok(None) => return End::InOrder,
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(_))) | Err(_) => return End::Early,
            },
        };
        let sent = tokio::select! {
            biased;
            () = &mut cut => return End::Early,
            sent = frames.send(frame) => sent,
        };
        if sent.is_err() {
            return End::Early;
        }
    }
}

/// The other end of `pump`. Whoever stops reading it lets go of the target.
struct Received {
    frames: mpsc::Receiver<Frame<Bytes>>,
    /// Said before the last frame's sender goes, when that was the whole answer.
    ended: oneshot::Receiver<()>,
    size: SizeHint,
}

impl Body for Received {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(frame) = ready!(self.frames.poll_recv(context)) {
            return Poll::Ready(Some(Ok(frame)));
        }
        // What has been said once is not asked again: hyper polls no body after its end.
        let ended = ready!(Pin::new(&mut self.ended).poll(context));
        Poll::Ready(ended.err().map(|_| Err(Broken::Cut)))
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}

/// A request's body that says when a part of it was taken.
pub(super) struct Watched {
    pub(super) body: UserBody,
    pub(super) taken: Arc<Notify>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            self.taken.notify_one();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
