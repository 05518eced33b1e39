//! A call of a service that the upstream keeps: faults strike it here, then it goes on.
//!
//! It is the client's request but for its address. The access key becomes the number of the account that it is for here, because
//! that is how LocalStack knows accounts too; a bucket in the host moves to the path, because only AWS's hosts are understood
//! there. Nobody there checks signatures.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Incoming;

use super::carry;
use crate::front::{Call, NoReply, Passage, Reply, Service, passage};
use crate::server::aws::{ours, refusal, slot_of};
use crate::server::journal::CallRecord;
use crate::server::registry::Slot;
use crate::server::request::{Shared, guarded, whole};
use crate::server::unserved;
use crate::server::upstream::{Passing, Upstream};
use crate::services::s3::path_style;
use crate::wire::Scope;

/// Answers a call of a service that the upstream keeps. Bodies of S3 pass through as they come.
pub(in crate::server) async fn on(
    shared: &Arc<Shared>,
    upstream: &Upstream,
    service: Service,
    request: Request<Incoming>,
) -> Result<Response<Passing>, NoReply> {
    if service == Service::S3 {
        let (parts, body) = request.into_parts();
        let head = Request::from_parts(parts, Bytes::new());
        if let Ok(call) = Call::recognise(&head) {
            return through(shared, upstream, &call, head, Either::Right(body)).await;
        }
        let request = head.map(|_| Either::Right(body));
        return Ok(unserved::forward(shared, upstream, request).await);
    }
    match whole(request).await {
        Ok(request) => whole_on(shared, upstream, request).await,
        Err(unread) => Ok(ours(unread.reply())),
    }
}

/// The same, when its body has been read.
pub(in crate::server) async fn whole_on(
    shared: &Arc<Shared>,
    upstream: &Upstream,
    request: Request<Bytes>,
) -> Result<Response<Passing>, NoReply> {
    let body = Either::Left(Full::new(request.body().clone()));
    match Call::recognise(&request) {
        Ok(call) => through(shared, upstream, &call, request, body).await,
        Err(_) => Ok(unserved::forward(shared, upstream, request.map(|_| body)).await),
    }
}

async fn through(
    shared: &Arc<Shared>,
    upstream: &Upstream,
    call: &Call,
    request: Request<Bytes>,
    body: Passing,
) -> Result<Response<Passing>, NoReply> {
    let now_ms = shared.clock.now_ms();
    let slot = match slot_of(shared, call, &request, now_ms) {
        Ok(slot) => slot,
        Err(no_world) => return Ok(ours(refusal(&no_world))),
    };
    let decided = guarded(|| {
        slot.at(now_ms, |inhabited| {
            inhabited.changed = true;
            let passage = passage(&mut inhabited.world, call, &request);
            (passage, inhabited.world.account.clone())
        })
    });
    let (passage, account) = match decided {
        Ok(decided) => decided,
        Err(broken) => return Ok(ours(broken.reply())),
    };
    // Whoever reads there finds what was said before.
    carry(shared, &slot).await;
    let wait = |ms| shared.clock.wait(Duration::from_millis(ms));
    let (after_ms, delay_ms, reply) = match passage {
        Passage::Through {
            after_ms,
            delay_ms,
            reply,
        } => (after_ms, delay_ms, reply),
        Passage::Refused { reply, delay_ms } => {
            note(shared, &slot, call, Some(reply.status().as_u16()));
            wait(delay_ms).await;
            return Ok(ours(reply));
        }
        Passage::Lost { delay_ms } => {
            note(shared, &slot, call, None);
            wait(delay_ms).await;
            return Err(NoReply::Dropped { after_ms: delay_ms });
        }
    };
    let (parts, _) = request.into_parts();
    let request = Request::from_parts(addressed(parts, call, upstream, &account), body);
    let due_ms = now_ms.saturating_add(after_ms);
    if reply == Reply::Late {
        note(shared, &slot, call, None);
        let (shared, upstream) = (Arc::clone(shared), upstream.clone());
        // Its sender is gone when it arrives.
        let (parts, body) = request.into_parts();
        if let Ok(body) = body.collect().await {
            let body = Either::Left(Full::new(body.to_bytes()));
            let request = Request::from_parts(parts, body);
            tokio::spawn(async move {
                shared.clock.until(due_ms).await;
                unserved::forward(&shared, &upstream, request).await;
            });
        }
        return Err(NoReply::Dropped { after_ms: delay_ms });
    }
    if after_ms > 0 {
        shared.clock.until(due_ms).await;
    }
    let answered = unserved::forward(shared, upstream, request).await;
    wait(delay_ms).await;
    if reply == Reply::Lost {
        note(shared, &slot, call, None);
        return Err(NoReply::Dropped { after_ms: delay_ms });
    }
    note(shared, &slot, call, Some(answered.status().as_u16()));
    Ok(answered)
}

