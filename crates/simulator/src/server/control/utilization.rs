//! What a service uses of its processors and memory: nobody runs its containers, so somebody has to say.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Refusal, given, read};
use super::look::Chosen;
use crate::server::request::Shared;
use crate::{Load, Utilization};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Used {
    cluster: String,
    service: String,
    cpu: Option<Load>,
    memory: Option<Load>,
}

pub(super) fn set(
    shared: &Shared,
    chosen: &Chosen,
    body: &Bytes,
) -> Result<Response<Bytes>, Refusal> {
    let used: Used = read(body)?;
    for load in [used.cpu, used.memory].into_iter().flatten() {
        let (Load::Each(percent) | Load::Together(percent)) = load;
        if !(0.0..=1_000_000.0).contains(&percent) {
            return Err(Refusal::wrong("a load is a number of percent, 0 or more"));
        }
    }
    let utilization = Utilization {
        cpu: used.cpu,
        memory: used.memory,
    };
    let slot = chosen.slot(shared)?;
    let known = slot.at(shared.clock.now_ms(), |inhabited| {
        inhabited.changed = true;
        inhabited
            .world
            .set_utilization(&used.cluster, &used.service, utilization)
    });
    if !known {
        let name = format!("{}/{}", used.cluster, used.service);
        return Err(Refusal::wrong(format!("there is no service {name}")));
    }
    Ok(given(&json!({
        "cluster": used.cluster,
        "service": used.service,
        "utilization": utilization,
    })))
}
