//! Before the first change: every witness of what is live is heard, with the permissions and the network of this process. Who is
//! silent now can prove neither the next release nor the way back.

use std::time::Duration;

use super::prepare::Facts;
use crate::hearing::{Hearing, hear};
use crate::journal::Side;
use crate::plan::{Change, Direction, Plan, Refusal, Refusals, ServicePlan, Warning};
use crate::ports::{Clock, Cloud, FailureKind, PortFailure};
use crate::verdict::{Component, Testimony, Witness, WitnessKind};

/// How long what is missing may come by itself: tasks that autoscaling just started, a target that is not judged yet.
const HEAR_WITHIN: Duration = Duration::from_secs(120);

/// The name of no invalidation.
const NO_INVALIDATION: &str = "INONE";

/// Hears all of them. Gives what people should know; a way back is never refused: what it leaves is ill already.
///
/// # Errors
/// Every witness that does not confirm, unless that was accepted.
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
    let hearing = Hearing {
        plan,
        side: Side::Old,
        within,
        waived: &facts.accepted,
        missing: facts.waiting,
    };
    let services: Vec<&ServicePlan> = plan.services.values().filter(|one| is_live(one)).collect();
    let (proofs, _) = hear(cloud, clock, hearing, &services).await;
    let mut judged = Judged::default();
    judged.invalidation(cloud, plan).await;
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
    /// Whether the CDN may be asked how an invalidation stands: of one that does not exist, since there is none yet. What it
    /// answers does not matter, unless it is that nobody may ask.
    async fn invalidation<C: Cloud>(&mut self, cloud: &C, plan: &Plan) {
        let Some(frontend) = plan.publishes().map(|publishes| &publishes.frontend) else {
            return;
        };
        if frontend.distribution.is_none() {
            return;
        }
        let Err(failure) = cloud.invalidation(frontend, NO_INVALIDATION).await else {
            return;
        };
        if failure.kind != FailureKind::Denied {
            return;
        }
        let component = Component::Frontend;
        match plan.direction {
            Direction::Forward => self.unheard(component, WitnessKind::Edge, &failure),
            Direction::Backward => self.warnings.push(Warning::Unproven {
                component,
                witness: Witness::unheard(WitnessKind::Edge, &failure),
            }),
        }
    }

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

    fn hear(&mut self, (plan, facts): (&Plan, &Facts<'_>), of: &Component, witness: Witness) {
        let (accepted, component) = (facts.accepted.contains(of), of.clone());
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
            (Testimony::Silent(_) | Testimony::Contradicts(_), Direction::Forward) if accepted => {
                self.warnings
                    .push(Warning::AcceptedUnproven { component, witness });
            }
            (Testimony::Silent(_) | Testimony::Contradicts(_), Direction::Forward) => {
                self.refusals.push(Refusal::Unproven { component, witness });
            }
        }
    }
}
