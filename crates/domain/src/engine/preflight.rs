//! Before the first change: every witness of what is live is heard, with the permissions and the network of this process. Who is
//! silent now can prove neither the next release nor the way back.

use std::time::Duration;

use super::prepare::Facts;
use super::silent::{is_all_live, silent};
use crate::app::Check;
use crate::hearing::{Hearing, hear};
use crate::journal::Side;
use crate::plan::{Change, Direction, Plan, Refusal, Refusals, ServicePlan, Warning};
use crate::ports::{Clock, Cloud, PortFailure};
use crate::progress::after;
use crate::verdict::{Component, Testimony, Witness, WitnessKind};

/// How long what is missing may come by itself: tasks that autoscaling just started, a target that is not judged yet.
const HEAR_WITHIN: Duration = Duration::from_secs(120);

/// Hears all of them, and asks those that have nothing to say yet. Gives what people should know; a way back is never refused:
/// what it leaves is ill already.
///
/// # Errors
/// Every witness that does not confirm, unless that was accepted, or is what a stuck deployment of ours left.
pub(crate) async fn preflight<C: Cloud, K: Clock>(
    cloud: &C,
    clock: &K,
    plan: &Plan,
    facts: &Facts<'_>,
) -> Result<Vec<Warning>, Refusals> {
    let within = match plan.direction {
        Direction::Forward => HEAR_WITHIN,
        Direction::Backward => Duration::ZERO,
    };
    let until = after(clock.now(), within);
    let left = plan
        .parts()
        .into_iter()
        .filter(|part| facts.left(part).is_some());
    let waived = left.chain(facts.accepted.iter().cloned()).collect();
    let hearing = Hearing {
        plan,
        side: Side::Old,
        within,
        waived: &waived,
        missing: facts.waiting,
    };
    let live: Vec<&ServicePlan> = plan.services.values().filter(|one| is_live(one)).collect();
    let (proofs, _) = hear(cloud, clock, hearing, &live).await;
    let mut judged = Judged::default();
    if let Some(anchor) = plan.anchors()
        && let Err(failure) = cloud.anchorable(anchor).await
    {
        let of = anchor.of.to_string();
        judged.refusals.push(Refusal::NoAnchor { of, failure });
    }
    let silence = silent(cloud, clock, plan, (&live, &facts.accepted), until).await;
    for (component, witness) in silence.witnesses {
        judged.ask((plan, facts), component, witness);
    }
    for (check, how) in silence.checks {
        judged.check(plan, &live, (&check, how));
    }
    for proof in proofs {
        for witness in proof.witnesses {
            judged.hear((plan, facts), &proof.component, witness);
        }
    }
    match judged.refusals.as_slice() {
        [] => Ok(judged.warnings),
        _ => Err(Refusals(judged.refusals)),
    }
}

/// Whether there is something of a service to return to: it runs, and a rollout of it completed.
fn is_live(service: &ServicePlan) -> bool {
    service.before.returns_to() > 0 && service.change != Change::Start
}

#[derive(Default)]
struct Judged {
    refusals: Vec<Refusal>,
    warnings: Vec<Warning>,
}

impl Judged {
    /// One reason for all components whose witness fails alike.
    fn unheard(&mut self, component: Component, witness: WitnessKind, failure: &PortFailure) {
        for known in &mut self.refusals {
            if let Refusal::Unheard {
                components,
                witness: kind,
                failure: why,
            } = known
                && (*kind, &*why) == (witness, failure)
            {
                components.push(component);
                return;
            }
        }
        self.refusals.push(Refusal::Unheard {
            components: vec![component],
            witness,
            failure: failure.clone(),
        });
    }

    /// Of one that has nothing to say yet.
    fn ask(&mut self, (plan, facts): (&Plan, &Facts<'_>), component: Component, witness: Witness) {
        let accepted = facts.accepted.contains(&component);
        match (&witness.testimony, plan.direction) {
            (Testimony::Confirms(_), _) => {}
            (_, Direction::Backward) => {
                self.warnings.push(Warning::Unproven { component, witness });
            }
            (Testimony::Unheard(failure), Direction::Forward) => {
                self.unheard(component, witness.kind, failure);
            }
            (Testimony::Silent(_) | Testimony::Contradicts(_), Direction::Forward) => {
                match accepted {
                    true => self
                        .warnings
                        .push(Warning::AcceptedUnreached { component, witness }),
                    false => self
                        .refusals
                        .push(Refusal::Unreached { component, witness }),
                }
            }
        }
    }

    /// Of a smoke check that nobody answers: it would fail when everything else is done. Where a service runs for the first
    /// time, it may be that one who is to answer.
    fn check(&mut self, plan: &Plan, live: &[&ServicePlan], (check, how): (&Check, String)) {
        let (name, address) = (check.name.clone(), check.address());
        match (plan.direction, is_all_live(plan, live)) {
            (Direction::Forward, true) => {
                self.refusals
                    .push(Refusal::CheckUnreached { name, address, how });
            }
            (Direction::Forward, false) | (Direction::Backward, _) => {
                self.warnings
                    .push(Warning::CheckUnreached { name, address, how });
            }
        }
    }

    fn hear(&mut self, (plan, facts): (&Plan, &Facts<'_>), of: &Component, witness: Witness) {
        let component = of.clone();
        match (&witness.testimony, plan.direction) {
            (Testimony::Confirms(_), _) => {}
            // It runs what is to be left: only that nobody can be heard is new.
            (Testimony::Silent(_) | Testimony::Contradicts(_), Direction::Backward) => {}
            (Testimony::Unheard(_), Direction::Backward) => {
                self.warnings.push(Warning::Unproven { component, witness });
            }
            (Testimony::Unheard(failure), Direction::Forward) => {
                self.unheard(component, witness.kind, failure);
            }
            (Testimony::Silent(_) | Testimony::Contradicts(_), Direction::Forward) => {
                self.ill(facts, component, witness);
            }
        }
    }

    /// What is ill is a reason against a deployment, unless it is the cure.
    fn ill(&mut self, facts: &Facts<'_>, component: Component, witness: Witness) {
        if facts.accepted.contains(&component) {
            self.warnings
                .push(Warning::AcceptedUnproven { component, witness });
            return;
        }
        match facts.left(&component) {
            Some(left) => self.warnings.push(Warning::LeftUnproven {
                component,
                witness,
                deployment: left.deployment.clone(),
                version: left.version.clone(),
            }),
            None => self.refusals.push(Refusal::Unproven { component, witness }),
        }
    }
}
