//! How many components are proven, of how many: nothing counts for lack of evidence.

use backstay_domain::plan::{FrontendPlan, Plan};
use backstay_domain::verdict::{Component, Proof};
use backstay_domain::{JobName, ServiceName};

/// Services that a rollback leaves without a task: nothing of them can be proven.
fn idle(plan: &Plan, proofs: &[Proof]) -> Vec<ServiceName> {
    plan.services
        .iter()
        .filter(
            |(name, service)| match proof_of(proofs, &Component::Service((*name).clone())) {
                None => service.before.returns_to() == 0,
                Some(proof) => !proof.holds(),
            },
        )
        .map(|(name, _)| name.clone())
        .collect()
}

/// Whether there is anything of a frontend to return to.
pub(super) fn was_live(frontend: &FrontendPlan) -> bool {
    !frontend.before.is_empty()
}

/// The jobs that somebody starts; of the others there is nothing to prove.
pub(super) fn scheduled(plan: &Plan) -> impl Iterator<Item = &JobName> {
    let jobs = plan.jobs.iter().filter(|(_, job)| job.trigger.is_some());
    jobs.map(|(name, _)| name)
}

/// How many components are proven, of how many.
pub(in crate::render) struct Tally {
    proven: usize,
    of: usize,
    pub(super) empty: Vec<String>,
    missing: Vec<String>,
}

impl Tally {
    /// The components that must be proven are the plan's, where it is known: nothing is green for lack of evidence.
    pub(in crate::render) fn of(
        expected: Vec<Component>,
        proofs: &[Proof],
        empty: &[ServiceName],
    ) -> Self {
        let mut expected = expected;
        expected.extend(proofs.iter().map(|proof| proof.component.clone()));
        expected.extend(empty.iter().cloned().map(Component::Service));
        expected.sort();
        expected.dedup();
        let holds = |component: &&Component| proof_of(proofs, component).is_some_and(Proof::holds);
        let empty: Vec<String> = empty.iter().map(ToString::to_string).collect();
        let missing = expected
            .iter()
            .filter(|component| !holds(component))
            .map(ToString::to_string)
            .filter(|name| !empty.contains(name))
            .collect();
        Self {
            proven: expected.iter().filter(holds).count(),
            of: expected.len(),
            empty,
            missing,
        }
    }

    pub(super) fn live(plan: Option<&Plan>, proofs: &[Proof], unproven: &[ServiceName]) -> Self {
        let mut expected = Vec::new();
        if let Some(plan) = plan {
            expected.extend(plan.migrates().map(|_| Component::Migration));
            expected.extend(plan.waves.iter().flatten().cloned().map(Component::Service));
            expected.extend(plan.frontends.keys().cloned().map(Component::Frontend));
            expected.extend(scheduled(plan).cloned().map(Component::Job));
        }
        Self::of(expected, proofs, unproven)
    }

    /// The migration has no witness on the way back, and a frontend that never was live nothing to return to.
    pub(super) fn rolled_back(plan: Option<&Plan>, proofs: &[Proof]) -> Self {
        let (expected, idle) = plan.map_or_else(Default::default, |plan| {
            let services = plan.services.keys().cloned().map(Component::Service);
            let frontends = plan.frontends.iter().filter(|(_, one)| was_live(one));
            let frontends = frontends.map(|(name, _)| Component::Frontend(name.clone()));
            (services.chain(frontends).collect(), idle(plan, proofs))
        });
        Self::of(expected, proofs, &idle)
    }

    /// `proven 5/6, nothing to prove for X (0 tasks)`.
    pub(in crate::render) fn words(&self) -> String {
        let mut words = format!("proven {}/{}", self.proven, self.of);
        if !self.empty.is_empty() {
            words.push_str(&format!(
                ", nothing to prove for {} (0 tasks)",
                self.empty.join(", ")
            ));
        }
        if !self.missing.is_empty() {
            words.push_str(&format!(", no proof of {}", self.missing.join(", ")));
        }
        words
    }
}

/// The proof of one component.
pub(super) fn proof_of<'a>(proofs: &'a [Proof], component: &Component) -> Option<&'a Proof> {
    proofs.iter().find(|proof| proof.component == *component)
}
