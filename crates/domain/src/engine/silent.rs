//! Witnesses that have nothing to say yet, since nothing is live or recorded: they are asked all the same, and the smoke checks
//! with them. Who may not be asked, or is not reached from here, could not prove the new release either.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::app::{Check, Frontend, ServiceLocator};
use crate::decide::{expected_files, forgets, probe_counts};
use crate::journal::Side;
use crate::observation::{CheckResult, Observation, Seen};
use crate::observe::observe;
use crate::plan::{FrontendPlan, Plan, ServicePlan};
use crate::ports::{Clock, Cloud, ExpectedFile, FailureKind, PortFailure};
use crate::progress::after;
use crate::verdict::{Component, Testimony, Witness, WitnessKind};
use crate::watch::{Watch, probe_for};
use crate::{FrontendName, Version};

/// The name of no invalidation.
const NO_INVALIDATION: &str = "INONE";

/// Who was not heard.
pub(super) struct Silence {
    /// Witnesses of a component.
    pub(super) witnesses: Vec<(Component, Witness)>,
    /// Smoke checks, and why there was no answer whatever.
    pub(super) checks: Vec<(Check, String)>,
}

/// Asks whom the proof of what is live does not ask, again until `until` where that may help. Gives whoever was not heard, and
/// the probes and checks that nobody answered; nobody waits where that was `accepted`.
pub(super) async fn silent<C: Cloud, K: Clock>(
    cloud: &C,
    clock: &K,
    plan: &Plan,
    (live, accepted): (&[&ServicePlan], &BTreeSet<Component>),
    until: Timestamp,
) -> Silence {
    let asked = Asked::of(plan, live);
    loop {
        let seen = observe(cloud, clock, &asked.watch).await;
        let mut found: Vec<(Component, Witness)> = cloud
            .unheard(&asked.idle)
            .await
            .into_iter()
            .map(|((name, kind), why)| (Component::Service(name), Witness::unheard(kind, &why)))
            .collect();
        found.extend(unanswered(plan, &seen));
        for (name, frontend) in plan.uploads() {
            found.extend(unread(cloud, name, frontend).await);
        }
        let next = after(seen.at, plan.policy.poll);
        let waits = |(part, witness): &(Component, Witness)| match &witness.testimony {
            Testimony::Unheard(_) => true,
            Testimony::Silent(_) | Testimony::Contradicts(_) | Testimony::Confirms(_) => {
                !accepted.contains(part)
            }
        };
        let checks = unanswered_checks(plan, &seen);
        let in_vain = found.iter().any(|(_, witness)| !may_pass(witness));
        let should_answer = !checks.is_empty() && is_all_live(plan, live);
        let waited_for = found.iter().any(waits) || should_answer;
        if !waited_for || in_vain || next > until {
            let witnesses = found;
            return Silence { witnesses, checks };
        }
        clock.sleep_until(next).await;
    }
}

/// Whether every service that the new release has runs already: somebody should answer visitors now.
pub(super) fn is_all_live(plan: &Plan, live: &[&ServicePlan]) -> bool {
    plan.services.values().all(|service| {
        service.target.is_none() || live.iter().any(|one| one.locator == service.locator)
    })
}

/// Whom to ask.
struct Asked {
    /// Services that will have tasks, and of which nothing is live.
    idle: Vec<ServiceLocator>,
    /// The probes and the page that the proof of what is live leaves out.
    watch: Watch,
}

impl Asked {
    fn of(plan: &Plan, live: &[&ServicePlan]) -> Self {
        let is_live = |service: &ServicePlan| live.iter().any(|one| one.locator == service.locator);
        let speaks = plan.services.values().filter(|service| tasks(service) > 0);
        let speaks: Vec<&ServicePlan> = speaks.collect();
        let idle = speaks.iter().filter(|service| !is_live(service));
        let unprobed = speaks
            .iter()
            .filter(|service| !is_live(service) || !probe_counts(service, Side::Old, plan));
        let pages = plan.frontends.iter();
        let pages = pages.filter_map(|(name, frontend)| Some((name.clone(), page(frontend)?)));
        let probes = unprobed.filter_map(|service| {
            let probe = probe_for(plan, service, Side::New)?;
            Some((service.locator.name.clone(), probe))
        });
        Self {
            idle: idle.map(|service| service.locator.clone()).collect(),
            watch: Watch {
                probes: probes.collect(),
                checks: checks(plan),
                frontends: pages.collect(),
                ..Watch::default()
            },
        }
    }
}

