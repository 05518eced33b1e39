//! Our rollout of a service began. What undoes it depends on how far it came.

use std::time::Duration;

use jiff::Timestamp;

use super::home::settle_home;
use super::service::{Facts, cannot_return, left_alone};
use crate::decide::look::VISIBLE_WITHIN;
use crate::decide::step::Step;
use crate::journal::{Act, Side};
use crate::observation::RolloutStatus;
use crate::plan::Change;
use crate::progress::{Standing, after};
use crate::reason::Reason;

/// How long the cloud may take to show that it returns, before the old definition is rolled out instead.
const TURNS_WITHIN: Duration = Duration::from_secs(60);

/// Undoes the rollout that began at `since`.
pub(super) fn undo(facts: &Facts<'_>, since: Timestamp) -> Step {
    let (service, view, now) = (facts.service, facts.view, facts.now);
    let before = &service.before;
    let same = facts.ours() == Some(&before.definition);
    let home = view.primary_definition == before.definition;
    // Where both releases run one definition, only the rollout tells them apart.
    let back_home = home && (!same || view.primary == before.rollout);
    let foreign = !home && facts.ours() != Some(&view.primary_definition);
    if service.change == Change::Retire {
        // It has no rollout of ours, only another number of tasks.
        return if foreign {
            left_alone(facts)
        } else {
            roll_back(facts)
        };
    }
    let Some(followed) = &view.followed else {
        return match facts.wait("the cloud does not show its rollout") {
            Step::Wait(..) => Step::Wait(now, Reason::FirstLook),
            step => step,
        };
    };
    match &followed.status {
        // ECS would return to the old definition with the new number of tasks.
        RolloutStatus::Pending | RolloutStatus::InProgress | RolloutStatus::Other(_)
            if before.returns_to() == 0 =>
        {
            roll_back(facts)
        }
        RolloutStatus::Pending | RolloutStatus::InProgress | RolloutStatus::Other(_) => {
            turn_back(facts)
        }
        RolloutStatus::RollbackRequested | RolloutStatus::RollingBack => {
            facts.wait("ECS is still rolling it back")
        }
        RolloutStatus::Stopping => facts.wait("its rollout is still stopping"),
        // It was accepted: a look that does not show it yet shows the time before it, which proves nothing.
        RolloutStatus::NotVisible if now <= after(since, VISIBLE_WITHIN) => {
            facts.wait("its rollout is not visible yet")
        }
        RolloutStatus::RolledBack | RolloutStatus::NotVisible | RolloutStatus::Stopped
            if back_home =>
        {
            settle_home(facts)
        }
        RolloutStatus::RolledBack
        | RolloutStatus::Succeeded
        | RolloutStatus::Stopped
        | RolloutStatus::RollbackFailed
        | RolloutStatus::NotVisible => {
            if foreign {
                left_alone(facts)
            } else {
                roll_back(facts)
            }
        }
    }
}

/// Asks the cloud to take a rollout back that still goes on; where that does not help the old one is rolled out.
fn turn_back(facts: &Facts<'_>) -> Step {
    let act = Act::TurnBack {
        service: facts.service.locator.name.clone(),
    };
    match facts.progress.standing_repeatable(&act, facts.now) {
        Standing::Ready | Standing::InDoubt(_) => Step::Act(act),
        Standing::Later(until, failure) => {
            let failure = failure.clone();
            Step::Wait(until, Reason::Again { act, failure })
        }
        Standing::Done(since, _) if facts.now <= after(since, TURNS_WITHIN) => {
            facts.wait("ECS does not turn it back")
        }
        Standing::Done(..) | Standing::GaveUp(_) => roll_back(facts),
    }
}

/// Rolls the old definition out again, without force: where a lost call took effect this changes nothing.
pub(super) fn roll_back(facts: &Facts<'_>) -> Step {
    let act = Act::RollOut {
        service: facts.service.locator.name.clone(),
        side: Side::Old,
    };
    match facts.progress.standing_repeatable(&act, facts.now) {
        Standing::Ready | Standing::InDoubt(_) => Step::Act(act),
        Standing::Later(until, failure) => {
            let failure = failure.clone();
            Step::Wait(until, Reason::Again { act, failure })
        }
        Standing::Done(..) => facts.wait("its rollout is not known"),
        Standing::GaveUp(failure) => cannot_return(facts.service, failure.to_string()),
    }
}
