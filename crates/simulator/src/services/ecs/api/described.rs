//! DescribeServices as text. Clients ask again and again while nothing changes: each service is written once until it does.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

use super::describe_services::found;
use super::service_json::Tags;
use super::text;
use crate::base::agenda::ServiceKey;
use crate::base::timings::visible_after_ms;
use crate::services::ecs::Controller;
use crate::wire::input;
use crate::{ApiError, Millis, World};

/// More than one call asks for.
const MOST_KEPT: usize = 4_000;

/// Services as they were written, for one version of ECS.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    version: u64,
    texts: BTreeMap<ServiceKey, Text>,
}

#[derive(Clone, Debug)]
struct Text {
    tags: Tags,
    /// It was written in this time, and is the same until `until_ms`.
    from_ms: Millis,
    until_ms: Millis,
    json: Bytes,
}

/// The same as `call(world, "DescribeServices", body)`, byte by byte.
pub(super) fn describe_services(world: &mut World, body: &Value) -> Result<Bytes, ApiError> {
    let found = found(world, &input(body)?)?;
    let mut reply = Vec::with_capacity(8 * 1024);
    reply.extend_from_slice(b"{\"failures\":");
    reply.extend_from_slice(&text(&found.failures));
    reply.extend_from_slice(b",\"services\":[");
    for (place, key) in found.keys.iter().enumerate() {
        if place > 0 {
            reply.push(b',');
        }
        reply.extend_from_slice(&world.described_service(key, found.tags));
    }
    reply.extend_from_slice(b"]}");
    Ok(Bytes::from(reply))
}

impl World {
    fn described_service(&mut self, key: &ServiceKey, tags: Tags) -> Bytes {
        let version = self.ecs.version();
        if self.described.version != version || self.described.texts.len() > MOST_KEPT {
            self.described = Described {
                version,
                texts: BTreeMap::new(),
            };
        }
        let kept = self.described.texts.get(key).filter(|kept| {
            kept.tags == tags && (kept.from_ms..kept.until_ms).contains(&self.now_ms)
        });
        if let Some(kept) = kept {
            #[cfg(test)]
            assert_eq!(kept.json, text(&self.service_json(key, tags)));
            return kept.json.clone();
        }
        let json = self.service_text(key, tags);
        let text = Text {
            tags,
            from_ms: self.now_ms,
            until_ms: self.same_until_ms(key),
            json: json.clone(),
        };
        self.described.texts.insert(key.clone(), text);
        json
    }

    /// `service_json`, written.
    fn service_text(&self, key: &ServiceKey, tags: Tags) -> Bytes {
        match self.ecs.service(key) {
            Some(service) if service.controller == Controller::Ecs => {
                text(&self.service_shown(service, tags))
            }
            _ => text(&self.service_json(key, tags)),
        }
    }

    /// When `service_json` changes though nothing happens: events and records that are not yet visible.
    fn same_until_ms(&self, key: &ServiceKey) -> Millis {
        let Some(service) = self.ecs.service(key) else {
            return self.now_ms;
        };
        if service.controller == Controller::CodeDeploy {
            // `stabilityStatusAt` is always now.
            return self.now_ms;
        }
        let events = service.events.newest_first().map(|event| event.at_ms);
        let visible_after = visible_after_ms(self.weather);
        let records = service
            .records
            .iter()
            .map(|record| record.created_ms.saturating_add(visible_after));
        let later = events.chain(records).filter(|at_ms| *at_ms > self.now_ms);
        later.min().unwrap_or(Millis::MAX)
    }
}
