//! What runs now, component by component, for a human.

use crate::ServiceName;
use crate::decide::frontend_stands;
use crate::journal::{Act, Side};
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::Progress;
use crate::verdict::Component;

pub(crate) fn left(plan: &Plan, progress: &Progress) -> Vec<String> {
    let old = plan
        .before
        .as_ref()
        .map_or("the previous release", |before| before.version.as_str());
    let new = plan.release.version.as_str();
    let mut lines: Vec<String> = plan
        .services
        .iter()
        .map(|(name, service)| format!("{name} {}", state(progress, name, service, old, new)))
        .collect();
    if plan.uploads().is_some() {
        lines.push(format!("frontend {}", frontend_stands(plan, progress)));
    }
    lines.extend(super::schema_words(progress));
    lines
}

fn state(
    progress: &Progress,
    name: &ServiceName,
    service: &ServicePlan,
    old: &str,
    new: &str,
) -> String {
    let component = Component::Service(name.clone());
    let touched = progress.may_have_done(&Act::RollOut {
        service: name.clone(),
        side: Side::New,
    });
    if let Some(runs) = progress.left_alone().get(name) {
        return format!("runs somebody else's {}", runs.short());
    }
    match (service.change, touched) {
        _ if progress.cannot_return().contains_key(name) => format!("could not return to {old}"),
        _ if progress.proven(Side::Old, &component) => format!("runs {old}, proven"),
        (Change::Unchanged, _) => "was not changed".to_owned(),
        (_, false) => format!("was not touched and runs {old}"),
        (Change::Retire, true) if progress.retired(name) => "runs no task any more".to_owned(),
        _ if progress.proven(Side::New, &component) && blamed(progress, &component) => {
            format!("runs {new}, which was proven and failed later")
        }
        _ if progress.proven(Side::New, &component) => format!("runs {new}, proven"),
        (_, true) => format!("was on its way to {new}"),
    }
}

/// Whether the deployment turned back because of this component: what was proven before that no longer holds.
fn blamed(progress: &Progress, component: &Component) -> bool {
    progress
        .turned_back()
        .is_some_and(|(cause, _)| cause.blames().as_ref() == Some(component))
}
