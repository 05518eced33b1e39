//! Stories: a good end, a way back, the odd things.

use backstay_domain::journal::{
    Act, Cause, Event, Finding, Gave, Grounds, Job, Left, Outcome, Record, Side, Stuck,
};
use backstay_domain::observation::{JobState, StopCause};
use backstay_domain::operator::{Operator, Why};
use backstay_domain::ports::{Effect, FailureKind, PortFailure, Published};
use backstay_domain::reason::Reason;
use backstay_domain::verdict::{Component, WitnessKind};
use insta::assert_snapshot;

use super::build::{name, ok, plan, proof, proofs, records, service_proof};
use crate::render::story::{line, story};

pub(super) fn intended(act: Act) -> Event {
    Event::Intended { act }
}

pub(super) fn found(finding: Finding) -> Event {
    Event::Found { finding }
}

pub(super) fn started() -> Event {
    Event::Started {
        plan: Box::new(plan()),
        by: None,
        operator: Operator::default(),
        why: Why::default(),
    }
}

fn register() -> Act {
    Act::Register {
        component: Component::Service(name("auth-service")),
    }
}

pub(super) fn roll_out(of: &str) -> Act {
    Act::RollOut {
        service: name(of),
        side: Side::New,
    }
}

pub(super) fn failure(kind: FailureKind, effect: Effect) -> PortFailure {
    PortFailure {
        kind,
        effect,
        operation: "ecs.UpdateService".to_owned(),
        message: "the connection was reset".to_owned(),
    }
}

pub(super) fn tasks_fail() -> Cause {
    Cause::TasksFail {
        service: name("catalog-service"),
        why: StopCause::TargetCheck,
        grounds: Grounds {
            log: vec!["\u{1b}[31mno such table\u{1b}[0m".to_owned()],
            ..Grounds::said(["task 0a1b2c3d: Request timed out".to_owned()])
        },
    }
}

fn good() -> Vec<Record> {
    let gave = |act: Act, gave: Gave| Event::Done { act, gave };
    let published = Published {
        corrected: 0,
        uploaded: 1,
        present: 1,
        bytes: 480_000,
    };
    let arn = "arn:aws:ecs:x:1:task-definition/auth-service:42";
    let proven = |proof| Finding::Proven {
        side: Side::New,
        proof,
    };
    records(vec![
        (0, started()),
        (0, intended(register())),
        (0, gave(register(), Gave::Definition(ok(arn.parse())))),
        (
            1,
            gave(
                Act::PublishAssets {
                    frontend: Default::default(),
                },
                Gave::Published(published),
            ),
        ),
        (1, intended(Act::StartJob { job: Job::Up })),
        (
            2,
            gave(
                Act::StartJob { job: Job::Up },
                Gave::Task(ok("arn/task/x".parse())),
            ),
        ),
        (
            2,
            Event::Waiting {
                reason: Reason::JobRuns { job: Job::Up },
            },
        ),
        (
            45,
            found(Finding::JobEnded {
                job: Job::Up,
                state: JobState::Exited(0),
                log: vec![],
                reading: None,
            }),
        ),
        (
            45,
            found(proven(proof(
                Component::Migration,
                &[WitnessKind::ExitCode],
            ))),
        ),
        (46, intended(roll_out("auth-service"))),
        (
            46,
            gave(
                roll_out("auth-service"),
                Gave::Rollout(ok("arn/varies".parse())),
            ),
        ),
        (
            46,
            Event::Waiting {
                reason: Reason::RollingOut {
                    services: vec![name("auth-service")],
                },
            },
        ),
        (
            75,
            found(Finding::RolloutEnded {
                service: name("auth-service"),
                side: Side::New,
            }),
        ),
        (80, found(proven(service_proof("auth-service")))),
        (
            3700,
            Event::Finished {
                outcome: Outcome::Live {
                    proofs: proofs(),
                    unproven: vec![],
                },
            },
        ),
    ])
}

