//! Who else ends the rollouts of a plan: the cloud's breaker, alarms, and what it calls a success.

use std::collections::BTreeMap;

use backstay_domain::plan::{Change, Plan, ServicePlan};
use backstay_domain::survey::Threshold;

use crate::render::clean::clean;

/// A line for each judge, with the services that it judges alike.
pub(super) fn judges_text(plan: &Plan) -> String {
    let mut judged: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, service) in &plan.services {
        for judge in judges(service) {
            judged.entry(judge).or_default().push(name.as_str());
        }
    }
    let line = |(judge, names): (String, Vec<&str>)| {
        format!("ECS {}: {}\n", clean(&judge), names.join(", "))
    };
    judged.into_iter().map(line).collect()
}

fn judges(service: &ServicePlan) -> Vec<String> {
    match service.change {
        Change::Update | Change::Start => {}
        Change::Unchanged | Change::Retire => return Vec::new(),
    }
    let target = service.target.as_ref().and_then(|target| target.desired);
    let desired = target.unwrap_or(service.before.desired);
    let judges = &service.before.judges;
    let threshold = judges.threshold.as_ref().map(|threshold| match threshold {
        Threshold::Other(rule) => format!("gives up by a rule of its own ({rule})"),
        known => format!(
            "gives up at {} failed tasks",
            known.tasks(desired).unwrap_or_default()
        ),
    });
    let alarms = judges
        .alarms
        .iter()
        .map(|alarm| format!("gives up when the alarm `{alarm}` goes off"));
    let early = judges
        .early
        .map(|percent| format!("calls it done when {percent} % of its tasks are healthy"));
    threshold.into_iter().chain(alarms).chain(early).collect()
}
