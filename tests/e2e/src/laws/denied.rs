//! A witness that gives no answer from the beginning: nothing is changed, and the refusal says so. Played over scenarios that
//! are good; every operation that only reads is a witness, and so is every host that is asked.

use std::collections::BTreeSet;

use backstay_domain::journal::Outcome;
use backstay_simulator::{CallFault, Fault};
use url::Url;

use super::cases::Cases;
use super::recorder::is_change;
use super::resume::{Ended, Going, resume};
use super::stage::Stage;

/// Refused before any change.
const REFUSED: u8 = 3;

/// Operations that give no testimony about what is live, and why.
const NO_WITNESS: [(&str, &str); 3] = [
    (
        "logs.GetLogEvents",
        "what a migration wrote is for people; its exit code is the witness",
    ),
    (
        "ecr.GetLifecyclePolicy",
        "what a registry deletes one day is a warning, where it may be asked",
    ),
    (
        "s3.HeadBucket",
        "it only names the bucket's Region, as its denial does; the next call says who may read there",
    ),
];

pub(super) fn denied(stage: &Stage, undisturbed: &Ended, part: usize, cases: &mut Cases) {
    // Variants of a scenario are the same story with another fault: the same witnesses.
    let good = matches!(undisturbed.outcome, Ok(Some(Outcome::Live { .. })));
    if !good || part > 0 {
        cases
            .notes
            .push("no witness is denied: it is not good".to_owned());
        return;
    }
    let reads = undisturbed
        .calls
        .keys()
        .filter(|operation| !is_change(operation));
    for operation in reads {
        if let Some((_, why)) = NO_WITNESS.iter().find(|(known, _)| known == operation) {
            cases
                .notes
                .push(format!("{operation} is no witness: {why}"));
            continue;
        }
        let fault = Fault::Call {
            operation: operation.clone(),
            containing: None,
            skip: 0,
            count: u32::MAX,
            fault: CallFault::Deny,
        };
        let going = Going {
            faults: &[fault],
            ..Going::default()
        };
        judge(stage, "witness denied", operation, &going, cases);
    }
    for host in hosts(stage) {
        let going = Going {
            deaf_to: Some(&host),
            ..Going::default()
        };
        judge(stage, "host not reached", &host, &going, cases);
    }
}

fn judge(stage: &Stage, what: &'static str, place: &str, going: &Going<'_>, cases: &mut Cases) {
    cases.count(what, 1);
    match resume(stage, &stage.start, going) {
        Err(why) => cases.breaks(what, place, vec![why]),
        Ok(ended) => {
            let found = changed(stage, &ended);
            if !found.is_empty() {
                cases.breaks(what, place, found);
            }
        }
    }
}

/// What is not as it has to be when nothing may be changed.
fn changed(stage: &Stage, ended: &Ended) -> Vec<String> {
    let before = stage.start.world.calls();
    let changing = ended.calls.iter().filter(|(operation, number)| {
        is_change(operation) && **number > before.get(*operation).copied().unwrap_or(0)
    });
    let mut found: Vec<String> = changing
        .map(|(operation, number)| format!("{operation} was called {number} times"))
        .collect();
    let code = match &ended.outcome {
        Err(failure) => failure.exit_code(),
        Ok(outcome) => {
            found.push(format!("it ended as {outcome:?}"));
            return found;
        }
    };
    if code != REFUSED {
        found.push(format!("its exit code is {code}: {:?}", ended.outcome));
    }
    found
}

/// Whom probes, checks and the frontend's proof ask.
fn hosts(stage: &Stage) -> BTreeSet<String> {
    let app = &stage.setup.project.configured.app;
    let probes = app
        .services
        .values()
        .filter_map(|service| service.probe.as_ref());
    let checks = probes.map(|check| check.url.as_str());
    let frontend = app
        .frontends
        .values()
        .filter_map(|frontend| frontend.url.as_deref());
    checks
        .chain(frontend)
        .filter_map(|url| Some(Url::parse(url).ok()?.host_str()?.to_owned()))
        .collect()
}
