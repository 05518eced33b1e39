//! Services whose traffic is shifted between two revisions, and who answers when a deployment pauses.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the traffic of a service moves to a new revision (B8 `[MODEL]`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficBlueprint {
    /// Members of deploymentConfiguration: `strategy`, `bakeTimeInMinutes`, `linearConfiguration`, `canaryConfiguration` and
    /// `lifecycleHooks`.
    pub configuration: Value,
    /// `alternateTargetGroupArn` of its first target group, by name.
    #[serde(default)]
    pub alternate: Option<String>,
    /// Its deployment controller is CODE_DEPLOY: nothing of `configuration` is said to ECS.
    #[serde(default)]
    pub code_deploy: Option<CodeDeployBlueprint>,
}

/// The deployment group of a service (E `[MODEL]`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeDeployBlueprint {
    /// `deploymentConfigName`.
    pub config: String,
    /// STOP_DEPLOYMENT unless somebody lets it go on within so many minutes; CONTINUE_DEPLOYMENT without it.
    #[serde(default)]
    pub ready_minutes: Option<u64>,
    /// `terminationWaitTimeInMinutes`.
    #[serde(default)]
    pub termination_minutes: u64,
}

/// Somebody who answers deployments that pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseAnswer {
    /// Milliseconds until they do.
    pub after_ms: u64,
    /// `CONTINUE` or `ROLLBACK`.
    pub action: PauseAction,
}

/// `action` of ContinueServiceDeployment, and of a hook's `timeoutConfiguration`: there it is ROLLBACK by default (B8 `[MODEL]`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PauseAction {
    /// It goes on. Older saved worlds have the second word.
    #[serde(alias = "Continue")]
    Continue,
    /// It turns back.
    #[default]
    #[serde(alias = "Rollback")]
    Rollback,
}

impl PauseAction {
    /// As on the wire.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Rollback => "ROLLBACK",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PauseAction::{self, Continue, Rollback};

    /// The words of the wire, and those of worlds that were saved before.
    #[test]
    fn an_action_has_the_words_of_the_wire() {
        for (action, older) in [(Continue, "\"Continue\""), (Rollback, "\"Rollback\"")] {
            let word = serde_json::to_string(&action).expect("a word");
            assert_eq!(word, format!("\"{}\"", action.text()));
            for text in [&*word, older] {
                let read: PauseAction = serde_json::from_str(text).expect("an action");
                assert_eq!(read, action);
            }
        }
    }
}
