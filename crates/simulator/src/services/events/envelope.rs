//! The envelope around an event's detail [DOC].

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::state::Told;
use crate::base::here::Here;
use crate::services::events::EventBridge;
use crate::wire::iso8601;

/// Times are ISO 8601 with whole seconds, unlike ECS's own API (ecs-semantics 0 [DOC]).
pub(super) fn envelope(here: &Here<'_, EventBridge>, id: &str, told: &Told) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": told.detail_type,
        "source": told.source,
        "account": here.account,
        "time": iso8601(told.at_ms - told.at_ms % 1_000),
        "region": here.region,
        "resources": told.resources,
        "detail": told.detail.tree(),
    })
}

/// The id of the event of this number on the account's buses, made when somebody asks for it.
pub(super) fn id_of(here: &Here<'_, EventBridge>, number: u64) -> String {
    id(&format!("{}/{number}", here.account))
}

/// In the form of a UUID, and the same for the same seed: no randomness is drawn for what nobody may be listening to.
pub(super) fn id(seed: &str) -> String {
    let hash = Sha256::digest(seed.as_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}
