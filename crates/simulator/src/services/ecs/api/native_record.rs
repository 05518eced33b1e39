//! What replies say of a native deployment: its stage, its hooks, and which target groups a revision really uses (B6 [MODEL]).

use serde::Serialize;
use serde_json::{Value, json};

use crate::World;
use crate::services::ecs::native::{HookRun, HookTarget, Run};
use crate::services::ecs::record::Revision;
use crate::wire::seconds;

/// `lifecycleStage` and `lifecycleHookDetails` of a service deployment.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NativeShown {
    /// Empty for ROLLING (B6 [CODE]).
    #[serde(skip_serializing_if = "Option::is_none")]
    lifecycle_stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lifecycle_hook_details: Vec<Value>,
}

pub(super) fn shown(run: Option<&Run>) -> NativeShown {
    let Some(run) = run else {
        return NativeShown::default();
    };
    let stage = run.stage.filter(|_| run.strategy.kind.is_native());
    NativeShown {
        lifecycle_stage: stage.map(|stage| stage.text()),
        lifecycle_hook_details: run.hooks.iter().map(hook_json).collect(),
    }
}

fn hook_json(hook: &HookRun) -> Value {
    let mut detail = json!({
        "hookId": hook.id,
        "targetType": hook.target.text(),
        "status": hook.status.text(),
        "expiresAt": seconds(hook.expires_ms),
        "timeoutAction": hook.timeout_action.text(),
    });
    if let HookTarget::Lambda { arn, .. } = &hook.target {
        detail["targetArn"] = json!(arn);
    }
    detail
}

/// `resolvedConfiguration` of a service revision with two target groups to choose from.
pub(super) fn resolved(world: &World, revision: &Revision) -> Option<Value> {
    let used = revision.load_balancers.iter().zip(&revision.groups);
    let resolved: Vec<Value> = used
        .filter_map(|(balancer, name)| {
            Some(json!({
                "targetGroupArn": world.elb.groups.get(name)?.arn,
                "productionListenerRule": balancer.advanced.as_ref()?.production_rule,
            }))
        })
        .collect();
    (!resolved.is_empty()).then(|| json!({ "loadBalancers": resolved }))
}
