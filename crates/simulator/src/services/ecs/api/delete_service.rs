//! DeleteService: DRAINING until the tasks are gone, then INACTIVE.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::{self, invalid};
use super::service_json::Tags;
use crate::services::ecs::ServiceStatus;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteService {
    cluster: Option<String>,
    service: String,
    force: Option<bool>,
}

/// Without `force` a service must have been scaled to 0 first [MODEL].
pub(super) fn delete(world: &mut World, request: &DeleteService) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    let key = lookup::active_service(world, &cluster, &request.service)?;
    let Some(service) = world.ecs.service_mut(&key) else {
        return Ok(json!({}));
    };
    if service.desired > 0 && request.force != Some(true) {
        return Err(invalid(
            "The service cannot be stopped while it is scaled above 0.",
        ));
    }
    service.status = ServiceStatus::Draining;
    service.desired = 0;
    world.abandon_record(&key);
    world.move_floor(&key);
    world.request_next_pass(&key);
    Ok(json!({ "service": world.service_json(&key, Tags::Shown) }))
}
