//! Lifecycle hooks: they begin with their stage, all at once, and the stage waits for all of them (B8 [DOC]).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::strategy::{Hook, HookTarget, LifecycleStage};
use crate::base::agenda::ServiceKey;
use crate::base::timings::{HOOK_ANSWER, HOOK_CALL_BACK_MS};
use crate::services::events::Detail;
use crate::wire::iso8601;
use crate::{HookAnswer, Millis, PauseAction, World};

/// One entry of `lifecycleHookDetails`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HookRun {
    /// `ecs-{hookType}-{id}` (B6 [DOC]).
    pub(crate) id: String,
    pub(crate) target: HookTarget,
    pub(crate) stage: LifecycleStage,
    pub(crate) status: HookStatus,
    pub(crate) expires_ms: Millis,
    pub(crate) timeout_action: PauseAction,
    /// When a Lambda function, or whoever is scripted to, answers next.
    pub(crate) due_ms: Option<Millis>,
    /// What follows `Service deployment rolled back because`: the deployment cannot go on.
    pub(crate) verdict: Option<String>,
}

/// `status` of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HookStatus {
    AwaitingAction,
    InProgress,
    Succeeded,
    Failed,
    TimedOut,
}

impl HookStatus {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::AwaitingAction => "AWAITING_ACTION",
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
        }
    }

    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::AwaitingAction | Self::InProgress)
    }
}

impl HookRun {
    fn answered(&mut self, answer: HookAnswer, called_back_ms: Millis) {
        let HookTarget::Lambda { arn, .. } = &self.target else {
            return;
        };
        let failed = |why: String| format!("{} lifecycle hook(s) failed. {why}", self.stage.text());
        match answer {
            HookAnswer::Succeeded => self.status = HookStatus::Succeeded,
            HookAnswer::InProgress { .. } => self.due_ms = Some(called_back_ms),
            HookAnswer::Failed => {
                let why = failed(format!(
                    "Lifecycle hook target {arn} returned FAILED status."
                ));
                self.verdict = Some(why);
                self.status = HookStatus::Failed;
            }
            HookAnswer::Nothing => {
                let why = failed(format!(
                    "ECS was unable to parse the response from {arn} due to: HookStatus must not be null."
                ));
                self.verdict = Some(why);
                self.status = HookStatus::Failed;
            }
        }
    }

    /// Somebody answered a pause.
    fn acted_on(&mut self, action: PauseAction) {
        match action {
            PauseAction::Continue => self.status = HookStatus::Succeeded,
            PauseAction::Rollback => {
                self.status = HookStatus::Failed;
                // No text is known [INF].
                self.verdict = Some(format!("{} pause hook was rolled back.", self.stage.text()));
            }
        }
    }

    /// Nobody acted in time (texts: pause [DOC], Lambda [INF]).
    fn expire(&mut self) {
        self.status = HookStatus::TimedOut;
        if self.timeout_action == PauseAction::Continue {
            return;
        }
        let stage = self.stage.text();
        self.verdict = Some(match &self.target {
            HookTarget::Pause => format!("{stage} pause hook timed out."),
            HookTarget::Lambda { arn, .. } => {
                format!("{stage} lifecycle hook(s) failed. Lifecycle hook target {arn} timed out.")
            }
        });
    }
}

/// ContinueServiceDeployment on a pause that waits. `false`: there is no such pause.
pub(crate) fn answer_pause(
    world: &mut World,
    key: &ServiceKey,
    id: &str,
    action: PauseAction,
) -> bool {
    let found = world.run_mut(key).and_then(|run| {
        run.hooks
            .iter_mut()
            .find(|hook| hook.id == id && hook.status == HookStatus::AwaitingAction)
    });
    let Some(hook) = found else { return false };
    hook.acted_on(action);
    let told = hook.clone();
    world.tell_hook(key, &told);
    world.request_next_pass(key);
    true
}

impl World {
    /// The hooks of a stage that has just been entered begin, all in parallel.
    pub(super) fn begin_hooks(&mut self, key: &ServiceKey, stage: LifecycleStage) {
        let Some(run) = self.run(key) else { return };
        let hooks: Vec<Hook> = run
            .strategy
            .hooks
            .iter()
            .filter(|hook| hook.stages.contains(&stage))
            .cloned()
            .collect();
        for hook in hooks {
            let begun = self.begun(key, hook, stage);
            self.tell_hook(key, &begun);
            if let Some(run) = self.run_mut(key) {
                run.hooks.push(begun);
            }
        }
    }

