//! A policy is triggered: whether it may scale now, and to how many.

use serde_json::{Value, json};

use super::activities::{self, Cause};
use super::find::policy_of_action;
use super::policy_input::{StepScaling, Tracking};
use super::state::{AutoScaling, Capacity, Deploying, Moved, Place, Policy, Rule, Target};
use super::{stepping, tracking};
use crate::Millis;
use crate::base::here::Here;
use crate::wire::input;

/// Of ECS services, for either direction, unless a policy says otherwise [DOC].
const COOLDOWN_MS: Millis = 300_000;
/// A lower alarm repeats its action every minute while it lasts; it lasts no more when it has been silent for so long.
const LASTS_MS: Millis = 90_000;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Towards {
    More,
    Fewer,
}

/// An alarm has a policy as its action.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Triggered {
    /// The action: the policy's ARN.
    pub(crate) action: String,
    pub(crate) alarm: String,
    /// ALARM, OK or INSUFFICIENT_DATA.
    pub(crate) state: &'static str,
    /// The newest datapoint, where there is one.
    pub(crate) value: Option<f64>,
    pub(crate) threshold: Option<f64>,
}

/// What one trigger asks for.
struct Asked {
    wanted: u32,
    towards: Towards,
    cooldown_ms: Millis,
}

/// An alarm has triggered a policy; false when there is no such policy. What can be scaled was told before; what is ordered is in
/// `outbox`.
pub(crate) fn triggered(here: &mut Here<'_, AutoScaling>, trigger: &Triggered) -> bool {
    let Some((place, name)) = policy_of_action(here.own, &trigger.action) else {
        return false;
    };
    act(here, trigger, &place, &name);
    true
}

fn act(here: &mut Here<'_, AutoScaling>, trigger: &Triggered, place: &Place, name: &str) {
    let Some(policy) = here
        .own
        .policies
        .get(place)
        .and_then(|of| of.get(name))
        .cloned()
    else {
        return;
    };
    let capacities = &here.own.capacities;
    let capacity = capacities.get(&place.resource).filter(|_| place.moves());
    let Some(capacity) = capacity.copied() else {
        return;
    };
    let Some(target) = here.own.targets.get(place).cloned() else {
        return;
    };
    let is_low = policy.low.as_ref() == Some(&trigger.alarm);
    let scene = Scene {
        target: &target,
        capacity,
        now_ms: here.now_ms,
    };
    let Some(mut asked) = scene.asked(&policy, trigger) else {
        return;
    };
    if is_low {
        remember_low(here, place, name, asked.wanted);
        asked.wanted = largest_low(here, place).unwrap_or(asked.wanted);
    }
    let cause = || Cause {
        place,
        cause: format!(
            "monitor alarm {} in state {} triggered policy {name}",
            trigger.alarm, trigger.state
        ),
    };
    let wanted = match scene.bounded(&asked) {
        Ok(wanted) => wanted,
        Err(reason) => return activities::not_scaled(here, cause(), reason),
    };
    let towards = asked.towards;
    if !scene.may_move(towards) || (is_low && !others_are_low(here, place, name)) {
        return;
    }
    let moved = Moved {
        from: match towards {
            // One larger than the last begins where that one began.
            Towards::More => scene.base(),
            Towards::Fewer => capacity.desired,
        },
        until_ms: here.now_ms.saturating_add(asked.cooldown_ms),
    };
    if let Some(target) = here.own.targets.get_mut(place) {
        match towards {
            Towards::More => {
                target.last_out = Some(moved);
                // "In this case, the scale-in cooldown period stops and doesn't complete." [DOC]
                target.last_in = None;
            }
            Towards::Fewer => target.last_in = Some(moved),
        }
    }
    activities::begin(here, cause(), wanted);
}

fn remember_low(here: &mut Here<'_, AutoScaling>, place: &Place, name: &str, wanted: u32) {
    let now_ms = here.now_ms;
    if let Some(policy) = here
        .own
        .policies
        .get_mut(place)
        .and_then(|of| of.get_mut(name))
    {
        policy.low_ms = Some(now_ms);
        policy.low_wanted = Some(wanted);
    }
}

/// "chooses the policy that provides the largest capacity for both scale out and scale in" [DOC].
fn largest_low(here: &Here<'_, AutoScaling>, place: &Place) -> Option<u32> {
    let policies = here.own.policies.get(place).into_iter().flatten();
    let low = policies.filter(|(_, policy)| policy.is_low(here.now_ms));
    low.filter_map(|(_, policy)| policy.low_wanted).max()
}

/// "will scale in only if all of the target tracking policies (with the scale-in portion enabled) are ready to scale in" [DOC].
fn others_are_low(here: &Here<'_, AutoScaling>, place: &Place, name: &str) -> bool {
    let mut policies = here.own.policies.get(place).into_iter().flatten();
    policies.all(|(its, policy)| its == name || policy.low.is_none() || policy.is_low(here.now_ms))
}

impl Policy {
    /// Whether its lower alarm asks for less.
    fn is_low(&self, now_ms: Millis) -> bool {
        self.low_ms
            .is_some_and(|at_ms| at_ms.saturating_add(LASTS_MS) > now_ms)
    }
}

