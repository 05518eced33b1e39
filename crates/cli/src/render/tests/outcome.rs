//! The answers of deployments.

use backstay_domain::journal::{
    Left, LeftBehind, Obstacle, Outcome, Published, Remains, Runs, SchemaLeft, Stuck,
};
use backstay_domain::observation::PrimaryState;
use backstay_domain::plan::{Change, MigrationChange};
use backstay_domain::verdict::{Component, Witness, WitnessKind};
use insta::assert_snapshot;

use super::build::{name, plan, proof, proofs, service, service_proof};
use super::story::tasks_fail;
use crate::render::outcome::{exit_code, outcome_text, stuck_error};
use crate::render::status::status_text;

#[test]
fn live_and_proven() {
    let outcome = Outcome::Live {
        proofs: proofs(),
        unproven: vec![],
    };
    assert_eq!(exit_code(&outcome), 0);
    assert_eq!(stuck_error(&plan(), &outcome), None);
    assert_snapshot!(outcome_text(&plan(), &outcome), @"
    migration             proven 1/1  exit code
    auth-service          proven 4/4  rollout, tasks, targets, probe
    catalog-service       proven 4/4  rollout, tasks, targets, probe
    proxy                 proven 4/4  rollout, tasks, targets, probe
    frontend              proven 1/1  edge

    cat-house staging is live on 2f9c1e7 (r-0123456789ab): proven 5/5
    ");
}

#[test]
fn live_but_for_what_cannot_be_proven() {
    let mut plan = plan();
    if let Some(migration) = &mut plan.migration {
        migration.change = MigrationChange::Unchanged;
    }
    plan.services
        .insert(name("old-service"), service("old-service", Change::Retire));
    let proofs = proofs().into_iter().filter(|proof| {
        proof.component != Component::Migration
            && proof.component != Component::Service(name("proxy"))
    });
    let outcome = Outcome::Live {
        proofs: proofs.collect(),
        unproven: vec![name("proxy")],
    };
    assert_snapshot!(outcome_text(&plan, &outcome), @"
    migration             unchanged
    auth-service          proven 4/4  rollout, tasks, targets, probe
    catalog-service       proven 4/4  rollout, tasks, targets, probe
    old-service           retired: scaled to 0 tasks
    proxy                 nothing to prove: 0 tasks
    frontend              proven 1/1  edge

    cat-house staging is live on 2f9c1e7 (r-0123456789ab): proven 3/4, nothing to prove for proxy (0 tasks)
    ");
}

#[test]
fn nothing_is_green_for_lack_of_evidence() {
    let mut proofs = proofs();
    proofs.remove(1);
    let outcome = Outcome::Live {
        proofs,
        unproven: vec![],
    };
    assert_snapshot!(outcome_text(&plan(), &outcome), @"
    migration             proven 1/1  exit code
    auth-service          no proof
    catalog-service       proven 4/4  rollout, tasks, targets, probe
    proxy                 proven 4/4  rollout, tasks, targets, probe
    frontend              proven 1/1  edge

    cat-house staging is live on 2f9c1e7 (r-0123456789ab): proven 4/5, no proof of auth-service
    ");
}

#[test]
fn rolled_back_without_a_proof_of_the_frontend() {
    let outcome = Outcome::RolledBack {
        cause: tasks_fail(),
        proofs: vec![
            service_proof("auth-service"),
            service_proof("catalog-service"),
            service_proof("proxy"),
        ],
        schema: Some(SchemaLeft::New),
    };
    assert_snapshot!(outcome_text(&plan(), &outcome), @"
    Turned back: catalog-service: load balancer health checks failed
      task 0a1b2c3d: Request timed out
      log: no such table

    frontend              no proof
    auth-service          proven 4/4  rollout, tasks, targets, probe
    catalog-service       proven 4/4  rollout, tasks, targets, probe
    proxy                 proven 4/4  rollout, tasks, targets, probe
    migration             not taken back: a1b2c3d runs on the schema as it is

    rolled back to a1b2c3d: proven 3/4, no proof of frontend
    ");
}

#[test]
fn rolled_back_and_proven() {
    let mut idle = service_proof("proxy");
    idle.witnesses[1] = Witness::silent(WitnessKind::Tasks, "0 desired tasks: nothing to prove");
    let proofs = vec![
        service_proof("auth-service"),
        service_proof("catalog-service"),
        idle,
        proof(
            Component::Frontend(Default::default()),
            &[WitnessKind::Edge],
        ),
    ];
    let outcome = Outcome::RolledBack {
        cause: tasks_fail(),
        proofs,
        schema: Some(SchemaLeft::New),
    };
    assert_eq!(exit_code(&outcome), 4);
    assert_snapshot!(outcome_text(&plan(), &outcome), @"
    Turned back: catalog-service: load balancer health checks failed
      task 0a1b2c3d: Request timed out
      log: no such table

    frontend              proven 1/1  edge
    auth-service          proven 4/4  rollout, tasks, targets, probe
    catalog-service       proven 4/4  rollout, tasks, targets, probe
    proxy                 nothing to prove: 0 tasks
    migration             not taken back: a1b2c3d runs on the schema as it is

    rolled back to a1b2c3d: proven 3/4, nothing to prove for proxy (0 tasks)
    ");
}

#[test]
fn stuck() {
    let outcome = Outcome::Stuck {
        cause: tasks_fail(),
        because: Stuck::Service {
            service: name("catalog-service"),
            why: "its previous image has expired".to_owned(),
        },
        left: vec![
            Left::Words("auth-service runs a1b2c3d, proven".to_owned()),
            Left::Fact(LeftBehind {
                component: Component::Service(name("catalog-service")),
                remains: Remains::Service {
                    runs: Runs::New(plan().release.version),
                    rollout: PrimaryState::InProgress,
                    running: 1,
                    desired: 2,
                },
                seen: None,
            }),
            Left::Fact(LeftBehind {
                component: Component::Frontend(Default::default()),
                remains: Remains::Frontend {
                    published: Published::Old(plan().before.map(|before| before.version)),
                    but: Some(Obstacle::Slow),
                },
                seen: None,
            }),
            Left::Fact(LeftBehind {
                component: Component::Migration,
                remains: Remains::Schema(SchemaLeft::New),
                seen: None,
            }),
            Left::Fact(LeftBehind {
                component: Component::Service(name("proxy")),
                remains: Remains::NotSeen {
                    why: "ecs.DescribeServices: AccessDenied".to_owned(),
                },
                seen: None,
            }),
        ],
    };
    assert_eq!(exit_code(&outcome), 5);
    assert_snapshot!(outcome_text(&plan(), &outcome), @"
    auth-service runs a1b2c3d, proven
    catalog-service: runs 2f9c1e7, its rollout goes on (1/2 tasks)
    frontend: the files of a1b2c3d are published; but the CDN's invalidation does not end
    schema: migrated, the migration ended with exit code 0
    proxy: not seen: ecs.DescribeServices: AccessDenied

    stuck: catalog-service cannot return to its previous release: its previous image has expired
    ");
    let error = stuck_error(&plan(), &outcome).map(|error| error.text());
    assert_snapshot!(error.unwrap_or_default(), @"
    Error: rollback of `catalog-service` is stuck: its previous image has expired
    Caused by:
      1: catalog-service: load balancer health checks failed
      2: task 0a1b2c3d: Request timed out
      3: log: no such table
    Left behind: auth-service runs a1b2c3d, proven; catalog-service: runs 2f9c1e7, its rollout goes on (1/2 tasks); frontend: the files of a1b2c3d are published; but the CDN's invalidation does not end; schema: migrated, the migration ended with exit code 0; proxy: not seen: ecs.DescribeServices: AccessDenied
    Hint: remove what is in the way, then `backstay resume`; or roll forward: deploy a fixed version
    ");
    let schema = Outcome::Stuck {
        cause: tasks_fail(),
        because: Stuck::Schema,
        left: vec![],
    };
    let error = stuck_error(&plan(), &schema).map(|error| error.text());
    assert_snapshot!(error.unwrap_or_default(), @"
    Error: rollback of `cat-house` to a1b2c3d is stuck: the old code cannot run on the new schema, and the schema has no lossless way down
    Caused by:
      1: catalog-service: load balancer health checks failed
      2: task 0a1b2c3d: Request timed out
      3: log: no such table
    Hint: roll forward: fix the new release and deploy it; or restore the database to the moment before the migration, acknowledging what is lost since, then `backstay rollback --accept-schema-risk`
    ");
}

#[test]
fn status_of_what_is_live() {
    let mut proofs = proofs();
    proofs.remove(0);
    proofs[1].witnesses[2] = Witness::silent(WitnessKind::Targets, "task 0a1b2c3d: unhealthy");
    assert_snapshot!(status_text(&plan(), &proofs), @"
    auth-service          proven 4/4  rollout, tasks, targets, probe
    catalog-service       proven 3/4  rollout, tasks, probe; missing targets: task 0a1b2c3d: unhealthy
    proxy                 proven 4/4  rollout, tasks, targets, probe
    frontend              proven 1/1  edge

    cat-house staging: 2f9c1e7 (r-0123456789ab) proven 3/4, no proof of catalog-service
    ");
}
