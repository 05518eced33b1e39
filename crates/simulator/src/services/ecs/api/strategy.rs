//! `strategy` of a deploymentConfiguration, its percentages and its lifecycle hooks: in and out (B8, F1).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::lookup::invalid;
use crate::services::ecs::native::{
    Hook, HookTarget, Kind, LifecycleStage, Percent, Shift, Strategy,
};
use crate::{ApiError, PauseAction};

/// At most so many hooks of each type per service (B8 [DOC]).
const MOST_HOOKS: usize = 10;

/// The members of a deploymentConfiguration that say how traffic moves.
pub(super) struct Wish<'a> {
    pub(super) strategy: Option<&'a str>,
    pub(super) linear: Option<&'a LinearConfiguration>,
    pub(super) canary: Option<&'a CanaryConfiguration>,
    pub(super) hooks: Option<&'a [LifecycleHook]>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LinearConfiguration {
    step_percent: Option<f64>,
    step_bake_time_in_minutes: Option<u32>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CanaryConfiguration {
    canary_percent: Option<f64>,
    canary_bake_time_in_minutes: Option<u32>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LifecycleHook {
    target_type: Option<String>,
    hook_target_arn: Option<String>,
    role_arn: Option<String>,
    lifecycle_stages: Option<Vec<String>>,
    hook_details: Option<Value>,
    timeout_configuration: Option<TimeoutConfiguration>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TimeoutConfiguration {
    timeout_in_minutes: Option<u32>,
    action: Option<String>,
}

impl Wish<'_> {
    /// What is given changes, the rest stays. A configuration for another strategy is dropped without a word [OBS].
    pub(super) fn fulfil(&self, before: &Strategy) -> Result<Strategy, ApiError> {
        let kind = self.kind(before.kind)?;
        let hooks = match self.hooks {
            Some(given) => hooks(given)?,
            None => before.hooks.clone(),
        };
        Ok(Strategy { kind, hooks })
    }

    fn kind(&self, before: Kind) -> Result<Kind, ApiError> {
        let canary = |so_far: Shift| match self.canary {
            None => Ok(so_far),
            Some(given) => Ok(Shift {
                percent: percent("canaryPercent", given.canary_percent, so_far, 0.1)?,
                bake_minutes: minutes(
                    "canaryBakeTimeInMinutes",
                    given.canary_bake_time_in_minutes,
                    so_far,
                )?,
            }),
        };
        let linear = |so_far: Shift| match self.linear {
            None => Ok(so_far),
            Some(given) => Ok(Shift {
                percent: percent("stepPercent", given.step_percent, so_far, 3.0)?,
                bake_minutes: minutes(
                    "stepBakeTimeInMinutes",
                    given.step_bake_time_in_minutes,
                    so_far,
                )?,
            }),
        };
        match (self.strategy.unwrap_or(before.text()), before) {
            ("ROLLING", _) => Ok(Kind::Rolling),
            ("BLUE_GREEN", _) => Ok(Kind::BlueGreen),
            ("CANARY", Kind::Canary(so_far)) => canary(so_far).map(Kind::Canary),
            ("CANARY", _) => canary(Shift::CANARY).map(Kind::Canary),
            ("LINEAR", Kind::Linear(so_far)) => linear(so_far).map(Kind::Linear),
            ("LINEAR", _) => linear(Shift::LINEAR).map(Kind::Linear),
            (other, _) => Err(invalid(format!(
                "Invalid strategy {other}. Valid values are: ROLLING, BLUE_GREEN, LINEAR, CANARY"
            ))),
        }
    }
}

/// A multiple of 0.1 in its range (B8 [MODEL]).
fn percent(name: &str, given: Option<f64>, so_far: Shift, least: f64) -> Result<Percent, ApiError> {
    let Some(given) = given else {
        return Ok(so_far.percent);
    };
    let refusal = || {
        invalid(format!(
            "{name} must be a multiple of 0.1 between {least:.1} and 100.0."
        ))
    };
    if !(least..=100.0).contains(&given) {
        return Err(refusal());
    }
    let mut tenths = (1..=Percent::ALL.0).map(Percent);
    tenths
        .find(|tenths| (tenths.number() - given).abs() < 1e-6)
        .ok_or_else(refusal)
}

/// At most a day (B8 [MODEL]).
fn minutes(name: &str, given: Option<u32>, so_far: Shift) -> Result<u32, ApiError> {
    match given {
        None => Ok(so_far.bake_minutes),
        Some(given @ 0..=1_440) => Ok(given),
        Some(_) => Err(invalid(format!("{name} must be between 0 and 1440."))),
    }
}

fn hooks(given: &[LifecycleHook]) -> Result<Vec<Hook>, ApiError> {
    let hooks: Vec<Hook> = given.iter().map(hook).collect::<Result<_, _>>()?;
    for kind in ["AWS_LAMBDA", "PAUSE"] {
        let count = hooks.iter().filter(|hook| hook.target.text() == kind);
        if count.count() > MOST_HOOKS {
            return Err(invalid(format!(
                "A service can have at most {MOST_HOOKS} lifecycle hooks with targetType {kind}."
            )));
        }
    }
    Ok(hooks)
}

fn hook(given: &LifecycleHook) -> Result<Hook, ApiError> {
    let target = match (given.target_type.as_deref(), &given.hook_target_arn) {
        (None | Some("AWS_LAMBDA"), Some(arn)) => HookTarget::Lambda {
            arn: arn.clone(),
            role: given.role_arn.clone(),
            details: given.hook_details.clone(),
        },
        (None | Some("AWS_LAMBDA"), None) => {
            return Err(invalid(
                "hookTargetArn is required for AWS_LAMBDA lifecycle hooks.",
            ));
        }
        (Some("PAUSE"), None) if given.role_arn.is_none() => HookTarget::Pause,
        (Some("PAUSE"), _) => {
            return Err(invalid(
                "hookTargetArn and roleArn are not allowed for PAUSE lifecycle hooks.",
            ));
        }
        (Some(_), _) => {
            return Err(invalid(
                "Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE",
            ));
        }
    };
    let timeout = given.timeout_configuration.as_ref();
    let timeout_minutes = timeout.and_then(|timeout| timeout.timeout_in_minutes);
    if timeout_minutes.is_some_and(|minutes| !(1..=20_160).contains(&minutes)) {
        return Err(invalid("timeoutInMinutes must be between 1 and 20160."));
    }
    Ok(Hook {
        stages: stages(given.lifecycle_stages.as_deref(), &target)?,
        timeout_minutes,
        timeout_action: timeout
            .and_then(|timeout| timeout.action.as_deref())
            .map(action)
            .transpose()?,
        target,
    })
}

fn stages(given: Option<&[String]>, target: &HookTarget) -> Result<Vec<LifecycleStage>, ApiError> {
    let given = given.unwrap_or_default();
    if given.is_empty() {
        return Err(invalid(
            "lifecycleStages is required for every lifecycle hook.",
        ));
    }
    let one = |name: &String| {
        let mut all = LifecycleStage::ALL.into_iter();
        let stage = all.find(|stage| stage.text() == name && stage.takes_hooks());
        let stage = stage.ok_or_else(|| invalid(format!("Invalid lifecycle stage {name}.")))?;
        if *target == HookTarget::Pause && !stage.takes_pauses() {
            return Err(invalid("Invalid lifecycle stage provided for Pause Hook"));
        }
        Ok(stage)
    };
    given.iter().map(one).collect()
}

/// CONTINUE or ROLLBACK.
pub(super) fn action(given: &str) -> Result<PauseAction, ApiError> {
    match given {
        "CONTINUE" => Ok(PauseAction::Continue),
        "ROLLBACK" => Ok(PauseAction::Rollback),
        other => Err(invalid(format!(
            "Invalid action {other}. Valid values are: ROLLBACK, CONTINUE"
        ))),
    }
}

/// What a reply's deploymentConfiguration says of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StrategyShown {
    strategy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    linear_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canary_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lifecycle_hooks: Vec<Value>,
}

