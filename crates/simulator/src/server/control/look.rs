//! Looking at a world: which one, what runs there, what was called, what happened.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::answer::{Refusal, given};
use crate::Millis;
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::server::users;

/// Which world the query names; the default one when it names none.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen {
    account: Option<String>,
    region: Option<String>,
    /// Of the data plane only.
    pub(super) url: Option<String>,
}

impl Chosen {
    /// Reads the query; what is neither an address nor one of `others` is refused.
    pub(super) fn by(request: &Request<Bytes>, others: &[&str]) -> Result<Self, Refusal> {
        let mut chosen = Self::default();
        let query = request.uri().query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "account" => &mut chosen.account,
                "region" => &mut chosen.region,
                "url" if others.contains(&"url") => &mut chosen.url,
                _ => {
                    return Err(Refusal::wrong(format!(
                        "there is no parameter `{name}` here"
                    )));
                }
            };
            *place = Some(value.into_owned());
        }
        Ok(chosen)
    }

    pub(super) fn slot(&self, shared: &Shared) -> Result<Arc<Slot>, Refusal> {
        let (account, region) = (self.account.as_deref(), self.region.as_deref());
        shared
            .worlds
            .slot(account, region, shared.clock.now_ms())
            .map_err(Refusal::wrong)
    }

    /// Refuses a choice where there is none.
    pub(super) fn none(&self) -> Result<(), Refusal> {
        match (&self.account, &self.region) {
            (None, None) => Ok(()),
            _ => Err(Refusal::wrong(
                "this is for all worlds: leave `account` and `region` out",
            )),
        }
    }
}

pub(super) fn health(shared: &Shared) -> Result<Response<Bytes>, Refusal> {
    let worlds = shared.worlds.all().into_iter();
    let worlds: Vec<String> = worlds
        .map(|(address, _)| format!("{}/{}", address.account, address.region))
        .collect();
    Ok(given(&json!({ "status": "ok", "worlds": worlds })))
}

/// Of all worlds, whichever is chosen.
pub(super) fn ports(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    chosen.none()?;
    Ok(given(&json!({ "ports": users::doors(shared) })))
}

pub(super) fn picture(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    let slot = chosen.slot(shared)?;
    let picture = slot.at(shared.clock.now_ms(), |inhabited| inhabited.world.picture());
    Ok(given(&json!(picture)))
}

pub(super) fn calls(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    let slot = chosen.slot(shared)?;
    Ok(slot.at(shared.clock.now_ms(), |inhabited| {
        let world = &inhabited.world;
        let [sent, refused, failed] = shared.traffic.counts();
        let upstream = json!({ "sent": sent, "refused": refused, "failed": failed });
        given(&json!({ "calls": world.calls(), "throttled": world.throttled(), "upstream": upstream }))
    }))
}

pub(super) fn violations(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    let slot = chosen.slot(shared)?;
    Ok(slot.at(shared.clock.now_ms(), |inhabited| {
        given(&json!({ "violations": inhabited.world.violations() }))
    }))
}

/// Calls and service events together, in the order of time.
pub(super) fn events(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    let slot = chosen.slot(shared)?;
    let mut events: Vec<(Millis, Value)> = slot.at(shared.clock.now_ms(), |inhabited| {
        let calls = inhabited.journal.oldest_first().map(|call| {
            let (at_ms, status) = (call.at_ms, call.status);
            let event = json!({ "kind": "call", "at_ms": at_ms, "operation": call.operation, "status": status });
            (at_ms, event)
        });
        let told = inhabited.world.service_events().into_iter().map(|event| {
            let (at_ms, service, message) = (event.at_ms, event.service, event.message);
            let event = json!({ "kind": "service", "at_ms": at_ms, "service": service, "message": message });
            (at_ms, event)
        });
        calls.chain(told).collect()
    });
    events.sort_by_key(|(at_ms, _)| *at_ms);
    let events: Vec<Value> = events.into_iter().map(|(_, event)| event).collect();
    Ok(given(&json!({ "events": events })))
}
