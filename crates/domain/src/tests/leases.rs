//! The lease's rules: who may have it, what a new holder finds, what one leaves behind.

use std::time::Duration;

use crate::DeploymentId;
use crate::lease::{Found, Holder, LEASE_LIVES, Lease, Left, Manner};
use crate::operator::Operator;

fn holder(actor: &str) -> Holder {
    Holder {
        operator: Operator {
            actor: Some(actor.to_owned()),
            ..Operator::default()
        },
        since: super::world::start(),
        deployment: deployment("d-0001"),
        doing: "deploying".to_owned(),
    }
}

fn deployment(text: &str) -> DeploymentId {
    DeploymentId::parse(text).unwrap()
}

/// A lease that ann has had for so long without renewing it.
fn found(age: Duration) -> Found {
    let lease = Lease::claim(None, holder("ann"), Manner::Patient).unwrap();
    let lease = lease.working_on(deployment("d-0001"));
    Found { lease, age }
}

#[test]
fn every_claim() {
    let second = Duration::from_secs(1);
    let given_back = |left| Found {
        lease: found(second).lease.given_back(left),
        age: second,
    };
    let rows = [
        (
            "nothing there",
            None,
            Manner::Patient,
            "fence 1, after none",
        ),
        (
            "held",
            Some(found(second)),
            Manner::Patient,
            "held by ann, expires in 59s",
        ),
        (
            "held until the last moment",
            Some(found(LEASE_LIVES - Duration::from_millis(1))),
            Manner::Patient,
            "held by ann, expires in 1ms",
        ),
        (
            "expired",
            Some(found(LEASE_LIVES)),
            Manner::Patient,
            "fence 2, after d-0001",
        ),
        (
            "held, but a rollback comes first",
            Some(found(second)),
            Manner::Forced { from: 1 },
            "fence 2, after d-0001",
        ),
        (
            "held by somebody who came since it was looked at",
            Some(found(second)),
            Manner::Forced { from: 0 },
            "held by ann, expires in 59s",
        ),
        (
            "whoever came since is gone too",
            Some(found(LEASE_LIVES)),
            Manner::Forced { from: 0 },
            "fence 2, after d-0001",
        ),
        (
            "given back after its end",
            Some(given_back(Left::Nothing)),
            Manner::Patient,
            "fence 2, after none",
        ),
        (
            "given back half way",
            Some(given_back(Left::Unfinished)),
            Manner::Patient,
            "fence 2, after d-0001",
        ),
    ];
    for (situation, found, manner, expected) in rows {
        let claimed = match Lease::claim(found.as_ref(), holder("bob"), manner) {
            Ok(lease) => format!(
                "fence {}, after {}",
                lease.fence,
                lease
                    .deployment
                    .as_ref()
                    .map_or("none", DeploymentId::as_str)
            ),
            Err(held) => format!(
                "held by {}, expires in {:?}",
                held.holder.operator, held.expires_in
            ),
        };
        assert_eq!(claimed, expected, "{situation}");
    }
}

#[test]
fn whoever_is_kept_away_reads_who_has_it() {
    let held = found(Duration::from_secs(1)).held(Manner::Patient).unwrap();
    assert_eq!(
        held.to_string(),
        "ann is deploying (d-0001), since 2026-01-01T00:00:00Z"
    );
}