fn note(shared: &Shared, slot: &Slot, call: &Call, status: Option<u16>) {
    slot.at(shared.clock.now_ms(), |inhabited| {
        inhabited.journal.add(CallRecord {
            at_ms: inhabited.world.now_ms,
            operation: call.name(),
            status,
        });
    });
}

/// The request as the upstream understands for whom it is, and for which bucket.
fn addressed(parts: Parts, call: &Call, upstream: &Upstream, account: &str) -> Parts {
    let request = Request::from_parts(parts, Bytes::new());
    let authorization = authorization(&request, account);
    let path = (call.service == Service::S3).then(|| path_style(&request));
    let (mut parts, _) = request.into_parts();
    if let Some(authorization) = authorization {
        parts.headers.insert(AUTHORIZATION, authorization);
    }
    if let Some(path) = path.filter(|path| path != parts.uri.path()) {
        let query = parts
            .uri
            .query()
            .map_or_else(String::new, |it| format!("?{it}"));
        let host = HeaderValue::from_str(&upstream.authority());
        if let (Ok(uri), Ok(host)) = (format!("{path}{query}").parse(), host) {
            parts.uri = uri;
            parts.headers.insert(HOST, host);
        }
    }
    parts
}

/// With the account in the place of the key, where there is another key.
fn authorization(request: &Request<Bytes>, account: &str) -> Option<HeaderValue> {
    let text = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let scope = Scope::of(request)?;
    let key = scope.access_key();
    if key == account || key.is_empty() {
        return None;
    }
    let (from, to) = (
        format!("Credential={key}/"),
        format!("Credential={account}/"),
    );
    HeaderValue::from_str(&text.replacen(&from, &to, 1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_for_an_account_and_a_bucket_by_its_path() {
        let upstream: Upstream = "http://127.0.0.1:4566".parse().unwrap();
        for (host, path, key, expected) in [
            (
                "127.0.0.1:4577",
                "/b/k%20k?x=1",
                "AKIDEXAMPLE",
                ("/b/k%20k?x=1", "127.0.0.1:4577"),
            ),
            (
                "b.localhost:4577",
                "/k%2Bk?x=1",
                "test",
                ("/b/k%2Bk?x=1", "127.0.0.1:4566"),
            ),
            (
                "b.s3.sa-east-1.amazonaws.com",
                "/",
                "111122223333",
                ("/b/", "127.0.0.1:4566"),
            ),
        ] {
            let signed = format!(
                "AWS4-HMAC-SHA256 Credential={key}/20260101/sa-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
            );
            let request = Request::get(path)
                .header(HOST, host)
                .header(AUTHORIZATION, &signed)
                .body(Bytes::new())
                .unwrap();
            let call = Call::recognise(&request).unwrap();
            let parts = addressed(request.into_parts().0, &call, &upstream, "123456789012");
            let (uri, host) = expected;
            assert_eq!(parts.uri, uri);
            assert_eq!(parts.headers[HOST], host);
            let own = signed.replace(key, "123456789012");
            assert_eq!(parts.headers[AUTHORIZATION], own.as_str());
        }
    }
}
