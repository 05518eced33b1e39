//! Nothing to do: what is live is proven all the same, as a deployment proves it.

use std::cell::Cell;
use std::collections::BTreeSet;

use backstay_adapters::turn::Opened;
use backstay_domain::hearing::{Hearing, PROVE_WITHIN, Verdict, hear, verdict};
use backstay_domain::journal::Side;
use backstay_domain::plan::{Plan, ServicePlan};
use backstay_domain::ports::{Clock, Cloud};
use backstay_domain::verdict::Proof;

use crate::render::clean::clean;
use crate::render::json;
use crate::render::outcome::EXIT_STUCK;
use crate::render::status::{EXIT_UNPROVEN, status_text};
use crate::shell::{Output, Shell};

/// The release is live already; that is proven as a deployment proves it, rather than believed.
pub(super) async fn nothing_to_do<C: Cloud, K: Clock>(
    shell: &Shell,
    opened: Opened<'_, C, K>,
    plan: &Plan,
) -> u8 {
    let nobody = BTreeSet::new();
    let hearing = Hearing {
        plan,
        side: Side::New,
        within: PROVE_WITHIN,
        waived: &nobody,
        missing: &waiting(shell),
    };
    let running: Vec<&ServicePlan> = plan
        .services
        .values()
        .filter(|service| service.before.desired > 0)
        .collect();
    let (proofs, _) = hear(opened.cloud, opened.clock, hearing, &running).await;
    let (code, words) = match verdict(&proofs) {
        Verdict::Proven => (0, "There is nothing to do: this release is live already."),
        Verdict::Contradicted => (
            EXIT_STUCK,
            "Nothing was changed: this release is recorded as live, but a witness saw something else. `backstay status` says what.",
        ),
        Verdict::Unproven => (
            EXIT_UNPROVEN,
            "Nothing was changed: this release is recorded as live, but not every witness confirms it yet.",
        ),
    };
    shell.give(
        || status_text(plan, &proofs),
        || json::nothing_to_do(plan, &proofs, code),
    );
    if shell.output() == Output::Text {
        shell.note(words);
    }
    code
}

/// Says, once, what of the present release is waited for.
pub(super) fn waiting(shell: &Shell) -> impl Fn(&[Proof]) {
    let said = Cell::new(false);
    move |proofs| {
        if said.replace(true) {
            return;
        }
        let missing = proofs.iter().filter_map(|proof| {
            let witness = proof.missing()?;
            Some(format!("{}: {witness}", proof.component))
        });
        let missing: Vec<String> = missing.collect();
        shell.note(&clean(&format!(
            "What is live is not proven yet; looking again. {}",
            missing.join("; ")
        )));
    }
}
