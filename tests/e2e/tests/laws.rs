//! Laws: whatever happens at any call, a deployment ends exactly in the new or exactly in the old release, or says that it
//! is stuck. Every position is played, not sampled.

use std::collections::BTreeSet;

use backstay_cli::failure::Failure;
use backstay_cli::scenario::{Played, Scenario, Setup};
use backstay_domain::journal::Outcome;
use backstay_e2e::{fixtures, played_setup};
use backstay_simulator::{CallFault, Fault};
use rstest::rstest;

/// Once, at one call; the good scenario, and one that rolls back.
#[rstest]
#[case::reply_lost("everything-is-good", CallFault::ReplyLost)]
#[case::denied("everything-is-good", CallFault::Deny)]
#[case::reply_lost_on_the_way_back("update-service-denied", CallFault::ReplyLost)]
fn one_call_goes_wrong(
    #[case] scenario: &str,
    #[case] fault: CallFault,
    #[values(0, 1, 2, 3)] shard: usize,
) {
    let setup = setup(scenario);
    let undisturbed = played_setup(setup.clone()).unwrap();
    let calls: u64 = undisturbed.calls.values().sum();
    let mut broken = Vec::new();
    for position in (0..u32::try_from(calls).unwrap()).skip(shard).step_by(4) {
        let mut setup = setup.clone();
        setup.faults.push(Fault::Call {
            operation: "*".to_owned(),
            containing: None,
            skip: position,
            count: 1,
            fault,
        });
        let played = played_setup(setup).unwrap();
        if let Err(why) = ends_well(&played) {
            broken.push(format!("{fault:?} at call {position}: {why}"));
        }
    }
    assert!(
        broken.is_empty(),
        "{} of {calls} positions break the law:\n{}",
        broken.len(),
        broken.join("\n")
    );
    println!("every fourth of {calls} positions played");
}

fn setup(scenario: &str) -> Setup {
    let path = fixtures().join(format!("../tests/scenarios/{scenario}.md"));
    let text = std::fs::read_to_string(path).unwrap_or_default();
    match Scenario::parse(&text).map(|scenario| Setup::of(&scenario, &fixtures())) {
        Ok(Ok(setup)) => setup,
        wrong => panic!("{scenario} cannot be set up: {wrong:?}"),
    }
}

/// Exactly the new release, exactly the old one, or stuck and said.
fn ends_well(played: &Played) -> Result<(), String> {
    let expected = match &played.outcome {
        Ok(Some(Outcome::Live { proofs, .. })) if proofs.len() == 6 => "2",
        Ok(Some(Outcome::Live { proofs, .. })) => {
            return Err(format!("live with {} proofs", proofs.len()));
        }
        Ok(Some(Outcome::RolledBack { .. })) => "1",
        Ok(Some(Outcome::Stuck { because, left, .. })) => {
            return if left.is_empty() {
                Err(format!("stuck without a word: {because}"))
            } else {
                Ok(())
            };
        }
        Ok(None) => return Err("nothing to do".to_owned()),
        Err(Failure::Refused(_) | Failure::Port { .. }) => "1",
        Err(failure) => return Err(failure.to_string()),
    };
    let mut revisions = BTreeSet::new();
    for (name, service) in &played.picture.services {
        if service.deploying || service.running != service.desired as usize {
            return Err(format!("{name} is not at rest: {service:?}"));
        }
        revisions.extend(
            service
                .running_task_definitions
                .iter()
                .filter_map(|name| name.rsplit(':').next().map(str::to_owned)),
        );
        revisions.extend(
            service
                .task_definition
                .rsplit(':')
                .next()
                .map(str::to_owned),
        );
    }
    // The old release is revision 1 of every family; the new one is a later revision.
    let old = revisions.len() == 1 && revisions.contains("1");
    let new = !revisions.contains("1");
    let page_is_old = played
        .entry_page
        .as_deref()
        .unwrap_or_default()
        .contains("<!-- a1b2c3d -->");
    match expected {
        "1" if old && page_is_old => Ok(()),
        "2" if new && !page_is_old => Ok(()),
        _ => Err(format!(
            "ended as {expected} with revisions {revisions:?}, old page: {page_is_old}"
        )),
    }
}