pub(super) fn shown(strategy: &Strategy) -> StrategyShown {
    let linear = match strategy.kind {
        Kind::Linear(step) => Some(json!({
            "stepPercent": step.percent.number(),
            "stepBakeTimeInMinutes": step.bake_minutes,
        })),
        Kind::Rolling | Kind::BlueGreen | Kind::Canary(_) => None,
    };
    let canary = match strategy.kind {
        Kind::Canary(canary) => Some(json!({
            "canaryPercent": canary.percent.number(),
            "canaryBakeTimeInMinutes": canary.bake_minutes,
        })),
        Kind::Rolling | Kind::BlueGreen | Kind::Linear(_) => None,
    };
    StrategyShown {
        strategy: strategy.kind.text(),
        linear_configuration: linear,
        canary_configuration: canary,
        lifecycle_hooks: strategy.hooks.iter().map(hook_json).collect(),
    }
}

fn hook_json(hook: &Hook) -> Value {
    let stages: Vec<&str> = hook.stages.iter().map(|stage| stage.text()).collect();
    let mut members = json!({ "targetType": hook.target.text(), "lifecycleStages": stages });
    if let HookTarget::Lambda { arn, role, details } = &hook.target {
        members["hookTargetArn"] = json!(arn);
        if let Some(role) = role {
            members["roleArn"] = json!(role);
        }
        if let Some(details) = details {
            members["hookDetails"] = details.clone();
        }
    }
    if hook.timeout_minutes.is_some() || hook.timeout_action.is_some() {
        members["timeoutConfiguration"] = json!({
            "timeoutInMinutes": hook.timeout_minutes.unwrap_or(1_440),
            "action": hook.timeout_action.unwrap_or_default().text(),
        });
    }
    members
}