#[test]
fn a_good_end() {
    assert_snapshot!(story(&good()), @"
    +0s      plan    a1b2c3d → 2f9c1e7: migration, 3 services in 2 waves, frontend
    +0s      act     register the task definition of auth-service
    +0s      done    register the task definition of auth-service: auth-service:42
    +1s      done    publish the frontend's assets: 1 file uploaded (480 kB), 1 there already
    +1s      act     migrate the database
    +2s      done    migrate the database
    +2s      wait    migrate the database is running
    +45s     find    migrate the database: exit code 0
    +45s     find    migration proven 1/1: exit code
    +46s     act     roll out auth-service
    +46s     done    roll out auth-service
    +46s     wait    waiting for auth-service
    +1m15s   find    auth-service rolled out
    +1m20s   find    auth-service proven 4/4: rollout, tasks, targets, probe
    +1h01m40s end     live: 2f9c1e7 proven 5/5
    ");
}

#[test]
fn a_line_alone_is_the_storys_line() {
    let records = good();
    let told = story(&records);
    for record in &records[..14] {
        let line = line(records[0].at, record);
        assert!(told.contains(&format!("{line}\n")), "{line}");
    }
}

#[test]
fn a_way_back() {
    let reset = failure(FailureKind::Unavailable, Effect::Unknown);
    let act = roll_out("catalog-service");
    let back = |of: &str| Finding::Proven {
        side: Side::Old,
        proof: service_proof(of),
    };
    let proofs = vec![
        service_proof("auth-service"),
        service_proof("catalog-service"),
        service_proof("proxy"),
        proof(
            Component::Frontend(Default::default()),
            &[WitnessKind::Edge],
        ),
    ];
    let told = story(&records(vec![
        (0, started()),
        (10, intended(act.clone())),
        (
            11,
            Event::Failed {
                act: act.clone(),
                failure: reset,
            },
        ),
        (
            11,
            Event::Waiting {
                reason: Reason::Looking { act: act.clone() },
            },
        ),
        (16, found(Finding::NoEffect { act: act.clone() })),
        (
            60,
            found(Finding::CheckFailed {
                name: "login".to_owned(),
                seen: "503".to_owned(),
            }),
        ),
        (
            61,
            found(Finding::CheckFailed {
                name: "probe of proxy".to_owned(),
                seen: "no answer".to_owned(),
            }),
        ),
        (
            90,
            found(Finding::TurnedBack {
                cause: tasks_fail(),
            }),
        ),
        (
            91,
            intended(Act::RollOut {
                service: name("catalog-service"),
                side: Side::Old,
            }),
        ),
        (
            120,
            found(Finding::RolloutEnded {
                service: name("catalog-service"),
                side: Side::Old,
            }),
        ),
        (125, found(back("catalog-service"))),
        (
            130,
            Event::Finished {
                outcome: Outcome::RolledBack {
                    cause: tasks_fail(),
                    proofs,
                    schema: None,
                },
            },
        ),
    ]));
    assert_snapshot!(told, @"
    +0s      plan    a1b2c3d → 2f9c1e7: migration, 3 services in 2 waves, frontend
    +10s     act     roll out catalog-service
    +11s     fail    roll out catalog-service: ecs.UpdateService: the connection was reset (unavailable; whether it took effect is not known)
    +11s     wait    the answer to `roll out catalog-service` was lost; looking whether it took effect
    +16s     find    roll out catalog-service: it had no effect
    +1m00s   find    check `login` failed: 503
    +1m01s   find    probe of proxy failed: no answer
    +1m30s   back    catalog-service: load balancer health checks failed
                     task 0a1b2c3d: Request timed out
                     log: no such table
    +1m31s   act     roll catalog-service back
    +2m00s   find    catalog-service rolled back
    +2m05s   find    catalog-service proven 4/4 on the old release: rollout, tasks, targets, probe
    +2m10s   end     rolled back: catalog-service: load balancer health checks failed; a1b2c3d proven 4/4
    ");
}

#[test]
fn a_migration_that_fails_and_nobody_can_help() {
    let log = [
        "1",
        "2",
        "could not connect to postgres://app:pw@db/x",
        "gave up",
    ];
    let log: Vec<String> = log.map(str::to_owned).to_vec();
    let before = vec![
        "INFO context".to_owned(),
        "8f2a1b (head)".to_owned(),
        String::new(),
    ];
    let cause = Cause::MigrationFailed {
        why: "exit code 1".to_owned(),
        log: log[2..].to_vec(),
    };
    let outcome = Outcome::Stuck {
        cause: cause.clone(),
        because: Stuck::Schema,
        left: vec![Left::Words(
            "auth-service was not touched and runs a1b2c3d".to_owned(),
        )],
    };
    let told = story(&records(vec![
        (0, started()),
        (
            5,
            found(Finding::JobEnded {
                job: Job::RevisionBefore,
                state: JobState::Exited(0),
                log: before,
                reading: None,
            }),
        ),
        (
            9,
            found(Finding::JobEnded {
                job: Job::Up,
                state: JobState::Exited(1),
                log,
                reading: None,
            }),
        ),
        (9, found(Finding::TurnedBack { cause })),
        (
            9,
            found(Finding::LeftAlone {
                service: name("proxy"),
                runs: ok("a/proxy:44".parse()),
            }),
        ),
        (9, Event::Finished { outcome }),
    ]));
    assert_snapshot!(told, @"
    +0s      plan    a1b2c3d → 2f9c1e7: migration, 3 services in 2 waves, frontend
    +5s      find    read the schema's revision: 8f2a1b
    +9s      find    migrate the database: exit code 1
                     2
                     could not connect to postgres://***@db/x
                     gave up
    +9s      back    migration: exit code 1
                     could not connect to postgres://***@db/x
                     gave up
    +9s      back    proxy runs somebody else's proxy:44; it is left alone
    +9s      end     stuck: the old code cannot run on the new schema, and the schema has no lossless way down
                     auth-service was not touched and runs a1b2c3d
    ");
}
