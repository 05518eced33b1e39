//! Whole worlds: taken away, brought back, begun again.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::answer::{Refusal, text};
use super::look::Chosen;
use super::time;
use crate::World;
use crate::server::request::Shared;

pub(super) fn snapshot(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    let slot = chosen.slot(shared)?;
    let world = slot.at(shared.clock.now_ms(), |inhabited| inhabited.world.clone());
    let json = world.to_json().map_err(|error| Refusal {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        error: error.to_string(),
        exists: &[],
    })?;
    Ok(text(StatusCode::OK, json))
}

pub(super) fn restore(shared: &Shared, body: &Bytes) -> Result<Response<Bytes>, Refusal> {
    let json = std::str::from_utf8(body).map_err(Refusal::wrong)?;
    let world = World::from_json(json).map_err(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        Refusal::wrong(match source {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })
    })?;
    let now_ms = world.now_ms;
    shared.worlds.restore(world).map_err(Refusal::wrong)?;
    shared.clock.set(now_ms);
    time::now(shared, &Chosen::default())
}

/// The clock is set first: a world that is looked at in between has not begun to age.
pub(super) fn reset(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    chosen.none()?;
    shared.clock.set(shared.worlds.first_moment_ms());
    shared.worlds.reset();
    shared.layers.reset();
    time::now(shared, chosen)
}