/// A target as a trigger finds it.
struct Scene<'a> {
    target: &'a Target,
    capacity: Capacity,
    now_ms: Millis,
}

impl Scene<'_> {
    /// How many a policy wants, and for how long it rests then; `None` where it asks for nothing.
    fn asked(&self, policy: &Policy, trigger: &Triggered) -> Option<Asked> {
        match &policy.rule {
            Rule::Step(given) => {
                let steps: StepScaling = input(given).ok()?;
                let beyond = match (trigger.value, trigger.threshold) {
                    (Some(value), Some(threshold)) => value - threshold,
                    // At the threshold itself [INF].
                    _ => 0.0,
                };
                let base = self.base();
                let (wanted, towards) = match stepping::wanted(&steps, base, beyond)? {
                    more if more >= base => (more, Towards::More),
                    _ => {
                        let from = self.capacity.running;
                        (stepping::wanted(&steps, from, beyond)?, Towards::Fewer)
                    }
                };
                Some(Asked {
                    wanted,
                    towards,
                    cooldown_ms: cooldown_ms(steps.cooldown),
                })
            }
            Rule::Tracking(given) => {
                let tracking: Tracking = input(given).ok()?;
                let towards = match &trigger.alarm {
                    _ if trigger.state != "ALARM" => return None,
                    alarm if policy.high.as_ref() == Some(alarm) => Towards::More,
                    alarm if policy.low.as_ref() == Some(alarm) => Towards::Fewer,
                    _ => return None,
                };
                let (from, cooldown) = match towards {
                    Towards::More => (self.base(), tracking.scale_out_cooldown),
                    Towards::Fewer => (self.capacity.running, tracking.scale_in_cooldown),
                };
                Some(Asked {
                    wanted: tracking::wanted(from, trigger.value, tracking.target_value, towards),
                    towards,
                    cooldown_ms: cooldown_ms(cooldown),
                })
            }
        }
    }

    /// Scaling starts from what runs; while a scale-out is given time to take effect, from what was there before it: what it added
    /// "is calculated as part of the desired capacity for the next scale-out" [DOC].
    fn base(&self) -> u32 {
        match self.target.last_out {
            Some(moved) if moved.until_ms > self.now_ms => moved.from,
            _ => self
                .capacity
                .running
                .max(self.capacity.desired.min(self.target.min)),
        }
    }

    /// Within the bounds of the target, or why there is nothing to do.
    ///
    /// Below its minimum a target is not scaled in, above its maximum not out [DOC]: that would be the other way.
    fn bounded(&self, asked: &Asked) -> Result<u32, Value> {
        let (min, max) = (self.target.min, self.target.max);
        let (current, wanted) = (self.capacity.desired, asked.wanted);
        let bounded = wanted.clamp(min, max.max(min));
        let moves = match asked.towards {
            Towards::More => bounded > current,
            Towards::Fewer => bounded < current,
        };
        if moves {
            return Ok(bounded);
        }
        let reason = |code: &str| json!({ "Code": code, "CurrentCapacity": current });
        Err(match () {
            () if wanted > bounded => {
                let mut reason = reason("AlreadyAtMaxCapacity");
                reason["MaxCapacity"] = json!(max);
                reason
            }
            () if wanted < bounded => {
                let mut reason = reason("AlreadyAtMinCapacity");
                reason["MinCapacity"] = json!(min);
                reason
            }
            () => reason("AlreadyAtDesiredCapacity"),
        })
    }

    /// Neither suspended, nor resting, nor in the middle of a deployment that must not get fewer tasks.
    fn may_move(&self, towards: Towards) -> bool {
        let suspended = &self.target.suspended;
        match towards {
            // A larger scale-out is no breach of the last one's cooldown: `base` has taken it into account [DOC].
            Towards::More => !suspended.dynamic_scaling_out_suspended,
            Towards::Fewer => {
                let rests = self.target.last_in;
                !suspended.dynamic_scaling_in_suspended
                    && self.capacity.change == Deploying::No
                    && rests.is_none_or(|moved| moved.until_ms <= self.now_ms)
            }
        }
    }
}

fn cooldown_ms(given: Option<i64>) -> Millis {
    given.map_or(COOLDOWN_MS, |seconds| {
        Millis::try_from(seconds)
            .unwrap_or_default()
            .saturating_mul(1_000)
    })
}

/// What is out of a target's bounds is brought into them.
pub(super) fn keep_within_bounds(here: &mut Here<'_, AutoScaling>, place: &Place) {
    let Some(capacity) = here
        .own
        .capacities
        .get(&place.resource)
        .filter(|_| place.moves())
    else {
        return;
    };
    let Some(target) = here.own.targets.get(place) else {
        return;
    };
    let (bound, wanted) = match capacity.desired {
        few if few < target.min => ("minimum", target.min),
        many if many > target.max => ("maximum", target.max),
        _ => return,
    };
    let cause = format!("{bound} capacity was set to {wanted}");
    activities::begin(here, Cause { place, cause }, wanted);
}
