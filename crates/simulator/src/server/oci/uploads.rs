//! Uploads of layers: at once, in one go, or in chunks. Nothing is visible before all of it is there and has the digest it should.

use http::header::{CONTENT_RANGE, HeaderName, LOCATION, RANGE};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::enter::Entered;
use super::refusal::Refusal;
use super::target;
use super::{Answered, CONTENT_DIGEST, Query, bare, header};
use crate::server::layers::{Receiving, Upload, Whose};
use crate::services::ecr::distribution;

const UPLOAD_ID: HeaderName = HeaderName::from_static("docker-upload-uuid");
/// 52,000 MiB ([DOC], service quotas).
const LARGEST: u64 = 52_000 * 1024 * 1024;

/// A chunk: what its request says of it, and itself.
type Sent<'a> = (&'a Request<()>, &'a mut Incoming);

/// `POST`: mounts a layer, takes one at once, or begins an upload.
pub(super) async fn begin(
    entered: &Entered<'_>,
    name: &str,
    query: &Query,
    body: &mut Incoming,
) -> Answered {
    if let (Some(digest), Some(from)) = (query.get("mount"), query.get("from")) {
        let digest = target::digest(digest)?;
        if entered.with(|here| distribution::mount(here, name, digest, from))? {
            return created(name, digest);
        }
    }
    let id = entered.with(|here| distribution::new_upload(here, name))?;
    let mut receiving = entered.shared.layers.receive()?;
    if let Some(digest) = query.get("digest") {
        let digest = target::digest(digest)?;
        take(&mut receiving, body).await?;
        return keep(entered, name, digest, receiving).await;
    }
    let whose = whose(entered, name);
    if !entered.shared.uploads.add(id.clone(), whose, receiving) {
        let busy = StatusCode::TOO_MANY_REQUESTS;
        return Err(Refusal::new(busy, "TOOMANYREQUESTS", "too many uploads are under way").into());
    }
    reached(StatusCode::ACCEPTED, name, &id, 0)
}

/// `PATCH`: the next chunk, or all there is.
pub(super) async fn go_on(
    entered: &Entered<'_>,
    name: &str,
    id: &str,
    request: &Request<()>,
    body: &mut Incoming,
) -> Answered {
    let upload = find(entered, name, id)?;
    let mut turn = upload.lock().await;
    let received = next_chunk(entered, &mut turn, name, id, (request, body)).await?;
    reached(StatusCode::ACCEPTED, name, id, received)
}

/// `PUT`: the rest, and the digest that all of it should have.
pub(super) async fn finish(
    entered: &Entered<'_>,
    name: &str,
    id: &str,
    request: &Request<()>,
    body: &mut Incoming,
) -> Answered {
    let query = Query::of(request);
    let digest = target::digest(query.get("digest").unwrap_or_default())?;
    let upload = find(entered, name, id)?;
    let mut turn = upload.lock().await;
    next_chunk(entered, &mut turn, name, id, (request, body)).await?;
    let receiving = turn.take().ok_or_else(unknown)?;
    entered.shared.uploads.remove(id);
    keep(entered, name, digest, receiving).await
}

/// `GET`: how far it is.
pub(super) async fn progress(entered: &Entered<'_>, name: &str, id: &str) -> Answered {
    let upload = find(entered, name, id)?;
    let turn = upload.lock().await;
    let received = turn.as_ref().ok_or_else(unknown)?.received();
    reached(StatusCode::NO_CONTENT, name, id, received)
}

/// `DELETE`: nothing of it stays.
pub(super) fn give_up(entered: &Entered<'_>, name: &str, id: &str) -> Answered {
    find(entered, name, id)?;
    entered.shared.uploads.remove(id);
    bare(StatusCode::NO_CONTENT, [])
}

/// As [`chunk`]. When the disk is full, for example, what was written cannot be trusted: the client begins again.
async fn next_chunk(
    entered: &Entered<'_>,
    turn: &mut Option<Receiving>,
    name: &str,
    id: &str,
    sent: Sent<'_>,
) -> Result<u64, Refusal> {
    let receiving = turn.as_mut().ok_or_else(unknown)?;
    let received = chunk(receiving, name, id, sent).await;
    let spoils = |refusal: &Refusal| {
        let status = refusal.status;
        status.is_server_error() || status == StatusCode::PAYLOAD_TOO_LARGE
    };
    if received.as_ref().is_err_and(spoils) {
        *turn = None;
        entered.shared.uploads.remove(id);
    }
    received
}

