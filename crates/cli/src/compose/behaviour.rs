//! What the simulated services do: their programs, and how their traffic moves.

use std::time::Duration;

use backstay_config::{SimulatedAnswer, SimulatedService, SimulatedStrategy, StrategyKind};
use backstay_simulator::{
    AnswerBlueprint, AppBlueprint, CodeDeployBlueprint, PauseAction, PauseAnswer, TrafficBlueprint,
};
use serde_json::{Value, json};

/// What a service's program does.
pub(super) fn app(wanted: &SimulatedService) -> AppBlueprint {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let answers = wanted.answers.iter().map(|answer| AnswerBlueprint {
        path: answer.path.clone(),
        status: answer.status,
        body: answer.body.clone(),
        headers: answer.headers.clone(),
        after_ms: ms(answer.after),
    });
    AppBlueprint {
        container: wanted.container.clone(),
        version_variable: wanted.version_variable.clone(),
        answers: answers.collect(),
        start_ms: ms(wanted.start_time),
        stop_ms: wanted.stop_time.map(ms),
        log: wanted.log.clone(),
        pause: wanted.strategy.as_ref().map(|strategy| PauseAnswer {
            after_ms: ms(strategy.answer_after),
            action: match strategy.answer {
                SimulatedAnswer::Continue => PauseAction::Continue,
                SimulatedAnswer::Abort => PauseAction::Rollback,
            },
        }),
    }
}

/// How long a deployment of CodeDeploy waits for somebody.
const READY_MINUTES: u64 = 60;

/// The strategy as CreateService takes it, or CreateDeploymentGroup.
pub(super) fn traffic(wanted: &SimulatedStrategy, alternate: Option<String>) -> TrafficBlueprint {
    let minutes = |time: Duration| time.as_secs() / 60;
    let strategy = match wanted.kind {
        StrategyKind::BlueGreen => "BLUE_GREEN",
        StrategyKind::Linear => "LINEAR",
        StrategyKind::Canary => "CANARY",
        StrategyKind::CodeDeploy => {
            return TrafficBlueprint {
                configuration: Value::Null,
                alternate,
                code_deploy: Some(CodeDeployBlueprint {
                    config: wanted.config.to_owned(),
                    ready_minutes: (!wanted.pause.is_empty()).then_some(READY_MINUTES),
                    termination_minutes: minutes(wanted.bake_time),
                }),
            };
        }
    };
    let mut configuration = json!({
        "strategy": strategy,
        "bakeTimeInMinutes": minutes(wanted.bake_time),
    });
    let mut steps = |member: &str, percent: &str, bake: &str| {
        let mut own = serde_json::Map::new();
        let share = wanted.step_percent.map(Value::from);
        own.extend(share.map(|share| (percent.to_owned(), share)));
        let time = wanted.step_bake_time.map(|time| Value::from(minutes(time)));
        own.extend(time.map(|time| (bake.to_owned(), time)));
        configuration[member] = Value::Object(own);
    };
    match wanted.kind {
        StrategyKind::BlueGreen | StrategyKind::CodeDeploy => {}
        StrategyKind::Linear => {
            steps(
                "linearConfiguration",
                "stepPercent",
                "stepBakeTimeInMinutes",
            );
        }
        StrategyKind::Canary => {
            steps(
                "canaryConfiguration",
                "canaryPercent",
                "canaryBakeTimeInMinutes",
            );
        }
    }
    if !wanted.pause.is_empty() {
        configuration["lifecycleHooks"] =
            json!([{ "targetType": "PAUSE", "lifecycleStages": wanted.pause }]);
    }
    TrafficBlueprint {
        configuration,
        alternate,
        code_deploy: None,
    }
}
