//! Lifecycle event hooks: the Lambda functions of the AppSpec. Nobody runs them; what they say is scripted (`Fault::Function`).

use super::deployment::ErrorCode;
use super::end::Failure;
use super::run::Look;
use crate::base::timings::{CODEDEPLOY_EVENT, CODEDEPLOY_HOOK};
use crate::world::fault::FunctionAnswer;
use crate::{Millis, World};

/// CodeDeploy "expects a status callback within one hour after a deployment hook is invoked" [DOC].
const LIMIT_MS: Millis = 3_600_000;

/// Calls the function of the event, if there is one; answers how long that takes at most.
pub(super) fn begin(world: &mut World, id: &str) -> Millis {
    match scripted(world, id) {
        None => nothing(world),
        Some(FunctionAnswer::Succeeded | FunctionAnswer::Failed) => {
            CODEDEPLOY_HOOK.draw(world.weather, &mut world.random)
        }
        Some(FunctionAnswer::Wait) => LIMIT_MS,
    }
}

/// An event without a hook succeeds after some 200 ms [OBS].
pub(super) fn nothing(world: &mut World) -> Millis {
    CODEDEPLOY_EVENT.draw(world.weather, &mut world.random)
}

/// Whether the function has said something.
pub(super) fn look(world: &World, id: &str, due: bool) -> Look {
    let reported = world
        .codedeploy
        .deployment(id)
        .and_then(|deployment| deployment.hook_answer);
    match (reported, scripted(world, id), due) {
        (Some(true), ..) => Look::Done,
        (Some(false), ..) | (None, Some(FunctionAnswer::Failed), true) => {
            Look::Broken(Failure::failed(
                ErrorCode::HookExecutionFailure,
                "The deployment failed because one or more of the lifecycle event validation functions failed.",
            ))
        }
        (None, Some(FunctionAnswer::Wait), true) => Look::Broken(Failure::failed(
            ErrorCode::Timeout,
            "The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback within one hour \
             after a deployment hook is invoked.",
        )),
        (None, None | Some(FunctionAnswer::Succeeded), true) => Look::Done,
        (None, _, false) => Look::Waits,
    }
}

/// What the function of the present event is going to say; `None`: there is none.
fn scripted(world: &World, id: &str) -> Option<FunctionAnswer> {
    let deployment = world.codedeploy.deployment(id)?;
    let function = deployment
        .app_spec
        .as_ref()?
        .hooks
        .get(&deployment.event()?)?;
    Some(world.faults.on_hook(function))
}
