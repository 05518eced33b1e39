//! What is live now, and whether every witness still confirms it.

use backstay_domain::plan::{Change, Plan};
use backstay_domain::verdict::{Component, Proof};

use super::outcome::{Tally, proof_row, table};

/// A line per component, and the sum as the last line.
#[must_use]
pub fn status_text(plan: &Plan, proofs: &[Proof]) -> String {
    let release = &plan.release;
    let idle: Vec<_> = plan
        .services
        .iter()
        .filter(|(_, service)| service.change == Change::Unchanged && service.before.desired == 0)
        .map(|(name, _)| name.clone())
        .collect();
    let rows = proofs
        .iter()
        .map(|proof| {
            let words = match &proof.component {
                Component::Service(name) if idle.contains(name) => {
                    "nothing to prove: 0 tasks".to_owned()
                }
                Component::Service(_) | Component::Migration | Component::Frontend => {
                    proof_row(proof)
                }
            };
            Some((proof.component.to_string(), words))
        })
        .collect();
    let tally = Tally::of(Vec::new(), proofs, &idle);
    format!(
        "{}\n{} {}: {} ({}) {}\n",
        table(rows),
        release.app,
        release.environment,
        release.version,
        release.id,
        tally.words()
    )
}
