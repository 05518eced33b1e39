//! What is live now: its exit codes, its words, and that everything is in both forms.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_adapters::turn::{Open, Standing, Waits};
use backstay_domain::journal::Stuck;
use backstay_domain::lease::{Found, Lease};
use backstay_domain::progress::Progress;
use backstay_domain::schema::SchemaRecord;
use backstay_domain::status::{Drift, Runs, Status};
use backstay_domain::survey::ServiceCondition;
use backstay_domain::verdict::{Component, Proof, Witness, WitnessKind};
use jiff::Timestamp;

use super::build::{digest, name, ok, plan, proofs};
use crate::render::json;
use crate::render::status::{Report, report_text};

/// An environment that is well, but for this deployment.
pub(super) fn report(waits: Option<Waits>) -> Report {
    let open = waits.map(|waits| Open {
        deployment: ok("d-7f3a".parse()),
        plan: Some(plan()),
        progress: Progress::default(),
        waits,
    });
    let mut standing = Standing { lease: None, open };
    if standing.open.is_some() {
        standing.lease = Some(Found {
            lease: Lease {
                fence: 3,
                deployment: Some(ok("d-7f3a".parse())),
                holder: None,
                lives_ms: 60_000,
            },
            age: Duration::from_secs(80),
        });
    }
    Report {
        app: plan().release.app,
        environment: plan().release.environment,
        status: Status {
            at: Timestamp::UNIX_EPOCH,
            recorded: Some(plan().release),
            proofs: proofs(),
            idle: vec![],
            runs: BTreeMap::new(),
            drift: BTreeMap::new(),
            schema: Ok(SchemaRecord::default()),
        },
        standing: Ok(standing),
    }
}

fn with(of: &str, witness: Witness) -> Report {
    let mut report = report(None);
    report.status.proofs.push(Proof {
        component: Component::Service(name(of)),
        witnesses: vec![witness],
    });
    report
}

#[test]
fn only_what_was_proven_is_0() {
    let silent = || {
        with(
            "worker",
            Witness::silent(WitnessKind::Tasks, "2/3 run worker:3"),
        )
    };
    let drifted = || {
        with(
            "worker",
            Witness::contradicts(WitnessKind::Rollout, "it runs another"),
        )
    };
    let unrecorded = |mut report: Report| {
        report.status.recorded = None;
        report
    };
    let mut damaged = report(None);
    damaged.standing = Err("a journal was changed".to_owned());
    let rows = [
        ("all proven", report(None), 0),
        ("somebody is silent", silent(), 8),
        ("something else runs", drifted(), 5),
        ("nothing recorded, all well", unrecorded(report(None)), 8),
        ("nothing recorded, something else", unrecorded(drifted()), 8),
        ("running", report(Some(Waits::Running)), 6),
        ("unfinished", report(Some(Waits::Unfinished)), 7),
        ("stuck", report(Some(Waits::Stuck(Stuck::Schema))), 5),
        ("nobody can tell", damaged, 5),
    ];
    for (situation, report, code) in rows {
        assert_eq!(report.exit_code(), code, "{situation}");
        let (text, object) = (report_text(&report), json::status(&report, code));
        assert_eq!(object["exit_code"], code);
        for note in report.notes() {
            assert!(text.contains(&note), "{text}");
        }
        for way in report.open().into_iter().flat_map(|(_, ways)| ways) {
            assert!(text.contains(&way), "{text}");
            assert!(
                object["deployment"]["ways_on"]
                    .to_string()
                    .contains(&way.replace('"', "\\\""))
            );
        }
    }
}

#[test]
fn an_unfinished_deployment_and_what_drifted() {
    let mut report = report(Some(Waits::Unfinished));
    let runs = Runs {
        definition: ok("arn:aws:ecs:x:1:task-definition/worker:9".parse()),
        images: vec![format!("registry/worker@{}", digest('c'))],
        desired: 2,
        running: 1,
        rolling_out: Some(ok("ecs-svc/77".parse())),
        condition: ServiceCondition::Foreign("EXTERNAL".to_owned()),
    };
    let drift = Drift {
        runs: runs.definition.clone(),
        wanted: digest('b'),
    };
    report.status.runs.insert(name("worker"), runs);
    report.status.drift.insert(name("worker"), drift);
    let text = report_text(&report);
    for line in [
        "Note: worker runs arn:aws:ecs:x:1:task-definition/worker:9 (registry/worker@sha256:cccc",
        "the record says sha256:bbbb",
        "Note: worker is deployed by another controller (EXTERNAL): Backstay cannot deploy it",
        "Note: worker: a rollout that is not ours goes on (ecs-svc/77), 1 of 2 tasks run",
        "Lease: free; d-7f3a is unfinished: `backstay resume` goes on with it",
        "Deployment d-7f3a (to 2f9c1e7) is unfinished: its process is gone",
        "  - `backstay resume d-7f3a --environment staging` brings it to its end (on to the new release; `--back`: back to the old one)",
        "  - the next `backstay deploy staging` brings it to its end first",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}
