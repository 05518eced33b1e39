//! A service that was proven fails, or is replaced, while the rest of the release goes on.

use jiff::Timestamp;

use super::failing::{Suspicion, suspicion};
use super::look::STALE_WITHIN;
use super::succession::successor;
use crate::journal::{Cause, Grounds, Side};
use crate::observation::{Observation, Seen, ServiceView};
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::{Progress, after};
use crate::verdict::Component;

/// Why the release cannot stay, if a service that was rolled out does not any more.
pub(super) fn relapse(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Option<Cause> {
    let Seen::Known(views) = &seen.services else {
        return None;
    };
    plan.services.iter().find_map(|(name, service)| {
        let view = views.get(name)?;
        let ended = progress.rollout_ended(name, Side::New)?;
        let (ours, _) = progress.rollout(name, Side::New)?;
        let evidence = seen.evidence.get(name).and_then(Seen::known);
        let doubt = evidence.map(|evidence| suspicion(name, ours, view.desired, evidence));
        match doubt {
            Some(Suspicion::Certain(cause)) => return Some(cause),
            Some(Suspicion::Suspicious(_) | Suspicion::None) | None => {}
        }
        // A read from before the rollout shows the old one for a moment.
        let stale = view.primary == service.before.rollout && now <= after(ended, STALE_WITHIN);
        let definition = progress.definition(&Component::Service(name.clone()));
        // A rollout of the same revision: whether it holds is for the witnesses to say.
        let succeeded = successor(view, (ours, definition), &service.before).is_some();
        let replaced =
            !succeeded && &view.primary != ours && service.change != Change::Retire && !stale;
        replaced.then(|| replacement(service, view))
    })
}

fn replacement(service: &ServicePlan, view: &ServiceView) -> Cause {
    let name = service.locator.name.clone();
    if view.primary == service.before.rollout {
        Cause::CloudRolledBack {
            service: name,
            why: None,
            grounds: Grounds::said(view.messages.first().cloned()),
        }
    } else {
        Cause::Superseded {
            service: name,
            runs: view.primary_definition.clone(),
        }
    }
}
