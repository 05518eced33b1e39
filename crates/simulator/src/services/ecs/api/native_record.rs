//! What replies say of a native deployment: its stage, its hooks, and which target groups a revision really uses (B6 [MODEL]).

use serde_json::{Value, json};

use crate::World;
use crate::services::ecs::native::{HookRun, HookTarget, Run};
use crate::services::ecs::record::Revision;
use crate::wire::seconds;

/// Adds `lifecycleStage` and `lifecycleHookDetails` to a service deployment.
pub(super) fn write(run: &Run, record: &mut Value) {
    // Empty for ROLLING (B6 [CODE]).
    if let Some(stage) = run.stage.filter(|_| run.strategy.kind.is_native()) {
        record["lifecycleStage"] = json!(stage.text());
    }
    if !run.hooks.is_empty() {
        record["lifecycleHookDetails"] = run.hooks.iter().map(hook_json).collect();
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
