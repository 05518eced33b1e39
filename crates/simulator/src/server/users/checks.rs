//! Health checks of targets that are reached for real, when their worlds say so.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::header::{CONNECTION, HOST, HeaderValue, USER_AGENT};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::body::{UserBody, empty};
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::services::elb::{HealthCheck, Seen};

/// What a load balancer calls itself ([DOC] Health checks for Application Load Balancer target groups).
const CHECKER: HeaderValue = HeaderValue::from_static("ELB-HealthChecker/2.0");

/// Begins every check that is due in any world.
pub(super) fn begin(shared: &Arc<Shared>, checks: &mut JoinSet<()>) {
    let now_ms = shared.clock.now_ms();
    for (_, slot) in shared.worlds.all() {
        let due = slot.at(now_ms, |inhabited| inhabited.world.due_checks());
        for check in due {
            checks.spawn(make(Arc::clone(shared), Arc::clone(&slot), check));
        }
    }
}

async fn make(shared: Arc<Shared>, slot: Arc<Slot>, check: HealthCheck) {
    // A program that asks its own dependencies first is not faster because the clock is.
    let timeout = Duration::from_millis(check.timeout_ms);
    let seen = tokio::time::timeout(timeout, ask(&check)).await;
    let seen = seen.unwrap_or(Seen::Nothing);
    slot.at(shared.clock.now_ms(), |inhabited| {
        inhabited.changed = true;
        inhabited.world.checked(&check, seen);
    });
}

/// Of an answer only the status counts; a redirect is not followed.
async fn ask(check: &HealthCheck) -> Seen {
    let Ok(stream) = TcpStream::connect(check.address).await else {
        return Seen::Failed;
    };
    let Some(path) = &check.path else {
        return Seen::Connected;
    };
    let Some(request) = request(check, path) else {
        return Seen::Failed;
    };
    let Ok((mut sender, connection)) = http1::handshake(TokioIo::new(stream)).await else {
        return Seen::Failed;
    };
    let asked = async { sender.send_request(request).await };
    let connected = async {
        // It ends before the answer only if it breaks, which the answer says.
        let _ = connection.await;
        std::future::pending().await
    };
    let answer = tokio::select! {
        biased;
        answer = asked => answer,
        never = connected => never,
    };
    answer.map_or(Seen::Failed, |reply| Seen::Status(reply.status().as_u16()))
}

fn request(check: &HealthCheck, path: &str) -> Option<Request<UserBody>> {
    let request = Request::get(path)
        .header(HOST, check.host.as_str())
        .header(USER_AGENT, CHECKER)
        .header(CONNECTION, "close");
    request.body(empty()).ok()
}
