//! Every edge of a service deployment's status is taken, and no other (B6 [MODEL]).

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned};
use crate::services::ecs::Service;
use crate::{Fault, ServiceFault, ServiceHistory};

/// B6, written down a second time.
pub(super) const EDGES: &[(&str, &str)] = &[
    ("PENDING", "IN_PROGRESS"),
    ("PENDING", "ROLLBACK_REQUESTED"),
    ("PENDING", "STOP_REQUESTED"),
    ("PENDING", "STOPPED"),
    ("IN_PROGRESS", "SUCCESSFUL"),
    ("IN_PROGRESS", "STOP_REQUESTED"),
    ("IN_PROGRESS", "ROLLBACK_REQUESTED"),
    ("IN_PROGRESS", "ROLLBACK_IN_PROGRESS"),
    ("IN_PROGRESS", "STOPPED"),
    ("STOP_REQUESTED", "STOPPED"),
    ("ROLLBACK_REQUESTED", "SUCCESSFUL"),
    ("ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"),
    ("ROLLBACK_REQUESTED", "STOPPED"),
    ("ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"),
    ("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"),
];

/// The edges that the records of a service have taken.
pub(super) fn taken(service: &Service) -> BTreeSet<(&'static str, &'static str)> {
    let mut edges = BTreeSet::new();
    for record in &service.records {
        let ways = record.left.iter().chain([&record.status]);
        let ways: Vec<&'static str> = ways.map(|status| status.text()).collect();
        edges.extend(ways.windows(2).map(|pair| (pair[0], pair[1])));
    }
    edges
}

fn stop(stage: &mut Stage, deployment: &str) {
    let arn = stage.record(deployment)["serviceDeploymentArn"].clone();
    stage.call(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" }),
    );
}

fn delete(stage: &mut Stage) -> Value {
    stage.call(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    )
}

fn succeeds() -> Stage {
    let mut stage = Stage::new(&Setting::default());
    stage.deploy(&pinned("v2"));
    stage.play_to_s(200);
    stage
}

/// Stopped when so many seconds old.
fn stopped_at(second: u64) -> Stage {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(second);
    stop(&mut stage, &new);
    stage.play_to_s(400);
    stage
}

fn loses_the_race() -> Stage {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(93);
    stage.world.advance(super::stage::START_MS + 93_700);
    stop(&mut stage, &new);
    stage.play_to_s(200);
    stage
}

fn superseded_at(second: u64) -> Stage {
    let mut stage = Stage::new(&Setting::default());
    stage.deploy(&pinned("v2"));
    stage.play_to_s(second);
    stage.deploy(&pinned("v3"));
    stage.play_to_s(400);
    stage
}

fn deleted_at(second: u64) -> Stage {
    let mut stage = Stage::new(&Setting::default());
    stage.deploy(&pinned("v2"));
    stage.play_to_s(second);
    delete(&mut stage);
    stage
}

fn stopped_and_superseded() -> Stage {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(10);
    stop(&mut stage, &new);
    stage.deploy(&pinned("v3"));
    stage.play_to_s(400);
    stage
}

fn breaks(history: ServiceHistory) -> Stage {
    let mut stage = Stage::new(&Setting {
        history,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Crash, None);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(3_000);
    stage
}

fn rollback_superseded() -> Stage {
    let mut stage = Stage::new(&Setting {
        minimum: 0,
        maximum: 100,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Crash, None);
    stage.world.add_fault(Fault::ImageExpired {
        repository: "web".to_owned(),
        tag: "v1".to_owned(),
    });
    let new = stage.deploy(&pinned("v2"));
    stage
        .play_until(2_000, |stage| {
            stage.record(&new)["status"] == "ROLLBACK_IN_PROGRESS"
        })
        .expect("a rollback");
    stage.world.clear_faults();
    stage.deploy(&pinned("v3"));
    stage
}

#[rstest]
#[case::pending_in_progress("PENDING", "IN_PROGRESS", succeeds())]
#[case::pending_rollback_requested("PENDING", "ROLLBACK_REQUESTED", stopped_at(0))]
#[case::pending_stop_requested("PENDING", "STOP_REQUESTED", superseded_at(0))]
#[case::pending_stopped("PENDING", "STOPPED", deleted_at(0))]
#[case::in_progress_successful("IN_PROGRESS", "SUCCESSFUL", succeeds())]
#[case::in_progress_stop_requested("IN_PROGRESS", "STOP_REQUESTED", superseded_at(10))]
#[case::in_progress_rollback_requested("IN_PROGRESS", "ROLLBACK_REQUESTED", stopped_at(10))]
#[case::in_progress_rollback_in_progress(
    "IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
    breaks(ServiceHistory::Steady)
)]
#[case::in_progress_stopped("IN_PROGRESS", "STOPPED", deleted_at(10))]
#[case::stop_requested_stopped("STOP_REQUESTED", "STOPPED", superseded_at(10))]
#[case::rollback_requested_successful("ROLLBACK_REQUESTED", "SUCCESSFUL", loses_the_race())]
#[case::rollback_requested_in_progress(
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    stopped_at(10)
)]
#[case::rollback_requested_stopped("ROLLBACK_REQUESTED", "STOPPED", stopped_and_superseded())]
#[case::rollback_successful(
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_SUCCESSFUL",
    breaks(ServiceHistory::Steady)
)]
#[case::rollback_failed_without_candidate(
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    breaks(ServiceHistory::NeverCompleted)
)]
#[case::rollback_failed_when_superseded(
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    rollback_superseded()
)]
fn is_taken(#[case] from: &str, #[case] to: &str, #[case] stage: Stage) {
    let web = &stage.world.ecs.services[&crate::base::agenda::ServiceKey::new("main", "web")];
    let edges = taken(web);
    assert!(edges.contains(&(from, to)), "{edges:?}");
    for edge in edges {
        assert!(EDGES.contains(&edge), "{edge:?} is not in B6");
    }
}

#[test]
fn every_row_of_the_table_is_an_edge_and_nothing_else_is() {
    use crate::services::ecs::RecordStatus as S;
    let all = [
        S::Pending,
        S::InProgress,
        S::StopRequested,
        S::Stopped,
        S::RollbackRequested,
        S::RollbackInProgress,
        S::RollbackSuccessful,
        S::RollbackFailed,
        S::Successful,
    ];
    for from in all {
        for to in all {
            let edge = (from.text(), to.text());
            assert_eq!(from.may_become(to), EDGES.contains(&edge), "{edge:?}");
        }
        let absorbs = !EDGES.iter().any(|(start, _)| *start == from.text());
        assert_eq!(from.is_terminal(), absorbs, "terminal states absorb");
    }
}
