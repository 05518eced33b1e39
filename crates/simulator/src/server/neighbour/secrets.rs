//! What tasks need of the upstream's Secrets Manager and Parameter Store, asked before ECS may start one.
//!
//! Every name in a registered task definition is asked for before each call of ECS that changes something, and before any call
//! while one of them is unknown or could not be had. A task that ECS replaces by itself finds what was said last.

use http::StatusCode;
use serde_json::Value;

use super::asked::{Place, Question, ask};
use crate::base::heard::Heard;
use crate::front::{Call, Service};
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::server::upstream::Upstream;
use crate::world::elsewhere::Need;

/// Asks what the call may need.
pub(in crate::server) async fn before(shared: &Shared, slot: &Slot, call: &Call) {
    let Some(upstream) = &shared.upstream else {
        return;
    };
    if call.service != Service::Ecs {
        return;
    }
    let needs = slot.at(shared.clock.now_ms(), |inhabited| {
        let needs = inhabited.world.needs();
        let asks = !call.is_read() || inhabited.world.is_in_doubt(&needs);
        if asks { needs } else { Vec::new() }
    });
    if needs.is_empty() {
        return;
    }
    let mut answers = Vec::new();
    for need in &needs {
        answers.push(heard(shared, upstream, need).await);
    }
    slot.at(shared.clock.now_ms(), |inhabited| {
        for (need, heard) in needs.iter().zip(&answers) {
            inhabited.world.hear(need, heard);
        }
    });
}

async fn heard(shared: &Shared, upstream: &Upstream, need: &Need) -> Heard {
    let place = Place {
        account: need.account.clone(),
        region: need.region.clone(),
    };
    let question = Question::json(need.service, need.target, &need.input);
    match ask(shared, upstream, &place, question).await {
        // Its trouble is no answer about a secret.
        Ok(answer) if answer.status >= StatusCode::INTERNAL_SERVER_ERROR => {
            Heard::Silence(format!("the upstream answers {}", answer.status))
        }
        Ok(answer) => Heard::Reply {
            status: answer.status.as_u16(),
            body: answer.json(),
        },
        Err(reason) => Heard::Silence(reason),
    }
}

/// What a secret or a parameter says, for a container that is started.
///
/// # Errors
/// When the upstream gives no answer, or refuses.
pub(in crate::server) async fn value(shared: &Shared, need: &Need) -> Result<Value, String> {
    let Some(upstream) = &shared.upstream else {
        return Err("there is no upstream".to_owned());
    };
    match heard(shared, upstream, need).await {
        Heard::Reply { status: 200, body } => Ok(body),
        Heard::Reply { status, .. } => Err(format!("the upstream answers {status}")),
        Heard::Silence(reason) => Err(reason),
    }
}