/// Adds a request's body, where it says that it belongs there.
async fn chunk(
    receiving: &mut Receiving,
    name: &str,
    id: &str,
    (request, body): Sent<'_>,
) -> Result<u64, Refusal> {
    let range = header(request, &CONTENT_RANGE).map(parse_range);
    let before = receiving.received();
    if let Some(range) = range
        && range.is_none_or(|(first, _)| first != before)
    {
        return Err(out_of_place(name, id, before));
    }
    let mark = receiving.mark();
    take(receiving, body).await?;
    let length = receiving.received() - before;
    if let Some(Some((first, last))) = range
        && last.checked_sub(first).and_then(|more| more.checked_add(1)) != Some(length)
    {
        receiving.back_to(mark)?;
        return Err(Refusal::bad(
            "SIZE_INVALID",
            "the chunk is not as long as its Content-Range",
        ));
    }
    Ok(receiving.received())
}

/// Streams a body to where it is received. What has come of a broken one stays: the client may go on from there.
async fn take(receiving: &mut Receiving, body: &mut Incoming) -> Result<(), Refusal> {
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| Refusal::bad("BLOB_UPLOAD_INVALID", "the body is incomplete"))?;
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        receiving.add(&piece)?;
        if receiving.received() > LARGEST {
            let too_large = StatusCode::PAYLOAD_TOO_LARGE;
            let message = "a layer has at most 52,000 MiB";
            return Err(Refusal::new(too_large, "BLOB_UPLOAD_INVALID", message));
        }
    }
    Ok(())
}

/// First the bytes, then the world: what a repository says it has can always be fetched.
async fn keep(entered: &Entered<'_>, name: &str, digest: &str, receiving: Receiving) -> Answered {
    let (size, start) = (receiving.received(), receiving.start().to_vec());
    if size == 0 {
        return Err(Refusal::bad(
            "BLOB_UPLOAD_INVALID",
            "the upload does not contain any layer parts",
        )
        .into());
    }
    if receiving.digest() != digest {
        return Err(Refusal::bad(
            "DIGEST_INVALID",
            "Layer digests do not match the calculated digest of the uploaded layer",
        )
        .into());
    }
    let layers = std::sync::Arc::clone(&entered.shared.layers);
    let kept = tokio::task::spawn_blocking(move || layers.keep(receiving)).await;
    kept.map_err(|_| Refusal::internal("the simulator is broken: it panicked at this layer"))??;
    entered.with(|here| distribution::add_layer(here, name, digest, size, &start))?;
    created(name, digest)
}

fn created(name: &str, digest: &str) -> Answered {
    let location = format!("/v2/{name}/blobs/{digest}");
    bare(
        StatusCode::CREATED,
        [(LOCATION, &location), (CONTENT_DIGEST, digest)],
    )
}

fn reached(status: StatusCode, name: &str, id: &str, received: u64) -> Answered {
    let (location, range) = place(name, id, received);
    bare(
        status,
        [(LOCATION, &location), (RANGE, &range), (UPLOAD_ID, id)],
    )
}

/// Where to go on, and what is there: `0-0` also before the first byte.
fn place(name: &str, id: &str, received: u64) -> (String, String) {
    let location = format!("/v2/{name}/blobs/uploads/{id}");
    (location, format!("0-{}", received.saturating_sub(1)))
}

/// 416 with what is there ([SPEC], "Pushing a blob in chunks").
fn out_of_place(name: &str, id: &str, received: u64) -> Refusal {
    let message = format!("the chunk does not follow the {received} bytes received");
    let mut refusal = Refusal::bad("BLOB_UPLOAD_INVALID", message);
    refusal.status = StatusCode::RANGE_NOT_SATISFIABLE;
    let (location, range) = place(name, id, received);
    for (name, value) in [(LOCATION, location), (RANGE, range)] {
        refusal.headers.extend(
            HeaderValue::from_str(&value)
                .ok()
                .map(|value| (name, value)),
        );
    }
    refusal
}

/// `FIRST-LAST`, also as `bytes FIRST-LAST/SIZE`.
fn parse_range(text: &str) -> Option<(u64, u64)> {
    let text = text.trim().strip_prefix("bytes ").unwrap_or(text);
    let text = text.split('/').next()?;
    let (first, last) = text.split_once('-')?;
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

fn whose(entered: &Entered<'_>, name: &str) -> Whose {
    Whose {
        address: entered.address.clone(),
        repository: name.to_owned(),
    }
}

fn find(entered: &Entered<'_>, name: &str, id: &str) -> Result<Upload, Refusal> {
    let found = entered.shared.uploads.find(id, &whose(entered, name));
    found.ok_or_else(unknown)
}

fn unknown() -> Refusal {
    Refusal::missing("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
}