/// The smoke checks that the deployment will send.
fn checks(plan: &Plan) -> Vec<(Check, Version)> {
    let version = &plan.release.version;
    let checks = plan.checks.iter();
    checks
        .map(|check| (check.clone(), version.clone()))
        .collect()
}

/// How many tasks a service has in the new release.
fn tasks(service: &ServicePlan) -> u32 {
    let target = service.target.as_ref();
    target.map_or(0, |target| target.desired.unwrap_or(service.before.desired))
}

/// The smallest file to ask for, where no file of before is asked for.
fn page(frontend: &FrontendPlan) -> Option<(Frontend, Vec<ExpectedFile>)> {
    if !expected_files(frontend, Side::Old).is_empty() {
        return None;
    }
    let files = expected_files(frontend, Side::New).into_iter();
    let page = files.min_by_key(|file| file.size.unwrap_or(u64::MAX))?;
    Some((frontend.frontend.clone(), vec![page]))
}

/// Any answer will do.
fn unanswered(plan: &Plan, seen: &Observation) -> Vec<(Component, Witness)> {
    let probes = seen.probes.iter().filter_map(|(name, answer)| {
        let kind = WitnessKind::Probe;
        let witness = match answer {
            Seen::Known(CheckResult::Passed(_) | CheckResult::Failed(_)) => return None,
            Seen::Known(CheckResult::Unreached(how)) => {
                let probe = plan.services.get(name)?.probe.as_ref()?;
                Witness::silent(kind, format!("{}: {how}", probe.address()))
            }
            Seen::Unseen(failure) => Witness::unheard(kind, failure),
        };
        Some((Component::Service(name.clone()), witness))
    });
    let pages = plan.frontends.iter().filter_map(|(name, frontend)| {
        let failure = match seen.frontends.get(name)? {
            Seen::Unseen(failure) => failure,
            Seen::Known(_) => return None,
        };
        let witness = Witness::unheard(frontend.witness(), failure);
        Some((Component::Frontend(name.clone()), witness))
    });
    probes.chain(pages).collect()
}

/// Any answer will do here too: what it says is judged when the new services run.
fn unanswered_checks(plan: &Plan, seen: &Observation) -> Vec<(Check, String)> {
    let unanswered = plan.checks.iter().filter_map(|check| {
        let how = match seen.checks.get(&check.name)? {
            Seen::Known(CheckResult::Passed(_) | CheckResult::Failed(_)) => return None,
            Seen::Known(CheckResult::Unreached(how)) => how.clone(),
            Seen::Unseen(failure) => failure.to_string(),
        };
        Some((check.clone(), how))
    });
    unanswered.collect()
}

/// Whether the bucket may be read, and the CDN be asked how an invalidation stands: of one that does not exist, since there is
/// none yet.
async fn unread<C: Cloud>(
    cloud: &C,
    name: &FrontendName,
    frontend: &FrontendPlan,
) -> Vec<(Component, Witness)> {
    let mut found = Vec::new();
    let mut asked = |kind, answer: Result<(), PortFailure>| {
        if let Err(failure) = answer
            && is_unheard(&failure)
        {
            let component = Component::Frontend(name.clone());
            found.push((component, Witness::unheard(kind, &failure)));
        }
    };
    let at = &frontend.frontend;
    let mut files = frontend.before.keys().chain(frontend.manifest.files.keys());
    if let Some(path) = files.next() {
        let corrected = frontend.correct.keys().next();
        let read = cloud
            .readable(at, path, corrected.map(String::as_str))
            .await;
        asked(WitnessKind::Bucket, read);
    }
    if at.distribution.is_some() && !forgets(frontend, Side::New).is_empty() {
        let stands = cloud.invalidation(at, NO_INVALIDATION).await;
        asked(WitnessKind::Edge, stands.map(|_| ()));
    }
    found
}

/// What is not there was heard all the same.
fn is_unheard(failure: &PortFailure) -> bool {
    match failure.kind {
        FailureKind::Denied
        | FailureKind::Unauthenticated
        | FailureKind::Throttled
        | FailureKind::Unavailable => true,
        FailureKind::NotFound | FailureKind::Conflict | FailureKind::Rejected => false,
    }
}

fn may_pass(witness: &Witness) -> bool {
    match &witness.testimony {
        Testimony::Unheard(failure) => failure.is_passing(),
        Testimony::Confirms(_) | Testimony::Contradicts(_) | Testimony::Silent(_) => true,
    }
}