    fn begun(&mut self, key: &ServiceKey, hook: Hook, stage: LifecycleStage) -> HookRun {
        let id = format!("{}{}", self.draw_record_id(), self.draw_record_id());
        let (word, status, due_ms) = match &hook.target {
            HookTarget::Pause => {
                let somebody = self.apps.get(key).and_then(|app| app.pause);
                let answers_ms = somebody.map(|it| self.now_ms + it.after_ms);
                ("pause", HookStatus::AwaitingAction, answers_ms)
            }
            HookTarget::Lambda { .. } => {
                let answers_ms = self.now_ms + HOOK_ANSWER.draw(self.weather, &mut self.random);
                // The word for Lambda hooks is not known [INF].
                ("lambda", HookStatus::InProgress, Some(answers_ms))
            }
        };
        HookRun {
            id: format!("ecs-{word}-{id}"),
            stage,
            status,
            expires_ms: self.now_ms + hook.timeout_ms(),
            timeout_action: hook.timeout_action.unwrap_or_default(),
            due_ms,
            verdict: None,
            target: hook.target,
        }
    }

    /// Takes the answers that are due, and gives up hooks that have waited too long.
    pub(super) fn hear_hooks(&mut self, key: &ServiceKey) {
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let name = service.name.clone();
        let count = service.native().map_or(0, |run| run.hooks.len());
        for place in 0..count {
            let Some(hook) = self.run(key).and_then(|run| run.hooks.get(place)) else {
                return;
            };
            let before = hook.status;
            let mut hook = hook.clone();
            if !before.is_open() {
                continue;
            }
            let due = hook.due_ms.is_some_and(|due_ms| due_ms <= now_ms);
            if due && hook.target == HookTarget::Pause {
                let somebody = self.apps.get(key).and_then(|app| app.pause);
                somebody.into_iter().for_each(|it| hook.acted_on(it.action));
            } else if due {
                let answer = self.faults.hook_answer(&name, hook.stage);
                let pause_ms = match answer {
                    HookAnswer::InProgress { call_back_delay } => call_back_delay
                        .map_or(HOOK_CALL_BACK_MS, |seconds| u64::from(seconds) * 1_000),
                    HookAnswer::Succeeded | HookAnswer::Failed | HookAnswer::Nothing => 0,
                };
                let takes_ms = HOOK_ANSWER.draw(self.weather, &mut self.random);
                hook.answered(answer, now_ms + pause_ms + takes_ms);
            }
            if hook.status.is_open() && hook.expires_ms <= now_ms {
                hook.expire();
            }
            if hook.status != before {
                hook.due_ms = None;
                self.tell_hook(key, &hook);
            }
            if let Some(slot) = self.run_mut(key).and_then(|run| run.hooks.get_mut(place)) {
                *slot = hook;
            }
        }
    }

    /// The deployment leaves its way: hooks that are still open have no say any more; shown as FAILED [INF].
    pub(super) fn drop_hooks(&mut self, key: &ServiceKey) {
        let Some(run) = self.run_mut(key) else { return };
        let mut dropped = Vec::new();
        for hook in run.hooks.iter_mut().filter(|hook| hook.status.is_open()) {
            hook.status = HookStatus::Failed;
            hook.due_ms = None;
            dropped.push(hook.clone());
        }
        for hook in dropped {
            self.tell_hook(key, &hook);
        }
    }

    /// EventBridge: `ECS Hook State Change` [DOC].
    fn tell_hook(&mut self, key: &ServiceKey, hook: &HookRun) {
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let Some(record) = service.primary().map(|primary| primary.record.clone()) else {
            return;
        };
        let path = format!("{}/{}", service.cluster, service.name);
        let deployment = self.ecs_arn(&format!("service-deployment/{path}/{record}"));
        let detail = json!({
            "eventType": "INFO",
            "eventName": format!("HOOK_{}", hook.status.text()),
            "hookId": hook.id,
            "hookType": hook.target.text(),
            "expiresAt": iso8601(hook.expires_ms),
            "lifecycleStage": hook.stage.text(),
            "clusterArn": self.ecs_arn(&format!("cluster/{}", service.cluster)),
            "serviceArn": service.arn,
            "serviceDeploymentArn": deployment,
            "updatedAt": iso8601(self.now_ms),
        });
        let detail = Detail::of(&detail);
        self.tell("aws.ecs", "ECS Hook State Change", vec![deployment], detail);
    }
}
