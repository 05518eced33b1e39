//! Doing an action twice equals once: what was started besides what was there, counted in the world.

use super::resume::Ended;
use super::stage::Stage;

/// Whether a request may have taken effect when it had been repeated already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// Nothing is late.
    Nothing,
    /// A revision more does no harm: nothing can run it that was not told to.
    Something,
}

/// Everything that was started more than once.
pub(super) fn started_twice(stage: &Stage, ended: &Ended, late: Late) -> Vec<String> {
    let (before, after) = (&stage.started, &ended.started);
    let mut found = Vec::new();
    for (token, tasks) in &after.jobs {
        let most = usize::from(!token.is_empty());
        let tasks = tasks - before.jobs.get(token).copied().unwrap_or(0);
        if tasks > most {
            found.push(format!("{tasks} tasks were started for `{token}`"));
        }
    }
    for (family, revisions) in &after.revisions {
        let revisions = revisions - before.revisions.get(family).copied().unwrap_or(0);
        let most = match late {
            Late::Nothing => 1,
            Late::Something => 2,
        };
        if revisions > most {
            found.push(format!("{revisions} revisions of {family} were registered"));
        }
    }
    for ((service, definition), rollouts) in &after.rollouts {
        let key = (service.clone(), definition.clone());
        let rollouts = rollouts - before.rollouts.get(&key).copied().unwrap_or(0);
        if rollouts > 1 && !stage.foreign.contains(service) {
            found.push(format!(
                "{rollouts} rollouts of {service} to {definition} were started"
            ));
        }
    }
    found
}
